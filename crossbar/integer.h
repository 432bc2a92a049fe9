/* Integer products: what crossbars compute when no converter loses anything.
 *
 * acc[position][column] = sum over k of x[position][k] * w[column][k], unsigned bytes times signed
 * bytes, exact in 32 bits for depth <= 65,536. Weights are packed once in the order that the
 * kernels of one instruction set read; all levels give the same sums. */
#ifndef MHO_CROSSBAR_INTEGER_H
#define MHO_CROSSBAR_INTEGER_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"
#include "sim/base/base.h"

enum {
    INTEGER_PANEL = 16,      /* columns are padded to a multiple of this */
    INTEGER_WIDE_TILE = 4,   /* panels that AVX-512 and AMX take together */
    INTEGER_DEPTH_ALIGN = 4, /* inputs are padded with zeros to a multiple of this */
    INTEGER_TILE_DEPTH = 64, /* inputs that AMX takes together, where they fill the depth */
    INTEGER_DEPTH_MAX = 65536
};

/* Neighbouring inputs of which a tile has a weight that is not zero: begin <= k < end. */
struct integer_span {
    int begin, end; /* multiples of INTEGER_DEPTH_ALIGN */
};

/* Panels of 16 columns that a kernel takes together. */
struct integer_tile {
    int first_panel, panels; /* panels: 1, or INTEGER_WIDE_TILE */
    const struct integer_span *spans;
    int n_spans;
};

struct integer_matrix {
    int depth, columns; /* padded */
    enum simd_level level;
    const void *packed;
    const struct integer_tile *tiles; /* cover all panels */
    int n_tiles;
};

/* Packs weights [columns][stride] (|w| <= 127) for `level` into `arena`. */
enum status integer_pack(const int16_t *weights, size_t stride, int columns, int depth,
                         enum simd_level level, struct arena *arena, struct integer_matrix *matrix,
                         struct diagnostic *diag);

/* acc [positions][acc_stride] = products of x [positions][x_stride]; acc_stride >= matrix->columns.
 */
void integer_multiply(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                      int positions, int32_t *acc, size_t acc_stride);

#endif
