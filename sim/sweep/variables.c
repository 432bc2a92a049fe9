/* What searches may choose: the dimensions of a sweep's group, and the ranges of its sample. */
#include <math.h>

#include "sim/sweep/sweep_internal.h"

enum status sweep_list_variables(struct loading *loading) {
    struct sweep *sweep = loading->sweep;
    const struct sweep_group *group = &sweep->groups[0];
    int n_ranges = group->sample != NULL ? group->sample->n_ranges : 0, n = 0;
    struct sweep_variable *variables =
        ARENA_NEW(&sweep->arena, group->n_dimensions + n_ranges, struct sweep_variable);
    if (variables == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    for (int d = 0; d < group->n_dimensions; d++) {
        const struct sweep_dimension *dimension = &group->dimensions[d];
        if (dimension->searched)
            variables[n++] =
                (struct sweep_variable){dimension->name, dimension->n_values, dimension->ordered};
    }
    for (int r = 0; r < n_ranges; r++) {
        const struct sweep_range *range = &group->sample->ranges[r];
        struct sweep_variable *variable = &variables[n++];
        *variable = (struct sweep_variable){range->key, range->n_values, true};
        if (range->n_values > 0)
            variable->ordered = sweep_values_are_numbers(range->values, range->n_values);
        else if (range->integer && !range->logarithmic)
            variable->levels = lrint(range->high - range->low) + 1;
    }
    sweep->variables = variables;
    sweep->n_variables = n;
    return STATUS_OK;
}

enum status sweep_variables(const struct sweep *sweep, const struct sweep_variable **variables,
                            int *n, struct diagnostic *diag) {
    if (sweep->n_groups > 1)
        return YAML_FAIL(diag, sweep->groups[1].node,
                         "a search is over one group: leave the others out");
    if (sweep->n_variables == 0)
        return FAIL(diag, STATUS_USAGE,
                    "%s: nothing varies: a search needs a grid, a zip or a sample", sweep->path);
    *variables = sweep->variables;
    *n = sweep->n_variables;
    return STATUS_OK;
}

enum status sweep_point_of(const struct sweep *sweep, const double *u, struct sweep_point *point,
                           bool *kept, struct diagnostic *diag) {
    const struct sweep_group *group = &sweep->groups[0];
    struct arena arena = ARENA_INIT;
    long *digits = ARENA_NEW(&arena, group->n_dimensions, long);
    int variable = 0;
    if (digits == NULL)
        return FAIL_MEMORY(diag, "a design point");
    for (int d = 0; d < group->n_dimensions; d++) {
        long n = group->dimensions[d].n_values;
        if (!group->dimensions[d].searched) /* the first seed */
            continue;
        digits[d] = (long)(u[variable++] * (double)n);
        digits[d] = digits[d] < n ? digits[d] : n - 1;
    }
    enum status status = sweep_make_point(sweep, group, digits, u + variable, point, diag);
    arena_free(&arena);
    if (status == STATUS_OK) {
        status = sweep_keeps(sweep, group, point, kept, diag);
        if (status != STATUS_OK)
            sweep_point_free(point);
    }
    return status;
}
