/* Row block: the programmed cells of all arrays that share the same word lines, and their reads.
 *
 * Order of calls: row_block_program once; then row_block_accumulate for some positions at a time:
 * bytes are driven as digits, sums converted, shifted and added. A programmed block is immutable
 * and shared by threads; each thread brings its own workspace.
 *
 * What is accumulated depends on the converter. A clipping one is exact up to its largest code, so
 * the exact integer product is formed elsewhere (crossbar/integer.h) and this room subtracts what
 * clipping takes away: reads whose digit sum is too small to reach the largest code, in any column
 * that is read together, are skipped, and columns that cannot reach it are not even stored. For any
 * other transfer the codes of every read are accumulated, and nothing is formed elsewhere.
 *
 * Columns are read in one of two ways with the same results: lane groups (crossbar/bitline.h) on
 * any machine, tiles (crossbar/tile.h) on one with AMX, but for wide sums. */
#ifndef MHO_CROSSBAR_ROW_BLOCK_H
#define MHO_CROSSBAR_ROW_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crossbar/adc_transfer.h"
#include "crossbar/bitline.h"
#include "crossbar/drive.h"
#include "crossbar/geometry.h"
#include "crossbar/tile.h"

enum { ROW_BLOCK_SEGMENTS = BITLINE_LANES / BITLINE_SEGMENT };

/* What to program. */
struct row_block_spec {
    const struct encoding *encoding;
    int rows, filters;
    const int16_t *weights; /* [filters][stride], rows in the order they are driven */
    size_t stride;
    const uint8_t *flipped; /* [filters][encoding->columns], 1: stored inverted; NULL: none */
    int dac_bits, activation_bits;
    const struct adc_transfer *transfer;
    bool every_column;     /* keep the columns whose reads give nothing too, to count their sums */
    bool wide;             /* for row_block_accumulate_wide, and for it alone */
    enum simd_level level; /* of the kernels that will read */
};

/* 64 physical columns that are read together. */
struct lane_group {
    struct bitline_segment segments[ROW_BLOCK_SEGMENTS];
    int n_segments;
    enum bitline_width width;
    uint32_t threshold;   /* smallest digit sum at which a lane gives anything but zero */
    const uint8_t *cells; /* [lookups.count * rows_per_lookup][64] */
};

struct row_block {
    int rows, filters;
    const struct bitline_kernels *kernels;
    struct bitline_lookups lookups;
    const struct tile_block *tiles; /* NULL: lane groups */
    struct lane_group *groups;      /* most sensitive (smallest threshold) first */
    int n_groups;
    struct adc_transfer transfer;
    const int64_t *unit_factor; /* [filters]: how often the unit column's result counts; or NULL */
    const int32_t *narrow_unit_factor; /* the same for weights of at most 8 bits */
    long columns_kept;                 /* physical columns of all groups */
    long columns_empty;                /* of them, without a programmed cell: never converted */
};

/* Programs a block into `arena`. */
enum status row_block_program(const struct row_block_spec *spec, struct arena *arena,
                              struct row_block *block, struct diagnostic *diag);

/* Scratch memory of one thread for any of `n` blocks; bytes, a multiple of 64. */
size_t row_block_workspace(const struct row_block *blocks, int n);

/* Adds the block's reads of x [positions][stride] (the block's rows first, then zeros up to a
 * multiple of DRIVE_ALIGN) to acc [positions][acc_stride]; at most DRIVE_POSITIONS positions. */
void row_block_accumulate(const struct row_block *block, const uint8_t *x, size_t stride,
                          int positions, int32_t *acc, size_t acc_stride, void *workspace);

/* The same with 64-bit accumulators: weights of more than 8 bits, tables with fractions. */
void row_block_accumulate_wide(const struct row_block *block, const uint8_t *x, size_t stride,
                               int positions, int64_t *acc, size_t acc_stride, void *workspace);

/* Counts the sums of all conversions: counts[sum]++ for every column with a programmed cell, and
 * for `unit_columns` unit columns (one in each array of the block) where the encoding has them. The
 * block must have been programmed with `every_column`. */
void row_block_count(const struct row_block *block, const uint8_t *x, size_t stride, int positions,
                     int unit_columns, uint64_t *counts, void *workspace);

#endif
