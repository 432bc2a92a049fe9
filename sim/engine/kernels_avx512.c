/* Compiled with AVX-512 where the Makefile knows the machine as x86-64. */
#ifdef __AVX512F__
#include "sim/engine/kernels.h"
#define KERNELS_NAME kernels_avx512
#include "sim/engine/kernels_loops.h"
#else
typedef int kernels_avx512_not_here; /* ISO C wants a declaration in every file */
#endif
