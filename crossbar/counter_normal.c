#include "crossbar/counter_normal.h"

#include "crossbar/counter_normal_kernels.h"

counter_normal_kernel *counter_normals(enum simd_level level) {
#if defined(__x86_64__)
    if (level >= SIMD_AVX512)
        return counter_normal_avx512;
    if (level == SIMD_AVX2)
        return counter_normal_avx2;
#endif
    (void)level;
    return counter_normal_plain;
}
