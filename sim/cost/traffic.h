/* Traffic: the bits of maps that tiles send each other, times the routers that they pass.
 *
 * A matrix layer's results lie evenly in its tiles. Each of its input values goes from there to
 * every tile of the next layer that has a word line for its channel, once a tile. Pools and joins
 * (additions, products, concatenations) are done in the tiles of the last layer that feeds them;
 * what other layers give to a join goes there whole. Images come in, and results leave, by router
 * 0. Copies of a layer take turns along a row, so each needs the columns that its windows cover. */
#ifndef MHO_COST_TRAFFIC_H
#define MHO_COST_TRAFFIC_H

#include "sim/chip/floorplan.h"

struct traffic {
    double *router_bits; /* [n_layers] bits times routers, of one image: of what a layer receives,
                            of what is joined in its tiles, and of a result that leaves them */
    double *moved_bits;  /* [n_layers] the same bits once each */
    double *joined;   /* [n_layers] values that are added or multiplied in a layer's tiles, beside
                         the products: residual connections */
    double link_bits; /* between chips */
};

/* Cost: O(nodes + runs of arrays + tiles). */
enum status traffic_count(const struct chip *chip, const struct network *network,
                          const struct mapping *mapping, const struct floorplan *plan,
                          struct arena *arena, struct traffic *traffic, struct diagnostic *diag);

#endif
