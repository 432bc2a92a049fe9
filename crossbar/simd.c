#include "crossbar/simd.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

static const char variable[] = "MHO_SIMD";

const char *const simd_names[SIMD_LEVELS] = {"plain", "avx2", "avx512", "amx"};

#if defined(__x86_64__)
static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("fma");
}

/* The compilers' own check knows neither AMX nor who keeps the state of its registers: the
 * processor must have it (leaf 7), the kernel must save the registers (XCR0), and Linux wants to be
 * asked by each process, as they are 8 KiB a thread. */
static bool has_amx(void) {
    enum { OSXSAVE = 1 << 27, AMX_TILE = 1 << 24, AMX_INT8 = 1 << 25 };
    enum { TILE_STATE = 3 << 17 /* configuration and data */, TILE_DATA = 18 };
    enum { REQUEST_PERMISSION = 0x1023 /* ARCH_REQ_XCOMP_PERM, asm/prctl.h of Linux 5.16 */ };
    unsigned a, b, c, d, low, high;
    if (!__builtin_cpu_supports("avx512vbmi") || !__builtin_cpu_supports("avx512bitalg") ||
        !__builtin_cpu_supports("gfni"))
        return false;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & OSXSAVE) == 0)
        return false;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & AMX_TILE) == 0 || (d & AMX_INT8) == 0)
        return false;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & TILE_STATE) != TILE_STATE)
        return false;
#if defined(__linux__)
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
#else
    return false;
#endif
}
#endif

static enum simd_level simd_supported(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (has_avx512())
        return has_amx() ? SIMD_AMX : SIMD_AVX512;
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
                    "%s is \"%s\": it must be %s, %s, %s or %s (the environment variable; unset it "
                    "for the fastest)",
                    variable, wanted, simd_names[SIMD_PLAIN], simd_names[SIMD_AVX2],
                    simd_names[SIMD_AVX512], simd_names[SIMD_AMX]);
    *level = simd_choose();
    return STATUS_OK;
}
