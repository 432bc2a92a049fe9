/* Standard normal numbers as a pure function of (key, counter): noise of reads, which any thread
 * can draw in any order.
 *
 * A key's numbers form one sequence, cut into blocks of 64; the counter is the number of a block.
 * The call kernel(key, counter, out, n) writes blocks counter, counter + 1, ...: n numbers, n a
 * multiple of COUNTER_NORMAL_BLOCK. `out` needs no alignment. Make the key from (seed, trial,
 * layer, array) with random_key and count reads in the counter.
 *
 * Philox4x32-10 (Salmon et al., SC 2011) gives 32-bit words, Box-Muller makes normals of them in
 * float32 without fused operations, so that all instruction sets give the same bytes. The largest
 * magnitude is 6.66. About a nanosecond a number with AVX2. */
#ifndef MHO_CROSSBAR_COUNTER_NORMAL_H
#define MHO_CROSSBAR_COUNTER_NORMAL_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"

enum { COUNTER_NORMAL_BLOCK = 64 };

typedef void counter_normal_kernel(uint64_t key, uint64_t counter, float *out, size_t n);

/* The kernel of a level (which simd_choose returned). */
counter_normal_kernel *counter_normals(enum simd_level level);

#endif
