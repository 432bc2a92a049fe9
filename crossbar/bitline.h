/* Bit-line kernels: the sums of 64 physical columns ("a lane group"), read cycle by read cycle, and
 * what the converter makes of them. Private to crossbar/.
 *
 * A column's sum over the driven rows is a sum of table look-ups: a few neighbouring rows share one
 * look-up, whose index is made of their input digits and whose entries hold what those rows add to
 * each of the 64 columns ("the method of four Russians"). Four rows of 1-bit digits give 16
 * entries, so 128 rows take 32 vector loads and adds for 64 columns; a table is built on the fly
 * from the cells and stays in the first-level cache while many positions use it. The kernels are
 * the same C for every instruction set (bitline_template.h), compiled with other flags and vector
 * widths. */
#ifndef MHO_CROSSBAR_BITLINE_H
#define MHO_CROSSBAR_BITLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"

enum {
    BITLINE_LANES = 64,        /* physical columns of a lane group */
    BITLINE_SEGMENT = 16,      /* of them, filters of one segment */
    BITLINE_UNROLL = 8,        /* look-ups come in multiples of this; spare ones have zero cells */
    BITLINE_USUAL_ENTRIES = 16 /* four rows of 1-bit digits, two of 2, one of 4 */
};

/* How wide the sums of a lane group are: chosen from the largest one. */
enum bitline_width { BITLINE_U8, BITLINE_U16, BITLINE_U32, BITLINE_WIDTHS };

/* How rows and digits make look-ups; the same for all lane groups of a row block. */
struct bitline_lookups {
    int digit_bits;      /* v, 1..8 */
    int cycles;          /* digits per input */
    int rows_per_lookup; /* rows that share an index: max(1, 4 / v) */
    int entries;         /* 2^(v * rows_per_lookup) */
    int count;           /* look-ups per read: ceil(rows / rows_per_lookup), a multiple of
                            BITLINE_UNROLL */
};

/* The driven inputs of a tile of positions. */
struct bitline_inputs {
    int positions;
    const uint16_t *offsets;   /* [positions][cycles][count]: index of each look-up times 64 */
    const uint32_t *digit_sum; /* [positions][cycles]: sum of all digits */
};

/* Up to 16 consecutive filters' cells of one encoding column, in one quarter of a lane group. */
struct bitline_segment {
    int filter, lanes;
    int shift; /* results count 2^shift */
    int sign;  /* of all lanes, or 0 where flipped columns make them differ */
    int8_t lane_sign[BITLINE_SEGMENT];
};

/* What the converter does, in the form the kernels use. */
struct bitline_transfer {
    uint32_t threshold;   /* reads with a smaller digit sum contribute nothing in any lane */
    uint32_t maximum;     /* clip: the result is what exceeds this */
    const int32_t *table; /* otherwise: the result is table[sum]; NULL for clip */
};

/* What the reads of a lane group gave. */
struct bitline_results {
    int positions;
    const int32_t *results; /* [positions][64] */
    const uint8_t *touched; /* [positions]; NULL: all */
};

struct analog_lanes; /* crossbar/analog_lanes.h */

struct bitline_kernels {
    /* One position's rows as bits: x (zero-padded to a multiple of 64 bytes) -> offsets
     * [cycles][count], digit_sum [cycles]. Offsets of cycles whose digit sum is below `threshold`
     * are left as they are. May write up to 16 offsets behind the last. */
    void (*drive_bits)(const struct bitline_lookups *, int rows, uint32_t threshold,
                       const uint8_t *x, uint16_t *offsets, uint32_t *digit_sum);
    /* Builds the look-up tables of a lane group: table [count][entries][64] of the width's type
     * from cells [count * rows_per_lookup][64]. */
    void (*build[BITLINE_WIDTHS])(const struct bitline_lookups *, const uint8_t *cells,
                                  void *table);
    /* For every position: out[position][64] = sum over cycles of 2^(v*cycle) * result, and
     * touched[position] = whether any of them is not zero (out is written only then). */
    void (*clip[BITLINE_WIDTHS])(const struct bitline_lookups *, const struct bitline_inputs *,
                                 const void *table, const struct bitline_transfer *, int32_t *out,
                                 uint8_t *touched);
    void (*map[BITLINE_WIDTHS])(const struct bitline_lookups *, const struct bitline_inputs *,
                                const void *table, const struct bitline_transfer *, int32_t *out,
                                uint8_t *touched);
    /* counts[sum]++ for the sums of all lanes at every read. */
    void (*count[BITLINE_WIDTHS])(const struct bitline_lookups *, const struct bitline_inputs *,
                                  const void *table, uint64_t *counts);
    /* Tables [count][entries][64] of analog cells [count * rows_per_lookup][64]; with `squares` a
     * digit d counts d^2 times. */
    void (*build_analog)(const struct bitline_lookups *, const int32_t *cells, bool squares,
                         int32_t *table);
    /* Analog reads of all positions, never skipped: out[position][64] = sum over cycles of
     * 2^(v*cycle) * value of the code. `variance_table` (may be NULL) gives the variance of read
     * noise; position p draws noise number (first_read + p) * cycles + cycle. */
    void (*analog)(const struct bitline_lookups *, const struct bitline_inputs *,
                   const struct analog_lanes *, const int32_t *table, const int32_t *variance_table,
                   uint64_t first_read, int32_t *out);
    /* acc[position][filter] += sign * lane sign * 2^shift * results, where touched. */
    void (*add)(const struct bitline_segment *, int n, int sign, const struct bitline_results *,
                int32_t *acc, size_t acc_stride);
    void (*add_wide)(const struct bitline_segment *, int n, int sign,
                     const struct bitline_results *, int64_t *acc, size_t acc_stride);
    /* acc[i] += times * factor[i] */
    void (*add_times)(const int32_t *factor, int n, int32_t times, int32_t *acc);
};

extern const struct bitline_kernels bitline_plain;
#if defined(__x86_64__)
extern const struct bitline_kernels bitline_avx2, bitline_avx512;
#endif

/* The kernels of a level (which simd_choose returned). */
const struct bitline_kernels *bitline_kernels(enum simd_level level);

#endif
