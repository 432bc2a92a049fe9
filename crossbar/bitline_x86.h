/* What the bit-line kernels of AVX2 and AVX-512 share; for files compiled with AVX2. */
#ifndef MHO_CROSSBAR_BITLINE_X86_H
#define MHO_CROSSBAR_BITLINE_X86_H

#include <immintrin.h>
#include <stdint.h>

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

#endif
