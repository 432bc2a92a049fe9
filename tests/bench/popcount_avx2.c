/* Population counts with AVX2: of nibbles, by table look-up (Mula, Kurz, Lemire, The Computer
 * Journal 61, 2018), added as bytes. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "tests/bench/popcount.h"

#define TARGET
typedef uint32_t vector __attribute__((vector_size(32)));
enum { LANES = 8 };

/* Bytes: at most 8 each, and 12 of them are added. */
static inline vector count(vector v) {
    const __m256i ones = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                          2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i low = _mm256_and_si256((__m256i)v, nibble);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16((__m256i)v, 4), nibble);
    return (vector)_mm256_add_epi8(_mm256_shuffle_epi8(ones, low), _mm256_shuffle_epi8(ones, high));
}

static inline vector total(vector v) {
    __m256i pairs = _mm256_maddubs_epi16((__m256i)v, _mm256_set1_epi8(1));
    return (vector)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

static inline vector minimum(vector a, vector b) {
    return (vector)_mm256_min_epu32((__m256i)a, (__m256i)b);
}

#define KERNEL popcount_avx2
#include "tests/bench/popcount_template.h"
#else
typedef int popcount_unused; /* no empty translation unit */
#endif
