/* Converters fitted to the partial sums of calibration images: the transfers `calibrated` and
 * `nonuniform` (docs/adc.md).
 *
 * Order of calls: adc_fit_make with a layer's histogram, then adc_fit_transfer for the table that
 * kernels read. Where 2^bits codes suffice for every sum 0..largest_sum no fit is needed: the
 * converter is the identity (adc_is_lossless). */
#ifndef MHO_PERIPHERALS_ADC_FIT_H
#define MHO_PERIPHERALS_ADC_FIT_H

#include "peripherals/adc.h"
#include "peripherals/sum_histogram.h"
#include "sim/base/base.h"

/* Values of table entries stay within +-2^22: factors of 2^8 more fit 32 bits. */
enum { ADC_FIT_VALUE_BITS = 22 };

/* What a converter's codes stand for. A sum gets the code of the nearest level, the even code of
 * two; so thresholds lie midway between levels. */
struct adc_fit {
    int bits;
    int fraction_bits;     /* f: levels are in units of 2^-f */
    const int32_t *levels; /* [2^bits], ascending */
};

/* Fits a converter of `bits` bits with the transfer `choice` (calibrated or nonuniform) to a
 * histogram of one layer's sums, none of which can exceed `largest_sum` >= 2^bits. `percentile`:
 * adc.percentile, for calibrated. The levels lie in `arena`. */
enum status adc_fit_make(enum adc_transfer_choice choice, int bits, double percentile,
                         int64_t largest_sum, const struct sum_histogram *histogram,
                         struct arena *arena, struct adc_fit *fit, struct diagnostic *diag);

/* The fit as a table over the sums 0..largest_sum, in `arena`; scale 1 / 2^f. */
enum status adc_fit_transfer(const struct adc_fit *fit, int64_t largest_sum, struct arena *arena,
                             struct adc_transfer *transfer, struct diagnostic *diag);

/* Range of sums low..high that a converter resolves; what lies outside is clipped. For clip,
 * 0..2^bits-1; for full_range, everything; for a fit, half a step beyond its outermost levels.
 * `fit` NULL: the converter needs none. */
void adc_resolved_range(enum adc_transfer_choice choice, int bits, const struct adc_fit *fit,
                        double *low, double *high);

#endif
