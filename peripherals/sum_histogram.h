/* Histogram of the partial sums of one layer, and what follows from it. Pure functions. */
#ifndef MHO_PERIPHERALS_SUM_HISTOGRAM_H
#define MHO_PERIPHERALS_SUM_HISTOGRAM_H

#include <stdint.h>

#include "crossbar/adc_transfer.h"

/* How often each sum S was converted: all conversions of columns with a programmed cell. */
struct sum_histogram {
    int64_t size;     /* sums 0..size-1 */
    uint64_t *counts; /* [size] */
};

struct sum_moments {
    double count;              /* conversions */
    double mean, variance;     /* of S; 0 where nothing was counted */
    double power;              /* E[S^2] */
    int64_t smallest, largest; /* that were seen; 0 and -1 where nothing was */
};
struct sum_moments histogram_moments(const struct sum_histogram *histogram);

/* The smallest range low..high that leaves out at most (100 - percentile) % of the sums, half of
 * that on each side; 100: the smallest and the largest. 0..0 for an empty histogram. */
void histogram_range(const struct sum_histogram *histogram, double percentile, int64_t *low,
                     int64_t *high);

/* Share of the sums below `low` or above `high`, 0..1; 0 for an empty histogram. */
double histogram_outside(const struct sum_histogram *histogram, double low, double high);

/* Clipping rate at every resolution: rates[b] is the share of sums above 2^b - 1, for b = 1..16;
 * rates[0] is the share above 0. */
enum { HISTOGRAM_RESOLUTIONS = 17 };
void histogram_clipping(const struct sum_histogram *histogram, double rates[HISTOGRAM_RESOLUTIONS]);

/* What the converter's code for `sum` stands for, in units of S. */
double adc_transfer_value(const struct adc_transfer *transfer, int64_t sum);

/* Signal-to-quantisation-noise ratio 10 log10(E[S^2] / E[(S - ADC(S))^2]) in dB. The signal is the
 * second moment about zero: what shift-and-add sums up is S, not its distance from a mean. INFINITY
 * where no sum that was seen is changed, NAN where there is no signal. */
double histogram_sqnr_db(const struct sum_histogram *histogram,
                         const struct adc_transfer *transfer);

#endif
