/* The ideal integer layer of DESIGN.md ("Quantised layer"), slow and obvious. */
#ifndef MHO_TESTS_MATRIX_REFERENCE_H
#define MHO_TESTS_MATRIX_REFERENCE_H

#include <stdint.h>

#include "sim/network/network.h"

/* One image: x [in_height][in_width][in_channels]; y [out_height][out_width][out_channels],
 * uint8_t or float by layer->quantised_output. */
void matrix_reference(const struct matrix_layer *layer, const uint8_t *x, void *y);

#endif
