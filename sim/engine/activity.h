/* Activity: how many input digits a matrix layer drives, and how many of them are not zero. */
#ifndef MHO_ENGINE_ACTIVITY_H
#define MHO_ENGINE_ACTIVITY_H

#include <stdint.h>

#include "sim/engine/engine.h"
#include "sim/engine/kernels.h"
#include "sim/network/network.h"

/* Counts the digits of one image x [in_height][in_width][in_channels], each pixel as often as
 * windows use it, padding included (it drives the zero point), and adds to `activity`. */
void activity_count(const struct matrix_shape *shape, const struct quantisation *input,
                    int digit_bits, const struct kernels *kernels, const uint8_t *x,
                    struct layer_activity *activity);

/* Room for the same things as are measured in `like` [n], all zero, in `arena`; NULL when memory is
 * short. */
struct layer_activity *activity_like(const struct layer_activity *like, int n, struct arena *arena);

#endif
