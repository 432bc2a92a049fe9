/* Population counts in portable C (Warren, Hacker's Delight, 5-1), and the choice of a kernel. */
#include <string.h>

#include "tests/bench/popcount.h"

#define TARGET
typedef uint32_t vector __attribute__((vector_size(16)));
enum { LANES = 4 };

/* Bytes: at most 8 each, and 12 of them are added. */
static inline vector count(vector v) {
    v -= v >> 1 & 0x55555555U;
    v = (v & 0x33333333U) + (v >> 2 & 0x33333333U);
    return (v + (v >> 4)) & 0x0F0F0F0FU;
}

static inline vector total(vector v) {
    v = (v & 0x00FF00FFU) + (v >> 8 & 0x00FF00FFU);
    return (v & 0xFFFFU) + (v >> 16);
}

static inline vector minimum(vector a, vector b) {
    vector larger = (vector)(a > b);
    return (a & ~larger) | (b & larger);
}

#define KERNEL popcount_plain
#include "tests/bench/popcount_template.h"

popcount_kernel *popcount_of(enum simd_level level) {
#if defined(__x86_64__)
    if (level >= SIMD_AVX512 && __builtin_cpu_supports("avx512vpopcntdq"))
        return popcount_avx512;
    if (level >= SIMD_AVX2)
        return popcount_avx2;
#endif
    (void)level;
    return popcount_plain;
}
