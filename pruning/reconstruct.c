#include "pruning/reconstruct.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "pruning/reconstruct_internal.h"

enum { RETARGETS = 1 };
static const float STEP = 1.8F; /* 1: to where the last targets are met best */

struct work {
    const struct reconstruct_request *request;
    struct normal normal;
    double *factors; /* [groups][rows] */
    double *scores;  /* [columns][rows] */
    float *w;        /* [columns][rows], scaled */
    float *before;   /* [columns][rows] the same, a step earlier */
    struct arena arena;
};

/* The mask by the dense weights' scores, and what those weights would give under it. */
static enum status one_shot(struct work *work, struct reconstruction *result,
                            struct diagnostic *diag) {
    const struct reconstruct_request *request = work->request;
    size_t n = prune_size(request->matrix);
    normal_scores(&work->normal, work->factors, work->normal.dense, work->scores);
    TRY(request->project(request->context, work->normal.dense, work->scores, result->mask, diag));
    for (size_t i = 0; i < n; i++)
        work->w[i] = result->mask[i] ? work->normal.dense[i] : 0;
    TRY(normal_error(&work->normal, work->w, request->bias, &result->error_before, diag));
    result->error_after = result->error_before;
    for (size_t i = 0; i < n; i++)
        result->weights[i] = result->mask[i] ? request->matrix->weights[i] : 0;
    memcpy(result->bias, request->bias, (size_t)request->matrix->columns * sizeof *result->bias);
    return STATUS_OK;
}

/* Weights in their own unit, and the bias that keeps every mean: b = mean y - w' mean x. */
static void unscale(const struct work *work, struct reconstruction *result) {
    const struct normal *normal = &work->normal;
    size_t rows = (size_t)normal->rows, filters = (size_t)(normal->columns / normal->groups);
    for (size_t j = 0; j < (size_t)normal->columns; j++) {
        const double *scale = normal->scale + j / filters * rows;
        const double *mean = normal->mean_x + j / filters * rows;
        double bias = normal->mean_y[j];
        for (size_t r = 0; r < rows; r++) {
            float weight = (float)((double)work->w[j * rows + r] / scale[r]);
            result->weights[j * rows + r] = weight;
            bias -= (double)weight * mean[r];
        }
        result->bias[j] = (float)bias;
    }
}

/* Least squares may take weights out of a set that signs bound (polarization): what does not fit is
 * removed and the rest solved again, then what still does not fit is cleared. */
static enum status refit(struct work *work, struct reconstruction *result,
                         struct diagnostic *diag) {
    enum { ROUNDS = 4 };
    const struct reconstruct_request *request = work->request;
    size_t n = prune_size(request->matrix);
    uint8_t *fits = ARENA_NEW(&work->arena, n, uint8_t);
    if (fits == NULL)
        return FAIL_MEMORY(diag, "the reconstruction of a layer");
    for (int round = 0;; round++) {
        size_t removed = 0;
        TRY(reconstruct_refit(&work->normal, result->mask, work->w, diag));
        normal_scores(&work->normal, work->factors, work->w, work->scores);
        TRY(request->project(request->context, work->w, work->scores, fits, diag));
        for (size_t i = 0; i < n; i++)
            if (result->mask[i] && !fits[i] && work->w[i] != 0) {
                result->mask[i] = 0;
                work->w[i] = 0;
                removed++;
            }
        if (removed == 0 || round == ROUNDS)
            return STATUS_OK;
    }
}

/* One step towards the least error of bounded outputs: least squares on the targets that the
 * weights at hand leave, and beyond. What the step minimises lies above that error by a quadratic
 * form that is at most its own, so that going up to twice as far lowers the error as well. */
static enum status fit_bounded(struct work *work, struct reconstruction *result,
                               struct diagnostic *diag) {
    const struct reconstruct_request *request = work->request;
    size_t n = prune_size(request->matrix);
    TRY(request->retarget(request->retarget_context, result->weights, result->bias,
                          request->moments, diag));
    TRY(normal_retarget(request, &work->normal, diag));
    memcpy(work->before, work->w, n * sizeof *work->before);
    TRY(refit(work, result, diag));
    for (size_t i = 0; i < n; i++) {
        float further = work->before[i] + STEP * (work->w[i] - work->before[i]);
        if (further * work->w[i] > 0) /* no sign changes that a set might bound */
            work->w[i] = further;
    }
    unscale(work, result);
    return STATUS_OK;
}

static enum status reconstruct(struct work *work, struct reconstruction *result,
                               struct diagnostic *diag) {
    const struct reconstruct_request *request = work->request;
    size_t rows = (size_t)work->normal.rows, n = prune_size(request->matrix);
    work->factors = ARENA_NEW(&work->arena, (size_t)work->normal.groups * rows, double);
    work->scores = ARENA_NEW(&work->arena, n, double);
    work->w = ARENA_NEW(&work->arena, n, float);
    work->before = ARENA_NEW(&work->arena, n, float);
    if (work->factors == NULL || work->scores == NULL || work->w == NULL || work->before == NULL)
        return FAIL_MEMORY(diag, "the reconstruction of a layer");
    TRY(normal_score_factors(&work->normal, request->score, work->factors, diag));
    TRY(one_shot(work, result, diag));
    if (request->method == RECONSTRUCT_NONE)
        return STATUS_OK;
    if (request->method == RECONSTRUCT_ADMM)
        TRY(reconstruct_admm(request, &work->normal, work->factors, result->mask, diag));
    if (request->method == RECONSTRUCT_ADMM && request->exchange_height > 0)
        TRY(reconstruct_exchange(&work->normal, request->exchange_height, result->mask, diag));
    TRY(refit(work, result, diag));
    unscale(work, result);
    for (int round = 0; request->retarget != NULL && round < RETARGETS; round++)
        TRY(fit_bounded(work, result, diag));
    if (request->round != NULL) {
        TRY(reconstruct_round(&work->normal, request->round, result->mask, work->w, diag));
        unscale(work, result);
    }
    return normal_error(&work->normal, work->w, result->bias, &result->error_after, diag);
}

enum status reconstruct_layer(const struct reconstruct_request *request,
                              struct reconstruction *result, struct diagnostic *diag) {
    struct work work = {.request = request};
    openblas_set_num_threads(1);
    TRY(normal_create(request, &work.normal, diag));
    enum status status = reconstruct(&work, result, diag);
    normal_free(&work.normal);
    arena_free(&work.arena);
    return status;
}
