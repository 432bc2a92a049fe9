/* The classic bit-plane kernel, as the reference for crossbar/bitline.h: the sum of a column is a
 * population count of (driven rows AND rows whose cell has the bit), once for each bit of the
 * cells.
 *
 * 64 lanes are four groups of 16: group g holds slice g, its plus columns and then its minus
 * columns of 8 filters, so that a group's cells have the same number of bits. */
#ifndef MHO_TESTS_BENCH_POPCOUNT_H
#define MHO_TESTS_BENCH_POPCOUNT_H

#include <stdint.h>

#include "crossbar/simd.h"

enum {
    POPCOUNT_GROUPS = 4,
    POPCOUNT_LANES = 16,
    POPCOUNT_WORDS = 4, /* 128 rows */
    POPCOUNT_CYCLES = 8
};

struct popcount_planes {
    int bits[POPCOUNT_GROUPS]; /* 1 or 2: planes of the group */
    uint32_t plane[POPCOUNT_GROUPS][2][POPCOUNT_WORDS][POPCOUNT_LANES] __attribute__((aligned(64)));
};

/* out[position][64] = sum over cycles of 2^cycle * min(sum, maximum). */
typedef void popcount_kernel(const struct popcount_planes *planes,
                             const uint32_t (*x)[POPCOUNT_CYCLES][POPCOUNT_WORDS], int positions,
                             uint32_t maximum, int32_t *out);

popcount_kernel popcount_plain;
#if defined(__x86_64__)
popcount_kernel popcount_avx2, popcount_avx512;
#endif

/* The kernel of a level; without VPOPCNTDQ the one for AVX2 instead of that for AVX-512. */
popcount_kernel *popcount_of(enum simd_level level);

#endif
