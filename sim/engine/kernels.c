#include "sim/engine/kernels.h"

#define KERNELS_NAME kernels_baseline
#include "sim/engine/kernels_loops.h"

const struct kernels *kernels_of(enum simd_level level) {
#ifdef __x86_64__
    if (level >= SIMD_AVX512)
        return &kernels_avx512;
    return level == SIMD_AVX2 ? &kernels_avx2 : &kernels_baseline;
#else
    (void)level;
    return &kernels_baseline;
#endif
}
