/* Integer products by pairs of 16-bit numbers, for instruction sets without byte products that are
 * exact (vpmaddubsw saturates at 16 bits: 255 * 127 * 2 does not fit). Before inclusion: KERNEL
 * names the function; VECTOR is a vector of LANES 32-bit sums with LOAD(p), ZERO(), PAIR(i) (one
 * 32-bit pair in every lane), MADD(sum, pair, weights) and STORE(p, v). */
#ifndef MHO_CROSSBAR_INTEGER_PAIRS_H
#define MHO_CROSSBAR_INTEGER_PAIRS_H

#include <stdint.h>
#include <string.h>

#include "crossbar/integer_kernels.h"

enum { PARTS = INTEGER_PANEL / LANES, ROWS = 4 };

static inline __attribute__((always_inline)) void pairs_tile(int rows, const int16_t *packed,
                                                             int depth, const uint8_t *x,
                                                             size_t x_stride, int32_t *acc,
                                                             size_t acc_stride) {
    VECTOR sum[ROWS][PARTS];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < PARTS; i++)
            sum[r][i] = ZERO();
    for (int k = 0; k < depth; k += 2, packed += 2 * INTEGER_PANEL) {
        VECTOR w[PARTS];
        for (int i = 0; i < PARTS; i++)
            w[i] = LOAD(packed + i * 2 * LANES);
        for (int r = 0; r < rows; r++) {
            const uint8_t *in = x + (size_t)r * x_stride + k;
            VECTOR pair = PAIR((int32_t)in[0] | (int32_t)in[1] << 16);
            for (int i = 0; i < PARTS; i++)
                sum[r][i] = MADD(sum[r][i], pair, w[i]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < PARTS; i++)
            STORE(acc + (size_t)r * acc_stride + i * LANES, sum[r][i]);
}

void KERNEL(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride, int positions,
            int32_t *acc, size_t acc_stride) {
    const int16_t *packed = matrix->packed;
    for (int c = 0; c < matrix->columns; c += INTEGER_PANEL) {
        int p = 0;
        for (; p + ROWS <= positions; p += ROWS)
            pairs_tile(ROWS, packed, matrix->depth, x + (size_t)p * x_stride, x_stride,
                       acc + (size_t)p * acc_stride + c, acc_stride);
        for (; p < positions; p++)
            pairs_tile(1, packed, matrix->depth, x + (size_t)p * x_stride, x_stride,
                       acc + (size_t)p * acc_stride + c, acc_stride);
        packed += (size_t)matrix->depth * INTEGER_PANEL;
    }
}

#endif
