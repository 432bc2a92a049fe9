/* A whole layer on slow crossbars (tests/support/slow_crossbar.h): arrays as the design defines
 * them, positions one by one. */
#ifndef MHO_TESTS_SLOW_LAYER_H
#define MHO_TESTS_SLOW_LAYER_H

#include "mapping/mapping.h"
#include "sim/network/network.h"
#include "tests/support/slow_crossbar.h"

/* How many groups share an array (DESIGN, "Weight matrix"); 1 when a group fills arrays alone. */
int slow_groups_per_array(const struct matrix_shape *shape, int rows, int columns,
                          int columns_per_weight);

/* Accumulator of one filter at one output position of one image x [height][width][channels],
 * without bias and zero point: sum over the arrays that hold the filter. */
int64_t slow_layer_sum(const struct matrix_layer *layer, const struct slow_crossbar *xbar,
                       int array_rows, int groups_per_array, const uint8_t *x, int filter, int oy,
                       int ox);

/* The same for arrays as a mapping lays them: the sum over those that hold the filter. Which weight
 * lies in which array is taken from mapping_array_column. */
int64_t slow_mapped_sum(const struct mapped_layer *mapped, const struct slow_crossbar *xbar,
                        const uint8_t *x, int filter, int oy, int ox);

#endif
