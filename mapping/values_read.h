/* What the buffers give to a layer's arrays. Private to mapping/. */
#ifndef MHO_MAPPING_VALUES_READ_H
#define MHO_MAPPING_VALUES_READ_H

#include "mapping/mapping.h"

/* Fills the layer's values_read from its arrays and runs. */
enum status values_read(struct mapped_layer *layer, struct diagnostic *diag);

#endif
