/* Transfer functions: what code a converter gives for each integer sum (DESIGN.md, ADC transfer).
 */
#include "peripherals/adc.h"
#include "peripherals/adc_internal.h"

/* Largest table that is built: 2^26 sums, 256 MB. Only crossbars of thousands of rows with
 * multi-bit cells and inputs come near it. */
enum { TABLE_MAX = 1 << 26 };

static int64_t largest_code(int bits) {
    return (INT64_C(1) << bits) - 1;
}

int64_t divide_half_even(int64_t numerator, int64_t denominator) {
    int64_t quotient = numerator / denominator;
    int64_t twice_rest = 2 * (numerator % denominator);
    if (twice_rest > denominator || (twice_rest == denominator && quotient % 2 != 0))
        quotient++;
    return quotient;
}

static enum status full_range_table(int bits, int64_t bound, struct arena *arena,
                                    struct adc_transfer *transfer, struct diagnostic *diag) {
    if (bound >= TABLE_MAX)
        return FAIL(diag, STATUS_USAGE,
                    "adc.transfer full_range: sums up to %lld are more than the %d that can be "
                    "tabulated; lower crossbar.rows, crossbar.cell_bits or dac.bits",
                    (long long)bound, TABLE_MAX - 1);
    int32_t *table = ARENA_NEW(arena, bound + 1, int32_t);
    if (table == NULL)
        return FAIL_MEMORY(diag, "an ADC transfer table");
    int64_t maximum = largest_code(bits);
    for (int64_t sum = 0; sum <= bound; sum++)
        table[sum] = (int32_t)divide_half_even(sum * maximum, bound);
    *transfer = (struct adc_transfer){
        .kind = ADC_TABLE,
        .maximum = (int32_t)maximum,
        .table = table,
        .table_size = (int32_t)(bound + 1),
        .scale_numerator = bound,
        .scale_denominator = maximum,
    };
    return STATUS_OK;
}

enum status adc_transfer_make(enum adc_transfer_choice choice, int bits, int64_t largest_sum,
                              int64_t bound, struct arena *arena, struct adc_transfer *transfer,
                              struct diagnostic *diag) {
    if (bits < 1 || bits > ADC_BITS_MAX)
        return FAIL(diag, STATUS_USAGE,
                    "an ADC of %d bits cannot be simulated: 1 to %d are possible", bits,
                    ADC_BITS_MAX);
    if (largest_sum < 0 || (choice == ADC_TRANSFER_FULL_RANGE && largest_sum > bound))
        return FAIL(diag, STATUS_INTERNAL, "ADC transfer: largest sum %lld outside 0..%lld",
                    (long long)largest_sum, (long long)bound);
    *transfer = (struct adc_transfer){
        .kind = ADC_IDENTITY,
        .maximum = (int32_t)largest_code(bits),
        .scale_numerator = 1,
        .scale_denominator = 1,
    };
    if (adc_is_lossless(choice, bits, largest_sum, bound))
        return STATUS_OK;
    if (choice == ADC_TRANSFER_FULL_RANGE)
        return full_range_table(bits, bound, arena, transfer, diag);
    if (adc_is_fitted(choice))
        return FAIL(diag, STATUS_INTERNAL, "an ADC with the transfer %s was not fitted",
                    adc_transfer_names[choice]);
    transfer->kind = ADC_CLIP;
    return STATUS_OK;
}

bool adc_is_fitted(enum adc_transfer_choice choice) {
    return choice == ADC_TRANSFER_CALIBRATED || choice == ADC_TRANSFER_NONUNIFORM;
}

bool adc_is_lossless(enum adc_transfer_choice choice, int bits, int64_t largest_sum,
                     int64_t bound) {
    return (choice == ADC_TRANSFER_FULL_RANGE ? bound : largest_sum) <= largest_code(bits);
}
