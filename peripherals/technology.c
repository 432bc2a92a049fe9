#include "peripherals/technology.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/config/data_file.h"

/* The file's members; the wire is given for a micrometre. */
struct written {
    struct technology technology;
    double wire_farad_per_um;
};

static const struct config_field fields[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .offset = offsetof(struct written, technology.name),
     .flags = FIELD_REQUIRED},
    {.name = "source",
     .type = FIELD_STRING,
     .offset = offsetof(struct written, technology.source),
     .flags = FIELD_REQUIRED},
    {.name = "wire_capacitance",
     .type = FIELD_REAL,
     .offset = offsetof(struct written, wire_farad_per_um),
     .unit = UNIT_FARAD,
     .minimum = 1e-20,
     .maximum = 1e-12,
     .flags = FIELD_REQUIRED},
    {.name = "clock",
     .type = FIELD_REAL,
     .offset = offsetof(struct written, technology.clock_hz),
     .unit = UNIT_HERTZ,
     .minimum = 1e3,
     .maximum = 1e12,
     .flags = FIELD_REQUIRED},
    {.name = "clock_node",
     .type = FIELD_REAL,
     .offset = offsetof(struct written, technology.clock_node_m),
     .unit = UNIT_METRE,
     .minimum = 1e-9,
     .maximum = 1e-5,
     .flags = FIELD_REQUIRED},
};
static const char *const others[] = {"scaling", "nodes", NULL};

static const struct config_field node_fields[] = {
    {.name = "node",
     .type = FIELD_REAL,
     .offset = offsetof(struct technology_node, node_m),
     .unit = UNIT_METRE,
     .minimum = 1e-9,
     .maximum = 1e-5,
     .flags = FIELD_REQUIRED},
    {.name = "supply",
     .type = FIELD_REAL,
     .offset = offsetof(struct technology_node, supply_v),
     .unit = UNIT_VOLT,
     .minimum = 0.1,
     .maximum = 10,
     .flags = FIELD_REQUIRED},
};

/* Exponents of one figure. */
struct rule {
    double node, supply;
};
static const struct config_field rule_fields[] = {
    {.name = "node",
     .type = FIELD_REAL,
     .offset = offsetof(struct rule, node),
     .minimum = -4,
     .maximum = 4,
     .flags = FIELD_REQUIRED},
    {.name = "supply",
     .type = FIELD_REAL,
     .offset = offsetof(struct rule, supply),
     .minimum = -4,
     .maximum = 4,
     .flags = FIELD_REQUIRED},
};

static const char *const figure_names[] = {
    [TECHNOLOGY_AREA] = "area",
    [TECHNOLOGY_ENERGY] = "energy",
    [TECHNOLOGY_LEAKAGE] = "leakage",
    [TECHNOLOGY_TIME] = "time",
};

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static enum status read_scaling(const struct yaml_node *root, struct technology *technology,
                                struct diagnostic *diag) {
    const struct yaml_node *scaling = yaml_get(root, "scaling");
    if (scaling == NULL || scaling->kind != YAML_MAPPING)
        return YAML_FAIL(diag, scaling != NULL ? scaling : root,
                         "\"scaling\" needs area, energy, leakage and time");
    TRY(yaml_check_keys(scaling, figure_names, TECHNOLOGY_FIGURES, diag));
    for (int i = 0; i < TECHNOLOGY_FIGURES; i++) {
        const struct yaml_node *node = yaml_get(scaling, figure_names[i]);
        struct rule rule = {0, 0};
        if (node == NULL)
            return YAML_FAIL(diag, scaling, "\"%s\" is missing here", figure_names[i]);
        TRY(data_file_fields(node, FIELDS(rule_fields), NULL, &technology->arena, &rule, diag));
        technology->node_exponent[i] = rule.node;
        technology->supply_exponent[i] = rule.supply;
    }
    return STATUS_OK;
}

static enum status read_nodes(const struct yaml_node *root, struct technology *technology,
                              struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(root, "nodes");
    if (list == NULL || list->kind != YAML_SEQUENCE || list->count < 2 ||
        list->count > TECHNOLOGY_NODES_MAX)
        return YAML_FAIL(diag, list != NULL ? list : root,
                         "\"nodes\" needs a list of 2 to %d nodes", TECHNOLOGY_NODES_MAX);
    for (size_t i = 0; i < list->count; i++) {
        struct technology_node *node = &technology->nodes[i];
        TRY(data_file_fields(list->values[i], FIELDS(node_fields), NULL, &technology->arena, node,
                             diag));
        if (i > 0 && node->node_m <= node[-1].node_m)
            return YAML_FAIL(diag, list->values[i], "nodes must rise from one to the next");
    }
    technology->n_nodes = (int)list->count;
    return STATUS_OK;
}

static enum status load(const char *name, struct technology *technology, struct diagnostic *diag) {
    static const struct data_sort sort = {"technology", "chip.technology", "technology"};
    struct data_file file = {0};
    struct written written = {0};
    TRY(data_file_load(&sort, name, &technology->arena, &file, diag));
    TRY(data_file_fields(file.root, FIELDS(fields), others, &technology->arena, &written, diag));
    written.technology.arena = technology->arena;
    written.technology.scales = true;
    written.technology.wire_farad_per_m = written.wire_farad_per_um * 1e6;
    memcpy(written.technology.content_hash, file.content_hash, sizeof file.content_hash);
    *technology = written.technology;
    TRY(read_scaling(file.root, technology, diag));
    TRY(read_nodes(file.root, technology, diag));
    return technology_check(technology, technology->clock_node_m, "clock_node", diag);
}

enum status technology_load(const char *name, struct technology *technology,
                            struct diagnostic *diag) {
    *technology = (struct technology){0};
    enum status status = load(name, technology, diag);
    if (status != STATUS_OK)
        technology_free(technology);
    return status;
}

void technology_free(struct technology *technology) {
    if (technology == NULL)
        return;
    arena_free(&technology->arena);
    *technology = (struct technology){0};
}

enum status technology_check(const struct technology *technology, double node_m, const char *what,
                             struct diagnostic *diag) {
    double low = technology->nodes[0].node_m;
    double high = technology->nodes[technology->n_nodes - 1].node_m;
    if (node_m >= low && node_m <= high)
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE, "%s is %g nm: technology %s holds for %g to %g nm", what,
                node_m * 1e9, technology->name, low * 1e9, high * 1e9);
}

double technology_supply(const struct technology *technology, double node_m) {
    const struct technology_node *nodes = technology->nodes;
    int i = 1;
    while (i < technology->n_nodes - 1 && node_m > nodes[i].node_m)
        i++;
    double share = log(node_m / nodes[i - 1].node_m) / log(nodes[i].node_m / nodes[i - 1].node_m);
    return nodes[i - 1].supply_v + share * (nodes[i].supply_v - nodes[i - 1].supply_v);
}

double technology_scale(const struct technology *technology, enum technology_figure figure,
                        double from_m, double to_m) {
    if (from_m == to_m || !technology->scales)
        return 1;
    double supply = technology_supply(technology, to_m) / technology_supply(technology, from_m);
    return pow(to_m / from_m, technology->node_exponent[figure]) *
           pow(supply, technology->supply_exponent[figure]);
}

double technology_clock(const struct technology *technology, double node_m) {
    return technology->clock_hz /
           technology_scale(technology, TECHNOLOGY_TIME, technology->clock_node_m, node_m);
}
