/* Population counts by VPOPCNTDQ, which not every machine with AVX-512 has. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "tests/bench/popcount.h"

#define TARGET __attribute__((target("avx512vpopcntdq")))
typedef uint32_t vector __attribute__((vector_size(64)));
enum { LANES = 16 };

TARGET static inline vector count(vector v) {
    return (vector)_mm512_popcnt_epi32((__m512i)v);
}

static inline vector total(vector v) {
    return v;
}

static inline vector minimum(vector a, vector b) {
    return (vector)_mm512_min_epu32((__m512i)a, (__m512i)b);
}

#define KERNEL popcount_avx512
#include "tests/bench/popcount_template.h"
#else
typedef int popcount_unused; /* no empty translation unit */
#endif
