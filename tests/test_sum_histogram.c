/* What histograms of partial sums tell, by hand. */
#include "peripherals/sum_histogram.h"

#include <math.h>
#include <stdlib.h>

#include "peripherals/adc.h"
#include "tests/test.h"

/* 3 x 0, 5 x 1, 1 x 4, 1 x 7 and no other: ten sums. */
static uint64_t ten_counts[] = {3, 5, 0, 0, 1, 0, 0, 1, 0};
static const struct sum_histogram ten = {9, ten_counts};
static uint64_t no_counts[4];
static const struct sum_histogram none = {4, no_counts}, sizeless = {0, NULL};

static void moments(void) {
    struct sum_moments m = histogram_moments(&ten);
    CU_ASSERT_EQUAL(m.count, 10);
    CU_ASSERT_DOUBLE_EQUAL(m.mean, 1.6, 1e-15);      /* (5 + 4 + 7) / 10 */
    CU_ASSERT_DOUBLE_EQUAL(m.power, 7, 1e-15);       /* (5 + 16 + 49) / 10 */
    CU_ASSERT_DOUBLE_EQUAL(m.variance, 4.44, 1e-14); /* 7 - 1.6^2 */
    CU_ASSERT(m.smallest == 0 && m.largest == 7);
    m = histogram_moments(&none);
    CU_ASSERT(m.count == 0 && m.mean == 0 && m.variance == 0 && m.largest == -1);
    CU_ASSERT_EQUAL(histogram_moments(&sizeless).count, 0);
}

static void expect_range(const struct sum_histogram *h, double percentile, int64_t low,
                         int64_t high) {
    int64_t l, u;
    histogram_range(h, percentile, &l, &u);
    CU_ASSERT_EQUAL(l, low);
    CU_ASSERT_EQUAL(u, high);
}

/* Of ten sums, 80 % may leave out one on each side, 79 % too, 81 % none; 60 % two; 40 % three. */
static void ranges_leave_out_half_on_each_side(void) {
    expect_range(&ten, 100, 0, 7);
    expect_range(&ten, 81, 0, 7);
    expect_range(&ten, 80, 0, 4);
    expect_range(&ten, 79, 0, 4);
    expect_range(&ten, 60, 0, 1);
    expect_range(&ten, 40, 1, 1);
    expect_range(&ten, 0, 1, 1);
    expect_range(&none, 100, 0, 0);
    expect_range(&sizeless, 50, 0, 0);
    uint64_t counts[] = {0, 0, 0, 7, 0, 0};
    expect_range(&(struct sum_histogram){6, counts}, 100, 3, 3);
    expect_range(&(struct sum_histogram){6, counts}, 50, 3, 3);
}

static void clipping_at_every_resolution(void) {
    double rates[HISTOGRAM_RESOLUTIONS];
    histogram_clipping(&ten, rates);
    CU_ASSERT_DOUBLE_EQUAL(rates[0], 0.7, 1e-15); /* above 0 */
    CU_ASSERT_DOUBLE_EQUAL(rates[1], 0.2, 1e-15); /* above 1 */
    CU_ASSERT_DOUBLE_EQUAL(rates[2], 0.2, 1e-15); /* above 3 */
    for (int bits = 3; bits <= 16; bits++)
        CU_ASSERT_EQUAL(rates[bits], 0);
    CU_ASSERT_DOUBLE_EQUAL(histogram_outside(&ten, 0.5, 6.5), 0.4, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(histogram_outside(&ten, 1, 4), 0.4, 1e-15);
    CU_ASSERT_EQUAL(histogram_outside(&ten, -INFINITY, INFINITY), 0);
    CU_ASSERT_EQUAL(histogram_outside(&none, 2, 1), 0);
}

static double sqnr(enum adc_transfer_choice choice, int bits, int64_t largest, int64_t bound) {
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer;
    struct diagnostic diag = {0};
    ASSERT_OK(adc_transfer_make(choice, bits, largest, bound, &arena, &transfer, &diag), diag);
    double db = histogram_sqnr_db(&ten, &transfer);
    arena_free(&arena);
    return db;
}

/* Signal 5*1 + 16 + 49 = 70. Two bits end at 3: errors 1 and 4, noise 1 + 16 = 17. One bit ends at
 * 1: noise 9 + 36. Full range of 9 at 2 bits, a step of 3: 1 -> 0, 4 -> 3, 7 -> 6, noise 5+1+1. */
static void signal_to_noise(void) {
    CU_ASSERT_DOUBLE_EQUAL(sqnr(ADC_TRANSFER_CLIP, 2, 8, 9), 10 * log10(70.0 / 17), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sqnr(ADC_TRANSFER_CLIP, 1, 8, 9), 10 * log10(70.0 / 45), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sqnr(ADC_TRANSFER_FULL_RANGE, 2, 8, 9), 10, 1e-12);
    CU_ASSERT_EQUAL(sqnr(ADC_TRANSFER_CLIP, 3, 8, 9), INFINITY); /* 7 is the largest seen */
    struct adc_transfer clip = {
        .kind = ADC_CLIP, .maximum = 1, .scale_numerator = 1, .scale_denominator = 1};
    CU_ASSERT(isnan(histogram_sqnr_db(&none, &clip)));
    uint64_t zeros[] = {12};
    CU_ASSERT(isnan(histogram_sqnr_db(&(struct sum_histogram){1, zeros}, &clip)));
}

static void values_of_codes(void) {
    static const int32_t table[] = {5, 5, 9};
    struct adc_transfer t = {.kind = ADC_TABLE,
                             .table = table,
                             .table_size = 3,
                             .scale_numerator = 1,
                             .scale_denominator = 4};
    CU_ASSERT_EQUAL(adc_transfer_value(&t, 0), 1.25);
    CU_ASSERT_EQUAL(adc_transfer_value(&t, 2), 2.25);
    CU_ASSERT_EQUAL(adc_transfer_value(&t, 70), 2.25); /* beyond the table: its last code */
    t = (struct adc_transfer){
        .kind = ADC_IDENTITY, .maximum = 3, .scale_numerator = 1, .scale_denominator = 1};
    CU_ASSERT_EQUAL(adc_transfer_value(&t, 3), 3);
    t.kind = ADC_CLIP;
    CU_ASSERT_EQUAL(adc_transfer_value(&t, 4), 3);
}

static const struct test_case cases[] = {
    {"moments", moments},
    {"ranges leave out half on each side", ranges_leave_out_half_on_each_side},
    {"clipping at every resolution", clipping_at_every_resolution},
    {"signal to noise", signal_to_noise},
    {"values of codes", values_of_codes},
    {NULL, NULL},
};
const struct test_suite suite_sum_histogram = {"sum_histogram", cases};
