/* NPZ archives of byte arrays (masks), as numpy reads and writes them. */
#ifndef MHO_NETWORK_NPZ_H
#define MHO_NETWORK_NPZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"

enum { NPZ_MAX_RANK = 4 };

struct npz_array {
    const char *name; /* without ".npy" */
    int rank;         /* 1..NPZ_MAX_RANK */
    size_t shape[NPZ_MAX_RANK];
    const uint8_t *values; /* row-major */
};

/* Writes the arrays as uint8, atomically; the same arrays give the same bytes. */
enum status npz_write(const char *path, const struct npz_array *arrays, size_t n,
                      struct diagnostic *diag);

/* Reads array `array->name` of uint8 or bool into `values`; its shape must be the one given. A name
 * that the archive does not have: STATUS_USAGE, unless `missing` is given, which then becomes true.
 */
enum status npz_read(const char *path, const struct npz_array *array, uint8_t *values,
                     bool *missing, struct diagnostic *diag);

#endif
