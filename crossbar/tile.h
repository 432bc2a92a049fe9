/* Tile reads: the sums of 16 positions x 16 physical columns by the byte products of AMX. Private
 * to crossbar/.
 *
 * A digit of an input needs no extraction: x AND (digit mask << v t) is the digit times 2^(v t),
 * and a cell may be stored times the weight 2^shift of its column, since both fit a byte for
 * weights of at most 8 bits. TDPBUUD (unsigned bytes by unsigned bytes, summed in 32 bits) of 16
 * positions x 64 rows of masked inputs with 64 rows x 16 columns of weighted cells then gives S
 * 2^(v t + shift) for 256 reads. What clipping takes away of it is max(S 2^(v t + shift), limit) -
 * limit, with the largest code times 2^(v t + shift) as the limit: it needs no shift before it is
 * summed over digits and columns, and the limits leave the sum together at its end. So 256
 * conversions of 128 rows cost two products and 32 vector operations.
 *
 * For any other transfer the sums are shifted back, and their codes gathered from a table.
 *
 * Cost: a TDPBUUD takes 16 cycles, a tile load 8 and a tile store 16 (Intel 64 and IA-32
 * Architectures Optimization Reference Manual, chapter on Intel AMX), so that the products allow at
 * most 256 / 32 = 8 conversions of 128 rows a cycle.
 *
 * Skipping: columns that can never exceed the converter's range are in no tile, and a tile is read
 * at a digit only if one of 16 neighbouring positions drives enough for its most sensitive column.
 * Columns come in two kinds of tiles. A panel's tile holds one column of most of 16 neighbouring
 * filters, all with the same sign, ranked by their sensitivity, so that results are added where
 * they belong without moving lanes. The columns of filters that have more of them than their
 * neighbours, few in dense networks, most in pruned ones, are packed into loose tiles, whose
 * results are added one by one: they seldom clip. Codes of a table all count, so that there all
 * columns are in panels. */
#ifndef MHO_CROSSBAR_TILE_H
#define MHO_CROSSBAR_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TILE_LOOSE_LANES = 8, /* panel tiles with fewer columns are taken apart */
    TILE_SIDE = 16,       /* positions, and columns, of a tile */
    TILE_ROWS = 64,       /* rows that one product takes */
    TILE_BYTES = TILE_SIDE * TILE_ROWS,
    TILE_DIGITS = 8,      /* most digits of an input */
    TILE_WEIGHT_BITS = 8, /* widest weights whose cells times 2^shift fit a byte */
    TILE_MOST = 16 /* most tiles of a panel: 8 columns of 1-bit cells, each of both signs (flips) */
};

/* At most one physical column of each of 16 neighbouring filters; lanes without one are zero. */
struct column_tile {
    int32_t limit[TILE_SIDE] __attribute__((aligned(64))); /* largest code times 2^shift */
    int32_t shift[TILE_SIDE];
    const uint8_t *cells; /* [chunks][16][16][4]: chunk of 64 rows, four rows, column, row; times
                             2^shift */
    uint32_t threshold;   /* smallest digit sum at which a column gives anything but zero */
    uint16_t lanes;       /* bit by bit: which hold a column */
    bool negative;        /* the encoding subtracts these columns */
};

/* The tiles of 16 filters, most sensitive first. */
struct tile_panel {
    const struct column_tile *tiles;
    int n_tiles;
    int first_filter, filters; /* at most 16 */
};

/* Columns of any filters and signs. */
struct loose_tile {
    struct column_tile tile;
    int32_t filter[TILE_SIDE], sign[TILE_SIDE];
};

struct tile_block {
    int chunks;                /* chunks of TILE_ROWS rows, the last filled up with zeros */
    int digit_bits, digits;    /* v, and digits of an input */
    uint32_t threshold;        /* smallest of all tiles */
    int32_t maximum;           /* clip: largest code */
    const int32_t *table;      /* otherwise: code of each sum; NULL for clip */
    struct tile_panel *panels; /* those that have tiles */
    int n_panels;
    struct loose_tile *loose; /* most sensitive first */
    int n_loose;
};

/* Scratch memory of one thread, a multiple of 64. */
size_t tile_workspace(const struct tile_block *block);

#if defined(__x86_64__)
/* Adds to acc [positions][acc_stride] the codes of the block's reads, or subtracts what clipping
 * takes away of them. `unit` [positions] (may be NULL): the same of a column of ones. x
 * [positions][stride]: the block's rows, then zeros up to a multiple of TILE_ROWS. The calling
 * thread's tile registers are free before and after. */
void tile_accumulate(const struct tile_block *block, const uint8_t *x, size_t stride, int positions,
                     int32_t *unit, int32_t *acc, size_t acc_stride, void *workspace);
#endif

#endif
