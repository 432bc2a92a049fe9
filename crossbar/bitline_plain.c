/* Bit-line kernels in portable C, with vectors of 16 bytes; see bitline_template.h. */
#include <stdint.h>
#include <string.h>

/* Transposes 8x8 bits (Warren, Hacker's Delight, 7-3): bit i of byte j becomes bit j of byte i. */
static inline uint64_t transpose_bits(uint64_t x) {
    uint64_t t = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAULL;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCULL;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000F0F0F0F0ULL;
    return x ^ t ^ (t << 28);
}

static inline void bit_planes(const uint8_t *x, uint64_t planes[8]) {
    memset(planes, 0, 8 * sizeof *planes);
    for (int i = 0; i < 8; i++) {
        uint64_t bytes = 0;
        for (int j = 0; j < 8; j++)
            bytes |= (uint64_t)x[8 * i + j] << 8 * j;
        bytes = transpose_bits(bytes);
        for (int plane = 0; plane < 8; plane++)
            planes[plane] |= (bytes >> 8 * plane & 0xFF) << 8 * i;
    }
}

static inline void spread_nibbles(uint64_t bits, uint16_t offsets[16]) {
    for (int i = 0; i < 16; i++)
        offsets[i] = (uint16_t)((bits >> 4 * i & 15) * 64);
}

#if defined(__SSE2__)
#include <emmintrin.h>
#define SUBTRACT_U8(a, b)  _mm_subs_epu8((__m128i)(a), (__m128i)(b))
#define SUBTRACT_U16(a, b) _mm_subs_epu16((__m128i)(a), (__m128i)(b))
#endif
#define VECTOR_BYTES 16
#define KERNELS(x)   x##_plain
#include "crossbar/bitline_all.h"
