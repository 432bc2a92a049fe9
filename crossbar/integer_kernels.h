/* Kernels of integer.h for each instruction set; private to crossbar/.
 *
 * Packed layout: panels of 16 columns; in a panel, for every group of `interleave` inputs, the 16
 * columns' weights of that group: [panel][depth / interleave][16][interleave]. */
#ifndef MHO_CROSSBAR_INTEGER_KERNELS_H
#define MHO_CROSSBAR_INTEGER_KERNELS_H

#include "crossbar/integer.h"

typedef void integer_kernel(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                            int positions, int32_t *acc, size_t acc_stride);

/* Plain and AVX2 read pairs of int16 weights, AVX-512 and AMX
 * quadruples of int8. */
integer_kernel integer_multiply_plain;
#if defined(__x86_64__)
integer_kernel integer_multiply_avx2, integer_multiply_avx512, integer_multiply_amx;
#endif

#endif
