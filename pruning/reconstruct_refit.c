/* Least squares on a fixed mask, in double: of each column the normal equations of its kept rows,
 * by Cholesky. */
#include <string.h>

#include "pruning/lapack.h"
#include "pruning/reconstruct_internal.h"

struct refit {
    double *b; /* [filters][most kept rows] right-hand sides, then solutions */
    float *w;  /* [columns][rows] */
};

static enum status solve(void *context, const struct normal *normal, const struct support *s,
                         struct diagnostic *diag) {
    const struct refit *refit = context;
    size_t n = (size_t)s->n, rows = (size_t)normal->rows;
    size_t first = (size_t)s->group * (size_t)(normal->columns / normal->groups);
    int info = 0;
    for (int i = 0; i < s->n_columns; i++)
        for (size_t r = 0; r < n; r++)
            refit->b[(size_t)i * n + r] =
                normal->c[(first + (size_t)s->columns[i]) * rows + (size_t)s->rows[r]];
    dpotrs_("L", &s->n, &s->n_columns, s->g, &s->n, refit->b, &s->n, &info);
    if (info != 0)
        return FAIL(diag, STATUS_INTERNAL, "the normal equations of a layer cannot be solved");
    for (int i = 0; i < s->n_columns; i++)
        for (size_t r = 0; r < n; r++)
            refit->w[(first + (size_t)s->columns[i]) * rows + (size_t)s->rows[r]] =
                (float)refit->b[(size_t)i * n + r];
    return STATUS_OK;
}

enum status reconstruct_refit(const struct normal *normal, const uint8_t *mask, float *w,
                              struct diagnostic *diag) {
    size_t filters = (size_t)(normal->columns / normal->groups);
    struct refit refit = {.w = w};
    struct arena arena = ARENA_INIT;
    refit.b = arena_alloc(&arena, filters, support_largest(normal, mask) * sizeof(double));
    if (refit.b == NULL)
        return FAIL_MEMORY(diag, "the least squares of a layer");
    memset(w, 0, (size_t)normal->columns * (size_t)normal->rows * sizeof *w);
    enum status status = support_each(normal, mask, solve, &refit, diag);
    arena_free(&arena);
    return status;
}
