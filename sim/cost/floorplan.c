#include "sim/cost/floorplan.h"

#include <math.h>
#include <stdlib.h>

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

/* Tiles that share a router: a router counts 1 / that many in a tile. */
static int concentration_of(const struct chip *chip) {
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        if (part->action == ACTION_ROUTER_BIT && part->level == CHIP_TILE && part->count < 1)
            return (int)lround(1 / part->count);
    }
    return 1;
}

enum status floorplan_make(const struct chip *chip, const struct mapping *mapping,
                           struct arena *arena, struct floorplan *plan, struct diagnostic *diag) {
    *plan = (struct floorplan){.arrays_per_macro = chip->arrays_per_macro,
                               .macros_per_tile = chip->macros_per_tile,
                               .tiles_per_chip = chip->tiles,
                               .concentration = concentration_of(chip)};
    long routers = divide_up(chip->tiles, plan->concentration);
    plan->side = (int)ceil(sqrt((double)routers));
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

struct floorplan_place floorplan_router(const struct floorplan *plan, long tile) {
    long router = tile % plan->tiles_per_chip / plan->concentration;
    int row = (int)(router / plan->side), column = (int)(router % plan->side);
    return (struct floorplan_place){.chip = tile / plan->tiles_per_chip,
                                    .row = row,
                                    .column = row % 2 == 0 ? column : plan->side - 1 - column};
}

long floorplan_routers_passed(const struct floorplan *plan, long from, long to) {
    struct floorplan_place a = floorplan_router(plan, from), b = floorplan_router(plan, to);
    if (a.chip == b.chip)
        return labs((long)a.row - b.row) + labs((long)a.column - b.column) + 1;
    return a.row + a.column + 1 + b.row + b.column + 1;
}
