/* Counter-based normals with vectors of 64 bytes; see counter_normal_template.h. */
#if defined(__x86_64__)
#include <immintrin.h>

#define VECTOR_BYTES        64
#define KERNEL              counter_normal_avx512
#define MULTIPLY_EVEN(a, b) _mm512_mul_epu32((__m512i)(a), (__m512i)(b))
#define SQUARE_ROOT(x)      ((reals)_mm512_sqrt_ps((__m512)(x)))
#include "crossbar/counter_normal_template.h"
#else
typedef int counter_normal_unused; /* no empty translation unit */
#endif
