/* Least squares on a fixed mask, in double: of each column the normal equations of its kept rows,
 * by Cholesky. Columns with equal masks share the factor. */
#include <string.h>

#include "pruning/lapack.h"
#include "pruning/reconstruct_internal.h"

/* Scratch of one support. */
struct support {
    int *rows; /* [n] kept rows, ascending */
    int n;
    int *columns; /* [n_columns] columns of the group with this support */
    int n_columns;
    double *g; /* [n][n] */
    double *b; /* [n_columns][n] right-hand sides, then solutions */
};

static void find_columns(const uint8_t *mask, size_t rows, int filters, int first, bool *done,
                         struct support *support) {
    support->n = support->n_columns = 0;
    for (size_t r = 0; r < rows; r++)
        if (mask[(size_t)first * rows + r])
            support->rows[support->n++] = (int)r;
    for (int j = first; j < filters; j++)
        if (!done[j] && memcmp(mask + (size_t)j * rows, mask + (size_t)first * rows, rows) == 0) {
            support->columns[support->n_columns++] = j;
            done[j] = true;
        }
}

/* Gathers the equations of the support, solves them and scatters the solutions into w. */
static enum status solve(const double *g, const double *c, size_t rows, struct support *s, float *w,
                         struct diagnostic *diag) {
    size_t n = (size_t)s->n;
    int info = 0;
    for (size_t column = 0; column < n; column++) {
        const double *from = g + (size_t)s->rows[column] * rows;
        for (size_t r = column; r < n; r++)
            s->g[column * n + r] = from[s->rows[r]];
    }
    for (int i = 0; i < s->n_columns; i++)
        for (size_t r = 0; r < n; r++)
            s->b[(size_t)i * n + r] = c[(size_t)s->columns[i] * rows + (size_t)s->rows[r]];
    dpotrf_("L", &s->n, s->g, &s->n, &info);
    if (info == 0)
        dpotrs_("L", &s->n, &s->n_columns, s->g, &s->n, s->b, &s->n, &info);
    if (info != 0)
        return FAIL(diag, STATUS_INTERNAL, "a damped Gram matrix is not positive definite");
    for (int i = 0; i < s->n_columns; i++)
        for (size_t r = 0; r < n; r++)
            w[(size_t)s->columns[i] * rows + (size_t)s->rows[r]] = (float)s->b[(size_t)i * n + r];
    return STATUS_OK;
}

static enum status refit_group(const struct normal *normal, int group, const uint8_t *mask,
                               struct support *support, bool *done, float *w,
                               struct diagnostic *diag) {
    size_t rows = (size_t)normal->rows;
    int filters = normal->columns / normal->groups;
    size_t first = (size_t)group * (size_t)filters * rows;
    memset(done, 0, (size_t)filters * sizeof *done);
    for (int j = 0; j < filters; j++) {
        if (done[j])
            continue;
        find_columns(mask + first, rows, filters, j, done, support);
        if (support->n > 0)
            TRY(solve(normal->g + (size_t)group * rows * rows, normal->c + first, rows, support,
                      w + first, diag));
    }
    return STATUS_OK;
}

/* The most kept rows of a column. */
static size_t largest_support(const struct normal *normal, const uint8_t *mask) {
    size_t rows = (size_t)normal->rows, most = 0;
    for (size_t j = 0; j < (size_t)normal->columns; j++) {
        size_t n = 0;
        for (size_t r = 0; r < rows; r++)
            n += mask[j * rows + r] != 0;
        most = n > most ? n : most;
    }
    return most;
}

enum status reconstruct_refit(const struct normal *normal, const uint8_t *mask, float *w,
                              struct diagnostic *diag) {
    size_t rows = (size_t)normal->rows, filters = (size_t)(normal->columns / normal->groups);
    size_t most = largest_support(normal, mask);
    struct arena arena = ARENA_INIT;
    struct support support = {
        .rows = ARENA_NEW(&arena, rows, int),
        .columns = ARENA_NEW(&arena, filters, int),
        .g = arena_alloc(&arena, most, most * sizeof(double)),
        .b = arena_alloc(&arena, filters, most * sizeof(double)),
    };
    bool *done = ARENA_NEW(&arena, filters, bool);
    enum status status = STATUS_OK;
    if (support.rows == NULL || support.columns == NULL || support.g == NULL || support.b == NULL ||
        done == NULL)
        status = FAIL_MEMORY(diag, "the least squares of a layer");
    memset(w, 0, (size_t)normal->columns * rows * sizeof *w);
    for (int group = 0; group < normal->groups && status == STATUS_OK; group++)
        status = refit_group(normal, group, mask, &support, done, w, diag);
    arena_free(&arena);
    return status;
}
