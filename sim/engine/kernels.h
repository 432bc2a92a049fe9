/* Inner loops over contiguous elements, compiled for the baseline and for wider vectors. Every
 * variant gives the same bytes: no reordering, and a fused multiply-add only where it is written.
 */
#ifndef MHO_ENGINE_KERNELS_H
#define MHO_ENGINE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"

/* q = saturate(rint(x / scale) + zero_point), in float32, rint half to even, 0 .. maximum. */
struct quantiser {
    float scale;
    float zero_point, maximum; /* small integers */
};

/* The sum of two quantised values, quantised: with ratio = operand's scale / result's scale and
 * fixed = result's zero point - (ratio_a * a's zero point + ratio_b * b's zero point), in float32.
 */
struct byte_sum {
    float ratio_a, ratio_b, fixed;
    float low, high; /* saturation, small integers */
};

/* Rows of integer sums. */
struct sum_rows {
    const int32_t *acc; /* [rows][acc_stride] */
    size_t rows, columns, acc_stride;
    size_t y_stride; /* elements from one row of results to the next */
};

/* q = saturate(rint((float)(acc + offset) * multiplier) + zero_point) into [low, high] */
struct requantiser {
    float zero_point, low, high; /* small integers */
};

enum { PRODUCT_PANEL = 16 };

/* y = x * weights + bias, as float matrices; the weights lie in panels of 16 columns. */
struct product {
    const float *x, *weights, *bias; /* [rows][depth], [panel][depth][16], [panel][16] */
    float *y;                        /* [rows][columns] */
    size_t rows, depth, columns;
    size_t x_stride, y_stride; /* floats from one row to the next */
};

struct kernels {
    void (*product)(const struct product *product);
    /* offset, multiplier: of each column. */
    void (*requantise)(const struct requantiser *to, const struct sum_rows *sums,
                       const int32_t *offset, const float *multiplier, uint8_t *q);
    /* y = (float)(acc + offset) * multiplier */
    void (*rescale)(const struct sum_rows *sums, const int32_t *offset, const float *multiplier,
                    float *y);
    uint32_t (*count_bits)(const uint8_t *x, size_t n); /* ones in all bytes */
    void (*quantise)(const struct quantiser *to, const float *x, uint8_t *q, size_t n);
    /* x = (q - zero_point) * scale */
    void (*dequantise)(const struct quantiser *from, const uint8_t *q, float *x, size_t n);
    /* q = saturate(rint(a * ratio_a + (b * ratio_b + fixed))), each bracket rounded once */
    void (*add_bytes)(const struct byte_sum *sum, const uint8_t *a, const uint8_t *b, uint8_t *q,
                      size_t n);
    void (*add)(const float *a, const float *b, float *y, size_t n);
    void (*multiply)(const float *a, const float *b, float *y, size_t n);
    void (*clip)(float low, float high, const float *x, float *y, size_t n);
    void (*leaky_relu)(float alpha, const float *x, float *y, size_t n);
    void (*maximum)(const float *x, float *y, size_t n); /* y = max(y, x) */
    void (*maximum_bytes)(const uint8_t *x, uint8_t *y, size_t n);
    void (*accumulate)(const float *x, float *y, size_t n);                         /* y += x */
    void (*accumulate_product)(const float *x, const float *w, float *y, size_t n); /* y += x*w */
    /* low = min(low, x), high = max(high, x) over all n */
    void (*range)(const float *x, size_t n, float *low, float *high);
};

extern const struct kernels kernels_baseline;
#ifdef __x86_64__
extern const struct kernels kernels_avx2, kernels_avx512;
#endif

/* The kernels of a level (which simd_read returned). */
const struct kernels *kernels_of(enum simd_level level);

#endif
