/* Drawing converters: offset, gain, and where their thresholds lie. */
#include "peripherals/adc_errors.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort_float.h>
#include <math.h>

#include "peripherals/adc.h"
#include "sim/base/random.h"

/* Far beyond five standard deviations of the largest spread; a gain must be positive. */
static const double gain_min = 0.01;

enum part { PART_TERMINALS, PART_WIDTHS };

bool adc_errors_are_none(const struct adc_error_options *options) {
    return options->offset_sigma == 0 && options->gain_sigma == 0 && options->thermal_noise == 0 &&
           options->inl == 0 && options->dnl_sigma == 0;
}

bool adc_errors_are_random(const struct adc_error_options *options) {
    return options->offset_sigma > 0 || options->gain_sigma > 0 || options->thermal_noise > 0 ||
           options->dnl_sigma > 0;
}

static double normal(struct random_stream *stream, double sigma) {
    return sigma * gsl_ran_gaussian_ziggurat(&stream->gsl, 1);
}

/* The sum of the errors of all widths: the stream is run through once for it, and again for the
 * thresholds, instead of being kept. */
static double sum_widths(const struct adc_error_options *options, int n, uint64_t key) {
    struct random_stream stream;
    double sum = 0;
    random_open(&stream, RANDOM_KEY(key, PART_WIDTHS));
    for (int k = 1; k < n && options->dnl_sigma > 0; k++)
        sum += normal(&stream, options->dnl_sigma);
    return sum;
}

/* Threshold k of n lies at k - 0.5, plus the sum of the widths' errors below it less their mean,
 * plus the parabola; seen from the input of a converter with offset and gain. */
static void place(const struct adc_error_options *options, uint64_t key,
                  const struct adc_error *error, float *threshold) {
    struct random_stream stream;
    int n = error->n_thresholds;
    double total = sum_widths(options, n, key), walk = 0;
    bool rising = true;
    random_open(&stream, RANDOM_KEY(key, PART_WIDTHS));
    for (int k = 1; k <= n; k++) {
        double t = n > 1 ? (double)(k - 1) / (n - 1) : 0;
        double at = k - 0.5 + (walk - t * total) + options->inl * 4 * t * (1 - t);
        threshold[k - 1] = (float)((at - error->offset) / error->gain);
        rising = rising && (k == 1 || threshold[k - 2] <= threshold[k - 1]);
        if (options->dnl_sigma > 0)
            walk += normal(&stream, options->dnl_sigma);
    }
    if (!rising)
        gsl_sort_float(threshold, 1, (size_t)n);
}

enum status adc_errors_draw(const struct adc_error_options *options, int bits, uint64_t key,
                            struct arena *arena, struct adc_error *error, struct diagnostic *diag) {
    if (bits < 1 || bits > ADC_BITS_MAX)
        return FAIL(diag, STATUS_USAGE,
                    "an ADC of %d bits cannot be simulated: 1 to %d are possible", bits,
                    ADC_BITS_MAX);
    int n = (1 << bits) - 1;
    float *threshold = ARENA_NEW(arena, n, float);
    if (threshold == NULL)
        return FAIL_MEMORY(diag, "the thresholds of an ADC");
    struct random_stream stream;
    random_open(&stream, RANDOM_KEY(key, PART_TERMINALS));
    double offset = normal(&stream, options->offset_sigma);
    double gain = fmax(1 + normal(&stream, options->gain_sigma), gain_min);
    *error = (struct adc_error){
        .gain = gain,
        .offset = offset,
        .n_thresholds = n,
        .threshold = threshold,
        .even = n == 1 || (options->dnl_sigma == 0 && options->inl == 0),
    };
    place(options, key, error, threshold);
    return STATUS_OK;
}
