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

static inline uint64_t spread_nibbles(uint64_t x) {
    return _pdep_u64(x, 0x000F000F000F000FULL);
}

#define VECTOR_BYTES 32
#define KERNELS(x)   x##_avx2
#include "crossbar/bitline_all.h"
#else
typedef int bitline_unused; /* no empty translation unit */
#endif
