/* Moves: which bits go from which tiles to which, wherever on the mesh the tiles lie.
 *
 * A matrix layer's results lie evenly in its tiles. Each of its input values goes from there to
 * every tile of the next layer that has a word line for its channel, once a tile. Pools and joins
 * (additions, products, concatenations) are done in the tiles of the last layer that feeds them;
 * what other layers give to a join goes there whole. Images come in, and results leave, by the
 * gate, router 0. Copies of a layer take turns along a row, so each needs the columns that its
 * windows cover. */
#ifndef MHO_COST_MOVES_H
#define MHO_COST_MOVES_H

#include "mapping/mapping.h"
#include "sim/chip/floorplan.h"

enum { MOVE_GATE = FLOORPLAN_GATE };

/* Share of a map that a tile gives or takes. */
struct tile_share {
    long tile; /* as numbered by floorplan_tile, or MOVE_GATE */
    double weight;
};

/* The map of one step on its way to one that reads it: every share of `from` goes to each of `to`,
 * bits * from->weight * to->weight of it. */
struct move {
    int layer;              /* that is charged with it */
    int from_step, to_step; /* of flow.h; MOVE_GATE: off the chip */
    long positions;         /* of the map */
    double bits;            /* of the map, one image */
    struct tile_share *from, *to;
    long n_from, n_to;
};

struct moves {
    struct move *moves;
    int n;
    int *owner; /* [n_steps] layer in whose tiles a step's map is made, or MOVE_GATE */
    int n_steps;
    double *joined; /* [n_layers] values that are added or multiplied in a layer's tiles, beside
                       the products: residual connections */
};

/* Lists in `arena`. Cost: O(nodes + runs of arrays + tiles). */
enum status moves_make(const struct chip *chip, const struct network *network,
                       const struct mapping *mapping, const struct floorplan *plan,
                       struct arena *arena, struct moves *moves, struct diagnostic *diag);

#endif
