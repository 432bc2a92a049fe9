/* Bit-line kernels with vectors of 32 bytes; see bitline_template.h. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

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

/* Every nibble in a 16-bit lane of its own: copy its byte there, shift the odd ones down, mask, and
 * multiply by 64 by a shift. */
static inline void spread_nibbles(uint64_t bits, uint16_t offsets[16]) {
    const __m256i byte_of_lane =
        _mm256_setr_epi8(0, -1, 0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 3, -1, 4, -1, 4, -1, 5,
                         -1, 5, -1, 6, -1, 6, -1, 7, -1, 7, -1);
    __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi64x((long long)bits), byte_of_lane);
    __m256i low = _mm256_slli_epi16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x0000000F)), 6);
    __m256i high = _mm256_slli_epi16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x00F00000)), 2);
    _mm256_storeu_si256((__m256i *)offsets, _mm256_or_si256(low, high));
}

#define SUBTRACT_U8(a, b)  _mm256_subs_epu8((__m256i)(a), (__m256i)(b))
#define SUBTRACT_U16(a, b) _mm256_subs_epu16((__m256i)(a), (__m256i)(b))
#define VECTOR_BYTES       32
#define KERNELS(x)         x##_avx2
#include "crossbar/bitline_all.h"
#else
typedef int bitline_unused; /* no empty translation unit */
#endif
