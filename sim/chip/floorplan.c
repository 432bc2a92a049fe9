#include "sim/chip/floorplan.h"

#include <stdlib.h>

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

static long macros_of(const struct chip *chip, const struct mapped_layer *layer) {
    return divide_up((long)layer->n_arrays * layer->copies, chip->arrays_per_macro);
}

long floorplan_macros(const struct chip *chip, const struct mapping *mapping) {
    long macros = 0;
    for (int i = 0; i < mapping->n_layers; i++)
        macros += macros_of(chip, &mapping->layers[i]);
    return macros;
}

long floorplan_chips(const struct chip *chip, long macros) {
    long tiles = divide_up(macros, chip->macros_per_tile);
    return tiles > 0 ? divide_up(tiles, chip->tiles) : 1;
}

enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           struct arena *arena, struct floorplan *plan, struct diagnostic *diag) {
    *plan = (struct floorplan){.arrays_per_macro = chip->arrays_per_macro,
                               .macros_per_tile = chip->macros_per_tile,
                               .mesh = mesh_make(chip)};
    plan->macro = ARENA_NEW(arena, mapping->n_layers + 1, long);
    if (plan->macro == NULL)
        return FAIL_MEMORY(diag, "the places of layers");
    for (int i = 0; i < mapping->n_layers; i++)
        plan->macro[i + 1] = plan->macro[i] + macros_of(chip, &mapping->layers[i]);
    plan->chips = floorplan_chips(chip, plan->macro[mapping->n_layers]);
    return STATUS_OK;
}

long floorplan_tile(const struct floorplan *plan, int layer, long array) {
    return (plan->macro[layer] + array / plan->arrays_per_macro) / plan->macros_per_tile;
}

long floorplan_place(const struct floorplan *plan, long tile) {
    if (tile == FLOORPLAN_GATE)
        return 0;
    return plan->place != NULL ? plan->place[tile] : tile;
}

long floorplan_routers_passed(const struct floorplan *plan, long from_tile, long to_tile) {
    const struct mesh *mesh = &plan->mesh;
    long from = floorplan_place(plan, from_tile), to = floorplan_place(plan, to_tile);
    struct mesh_place a = mesh_place(mesh, mesh_router(mesh, from));
    struct mesh_place b = mesh_place(mesh, mesh_router(mesh, to));
    if (from / mesh->tiles == to / mesh->tiles)
        return labs((long)a.row - b.row) + labs((long)a.column - b.column) + 1;
    return a.row + a.column + 1 + b.row + b.column + 1;
}
