/* Each layer's weights against the plan that `mho prune` makes from the same configuration. */
#include "sim/cli/inspect_check.h"

#include "sim/run/run.h"

static enum status check_layer(const struct network *model, int layer,
                               const struct prune_plan *plan, struct arena *arena,
                               struct inspect_check *check, struct diagnostic *diag) {
    struct arena work = ARENA_INIT;
    struct diagnostic why = {0};
    enum status status = STATUS_OK;
    const float *weights = prune_weights_of(model, layer, &work);
    if (weights == NULL) {
        status = FAIL_MEMORY(diag, "weights");
    } else {
        struct prune_matrix matrix =
            prune_matrix_of(prune_name_of(model, layer), prune_shape_of(model, layer), weights);
        status = prune_check(plan, &matrix, &why);
        check->verdict = status == STATUS_OK ? INSPECT_SATISFIED : INSPECT_BROKEN;
    }
    arena_free(&work);
    if (check->verdict != INSPECT_BROKEN)
        return status;
    if (status != STATUS_USAGE) /* not the weights, but the check itself failed */
        return FAIL(diag, status, "%s", why.message);
    check->why = arena_strdup(arena, why.message);
    return check->why != NULL ? STATUS_OK : FAIL_MEMORY(diag, "checks");
}

enum status inspect_check_model(const struct config *config, const struct network *model,
                                struct arena *arena, struct inspect_check **checks,
                                struct diagnostic *diag) {
    const struct pruning_options *options = config_get(config, "pruning");
    bool unknown = options->scope == PRUNE_GLOBAL || options->purify;
    int count = prune_layers_of(model);
    struct prune_plan *plans = ARENA_NEW(arena, count, struct prune_plan);
    *checks = ARENA_NEW(arena, count, struct inspect_check);
    if (plans == NULL || *checks == NULL)
        return FAIL_MEMORY(diag, "checks");
    TRY(run_check_layers(config, model, diag));
    TRY(run_prune_plans(config, model, plans, diag));
    for (int i = 0; i < count; i++) {
        struct inspect_check *check = &(*checks)[i];
        *check = (struct inspect_check){.verdict = INSPECT_DENSE, .rows = plans[i].base.rows};
        if (plans[i].n_steps > 0 && unknown)
            check->verdict = INSPECT_UNKNOWN;
        else if (plans[i].n_steps > 0)
            TRY(check_layer(model, i, &plans[i], arena, check, diag));
    }
    return STATUS_OK;
}
