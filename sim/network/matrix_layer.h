/* Arithmetic of quantised layers that import and network_quantise share. */
#ifndef MHO_NETWORK_MATRIX_LAYER_H
#define MHO_NETWORK_MATRIX_LAYER_H

#include "sim/network/network.h"

/* Code of `real`: rint(real / scale) + zero point, saturated; infinite values give the ends. */
int quantise_value(const struct quantisation *quant, float real);

/* Sets low, high and multiplier of a layer whose input, output and weight scales are in place. The
 * real bounds are those of folded activations, or infinite. False on short memory. */
bool matrix_layer_scale(struct matrix_layer *layer, float low, float high, struct arena *arena);

/* Filter whose accumulator may leave 32 bits (64 bits are used above 8-bit weights), or -1. */
int matrix_layer_overflow(const struct matrix_layer *layer);

#endif
