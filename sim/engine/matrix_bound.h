/* Whether a layer's accumulators fit 32 bits. Private to engine/. */
#ifndef MHO_ENGINE_MATRIX_BOUND_H
#define MHO_ENGINE_MATRIX_BOUND_H

#include "sim/engine/matrix_pack.h"

/* True when some partial result of the layer, with bias and zero point, may leave 32 bits. Needs
 * path, transfer, groups_per_pack and what the layer and its mapping say. */
bool matrix_needs_wide(const struct matrix_setting *setting);

#endif
