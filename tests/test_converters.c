/* Resolution of converters, and the interval of an accuracy. */
#include <stdio.h>
#include <string.h>

#include "tests/support/configs.h"
#include "tests/test.h"

/* Three layers on 37 rows, 3-bit cells, 2-bit digits: S_bound = 37 * 7 * 3 = 777, 10 bits. */
struct fixture {
    struct matrix_layer matrix[3];
    struct mapped_layer mapped[3];
    struct mapping mapping;
    struct engine_layer layers[3];
};

static void begin(struct fixture *fixture) {
    static const struct lossless_bits lossless[3] = {
        {.exact = 5, .structural = 6, .worst = 10, .largest_sum = 31},
        {.exact = 8, .structural = 9, .worst = 10, .largest_sum = 200},
        {.exact = 7, .structural = 7, .worst = 10, .largest_sum = 127},
    };
    static const char *const names[3] = {"first", "second", "third"};
    *fixture = (struct fixture){0};
    for (int i = 0; i < 3; i++) {
        fixture->matrix[i].name = names[i];
        fixture->mapped[i] = (struct mapped_layer){
            .layer = &fixture->matrix[i],
            .crossbar = {.rows = 74, .columns = 11, .cell_bits = 3},
            .unit_rows = 37, /* an operation unit bounds the sums */
            .dac_bits = 2,
            .lossless = lossless[i],
        };
    }
    fixture->mapping = (struct mapping){.layers = fixture->mapped, .n_layers = 3};
}

static void expect_bits(const char *const *overrides, const int bits[3], const bool lossless[3]) {
    struct fixture fixture;
    struct diagnostic diag = {0};
    struct config *config = config_of(NULL, overrides);
    begin(&fixture);
    ASSERT_OK(run_resolve_converters(config, &fixture.mapping, fixture.layers, &diag), diag);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(fixture.layers[i].adc_bits, bits[i]);
        CU_ASSERT_EQUAL(fixture.layers[i].lossless, lossless[i]);
        CU_ASSERT_EQUAL(fixture.layers[i].bound, 777);
        CU_ASSERT_EQUAL(fixture.layers[i].path, lossless[i] ? ENGINE_INTEGER : ENGINE_BIT_SERIAL);
    }
    config_free(config);
}

static void a_number_is_taken_everywhere(void) {
    expect_bits((const char *[]){"adc.bits=7", NULL}, (int[]){7, 7, 7},
                (bool[]){true, false, true}); /* 31 and 127 fit 127, 200 does not */
}

static void uniform_words_take_the_largest(void) {
    const bool all[3] = {true, true, true};
    expect_bits((const char *[]){"adc.bits=lossless", NULL}, (int[]){8, 8, 8}, all);
    expect_bits((const char *[]){"adc.bits=lossless_structural", NULL}, (int[]){9, 9, 9}, all);
    expect_bits((const char *[]){"adc.bits=worst", NULL}, (int[]){10, 10, 10}, all);
}

static void finer_allocation_keeps_layers_apart(void) {
    const bool all[3] = {true, true, true};
    expect_bits((const char *[]){"adc.allocation=layer", NULL}, (int[]){5, 8, 7}, all);
    expect_bits((const char *[]){"adc.allocation=layer", "adc.bits=lossless_structural", NULL},
                (int[]){6, 9, 7}, all);
}

static void a_layer_with_a_number_stays_out_of_the_maximum(void) {
    expect_bits((const char *[]){"layers.second.adc.bits=4", NULL}, (int[]){7, 4, 7},
                (bool[]){true, false, true});
}

static void expect_without_first(const char *const *overrides, int first_exact, int bits) {
    struct fixture fixture;
    struct diagnostic diag = {0};
    struct config *config = config_of(NULL, overrides);
    int without = -1;
    begin(&fixture);
    fixture.mapped[0].lossless.exact = first_exact;
    ASSERT_OK(run_bits_without_first_layer(config, &fixture.mapping, &without, &diag), diag);
    CU_ASSERT_EQUAL(without, bits);
    fixture.mapping.n_layers = 1;
    ASSERT_OK(run_bits_without_first_layer(config, &fixture.mapping, &without, &diag), diag);
    CU_ASSERT_EQUAL(without, 0);
    config_free(config);
}

/* The others need 8 and 7 bits. */
static void the_first_layer_may_set_the_bits_alone(void) {
    const char *const none[] = {NULL};
    expect_without_first(none, 9, 8);
    expect_without_first(none, 8, 0);
    expect_without_first((const char *[]){"layers.second.adc.bits=4", NULL}, 8, 7);
    expect_without_first((const char *[]){"layers.second.adc.bits=9", NULL}, 9, 0);
    expect_without_first((const char *[]){"layers.first.adc.bits=12", NULL}, 9, 0);
    expect_without_first((const char *[]){"adc.bits=12", NULL}, 9, 0);
    expect_without_first((const char *[]){"adc.allocation=layer", NULL}, 9, 0);
    expect_without_first((const char *[]){"adc.transfer=full_range", NULL}, 9, 0);
    expect_without_first((const char *[]){"adc.transfer=nonuniform", NULL}, 9, 8);
}

static void fitted_converters_are_lossless_as_under_clip(void) {
    expect_bits((const char *[]){"adc.transfer=nonuniform", "adc.bits=7", NULL}, (int[]){7, 7, 7},
                (bool[]){true, false, true});
    expect_bits((const char *[]){"adc.transfer=calibrated", NULL}, (int[]){8, 8, 8},
                (bool[]){true, true, true});
}

static void full_range_is_lossless_by_the_bound_alone(void) {
    const bool all[3] = {true, true, true}, none[3] = {false, false, false};
    expect_bits((const char *[]){"adc.transfer=full_range", NULL}, (int[]){10, 10, 10}, all);
    expect_bits((const char *[]){"adc.transfer=full_range", "adc.bits=9", NULL}, (int[]){9, 9, 9},
                none);
}

static void more_bits_than_any_converter_has_are_refused(void) {
    struct fixture fixture;
    struct diagnostic diag = {0};
    struct config *config = config_of(NULL, (const char *[]){"adc.bits=worst", NULL});
    begin(&fixture);
    fixture.mapped[1].lossless.worst = 17;
    CU_ASSERT_EQUAL(run_resolve_converters(config, &fixture.mapping, fixture.layers, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "layer second needs an ADC of 17 bits"));
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "16 is the most"));
    config_free(config);
}

static void expect_refused_allocation(const char *const *overrides) {
    struct fixture fixture;
    struct diagnostic diag = {0};
    struct config *config = config_of(NULL, overrides);
    begin(&fixture);
    CU_ASSERT_EQUAL(run_resolve_converters(config, &fixture.mapping, fixture.layers, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "adc.bits: lossless and adc.transfer: clip"));
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "set adc.allocation: layer"));
    config_free(config);
}

static void arrays_and_slices_want_the_exact_rule(void) {
    const bool all[3] = {true, true, true};
    expect_bits((const char *[]){"adc.allocation=array", NULL}, (int[]){5, 8, 7}, all);
    expect_bits((const char *[]){"adc.allocation=slice", "layers.second.adc.bits=4", NULL},
                (int[]){5, 4, 7}, (bool[]){true, false, true});
    expect_refused_allocation((const char *[]){"adc.allocation=array", "adc.bits=6", NULL});
    expect_refused_allocation((const char *[]){"adc.allocation=slice", "adc.bits=worst", NULL});
    expect_refused_allocation(
        (const char *[]){"adc.allocation=slice", "layers.third.adc.transfer=full_range", NULL});
    expect_refused_allocation(
        (const char *[]){"adc.allocation=array", "layers.third.adc.bits=worst", NULL});
}

/* Roots of (p - k/n)^2 = z^2 p (1 - p) / n, from numpy.roots. */
static void wilson_interval_solves_its_quadratic(void) {
    static const struct {
        int correct, images;
        double low, high;
    } cases[] = {
        {0, 10, 0, 0.2775327998628892},
        {9, 10, 0.5958499732047616, 0.9821237869049271},
        {37, 61, 0.4811725262897893, 0.7193164854696293},
        {850, 1000, 0.8265313415731986, 0.8707899274869128},
        {10, 10, 0.7224672001371114, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double low, high;
        run_wilson_interval(cases[i].correct, cases[i].images, &low, &high);
        CU_ASSERT_DOUBLE_EQUAL(low, cases[i].low, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(high, cases[i].high, 1e-12);
        CU_ASSERT(low >= 0 && high <= 1);
    }
}

static const struct test_case cases[] = {
    {"a number is taken everywhere", a_number_is_taken_everywhere},
    {"uniform words take the largest", uniform_words_take_the_largest},
    {"finer allocation keeps layers apart", finer_allocation_keeps_layers_apart},
    {"a layer with a number stays out of the maximum",
     a_layer_with_a_number_stays_out_of_the_maximum},
    {"the first layer may set the bits alone", the_first_layer_may_set_the_bits_alone},
    {"fitted converters are lossless as under clip", fitted_converters_are_lossless_as_under_clip},
    {"full range is lossless by the bound alone", full_range_is_lossless_by_the_bound_alone},
    {"more bits than any converter has are refused", more_bits_than_any_converter_has_are_refused},
    {"arrays and slices want the exact rule", arrays_and_slices_want_the_exact_rule},
    {"the Wilson interval solves its quadratic", wilson_interval_solves_its_quadratic},
    {NULL, NULL},
};
const struct test_suite suite_converters = {"converters", cases};
