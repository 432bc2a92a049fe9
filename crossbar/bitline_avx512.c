/* Bit-line kernels with vectors of 64 bytes; see bitline_template.h. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

static inline void bit_planes(const uint8_t *x, uint64_t planes[8]) {
    __m512i bytes = _mm512_loadu_si512(x);
    for (int plane = 7; plane >= 0; plane--) { /* the sign bit of each byte, then shift left */
        planes[plane] = _cvtmask64_u64(_mm512_movepi8_mask(bytes));
        bytes = _mm512_add_epi8(bytes, bytes);
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

#define SUBTRACT_U8(a, b)  _mm512_subs_epu8((__m512i)(a), (__m512i)(b))
#define SUBTRACT_U16(a, b) _mm512_subs_epu16((__m512i)(a), (__m512i)(b))
#define VECTOR_BYTES       64
#define KERNELS(x)         x##_avx512
#include "crossbar/bitline_all.h"
#else
typedef int bitline_unused; /* no empty translation unit */
#endif
