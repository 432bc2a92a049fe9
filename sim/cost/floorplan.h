/* Where a mapped network lies: arrays fill macros, macros tiles, and tiles chips, in the order of
 * the layers; macros are not shared between layers, tiles are. Neighbouring tiles share a router
 * (concentration: the reciprocal of the router's count in the chip's file); the routers of a chip
 * form a square mesh, filled row by row, every other row backwards, so that the next router is a
 * neighbour. Router 0 is where links leave the chip. */
#ifndef MHO_COST_FLOORPLAN_H
#define MHO_COST_FLOORPLAN_H

#include "sim/cost/cost.h"

struct floorplan {
    int arrays_per_macro, macros_per_tile;
    long tiles_per_chip;
    int concentration; /* tiles of one router */
    int side;          /* routers in a row of the mesh */
    long chips;        /* in use */
    long *macro;       /* [n_layers + 1] first macro of each layer, then the number of all */
};

/* A router of the mesh. */
struct floorplan_place {
    long chip;
    int row, column;
};

enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           struct arena *arena, struct floorplan *plan, struct diagnostic *diag);

/* Tile of array `array` (of all copies, one after the other) of a layer. */
long floorplan_tile(const struct floorplan *plan, int layer, long array);

struct floorplan_place floorplan_router(const struct floorplan *plan, long tile);

/* Routers that a flit passes from one tile to another: 1 where they share it. Between chips it
 * leaves by router 0 of the one and comes in by router 0 of the other. */
long floorplan_routers_passed(const struct floorplan *plan, long from, long to);

#endif
