#include "sim/chip/floorplan.h"

#include <stdlib.h>

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

static long macros_of(const struct chip *chip, const struct mapped_layer *layer) {
    return divide_up((long)layer->n_arrays * layer->copies, chip->arrays_per_macro);
}

static long macros_of_chip(const struct chip *chip) {
    return (long)chip->tiles * chip->macros_per_tile;
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

enum status floorplan_check_fits(const struct chip *chip, const struct mapping *mapping,
                                 struct diagnostic *diag) {
    long macros = floorplan_macros(chip, mapping), own = macros_of_chip(chip);
    if (macros <= own)
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE,
                "chip %s has %ld macros of %d arrays, and the mapping takes %ld: %ld arrays are "
                "missing. Lower mapping.replication or the network's weights, choose another "
                "chip.preset, or set chip.overflow=chips (several of it) or chip.overflow=reload "
                "(its cells written anew)",
                chip->name, own, chip->arrays_per_macro, macros,
                (macros - own) * chip->arrays_per_macro);
}

/* Where a layer begins that would begin at `macro`: behind the others, or in the next pass where it
 * then works in fewer passes. */
static long begin_in_pass(long macro, long macros, long of_chip) {
    long taken = macro % of_chip;
    bool behind = macros == 0 || divide_up(taken + macros, of_chip) <= divide_up(macros, of_chip);
    return taken == 0 || behind ? macro : macro + of_chip - taken;
}

enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           enum chip_overflow overflow, struct arena *arena, struct floorplan *plan,
                           struct diagnostic *diag) {
    long of_chip = macros_of_chip(chip);
    if (overflow == OVERFLOW_ERROR)
        TRY(floorplan_check_fits(chip, mapping, diag));
    *plan = (struct floorplan){.arrays_per_macro = chip->arrays_per_macro,
                               .macros_per_tile = chip->macros_per_tile,
                               .mesh = mesh_make(chip)};
    plan->macro = ARENA_NEW(arena, mapping->n_layers + 1, long);
    plan->macros = ARENA_NEW(arena, mapping->n_layers, long);
    if (plan->macro == NULL || plan->macros == NULL)
        return FAIL_MEMORY(diag, "the places of layers");
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        plan->macros[i] = macros_of(chip, layer);
        if (overflow == OVERFLOW_RELOAD && layer->copies > 1 && plan->macros[i] > of_chip)
            return FAIL(diag, STATUS_USAGE,
                        "layer %s has %d copies of %d arrays, more than the %ld of chip %s, so "
                        "under chip.overflow=reload they could not work at the same time: set "
                        "mapping.replication=none, or balanced with mapping.array_budget=0",
                        layer->layer->name, layer->copies, layer->n_arrays,
                        of_chip * chip->arrays_per_macro, chip->name);
        if (overflow == OVERFLOW_RELOAD)
            plan->macro[i] = begin_in_pass(plan->macro[i], plan->macros[i], of_chip);
        plan->macro[i + 1] = plan->macro[i] + plan->macros[i];
    }
    plan->chips = floorplan_chips(chip, plan->macro[mapping->n_layers]);
    plan->reload = overflow == OVERFLOW_RELOAD && plan->chips > 1;
    return STATUS_OK;
}

/* A last layer without arrays behind full chips counts to the last one. */
static long chip_of(const struct floorplan *plan, long macro) {
    long chip = macro / ((long)plan->macros_per_tile * plan->mesh.tiles);
    return chip < plan->chips ? chip : plan->chips - 1;
}

long floorplan_first_chip(const struct floorplan *plan, int layer) {
    return chip_of(plan, plan->macro[layer]);
}

long floorplan_last_chip(const struct floorplan *plan, int layer) {
    long macros = plan->macros[layer];
    return chip_of(plan, plan->macro[layer] + (macros > 0 ? macros - 1 : 0));
}

long floorplan_arrays_in(const struct floorplan *plan, const struct mapped_layer *mapped, int layer,
                         long chip) {
    long of_chip = (long)plan->macros_per_tile * plan->mesh.tiles;
    long first = (chip * of_chip - plan->macro[layer]) * plan->arrays_per_macro;
    long end = first + of_chip * plan->arrays_per_macro;
    long all = (long)mapped->n_arrays * mapped->copies;
    first = first > 0 ? first : 0;
    end = end < all ? end : all;
    return end > first ? end - first : 0;
}

long floorplan_most_macros(const struct floorplan *plan, int n_layers) {
    long of_chip = (long)plan->macros_per_tile * plan->mesh.tiles, most = 0;
    for (int i = 0; i < n_layers; i++) {
        long end = plan->macro[i] + plan->macros[i];
        long own = end - chip_of(plan, plan->macro[i]) * of_chip;
        own = own < of_chip ? own : of_chip;
        most = own > most ? own : most;
    }
    return most;
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
