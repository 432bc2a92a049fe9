/* Traffic: the bits of maps that tiles send each other, times the routers that they pass from where
 * the one lies on the mesh to where the other does. */
#ifndef MHO_COST_TRAFFIC_H
#define MHO_COST_TRAFFIC_H

#include "sim/cost/moves.h"

struct traffic {
    double *router_bits; /* [n_layers] bits times routers, of one image: of what a layer receives,
                            of what is joined in its tiles, and of a result that leaves them */
    double *moved_bits;  /* [n_layers] the same bits once each */
};

/* Cost: O(shares of all moves + moves * chips * width of the mesh). */
enum status traffic_count(const struct moves *moves, int n_layers, const struct floorplan *plan,
                          struct arena *arena, struct traffic *traffic, struct diagnostic *diag);

/* Bits times routers of one image, over all layers. */
double traffic_router_bits(const struct traffic *traffic, int n_layers);

#endif
