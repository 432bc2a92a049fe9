/* Integer products with VNNI: four byte products an instruction lane, exact in 32 bits. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "crossbar/integer_kernels.h"

/* Accumulators, weights and one input fit the 32 registers: 6 x 4 + 4 + 1, and 14 x 1 + 1 + 1. */
enum { PANELS = 4, ROWS = 6, ROWS_OF_ONE = 14 };

/* `rows` positions by `panels` panels of 16 columns; constants where inlined. */
static inline __attribute__((always_inline)) void tile(int rows, int panels, const int8_t *packed,
                                                       size_t panel_bytes, int depth,
                                                       const uint8_t *x, size_t x_stride,
                                                       int32_t *acc, size_t acc_stride) {
    __m512i sum[ROWS_OF_ONE][PANELS];
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int p = 0; p < panels; p++)
            sum[r][p] = _mm512_setzero_si512();
    for (int k = 0; k < depth; k += 4) {
        __m512i w[PANELS];
#pragma GCC unroll 4
        for (int p = 0; p < panels; p++)
            w[p] = _mm512_load_si512(packed + (size_t)p * panel_bytes + (size_t)k * INTEGER_PANEL);
#pragma GCC unroll 14
        for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, x + (size_t)r * x_stride + k, sizeof four);
            __m512i in = _mm512_set1_epi32(four);
#pragma GCC unroll 4
            for (int p = 0; p < panels; p++)
                sum[r][p] = _mm512_dpbusd_epi32(sum[r][p], in, w[p]);
        }
    }
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int p = 0; p < panels; p++)
            _mm512_storeu_si512(acc + (size_t)r * acc_stride + p * INTEGER_PANEL, sum[r][p]);
}

static inline __attribute__((always_inline)) void
all_rows(int panels, const int8_t *packed, size_t panel_bytes, int depth, const uint8_t *x,
         size_t x_stride, int positions, int32_t *acc, size_t acc_stride) {
    const int rows = panels == 1 ? ROWS_OF_ONE : ROWS;
    int p = 0;
    for (; p + rows <= positions; p += rows)
        tile(rows, panels, packed, panel_bytes, depth, x + (size_t)p * x_stride, x_stride,
             acc + (size_t)p * acc_stride, acc_stride);
    for (; p < positions; p++)
        tile(1, panels, packed, panel_bytes, depth, x + (size_t)p * x_stride, x_stride,
             acc + (size_t)p * acc_stride, acc_stride);
}

void integer_multiply_avx512(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                             int positions, int32_t *acc, size_t acc_stride) {
    const int8_t *packed = matrix->packed;
    size_t panel_bytes = (size_t)matrix->depth * INTEGER_PANEL;
    int panels = matrix->columns / INTEGER_PANEL, p = 0;
    for (; p + PANELS <= panels; p += PANELS)
        all_rows(PANELS, packed + (size_t)p * panel_bytes, panel_bytes, matrix->depth, x, x_stride,
                 positions, acc + p * INTEGER_PANEL, acc_stride);
    for (; p < panels; p++)
        all_rows(1, packed + (size_t)p * panel_bytes, panel_bytes, matrix->depth, x, x_stride,
                 positions, acc + p * INTEGER_PANEL, acc_stride);
}
#else
typedef int integer_unused; /* no empty translation unit */
#endif
