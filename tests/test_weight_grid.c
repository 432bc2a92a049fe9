/* Grids of weights: against every assignment of codes, or every scale. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/network.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { ROWS = 7 };

static void random_weights(float *weights, int n, uint64_t seed) {
    struct test_random random = {seed};
    for (int i = 0; i < n; i++)
        weights[i] = ((float)test_random_below(&random, 2001) - 1000) / 173;
}

static void codes_of(struct weight_format format, const float *weights, int n, int16_t *codes,
                     float *scale) {
    struct diagnostic diag = {0};
    ASSERT_OK(network_weight_codes(&format, weights, (size_t)n, codes, scale, &diag), diag);
}

static double error_of(const float *weights, const int16_t *codes, double scale, int n) {
    double error = 0;
    for (int i = 0; i < n; i++)
        error += (weights[i] - scale * codes[i]) * (weights[i] - scale * codes[i]);
    return error;
}

/* Least squared error of all codes of -1, 0, 1 (binary: -1, 1), each with its best scale. */
static double least_error(const float *weights, int lowest_levels) {
    int total = 1;
    double best = INFINITY;
    for (int i = 0; i < ROWS; i++)
        total *= lowest_levels;
    for (int a = 0; a < total; a++) {
        int16_t codes[ROWS];
        double product = 0, square = 0;
        for (int i = 0, rest = a; i < ROWS; i++, rest /= lowest_levels) {
            codes[i] = (int16_t)(lowest_levels == 3 ? rest % 3 - 1 : 2 * (rest % 2) - 1);
            product += (double)weights[i] * codes[i];
            square += (double)codes[i] * codes[i];
        }
        double error = error_of(weights, codes, square > 0 ? product / square : 0, ROWS);
        best = error < best ? error : best;
    }
    return best;
}

static void ternary_and_binary(void) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        float weights[ROWS], scale;
        int16_t codes[ROWS];
        random_weights(weights, ROWS, seed);
        codes_of((struct weight_format){WEIGHTS_TERNARY, 2}, weights, ROWS, codes, &scale);
        CU_ASSERT_DOUBLE_EQUAL(error_of(weights, codes, scale, ROWS), least_error(weights, 3),
                               1e-4);
        codes_of((struct weight_format){WEIGHTS_BINARY, 2}, weights, ROWS, codes, &scale);
        CU_ASSERT_DOUBLE_EQUAL(error_of(weights, codes, scale, ROWS), least_error(weights, 2),
                               1e-4);
    }
    /* Pruned weights stay 0 and do not count: mean of 3 and 1. */
    float scale;
    int16_t codes[4];
    codes_of((struct weight_format){WEIGHTS_BINARY, 2}, (const float[]){3, 0, -1, 0}, 4, codes,
             &scale);
    CU_ASSERT_EQUAL(scale, 2);
    CU_ASSERT(codes[0] == 1 && codes[1] == 0 && codes[2] == -1 && codes[3] == 0);
    /* 5, 4 and 4: (5 + 4 + 4)^2 / 3 = 56.3 is more than 25 / 1 and, with 1 as well, 49. */
    codes_of((struct weight_format){WEIGHTS_TERNARY, 2}, (const float[]){4, -5, 1, 4}, 4, codes,
             &scale);
    CU_ASSERT_DOUBLE_EQUAL(scale, 13.0 / 3, 1e-6);
    CU_ASSERT(codes[0] == 1 && codes[1] == -1 && codes[2] == 0 && codes[3] == 1);
}

static bool is_power(int code, int top) {
    code = abs(code);
    return code <= top && (code & (code - 1)) == 0;
}

/* Against 4,000 scales, each with its nearest codes by search. */
static void powers_of_two(void) {
    enum { N = 60 };
    for (int bits = 2; bits <= 8; bits += 2)
        for (uint64_t seed = 1; seed <= 10; seed++) {
            float weights[N], scale;
            int16_t codes[N], trial[N];
            int top = 1 << (bits - 2);
            double best = INFINITY;
            random_weights(weights, N, seed);
            codes_of((struct weight_format){WEIGHTS_POWER_OF_TWO, bits}, weights, N, codes, &scale);
            for (int i = 0; i < N; i++)
                CU_ASSERT(is_power(codes[i], top));
            for (int s = 1; s <= 4000; s++) {
                double by = 12.0 / top * s / 4000;
                for (int i = 0; i < N; i++) {
                    trial[i] = 0;
                    for (int p = 1; p <= top; p *= 2)
                        if (fabs(fabs(weights[i]) - by * p) <
                            fabs(fabs(weights[i]) - by * abs(trial[i])))
                            trial[i] = (int16_t)(weights[i] < 0 ? -p : p);
                }
                double error = error_of(weights, trial, by, N);
                best = error < best ? error : best;
            }
            CU_ASSERT(error_of(weights, codes, scale, N) <= 1.01 * best);
        }
}

static void uniform_and_empty(void) {
    float scale;
    int16_t codes[3];
    codes_of((struct weight_format){WEIGHTS_UNIFORM, 3}, (const float[]){1.5F, -3, 0.4F}, 3, codes,
             &scale);
    CU_ASSERT_EQUAL(scale, 1);
    CU_ASSERT(codes[0] == 2 && codes[1] == -3 && codes[2] == 0); /* 1.5: half to even */
    for (int grid = WEIGHTS_UNIFORM; grid <= WEIGHTS_BINARY; grid++) {
        codes[1] = 9;
        codes_of((struct weight_format){(enum weight_grid)grid, 2}, (const float[]){0, 0, 0}, 3,
                 codes, &scale);
        CU_ASSERT(scale == 0 && codes[0] == 0 && codes[1] == 0 && codes[2] == 0);
    }
}

static void formats(void) {
    struct weight_format format;
    struct diagnostic diag = {0};
    struct quantization_options options = {QUANTIZATION_MODEL, QUANTIZATION_MODEL, 100,
                                           WEIGHTS_UNIFORM};
    ASSERT_OK(network_weight_format(&options, &format, &diag), diag);
    CU_ASSERT_EQUAL(format.bits, 8);
    options.weights = WEIGHTS_TERNARY;
    ASSERT_OK(network_weight_format(&options, &format, &diag), diag);
    CU_ASSERT_EQUAL(format.bits, 2);
    options.weight_bits = 4;
    CU_ASSERT_EQUAL(network_weight_format(&options, &format, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, "quantization.weight_bits = 4 has no effect on "
                                         "quantization.weights = ternary, which has 2 bits: leave "
                                         "it out");
    options.weights = WEIGHTS_POWER_OF_TWO;
    ASSERT_OK(network_weight_format(&options, &format, &diag), diag);
    CU_ASSERT_EQUAL(format.bits, 4);
}

static struct weight_format format_of(int grid) {
    return (struct weight_format){(enum weight_grid)grid, grid >= WEIGHTS_TERNARY ? 2 : 5};
}

/* Weights that lie on the levels of a grid have the same codes again. */
static void codes_again(void) {
    enum { MANY = 37, COLUMNS = 5 };
    struct diagnostic diag = {0};
    struct test_random random = {4};
    for (int grid = WEIGHTS_UNIFORM; grid <= WEIGHTS_BINARY; grid++) {
        const struct weight_format format = format_of(grid);
        for (int column = 0; column < COLUMNS; column++) {
            float weights[MANY], scale, again;
            int16_t codes[MANY], codes_again[MANY];
            for (int r = 0; r < MANY; r++)
                weights[r] =
                    r % 3 == 0 ? 0 : (float)test_random_below(&random, 2001) / 1000.0F - 1.0F;
            ASSERT_OK(network_weight_codes(&format, weights, MANY, codes, &scale, &diag), diag);
            for (int r = 0; r < MANY; r++)
                weights[r] = scale * (float)codes[r];
            ASSERT_OK(network_weight_codes(&format, weights, MANY, codes_again, &again, &diag),
                      diag);
            for (int r = 0; r < MANY; r++)
                CU_ASSERT_DOUBLE_EQUAL(weights[r], again * (float)codes_again[r],
                                       1e-5 * fabs((double)weights[r]));
        }
    }
}

/* The nearest of all codes there are, on values that lie half-way between none. */
static void nearest_codes(void) {
    for (int grid = WEIGHTS_UNIFORM; grid <= WEIGHTS_BINARY; grid++) {
        const struct weight_format format = format_of(grid);
        int end = (1 << (format.bits - 1)) - 1;
        for (int i = -90; i <= 90; i++) {
            double value = i * 0.2385, least = INFINITY;
            int nearest = 0;
            for (int code = -end; code <= end; code++) {
                int magnitude = abs(code);
                bool power = (magnitude & (magnitude - 1)) == 0;
                if ((grid == WEIGHTS_BINARY && code == 0) ||
                    (grid == WEIGHTS_POWER_OF_TWO && !power) || fabs(value - code) >= least)
                    continue;
                least = fabs(value - code);
                nearest = code;
            }
            if (i != 0)
                CU_ASSERT_EQUAL(network_nearest_code(&format, (float)value), nearest);
        }
    }
}

static const struct test_case cases[] = {
    {"ternary and binary", ternary_and_binary},
    {"powers of two", powers_of_two},
    {"uniform, and no weights", uniform_and_empty},
    {"formats", formats},
    {"codes again", codes_again},
    {"nearest codes", nearest_codes},
    {NULL, NULL},
};

const struct test_suite suite_weight_grid = {"weight_grid", cases};
