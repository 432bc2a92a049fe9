#include "crossbar/simd.h"

#include <stdlib.h>
#include <string.h>

const char *const simd_names[SIMD_LEVELS] = {"plain", "avx2", "avx512"};

static enum simd_level simd_supported(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("bmi2"))
        return SIMD_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("fma"))
        return SIMD_AVX2;
#endif
    return SIMD_PLAIN;
}

enum simd_level simd_choose(void) {
    enum simd_level supported = simd_supported();
    const char *wanted = getenv("MHO_SIMD");
    for (int level = 0; wanted != NULL && level < (int)supported; level++)
        if (strcmp(wanted, simd_names[level]) == 0)
            return (enum simd_level)level;
    return supported;
}
