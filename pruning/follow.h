/* Follow: which layers read a matrix layer's channels, for schemes that remove filters.
 *
 * A filter is worth what the layers after it make of its channel, so that filters are chosen on
 * their reader: a group of its rows for each filter, over all its columns. */
#ifndef MHO_PRUNING_FOLLOW_H
#define MHO_PRUNING_FOLLOW_H

#include "pruning/pruning.h"

/* For each float matrix layer [n_linear] of a network that is not quantised, the layer that alone
 * reads its outputs, channel by channel: through activations, pools and flattening, and through
 * nothing that mixes channels. The reader has groups 1, and rows / filters of its rows in a row
 * belong to each filter. -1: none, or several, or the network's output. */
enum status follow_readers(const struct network *network, int *reader, struct diagnostic *diag);

/* For each float matrix layer [n_linear], the tensor that its outputs alone are added to, where the
 * layer's outputs go nowhere else and the sum has their shape; -1: none. */
enum status follow_summands(const struct network *network, int *summand, struct diagnostic *diag);

/* Bounds [n_linear] that Relu and Clip, and nothing before them but maxima of pools, put on each
 * layer's outputs, or on the sum of outputs and summand; infinite where there are none. Beyond
 * them outputs make no difference. */
enum status follow_bounds(const struct network *network, const int *summand, float *low,
                          float *high, struct diagnostic *diag);

#endif
