/* Errors of converters: offset, gain and non-linearity, drawn once per converter; thermal noise,
 * drawn by the caller at every conversion.
 *
 * Everything is in LSB referred to the input: an analog sum of s LSB becomes the code
 *     number of thresholds below s + thermal_noise z        (0 .. 2^bits - 1)
 * An ideal converter has its thresholds at k - 0.5, k = 1 .. 2^bits - 1. */
#ifndef MHO_PERIPHERALS_ADC_ERRORS_H
#define MHO_PERIPHERALS_ADC_ERRORS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/base.h"

/* Part of struct adc_options; all 0: ideal. Non-linearity is that between the first and the last
 * threshold (IEEE 1241, terminal based), so a 1-bit converter has none. */
struct adc_error_options {
    double offset_sigma;  /* LSB, over converters */
    double gain_sigma;    /* relative, over converters */
    double thermal_noise; /* LSB rms, of each conversion */
    double inl;       /* LSB at mid scale, a parabola, the same in all converters; either sign */
    double dnl_sigma; /* LSB, of the width of each code between the terminals */
};

/* One converter. */
struct adc_error {
    double gain, offset;    /* the converter sees gain * s + offset; gain > 0 */
    int n_thresholds;       /* 2^bits - 1 */
    const float *threshold; /* [n_thresholds], rising; gain, offset and non-linearity included */
    bool even; /* no non-linearity: the thresholds are (k - 0.5 - offset) / gain, rounded */
};

/* True when thresholds and conversions are exactly those of an ideal converter. */
bool adc_errors_are_none(const struct adc_error_options *options);

/* True when converters or conversions differ from one set of random streams to another: anything
 * but a common bow. */
bool adc_errors_are_random(const struct adc_error_options *options);

/* Draws one converter of 1..16 bits. `key` names its stream (random_key of seed, trial, layer,
 * array, converter); offset, gain and widths are the same draws whatever their strengths.
 * Thresholds that would pass each other are put in order, which no count of them notices. They lie
 * in `arena`. */
enum status adc_errors_draw(const struct adc_error_options *options, int bits, uint64_t key,
                            struct arena *arena, struct adc_error *error, struct diagnostic *diag);

#endif
