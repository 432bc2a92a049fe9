#include "peripherals/adc_fit.h"

#include <math.h>

#include "peripherals/adc_internal.h"
#include "peripherals/lloyd_max.h"

/* Binary places that keep sums up to `largest` within ADC_FIT_VALUE_BITS. */
static int fraction_bits(int64_t largest) {
    int bits = ADC_FIT_VALUE_BITS;
    while (largest << bits > INT64_C(1) << ADC_FIT_VALUE_BITS)
        bits--;
    return bits;
}

/* A code stands for at least one unit of S: a finer step would resolve nothing more. Codes left
 * over extend the range upwards, then downwards, so that 2^bits > largest_sum gives the identity.
 */
static void widen(int64_t codes, int64_t largest_sum, int64_t *low, int64_t *high) {
    if (*high - *low >= codes - 1)
        return;
    *high = *low + codes - 1;
    if (*high > largest_sum) {
        *high = largest_sum > codes - 1 ? largest_sum : codes - 1;
        *low = *high - (codes - 1);
    }
}

/* Code i stands for low + i (high - low) / (2^bits - 1). */
static void uniform_levels(const struct sum_histogram *histogram, double percentile,
                           int64_t largest_sum, const struct adc_fit *fit, int32_t *levels) {
    int64_t codes = INT64_C(1) << fit->bits, low, high;
    histogram_range(histogram, percentile, &low, &high);
    widen(codes, largest_sum, &low, &high);
    for (int64_t i = 0; i < codes; i++) {
        int64_t numerator = (low * (codes - 1) + i * (high - low)) << fit->fraction_bits;
        levels[i] = (int32_t)divide_half_even(numerator, codes - 1);
    }
}

static enum status optimum_levels(const struct sum_histogram *histogram, int64_t largest_sum,
                                  const struct adc_fit *fit, int32_t *levels,
                                  struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int n = 1 << fit->bits;
    double *reals = ARENA_NEW(&arena, n, double);
    enum status status = reals != NULL ? STATUS_OK : FAIL_MEMORY(diag, "fitting an ADC");
    if (status == STATUS_OK)
        status = lloyd_max_levels(histogram, largest_sum, n, reals, diag);
    for (int i = 0; i < n && status == STATUS_OK; i++)
        levels[i] = (int32_t)lrint(ldexp(reals[i], fit->fraction_bits));
    arena_free(&arena);
    return status;
}

enum status adc_fit_make(enum adc_transfer_choice choice, int bits, double percentile,
                         int64_t largest_sum, const struct sum_histogram *histogram,
                         struct arena *arena, struct adc_fit *fit, struct diagnostic *diag) {
    if (bits < 1 || bits > ADC_BITS_MAX || largest_sum < INT64_C(1) << bits)
        return FAIL(diag, STATUS_INTERNAL, "no ADC of %d bits is fitted to sums up to %lld", bits,
                    (long long)largest_sum);
    if (largest_sum > INT64_C(1) << ADC_FIT_VALUE_BITS)
        return FAIL(diag, STATUS_USAGE,
                    "adc.transfer calibrated, nonuniform: sums up to %lld are more than the %d "
                    "that can be fitted; lower crossbar.rows, crossbar.cell_bits or dac.bits",
                    (long long)largest_sum, 1 << ADC_FIT_VALUE_BITS);
    int32_t *levels = ARENA_NEW(arena, INT64_C(1) << bits, int32_t);
    if (levels == NULL)
        return FAIL_MEMORY(diag, "the levels of an ADC");
    *fit = (struct adc_fit){
        .bits = bits, .fraction_bits = fraction_bits(largest_sum), .levels = levels};
    if (choice == ADC_TRANSFER_NONUNIFORM)
        return optimum_levels(histogram, largest_sum, fit, levels, diag);
    uniform_levels(histogram, percentile, largest_sum, fit, levels);
    return STATUS_OK;
}

enum status adc_fit_transfer(const struct adc_fit *fit, int64_t largest_sum, struct arena *arena,
                             struct adc_transfer *transfer, struct diagnostic *diag) {
    int32_t *table = ARENA_NEW(arena, largest_sum + 1, int32_t);
    if (table == NULL)
        return FAIL_MEMORY(diag, "an ADC transfer table");
    int code = 0, last = (1 << fit->bits) - 1;
    for (int64_t sum = 0; sum <= largest_sum; sum++) {
        int64_t twice = sum << (fit->fraction_bits + 1);
        for (; code < last; code++) {
            int64_t between = (int64_t)fit->levels[code] + fit->levels[code + 1];
            if (twice < between || (twice == between && code % 2 == 0))
                break;
        }
        table[sum] = fit->levels[code];
    }
    *transfer = (struct adc_transfer){
        .kind = ADC_TABLE,
        .maximum = fit->levels[last],
        .table = table,
        .table_size = (int32_t)(largest_sum + 1),
        .scale_numerator = 1,
        .scale_denominator = INT64_C(1) << fit->fraction_bits,
    };
    return STATUS_OK;
}

void adc_resolved_range(enum adc_transfer_choice choice, int bits, const struct adc_fit *fit,
                        double *low, double *high) {
    *low = choice == ADC_TRANSFER_FULL_RANGE ? -INFINITY : 0;
    *high = choice == ADC_TRANSFER_FULL_RANGE ? INFINITY : ldexp(1, bits) - 1;
    if (fit == NULL)
        return;
    const int32_t *first = fit->levels, *last = fit->levels + (1 << fit->bits) - 1;
    *low = ldexp(1.5 * first[0] - 0.5 * first[1], -fit->fraction_bits);
    *high = ldexp(1.5 * last[0] - 0.5 * last[-1], -fit->fraction_bits);
}
