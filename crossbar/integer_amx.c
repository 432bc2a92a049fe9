/* Integer products with AMX: TDPBUSD multiplies 16 positions x 64 inputs (unsigned) by 64 inputs x
 * 16 columns (signed) in 16 cycles; a panel's packed weights lie as its tiles want them. */
#if defined(__x86_64__)
#include "crossbar/integer_kernels.h"
#include "crossbar/tile_registers.h"

enum { SIDE = 16, DEPTH = INTEGER_TILE_DEPTH, TILE_BYTES = SIDE * DEPTH };

/* Two times 16 positions by one panel or two: their operands, row by row. */
struct operands {
    const uint8_t *x;
    long x_stride;
    const int8_t *packed; /* of the first panel */
    size_t panel_bytes;
    int32_t *acc;
    long acc_bytes; /* from one position to the next */
};

static inline __attribute__((always_inline)) void
multiply(int steps, int panels, const struct integer_tile *tile, const struct operands *at) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int s = 0; s < tile->n_spans; s++)
        for (int k = tile->spans[s].begin; k < tile->spans[s].end; k += DEPTH) {
            const int8_t *weights = at->packed + (size_t)k * SIDE;
            _tile_loadd(4, at->x + k, at->x_stride);
            _tile_loadd(6, weights, DEPTH);
            _tile_dpbusd(0, 4, 6);
            if (panels > 1) {
                _tile_loadd(7, weights + at->panel_bytes, DEPTH);
                _tile_dpbusd(1, 4, 7);
            }
            if (steps > 1) {
                _tile_loadd(5, at->x + SIDE * at->x_stride + k, at->x_stride);
                _tile_dpbusd(2, 5, 6);
                if (panels > 1)
                    _tile_dpbusd(3, 5, 7);
            }
        }
    char *second = (char *)at->acc + SIDE * at->acc_bytes;
    _tile_stored(0, at->acc, at->acc_bytes);
    if (panels > 1)
        _tile_stored(1, at->acc + SIDE, at->acc_bytes);
    if (steps > 1) {
        _tile_stored(2, second, at->acc_bytes);
        if (panels > 1)
            _tile_stored(3, second + SIDE * sizeof(int32_t), at->acc_bytes);
    }
}

/* `positions`: a multiple of 16. */
static inline __attribute__((always_inline)) void
all_positions(int panels, const struct integer_tile *tile, int positions, struct operands at) {
    for (int p = 0; p < positions; p += 2 * SIDE) {
        if (positions - p > SIDE)
            multiply(2, panels, tile, &at);
        else
            multiply(1, panels, tile, &at);
        at.x += 2 * SIDE * at.x_stride;
        at.acc = (int32_t *)((char *)at.acc + 2 * SIDE * at.acc_bytes);
    }
}

void integer_multiply_amx(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                          int positions, int32_t *acc, size_t acc_stride) {
    int whole = matrix->depth % DEPTH == 0 ? positions / SIDE * SIDE : 0;
    struct operands at = {
        .x_stride = (long)x_stride,
        .panel_bytes = (size_t)matrix->depth * INTEGER_PANEL,
        .acc_bytes = (long)(acc_stride * sizeof(int32_t)),
    };
    if (whole > 0)
        tile_registers_take();
    for (int t = 0; whole > 0 && t < matrix->n_tiles; t++) {
        const struct integer_tile *tile = &matrix->tiles[t];
        for (int i = 0; i < tile->panels; i += 2) {
            int panel = tile->first_panel + i;
            at.x = x;
            at.packed = (const int8_t *)matrix->packed + (size_t)panel * at.panel_bytes;
            at.acc = acc + panel * INTEGER_PANEL;
            if (tile->panels > 1)
                all_positions(2, tile, whole, at);
            else
                all_positions(1, tile, whole, at);
        }
    }
    if (whole > 0)
        _tile_release();
    if (whole < positions)
        integer_multiply_avx512(matrix, x + (size_t)whole * x_stride, x_stride, positions - whole,
                                acc + (size_t)whole * acc_stride, acc_stride);
}
#else
typedef int integer_unused; /* no empty translation unit */
#endif
