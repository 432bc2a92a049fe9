/* Rounding joined to the fit against all codes there are, tried one after another, on the raw
 * samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pruning/reconstruct.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { N = 211, K = 7, COLUMNS = 4, GROUPS = 2, FILTERS = COLUMNS / GROUPS };

/* Correlated inputs of two groups, their outputs, and a mask. */
struct sample {
    float x[GROUPS][N * K], y[GROUPS][N * FILTERS], weights[COLUMNS * K], bias[COLUMNS];
    uint8_t wanted[COLUMNS * K], mask[COLUMNS * K];
    float fitted[COLUMNS * K], fitted_bias[COLUMNS];
    struct prune_matrix matrix;
    struct moments moments;
    struct reconstruction result;
};

static float uniform(struct test_random *random) {
    return (float)test_random_below(random, 2001) / 1000.0F - 1.0F;
}

static void sample_open(struct sample *s, uint64_t seed) {
    struct test_random random = {seed};
    struct diagnostic diag = {0};
    for (int i = 0; i < COLUMNS * K; i++) {
        s->weights[i] = uniform(&random);
        s->wanted[i] = (uint8_t)(i / K == 1 ? i % 3 != 0 : i % K != 4);
    }
    for (int j = 0; j < COLUMNS; j++)
        s->bias[j] = uniform(&random);
    for (int g = 0; g < GROUPS; g++)
        for (int i = 0; i < N; i++) {
            float common = uniform(&random), *x = s->x[g] + i * K;
            for (int r = 0; r < K; r++)
                x[r] = common + (0.4F + 0.2F * (float)r) * uniform(&random) + 2.385F;
            for (int j = 0; j < FILTERS; j++) {
                float sum = s->bias[g * FILTERS + j];
                for (int r = 0; r < K; r++)
                    sum += s->weights[(g * FILTERS + j) * K + r] * x[r];
                s->y[g][i * FILTERS + j] = sum;
            }
        }
    s->matrix = (struct prune_matrix){.name = "layer",
                                      .rows = K,
                                      .columns = COLUMNS,
                                      .groups = GROUPS,
                                      .kernel = {1, 1},
                                      .weights = s->weights};
    s->result =
        (struct reconstruction){.mask = s->mask, .weights = s->fitted, .bias = s->fitted_bias};
    ASSERT_OK(moments_create(&s->matrix, &s->moments, &diag), diag);
    for (int g = 0; g < GROUPS; g++)
        moments_add(&s->moments, g, s->x[g], s->y[g], N);
}

static enum status wanted_mask(const void *context, const float *weights, const double *scores,
                               uint8_t *mask, struct diagnostic *diag) {
    (void)weights, (void)scores, (void)diag;
    memcpy(mask, context, COLUMNS * K);
    return STATUS_OK;
}

static void fit(struct sample *s, const struct weight_format *format) {
    struct diagnostic diag = {0};
    const struct reconstruct_request request = {
        .moments = &s->moments,
        .matrix = &s->matrix,
        .bias = s->bias,
        .method = RECONSTRUCT_LEAST_SQUARES,
        .score = PRUNE_SCORE_GRAM,
        .project = wanted_mask,
        .context = s->wanted,
        .round = format,
    };
    ASSERT_OK(reconstruct_layer(&request, &s->result, &diag), diag);
}

/* Samples of a column's kept rows, centred, as far as sums of squares need them. */
struct squares {
    int n, rows[K];
    double xx[K][K], xy[K], yy;
};

static void square(const struct sample *s, int column, struct squares *q) {
    int g = column / FILTERS;
    double mean[K + 1] = {0};
    *q = (struct squares){0};
    for (int r = 0; r < K; r++)
        if (s->wanted[column * K + r])
            q->rows[q->n++] = r;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < N; i++) {
            double y = (double)s->y[g][i * FILTERS + column % FILTERS], x[K];
            for (int a = 0; a < q->n; a++)
                x[a] = (double)s->x[g][i * K + q->rows[a]];
            for (int a = 0; a < q->n && pass == 0; a++)
                mean[a] += x[a] / N;
            if (pass == 0) {
                mean[K] += y / N;
                continue;
            }
            q->yy += (y - mean[K]) * (y - mean[K]);
            for (int a = 0; a < q->n; a++) {
                q->xy[a] += (x[a] - mean[a]) * (y - mean[K]);
                for (int b = 0; b < q->n; b++)
                    q->xx[a][b] += (x[a] - mean[a]) * (x[b] - mean[b]);
            }
        }
}

/* Error of codes times a scale; scale 0: the best there is. */
static double error_of(const struct squares *q, const int *codes, double scale) {
    double product = 0, all = 0;
    for (int a = 0; a < q->n; a++) {
        product += codes[a] * q->xy[a];
        for (int b = 0; b < q->n; b++)
            all += codes[a] * q->xx[a][b] * codes[b];
    }
    if (scale == 0)
        scale = all > 0 && product > 0 ? product / all : 0;
    return q->yy - 2 * scale * product + scale * scale * all;
}

static const int uniform_2[] = {0, -1, 1}, binary_codes[] = {-1, 1};
static const int uniform_3[] = {0, -1, 1, -2, 2, -3, 3}, powers_4[] = {0, -1, 1, -2, 2, -4, 4};

/* The least error of all codes and scales. */
static double brute(const struct squares *q, const int *levels, int n_levels) {
    double best = INFINITY;
    long all = 1;
    for (int a = 0; a < q->n; a++)
        all *= n_levels;
    for (long i = 0; i < all; i++) {
        int codes[K];
        long rest = i;
        for (int a = 0; a < q->n; a++, rest /= n_levels)
            codes[a] = levels[rest % n_levels];
        double error = error_of(q, codes, 0);
        best = error < best ? error : best;
    }
    return best;
}

/* Error of the fitted column, whose weights are checked to be `format`'s own codes. */
static double fitted_error(const struct sample *s, int column, const struct weight_format *format,
                           const struct squares *q) {
    int16_t codes[K];
    int kept[K] = {0};
    float scale;
    struct diagnostic diag = {0};
    ASSERT_OK(network_weight_codes(format, s->fitted + column * K, K, codes, &scale, &diag), diag);
    for (int r = 0; r < K; r++) {
        CU_ASSERT_DOUBLE_EQUAL(s->fitted[column * K + r], scale * codes[r], 1e-6);
        CU_ASSERT(codes[r] == 0 || s->wanted[column * K + r]);
    }
    for (int a = 0; a < q->n; a++)
        kept[a] = codes[q->rows[a]];
    return error_of(q, kept, (double)scale);
}

/* The same for plain rounding of what least squares gave. */
static double plain_error(const float *weights, const struct weight_format *format,
                          const struct squares *q) {
    int16_t codes[K];
    int kept[K] = {0};
    float scale;
    struct diagnostic diag = {0};
    ASSERT_OK(network_weight_codes(format, weights, K, codes, &scale, &diag), diag);
    for (int a = 0; a < q->n; a++)
        kept[a] = codes[q->rows[a]];
    return error_of(q, kept, (double)scale);
}

/* Never worse than plain rounding, and near the best of all codes. */
static void near_the_best(void) {
    static const struct {
        struct weight_format format;
        const int *levels;
        int n_levels;
    } cases[] = {
        {{WEIGHTS_UNIFORM, 2}, uniform_2, 3},     {{WEIGHTS_UNIFORM, 3}, uniform_3, 7},
        {{WEIGHTS_POWER_OF_TWO, 4}, powers_4, 7}, {{WEIGHTS_TERNARY, 2}, uniform_2, 3},
        {{WEIGHTS_BINARY, 2}, binary_codes, 2},
    };
    static struct sample s;
    float exact[COLUMNS * K];
    double least = 0, fitted = 0, plain = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            const struct weight_format *format = &cases[c].format;
            sample_open(&s, seed);
            fit(&s, NULL);
            memcpy(exact, s.fitted, sizeof exact);
            fit(&s, format);
            for (int j = 0; j < COLUMNS; j++) {
                struct squares q;
                square(&s, j, &q);
                double best = brute(&q, cases[c].levels, cases[c].n_levels);
                double own = fitted_error(&s, j, format, &q);
                double nearest = plain_error(exact + j * K, format, &q);
                CU_ASSERT(own <= nearest * 1.01 && own >= best * 0.999);
                CU_ASSERT(own <= 2 * best);
                least += best;
                fitted += own;
                plain += nearest;
            }
            moments_free(&s.moments);
        }
    CU_ASSERT(fitted < 1.03 * least);
    CU_ASSERT(fitted < 0.75 * plain);
}

/* With many levels nothing changes but for the rounding, biases keep the means, and the error is
 * that of the samples. */
static void many_levels(void) {
    static const struct weight_format format = {WEIGHTS_UNIFORM, 12};
    static struct sample s;
    float exact[COLUMNS * K];
    sample_open(&s, 7);
    fit(&s, NULL);
    memcpy(exact, s.fitted, sizeof exact);
    fit(&s, &format);
    for (int j = 0; j < COLUMNS; j++) {
        double mean = 0;
        for (int r = 0; r < K; r++)
            CU_ASSERT_DOUBLE_EQUAL(s.fitted[j * K + r], exact[j * K + r], 2e-3);
        for (int i = 0; i < N; i++) {
            double sum = (double)s.fitted_bias[j];
            for (int r = 0; r < K; r++)
                sum += (double)s.fitted[j * K + r] * (double)s.x[j / FILTERS][i * K + r];
            mean += (sum - (double)s.y[j / FILTERS][i * FILTERS + j % FILTERS]) / N;
        }
        CU_ASSERT_DOUBLE_EQUAL(mean, 0, 1e-3);
    }
    moments_free(&s.moments);
}

static const struct test_case cases[] = {
    {"near the best", near_the_best},
    {"many levels", many_levels},
    {NULL, NULL},
};

const struct test_suite suite_reconstruct_round = {"reconstruct_round", cases};
