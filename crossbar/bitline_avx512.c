/* Bit-line kernels with vectors of 64 bytes; see bitline_template.h. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#include "crossbar/bitline_x86.h"

static inline void bit_planes(const uint8_t *x, uint64_t planes[8]) {
    __m512i bytes = _mm512_loadu_si512(x);
    for (int plane = 7; plane >= 0; plane--) { /* the sign bit of each byte, then shift left */
        planes[plane] = _cvtmask64_u64(_mm512_movepi8_mask(bytes));
        bytes = _mm512_add_epi8(bytes, bytes);
    }
}

#define SUBTRACT_U8(a, b)    _mm512_subs_epu8((__m512i)(a), (__m512i)(b))
#define SUBTRACT_U16(a, b)   _mm512_subs_epu16((__m512i)(a), (__m512i)(b))
#define GATHER(table, index) _mm512_i32gather_epi32((__m512i)(index), table, 4)
#define VECTOR_BYTES         64
#define KERNELS(x)           x##_avx512
#include "crossbar/bitline_all.h"
#else
typedef int bitline_unused; /* no empty translation unit */
#endif
