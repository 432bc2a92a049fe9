/* What zero-skip has to know of a layer's reads. Private to mapping/. */
#ifndef MHO_MAPPING_READS_H
#define MHO_MAPPING_READS_H

#include "mapping/mapping.h"

/* Fills unit_conversions of a layer with zero-skip, in `arena`. One pass over the weights. */
enum status reads_analyse(struct mapped_layer *layer, struct arena *arena, struct diagnostic *diag);

#endif
