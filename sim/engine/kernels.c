#include "sim/engine/kernels.h"

#define KERNELS_NAME kernels_baseline
#include "sim/engine/kernels_loops.h"

#ifdef __x86_64__
const struct kernels *kernels_best(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels_avx2
                                                                           : &kernels_baseline;
}
#else
const struct kernels *kernels_best(void) {
    return &kernels_baseline;
}
#endif
