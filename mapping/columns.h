/* Column sums: what the programmed cells of every physical column add up to, and the ADC
 * resolutions that lose nothing because of it. Private to mapping/. */
#ifndef MHO_MAPPING_COLUMNS_H
#define MHO_MAPPING_COLUMNS_H

#include "mapping/mapping.h"

/* Fills what the arrays do in a read (sums, units, rows_driven, conversions, cells_read), their
 * columns_used, cells_nonzero, flipped_columns and largest_sum, and the layer's lossless bits. One
 * pass over the weights: O(rows * filters * columns per weight). */
enum status columns_analyse(struct mapped_layer *layer, struct diagnostic *diag);

#endif
