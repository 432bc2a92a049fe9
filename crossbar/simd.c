#include "crossbar/simd.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char variable[] = "MHO_SIMD";

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
    const char *wanted = getenv(variable);
    for (int level = 0; wanted != NULL && level < (int)supported; level++)
        if (strcmp(wanted, simd_names[level]) == 0)
            return (enum simd_level)level;
    return supported;
}

enum status simd_read(enum simd_level *level, struct diagnostic *diag) {
    const char *wanted = getenv(variable);
    bool known = wanted == NULL || wanted[0] == '\0';
    for (int i = 0; !known && i < SIMD_LEVELS; i++)
        known = strcmp(wanted, simd_names[i]) == 0;
    if (!known)
        return FAIL(diag, STATUS_USAGE,
                    "%s is \"%s\": it must be %s, %s or %s (the environment variable; unset it for "
                    "the fastest)",
                    variable, wanted, simd_names[SIMD_PLAIN], simd_names[SIMD_AVX2],
                    simd_names[SIMD_AVX512]);
    *level = simd_choose();
    return STATUS_OK;
}
