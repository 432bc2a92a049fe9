/* Counter-based normals with vectors of 32 bytes; see counter_normal_template.h. */
#if defined(__x86_64__)
#include <immintrin.h>

#define VECTOR_BYTES        32
#define KERNEL              counter_normal_avx2
#define MULTIPLY_EVEN(a, b) _mm256_mul_epu32((__m256i)(a), (__m256i)(b))
#define SQUARE_ROOT(x)      ((reals)_mm256_sqrt_ps((__m256)(x)))
#include "crossbar/counter_normal_template.h"
#else
typedef int counter_normal_unused; /* no empty translation unit */
#endif
