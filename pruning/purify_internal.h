/* The two halves of purification, private to it. A channel is index 1 of a tensor's shape. */
#ifndef MHO_PRUNING_PURIFY_INTERNAL_H
#define MHO_PRUNING_PURIFY_INTERNAL_H

#include "pruning/purify.h"

struct purify {
    struct network *network;
    float **weights, **bias; /* [n_linear] copies that may be changed */
    int *first;              /* [n_tensors + 1] number of each tensor's channel 0 */
    int n_channels;          /* of all tensors */
    struct arena scratch;
};

/* Channels of a tensor: shape[1], 1 for a tensor without. */
int purify_channels(const struct tensor *tensor);

bool purify_is_depthwise(const struct matrix_shape *shape);

/* Whether the layer's channels are index 1 of its tensors: not so for products of several
 * positions. */
bool purify_is_plain(const struct matrix_shape *shape);

/* Rows of the layer's matrix that read one channel of its input (groups 1). */
int purify_rows_of_channel(const struct matrix_shape *shape);

/* Features of a flattened tensor that each channel became; 0: the reshape does something else. */
int purify_features(const struct tensor *in, const struct tensor *out);

/* Finds channels that are constant and folds them into what reads them, where exact
 * (purify_constants.c). */
enum status purify_constants(const struct purify *purify, struct diagnostic *diag);

/* Finds channels that nothing reads; keep [n_channels] (purify_unread.c). Filters of such channels
 * are cleared, so that what they alone read is found too. */
enum status purify_unread(const struct purify *purify, bool *keep, struct diagnostic *diag);

#endif
