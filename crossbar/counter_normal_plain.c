/* Counter-based normals on every machine: SSE2 where x86-64 guarantees it, else portable C; see
 * counter_normal_template.h. */
#define VECTOR_BYTES 16
#define KERNEL       counter_normal_plain

#if defined(__SSE2__)
#include <emmintrin.h>

#define MULTIPLY_EVEN(a, b) _mm_mul_epu32((__m128i)(a), (__m128i)(b))
#define SQUARE_ROOT(x)      ((reals)_mm_sqrt_ps((__m128)(x)))
#else
#include <math.h>
#include <stdint.h>

/* The lower 32 bits of each 64, whatever the order of bytes. */
typedef uint64_t products __attribute__((vector_size(VECTOR_BYTES)));

static inline products multiply_even(products a, products b) {
    return (a & 0xFFFFFFFFU) * (b & 0xFFFFFFFFU);
}

#define MULTIPLY_EVEN(a, b) multiply_even((products)(a), (products)(b))
#define SQUARE_ROOT(x)      ((reals){sqrtf((x)[0]), sqrtf((x)[1]), sqrtf((x)[2]), sqrtf((x)[3])})
#endif

#include "crossbar/counter_normal_template.h"
