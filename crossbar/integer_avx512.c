/* Integer products with VNNI: four byte products an instruction lane, exact in 32 bits. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "crossbar/integer_kernels.h"

/* Accumulators, weights and one input fit the 32 registers: 6 x 4 + 4 + 1, and 14 x 1 + 1 + 1. */
enum { ROWS = 6, ROWS_OF_ONE = 14 };

/* Inputs and sums of some positions. */
struct operands {
    const uint8_t *x;
    size_t x_stride;
    int32_t *acc;
    size_t acc_stride;
};

/* `rows` positions by `panels` panels of 16 columns; constants where inlined. */
static inline __attribute__((always_inline)) void multiply_tile(int rows, int panels,
                                                                const struct integer_matrix *m,
                                                                const struct integer_tile *tile,
                                                                struct operands at) {
    size_t panel_bytes = (size_t)m->depth * INTEGER_PANEL;
    const int8_t *packed = (const int8_t *)m->packed + (size_t)tile->first_panel * panel_bytes;
    __m512i sum[ROWS_OF_ONE][INTEGER_WIDE_TILE];
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int p = 0; p < panels; p++)
            sum[r][p] = _mm512_setzero_si512();
    for (int s = 0; s < tile->n_spans; s++)
        for (int k = tile->spans[s].begin; k < tile->spans[s].end; k += 4) {
            __m512i w[INTEGER_WIDE_TILE];
#pragma GCC unroll 4
            for (int p = 0; p < panels; p++)
                w[p] =
                    _mm512_load_si512(packed + (size_t)p * panel_bytes + (size_t)k * INTEGER_PANEL);
#pragma GCC unroll 14
            for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, at.x + (size_t)r * at.x_stride + k, sizeof four);
                __m512i in = _mm512_set1_epi32(four);
#pragma GCC unroll 4
                for (int p = 0; p < panels; p++)
                    sum[r][p] = _mm512_dpbusd_epi32(sum[r][p], in, w[p]);
            }
        }
    int32_t *acc = at.acc + tile->first_panel * INTEGER_PANEL;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int p = 0; p < panels; p++)
            _mm512_storeu_si512(acc + (size_t)r * at.acc_stride + p * INTEGER_PANEL, sum[r][p]);
}

static inline __attribute__((always_inline)) void all_positions(int panels,
                                                                const struct integer_matrix *m,
                                                                const struct integer_tile *tile,
                                                                int positions, struct operands at) {
    const int rows = panels == 1 ? ROWS_OF_ONE : ROWS;
    int p = 0;
    for (; p + rows <= positions; p += rows) {
        multiply_tile(rows, panels, m, tile, at);
        at.x += (size_t)rows * at.x_stride;
        at.acc += (size_t)rows * at.acc_stride;
    }
    for (; p < positions; p++) {
        multiply_tile(1, panels, m, tile, at);
        at.x += at.x_stride;
        at.acc += at.acc_stride;
    }
}

void integer_multiply_avx512(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                             int positions, int32_t *acc, size_t acc_stride) {
    struct operands at = {x, x_stride, acc, acc_stride};
    for (int t = 0; t < matrix->n_tiles; t++) {
        const struct integer_tile *tile = &matrix->tiles[t];
        if (tile->panels == INTEGER_WIDE_TILE)
            all_positions(INTEGER_WIDE_TILE, matrix, tile, positions, at);
        else
            all_positions(1, matrix, tile, positions, at);
    }
}
#else
typedef int integer_unused; /* no empty translation unit */
#endif
