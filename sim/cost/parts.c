/* Components at other crossbar sizes, and how many of them a mapping occupies. */
#include "sim/cost/cost_internal.h"

bool part_is_shared(const struct chip_component *part) {
    return part->level == CHIP_CHIP || part->action == ACTION_POOL ||
           part->action == ACTION_LINK_BIT;
}

/* The same preset at other crossbar sizes (DESIGN.md): the figures of SCALE_ADC parts come from
 * the ADC model instead. */
struct figures part_figures(const struct chip *chip, const struct chip_component *part,
                            const struct geometry *geometry) {
    double rows = (double)geometry->rows / chip->rows;
    double columns = (double)geometry->columns / chip->columns;
    struct figures figures = {part->count, part->area_m2, part->power_w, part->energy_j};
    switch (part->scaling) {
    case SCALE_ROWS:
        figures.count *= rows;
        break;
    case SCALE_COLUMNS:
        figures.count *= columns;
        break;
    case SCALE_CELLS:
        figures.area_m2 *= rows * columns;
        figures.power_w *= rows * columns;
        figures.energy_j *= rows * columns;
        break;
    case SCALE_ADC:
        figures.count = geometry->converters;
        break;
    case SCALE_FIXED:
    case SCALE_COUNT:
        break;
    }
    return figures;
}

double level_parents(const struct chip *chip, enum chip_level level, double arrays, double macros) {
    switch (level) {
    case CHIP_ARRAY:
        return arrays;
    case CHIP_MACRO:
        return macros;
    case CHIP_TILE:
        return macros / chip->macros_per_tile;
    default:
        return macros / chip->macros_per_tile / chip->tiles;
    }
}
