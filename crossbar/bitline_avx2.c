/* Bit-line kernels with vectors of 32 bytes; see bitline_template.h. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#include "crossbar/bitline_x86.h"

static inline void bit_planes(const uint8_t *x, uint64_t planes[8]) {
    __m256i low = _mm256_loadu_si256((const __m256i *)x);
    __m256i high = _mm256_loadu_si256((const __m256i *)(x + 32));
    for (int plane = 7; plane >= 0; plane--) { /* the sign bit of each byte, then shift left */
        planes[plane] = (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
                        (uint32_t)_mm256_movemask_epi8(low);
        low = _mm256_add_epi8(low, low);
        high = _mm256_add_epi8(high, high);
    }
}

#define SUBTRACT_U8(a, b)    _mm256_subs_epu8((__m256i)(a), (__m256i)(b))
#define SUBTRACT_U16(a, b)   _mm256_subs_epu16((__m256i)(a), (__m256i)(b))
#define GATHER(table, index) _mm256_i32gather_epi32(table, (__m256i)(index), 4)
#define VECTOR_BYTES         32
#define KERNELS(x)           x##_avx2
#include "crossbar/bitline_all.h"
#else
typedef int bitline_unused; /* no empty translation unit */
#endif
