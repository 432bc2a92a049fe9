/* Where a mapped network lies: arrays fill macros, macros tiles, and tiles chips, in the order of
 * the layers; macros are not shared between layers, tiles are. Tiles lie on a mesh (mesh.h). */
#ifndef MHO_CHIP_FLOORPLAN_H
#define MHO_CHIP_FLOORPLAN_H

#include "mapping/mapping.h"
#include "sim/chip/mesh.h"

struct floorplan {
    int arrays_per_macro, macros_per_tile;
    struct mesh mesh;
    long chips;   /* in use; with `reload` the passes of one, each with cells of its own */
    bool reload;  /* more than one pass */
    long *macro;  /* [n_layers + 1] first macro of each layer, then the end of all; every chip or
                     pass has as many as fit it */
    long *macros; /* [n_layers] that each layer has */
    long *place;  /* [chips * tiles of a chip] where a tile lies; NULL: where its number says */
};

enum { FLOORPLAN_GATE = -1 }; /* instead of a tile: router 0 of the first chip */

/* Macros that the arrays of a mapping take. */
long floorplan_macros(const struct chip *chip, const struct mapping *mapping);

/* Chips that so many macros take, one at least. */
long floorplan_chips(const struct chip *chip, long macros);

/* Under OVERFLOW_RELOAD layers follow each other, but one that works in fewer passes if it begins
 * a new one does. Refuses layers whose copies do not fit one chip there, and under
 * OVERFLOW_ERROR what does not fit one chip. */
enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           enum chip_overflow overflow, struct arena *arena, struct floorplan *plan,
                           struct diagnostic *diag);

/* Refuses a mapping that does not fit one chip. */
enum status floorplan_check_fits(const struct chip *chip, const struct mapping *mapping,
                                 struct diagnostic *diag);

/* First and last chip (or pass) that a layer lies in, and its arrays in one of them. */
long floorplan_first_chip(const struct floorplan *plan, int layer);
long floorplan_last_chip(const struct floorplan *plan, int layer);
long floorplan_arrays_in(const struct floorplan *plan, const struct mapped_layer *mapped, int layer,
                         long chip);

/* Macros of the chip that has the most: all that is there where one chip makes several passes. */
long floorplan_most_macros(const struct floorplan *plan, int n_layers);

/* Tile of array `array` (of all copies, one after the other) of a layer, in the order of filling.
 */
long floorplan_tile(const struct floorplan *plan, int layer, long array);

/* Where a tile lies: as tiles are counted through the mesh (mesh_router). */
long floorplan_place(const struct floorplan *plan, long tile);

/* Routers that a flit passes from one tile to another: 1 where they share it. Between chips it
 * leaves by router 0 of the one and comes in by router 0 of the other. */
long floorplan_routers_passed(const struct floorplan *plan, long from, long to);

#endif
