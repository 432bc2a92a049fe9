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

/* Inputs and sums of some positions. */
struct operands {
    const uint8_t *x;
    size_t x_stride;
    int32_t *acc;
    size_t acc_stride;
};

static inline __attribute__((always_inline)) void multiply_tile(int rows, const int16_t *packed,
                                                                const struct integer_tile *tile,
                                                                struct operands at) {
    VECTOR sum[ROWS][PARTS];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < PARTS; i++)
            sum[r][i] = ZERO();
    for (int s = 0; s < tile->n_spans; s++)
        for (int k = tile->spans[s].begin; k < tile->spans[s].end; k += 2) {
            VECTOR w[PARTS];
            for (int i = 0; i < PARTS; i++)
                w[i] = LOAD(packed + (size_t)k * INTEGER_PANEL + i * 2 * LANES);
            for (int r = 0; r < rows; r++) {
                const uint8_t *in = at.x + (size_t)r * at.x_stride + k;
                VECTOR pair = PAIR((int32_t)in[0] | (int32_t)in[1] << 16);
                for (int i = 0; i < PARTS; i++)
                    sum[r][i] = MADD(sum[r][i], pair, w[i]);
            }
        }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < PARTS; i++)
            STORE(at.acc + (size_t)r * at.acc_stride + i * LANES, sum[r][i]);
}

void KERNEL(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride, int positions,
            int32_t *acc, size_t acc_stride) {
    for (int t = 0; t < matrix->n_tiles; t++) {
        const struct integer_tile *tile = &matrix->tiles[t];
        const int16_t *packed = (const int16_t *)matrix->packed +
                                (size_t)tile->first_panel * (size_t)matrix->depth * INTEGER_PANEL;
        struct operands at = {x, x_stride, acc + tile->first_panel * INTEGER_PANEL, acc_stride};
        int p = 0;
        for (; p + ROWS <= positions; p += ROWS) {
            multiply_tile(ROWS, packed, tile, at);
            at.x += ROWS * x_stride;
            at.acc += ROWS * acc_stride;
        }
        for (; p < positions; p++) {
            multiply_tile(1, packed, tile, at);
            at.x += x_stride;
            at.acc += acc_stride;
        }
    }
}

#endif
