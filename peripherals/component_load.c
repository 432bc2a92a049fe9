/* Files of components: configs/components, docs/components.md. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "peripherals/component_internal.h"
#include "sim/config/data_file.h"

#define FIELDS(table)        (table), sizeof(table) / sizeof *(table)
#define MEMBER(type, member) offsetof(struct type, member)

/* The texts of a kind, and of a parameter. */
struct written_parameter {
    const char *help, *unit, *follows;
    const char *standard;
};

static const struct config_field kind_fields[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .offset = MEMBER(component_kind, name),
     .flags = FIELD_REQUIRED},
    {.name = "help",
     .type = FIELD_STRING,
     .offset = MEMBER(component_kind, help),
     .flags = FIELD_REQUIRED},
    {.name = "action_help",
     .type = FIELD_STRING,
     .offset = MEMBER(component_kind, action_help),
     .flags = FIELD_REQUIRED},
    {.name = "action",
     .type = FIELD_STRING,
     .offset = MEMBER(component_kind, action),
     .flags = FIELD_REQUIRED},
};
static const char *const kind_others[] = {"actions", "parameters", "variants", NULL};

static const struct config_field parameter_fields[] = {
    {.name = "help",
     .type = FIELD_STRING,
     .offset = MEMBER(written_parameter, help),
     .flags = FIELD_REQUIRED},
    {.name = "unit", .type = FIELD_STRING, .offset = MEMBER(written_parameter, unit)},
    {.name = "default",
     .type = FIELD_STRING,
     .offset = MEMBER(written_parameter, standard),
     .flags = FIELD_REQUIRED},
    {.name = "follows", .type = FIELD_STRING, .offset = MEMBER(written_parameter, follows)},
};

/* A variant as written. */
struct written_variant {
    struct component_variant variant;
    struct component_cost cost;
    double parts, area_f2, cycles;
};
#define VARIANT(member) MEMBER(written_variant, variant.member)
#define COST(member)    MEMBER(written_variant, cost.member)
#define REAL(text, member, physical)                                                               \
    {                                                                                              \
        .name = (text), .type = FIELD_REAL, .offset = (member), .unit = (physical),                \
        .minimum = 1e-40, .maximum = 1e12                                                          \
    }

static const struct config_field variant_fields[] = {
    {.name = "source", .type = FIELD_STRING, .offset = VARIANT(source), .flags = FIELD_REQUIRED},
    {.name = "note", .type = FIELD_STRING, .offset = VARIANT(note)},
    {.name = "model", .type = FIELD_STRING, .offset = VARIANT(model), .flags = FIELD_REQUIRED},
    REAL("node", VARIANT(node_m), UNIT_METRE),
    REAL("area", COST(area_m2), UNIT_SQUARE_METRE),
    REAL("energy", COST(energy_j), UNIT_JOULE),
    REAL("write_energy", COST(write_energy_j), UNIT_JOULE),
    REAL("leakage", COST(leakage_w), UNIT_WATT),
    REAL("time", COST(time_s), UNIT_SECOND),
    REAL("write_time", COST(write_time_s), UNIT_SECOND),
    REAL("power", COST(power_w), UNIT_WATT),
    REAL("parts", MEMBER(written_variant, parts), UNIT_NONE),
    REAL("cycles", MEMBER(written_variant, cycles), UNIT_NONE),
    REAL("area_f2", MEMBER(written_variant, area_f2), UNIT_NONE),
};
static const char *const variant_others[] = {"at", "range", "exponents", "table", NULL};

int component_parameter(const struct component_kind *kind, const char *name) {
    for (int i = 0; i < kind->n_parameters; i++)
        if (strcmp(kind->parameters[i].name, name) == 0)
            return i;
    return -1;
}

/* The parameter that a key names. */
static enum status find_parameter(const struct component_kind *kind, const struct yaml_node *at,
                                  const char *name, int *index, struct diagnostic *diag) {
    *index = component_parameter(kind, name);
    if (*index < 0)
        return YAML_FAIL(diag, at, "\"%s\" is no parameter of %s", name, kind->name);
    return STATUS_OK;
}

static enum status unit_of(const struct yaml_node *node, const char *symbol, enum unit *unit,
                           struct diagnostic *diag) {
    for (int i = 0; i < UNIT_COUNT; i++)
        if (strcmp(unit_symbol((enum unit)i), symbol == NULL ? "" : symbol) == 0) {
            *unit = (enum unit)i;
            return STATUS_OK;
        }
    return YAML_FAIL(diag, yaml_get(node, "unit"), "unit \"%s\" is unknown", symbol);
}

static enum status read_parameters(const struct yaml_node *root, struct component_kind *kind,
                                   struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(root, "parameters");
    if (list == NULL)
        return STATUS_OK;
    if (list->kind != YAML_MAPPING || list->count > COMPONENT_PARAMETERS_MAX)
        return YAML_FAIL(diag, list, "\"parameters\" needs up to %d names with what they are",
                         COMPONENT_PARAMETERS_MAX);
    kind->parameters = ARENA_NEW(&kind->arena, list->count + 1, struct component_parameter);
    if (kind->parameters == NULL)
        return FAIL_MEMORY(diag, "a component");
    for (size_t i = 0; i < list->count; i++) {
        struct written_parameter text = {0};
        struct component_parameter *parameter = &kind->parameters[i];
        TRY(data_file_fields(list->values[i], FIELDS(parameter_fields), NULL, &kind->arena, &text,
                             diag));
        *parameter = (struct component_parameter){
            .name = list->keys[i], .help = text.help, .follows = text.follows};
        TRY(unit_of(list->values[i], text.unit, &parameter->unit, diag));
        TRY(yaml_quantity(yaml_get(list->values[i], "default"), "default", parameter->unit,
                          &parameter->standard, diag));
        kind->n_parameters++;
    }
    return STATUS_OK;
}

/* "at: {bits: 8}": where a power law's figures hold; only there unless "range" says more. */
static enum status read_at(const struct yaml_node *node, const struct component_kind *kind,
                           struct component_variant *variant, struct component_law *law,
                           struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(node, "at");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        int p;
        if (list->kind != YAML_MAPPING)
            return YAML_FAIL(diag, list, "\"at\" needs parameters with values");
        TRY(find_parameter(kind, list->keyed[i], list->keys[i], &p, diag));
        TRY(yaml_quantity(list->values[i], list->keys[i], kind->parameters[p].unit, &law->at[p],
                          diag));
        if (law->at[p] <= 0)
            return YAML_FAIL(diag, list->values[i], "%s must be above 0", list->keys[i]);
        variant->range[p] = (struct component_range){law->at[p], law->at[p]};
    }
    return STATUS_OK;
}

static enum status read_bounds(const struct yaml_node *node, const char *name, enum unit unit,
                               struct component_range *range, struct diagnostic *diag) {
    if (node->kind != YAML_SEQUENCE || node->count != 2)
        return YAML_FAIL(diag, node, "%s needs its least and its largest value: [A, B]", name);
    TRY(yaml_quantity(node->values[0], name, unit, &range->minimum, diag));
    TRY(yaml_quantity(node->values[1], name, unit, &range->maximum, diag));
    if (range->minimum > range->maximum || range->minimum < 0)
        return YAML_FAIL(diag, node, "%s must be 0 or more and rise", name);
    return STATUS_OK;
}

static enum status read_range(const struct yaml_node *node, const struct component_kind *kind,
                              struct component_variant *variant, struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(node, "range");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        int p;
        if (list->kind != YAML_MAPPING)
            return YAML_FAIL(diag, list, "\"range\" needs parameters with [A, B]");
        TRY(find_parameter(kind, list->keyed[i], list->keys[i], &p, diag));
        TRY(read_bounds(list->values[i], list->keys[i], kind->parameters[p].unit,
                        &variant->range[p], diag));
    }
    return STATUS_OK;
}

/* "exponents: {area: {bits: 1, rows: levels}}". */
static enum status read_exponents(const struct yaml_node *node, const struct component_kind *kind,
                                  struct component_law *law, struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(node, "exponents");
    if (list == NULL)
        return STATUS_OK;
    TRY(yaml_check_keys(list, component_figure_names, FIGURE_COUNT, diag));
    for (int f = 0; f < FIGURE_COUNT; f++) {
        const struct yaml_node *own = yaml_get(list, component_figure_names[f]);
        for (size_t i = 0; own != NULL && i < own->count; i++) {
            int p;
            if (own->kind != YAML_MAPPING)
                return YAML_FAIL(diag, own, "exponents of a figure are parameters with numbers");
            TRY(find_parameter(kind, own->keyed[i], own->keys[i], &p, diag));
            if (law->at[p] <= 0)
                return YAML_FAIL(diag, own->keyed[i],
                                 "\"%s\" has an exponent: \"at\" must say "
                                 "where the figures hold",
                                 own->keys[i]);
            const char *text = own->values[i]->text;
            law->levels[f][p] = text != NULL && strcmp(text, "levels") == 0;
            if (!law->levels[f][p])
                TRY(yaml_quantity(own->values[i], own->keys[i], UNIT_NONE, &law->exponent[f][p],
                                  diag));
        }
    }
    return STATUS_OK;
}

/* The ranges that follow from a table's grid. */
static enum status read_table(const struct yaml_node *node, struct component_kind *kind,
                              struct component_variant *variant, struct component_law *law,
                              struct diagnostic *diag) {
    const struct yaml_node *own = yaml_get(node, "table");
    struct component_table *table = &law->table;
    struct component_range per;
    bool wanted = strcmp(law->model->name, "table") == 0;
    if ((own != NULL) != wanted)
        return YAML_FAIL(diag, own != NULL ? own : node,
                         "\"model: table\" and \"table\" go together");
    if (!wanted)
        return STATUS_OK;
    TRY(component_table_read(own, kind, &kind->arena, table, &per, diag));
    for (int a = 0; a < table->n_axes; a++) {
        struct component_range range = {table->at[a][0], table->at[a][table->points[a] - 1]};
        if (table->axis[a] == TABLE_NODE)
            variant->node_range = range;
        else
            variant->range[table->axis[a]] = range;
    }
    if (table->per >= 0)
        variant->range[table->per] = per;
    return STATUS_OK;
}

/* The parameters that a model asks for by name. */
static enum status bind_roles(const struct yaml_node *node, const struct component_kind *kind,
                              struct component_variant *variant, struct component_law *law,
                              struct diagnostic *diag) {
    for (int i = 0; law->model->roles[i] != NULL; i++) {
        int p;
        TRY(find_parameter(kind, node, law->model->roles[i], &p, diag));
        law->role[i] = p;
        if (variant->range[p].minimum > variant->range[p].maximum)
            variant->range[p] = (struct component_range){0, 1e30};
    }
    return STATUS_OK;
}

static enum status find_model(const struct yaml_node *node, const char *name,
                              const struct component_model **model, struct diagnostic *diag) {
    for (int i = 0; i < n_component_models; i++)
        if (strcmp(component_models[i].name, name) == 0) {
            *model = &component_models[i];
            return STATUS_OK;
        }
    return YAML_FAIL(diag, yaml_get(node, "model"), "model \"%s\" is unknown", name);
}

static enum status read_variant(const char *name, const struct yaml_node *node,
                                struct component_kind *kind, struct component_variant *variant,
                                struct diagnostic *diag) {
    struct written_variant written = {.parts = 1};
    struct component_law *law = ARENA_NEW(&kind->arena, 1, struct component_law);
    if (law == NULL)
        return FAIL_MEMORY(diag, "a component");
    TRY(data_file_fields(node, FIELDS(variant_fields), variant_others, &kind->arena, &written,
                         diag));
    *variant = written.variant;
    variant->name = name;
    variant->law = law;
    variant->node_range = (struct component_range){0, 1};
    for (int p = 0; p < COMPONENT_PARAMETERS_MAX; p++) /* empty: not a parameter of this variant */
        variant->range[p] = (struct component_range){1, -1};
    TRY(find_model(node, variant->model, &law->model, diag));
    law->n_parameters = kind->n_parameters;
    law->area_f2 = written.area_f2;
    law->cycles = written.cycles;
    law->reference = written.cost;
    law->reference.area_m2 /= written.parts;
    law->reference.power_w /= written.parts;
    law->reference.leakage_w /= written.parts;
    TRY(read_at(node, kind, variant, law, diag));
    TRY(read_exponents(node, kind, law, diag));
    TRY(read_table(node, kind, variant, law, diag));
    TRY(read_range(node, kind, variant, diag));
    return bind_roles(node, kind, variant, law, diag);
}

static enum status read_variants(const struct yaml_node *root, struct component_kind *kind,
                                 struct diagnostic *diag) {
    const struct yaml_node *list = yaml_get(root, "variants");
    if (list == NULL || list->kind != YAML_MAPPING || list->count == 0)
        return YAML_FAIL(diag, list != NULL ? list : root, "\"variants\" needs at least one");
    kind->variants = ARENA_NEW(&kind->arena, list->count, struct component_variant);
    if (kind->variants == NULL)
        return FAIL_MEMORY(diag, "a component");
    for (size_t i = 0; i < list->count; i++)
        TRY(read_variant(list->keys[i], list->values[i], kind, &kind->variants[i], diag));
    kind->n_variants = (int)list->count;
    return STATUS_OK;
}

static enum status load(const char *name, struct component_kind *kind, struct diagnostic *diag) {
    static const struct data_sort sort = {"components", "component", "component"};
    struct data_file file = {0};
    TRY(data_file_load(&sort, name, &kind->arena, &file, diag));
    memcpy(kind->content_hash, file.content_hash, sizeof kind->content_hash);
    TRY(data_file_fields(file.root, FIELDS(kind_fields), kind_others, &kind->arena, kind, diag));
    TRY(read_parameters(file.root, kind, diag));
    const struct yaml_node *actions = yaml_get(file.root, "actions");
    kind->actions_parameter = -1;
    if (actions != NULL) {
        const char *parameter;
        TRY(yaml_string(actions, "actions", &parameter, diag));
        TRY(find_parameter(kind, actions, parameter, &kind->actions_parameter, diag));
    }
    return read_variants(file.root, kind, diag);
}

enum status component_load(const char *name, struct component_kind *kind, struct diagnostic *diag) {
    *kind = (struct component_kind){0};
    enum status status = load(name, kind, diag);
    if (status != STATUS_OK)
        component_free(kind);
    return status;
}

void component_free(struct component_kind *kind) {
    if (kind == NULL)
        return;
    arena_free(&kind->arena);
    *kind = (struct component_kind){0};
}
