#include "sim/chip/floorplan.h"

#include <stdlib.h>

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           struct arena *arena, struct floorplan *plan, struct diagnostic *diag) {
    *plan = (struct floorplan){.arrays_per_macro = chip->arrays_per_macro,
                               .macros_per_tile = chip->macros_per_tile,
                               .mesh = mesh_make(chip)};
    plan->macro = ARENA_NEW(arena, mapping->n_layers + 1, long);
    if (plan->macro == NULL)
        return FAIL_MEMORY(diag, "the places of layers");
    for (int i = 0; i < mapping->n_layers; i++) {
        long arrays = (long)mapping->layers[i].n_arrays * mapping->layers[i].copies;
        plan->macro[i + 1] = plan->macro[i] + divide_up(arrays, chip->arrays_per_macro);
    }
    long tiles = divide_up(plan->macro[mapping->n_layers], chip->macros_per_tile);
    plan->chips = tiles > 0 ? divide_up(tiles, chip->tiles) : 1;
    return STATUS_OK;
}

long floorplan_tile(const struct floorplan *plan, int layer, long array) {
    return (plan->macro[layer] + array / plan->arrays_per_macro) / plan->macros_per_tile;
}

long floorplan_routers_passed(const struct floorplan *plan, long from, long to) {
    const struct mesh *mesh = &plan->mesh;
    struct mesh_place a = mesh_place(mesh, mesh_router(mesh, from));
    struct mesh_place b = mesh_place(mesh, mesh_router(mesh, to));
    if (from / mesh->tiles == to / mesh->tiles)
        return labs((long)a.row - b.row) + labs((long)a.column - b.column) + 1;
    return a.row + a.column + 1 + b.row + b.column + 1;
}
