/* Weights of one filter as integers times a scale: uniform, powers of two, ternary, binary. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/network.h"

enum status network_weight_format(const struct quantization_options *options,
                                  struct weight_format *format, struct diagnostic *diag) {
    bool model = options->weight_bits == QUANTIZATION_MODEL;
    *format = (struct weight_format){.grid = (enum weight_grid)options->weights,
                                     .bits = model ? 8 : options->weight_bits};
    if (format->grid != WEIGHTS_TERNARY && format->grid != WEIGHTS_BINARY)
        return STATUS_OK;
    if (!model && format->bits != 2)
        return FAIL(diag, STATUS_USAGE,
                    "quantization.weight_bits = %d has no effect on quantization.weights = %s, "
                    "which has 2 bits: leave it out",
                    format->bits, format->grid == WEIGHTS_TERNARY ? "ternary" : "binary");
    format->bits = 2;
    return STATUS_OK;
}

static float largest_magnitude(const float *weights, size_t rows) {
    float largest = 0;
    for (size_t r = 0; r < rows; r++)
        largest = fmaxf(largest, fabsf(weights[r]));
    return largest;
}

static void uniform(const float *weights, size_t rows, int bits, int16_t *codes, float *scale) {
    int levels = (1 << (bits - 1)) - 1;
    *scale = largest_magnitude(weights, rows) / (float)levels;
    for (size_t r = 0; r < rows; r++) {
        float code = *scale > 0 ? rintf(weights[r] / *scale) : 0;
        codes[r] = (int16_t)fmaxf(fminf(code, (float)levels), (float)-levels);
    }
}

/* The nearest of 0, 1, 2, 4, ..., top to `magnitude` (>= 0), the smaller one of two as near. */
static int nearest_power(float magnitude, int top) {
    if (magnitude <= 0.5F)
        return 0;
    int power = 1;
    while (power < top && magnitude > 1.5F * (float)power)
        power *= 2;
    return power;
}

int network_nearest_code(const struct weight_format *format, float value) {
    bool powers = format->grid == WEIGHTS_POWER_OF_TWO && format->bits > 2;
    if (format->grid == WEIGHTS_BINARY)
        return value < 0 ? -1 : 1;
    if (powers) {
        int code = nearest_power(fabsf(value), 1 << (format->bits - 2));
        return value < 0 ? -code : code;
    }
    float levels = (float)((1 << (format->bits - 1)) - 1);
    return (int)fmaxf(fminf(rintf(value), levels), -levels);
}

/* Alternates nearest codes and the scale of least squares for them, from `*scale`; returns the
 * squared error. */
static double alternate(const float *weights, size_t rows, int top, int16_t *codes, float *scale) {
    double error = INFINITY;
    for (int round = 0; round < 100; round++) {
        double product = 0, square = 0, now = 0;
        for (size_t r = 0; r < rows; r++) {
            float magnitude = fabsf(weights[r]);
            int code = nearest_power(magnitude / *scale, top);
            codes[r] = (int16_t)(weights[r] < 0 ? -code : code);
            product += (double)magnitude * code;
            square += (double)code * code;
            now += ((double)magnitude - (double)*scale * code) *
                   ((double)magnitude - (double)*scale * code);
        }
        if (!(now < error) || square == 0)
            return now < error ? now : error;
        error = now;
        *scale = (float)(product / square);
    }
    return error;
}

/* Scales a factor of 2 apart differ at the ends of the grid alone: starts lie within and just below
 * one such factor. */
static enum status power_of_two(const float *weights, size_t rows, int bits, int16_t *codes,
                                float *scale, struct diagnostic *diag) {
    static const float starts[] = {1.4F, 1.2F, 1.05F, 0.92F, 0.8F, 0.7F, 0.61F, 0.53F, 0.46F, 0.4F};
    int top = 1 << (bits - 2);
    float largest = largest_magnitude(weights, rows);
    double best = INFINITY;
    *scale = 0;
    memset(codes, 0, rows * sizeof *codes);
    if (largest <= FLT_MIN * (float)top)
        return STATUS_OK;
    int16_t *trial = malloc(rows * sizeof *trial);
    if (trial == NULL)
        return FAIL_MEMORY(diag, "quantised weights");
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
        float from = starts[s] * largest / (float)top;
        double error = alternate(weights, rows, top, trial, &from);
        if (error < best) {
            best = error;
            *scale = from;
            memcpy(codes, trial, rows * sizeof *codes);
        }
    }
    free(trial);
    return STATUS_OK;
}

static int descending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* The k largest magnitudes become +-1. With the best scale for them, their mean, the squared error
 * is the sum of all squares less (their sum)^2 / k (Li et al., arXiv 1605.04711, eq. 5). */
static enum status ternary(const float *weights, size_t rows, int16_t *codes, float *scale,
                           struct diagnostic *diag) {
    float *sorted = malloc((rows > 0 ? rows : 1) * sizeof *sorted);
    if (sorted == NULL)
        return FAIL_MEMORY(diag, "quantised weights");
    double sum = 0, best = -1, least = INFINITY;
    *scale = 0;
    for (size_t r = 0; r < rows; r++)
        sorted[r] = fabsf(weights[r]);
    qsort(sorted, rows, sizeof *sorted, descending);
    for (size_t k = 1; k <= rows && sorted[k - 1] > 0; k++) {
        sum += sorted[k - 1];
        /* Equal magnitudes go together. */
        if ((k == rows || sorted[k] < sorted[k - 1]) && sum * sum / (double)k > best) {
            best = sum * sum / (double)k;
            least = sorted[k - 1];
            *scale = (float)(sum / (double)k);
        }
    }
    free(sorted);
    for (size_t r = 0; r < rows; r++)
        codes[r] = (int16_t)(fabsf(weights[r]) < least ? 0 : weights[r] < 0 ? -1 : 1);
    return STATUS_OK;
}

/* Signs with the mean magnitude (XNOR-Net, arXiv 1603.05279, eq. 6); a weight of 0 is pruned. */
static void binary(const float *weights, size_t rows, int16_t *codes, float *scale) {
    double sum = 0;
    size_t nonzero = 0;
    for (size_t r = 0; r < rows; r++) {
        codes[r] = (int16_t)((weights[r] > 0) - (weights[r] < 0));
        nonzero += weights[r] != 0;
        sum += fabsf(weights[r]);
    }
    *scale = nonzero > 0 ? (float)(sum / (double)nonzero) : 0;
}

enum status network_weight_codes(const struct weight_format *format, const float *weights,
                                 size_t rows, int16_t *codes, float *scale,
                                 struct diagnostic *diag) {
    switch (format->grid) {
    case WEIGHTS_POWER_OF_TWO:
        if (format->bits == 2) /* -1, 0, 1 */
            TRY(ternary(weights, rows, codes, scale, diag));
        else
            TRY(power_of_two(weights, rows, format->bits, codes, scale, diag));
        break;
    case WEIGHTS_TERNARY:
        TRY(ternary(weights, rows, codes, scale, diag));
        break;
    case WEIGHTS_BINARY:
        binary(weights, rows, codes, scale);
        break;
    case WEIGHTS_UNIFORM:
        uniform(weights, rows, format->bits, codes, scale);
        break;
    }
    if (*scale < FLT_MIN) { /* all zero, or next to it */
        *scale = 0;
        memset(codes, 0, rows * sizeof *codes);
    }
    return STATUS_OK;
}
