/* Requantisation: from a layer's accumulators to its output tensor (DESIGN, "Quantised layer"). */
#ifndef MHO_ENGINE_REQUANTISE_H
#define MHO_ENGINE_REQUANTISE_H

#include <stdint.h>

#include "sim/engine/kernels.h"
#include "sim/network/network.h"

/* Writes the outputs of rows of filters to y (uint8_t or float by the layer). The sums are sum x*w
 * of each; `offset` [columns] is bias - z * sum(w), added exactly; `first` is the first filter's
 * index in the layer. */
void requantise(const struct matrix_layer *layer, const struct kernels *kernels, int first,
                const struct sum_rows *sums, const int32_t *offset, void *y);

/* `filters` outputs of one position with 64-bit accumulators, which are rare: the plain way. */
void requantise_wide(const struct matrix_layer *layer, int first, int filters, const int64_t *acc,
                     const int64_t *offset, void *y);

#endif
