/* Fitted converters: levels and tables by hand and against a slow search. */
#include "peripherals/adc_fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/malloc_fail.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { F_OF_100 = 15 }; /* 100 * 2^15 < 2^22 < 100 * 2^16 */

static struct adc_fit fit_of(enum adc_transfer_choice choice, int bits, double percentile,
                             int64_t largest, const struct sum_histogram *h, struct arena *arena) {
    struct adc_fit fit = {0};
    struct diagnostic diag = {0};
    ASSERT_OK(adc_fit_make(choice, bits, percentile, largest, h, arena, &fit, &diag), diag);
    return fit;
}

static struct adc_transfer table_of(const struct adc_fit *fit, int64_t largest,
                                    struct arena *arena) {
    struct adc_transfer transfer = {0};
    struct diagnostic diag = {0};
    ASSERT_OK(adc_fit_transfer(fit, largest, arena, &transfer, &diag), diag);
    CU_ASSERT_EQUAL(transfer.kind, ADC_TABLE);
    CU_ASSERT_EQUAL(transfer.table_size, largest + 1);
    CU_ASSERT_EQUAL(transfer.scale_numerator, 1);
    CU_ASSERT_EQUAL(transfer.scale_denominator, INT64_C(1) << fit->fraction_bits);
    return transfer;
}

/* Sums 2..32 seen, 4 codes: 2, 12, 22, 32; ties at 7, 17 and 27 go to the even codes. */
static void calibrated_by_hand(void) {
    struct arena arena = ARENA_INIT;
    uint64_t counts[101] = {[2] = 7, [9] = 4, [32] = 1};
    struct sum_histogram h = {101, counts};
    struct adc_fit fit = fit_of(ADC_TRANSFER_CALIBRATED, 2, 100, 100, &h, &arena);
    CU_ASSERT_EQUAL(fit.fraction_bits, F_OF_100);
    for (int code = 0; code < 4; code++)
        CU_ASSERT_EQUAL(fit.levels[code], (2 + 10 * code) << F_OF_100);
    struct adc_transfer t = table_of(&fit, 100, &arena);
    static const struct {
        int sum, value;
    } expected[] = {{0, 2},   {2, 2},   {6, 2},   {7, 2},   {8, 12},  {16, 12},
                    {17, 22}, {22, 22}, {27, 22}, {28, 32}, {100, 32}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CU_ASSERT_EQUAL(t.table[expected[i].sum], expected[i].value << F_OF_100);
    double low, high;
    adc_resolved_range(ADC_TRANSFER_CALIBRATED, 2, &fit, &low, &high);
    CU_ASSERT(low == -3 && high == 37);
    arena_free(&arena);
}

/* Fewer sums in the range than codes: one unit a code, spare codes above, then below. */
static void a_step_is_at_least_one_unit(void) {
    struct arena arena = ARENA_INIT;
    uint64_t counts[21] = {[5] = 3, [9] = 3};
    struct sum_histogram h = {21, counts};
    struct adc_fit fit = fit_of(ADC_TRANSFER_CALIBRATED, 3, 100, 20, &h, &arena);
    CU_ASSERT_EQUAL(fit.levels[0], 5 << fit.fraction_bits);
    CU_ASSERT_EQUAL(fit.levels[7], 12 << fit.fraction_bits);
    fit = fit_of(ADC_TRANSFER_CALIBRATED, 3, 100, 10, &h, &arena);
    CU_ASSERT_EQUAL(fit.levels[0], 3 << fit.fraction_bits);
    CU_ASSERT_EQUAL(fit.levels[7], 10 << fit.fraction_bits);
    fit = fit_of(ADC_TRANSFER_CALIBRATED, 3, 100, 8, &h, &arena);
    CU_ASSERT_EQUAL(fit.levels[0], 1 << fit.fraction_bits);
    arena_free(&arena);
}

/* The even code of the nearest values low + code (high - low) / (codes - 1), in exact integers. */
static int nearest(int64_t sum, int64_t low, int64_t high, int64_t codes) {
    int best = 0;
    int64_t least = INT64_MAX;
    for (int code = 0; code < codes; code++) {
        int64_t distance = (sum - low) * (codes - 1) - code * (high - low);
        distance = distance < 0 ? -distance : distance;
        if (distance < least || (distance == least && code % 2 == 0)) {
            least = distance;
            best = code;
        }
    }
    return best;
}

/* Awkward ranges; the table's values stand for the code that exact arithmetic gives. */
static void calibrated_against_exact_codes(void) {
    struct test_random random = {77};
    for (int trial = 0; trial < 60; trial++) {
        struct arena arena = ARENA_INIT;
        int bits = 1 + (int)test_random_below(&random, 7);
        int64_t codes = INT64_C(1) << bits, low = test_random_below(&random, 40);
        int64_t high = low + codes + test_random_below(&random, 500);
        uint64_t counts[800] = {0};
        counts[low] = counts[high] = 1;
        struct sum_histogram h = {800, counts};
        struct adc_fit fit = fit_of(ADC_TRANSFER_CALIBRATED, bits, 100, 799, &h, &arena);
        struct adc_transfer t = table_of(&fit, 799, &arena);
        int wrong = 0;
        for (int64_t s = 0; s < 800; s++) {
            double value = (double)low + (double)nearest(s, low, high, codes) *
                                             (double)(high - low) / (double)(codes - 1);
            wrong += fabs(adc_transfer_value(&t, s) - value) > ldexp(0.5, -fit.fraction_bits);
        }
        CU_ASSERT_EQUAL(wrong, 0);
        arena_free(&arena);
    }
}

static void percentiles_narrow_the_range(void) {
    struct arena arena = ARENA_INIT;
    uint64_t counts[101];
    for (int s = 0; s <= 100; s++)
        counts[s] = s == 0 || s == 100 ? 1 : 10;
    struct sum_histogram h = {101, counts};
    struct adc_fit fit = fit_of(ADC_TRANSFER_CALIBRATED, 1, 100, 100, &h, &arena);
    CU_ASSERT(fit.levels[0] == 0 && fit.levels[1] == 100 << F_OF_100);
    fit = fit_of(ADC_TRANSFER_CALIBRATED, 1, 99.5, 100, &h, &arena);
    CU_ASSERT(fit.levels[0] == 1 << F_OF_100 && fit.levels[1] == 99 << F_OF_100);
    arena_free(&arena);
}

/* 10 x 0, 3 x 1, 1 x 5, 2 x 8: levels 0 and 7, the threshold at 3.5; {1, 5, 8} would be 4.67. */
static void nonuniform_by_hand(void) {
    struct arena arena = ARENA_INIT;
    uint64_t counts[] = {10, 3, 0, 0, 0, 1, 0, 0, 2};
    struct sum_histogram h = {9, counts};
    struct adc_fit fit = fit_of(ADC_TRANSFER_NONUNIFORM, 1, 100, 8, &h, &arena);
    CU_ASSERT_EQUAL(fit.fraction_bits, 19);
    CU_ASSERT_EQUAL(fit.levels[0], 0);
    CU_ASSERT_EQUAL(fit.levels[1], 7 << 19);
    struct adc_transfer t = table_of(&fit, 8, &arena);
    for (int s = 0; s <= 8; s++)
        CU_ASSERT_EQUAL(t.table[s], fit.levels[s > 3]);
    double low, high;
    adc_resolved_range(ADC_TRANSFER_NONUNIFORM, 1, &fit, &low, &high);
    CU_ASSERT(low == -3.5 && high == 10.5);
    counts[5] = 0;
    counts[8] = 1;
    counts[7] = 2; /* (8 + 14) / 3 = 7.33, 3844778.7 / 2^19 */
    fit = fit_of(ADC_TRANSFER_NONUNIFORM, 1, 100, 8, &h, &arena);
    CU_ASSERT_EQUAL(fit.levels[1], 3844779);
    arena_free(&arena);
}

/* Nothing fits better than Lloyd-Max: neither clip nor calibrated at any percentile. */
static void nonuniform_has_the_least_noise(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    uint64_t counts[385];
    for (int s = 0; s <= 384; s++)
        counts[s] = (uint64_t)(1e7 * exp(-s / 9.0)) + (s < 200);
    struct sum_histogram h = {385, counts};
    for (int bits = 2; bits <= 6; bits++) {
        struct adc_fit fit = fit_of(ADC_TRANSFER_NONUNIFORM, bits, 100, 384, &h, &arena);
        struct adc_transfer best = table_of(&fit, 384, &arena), other;
        double db = histogram_sqnr_db(&h, &best);
        ASSERT_OK(adc_transfer_make(ADC_TRANSFER_CLIP, bits, 384, 384, &arena, &other, &diag),
                  diag);
        CU_ASSERT(db > histogram_sqnr_db(&h, &other));
        for (double percentile = 90; percentile <= 100; percentile += 0.5) {
            fit = fit_of(ADC_TRANSFER_CALIBRATED, bits, percentile, 384, &h, &arena);
            other = table_of(&fit, 384, &arena);
            CU_ASSERT(db > histogram_sqnr_db(&h, &other));
        }
    }
    arena_free(&arena);
}

static void values_never_exceed_their_bits(void) {
    static const int64_t largest[] = {2, 3, 255, 256, 97920, (1 << 22) - 1, 1 << 22};
    uint64_t counts[] = {1, 1, 1};
    struct sum_histogram h = {3, counts};
    for (size_t i = 0; i < sizeof largest / sizeof *largest; i++) {
        struct arena arena = ARENA_INIT;
        struct adc_fit fit = fit_of(ADC_TRANSFER_CALIBRATED, 1, 100, largest[i], &h, &arena);
        CU_ASSERT(largest[i] << fit.fraction_bits <= 1 << ADC_FIT_VALUE_BITS);
        CU_ASSERT(largest[i] << (fit.fraction_bits + 1) > 1 << ADC_FIT_VALUE_BITS);
        arena_free(&arena);
    }
}

/* As under clip: a code for each sum exactly where there are enough. */
static void enough_codes_are_the_identity(void) {
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer;
    struct diagnostic diag = {0};
    for (int choice = ADC_TRANSFER_CALIBRATED; choice <= ADC_TRANSFER_NONUNIFORM; choice++) {
        CU_ASSERT_TRUE(adc_is_fitted((enum adc_transfer_choice)choice));
        CU_ASSERT_TRUE(adc_is_lossless((enum adc_transfer_choice)choice, 5, 31, 777));
        CU_ASSERT_FALSE(adc_is_lossless((enum adc_transfer_choice)choice, 5, 32, 777));
        ASSERT_OK(adc_transfer_make((enum adc_transfer_choice)choice, 5, 31, 777, &arena, &transfer,
                                    &diag),
                  diag);
        CU_ASSERT_EQUAL(transfer.kind, ADC_IDENTITY);
        CU_ASSERT_EQUAL(adc_transfer_make((enum adc_transfer_choice)choice, 5, 32, 777, &arena,
                                          &transfer, &diag),
                        STATUS_INTERNAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "was not fitted"));
    }
    CU_ASSERT_FALSE(adc_is_fitted(ADC_TRANSFER_CLIP));
    CU_ASSERT_FALSE(adc_is_fitted(ADC_TRANSFER_FULL_RANGE));
    arena_free(&arena);
}

static void resolved_ranges(void) {
    double low, high;
    adc_resolved_range(ADC_TRANSFER_CLIP, 5, NULL, &low, &high);
    CU_ASSERT(low == 0 && high == 31);
    adc_resolved_range(ADC_TRANSFER_FULL_RANGE, 5, NULL, &low, &high);
    CU_ASSERT(low == -INFINITY && high == INFINITY);
}

static void refusals(void) {
    struct arena arena = ARENA_INIT;
    struct adc_fit fit;
    struct diagnostic diag = {0};
    uint64_t counts[] = {1, 1, 1};
    struct sum_histogram h = {3, counts};
    const enum adc_transfer_choice choice = ADC_TRANSFER_CALIBRATED;
    CU_ASSERT_EQUAL(adc_fit_make(choice, 17, 100, 1 << 20, &h, &arena, &fit, &diag),
                    STATUS_INTERNAL);
    CU_ASSERT_EQUAL(adc_fit_make(choice, 0, 100, 9, &h, &arena, &fit, &diag), STATUS_INTERNAL);
    CU_ASSERT_EQUAL(adc_fit_make(choice, 4, 100, 15, &h, &arena, &fit, &diag), STATUS_INTERNAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "no ADC of 4 bits is fitted to sums up to 15"));
    CU_ASSERT_EQUAL(adc_fit_make(choice, 4, 100, (1 << 22) + 1, &h, &arena, &fit, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "sums up to 4194305 are more than the 4194304"));
    arena_free(&arena);
}

/* Every allocation of both transfers fails once: told each time, until one goes through. */
static void short_memory(void) {
    uint64_t counts[2000];
    for (int s = 0; s < 2000; s++)
        counts[s] = (uint64_t)(2000 - s);
    const struct sum_histogram h = {2000, counts};
    if (!malloc_fail_works()) {
        fprintf(stderr, " skipped: allocations cannot be made to fail");
        return;
    }
    enum status status = STATUS_MEMORY;
    int failures = 0;
    for (long n = 1; n < 100 && status == STATUS_MEMORY; n++) {
        struct arena arena = ARENA_INIT;
        struct adc_fit fit;
        struct adc_transfer transfer;
        struct diagnostic diag = {0};
        malloc_fail_at(n);
        status = adc_fit_make(ADC_TRANSFER_NONUNIFORM, 4, 100, 1999, &h, &arena, &fit, &diag);
        if (status == STATUS_OK)
            status = adc_fit_transfer(&fit, 1999, &arena, &transfer, &diag);
        bool failed = malloc_fail_end();
        CU_ASSERT_EQUAL(failed, status == STATUS_MEMORY);
        failures += failed;
        arena_free(&arena);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(failures > 3);
}

static const struct test_case cases[] = {
    {"calibrated by hand", calibrated_by_hand},
    {"a step is at least one unit", a_step_is_at_least_one_unit},
    {"calibrated against exact codes", calibrated_against_exact_codes},
    {"percentiles narrow the range", percentiles_narrow_the_range},
    {"nonuniform by hand", nonuniform_by_hand},
    {"nonuniform has the least noise", nonuniform_has_the_least_noise},
    {"values never exceed their bits", values_never_exceed_their_bits},
    {"enough codes are the identity", enough_codes_are_the_identity},
    {"resolved ranges", resolved_ranges},
    {"refusals", refusals},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_adc_fit = {"adc_fit", cases};
