/* Copies of layers, so that early ones with many positions keep up. Private to mapping/. */
#ifndef MHO_MAPPING_REPLICATION_H
#define MHO_MAPPING_REPLICATION_H

#include "mapping/mapping.h"

/* ISAAC (ISCA 2016, section VI): from the last layer back, layer i-1 has W_i * Sx_i * Sy_i copies,
 * where W_i are those of layer i and S its strides, pools between them included; the largest where
 * several layers read it, at most one a position, and one where a single position needs the whole
 * map. Fills copies [network->n_matrix]. */
enum status replication_isaac(const struct network *network, int *copies, struct diagnostic *diag);

#endif
