/* A bare kernel of tile reads by AMX, as the reference for crossbar/tile.h: inputs masked before,
 * cells in tile registers, every conversion made, nothing else. */
#ifndef MHO_TESTS_BENCH_TILES_H
#define MHO_TESTS_BENCH_TILES_H

#include <stdint.h>

enum {
    TILES_LANES = 64,
    TILES_ROWS = 128,
    TILES_CYCLES = 8,
    TILES_POSITIONS = 64,
    TILES_SIDE = 16,
    TILES_DEPTH = 64
};

struct tiles_operands {
    /* Bit `cycle` of each input alone, where it stands. */
    uint8_t x[TILES_CYCLES][TILES_POSITIONS][TILES_ROWS] __attribute__((aligned(64)));
    /* By 16 lanes, 64 rows, four rows, lane, row. */
    uint8_t cells[TILES_LANES / TILES_SIDE][TILES_ROWS / TILES_DEPTH][TILES_DEPTH / 4][TILES_SIDE]
                 [4] __attribute__((aligned(64)));
};

/* out[position][64] = sum over cycles of 2^cycle * min(sum, maximum). */
void tiles_amx(const struct tiles_operands *operands, int32_t maximum, int32_t *out);

#endif
