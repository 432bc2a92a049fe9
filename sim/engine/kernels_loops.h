/* The loops behind kernels.h, included once for each instruction set (KERNELS_NAME names the
 * table). They are written so that compilers vectorise them as they stand. */
#ifndef MHO_ENGINE_KERNELS_LOOPS_H
#define MHO_ENGINE_KERNELS_LOOPS_H

#include <math.h>
#include <string.h>

#include "sim/engine/kernels.h"
#include "sim/engine/kernels_product.h"

/* Adding and subtracting 1.5 * 2^23 rounds |x| < 2^22 to an integer, half to even, in any vector
 * unit; the operand has been saturated before, which changes nothing as the bounds are integers. */
static const float rounding = 12582912.0F;

static inline uint8_t quantise_one(const struct quantiser *to, float x) {
    float v = x / to->scale;
    float low = -to->zero_point, high = to->maximum - to->zero_point;
    v = v > low ? v : low; /* NaN becomes the lowest code */
    v = v < high ? v : high;
    v = (v + rounding) - rounding;
    return (uint8_t)(int32_t)(v + to->zero_point);
}

static inline float dequantise_one(const struct quantiser *from, uint8_t q) {
    return ((float)q - from->zero_point) * from->scale;
}

/* Codes of neighbouring sums as 32-bit numbers: with bytes in the loop, compilers would take as
 * many sums at a time as bytes fill a vector, which most layers do not have. */
static inline __attribute__((always_inline)) void find_codes(const struct requantiser *to,
                                                             const int32_t *restrict acc,
                                                             const int32_t *restrict offset,
                                                             const float *restrict multiplier,
                                                             int32_t *restrict code, size_t n) {
    const float low = to->low - to->zero_point, high = to->high - to->zero_point;
    const float zero_point = to->zero_point;
    for (size_t i = 0; i < n; i++) {
        float v = (float)(acc[i] + offset[i]) * multiplier[i];
        v = v > low ? v : low; /* integers, so saturating first changes nothing */
        v = v < high ? v : high;
        v = (v + rounding) - rounding;
        code[i] = (int32_t)(v + zero_point);
    }
}

static void requantise(const struct requantiser *to, const struct sum_rows *sums,
                       const int32_t *offset, const float *multiplier, uint8_t *q) {
    enum { BLOCK = 16 };
    const struct requantiser by_value = *to;
    const struct sum_rows s = *sums;
    int32_t code[BLOCK];
    for (size_t row = 0; row < s.rows; row++, q += s.y_stride) {
        const int32_t *acc = s.acc + row * s.acc_stride;
        size_t done = 0;
        for (; done + BLOCK <= s.columns; done += BLOCK) {
            find_codes(&by_value, acc + done, offset + done, multiplier + done, code, BLOCK);
            for (int i = 0; i < BLOCK; i++)
                q[done + (size_t)i] = (uint8_t)code[i];
        }
        size_t left = s.columns - done;
        find_codes(&by_value, acc + done, offset + done, multiplier + done, code, left);
        for (size_t i = 0; i < left; i++)
            q[done + i] = (uint8_t)code[i];
    }
}

static void rescale(const struct sum_rows *sums, const int32_t *restrict offset,
                    const float *restrict multiplier, float *restrict y) {
    const struct sum_rows s = *sums;
    for (size_t row = 0; row < s.rows; row++, y += s.y_stride) {
        const int32_t *restrict acc = s.acc + row * s.acc_stride;
        for (size_t i = 0; i < s.columns; i++)
            y[i] = (float)(acc[i] + offset[i]) * multiplier[i];
    }
}

static uint32_t count_bits(const uint8_t *x, size_t n) {
    uint32_t count = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, x + i, sizeof eight);
        count += (uint32_t)__builtin_popcountll(eight);
    }
    for (; i < n; i++)
        count += (uint32_t)__builtin_popcount(x[i]);
    return count;
}

static void quantise(const struct quantiser *to, const float *restrict x, uint8_t *restrict q,
                     size_t n) {
    const struct quantiser by_value = *to;
    for (size_t i = 0; i < n; i++)
        q[i] = quantise_one(&by_value, x[i]);
}

static void dequantise(const struct quantiser *from, const uint8_t *restrict q, float *restrict x,
                       size_t n) {
    const struct quantiser by_value = *from;
    for (size_t i = 0; i < n; i++)
        x[i] = dequantise_one(&by_value, q[i]);
}

static void add_bytes(const struct byte_sum *sum, const uint8_t *restrict a,
                      const uint8_t *restrict b, uint8_t *restrict q, size_t n) {
    const struct byte_sum s = *sum;
    for (size_t i = 0; i < n; i++) {
        float v = fmaf((float)a[i], s.ratio_a, fmaf((float)b[i], s.ratio_b, s.fixed));
        v = v > s.low ? v : s.low;
        v = v < s.high ? v : s.high;
        q[i] = (uint8_t)(int32_t)((v + rounding) - rounding);
    }
}

static void add(const float *a, const float *b, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] + b[i];
}

static void multiply(const float *a, const float *b, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] * b[i];
}

static void clip(float low, float high, const float *restrict x, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i] > low ? x[i] : low;
        y[i] = v < high ? v : high;
    }
}

static void leaky_relu(float alpha, const float *restrict x, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] >= 0.0F ? x[i] : alpha * x[i];
}

static void maximum(const float *restrict x, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] ? x[i] : y[i];
}

static void maximum_bytes(const uint8_t *restrict x, uint8_t *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] ? x[i] : y[i];
}

static void accumulate(const float *restrict x, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

static void accumulate_product(const float *restrict x, const float *restrict w, float *restrict y,
                               size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] += x[i] * w[i];
}

enum { RANGE_LANES = 16 }; /* independent minima and maxima, which compilers keep in vectors */

static void range(const float *restrict x, size_t n, float *low, float *high) {
    float lows[RANGE_LANES], highs[RANGE_LANES];
    for (int l = 0; l < RANGE_LANES; l++) {
        lows[l] = *low;
        highs[l] = *high;
    }
    size_t whole = n / RANGE_LANES * RANGE_LANES;
    for (size_t i = 0; i < whole; i += RANGE_LANES)
        for (int l = 0; l < RANGE_LANES; l++) {
            lows[l] = x[i + (size_t)l] < lows[l] ? x[i + (size_t)l] : lows[l];
            highs[l] = x[i + (size_t)l] > highs[l] ? x[i + (size_t)l] : highs[l];
        }
    for (size_t i = whole; i < n; i++) {
        lows[0] = x[i] < lows[0] ? x[i] : lows[0];
        highs[0] = x[i] > highs[0] ? x[i] : highs[0];
    }
    for (int l = 0; l < RANGE_LANES; l++) {
        *low = lows[l] < *low ? lows[l] : *low;
        *high = highs[l] > *high ? highs[l] : *high;
    }
}

const struct kernels KERNELS_NAME = {
    .requantise = requantise,
    .rescale = rescale,
    .product = product,
    .count_bits = count_bits,
    .quantise = quantise,
    .dequantise = dequantise,
    .add_bytes = add_bytes,
    .add = add,
    .multiply = multiply,
    .clip = clip,
    .leaky_relu = leaky_relu,
    .maximum = maximum,
    .maximum_bytes = maximum_bytes,
    .accumulate = accumulate,
    .accumulate_product = accumulate_product,
    .range = range,
};

#endif
