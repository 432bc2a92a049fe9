/* The components of chip files: printed figures, or parts of configs/components. */
#include <math.h>
#include <string.h>

#include "sim/chip/chip_internal.h"

/* A component as written; what is not written stays 0. */
struct written {
    const char *name, *action, *scaling, *source;
    double count, printed_count, area_m2, power_w, leakage_w;
    double actions_per_cycle, energy_j, energy_actions;
};

static const struct key component_keys[] = {
    {"name", offsetof(struct written, name), KEY_TEXT, UNIT_NONE, false},
    {"count", offsetof(struct written, count), KEY_POSITIVE, UNIT_NONE, false},
    {"printed_count", offsetof(struct written, printed_count), KEY_POSITIVE, UNIT_NONE, true},
    {"area", offsetof(struct written, area_m2), KEY_NOT_NEGATIVE, UNIT_SQUARE_METRE, false},
    {"power", offsetof(struct written, power_w), KEY_NOT_NEGATIVE, UNIT_WATT, false},
    {"leakage", offsetof(struct written, leakage_w), KEY_NOT_NEGATIVE, UNIT_WATT, true},
    {"action", offsetof(struct written, action), KEY_TEXT, UNIT_NONE, false},
    {"actions_per_cycle", offsetof(struct written, actions_per_cycle), KEY_POSITIVE, UNIT_NONE,
     true},
    {"energy", offsetof(struct written, energy_j), KEY_POSITIVE, UNIT_JOULE, true},
    {"energy_actions", offsetof(struct written, energy_actions), KEY_POSITIVE, UNIT_NONE, true},
    {"scaling", offsetof(struct written, scaling), KEY_TEXT, UNIT_NONE, true},
    {"source", offsetof(struct written, source), KEY_TEXT, UNIT_NONE, false},
};

/* Index of `word` in a NULL-terminated list; a text that is in none is refused. */
static enum status read_word(const struct yaml_node *component, const char *key, const char *word,
                             const char *const *words, int *index, struct diagnostic *diag) {
    size_t count = 0;
    for (; words[count] != NULL; count++)
        if (strcmp(words[count], word) == 0) {
            *index = (int)count;
            return STATUS_OK;
        }
    const struct yaml_node *at = yaml_get(component, key);
    const char *closest = text_closest(word, words, count);
    return FAIL(diag, STATUS_USAGE, AT "%s \"%s\" is unknown%s%s%s", POS(at), key, word,
                closest != NULL ? " (did you mean \"" : "", closest != NULL ? closest : "",
                closest != NULL ? "\"?)" : "");
}

/* What the keys of one component say together. */
static enum status check_component(const struct yaml_node *node, const struct written *text,
                                   const struct chip_component *part, struct diagnostic *diag) {
    bool rate = text->actions_per_cycle > 0, energy = text->energy_j > 0;
    if (part->action == ACTION_NONE && (rate || energy))
        return FAIL(diag, STATUS_USAGE, AT "\"%s\" has no action, so no energy of one either",
                    POS(node), part->name);
    if (part->action != ACTION_NONE && rate == energy)
        return FAIL(diag, STATUS_USAGE,
                    AT "\"%s\" needs either \"actions_per_cycle\" or \"energy\"", POS(node),
                    part->name);
    if (text->energy_actions > 0 && !energy)
        return FAIL(diag, STATUS_USAGE, AT "\"energy_actions\" of \"%s\" needs \"energy\"",
                    POS(node), part->name);
    if (part->scaling == SCALE_ADC && part->leakage_w > 0)
        return FAIL(diag, STATUS_USAGE,
                    AT
                    "\"%s\": what converters leak is what adc_model gives, so no \"leakage\" here",
                    POS(yaml_get(node, "leakage")), part->name);
    if (part->leakage_w > part->power_w)
        return FAIL(diag, STATUS_USAGE,
                    AT "\"leakage\" of \"%s\" is above its \"power\", which includes it",
                    POS(yaml_get(node, "leakage")), part->name);
    if (part->scaling != SCALE_FIXED && part->level != CHIP_ARRAY)
        return FAIL(diag, STATUS_USAGE,
                    AT "\"%s\" cannot scale with the crossbar: only components of \"array\" do",
                    POS(node), part->name);
    if ((part->scaling == SCALE_ADC) != (part->action == ACTION_CONVERSION) ||
        (part->scaling == SCALE_ADC && !rate))
        return FAIL(diag, STATUS_USAGE,
                    AT
                    "\"%s\": \"scaling: adc\", \"action: conversion\" and \"actions_per_cycle\" go "
                    "together",
                    POS(node), part->name);
    return STATUS_OK;
}

/* Refuses a second component of a name. */
static enum status check_name(const struct yaml_node *node, const struct chip *chip,
                              const char *name, struct diagnostic *diag) {
    for (int i = 0; i < chip->n_components; i++)
        if (strcmp(chip->components[i].name, name) == 0)
            return FAIL(diag, STATUS_USAGE,
                        AT "\"%s\" is already the component of line %d: give each its own name",
                        POS(node), name, chip->components[i].line);
    return STATUS_OK;
}

static enum status load_printed(const struct yaml_node *node, struct chip *chip,
                                struct chip_component *part, struct diagnostic *diag) {
    static const char *const no_more[] = {NULL};
    struct written text = {.scaling = chip_scaling_names[SCALE_FIXED]};
    int action = 0, scaling = 0;
    TRY(check_mapping(node, KEYS(component_keys), no_more, diag));
    TRY(read_keys(node, KEYS(component_keys), &text, diag));
    TRY(read_word(node, "action", text.action, chip_action_names, &action, diag));
    TRY(read_word(node, "scaling", text.scaling, chip_scaling_names, &scaling, diag));
    TRY(check_name(node, chip, text.name, diag));
    double printed = text.printed_count > 0 ? text.printed_count : text.count;
    part->name = text.name;
    part->model = "printed";
    part->count = text.count;
    part->area_m2 = text.area_m2 / printed;
    part->power_w = text.power_w / printed;
    part->leakage_w = text.leakage_w / printed;
    part->action = (enum chip_action)action;
    part->actions_per_cycle = text.actions_per_cycle;
    part->scaling = (enum chip_scaling)scaling;
    part->source = text.source;
    TRY(check_component(node, &text, part, diag));
    if (text.actions_per_cycle > 0) /* leakage flows besides, with actions and without */
        part->energy_j = (part->power_w - part->leakage_w) * chip->cycle_s / text.actions_per_cycle;
    else if (text.energy_j > 0)
        part->energy_j = text.energy_j / (text.energy_actions > 0 ? text.energy_actions : 1);
    part->write_energy_j = part->energy_j;
    return STATUS_OK;
}

/* A component by its kind, as written. */
struct named {
    const char *name, *component, *variant, *action, *scaling;
    double count, actions_per_cycle;
};

static const struct key named_keys[] = {
    {"name", offsetof(struct named, name), KEY_TEXT, UNIT_NONE, false},
    {"count", offsetof(struct named, count), KEY_POSITIVE, UNIT_NONE, false},
    {"component", offsetof(struct named, component), KEY_TEXT, UNIT_NONE, false},
    {"variant", offsetof(struct named, variant), KEY_TEXT, UNIT_NONE, true},
    {"action", offsetof(struct named, action), KEY_TEXT, UNIT_NONE, true},
    {"actions_per_cycle", offsetof(struct named, actions_per_cycle), KEY_POSITIVE, UNIT_NONE, true},
    {"scaling", offsetof(struct named, scaling), KEY_TEXT, UNIT_NONE, true},
};
enum { N_NAMED = sizeof named_keys / sizeof *named_keys };

/* The kind that `name` is, loaded once for a chip. */
static enum status find_kind(const struct yaml_node *node, const char *name, struct chip *chip,
                             const struct component_kind **kind, struct diagnostic *diag) {
    struct diagnostic reason = {0};
    for (int i = 0; i < chip->n_kinds; i++)
        if (strcmp(chip->kinds[i].name, name) == 0) {
            *kind = &chip->kinds[i];
            return STATUS_OK;
        }
    const char *path = name; /* a path is relative to the chip's file, as in configurations */
    if (strchr(name, '/') != NULL || strchr(name, '.') != NULL)
        path = file_beside(node->file, name, &chip->arena);
    if (path == NULL)
        return FAIL_MEMORY(diag, "a component");
    enum status status = component_load(path, &chip->kinds[chip->n_kinds], &reason);
    if (status == STATUS_USAGE)
        return YAML_FAIL(diag, yaml_get(node, "component"), "%s", reason.message);
    if (status != STATUS_OK)
        return FAIL(diag, status, "%s", reason.message);
    *kind = &chip->kinds[chip->n_kinds++];
    return STATUS_OK;
}

static enum status find_variant(const struct yaml_node *node, const struct component_kind *kind,
                                const char *name, const struct component_variant **variant,
                                struct diagnostic *diag) {
    enum { VARIANTS_MAX = 64 };
    const char *names[VARIANTS_MAX];
    size_t n = 0;
    *variant = component_variant(kind, name);
    if (*variant != NULL)
        return STATUS_OK;
    for (int i = 0; i < kind->n_variants && n < VARIANTS_MAX; i++)
        names[n++] = kind->variants[i].name;
    const char *closest = text_closest(name, names, n);
    return YAML_FAIL(diag, yaml_get(node, "variant"), "%s has no variant \"%s\"%s%s%s", kind->name,
                     name, closest != NULL ? " (did you mean \"" : "",
                     closest != NULL ? closest : "", closest != NULL ? "\"?)" : "");
}

/* The parameters written beside the keys of every component. */
static enum status read_parameters(const struct yaml_node *node, const struct component_kind *kind,
                                   struct chip_component *part, struct diagnostic *diag) {
    const char *names[COMPONENT_PARAMETERS_MAX + 1] = {NULL};
    for (int p = 0; p < kind->n_parameters; p++)
        names[p] = kind->parameters[p].name;
    TRY(check_mapping(node, named_keys, N_NAMED, names, diag));
    for (int p = 0; p < COMPONENT_PARAMETERS_MAX; p++)
        part->values[p] = NAN;
    for (int p = 0; p < kind->n_parameters; p++) {
        const struct component_parameter *parameter = &kind->parameters[p];
        const struct yaml_node *value = yaml_get(node, parameter->name);
        if (value != NULL)
            TRY(yaml_quantity(value, parameter->name, parameter->unit, &part->values[p], diag));
        part->follows = part->follows || (value == NULL && parameter->follows != NULL &&
                                          component_takes(part->variant, p));
    }
    return STATUS_OK;
}

/* What a component's keys say together; its figures are there. */
static enum status check_named(const struct yaml_node *node, const struct chip_component *part,
                               struct diagnostic *diag) {
    if (part->scaling != SCALE_FIXED && part->level != CHIP_ARRAY)
        return YAML_FAIL(diag, node,
                         "\"%s\" cannot scale with the crossbar: only components of \"array\" do",
                         part->name);
    if (part->scaling == SCALE_CELLS || part->scaling == SCALE_ADC)
        return YAML_FAIL(diag, yaml_get(node, "scaling"),
                         "\"%s\" follows the crossbar by its parameters: its count may scale with "
                         "rows or columns",
                         part->name);
    if (part->action == ACTION_CONVERSION)
        return YAML_FAIL(diag, yaml_get(node, "action"),
                         "\"%s\" cannot convert: converters are the component adc", part->name);
    return STATUS_OK;
}

/* Every chip has one kind of converter, whose figures are those of its ADC model. */
static enum status load_adc(const struct yaml_node *node, const struct named *text,
                            const struct chip *chip, struct chip_component *part,
                            struct diagnostic *diag) {
    static const char *const no_more[] = {NULL};
    const struct adc_model *model = adc_model_find(chip->adc_model);
    struct adc_conditions conditions = adc_conditions_default;
    struct adc_cost cost;
    struct diagnostic reason = {0};
    TRY(check_mapping(node, named_keys, N_NAMED, no_more, diag));
    if (text->actions_per_cycle <= 0)
        return YAML_FAIL(diag, node, "\"%s\" needs \"actions_per_cycle\": its conversions",
                         part->name);
    if (text->variant != NULL || text->action != NULL || text->scaling != NULL ||
        part->level != CHIP_ARRAY)
        return YAML_FAIL(diag, node,
                         "\"%s\": the component adc stands in \"array\", without variant, action "
                         "and scaling: adc_model says what it is",
                         part->name);
    conditions.rate_hz = text->actions_per_cycle / chip->cycle_s;
    conditions.node_m = chip->node_m;
    conditions.rows = chip->rows;
    if (adc_model_cost(model, chip->adc_bits, &conditions, &cost, &reason) != STATUS_OK)
        return YAML_FAIL(diag, node, "%s", reason.message);
    part->model = model->name;
    part->source = model->source;
    part->action = ACTION_CONVERSION;
    part->scaling = SCALE_ADC;
    part->area_m2 = cost.area_m2;
    part->power_w = cost.power_w;
    part->energy_j = cost.power_w * chip->cycle_s / text->actions_per_cycle;
    return STATUS_OK;
}

static enum status load_named(const struct yaml_node *node, struct chip *chip,
                              struct chip_component *part, struct diagnostic *diag) {
    struct named text = {.scaling = NULL};
    struct diagnostic reason = {0};
    int action = 0, scaling = SCALE_FIXED;
    TRY(read_keys(node, named_keys, N_NAMED, &text, diag));
    TRY(check_name(node, chip, text.name, diag));
    part->name = text.name;
    part->count = text.count;
    part->actions_per_cycle = text.actions_per_cycle;
    if (strcmp(text.component, "adc") == 0)
        return load_adc(node, &text, chip, part, diag);
    TRY(find_kind(node, text.component, chip, &part->kind, diag));
    TRY(find_variant(node, part->kind, text.variant, &part->variant, diag));
    TRY(read_parameters(node, part->kind, part, diag));
    const char *word = text.action != NULL ? text.action : part->kind->action;
    TRY(read_word(node, text.action != NULL ? "action" : "component", word, chip_action_names,
                  &action, diag));
    if (text.scaling != NULL)
        TRY(read_word(node, "scaling", text.scaling, chip_scaling_names, &scaling, diag));
    part->action = (enum chip_action)action;
    part->scaling = (enum chip_scaling)scaling;
    part->source = part->variant->source;
    part->model = arena_printf(&chip->arena, "%s %s", part->kind->name, part->variant->name);
    if (part->model == NULL)
        return FAIL_MEMORY(diag, "a component");
    TRY(check_named(node, part, diag));
    const struct part_conditions conditions = part_conditions_of_chip(chip);
    struct figures figures;
    if (part_evaluate(chip, part, &conditions, &figures, &reason) != STATUS_OK)
        return YAML_FAIL(diag, node, "\"%s\": %s", part->name, reason.message);
    part->area_m2 = figures.area_m2;
    part->power_w = figures.power_w;
    part->leakage_w = figures.leakage_w;
    part->energy_j = figures.energy_j;
    part->write_energy_j = figures.write_energy_j;
    return STATUS_OK;
}

enum status chip_part_load(const struct yaml_node *node, enum chip_level level, struct chip *chip,
                           struct diagnostic *diag) {
    struct chip_component part = {.level = level, .line = node->line};
    if (yaml_get(node, "component") != NULL)
        TRY(load_named(node, chip, &part, diag));
    else
        TRY(load_printed(node, chip, &part, diag));
    chip->components[chip->n_components++] = part;
    return STATUS_OK;
}
