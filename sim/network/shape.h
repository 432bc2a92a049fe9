/* Shape arithmetic of ONNX operators: pure functions over small structs. Those that can be refused
 * return what is wrong as text, or NULL when all is well; the caller adds file and node. */
#ifndef MHO_NETWORK_SHAPE_H
#define MHO_NETWORK_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/network/network.h"

struct shape {
    int rank; /* 0..NETWORK_MAX_RANK */
    int dims[NETWORK_MAX_RANK];
};

/* Values of an activation that mho accepts: 1 GiB of floats for one image. */
enum { SHAPE_MAX_COUNT = 1 << 28 };

/* Product of the dimensions, or 0 when one is below 1 or it is above SHAPE_MAX_COUNT. */
size_t shape_count(const struct shape *shape);
bool shape_equal(const struct shape *a, const struct shape *b);
struct shape tensor_shape(const struct tensor *tensor);

/* Axis -rank..rank-1 as 0..rank-1, or -1 when out of range. */
int shape_axis(int64_t axis, int rank);

/* numpy broadcasting. */
const char *shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out);

/* Resolves the target of ONNX Reshape for `in`: 0 copies a dimension, one -1 takes what is left. */
const char *shape_reshape(const struct shape *in, const int64_t *target, size_t n,
                          struct shape *out);

enum auto_pad { AUTO_PAD_NONE, AUTO_PAD_VALID, AUTO_PAD_SAME_UPPER, AUTO_PAD_SAME_LOWER };

/* A window as written in the file; index 0 = height, 1 = width. */
struct window_spec {
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
    enum auto_pad auto_pad;
    bool ceil_mode;
};

/* Output size and resolved padding of a window over `in`. With ceil_mode a last window that would
 * start in the end padding is dropped, and pad_end grows to hold one that overhangs. */
const char *window_resolve(const struct window_spec *spec, const int in[2], struct window *window,
                           int out[2]);

#endif
