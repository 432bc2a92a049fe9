/* See tiles.h. */
#if defined(__x86_64__)
#include "tests/bench/tiles.h"

#include "crossbar/tile_registers.h"

typedef int32_t sums[TILES_SIDE * TILES_SIDE] __attribute__((aligned(64)));

/* Two cycles of 16 positions and 16 lanes at a time, in this order: cycles, lanes, positions, so
 * that a position's planes are in the first-level cache for all lanes. */
enum {
    PAIRS_OF_READ = TILES_CYCLES / 2,
    PAIRS_OF_STEP = PAIRS_OF_READ * (TILES_LANES / TILES_SIDE),
    PAIRS = PAIRS_OF_STEP * (TILES_POSITIONS / TILES_SIDE)
};

static inline int cycle_of(int pair) {
    return pair % PAIRS_OF_READ * 2;
}

static inline int position_of(int pair) {
    return pair / PAIRS_OF_STEP * TILES_SIDE;
}

static inline int group_of(int pair) {
    return pair % PAIRS_OF_STEP / PAIRS_OF_READ;
}

/* Sums of a pair into tile registers c0 and c1, whose products take turns as each waits for its own
 * last one. */
#define MULTIPLY(c0, c1, in, pair)                                                                 \
    do {                                                                                           \
        const uint8_t *even = (in)->x[cycle_of(pair)][position_of(pair)];                          \
        const uint8_t *odd = (in)->x[cycle_of(pair) + 1][position_of(pair)];                       \
        if ((pair) % PAIRS_OF_READ == 0) {                                                         \
            _tile_loadd(6, (in)->cells[group_of(pair)][0], TILES_DEPTH);                           \
            _tile_loadd(7, (in)->cells[group_of(pair)][1], TILES_DEPTH);                           \
        }                                                                                          \
        _tile_zero(c0);                                                                            \
        _tile_zero(c1);                                                                            \
        _tile_loadd(4, even, TILES_ROWS);                                                          \
        _tile_dpbuud(c0, 4, 6);                                                                    \
        _tile_loadd(5, odd, TILES_ROWS);                                                           \
        _tile_dpbuud(c1, 5, 6);                                                                    \
        _tile_loadd(4, even + TILES_DEPTH, TILES_ROWS);                                            \
        _tile_dpbuud(c0, 4, 7);                                                                    \
        _tile_loadd(5, odd + TILES_DEPTH, TILES_ROWS);                                             \
        _tile_dpbuud(c1, 5, 7);                                                                    \
    } while (0)

static inline __attribute__((always_inline)) void add_codes(const int32_t *from, int32_t limit,
                                                            __m512i total[TILES_SIDE]) {
    const __m512i limits = _mm512_set1_epi32(limit);
#pragma GCC unroll 16
    for (int p = 0; p < TILES_SIDE; p++)
        total[p] = _mm512_add_epi32(
            total[p], _mm512_min_epi32(limits, _mm512_load_si512(from + p * TILES_SIDE)));
}

/* Adds a pair's codes; the last of a read writes them out. */
static inline __attribute__((always_inline)) void take_pair(int pair, const sums buffer[2],
                                                            int32_t maximum,
                                                            __m512i total[TILES_SIDE],
                                                            int32_t *out) {
    add_codes(buffer[0], maximum << cycle_of(pair), total);
    add_codes(buffer[1], maximum << (cycle_of(pair) + 1), total);
    if (pair % PAIRS_OF_READ != PAIRS_OF_READ - 1)
        return;
    out += position_of(pair) * TILES_LANES + group_of(pair) * TILES_SIDE;
#pragma GCC unroll 16
    for (int p = 0; p < TILES_SIDE; p++) {
        _mm512_storeu_si512(out + p * TILES_LANES, total[p]);
        total[p] = _mm512_setzero_si512();
    }
}

/* The products of one pair run beside the stores of the one before it and the vector operations of
 * the one before that. */
void tiles_amx(const struct tiles_operands *in, int32_t maximum, int32_t *out) {
    sums buffer[4];
    __m512i total[TILES_SIDE];
#pragma GCC unroll 16
    for (int p = 0; p < TILES_SIDE; p++)
        total[p] = _mm512_setzero_si512();
    tile_registers_take();
    __asm__ volatile("" ::: "memory"); /* tile loads are invisible to the compiler */
    for (int pair = 0; pair <= PAIRS; pair += 2) {
        if (pair < PAIRS)
            MULTIPLY(0, 1, in, pair);
        if (pair > 0) {
            _tile_stored(2, buffer[2], TILES_DEPTH);
            _tile_stored(3, buffer[3], TILES_DEPTH);
            take_pair(pair - 2, buffer, maximum, total, out);
        }
        if (pair < PAIRS) {
            MULTIPLY(2, 3, in, pair + 1);
            _tile_stored(0, buffer[0], TILES_DEPTH);
            _tile_stored(1, buffer[1], TILES_DEPTH);
        }
        if (pair > 0)
            take_pair(pair - 1, buffer + 2, maximum, total, out);
    }
    _tile_release();
}
#else
typedef int tiles_unused; /* no empty translation unit */
#endif
