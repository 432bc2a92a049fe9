/* Counting the partial sums of a matrix layer: what its converters would have to resolve. Private
 * to engine/.
 *
 * Order of calls: matrix_counter_create once, then matrix_counter_run any number of times from
 * several threads, each with its own workspace and counts. */
#ifndef MHO_ENGINE_MATRIX_COUNT_H
#define MHO_ENGINE_MATRIX_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"
#include "mapping/mapping.h"
#include "sim/base/base.h"
#include "sim/network/network.h"

struct matrix_counter; /* opaque, immutable */

enum status matrix_counter_create(const struct matrix_layer *layer,
                                  const struct mapped_layer *mapped, enum simd_level level,
                                  struct arena *arena, struct matrix_counter **out,
                                  struct diagnostic *diag);

/* Bytes of workspace, aligned to 64. */
size_t matrix_counter_workspace(const struct matrix_counter *counter);

/* Adds the sums of all conversions for x (as matrix_executor_run takes it) to counts, which has an
 * entry for every sum 0..lossless.largest_sum. */
void matrix_counter_run(const struct matrix_counter *counter, int images, const uint8_t *x,
                        uint64_t *counts, void *workspace);

#endif
