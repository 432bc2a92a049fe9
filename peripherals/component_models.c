/* Models of components: rows of a table, each a pure function. docs/components.md has the formulas.
 */
#include <math.h>
#include <stddef.h>

#include "peripherals/component_internal.h"

const char *const component_figure_names[] = {
    [FIGURE_AREA] = "area",
    [FIGURE_ENERGY] = "energy",
    [FIGURE_WRITE_ENERGY] = "write_energy",
    [FIGURE_LEAKAGE] = "leakage",
    [FIGURE_TIME] = "time",
    [FIGURE_WRITE_TIME] = "write_time",
    [FIGURE_POWER] = "power",
    [FIGURE_COUNT] = NULL,
};

const enum unit component_figure_units[] = {
    [FIGURE_AREA] = UNIT_SQUARE_METRE,  [FIGURE_ENERGY] = UNIT_JOULE,
    [FIGURE_WRITE_ENERGY] = UNIT_JOULE, [FIGURE_LEAKAGE] = UNIT_WATT,
    [FIGURE_TIME] = UNIT_SECOND,        [FIGURE_WRITE_TIME] = UNIT_SECOND,
    [FIGURE_POWER] = UNIT_WATT,
};

double *component_figure_of(struct component_cost *cost, enum component_figure figure) {
    static const size_t offsets[FIGURE_COUNT] = {
        [FIGURE_AREA] = offsetof(struct component_cost, area_m2),
        [FIGURE_ENERGY] = offsetof(struct component_cost, energy_j),
        [FIGURE_WRITE_ENERGY] = offsetof(struct component_cost, write_energy_j),
        [FIGURE_LEAKAGE] = offsetof(struct component_cost, leakage_w),
        [FIGURE_TIME] = offsetof(struct component_cost, time_s),
        [FIGURE_WRITE_TIME] = offsetof(struct component_cost, write_time_s),
        [FIGURE_POWER] = offsetof(struct component_cost, power_w),
    };
    return (double *)(void *)((char *)cost + offsets[figure]);
}

double component_figure(const struct component_cost *cost, enum component_figure figure) {
    struct component_cost copy = *cost;
    return *component_figure_of(&copy, figure);
}

/* Figures of the variant's node at another one. At its full rate a part of a smaller node spends
 * less on an action and does more of them: power follows energy over time. */
static void scale(struct component_cost *cost, double from_m, double to_m,
                  const struct technology *technology) {
    if (from_m <= 0 || from_m == to_m)
        return;
    double energy = technology_scale(technology, TECHNOLOGY_ENERGY, from_m, to_m);
    double time = technology_scale(technology, TECHNOLOGY_TIME, from_m, to_m);
    cost->area_m2 *= technology_scale(technology, TECHNOLOGY_AREA, from_m, to_m);
    cost->leakage_w *= technology_scale(technology, TECHNOLOGY_LEAKAGE, from_m, to_m);
    cost->energy_j *= energy;
    cost->write_energy_j *= energy;
    cost->time_s *= time;
    cost->write_time_s *= time;
    cost->power_w *= energy / time;
}

/* The time of parts that the clock drives, from the technology. */
static void clocked(const struct component_variant *variant, double node_m,
                    const struct technology *technology, struct component_cost *cost) {
    if (variant->law->cycles > 0)
        cost->time_s = variant->law->cycles / technology_clock(technology, node_m);
}

/* Energy from power and time, or power from energy and time, where only one is stated; leakage is
 * in the power from here on. */
static void complete(struct component_cost *cost) {
    if (cost->energy_j == 0)
        cost->energy_j = cost->power_w * cost->time_s;
    if (cost->power_w == 0 && cost->time_s > 0)
        cost->power_w = cost->energy_j / cost->time_s;
    cost->power_w += cost->leakage_w;
}

/* Each figure times (p / p0)^exponent for every parameter, or (2^p - 1) / (2^p0 - 1). */
static struct component_cost power_law(const struct component_variant *variant,
                                       const double *values, double node_m,
                                       const struct technology *technology) {
    const struct component_law *law = variant->law;
    struct component_cost cost = law->reference;
    for (int f = 0; f < FIGURE_COUNT; f++)
        for (int p = 0; p < law->n_parameters; p++) {
            double *figure = component_figure_of(&cost, (enum component_figure)f);
            if (law->levels[f][p])
                *figure *= (exp2(values[p]) - 1) / (exp2(law->at[p]) - 1);
            else if (law->exponent[f][p] != 0 && values[p] != law->at[p])
                *figure *= pow(values[p] / law->at[p], law->exponent[f][p]);
        }
    scale(&cost, variant->node_m, node_m, technology);
    clocked(variant, node_m, technology, &cost);
    complete(&cost);
    return cost;
}

static struct component_cost from_table(const struct component_variant *variant,
                                        const double *values, double node_m,
                                        const struct technology *technology) {
    const struct component_table *table = &variant->law->table;
    struct component_cost cost = {0};
    for (int f = 0; f < FIGURE_COUNT; f++)
        *component_figure_of(&cost, (enum component_figure)f) =
            component_table_at(table, (enum component_figure)f, values, node_m);
    scale(&cost, variant->node_m, node_m, technology);
    clocked(variant, node_m, technology, &cost);
    complete(&cost);
    return cost;
}

/* A whole array of cells. A read drives every row at full scale for the read time: energy =
 * cells * G * V^2 * t. Cells are written a row at a time, first set and then reset where the device
 * has both; an energy of a cell that is not given is V^2 * G * t. */
enum crossbar_role {
    CROSSBAR_ROWS,
    CROSSBAR_COLUMNS,
    CROSSBAR_CELL_AREA, /* in squares of the feature size */
    CROSSBAR_CONDUCTANCE,
    CROSSBAR_READ_VOLTAGE,
    CROSSBAR_READ_TIME,
    CROSSBAR_READ_ENERGY, /* of a cell */
    CROSSBAR_SET_VOLTAGE,
    CROSSBAR_SET_TIME,
    CROSSBAR_SET_ENERGY,
    CROSSBAR_RESET_VOLTAGE,
    CROSSBAR_RESET_TIME,
    CROSSBAR_RESET_ENERGY,
};
static const char *const crossbar_roles[] = {
    [CROSSBAR_ROWS] = "rows",
    [CROSSBAR_COLUMNS] = "columns",
    [CROSSBAR_CELL_AREA] = "cell_area",
    [CROSSBAR_CONDUCTANCE] = "conductance",
    [CROSSBAR_READ_VOLTAGE] = "read_voltage",
    [CROSSBAR_READ_TIME] = "read_time",
    [CROSSBAR_READ_ENERGY] = "read_energy",
    [CROSSBAR_SET_VOLTAGE] = "set_voltage",
    [CROSSBAR_SET_TIME] = "set_time",
    [CROSSBAR_SET_ENERGY] = "set_energy",
    [CROSSBAR_RESET_VOLTAGE] = "reset_voltage",
    [CROSSBAR_RESET_TIME] = "reset_time",
    [CROSSBAR_RESET_ENERGY] = "reset_energy",
    NULL,
};

static double pulse_energy(double energy_j, double volt, double siemens, double time_s) {
    return energy_j > 0 ? energy_j : volt * volt * siemens * time_s;
}

static struct component_cost crossbar(const struct component_variant *variant, const double *values,
                                      double node_m, const struct technology *technology) {
    (void)technology; /* cells follow the node by their size in F2; conductances do not */
    const int *role = variant->law->role;
    double v[sizeof crossbar_roles / sizeof *crossbar_roles];
    for (int i = 0; crossbar_roles[i] != NULL; i++)
        v[i] = values[role[i]];
    double cells = v[CROSSBAR_ROWS] * v[CROSSBAR_COLUMNS];
    double set_j = pulse_energy(v[CROSSBAR_SET_ENERGY], v[CROSSBAR_SET_VOLTAGE],
                                v[CROSSBAR_CONDUCTANCE], v[CROSSBAR_SET_TIME]);
    double reset_j = pulse_energy(v[CROSSBAR_RESET_ENERGY], v[CROSSBAR_RESET_VOLTAGE],
                                  v[CROSSBAR_CONDUCTANCE], v[CROSSBAR_RESET_TIME]);
    double read_j = pulse_energy(v[CROSSBAR_READ_ENERGY], v[CROSSBAR_READ_VOLTAGE],
                                 v[CROSSBAR_CONDUCTANCE], v[CROSSBAR_READ_TIME]);
    struct component_cost cost = {
        .area_m2 = cells * v[CROSSBAR_CELL_AREA] * node_m * node_m,
        .energy_j = cells * read_j,
        .write_energy_j = cells * (set_j + reset_j),
        .time_s = v[CROSSBAR_READ_TIME],
        .write_time_s = v[CROSSBAR_ROWS] * (v[CROSSBAR_SET_TIME] + v[CROSSBAR_RESET_TIME]),
    };
    complete(&cost);
    return cost;
}

/* What drives or selects a line that crosses `cells` cells of `cell_area` F2: the line's wire is
 * charged to the voltage once an action, C * V^2. Square cells: a pitch is sqrt(cell_area) * F. */
enum line_role { LINE_CELLS, LINE_CELL_AREA, LINE_VOLTAGE };
static const char *const line_roles[] = {
    [LINE_CELLS] = "cells", [LINE_CELL_AREA] = "cell_area", [LINE_VOLTAGE] = "voltage", NULL};

static struct component_cost line(const struct component_variant *variant, const double *values,
                                  double node_m, const struct technology *technology) {
    const int *role = variant->law->role;
    double voltage = values[role[LINE_VOLTAGE]];
    double length_m = values[role[LINE_CELLS]] * sqrt(values[role[LINE_CELL_AREA]]) * node_m;
    struct component_cost cost = {
        .area_m2 = variant->law->area_f2 * node_m * node_m,
        .energy_j = length_m * technology->wire_farad_per_m * voltage * voltage,
    };
    complete(&cost);
    return cost;
}

/* `width` parallel wires of a length at a voltage. Of random bits one in four draws C * V^2 from
 * the supply (a 0 that a 1 follows); wires lie at a pitch of 4 F. */
enum wire_role { WIRE_WIDTH, WIRE_LENGTH, WIRE_VOLTAGE };
static const char *const wire_roles[] = {
    [WIRE_WIDTH] = "width", [WIRE_LENGTH] = "length", [WIRE_VOLTAGE] = "voltage", NULL};
enum { WIRE_PITCH_F = 4 };

static struct component_cost wire(const struct component_variant *variant, const double *values,
                                  double node_m, const struct technology *technology) {
    const int *role = variant->law->role;
    double width = values[role[WIRE_WIDTH]], length_m = values[role[WIRE_LENGTH]];
    double voltage = values[role[WIRE_VOLTAGE]];
    struct component_cost cost = {
        .area_m2 = width * length_m * WIRE_PITCH_F * node_m,
        .energy_j = width * length_m * technology->wire_farad_per_m * voltage * voltage / 4,
    };
    complete(&cost);
    return cost;
}

static const char *const no_roles[] = {NULL};

const struct component_model component_models[] = {
    {"power_law", no_roles, power_law, false},
    {"table", no_roles, from_table, false},
    {"crossbar", crossbar_roles, crossbar, true},
    {"line", line_roles, line, true},
    {"wire", wire_roles, wire, true},
};
const int n_component_models = sizeof component_models / sizeof *component_models;
