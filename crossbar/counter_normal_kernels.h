/* Kernels of counter_normal.h for each instruction set; private to crossbar/. */
#ifndef MHO_CROSSBAR_COUNTER_NORMAL_KERNELS_H
#define MHO_CROSSBAR_COUNTER_NORMAL_KERNELS_H

#include "crossbar/counter_normal.h"

counter_normal_kernel counter_normal_plain;
#if defined(__x86_64__)
counter_normal_kernel counter_normal_avx2, counter_normal_avx512;
#endif

#endif
