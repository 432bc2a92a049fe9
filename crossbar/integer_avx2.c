/* Integer products with AVX2; see integer_pairs.h. */
#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL                   integer_multiply_avx2
#define VECTOR                   __m256i
#define LANES                    8
#define LOAD(p)                  _mm256_load_si256((const __m256i *)(p))
#define ZERO()                   _mm256_setzero_si256()
#define PAIR(i)                  _mm256_set1_epi32(i)
#define MADD(sum, pair, weights) _mm256_add_epi32(sum, _mm256_madd_epi16(pair, weights))
#define STORE(p, v)              _mm256_storeu_si256((__m256i *)(p), v)
#include "crossbar/integer_pairs.h"
#else
typedef int integer_unused; /* no empty translation unit */
#endif
