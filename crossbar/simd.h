/* Instruction sets: which of the compiled kernels this machine can run. */
#ifndef MHO_CROSSBAR_SIMD_H
#define MHO_CROSSBAR_SIMD_H

#include "sim/base/status.h"

enum simd_level { SIMD_PLAIN, SIMD_AVX2, SIMD_AVX512, SIMD_AMX, SIMD_LEVELS };

extern const char *const simd_names[SIMD_LEVELS]; /* "plain", "avx2", "avx512", "amx" */

/* The best level of this machine, or the lower one that the environment variable MHO_SIMD names
 * (for tests and comparisons; all levels give the same results). Reads the environment and asks
 * the processor at each call, which takes microseconds on a virtual one, and keeps no state. The
 * first call that finds AMX asks the kernel for the use of its tile registers, which holds for all
 * threads of the process. */
enum simd_level simd_choose(void);

/* The same, but a word in MHO_SIMD that names no level is refused. For engines, which choose once
 * and pass the level on. */
enum status simd_read(enum simd_level *level, struct diagnostic *diag);

#endif
