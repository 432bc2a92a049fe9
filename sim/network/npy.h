/* NPY headers, in files of their own and inside NPZ archives. Private. */
#ifndef MHO_NETWORK_NPY_H
#define MHO_NETWORK_NPY_H

#include "sim/network/dataset_internal.h"

/* Reads the header at the start of `array->stream`, fills the rest of `array`, and checks the
 * stream's length against it. The stream stays open in every case. */
enum status npy_read_header(struct array *array, struct arena *arena, struct diagnostic *diag);

#endif
