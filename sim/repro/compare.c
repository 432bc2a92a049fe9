/* Comparisons of a paper: figures of runs side by side. */
#include <math.h>

#include "sim/repro/repro_internal.h"

/* The figures of one run; where it cannot be had, why. */
static enum status fill_entry(struct workspace *workspace, const struct paper_comparison *of,
                              int entry, struct repro_comparison *out, struct arena *arena,
                              struct diagnostic *diag) {
    struct expression_scope scope = workspace_scope(workspace, -1, 0);
    scope.run = workspace->paper->runs[of->entries[entry].run].name;
    scope.reference = workspace->paper->runs[of->reference].name;
    for (int c = 0; c < of->n_columns; c++) {
        double *value = &out->values[entry * of->n_columns + c];
        struct diagnostic reason = {0};
        workspace->absent = NULL;
        enum status status = expression_value(of->columns[c].ours, &scope, value, &reason);
        if (status == STATUS_OK) {
            *value /= of->columns[c].unit->si;
            continue;
        }
        if (workspace->absent == NULL)
            return FAIL(diag, status, "%s", reason.message);
        *value = NAN;
        out->skipped[entry] = arena_printf(arena, "skipped: %s", workspace->absent);
        if (out->skipped[entry] == NULL)
            return FAIL_MEMORY(diag, "a comparison");
    }
    return STATUS_OK;
}

enum status repro_compare(struct workspace *workspace, struct repro_result *result,
                          struct diagnostic *diag) {
    const struct paper *paper = workspace->paper;
    result->comparisons = ARENA_NEW(&result->arena, paper->n_comparisons, struct repro_comparison);
    if (result->comparisons == NULL)
        return FAIL_MEMORY(diag, "comparisons");
    for (int i = 0; i < paper->n_comparisons; i++) {
        const struct paper_comparison *of = &paper->comparisons[i];
        struct repro_comparison *out = &result->comparisons[result->n_comparisons++];
        out->values = ARENA_NEW(&result->arena, of->n_entries * of->n_columns, double);
        out->skipped = ARENA_NEW(&result->arena, of->n_entries, const char *);
        if (out->values == NULL || out->skipped == NULL)
            return FAIL_MEMORY(diag, "comparisons");
        for (int e = 0; e < of->n_entries; e++)
            TRY(fill_entry(workspace, of, e, out, &result->arena, diag));
    }
    return STATUS_OK;
}
