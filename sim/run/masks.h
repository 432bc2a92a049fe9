/* Masks of a float network's layers in NPZ files, one array for each, named like the initializer of
 * the layer's weights and of the same shape: 1 kept, 0 removed. */
#ifndef MHO_RUN_MASKS_H
#define MHO_RUN_MASKS_H

#include "sim/network/export.h"
#include "sim/run/layerwise.h"

/* Reads masks [n_linear] of [columns][rows] in `arena`; NULL for layers that the file has none of.
 * At least one must be there. */
enum status masks_read(const char *path, const struct export *model, const struct network *network,
                       const uint8_t **masks, struct arena *arena, struct diagnostic *diag);

/* Writes the masks of the layers that have one, atomically. */
enum status masks_write(const char *path, const struct export *model, const struct network *network,
                        const struct layerwise_layer *layers, struct diagnostic *diag);

#endif
