/* Requantisation: from a layer's accumulators to its output tensor. */
#ifndef MHO_ENGINE_REQUANTISE_H
#define MHO_ENGINE_REQUANTISE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/network/network.h"

/* Writes `filters` outputs of one position. `acc` holds sum x*w of each; `offset` [filters] is
 * bias - z * sum(w), added exactly. `first` is the first filter's index in the layer; y points at
 * its output. */
void requantise(const struct matrix_layer *layer, int first, int filters, const int32_t *acc,
                const int64_t *offset, void *y);
void requantise_wide(const struct matrix_layer *layer, int first, int filters, const int64_t *acc,
                     const int64_t *offset, void *y);

#endif
