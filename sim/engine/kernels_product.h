/* Float matrix products, included by kernels_loops.h for each instruction set.
 *
 * Every result is bias + x[0]*w[0] + x[1]*w[1] + ... in this order, each product and each sum
 * rounded: the same bytes on any machine and for any number of rows at a time, which no BLAS
 * promises. A tile of TILE_ROWS x PANEL results stays in registers while it runs along the depth.
 */
#ifndef MHO_ENGINE_KERNELS_PRODUCT_H
#define MHO_ENGINE_KERNELS_PRODUCT_H

#include <string.h>

#include "sim/engine/kernels.h"

enum { LANES = 8, TILE_ROWS = 4 };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* `rows` (a constant where it is called) rows of `x` times one panel of weights, into `tile`. */
static inline __attribute__((always_inline)) void
product_tile(const struct product *p, int rows, const float *x, const float *weights,
             const float *bias, float tile[TILE_ROWS][PRODUCT_PANEL]) {
    lanes low[TILE_ROWS], high[TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        memcpy(&low[r], bias, sizeof low[r]);
        memcpy(&high[r], bias + LANES, sizeof high[r]);
    }
    for (size_t k = 0; k < p->depth; k++, weights += PRODUCT_PANEL) {
        lanes w_low, w_high;
        memcpy(&w_low, weights, sizeof w_low);
        memcpy(&w_high, weights + LANES, sizeof w_high);
        for (int r = 0; r < rows; r++) {
            float v = x[(size_t)r * p->x_stride + k];
            low[r] += v * w_low;
            high[r] += v * w_high;
        }
    }
    for (int r = 0; r < rows; r++) {
        memcpy(tile[r], &low[r], sizeof low[r]);
        memcpy(tile[r] + LANES, &high[r], sizeof high[r]);
    }
}

static void product(const struct product *p) {
    float tile[TILE_ROWS][PRODUCT_PANEL];
    for (size_t first = 0; first < p->columns; first += PRODUCT_PANEL) {
        const float *weights = p->weights + first * p->depth, *bias = p->bias + first;
        size_t left = p->columns - first, n = left < PRODUCT_PANEL ? left : PRODUCT_PANEL;
        for (size_t row = 0; row < p->rows;) {
            const float *x = p->x + row * p->x_stride;
            size_t rows = p->rows - row >= TILE_ROWS ? TILE_ROWS : 1;
            if (rows == TILE_ROWS)
                product_tile(p, TILE_ROWS, x, weights, bias, tile);
            else
                product_tile(p, 1, x, weights, bias, tile);
            for (size_t r = 0; r < rows; r++)
                memcpy(p->y + (row + r) * p->y_stride + first, tile[r], n * sizeof(float));
            row += rows;
        }
    }
}

#endif
