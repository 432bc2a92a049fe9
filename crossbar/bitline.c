#include "crossbar/bitline.h"

const struct bitline_kernels *bitline_kernels(enum simd_level level) {
#if defined(__x86_64__)
    if (level >= SIMD_AVX512)
        return &bitline_avx512;
    if (level == SIMD_AVX2)
        return &bitline_avx2;
#endif
    (void)level;
    return &bitline_plain;
}
