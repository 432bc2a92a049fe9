/* Routers of a chip in a mesh, as near to a square as their number allows, tiles in rows back and
 * forth, so that routers with neighbouring numbers are neighbours. As many tiles share a router as
 * its count in a tile says (ISAAC: 0.25, so 4); a chip without routers is taken to have one a tile.
 * Router 0 of each chip has its links. */
#ifndef MHO_CHIP_MESH_H
#define MHO_CHIP_MESH_H

#include "sim/chip/chip.h"

struct mesh {
    int tiles, tiles_per_router; /* of a chip */
    int routers, width;          /* of a chip */
};

struct mesh_place {
    int row, column;
};

struct mesh mesh_make(const struct chip *chip);
int mesh_router(const struct mesh *mesh, long tile); /* counted through all chips */
struct mesh_place mesh_place(const struct mesh *mesh, int router);

#endif
