/* Components at other crossbar sizes, and how many of them a mapping occupies. */
#include <math.h>
#include <string.h>

#include "sim/chip/parts.h"

bool part_is_shared(const struct chip_component *part) {
    return part->level == CHIP_CHIP || part->action == ACTION_POOL ||
           part->action == ACTION_LINK_BIT;
}

struct figures part_own_figures(const struct chip_component *part) {
    return (struct figures){.count = part->count,
                            .area_m2 = part->area_m2,
                            .power_w = part->power_w,
                            .leakage_w = part->leakage_w,
                            .energy_j = part->energy_j,
                            .write_energy_j = part->write_energy_j};
}

struct part_conditions part_conditions_of_chip(const struct chip *chip) {
    return (struct part_conditions){.rows = chip->rows,
                                    .columns = chip->columns,
                                    .dac_bits = chip->dac_bits,
                                    .read_time_s = chip->cycle_s};
}

/* Words that `follows` of a parameter may be (docs/components.md), and what they stand for. */
enum follow_source { FOLLOW_LAYER, FOLLOW_DEVICE, FOLLOW_DEVICE_OR_NOTHING };
struct followed {
    const char *word;
    enum follow_source source;
    size_t offset;
};
#define LAYER(member)  FOLLOW_LAYER, offsetof(struct part_conditions, member)
#define DEVICE(member) FOLLOW_DEVICE, offsetof(struct device, member)
#define PULSE(member)  FOLLOW_DEVICE_OR_NOTHING, offsetof(struct device, member)
static const struct followed followed[] = {
    {"crossbar.rows", LAYER(rows)},
    {"crossbar.columns", LAYER(columns)},
    {"dac.bits", LAYER(dac_bits)},
    {"chip.read_time", LAYER(read_time_s)},
    {"device.conductance", LAYER(conductance)},
    {"device.cell_area", DEVICE(cell_area_f2)},
    {"device.read_voltage", DEVICE(read_voltage_v)},
    {"device.read_energy", PULSE(read_energy_j)},
    {"device.set_voltage", PULSE(set_voltage_v)},
    {"device.set_time", PULSE(set_time_s)},
    {"device.set_energy", PULSE(set_energy_j)},
    {"device.reset_voltage", PULSE(reset_voltage_v)},
    {"device.reset_time", PULSE(reset_time_s)},
    {"device.reset_energy", PULSE(reset_energy_j)},
};

/* The value that a parameter follows; NAN where only the standard is left. */
static enum status follow(const struct chip_component *part,
                          const struct component_parameter *parameter,
                          const struct part_conditions *conditions, double *value,
                          struct diagnostic *diag) {
    *value = NAN;
    for (size_t i = 0; i < sizeof followed / sizeof *followed; i++) {
        if (strcmp(followed[i].word, parameter->follows) != 0)
            continue;
        bool layer = followed[i].source == FOLLOW_LAYER;
        const char *base = layer ? (const char *)conditions : (const char *)conditions->device;
        if (base == NULL)
            return STATUS_OK;
        double known = *(const double *)(const void *)(base + followed[i].offset);
        if (known > 0 || followed[i].source == FOLLOW_DEVICE_OR_NOTHING)
            *value = known;
        else if (!layer)
            return FAIL(diag, STATUS_USAGE,
                        "\"%s\" of the chip needs %s, which the device %s does not state: give "
                        "\"%s\" in the chip's file, or choose another device.preset",
                        part->name, parameter->name, conditions->device->name, parameter->name);
        return STATUS_OK;
    }
    return FAIL(diag, STATUS_USAGE, "component %s: parameter %s follows \"%s\", which is nothing",
                part->kind->name, parameter->name, parameter->follows);
}

enum status part_evaluate(const struct chip *chip, const struct chip_component *part,
                          const struct part_conditions *conditions, struct figures *figures,
                          struct diagnostic *diag) {
    const struct component_kind *kind = part->kind;
    double values[COMPONENT_PARAMETERS_MAX], complete[COMPONENT_PARAMETERS_MAX];
    struct component_cost cost;
    for (int p = 0; p < kind->n_parameters; p++) {
        values[p] = part->values[p];
        if (isnan(values[p]) && kind->parameters[p].follows != NULL &&
            component_takes(part->variant, p))
            TRY(follow(part, &kind->parameters[p], conditions, &values[p], diag));
    }
    TRY(component_evaluate(kind, part->variant, values, chip->node_m, &chip->technology, &cost,
                           diag));
    component_complete(kind, part->variant, values, complete);
    double actions = kind->actions_parameter >= 0 ? complete[kind->actions_parameter] : 1;
    double write_j = cost.write_energy_j > 0 && part->action == ACTION_BUFFER_BIT
                         ? cost.write_energy_j
                         : cost.energy_j;
    *figures = (struct figures){.count = part->count,
                                .area_m2 = cost.area_m2,
                                .power_w = cost.power_w,
                                .leakage_w = cost.leakage_w,
                                .energy_j = cost.energy_j / actions,
                                .write_energy_j = write_j / actions};
    if (part->action == ACTION_ARRAY_READ) {
        figures->program_j = cost.write_energy_j;
        figures->program_s = cost.write_time_s;
    }
    if (part->actions_per_cycle > 0) /* as busy as the chip keeps it */
        figures->power_w =
            figures->energy_j * part->actions_per_cycle / chip->cycle_s + cost.leakage_w;
    else if (cost.power_w <= cost.leakage_w && cost.energy_j > 0 && part->action != ACTION_NONE)
        return FAIL(diag, STATUS_USAGE,
                    "%s states no power: \"actions_per_cycle\" must say how busy one is at most",
                    part->model);
    return STATUS_OK;
}

/* The same preset at other crossbar sizes (DESIGN.md): the figures of SCALE_ADC parts come from
 * the ADC model instead. */
enum status part_figures(const struct chip *chip, const struct chip_component *part,
                         const struct geometry *geometry, const struct part_conditions *conditions,
                         struct figures *figures, struct diagnostic *diag) {
    double rows = (double)geometry->rows / chip->rows;
    double columns = (double)geometry->columns / chip->columns;
    *figures = part_own_figures(part);
    if (part->follows)
        TRY(part_evaluate(chip, part, conditions, figures, diag));
    switch (part->scaling) {
    case SCALE_ROWS:
        figures->count *= rows;
        break;
    case SCALE_COLUMNS:
        figures->count *= columns;
        break;
    case SCALE_CELLS:
        figures->area_m2 *= rows * columns;
        figures->power_w *= rows * columns;
        figures->energy_j *= rows * columns;
        figures->write_energy_j *= rows * columns;
        break;
    case SCALE_ADC:
        figures->count = geometry->converters;
        break;
    case SCALE_FIXED:
    case SCALE_COUNT:
        break;
    }
    return STATUS_OK;
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
