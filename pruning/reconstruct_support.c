/* Columns of a group that keep the same rows share one factor of their normal equations. */
#include <string.h>

#include "pruning/lapack.h"
#include "pruning/reconstruct_internal.h"

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

/* Of one group's G [rows][rows] the kept rows and columns, factorised below the diagonal. */
static enum status factorise(const double *g, size_t rows, struct support *s,
                             struct diagnostic *diag) {
    size_t n = (size_t)s->n;
    int info = 0;
    for (size_t column = 0; column < n; column++) {
        const double *from = g + (size_t)s->rows[column] * rows;
        for (size_t r = column; r < n; r++)
            s->g[column * n + r] = s->g[r * n + column] = from[s->rows[r]];
    }
    dpotrf_("L", &s->n, s->g, &s->n, &info);
    return info == 0 ? STATUS_OK
                     : FAIL(diag, STATUS_INTERNAL, "a damped Gram matrix is not positive definite");
}

static enum status each_of_group(const struct normal *normal, const uint8_t *mask,
                                 struct support *support, bool *done, support_visit *visit,
                                 void *context, struct diagnostic *diag) {
    size_t rows = (size_t)normal->rows, group = (size_t)support->group;
    int filters = normal->columns / normal->groups;
    memset(done, 0, (size_t)filters * sizeof *done);
    for (int j = 0; j < filters; j++) {
        if (done[j])
            continue;
        find_columns(mask + group * (size_t)filters * rows, rows, filters, j, done, support);
        if (support->n == 0)
            continue;
        TRY(factorise(normal->g + group * rows * rows, rows, support, diag));
        TRY(visit(context, normal, support, diag));
    }
    return STATUS_OK;
}

size_t support_largest(const struct normal *normal, const uint8_t *mask) {
    size_t rows = (size_t)normal->rows, most = 0;
    for (size_t j = 0; j < (size_t)normal->columns; j++) {
        size_t n = 0;
        for (size_t r = 0; r < rows; r++)
            n += mask[j * rows + r] != 0;
        most = n > most ? n : most;
    }
    return most;
}

enum status support_each(const struct normal *normal, const uint8_t *mask, support_visit *visit,
                         void *context, struct diagnostic *diag) {
    size_t most = support_largest(normal, mask),
           filters = (size_t)(normal->columns / normal->groups);
    struct arena arena = ARENA_INIT;
    struct support support = {
        .rows = ARENA_NEW(&arena, normal->rows, int),
        .columns = ARENA_NEW(&arena, filters, int),
        .g = arena_alloc(&arena, most, most * sizeof(double)),
    };
    bool *done = ARENA_NEW(&arena, filters, bool);
    enum status status = STATUS_OK;
    if (support.rows == NULL || support.columns == NULL || support.g == NULL || done == NULL)
        status = FAIL_MEMORY(diag, "the least squares of a layer");
    for (int group = 0; group < normal->groups && status == STATUS_OK; group++) {
        support.group = group;
        status = each_of_group(normal, mask, &support, done, visit, context, diag);
    }
    arena_free(&arena);
    return status;
}
