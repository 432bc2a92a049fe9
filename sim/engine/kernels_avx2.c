/* Compiled with AVX2 where the Makefile knows the machine as x86-64. */
#ifdef __AVX2__
#include "sim/engine/kernels.h"
#define KERNELS_NAME kernels_avx2
#include "sim/engine/kernels_loops.h"
#else
typedef int kernels_avx2_not_here; /* ISO C wants a declaration in every file */
#endif
