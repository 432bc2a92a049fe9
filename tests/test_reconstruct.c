/* Reconstruction of one layer against least squares on the raw samples (GSL's QR), known optima and
 * hand-made moments. */
#include "pruning/reconstruct.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/random.h"
#include "tests/support/ridge.h"
#include "tests/test.h"

enum { N = 173, K = 11, COLUMNS = 3 };

/* Correlated inputs, wanted outputs that no weights give exactly, dense weights. */
struct sample {
    float x[N * K], y[N * COLUMNS], weights[COLUMNS * K], bias[COLUMNS];
    struct prune_matrix matrix;
    struct moments moments;
    uint8_t mask[COLUMNS * K];
    float fitted[COLUMNS * K], fitted_bias[COLUMNS];
    struct reconstruction result;
};

static float uniform(struct test_random *random) {
    return (float)test_random_below(random, 2001) / 1000.0F - 1.0F;
}

/* y = x w + b + noise. */
static void sample_open(struct sample *s, float noise) {
    struct test_random random = {17};
    struct diagnostic diag = {0};
    for (int i = 0; i < COLUMNS * K; i++)
        s->weights[i] = uniform(&random);
    for (int j = 0; j < COLUMNS; j++)
        s->bias[j] = uniform(&random);
    for (int i = 0; i < N; i++) {
        float common = uniform(&random);
        for (int r = 0; r < K; r++)
            s->x[i * K + r] = 0.7F * common + (0.3F + 0.2F * (float)r) * uniform(&random) + 2.385F;
        for (int j = 0; j < COLUMNS; j++) {
            float sum = s->bias[j];
            for (int r = 0; r < K; r++)
                sum += s->weights[j * K + r] * s->x[i * K + r];
            s->y[i * COLUMNS + j] = sum + noise * uniform(&random);
        }
    }
    s->matrix = (struct prune_matrix){.name = "layer",
                                      .rows = K,
                                      .columns = COLUMNS,
                                      .groups = 1,
                                      .kernel = {1, 1},
                                      .weights = s->weights};
    s->result =
        (struct reconstruction){.mask = s->mask, .weights = s->fitted, .bias = s->fitted_bias};
    ASSERT_OK(moments_create(&s->matrix, &s->moments, &diag), diag);
    moments_add(&s->moments, 0, s->x, s->y, 100);
    moments_add(&s->moments, 0, s->x + 100 * K, s->y + 100 * COLUMNS, N - 100);
}

/* Keeps the entries of a fixed mask, or with a whole number of them those of largest scores. */
struct wish {
    const uint8_t *mask;
    int size, keep;
};

static enum status project(const void *context, const float *weights, const double *scores,
                           uint8_t *mask, struct diagnostic *diag) {
    const struct wish *wish = context;
    (void)weights;
    (void)diag;
    for (int i = 0; i < wish->size; i++) {
        int larger = 0;
        for (int k = 0; k < wish->size; k++)
            larger += scores[k] > scores[i] || (scores[k] == scores[i] && k < i);
        mask[i] = wish->mask != NULL ? wish->mask[i] : larger < wish->keep;
    }
    return STATUS_OK;
}

static struct reconstruct_request request_of(struct sample *s, const struct wish *wish,
                                             enum reconstruct_method method) {
    return (struct reconstruct_request){.moments = &s->moments,
                                        .matrix = &s->matrix,
                                        .bias = s->bias,
                                        .method = method,
                                        .project = project,
                                        .context = wish};
}

/* Column j on its kept rows, and its bias behind them. */
static void slow_column(const struct sample *s, const uint8_t *mask, int j, double *w) {
    double y[N];
    for (int i = 0; i < N; i++)
        y[i] = (double)s->y[i * COLUMNS + j];
    const struct ridge_problem problem = {.x = s->x,
                                          .y = y,
                                          .samples = N,
                                          .rows = K,
                                          .towards = s->weights + (size_t)j * K,
                                          .mask = mask + (size_t)j * K,
                                          .damping = 1e-3};
    ridge_solve(&problem, w, w + K);
}

/* Mean square difference on the samples, over the variance of y. */
static double slow_error(const struct sample *s, const float *weights, const float *bias) {
    double difference = 0, variance = 0;
    for (int j = 0; j < COLUMNS; j++) {
        double column[N];
        for (int i = 0; i < N; i++) {
            double sum = (double)bias[j];
            for (int r = 0; r < K; r++)
                sum += (double)weights[j * K + r] * (double)s->x[i * K + r];
            column[i] = (double)s->y[i * COLUMNS + j];
            difference += (sum - column[i]) * (sum - column[i]);
        }
        variance += gsl_stats_variance(column, 1, N) * (N - 1);
    }
    return difference / variance;
}

static void least_squares(void) {
    struct sample s;
    struct diagnostic diag = {0};
    uint8_t wanted[COLUMNS * K];
    float masked[COLUMNS * K];
    sample_open(&s, 0.5F);
    for (int i = 0; i < COLUMNS * K; i++) /* columns 0 and 2 share a support */
        wanted[i] = (i / K == 1 ? i % 3 : i % K % 4) == 0 ? 0 : 1;
    struct wish wish = {.mask = wanted, .size = COLUMNS * K};
    struct reconstruct_request request = request_of(&s, &wish, RECONSTRUCT_LEAST_SQUARES);
    ASSERT_OK(reconstruct_layer(&request, &s.result, &diag), diag);
    for (int j = 0; j < COLUMNS; j++) {
        double slow[K + 1];
        slow_column(&s, wanted, j, slow);
        CU_ASSERT_DOUBLE_EQUAL(s.fitted_bias[j], slow[K], 2e-4);
        for (int r = 0; r < K; r++) {
            CU_ASSERT_DOUBLE_EQUAL(s.fitted[j * K + r], slow[r], 1e-4);
            CU_ASSERT_EQUAL(s.mask[j * K + r], wanted[j * K + r]);
            CU_ASSERT(wanted[j * K + r] || s.fitted[j * K + r] == 0);
        }
    }
    for (int i = 0; i < COLUMNS * K; i++)
        masked[i] = wanted[i] ? s.weights[i] : 0;
    double before = slow_error(&s, masked, s.bias);
    CU_ASSERT_DOUBLE_EQUAL(s.result.error_before, before, 1e-4 * before);
    double after = slow_error(&s, s.fitted, s.fitted_bias);
    CU_ASSERT_DOUBLE_EQUAL(s.result.error_after, after, 1e-3 * after);
    CU_ASSERT(after < before / 10);
    moments_free(&s.moments);
}

/* Nothing pruned, and outputs that the dense weights give: those weights, though the ridge pulls.
 */
static void nothing_pruned(void) {
    struct sample s;
    struct diagnostic diag = {0};
    sample_open(&s, 0);
    struct wish wish = {.size = COLUMNS * K, .keep = COLUMNS * K};
    for (int method = RECONSTRUCT_NONE; method <= RECONSTRUCT_ADMM; method++) {
        struct reconstruct_request request = request_of(&s, &wish, (enum reconstruct_method)method);
        ASSERT_OK(reconstruct_layer(&request, &s.result, &diag), diag);
        for (int i = 0; i < COLUMNS * K; i++)
            CU_ASSERT_DOUBLE_EQUAL(s.fitted[i], s.weights[i], 2e-4);
        for (int j = 0; j < COLUMNS; j++)
            CU_ASSERT_DOUBLE_EQUAL(s.fitted_bias[j], s.bias[j], 2e-3);
        CU_ASSERT(s.result.error_after < 1e-5);
    }
    moments_free(&s.moments);
}

/* ADMM mostly does better than one shot, whatever the number of weights, and never much worse. */
static void better_masks(void) {
    struct sample s;
    struct diagnostic diag = {0};
    int better = 0;
    sample_open(&s, 0.1F);
    for (int keep = 4; keep < 20; keep++) {
        struct wish wish = {.size = COLUMNS * K, .keep = keep};
        struct reconstruct_request request = request_of(&s, &wish, RECONSTRUCT_LEAST_SQUARES);
        ASSERT_OK(reconstruct_layer(&request, &s.result, &diag), diag);
        double one_shot = s.result.error_after;
        CU_ASSERT(one_shot < s.result.error_before);
        request.method = RECONSTRUCT_ADMM;
        ASSERT_OK(reconstruct_layer(&request, &s.result, &diag), diag);
        int kept = 0;
        for (int i = 0; i < COLUMNS * K; i++)
            kept += s.mask[i];
        CU_ASSERT_EQUAL(kept, keep);
        CU_ASSERT(s.result.error_after <= one_shot * 1.1);
        better += s.result.error_after < one_shot * 0.99;
    }
    CU_ASSERT(better >= 8);
    moments_free(&s.moments);
}

/* All sign patterns of five inputs of amplitudes a_r: uncorrelated, so that each weight costs
 * (w a)^2 by itself and the optimum keeps the largest of those. */
static void separable(void) {
    enum { INPUTS = 5, ALL = 32, KEEP = 2 };
    static const float amplitude[INPUTS] = {0.2F, 3, 1, 0.5F, 2.385F};
    static const float weights[INPUTS] = {5, -0.1F, 1.2F, -4,
                                          0.6F}; /* (w a): 1, .3, 1.2, 2, 1.43 */
    static const uint8_t best[INPUTS] = {0, 0, 0, 1, 1}, largest[INPUTS] = {1, 0, 0, 1, 0};
    float x[ALL * INPUTS], y[ALL], bias = 0.25F, fitted[INPUTS], fitted_bias;
    uint8_t mask[INPUTS];
    struct moments moments;
    struct diagnostic diag = {0};
    struct prune_matrix matrix = {.name = "layer",
                                  .rows = INPUTS,
                                  .columns = 1,
                                  .groups = 1,
                                  .kernel = {1, 1},
                                  .weights = weights};
    for (int i = 0; i < ALL; i++) {
        y[i] = bias;
        for (int r = 0; r < INPUTS; r++) {
            x[i * INPUTS + r] = i >> r & 1 ? amplitude[r] : -amplitude[r];
            y[i] += weights[r] * x[i * INPUTS + r];
        }
    }
    ASSERT_OK(moments_create(&matrix, &moments, &diag), diag);
    moments_add(&moments, 0, x, y, ALL);
    struct wish wish = {.size = INPUTS, .keep = KEEP};
    struct reconstruct_request request = {.moments = &moments,
                                          .matrix = &matrix,
                                          .bias = &bias,
                                          .project = project,
                                          .context = &wish};
    struct reconstruction result = {.mask = mask, .weights = fitted, .bias = &fitted_bias};
    for (int method = RECONSTRUCT_NONE; method <= RECONSTRUCT_ADMM; method++) {
        request.method = (enum reconstruct_method)method;
        for (int score = PRUNE_SCORE_AUTO; score <= PRUNE_SCORE_OBS; score++) {
            request.score = (enum prune_score)score;
            ASSERT_OK(reconstruct_layer(&request, &result, &diag), diag);
            bool magnitude = score == PRUNE_SCORE_MAGNITUDE;
            CU_ASSERT_EQUAL(memcmp(mask, magnitude ? largest : best, sizeof mask), 0);
            for (int r = 0; r < INPUTS; r++)
                CU_ASSERT_DOUBLE_EQUAL(fitted[r], mask[r] ? weights[r] : 0, 1e-5);
            CU_ASSERT_DOUBLE_EQUAL(fitted_bias, bias, 1e-6);
        }
    }
    /* 1 + .09 + 1.44 lost of 1 + .09 + 1.44 + 4 + 2.047761 */
    CU_ASSERT_DOUBLE_EQUAL(result.error_after, 2.53 / 8.577761, 1e-5);
    moments_free(&moments);
}

/* Three inputs of unit variance, the first two with covariance c: losing w costs w^2 (1 - c^2) of
 * those where the other adapts, w^2 of the third (but for the ridge). */
static void optimal_brain_surgeon(void) {
    static const float x[12] = {1, 1, 1, 1, 1, -1, -1, -1, 1, -1, -1, -1}; /* c = 1 for two rows */
    static const float weights[3] = {2, 2.1F, 1};
    float y[4], bias = 0, fitted[3], fitted_bias;
    uint8_t mask[3];
    struct moments moments;
    struct diagnostic diag = {0};
    struct prune_matrix matrix = {.name = "layer",
                                  .rows = 3,
                                  .columns = 1,
                                  .groups = 1,
                                  .kernel = {1, 1},
                                  .weights = weights};
    for (int i = 0; i < 4; i++)
        y[i] = 4.1F * x[i * 3] + x[i * 3 + 2];
    ASSERT_OK(moments_create(&matrix, &moments, &diag), diag);
    moments_add(&moments, 0, x, y, 4);
    struct wish wish = {.size = 3, .keep = 2};
    struct reconstruct_request request = {.moments = &moments,
                                          .matrix = &matrix,
                                          .bias = &bias,
                                          .score = PRUNE_SCORE_OBS,
                                          .method = RECONSTRUCT_LEAST_SQUARES,
                                          .project = project,
                                          .context = &wish};
    struct reconstruction result = {.mask = mask, .weights = fitted, .bias = &fitted_bias};
    ASSERT_OK(reconstruct_layer(&request, &result, &diag), diag);
    CU_ASSERT(mask[0] == 0 && mask[1] == 1 && mask[2] == 1);            /* its twin takes over */
    CU_ASSERT_DOUBLE_EQUAL(fitted[1], (4.1 + 0.01 * 2.1) / 1.01, 1e-5); /* the ridge pulls */
    CU_ASSERT(result.error_after < 1e-4);
    request.score = PRUNE_SCORE_GRAM;
    ASSERT_OK(reconstruct_layer(&request, &result, &diag), diag);
    CU_ASSERT(mask[0] == 1 && mask[1] == 1 && mask[2] == 0);
    CU_ASSERT_DOUBLE_EQUAL(result.error_after, 1 / 17.81, 1e-4);
    moments_free(&moments);
}

/* The samples' targets between bounds, for the fitted weights of the last call. */
static enum status bound(void *context, const float *weights, const float *bias,
                         struct moments *moments, struct diagnostic *diag) {
    const struct sample *s = context;
    float y[N * COLUMNS], low[N * COLUMNS], high[N * COLUMNS], work[N * COLUMNS];
    (void)diag;
    memcpy(y, s->y, sizeof y);
    for (int i = 0; i < N * COLUMNS; i++) {
        low[i] = 0.25F * (float)(i % COLUMNS);
        high[i] = 2;
    }
    const struct bounded_samples samples = {.n = N,
                                            .rows = K,
                                            .filters = COLUMNS,
                                            .x = s->x,
                                            .low = low,
                                            .high = high,
                                            .y = y,
                                            .work = work};
    moments_bound_targets(&samples, weights, bias);
    for (int i = 0; i < N * COLUMNS; i++) {
        double sum = (double)bias[i % COLUMNS];
        for (int r = 0; r < K; r++)
            sum += (double)weights[i % COLUMNS * K + r] * (double)s->x[i / COLUMNS * K + r];
        double wanted = (double)s->y[i];
        if (s->y[i] <= low[i])
            wanted = fmin(sum, (double)low[i]);
        else if (s->y[i] >= high[i])
            wanted = fmax(sum, (double)high[i]);
        CU_ASSERT_DOUBLE_EQUAL(y[i], wanted, 1e-4);
    }
    moments_clear_targets(moments);
    moments_add_targets(moments, 0, s->x, y, N);
    return STATUS_OK;
}

/* Sum of squares of the bounded outputs' differences. */
static double bounded_error(const struct sample *s) {
    double sum = 0;
    for (int i = 0; i < N * COLUMNS; i++) {
        int j = i % COLUMNS;
        double given = (double)s->fitted_bias[j], low = 0.25 * j;
        for (int r = 0; r < K; r++)
            given += (double)s->fitted[j * K + r] * (double)s->x[i / COLUMNS * K + r];
        sum += pow(fmin(fmax(given, low), 2) - fmin(fmax((double)s->y[i], low), 2), 2);
    }
    return sum;
}

/* Outputs that bounds cut off need not be met: what is left of the others' error gets less. */
static void bounded(void) {
    struct sample s;
    struct diagnostic diag = {0};
    sample_open(&s, 0.1F);
    for (int keep = 9; keep < 24; keep += 7) {
        struct wish wish = {.size = COLUMNS * K, .keep = keep};
        struct reconstruct_request request = request_of(&s, &wish, RECONSTRUCT_LEAST_SQUARES);
        ASSERT_OK(reconstruct_layer(&request, &s.result, &diag), diag);
        double unbounded = bounded_error(&s);
        request.retarget = bound;
        request.retarget_context = &s;
        ASSERT_OK(reconstruct_layer(&request, &s.result, &diag), diag);
        CU_ASSERT(bounded_error(&s) < (keep == 9 ? 0.9 : 0.995) * unbounded);
        moments_clear_targets(&s.moments);
        moments_add_targets(&s.moments, 0, s.x, s.y, N);
    }
    moments_free(&s.moments);
}

static void refusals(void) {
    struct sample s;
    struct diagnostic diag = {0};
    sample_open(&s, 0);
    struct wish wish = {.size = COLUMNS * K, .keep = 5};
    struct reconstruct_request request = request_of(&s, &wish, RECONSTRUCT_ADMM);
    s.x[5] = NAN;
    moments_add(&s.moments, 0, s.x, s.y, 2);
    CU_ASSERT_EQUAL(reconstruct_layer(&request, &s.result, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "layer layer: its inputs are not finite"));
    moments_free(&s.moments);
    ASSERT_OK(moments_create(&s.matrix, &s.moments, &diag), diag);
    CU_ASSERT_EQUAL(reconstruct_layer(&request, &s.result, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "needs calibration images"));
    moments_free(&s.moments);
}

static const struct test_case cases[] = {
    {"least squares on a mask", least_squares},
    {"nothing pruned", nothing_pruned},
    {"better masks", better_masks},
    {"separable", separable},
    {"optimal brain surgeon", optimal_brain_surgeon},
    {"bounded outputs", bounded},
    {"refusals", refusals},
    {NULL, NULL},
};

const struct test_suite suite_reconstruct = {"reconstruct", cases};
