/* Sums over samples: products of a chunk by BLAS in single precision, chunks added in double. */
#include <cblas.h>
#include <string.h>

#include "pruning/reconstruct.h"

enum status moments_create(const struct prune_matrix *matrix, struct moments *moments,
                           struct diagnostic *diag) {
    size_t rows = (size_t)matrix->rows, columns = (size_t)matrix->columns;
    size_t groups = (size_t)matrix->groups, most = rows > columns ? rows : columns;
    *moments = (struct moments){
        .rows = matrix->rows, .columns = matrix->columns, .groups = matrix->groups};
    struct arena *arena = &moments->arena;
    moments->samples = ARENA_NEW(arena, groups, long);
    moments->x = ARENA_NEW(arena, groups * rows, double);
    moments->xx = arena_alloc(arena, groups * rows, rows * sizeof(double));
    moments->xy = arena_alloc(arena, columns, rows * sizeof(double));
    moments->y = ARENA_NEW(arena, columns, double);
    moments->yy = ARENA_NEW(arena, columns, double);
    moments->chunk = arena_alloc(arena, most, rows * sizeof(float));
    if (moments->samples != NULL && moments->x != NULL && moments->xx != NULL &&
        moments->xy != NULL && moments->y != NULL && moments->yy != NULL && moments->chunk != NULL)
        return STATUS_OK;
    moments_free(moments);
    return FAIL_MEMORY(diag, "the moments of a layer's inputs");
}

void moments_free(struct moments *moments) {
    if (moments == NULL)
        return;
    arena_free(&moments->arena);
    *moments = (struct moments){0};
}

static void add_xx(struct moments *m, int group, const float *x, int n) {
    int k = m->rows;
    double *sums = m->xx + (size_t)group * (size_t)k * (size_t)k;
    cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, k, n, 1, x, k, 0, m->chunk, k);
    for (int column = 0; column < k; column++) {
        size_t at = (size_t)column * (size_t)k;
        for (int row = column; row < k; row++)
            sums[at + (size_t)row] += (double)m->chunk[at + (size_t)row];
    }
}

static void add_xy(struct moments *m, int group, const float *x, const float *y, int n) {
    int k = m->rows, columns = m->columns / m->groups;
    double *sums = m->xy + (size_t)group * (size_t)columns * (size_t)k;
    cblas_sgemm(CblasColMajor, CblasNoTrans, CblasTrans, k, columns, n, 1, x, k, y, columns, 0,
                m->chunk, k);
    for (size_t i = 0; i < (size_t)columns * (size_t)k; i++)
        sums[i] += (double)m->chunk[i];
}

void moments_clear_targets(struct moments *m) {
    size_t columns = (size_t)m->columns;
    memset(m->xy, 0, columns * (size_t)m->rows * sizeof *m->xy);
    memset(m->y, 0, columns * sizeof *m->y);
    memset(m->yy, 0, columns * sizeof *m->yy);
}

void moments_add_targets(struct moments *moments, int group, const float *x, const float *y,
                         int n) {
    int columns = moments->columns / moments->groups;
    double *sum_y = moments->y + (size_t)group * (size_t)columns;
    double *sum_yy = moments->yy + (size_t)group * (size_t)columns;
    openblas_set_num_threads(1);
    add_xy(moments, group, x, y, n);
    for (int i = 0; i < n; i++, y += columns)
        for (int column = 0; column < columns; column++) {
            sum_y[column] += (double)y[column];
            sum_yy[column] += (double)y[column] * (double)y[column];
        }
}

void moments_add(struct moments *moments, int group, const float *x, const float *y, int n) {
    int k = moments->rows;
    double *sum_x = moments->x + (size_t)group * (size_t)k;
    moments_add_targets(moments, group, x, y, n);
    add_xx(moments, group, x, n);
    for (int i = 0; i < n; i++, x += k)
        for (int row = 0; row < k; row++)
            sum_x[row] += (double)x[row];
    moments->samples[group] += n;
}

void moments_bound_targets(const struct bounded_samples *s, const float *weights,
                           const float *bias) {
    size_t filters = (size_t)s->filters, all = (size_t)s->n * filters;
    openblas_set_num_threads(1);
    cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, s->filters, s->n, s->rows, 1, weights,
                s->rows, s->x, s->rows, 0, s->work, s->filters);
    for (size_t at = 0; at < all; at++) {
        float given = s->work[at] + bias[at % filters], low = s->low[at], high = s->high[at];
        if (s->y[at] <= low)
            s->y[at] = given < low ? given : low;
        else if (s->y[at] >= high)
            s->y[at] = given > high ? given : high;
    }
}
