/* From moments to damped, scaled normal equations, and what follows from them directly. */
#include <cblas.h>
#include <math.h>

#include "pruning/lapack.h"
#include "pruning/reconstruct_internal.h"

enum { FEW_SAMPLES = 2 }; /* fewer than this times the rows: a stronger ridge */
static const double RIDGE = 1e-3, RIDGE_FEW = 1e-2; /* of the mean variance of a row */

static enum status allocate(const struct moments *m, struct normal *normal,
                            struct diagnostic *diag) {
    size_t rows = (size_t)m->rows, columns = (size_t)m->columns, groups = (size_t)m->groups;
    struct arena *arena = &normal->arena;
    *normal = (struct normal){.rows = m->rows, .columns = m->columns, .groups = m->groups};
    normal->mean_x = ARENA_NEW(arena, groups * rows, double);
    normal->mean_y = ARENA_NEW(arena, columns, double);
    normal->variance = ARENA_NEW(arena, columns, double);
    normal->ridge = ARENA_NEW(arena, groups, double);
    normal->scale = ARENA_NEW(arena, groups * rows, double);
    normal->g = arena_alloc(arena, groups * rows, rows * sizeof(double));
    normal->c = arena_alloc(arena, columns, rows * sizeof(double));
    normal->dense = arena_alloc(arena, columns, rows * sizeof(float));
    if (normal->mean_x == NULL || normal->mean_y == NULL || normal->variance == NULL ||
        normal->ridge == NULL || normal->scale == NULL || normal->g == NULL || normal->c == NULL ||
        normal->dense == NULL)
        return FAIL_MEMORY(diag, "the normal equations of a layer");
    return STATUS_OK;
}

/* Covariance, ridge and scale of one group's inputs. */
static enum status make_g(const struct reconstruct_request *request, struct normal *normal,
                          int group, struct diagnostic *diag) {
    const struct moments *m = request->moments;
    size_t k = (size_t)m->rows;
    const double *xx = m->xx + (size_t)group * k * k;
    double n = (double)m->samples[group], trace = 0;
    double *mean = normal->mean_x + (size_t)group * k, *scale = normal->scale + (size_t)group * k;
    double *g = normal->g + (size_t)group * k * k;
    for (size_t r = 0; r < k; r++) {
        mean[r] = m->x[(size_t)group * k + r] / n;
        double variance = xx[r * k + r] / n - mean[r] * mean[r];
        trace += variance < 0 ? 0 : variance; /* not a number stays one */
    }
    if (!isfinite(trace))
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: its inputs are not finite on the calibration images: check the "
                    "model and dataset.mean and dataset.std",
                    request->matrix->name);
    double damping = n < (double)FEW_SAMPLES * (double)k ? RIDGE_FEW : RIDGE;
    double ridge = trace > 0 ? damping * trace / (double)k : 1; /* inputs that never change */
    normal->ridge[group] = ridge;
    for (size_t r = 0; r < k; r++) {
        double variance = xx[r * k + r] / n - mean[r] * mean[r];
        scale[r] = sqrt((variance > 0 ? variance : 0) + ridge);
    }
    for (size_t column = 0; column < k; column++) {
        g[column * k + column] = 1;
        for (size_t r = column + 1; r < k; r++)
            g[column * k + r] =
                (xx[column * k + r] / n - mean[column] * mean[r]) / (scale[column] * scale[r]);
    }
    return STATUS_OK;
}

/* Covariances with the wanted outputs, and the dense weights. */
enum status normal_retarget(const struct reconstruct_request *request, struct normal *normal,
                            struct diagnostic *diag) {
    const struct moments *m = request->moments;
    size_t k = (size_t)m->rows, filters = (size_t)(m->columns / m->groups);
    for (size_t j = 0; j < (size_t)m->columns; j++) {
        size_t group = j / filters;
        double n = (double)m->samples[group];
        const double *mean = normal->mean_x + group * k, *scale = normal->scale + group * k;
        normal->mean_y[j] = m->y[j] / n;
        normal->variance[j] = m->yy[j] / n - normal->mean_y[j] * normal->mean_y[j];
        if (!isfinite(normal->variance[j]))
            return FAIL(diag, STATUS_USAGE,
                        "layer %s: its outputs are not finite on the calibration images: check "
                        "the model and dataset.mean and dataset.std",
                        request->matrix->name);
        for (size_t r = 0; r < k; r++) {
            double w0 = (double)request->matrix->weights[j * k + r];
            double covariance = m->xy[j * k + r] / n - mean[r] * normal->mean_y[j];
            normal->c[j * k + r] = (covariance + normal->ridge[group] * w0) / scale[r];
            normal->dense[j * k + r] = (float)(w0 * scale[r]);
        }
    }
    return STATUS_OK;
}

enum status normal_create(const struct reconstruct_request *request, struct normal *normal,
                          struct diagnostic *diag) {
    const struct moments *m = request->moments;
    enum status status = allocate(m, normal, diag);
    for (int group = 0; group < m->groups && status == STATUS_OK; group++) {
        if (m->samples[group] < 1)
            status = FAIL(diag, STATUS_USAGE,
                          "layer %s: reconstruction needs calibration images: set "
                          "dataset.calibration to a file of training images",
                          request->matrix->name);
        else
            status = make_g(request, normal, group, diag);
    }
    if (status == STATUS_OK)
        status = normal_retarget(request, normal, diag);
    if (status != STATUS_OK)
        normal_free(normal);
    return status;
}

void normal_free(struct normal *normal) {
    if (normal == NULL)
        return;
    arena_free(&normal->arena);
    *normal = (struct normal){0};
}

/* 1 / [G^-1]_rr of one group, G with a unit diagonal. */
static enum status obs_factors(const struct normal *normal, int group, double *factors,
                               struct diagnostic *diag) {
    size_t k = (size_t)normal->rows;
    const double *g = normal->g + (size_t)group * k * k;
    struct arena arena = ARENA_INIT;
    double *inverse = arena_alloc(&arena, k, k * sizeof *inverse);
    if (inverse == NULL)
        return FAIL_MEMORY(diag, "the inverse of a Gram matrix");
    for (size_t i = 0; i < k * k; i++)
        inverse[i] = g[i];
    int info = 0;
    dpotrf_("L", &normal->rows, inverse, &normal->rows, &info);
    if (info == 0)
        dpotri_("L", &normal->rows, inverse, &normal->rows, &info);
    for (size_t r = 0; r < k && info == 0; r++)
        factors[r] = 1 / inverse[r * k + r];
    arena_free(&arena);
    return info == 0 ? STATUS_OK
                     : FAIL(diag, STATUS_INTERNAL, "a damped Gram matrix is not positive definite");
}

enum status normal_score_factors(const struct normal *normal, enum prune_score score,
                                 double *factors, struct diagnostic *diag) {
    size_t k = (size_t)normal->rows;
    openblas_set_num_threads(1);
    for (int group = 0; group < normal->groups; group++) {
        double *of_group = factors + (size_t)group * k;
        const double *scale = normal->scale + (size_t)group * k;
        if (score == PRUNE_SCORE_OBS)
            TRY(obs_factors(normal, group, of_group, diag));
        for (size_t r = 0; r < k && score != PRUNE_SCORE_OBS; r++)
            of_group[r] = score == PRUNE_SCORE_MAGNITUDE ? 1 / (scale[r] * scale[r]) : 1;
    }
    return STATUS_OK;
}

void normal_scores(const struct normal *normal, const double *factors, const float *v,
                   double *scores) {
    size_t k = (size_t)normal->rows, filters = (size_t)(normal->columns / normal->groups);
    for (size_t j = 0; j < (size_t)normal->columns; j++)
        for (size_t r = 0; r < k; r++) {
            double value = (double)v[j * k + r];
            scores[j * k + r] = value * value * factors[j / filters * k + r];
        }
}

/* Sum over a group's columns of w'Gw - 2 w'c + variance, without the ridge's shares, and of the
 * squares of what is left of the means. `gw` is scratch [filters][rows]. */
static double group_error(const struct normal *normal, int group, const float *w, const float *bias,
                          float *g, float *gw) {
    int k = normal->rows, filters = normal->columns / normal->groups;
    size_t size = (size_t)k * (size_t)k, first = (size_t)group * (size_t)filters;
    const double *mean = normal->mean_x + (size_t)group * (size_t)k;
    const double *scale = normal->scale + (size_t)group * (size_t)k;
    double ridge = normal->ridge[group], sum = 0;
    for (size_t i = 0; i < size; i++)
        g[i] = (float)normal->g[(size_t)group * size + i];
    w += first * (size_t)k;
    cblas_ssymm(CblasColMajor, CblasLeft, CblasLower, k, filters, 1, g, k, w, k, 0, gw, k);
    for (size_t j = 0; j < (size_t)filters; j++) {
        double square = normal->variance[first + j];
        double rest = normal->mean_y[first + j] - (double)bias[first + j];
        for (size_t r = 0; r < (size_t)k; r++) {
            size_t i = j * (size_t)k + r, in_all = first * (size_t)k + i;
            double unscaled = (double)w[i] / scale[r];
            double dense = (double)normal->dense[in_all] / scale[r];
            square += (double)w[i] * ((double)gw[i] - 2 * normal->c[in_all]) +
                      ridge * unscaled * (2 * dense - unscaled);
            rest -= mean[r] * unscaled;
        }
        sum += (square > 0 ? square : 0) + rest * rest;
    }
    return sum;
}

enum status normal_error(const struct normal *normal, const float *w, const float *bias,
                         double *error, struct diagnostic *diag) {
    size_t k = (size_t)normal->rows, filters = (size_t)(normal->columns / normal->groups);
    struct arena arena = ARENA_INIT;
    float *g = arena_alloc(&arena, k, k * sizeof *g);
    float *gw = arena_alloc(&arena, filters, k * sizeof *gw);
    double difference = 0, all = 0;
    openblas_set_num_threads(1);
    for (int group = 0; g != NULL && gw != NULL && group < normal->groups; group++)
        difference += group_error(normal, group, w, bias, g, gw);
    for (int j = 0; j < normal->columns; j++)
        all += normal->variance[j];
    bool short_of_memory = g == NULL || gw == NULL;
    arena_free(&arena);
    if (short_of_memory)
        return FAIL_MEMORY(diag, "the error of a layer");
    *error = all > 0 ? difference / all : 0;
    return STATUS_OK;
}
