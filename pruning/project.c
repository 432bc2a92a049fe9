/* Plans at work: projections in sequence, checks, scores. */
#include <math.h>
#include <string.h>

#include "pruning/pruning_internal.h"

struct prune_matrix prune_matrix_of(const char *name, const struct matrix_shape *shape,
                                    const float *weights) {
    return (struct prune_matrix){
        .name = name,
        .rows = matrix_rows(shape),
        .columns = shape->out_channels,
        .groups = shape->groups,
        .kernel = {shape->window.kernel[0], shape->window.kernel[1]},
        .weights = weights,
    };
}

size_t prune_size(const struct prune_matrix *matrix) {
    return (size_t)matrix->rows * (size_t)matrix->columns;
}

long prune_kept(long count, double rate) {
    /* 11 / 1.1 may come out just below 10. */
    long kept = (long)floor((double)count / rate + 1e-9);
    return kept < 1 && count > 0 ? 1 : kept;
}

void prune_magnitude_scores(const struct prune_matrix *matrix, double *scores) {
    for (size_t i = 0; i < prune_size(matrix); i++)
        scores[i] = (double)matrix->weights[i] * matrix->weights[i];
}

/* Scores that are no numbers have no order. */
static enum status check_scores(const struct prune_matrix *matrix, const double *scores,
                                struct diagnostic *diag) {
    for (size_t i = 0; i < prune_size(matrix); i++)
        if (!isfinite(scores[i]) || scores[i] < 0)
            return FAIL(
                diag, STATUS_USAGE,
                "layer %s: row %zu of column %zu has no score (%g): its weight is no finite "
                "number",
                matrix->name, i % (size_t)matrix->rows, i / (size_t)matrix->rows, scores[i]);
    return STATUS_OK;
}

enum status prune_project_step(const struct prune_step *step, const struct prune_matrix *matrix,
                               const double *scores, uint8_t *mask, struct diagnostic *diag) {
    if (step->scheme->project != NULL)
        return step->scheme->project(matrix, scores, &step->settings, mask, diag);
    return prune_units_project(step->scheme, matrix, scores, &step->settings, mask, diag);
}

static enum status check_step(const struct prune_step *step, const struct prune_matrix *matrix,
                              struct diagnostic *diag) {
    if (step->scheme->divide != NULL)
        return prune_units_check(step->scheme, matrix, &step->settings, diag);
    return step->scheme->check(matrix, &step->settings, diag);
}

enum status prune_project(const struct prune_plan *plan, const struct prune_matrix *matrix,
                          const double *scores, uint8_t *mask, struct diagnostic *diag) {
    memset(mask, 1, prune_size(matrix));
    return prune_narrow(plan, matrix, scores, mask, diag);
}

enum status prune_narrow(const struct prune_plan *plan, const struct prune_matrix *matrix,
                         const double *scores, uint8_t *mask, struct diagnostic *diag) {
    TRY(check_scores(matrix, scores, diag));
    for (int i = 0; i < plan->n_steps; i++)
        TRY(prune_project_step(&plan->steps[i], matrix, scores, mask, diag));
    return STATUS_OK;
}

enum status prune_check(const struct prune_plan *plan, const struct prune_matrix *matrix,
                        struct diagnostic *diag) {
    for (int i = 0; i < plan->n_steps; i++) {
        const struct prune_step *step = &plan->steps[i];
        struct diagnostic why = {0};
        enum status status = check_step(step, matrix, &why);
        if (status != STATUS_OK)
            return FAIL(diag, status, "layer %s is not pruned by %s: %s", matrix->name,
                        step->scheme->name, why.message);
    }
    return STATUS_OK;
}
