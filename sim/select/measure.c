/* What each candidate loses and costs in each layer: the network evaluated with it everywhere. */
#include <string.h>

#include "sim/select/select_internal.h"

const char *const select_objective_names[] = {"energy", "area", "time", NULL};

static double layer_cost(const struct run_result *result, int layer,
                         enum select_objective objective) {
    const struct layer_cost *cost = &result->cost.layers[layer];
    return objective == SELECT_ENERGY ? cost->energy_j
           : objective == SELECT_AREA ? cost->area_m2
                                      : cost->time_s;
}

/* Squared weights of the dense layer that are zero in the pruned one, as a share of all. */
static double layer_loss(const struct matrix_layer *dense, const struct matrix_layer *pruned) {
    size_t rows = (size_t)matrix_rows(&dense->shape);
    double all = 0, lost = 0;
    for (size_t c = 0; c < (size_t)dense->shape.out_channels; c++)
        for (size_t i = c * rows; i < (c + 1) * rows; i++) {
            double weight = (double)dense->weight_scale[c] * dense->weights[i];
            all += weight * weight;
            lost += pruned->weights[i] == 0 ? weight * weight : 0;
        }
    return all > 0 ? lost / all : 0;
}

static bool goes_by_kernels(const char *scheme) {
    return strstr(scheme, "pattern") != NULL || strstr(scheme, "kernel") != NULL;
}

static bool is_suitable(const struct matrix_shape *shape,
                        const struct select_candidate *candidate) {
    if (strcmp(candidate->scheme, "none") == 0)
        return true;
    bool three = shape->window.kernel[0] == 3 && shape->window.kernel[1] == 3;
    return shape->groups == 1 && (three || !goes_by_kernels(candidate->scheme));
}

/* `config` with the candidate in every layer, evaluated without images. The copy of the
 * configuration goes with the result. */
static enum status evaluate(const struct config *config, const struct select_candidate *candidate,
                            const atomic_bool *stop, struct config **own, struct run_result *result,
                            struct diagnostic *diag) {
    static const char *const fixed[] = {"run.accuracy=false", "run.cost=true", "run.baseline=none",
                                        "run.predictions=~", "pruning.scope=layer"};
    const struct run_hooks hooks = {.stop = stop, .check_only = true};
    TRY(config_copy(config, own, diag));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed && status == STATUS_OK; i++)
        status = config_override(*own, fixed[i], diag);
    if (status == STATUS_OK)
        status = select_override(*own, "*", candidate, diag);
    if (status == STATUS_OK)
        status = run_evaluate(*own, &hooks, result, diag);
    if (status != STATUS_OK)
        config_free(*own);
    return status;
}

static enum status make_problem(const struct run_result *dense, int n_candidates,
                                struct arena *arena, struct select_problem *problem,
                                struct diagnostic *diag) {
    int n = dense->mapping.n_layers;
    const char **names = ARENA_NEW(arena, n, const char *);
    problem->n_layers = n;
    for (int i = 0; i < n; i++)
        problem->skips_zeros =
            problem->skips_zeros || dense->mapping.layers[i].crossbar.zero_skip != ZERO_SKIP_NONE;
    problem->names = names;
    problem->loss = ARENA_NEW(arena, (long)n * n_candidates, double);
    problem->cost = ARENA_NEW(arena, (long)n * n_candidates, double);
    problem->suitable = ARENA_NEW(arena, (long)n * n_candidates, bool);
    if (names == NULL || problem->loss == NULL || problem->cost == NULL ||
        problem->suitable == NULL)
        return FAIL_MEMORY(diag, "the choice of schemes");
    for (int i = 0; i < n; i++) {
        names[i] = arena_strdup(arena, dense->network.matrix[i].name);
        if (names[i] == NULL)
            return FAIL_MEMORY(diag, "the choice of schemes");
    }
    return STATUS_OK;
}

static void fill(const struct run_result *dense, const struct run_result *pruned, int candidate,
                 enum select_objective objective, struct select_problem *problem) {
    for (int i = 0; i < problem->n_layers; i++) {
        size_t at = select_at(problem, i, candidate);
        problem->cost[at] = layer_cost(pruned, i, objective);
        problem->loss[at] = layer_loss(&dense->network.matrix[i], &pruned->network.matrix[i]);
        problem->suitable[at] =
            is_suitable(&dense->network.matrix[i].shape, &problem->candidates[candidate]);
    }
}

enum status select_measure(const struct config *config, const struct select_candidate *candidates,
                           int n_candidates, enum select_objective objective, double max_loss,
                           const atomic_bool *stop, struct arena *arena,
                           struct select_problem *problem, struct diagnostic *diag) {
    struct run_result dense, pruned;
    struct config *dense_config, *pruned_config;
    *problem = (struct select_problem){
        .n_candidates = n_candidates, .candidates = candidates, .max_loss = max_loss};
    TRY(evaluate(config, &candidates[0], stop, &dense_config, &dense, diag));
    enum status status = make_problem(&dense, n_candidates, arena, problem, diag);
    if (status == STATUS_OK)
        fill(&dense, &dense, 0, objective, problem);
    for (int c = 1; c < n_candidates && status == STATUS_OK; c++) {
        status = evaluate(config, &candidates[c], stop, &pruned_config, &pruned, diag);
        if (status != STATUS_OK)
            break;
        fill(&dense, &pruned, c, objective, problem);
        run_result_free(&pruned);
        config_free(pruned_config);
    }
    run_result_free(&dense);
    config_free(dense_config);
    return status;
}
