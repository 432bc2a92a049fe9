/* Transfer functions against hand-made codes and a slow search for the nearest one. */
#include <stdio.h>
#include <string.h>

#include "peripherals/adc.h"
#include "tests/test.h"

static struct adc_transfer make(enum adc_transfer_choice choice, int bits, int64_t largest,
                                int64_t bound, struct arena *arena) {
    struct adc_transfer transfer = {0};
    struct diagnostic diag = {0};
    ASSERT_OK(adc_transfer_make(choice, bits, largest, bound, arena, &transfer, &diag), diag);
    return transfer;
}

static void clip_saturates_only_where_sums_exceed_the_codes(void) {
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer = make(ADC_TRANSFER_CLIP, 5, 32, 777, &arena);
    CU_ASSERT_EQUAL(transfer.kind, ADC_CLIP);
    CU_ASSERT_EQUAL(transfer.maximum, 31);
    CU_ASSERT(transfer.scale_numerator == 1 && transfer.scale_denominator == 1);
    CU_ASSERT_FALSE(adc_is_lossless(ADC_TRANSFER_CLIP, 5, 32, 777));
    transfer = make(ADC_TRANSFER_CLIP, 5, 31, 777, &arena);
    CU_ASSERT_EQUAL(transfer.kind, ADC_IDENTITY);
    CU_ASSERT_TRUE(adc_is_lossless(ADC_TRANSFER_CLIP, 5, 31, 777));
    transfer = make(ADC_TRANSFER_CLIP, 16, 1 << 20, 1 << 20, &arena);
    CU_ASSERT_EQUAL(transfer.maximum, 65535);
    transfer = make(ADC_TRANSFER_CLIP, 1, 0, 0, &arena);
    CU_ASSERT_EQUAL(transfer.kind, ADC_IDENTITY);
    CU_ASSERT_EQUAL(arena.bytes, 0);
    arena_free(&arena);
}

/* Bound 6 at 2 bits: code = S / 2, so every odd sum is a tie and goes to the even code. */
static void full_range_rounds_ties_to_even(void) {
    static const int32_t codes[] = {0, 0, 1, 2, 2, 2, 3};
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer = make(ADC_TRANSFER_FULL_RANGE, 2, 6, 6, &arena);
    CU_ASSERT_EQUAL(transfer.kind, ADC_TABLE);
    CU_ASSERT_EQUAL_FATAL(transfer.table_size, 7);
    CU_ASSERT_EQUAL(memcmp(transfer.table, codes, sizeof codes), 0);
    CU_ASSERT_EQUAL(transfer.scale_numerator, 6);
    CU_ASSERT_EQUAL(transfer.scale_denominator, 3);
    transfer = make(ADC_TRANSFER_FULL_RANGE, 1, 1, 2, &arena);
    CU_ASSERT(transfer.table[0] == 0 && transfer.table[1] == 0 && transfer.table[2] == 1);
    arena_free(&arena);
}

/* The code nearest to sum * maximum / bound by trying them all, the even one of two. */
static int64_t nearest_code(int64_t sum, int64_t maximum, int64_t bound) {
    int64_t best = 0, best_distance = INT64_MAX;
    for (int64_t code = 0; code <= maximum; code++) {
        int64_t distance = sum * maximum - code * bound;
        if (distance < 0)
            distance = -distance;
        if (distance < best_distance || (distance == best_distance && code % 2 == 0)) {
            best = code;
            best_distance = distance;
        }
    }
    return best;
}

/* 37 rows of c-bit cells and v-bit inputs, and some rounder sizes; 2 to 9 bits. */
static void full_range_gives_the_nearest_code(void) {
    static const int64_t bounds[] = {37 * 7 * 3, 37, 37 * 3, 128 * 3, 128 * 15, 62, 1022, 511};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        for (int bits = 2; bits <= 9; bits++) {
            struct arena arena = ARENA_INIT;
            int64_t bound = bounds[i], maximum = (1 << bits) - 1;
            struct adc_transfer transfer =
                make(ADC_TRANSFER_FULL_RANGE, bits, bound, bound, &arena);
            if (bound <= maximum) {
                CU_ASSERT_EQUAL(transfer.kind, ADC_IDENTITY);
                CU_ASSERT_EQUAL(transfer.scale_numerator, transfer.scale_denominator);
                continue;
            }
            int wrong = transfer.table_size != bound + 1;
            for (int64_t sum = 0; sum <= bound; sum++)
                wrong += transfer.table[sum] != nearest_code(sum, maximum, bound);
            CU_ASSERT_EQUAL(wrong, 0);
            CU_ASSERT_EQUAL(transfer.table[bound], maximum);
            arena_free(&arena);
        }
}

/* Python: round(Fraction(S * 31, 777)). */
static void full_range_of_37_rows_at_5_bits(void) {
    static const struct {
        int sum, code;
    } expected[] = {{0, 0},    {12, 0},   {13, 1},   {37, 1},   {38, 2},   {100, 4},
                    {388, 15}, {389, 16}, {500, 20}, {764, 30}, {765, 31}, {777, 31}};
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer = make(ADC_TRANSFER_FULL_RANGE, 5, 700, 777, &arena);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CU_ASSERT_EQUAL(transfer.table[expected[i].sum], expected[i].code);
    arena_free(&arena);
}

/* Under full_range nothing is lost only where the bound fits, whatever is programmed. */
static void full_range_is_lossless_by_its_bound_alone(void) {
    CU_ASSERT_TRUE(adc_is_lossless(ADC_TRANSFER_FULL_RANGE, 6, 5, 63));
    CU_ASSERT_FALSE(adc_is_lossless(ADC_TRANSFER_FULL_RANGE, 6, 5, 64));
    CU_ASSERT_TRUE(adc_is_lossless(ADC_TRANSFER_CLIP, 6, 63, 5000));
}

static void wrong_requests_are_refused(void) {
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(adc_transfer_make(ADC_TRANSFER_CLIP, 40, 9, 9, &arena, &transfer, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "ADC of 40 bits"));
    CU_ASSERT_EQUAL(adc_transfer_make(ADC_TRANSFER_CLIP, 0, 9, 9, &arena, &transfer, &diag),
                    STATUS_USAGE);
    CU_ASSERT_EQUAL(adc_transfer_make(ADC_TRANSFER_CLIP, 4, -1, 9, &arena, &transfer, &diag),
                    STATUS_INTERNAL);
    CU_ASSERT_EQUAL(adc_transfer_make(ADC_TRANSFER_FULL_RANGE, 4, 99, 98, &arena, &transfer, &diag),
                    STATUS_INTERNAL);
    CU_ASSERT_EQUAL(adc_transfer_make(ADC_TRANSFER_FULL_RANGE, 8, 99, INT64_C(4096) * 255 * 255,
                                      &arena, &transfer, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "sums up to 266342400"));
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "crossbar.rows"));
    arena_free(&arena);
}

static const struct test_case cases[] = {
    {"clip saturates only where sums exceed the codes",
     clip_saturates_only_where_sums_exceed_the_codes},
    {"full_range rounds ties to even", full_range_rounds_ties_to_even},
    {"full_range gives the nearest code", full_range_gives_the_nearest_code},
    {"full_range of 37 rows at 5 bits", full_range_of_37_rows_at_5_bits},
    {"full_range is lossless by its bound alone", full_range_is_lossless_by_its_bound_alone},
    {"wrong requests are refused", wrong_requests_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_adc_transfer = {"adc_transfer", cases};
