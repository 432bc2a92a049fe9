/* Where a mapped network lies: arrays fill macros, macros tiles, and tiles chips, in the order of
 * the layers; macros are not shared between layers, tiles are. Tiles lie on a mesh (mesh.h). */
#ifndef MHO_CHIP_FLOORPLAN_H
#define MHO_CHIP_FLOORPLAN_H

#include "mapping/mapping.h"
#include "sim/chip/mesh.h"

struct floorplan {
    int arrays_per_macro, macros_per_tile;
    struct mesh mesh;
    long chips;  /* in use */
    long *macro; /* [n_layers + 1] first macro of each layer, then the number of all */
    long *place; /* [chips * tiles of a chip] where a tile lies; NULL: where its number says */
};

enum { FLOORPLAN_GATE = -1 }; /* instead of a tile: router 0 of the first chip */

/* Macros that the arrays of a mapping take. */
long floorplan_macros(const struct chip *chip, const struct mapping *mapping);

/* Chips that so many macros take, one at least. */
long floorplan_chips(const struct chip *chip, long macros);

enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           struct arena *arena, struct floorplan *plan, struct diagnostic *diag);

/* Tile of array `array` (of all copies, one after the other) of a layer, in the order of filling.
 */
long floorplan_tile(const struct floorplan *plan, int layer, long array);

/* Where a tile lies: as tiles are counted through the mesh (mesh_router). */
long floorplan_place(const struct floorplan *plan, long tile);

/* Routers that a flit passes from one tile to another: 1 where they share it. Between chips it
 * leaves by router 0 of the one and comes in by router 0 of the other. */
long floorplan_routers_passed(const struct floorplan *plan, long from, long to);

#endif
