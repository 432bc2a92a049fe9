/* Choices of schemes: against every choice, by hand, and measured on LeNet-5. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/select/select.h"
#include "tests/support/configs.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { LAYERS = 5, CANDIDATES = 5 };

struct table {
    struct select_candidate candidates[CANDIDATES];
    double loss[LAYERS * CANDIDATES], cost[LAYERS * CANDIDATES];
    bool suitable[LAYERS * CANDIDATES];
    struct select_problem problem;
};

/* Random figures; candidate 0 loses nothing. */
static void random_table(struct table *t, uint64_t seed) {
    struct test_random random = {seed};
    *t = (struct table){.problem = {.n_layers = LAYERS,
                                    .n_candidates = CANDIDATES,
                                    .candidates = t->candidates,
                                    .loss = t->loss,
                                    .cost = t->cost,
                                    .suitable = t->suitable,
                                    .max_loss = 0.2}};
    for (int i = 0; i < LAYERS * CANDIDATES; i++) {
        bool none = i % CANDIDATES == 0;
        t->loss[i] = none ? 0 : (double)test_random_below(&random, 1000) / 1500;
        t->cost[i] = none ? 1e-6 : 1e-9 * test_random_below(&random, 1000);
        t->suitable[i] = true;
    }
}

static double best_of_all(const struct select_problem *problem) {
    int total = 1;
    double best = INFINITY;
    for (int i = 0; i < LAYERS; i++)
        total *= CANDIDATES;
    for (int a = 0; a < total; a++) {
        int choice[LAYERS];
        double squares = 0, cost = 0;
        for (int i = 0, rest = a; i < LAYERS; i++, rest /= CANDIDATES) {
            choice[i] = rest % CANDIDATES;
            squares += pow(problem->loss[i * CANDIDATES + choice[i]], 2);
            cost += problem->cost[i * CANDIDATES + choice[i]];
        }
        if (sqrt(squares / LAYERS) <= problem->max_loss && cost < best)
            best = cost;
    }
    return best;
}

static void search(void) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct table t;
        struct diagnostic diag = {0};
        int choice[LAYERS], again[LAYERS];
        random_table(&t, seed);
        ASSERT_OK(select_by_search(&t.problem, 7, choice, &diag), diag);
        ASSERT_OK(select_by_search(&t.problem, 7, again, &diag), diag);
        CU_ASSERT_EQUAL(memcmp(choice, again, sizeof choice), 0);
        CU_ASSERT(select_loss(&t.problem, choice) <= t.problem.max_loss);
        CU_ASSERT_DOUBLE_EQUAL(select_cost(&t.problem, choice), best_of_all(&t.problem), 1e-15);
    }
}

/* The cheapest that suits and loses at most 0.2; of equal costs the one that loses less; "none"
 * where nothing does, and in a search where another choice would change nothing. */
static void rule(void) {
    struct table t;
    struct diagnostic diag = {0};
    int choice[LAYERS];
    random_table(&t, 1);
    for (int i = 0; i < LAYERS * CANDIDATES; i++) {
        static const double loss[CANDIDATES] = {0, 0.1, 0.2, 0.21, 0.05};
        static const double cost[CANDIDATES] = {1, 0.8, 0.5, 0.1, 0.8};
        t.loss[i] = loss[i % CANDIDATES];
        t.cost[i] = cost[i % CANDIDATES];
    }
    t.suitable[1 * CANDIDATES + 2] = false;        /* layer 1: 0.8, twice */
    memset(&t.suitable[2 * CANDIDATES + 1], 0, 4); /* layer 2: none */
    for (int c = 1; c < CANDIDATES; c++)
        t.loss[3 * CANDIDATES + c] = 0.9; /* layer 3: none */
    select_by_rule(&t.problem, choice);
    const int expected[LAYERS] = {2, 4, 0, 0, 2};
    CU_ASSERT_EQUAL(memcmp(choice, expected, sizeof choice), 0);
    for (int i = 0; i < LAYERS * CANDIDATES; i++)
        t.cost[i] = 1; /* nothing helps */
    ASSERT_OK(select_by_search(&t.problem, 3, choice, &diag), diag);
    for (int i = 0; i < LAYERS; i++)
        CU_ASSERT_EQUAL(choice[i], 0);
}

/* Which change of one layer needs the least limit: among the cheaper ones, by rule the suitable. */
static void nearest(void) {
    struct table t;
    random_table(&t, 1);
    for (int i = 0; i < LAYERS * CANDIDATES; i++) {
        t.loss[i] = i % CANDIDATES == 0 ? 0 : 0.9;
        t.cost[i] = 1;
    }
    CU_ASSERT_FALSE(select_nearest(&t.problem, false).found);
    t.loss[1 * CANDIDATES + 4] = 0.1; /* costs as much as none */
    t.loss[2 * CANDIDATES + 3] = 0.385;
    t.cost[2 * CANDIDATES + 3] = 0.99;
    t.suitable[2 * CANDIDATES + 3] = false;
    t.loss[3 * CANDIDATES + 1] = 0.41;
    t.cost[3 * CANDIDATES + 1] = 0.2;
    struct select_nearest found = select_nearest(&t.problem, false);
    CU_ASSERT(found.found && found.layer == 2 && found.candidate == 3);
    CU_ASSERT_DOUBLE_EQUAL(found.limit, 0.385 / sqrt(5), 1e-15);
    found = select_nearest(&t.problem, true);
    CU_ASSERT(found.found && found.layer == 3 && found.candidate == 1 && found.limit == 0.41);
}

static void candidates(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct select_candidate *list;
    int n;
    const double rates[] = {2, 3.5};
    const int rows[] = {PRUNE_CROSSBAR, 64};
    ASSERT_OK(select_candidates("column_proportional,filter,pattern+kernel,pattern", rates, 2, rows,
                                2, &arena, &list, &n, &diag),
              diag);
    CU_ASSERT_EQUAL_FATAL(n, 1 + 4 + 2 + 2 + 1);
    CU_ASSERT_STRING_EQUAL(list[0].scheme, "none");
    CU_ASSERT(strcmp(list[4].scheme, "column_proportional") == 0 && list[4].rate == 3.5 &&
              list[4].rows == 64);
    CU_ASSERT(strcmp(list[5].scheme, "filter") == 0 && list[5].rows == PRUNE_CROSSBAR);
    CU_ASSERT(strcmp(list[9].scheme, "pattern") == 0 && list[9].rate == 0);
    CU_ASSERT_EQUAL(select_candidates("bcrs", rates, 2, rows, 2, &arena, &list, &n, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "did you mean \"bcr\"?"));
    arena_free(&arena);
}

/* Share of the squared weights that `pruned` has no more. */
static double share_lost(const struct matrix_layer *dense, const struct matrix_layer *pruned) {
    int rows = matrix_rows(&dense->shape), size = rows * dense->shape.out_channels;
    double all = 0, kept = 0;
    for (int i = 0; i < size; i++) {
        double weight = (double)dense->weight_scale[i / rows] * dense->weights[i];
        all += weight * weight;
        kept += pruned->weights[i] != 0 ? weight * weight : 0;
    }
    return 1 - kept / all;
}

static double layer_cost(const struct run_result *result, int layer,
                         enum select_objective objective) {
    const struct layer_cost *cost = &result->cost.layers[layer];
    return objective == SELECT_AREA     ? cost->area_m2
           : objective == SELECT_ENERGY ? cost->energy_j
                                        : cost->time_s;
}

/* What is measured is what a run of the chosen configuration gives, whatever is to be small. */
static void measured_for(enum select_objective objective) {
    enum { N = 1 + 4 + 2 };
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct select_candidate *list;
    struct select_problem problem;
    struct run_result result, dense;
    /* c2: 2x on blocks of 64 rows; f1: 3.5x on arrays of 128; f2: filters, 2x. */
    int n, choice[4] = {0, 2, 3, 5};
    const double rates[] = {2, 3.5};
    const int rows[] = {PRUNE_CROSSBAR, 64};
    const char *const overrides[] = {"adc.bits=lossless", "adc.allocation=layer",
                                     "mapping.compaction=rows_columns", "run.accuracy=false", NULL};
    struct config *config = config_of(LENET_CONFIG, overrides);
    ASSERT_OK(run_evaluate(config, NULL, &dense, &diag), diag);
    ASSERT_OK(select_candidates("column_proportional,filter", rates, 2, rows, 2, &arena, &list, &n,
                                &diag),
              diag);
    CU_ASSERT_EQUAL_FATAL(n, N);
    ASSERT_OK(select_measure(config, list, n, objective, 0.1, NULL, &arena, &problem, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(problem.n_layers, 4);
    CU_ASSERT_STRING_EQUAL(problem.names[1], "/c2/Conv");
    CU_ASSERT(problem.loss[0] == 0 && problem.loss[1] == 0); /* skip_first */
    for (int i = 1; i < 4; i++)
        CU_ASSERT(problem.loss[i * n + 1] > 0 && problem.loss[i * n + 1] < problem.loss[i * n + 3]);
    ASSERT_OK(select_apply(&problem, choice, config, &diag), diag);
    ASSERT_OK(run_evaluate(config, NULL, &result, &diag), diag);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_DOUBLE_EQUAL(layer_cost(&result, i, objective), problem.cost[i * n + choice[i]],
                               1e-9 * problem.cost[i * n]);
        CU_ASSERT_DOUBLE_EQUAL(share_lost(&dense.network.matrix[i], &result.network.matrix[i]),
                               problem.loss[i * n + choice[i]], 1e-9);
    }
    CU_ASSERT_EQUAL(result.mapping.layers[1].weights.max_block_nonzero, 64);
    CU_ASSERT_EQUAL(network_weight_statistics(&result.network, 1, 64).max_block_nonzero, 32);
    CU_ASSERT_EQUAL(result.mapping.layers[2].weights.max_block_nonzero, 36);
    CU_ASSERT_EQUAL(result.mapping.layers[3].filters_mapped, 5);
    run_result_free(&result);
    run_result_free(&dense);
    config_free(config);
    arena_free(&arena);
}

static void measured(void) {
    measured_for(SELECT_ENERGY);
    measured_for(SELECT_AREA);
    measured_for(SELECT_TIME);
}

static const struct test_case cases[] = {
    {"search", search},         {"rule", rule},         {"nearest", nearest},
    {"candidates", candidates}, {"measured", measured}, {NULL, NULL},
};

const struct test_suite suite_select = {"select", cases};
