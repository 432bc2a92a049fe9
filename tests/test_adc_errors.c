/* Errors of converters: ideal at strength 0, of the size asked otherwise. Bounds are five standard
 * errors of what theory says, for fixed keys. */
#include <math.h>
#include <string.h>

#include "peripherals/adc.h"
#include "sim/base/random.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

enum { CONVERTERS = 4000 };

static struct adc_error draw(const struct adc_error_options *options, int bits, uint64_t key,
                             struct arena *arena) {
    struct adc_error error;
    struct diagnostic diag = {0};
    ASSERT_OK(adc_errors_draw(options, bits, key, arena, &error, &diag), diag);
    return error;
}

static int code(const struct adc_error *error, double sum) {
    int below = 0;
    for (int k = 0; k < error->n_thresholds; k++)
        below += (double)error->threshold[k] < sum;
    return below;
}

static void strength_zero_is_ideal(void) {
    struct adc_error_options none = {0};
    struct arena arena = ARENA_INIT;
    CU_ASSERT(adc_errors_are_none(&none));
    for (int bits = 1; bits <= ADC_BITS_MAX; bits++) {
        struct adc_error error = draw(&none, bits, 77, &arena);
        int wrong = 0;
        CU_ASSERT_EQUAL_FATAL(error.n_thresholds, (1 << bits) - 1);
        for (int k = 1; k <= error.n_thresholds; k++)
            wrong += error.threshold[k - 1] != (float)k - 0.5f;
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT(error.gain == 1 && error.offset == 0 && error.even);
    }
    struct adc_error error = draw(&none, 3, 1, &arena);
    static const double sums[] = {-2, 0, 0.49, 0.51, 3, 6.5, 6.6, 7, 100};
    static const int codes[] = {0, 0, 0, 1, 3, 6, 7, 7, 7};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        CU_ASSERT_EQUAL(code(&error, sums[i]), codes[i]);
    arena_free(&arena);
}

static void any_strength_is_an_error(void) {
    struct adc_error_options each[5] = {0};
    each[0].offset_sigma = each[1].gain_sigma = each[2].thermal_noise = 1e-9;
    each[3].inl = -1e-9;
    each[4].dnl_sigma = 1e-9;
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_FALSE(adc_errors_are_none(&each[i]));
        CU_ASSERT_EQUAL(adc_errors_are_random(&each[i]), i != 3); /* the bow is the same in all */
    }
}

/* Mean and spread over converters, and where the thresholds of a 4-bit one lie then. */
static void offset_and_gain(void) {
    static const struct adc_error_options options = {.offset_sigma = 0.7, .gain_sigma = 0.03};
    double offset[3] = {0}, gain[3] = {0};
    for (uint64_t c = 0; c < CONVERTERS; c++) {
        struct arena arena = ARENA_INIT;
        struct adc_error error = draw(&options, 4, RANDOM_KEY(1, c), &arena);
        offset[1] += error.offset;
        offset[2] += error.offset * error.offset;
        gain[1] += error.gain - 1;
        gain[2] += (error.gain - 1) * (error.gain - 1);
        CU_ASSERT(error.even);
        for (int k = 1; k <= 15; k++)
            CU_ASSERT_DOUBLE_EQUAL((double)error.threshold[k - 1] * error.gain + error.offset,
                                   k - 0.5, 1e-5);
        arena_free(&arena);
    }
    double mean_error = 5 / sqrt(CONVERTERS), square_error = 5 * sqrt(2.0 / CONVERTERS);
    CU_ASSERT_DOUBLE_EQUAL(offset[1] / CONVERTERS / 0.7, 0, mean_error);
    CU_ASSERT_DOUBLE_EQUAL(offset[2] / CONVERTERS / (0.7 * 0.7), 1, square_error);
    CU_ASSERT_DOUBLE_EQUAL(gain[1] / CONVERTERS / 0.03, 0, mean_error);
    CU_ASSERT_DOUBLE_EQUAL(gain[2] / CONVERTERS / (0.03 * 0.03), 1, square_error);
}

/* Three bits, seven thresholds: 4 t (1 - t) at t = 0, 1/6, ... is 0, 5/9, 8/9, 1, 8/9, 5/9, 0. */
static void bow(void) {
    static const double parabola[] = {0, 5 / 9.0, 8 / 9.0, 1, 8 / 9.0, 5 / 9.0, 0};
    static const double strengths[] = {0.6, -0.4};
    struct arena arena = ARENA_INIT;
    for (int s = 0; s < 2; s++) {
        struct adc_error_options options = {.inl = strengths[s]};
        struct adc_error error = draw(&options, 3, 5, &arena);
        for (int k = 1; k <= 7; k++)
            CU_ASSERT_DOUBLE_EQUAL((double)error.threshold[k - 1],
                                   k - 0.5 + strengths[s] * parabola[k - 1], 1e-6);
        CU_ASSERT_FALSE(error.even);
    }
    struct adc_error_options options = {.inl = 0.6};
    struct adc_error one_bit = draw(&options, 1, 5, &arena);
    CU_ASSERT(one_bit.even && one_bit.threshold[0] == 0.5f);
    arena_free(&arena);
}

/* Widths of five bits (30 between the terminals): the mean is 1, the terminals stay, the variance
 * is sigma^2 (1 - 1/30), and the middle threshold strays as a walk tied at both ends does, sigma^2
 * 15 * 15 / 30. */
static void widths(void) {
    static const struct adc_error_options options = {.dnl_sigma = 0.1};
    enum { N = 30 };
    double squares = 0, middle = 0;
    for (uint64_t c = 0; c < CONVERTERS; c++) {
        struct arena arena = ARENA_INIT;
        struct adc_error error = draw(&options, 5, RANDOM_KEY(2, c), &arena);
        CU_ASSERT_EQUAL(error.threshold[0], 0.5f);
        CU_ASSERT_DOUBLE_EQUAL((double)error.threshold[N], N + 0.5, 1e-5);
        for (int k = 1; k <= N; k++) {
            double width = (double)error.threshold[k] - (double)error.threshold[k - 1];
            squares += (width - 1) * (width - 1);
        }
        middle += pow((double)error.threshold[15] - 15.5, 2);
        arena_free(&arena);
    }
    double variance = 0.1 * 0.1 * (1 - 1.0 / N), wander = 0.1 * 0.1 * 15 * 15 / 30;
    CU_ASSERT_DOUBLE_EQUAL(squares / (N * CONVERTERS) / variance, 1,
                           5 * sqrt(2.0 / (N * CONVERTERS)));
    CU_ASSERT_DOUBLE_EQUAL(middle / CONVERTERS / wander, 1, 5 * sqrt(2.0 / CONVERTERS));
}

/* Errors so large that thresholds pass each other: they come in order, all of them. */
static void thresholds_rise(void) {
    static const struct adc_error_options options = {
        .offset_sigma = 3, .gain_sigma = 0.2, .inl = -40, .dnl_sigma = 2};
    for (uint64_t c = 0; c < 50; c++) {
        struct arena arena = ARENA_INIT;
        struct adc_error error = draw(&options, 6, c, &arena);
        int falls = 0;
        for (int k = 1; k < error.n_thresholds; k++)
            falls += error.threshold[k] < error.threshold[k - 1];
        CU_ASSERT_EQUAL(falls, 0);
        CU_ASSERT(error.gain > 0);
        arena_free(&arena);
    }
}

/* The same key the same converter; offset, gain and widths do not depend on each other's strength.
 */
static void keys_name_the_draws(void) {
    struct arena arena = ARENA_INIT;
    struct adc_error_options options = {.offset_sigma = 1, .gain_sigma = 0.1, .dnl_sigma = 0.1};
    struct adc_error all = draw(&options, 8, 3, &arena), again = draw(&options, 8, 3, &arena);
    CU_ASSERT_EQUAL(memcmp(all.threshold, again.threshold, 255 * sizeof(float)), 0);
    CU_ASSERT_NOT_EQUAL(draw(&options, 8, 4, &arena).offset, all.offset);
    options = (struct adc_error_options){.gain_sigma = 0.1};
    CU_ASSERT_EQUAL(draw(&options, 8, 3, &arena).gain, all.gain);
    options = (struct adc_error_options){.offset_sigma = 1};
    CU_ASSERT_EQUAL(draw(&options, 8, 3, &arena).offset, all.offset);
    options = (struct adc_error_options){.dnl_sigma = 0.1};
    struct adc_error widths_only = draw(&options, 8, 3, &arena);
    for (int k = 0; k < 255; k++)
        CU_ASSERT_DOUBLE_EQUAL((double)all.threshold[k] * all.gain + all.offset,
                               (double)widths_only.threshold[k], 1e-4);
    arena_free(&arena);
}

static void refusals(void) {
    static const struct adc_error_options none = {0};
    struct arena arena = ARENA_INIT;
    struct adc_error error;
    for (int bits = 0; bits <= 17; bits += 17) {
        struct diagnostic diag = {0};
        CU_ASSERT_EQUAL(adc_errors_draw(&none, bits, 1, &arena, &error, &diag), STATUS_USAGE);
        expect_text(diag.message,
                    bits == 0 ? "an ADC of 0 bits cannot be simulated: 1 to 16 are possible"
                              : "an ADC of 17 bits cannot be simulated: 1 to 16 are possible");
    }
    if (malloc_fail_works()) {
        struct diagnostic diag = {0};
        malloc_fail_at(1);
        enum status status = adc_errors_draw(&none, 8, 1, &arena, &error, &diag);
        CU_ASSERT(malloc_fail_end());
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
        expect_text(diag.message, "out of memory for the thresholds of an ADC");
    }
    arena_free(&arena);
}

static void options_are_read(void) {
    static const struct config_section *const sections[] = {&adc_section};
    static const char *const assignments[] = {"adc.offset_sigma=0.5", "adc.gain_sigma=0.02",
                                              "adc.thermal_noise=0.3", "adc.inl=-0.7",
                                              "adc.dnl_sigma=0.1"};
    struct diagnostic diag = {0};
    struct config *config = NULL;
    ASSERT_OK(config_create(sections, 1, &config, &diag), diag);
    const struct adc_options *options = config_get(config, "adc");
    CU_ASSERT(adc_errors_are_none(&options->errors));
    for (int i = 0; i < 5; i++)
        ASSERT_OK(config_override(config, assignments[i], &diag), diag);
    CU_ASSERT_EQUAL(options->errors.offset_sigma, 0.5);
    CU_ASSERT_EQUAL(options->errors.gain_sigma, 0.02);
    CU_ASSERT_EQUAL(options->errors.thermal_noise, 0.3);
    CU_ASSERT_EQUAL(options->errors.inl, -0.7);
    CU_ASSERT_EQUAL(options->errors.dnl_sigma, 0.1);
    CU_ASSERT_EQUAL(config_override(config, "adc.gain_sigma=0.3", &diag), STATUS_USAGE);
    ASSERT_OK(config_override(config, "layers.stem.adc.inl=1", &diag), diag);
    config_free(config);
}

static const struct test_case cases[] = {
    {"strength zero is ideal", strength_zero_is_ideal},
    {"any strength is an error", any_strength_is_an_error},
    {"offset and gain", offset_and_gain},
    {"bow", bow},
    {"widths", widths},
    {"thresholds rise", thresholds_rise},
    {"keys name the draws", keys_name_the_draws},
    {"refusals", refusals},
    {"options are read", options_are_read},
    {NULL, NULL},
};
const struct test_suite suite_adc_errors = {"adc_errors", cases};
