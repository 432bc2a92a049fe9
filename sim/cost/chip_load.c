/* Chip files: a tree of chip, tile, macro and array, each with components (configs/presets). */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/config/yaml_merge.h"
#include "sim/cost/cost.h"

enum { COUNT_MAX = 1000000 }; /* of any part in its parent, and of any size */

/* Largest figure, in SI units; its inverse the smallest positive one: no product of them overflows.
 */
static const double quantity_max = 1e30;

#define AT     "%s:%d:%d: "
#define POS(n) (n)->file, (n)->line, (n)->column

/* One number or text of a chip file, read into a member of a struct. */
struct key {
    const char *name;
    size_t offset;
    enum { KEY_TEXT, KEY_COUNT, KEY_POSITIVE, KEY_NOT_NEGATIVE } type;
    enum unit unit;
    bool optional;
};

#define KEYS(table) (table), sizeof(table) / sizeof *(table)

static const struct key chip_keys[] = {
    {"name", offsetof(struct chip, name), KEY_TEXT, UNIT_NONE, false},
    {"source", offsetof(struct chip, source), KEY_TEXT, UNIT_NONE, false},
    {"note", offsetof(struct chip, note), KEY_TEXT, UNIT_NONE, true},
    {"node", offsetof(struct chip, node_m), KEY_POSITIVE, UNIT_METRE, false},
    {"cycle", offsetof(struct chip, cycle_s), KEY_POSITIVE, UNIT_SECOND, false},
    {"pipeline_stages", offsetof(struct chip, pipeline_stages), KEY_COUNT, UNIT_NONE, false},
    {"pooling_stages", offsetof(struct chip, pooling_stages), KEY_COUNT, UNIT_NONE, true},
    {"adc_model", offsetof(struct chip, adc_model), KEY_TEXT, UNIT_NONE, false},
};

#define TIMING(member) offsetof(struct chip, timing.member)

static const struct key timing_keys[] = {
    {"clock", TIMING(clock_hz), KEY_POSITIVE, UNIT_HERTZ, false},
    {"buffer_size", TIMING(buffer_bytes), KEY_POSITIVE, UNIT_BYTE, false},
    {"buffer_access", TIMING(buffer_access_s), KEY_POSITIVE, UNIT_SECOND, false},
    {"buffer_width", TIMING(buffer_width), KEY_COUNT, UNIT_NONE, false},
    {"buffer_banks", TIMING(buffer_banks), KEY_COUNT, UNIT_NONE, false},
    {"bus_width", TIMING(bus_width), KEY_COUNT, UNIT_NONE, false},
    {"input_register", TIMING(register_bytes), KEY_POSITIVE, UNIT_BYTE, false},
    {"flit", TIMING(flit), KEY_COUNT, UNIT_NONE, false},
    {"router_hop", TIMING(router_hop), KEY_COUNT, UNIT_NONE, false},
    {"link_width", TIMING(link_width), KEY_COUNT, UNIT_NONE, false},
    {"link_clock", TIMING(link_clock_hz), KEY_POSITIVE, UNIT_HERTZ, false},
};

static const struct key geometry_keys[] = {
    {"rows", offsetof(struct chip, rows), KEY_COUNT, UNIT_NONE, false},
    {"columns", offsetof(struct chip, columns), KEY_COUNT, UNIT_NONE, false},
    {"cell_bits", offsetof(struct chip, cell_bits), KEY_COUNT, UNIT_NONE, false},
    {"dac_bits", offsetof(struct chip, dac_bits), KEY_COUNT, UNIT_NONE, false},
    {"adc_bits", offsetof(struct chip, adc_bits), KEY_COUNT, UNIT_NONE, false},
    {"weight_bits", offsetof(struct chip, weight_bits), KEY_COUNT, UNIT_NONE, false},
    {"activation_bits", offsetof(struct chip, activation_bits), KEY_COUNT, UNIT_NONE, false},
};

/* The levels' sections and the number of children that each states. */
static const struct level {
    const char *section;
    struct key children[1];
    size_t n_children;
} levels[CHIP_LEVELS] = {
    [CHIP_CHIP] = {"chip", {{"tiles", offsetof(struct chip, tiles), KEY_COUNT, 0, false}}, 1},
    [CHIP_TILE] = {"tile",
                   {{"macros", offsetof(struct chip, macros_per_tile), KEY_COUNT, 0, false}},
                   1},
    [CHIP_MACRO] = {"macro",
                    {{"arrays", offsetof(struct chip, arrays_per_macro), KEY_COUNT, 0, false}},
                    1},
    [CHIP_ARRAY] = {"array", {{0}}, 0},
};

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

static enum status read_key(const struct yaml_node *value, const struct key *key, void *target,
                            struct diagnostic *diag) {
    void *member = (char *)target + key->offset;
    if (key->type == KEY_TEXT)
        return yaml_string(value, key->name, member, diag);
    if (key->type == KEY_COUNT) {
        int *count = member;
        TRY(yaml_int(value, key->name, count, diag));
        if (*count < 1 || *count > COUNT_MAX)
            return FAIL(diag, STATUS_USAGE, AT "%s is %d: it must be 1 to %d", POS(value),
                        key->name, *count, COUNT_MAX);
        return STATUS_OK;
    }
    double *quantity = member;
    TRY(yaml_quantity(value, key->name, key->unit, quantity, diag));
    double largest = key->unit == UNIT_NONE ? COUNT_MAX : quantity_max;
    bool large_enough = key->type == KEY_POSITIVE ? *quantity >= 1 / quantity_max : *quantity >= 0;
    if (!large_enough || *quantity > largest)
        return FAIL(diag, STATUS_USAGE, AT "%s is %s: it must be %s and at most %g", POS(value),
                    key->name, value->text, key->type == KEY_POSITIVE ? "above 0" : "0 or more",
                    largest);
    return STATUS_OK;
}

/* Reads the keys of `table` from `mapping`; a missing one is an error unless it is optional. */
static enum status read_keys(const struct yaml_node *mapping, const struct key *table, size_t count,
                             void *target, struct diagnostic *diag) {
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *value = yaml_get(mapping, table[i].name);
        if (value != NULL)
            TRY(read_key(value, &table[i], target, diag));
        else if (!table[i].optional)
            return FAIL(diag, STATUS_USAGE, AT "\"%s\" is missing here", POS(mapping),
                        table[i].name);
    }
    return STATUS_OK;
}

/* Refuses what is no mapping, and keys that are neither in `table` nor in `more` (NULL-terminated).
 */
static enum status check_mapping(const struct yaml_node *node, const struct key *table,
                                 size_t count, const char *const *more, struct diagnostic *diag) {
    enum { ALLOWED_MAX = 16 };
    const char *allowed[ALLOWED_MAX];
    size_t n = 0;
    if (node->kind != YAML_MAPPING)
        return FAIL(diag, STATUS_USAGE, AT "expected keys with values here", POS(node));
    for (size_t i = 0; i < count; i++)
        allowed[n++] = table[i].name;
    for (; *more != NULL; more++)
        allowed[n++] = *more;
    return yaml_check_keys(node, allowed, n, diag);
}

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

static enum status load_component(const struct yaml_node *node, enum chip_level level,
                                  struct chip *chip, struct diagnostic *diag) {
    static const char *const no_more[] = {NULL};
    struct written text = {.scaling = chip_scaling_names[SCALE_FIXED]};
    int action = 0, scaling = 0;
    TRY(check_mapping(node, KEYS(component_keys), no_more, diag));
    TRY(read_keys(node, KEYS(component_keys), &text, diag));
    TRY(read_word(node, "action", text.action, chip_action_names, &action, diag));
    TRY(read_word(node, "scaling", text.scaling, chip_scaling_names, &scaling, diag));
    for (int i = 0; i < chip->n_components; i++)
        if (strcmp(chip->components[i].name, text.name) == 0)
            return FAIL(diag, STATUS_USAGE,
                        AT "\"%s\" is already the component of line %d: give each its own name",
                        POS(node), text.name, chip->components[i].line);
    double printed = text.printed_count > 0 ? text.printed_count : text.count;
    struct chip_component *part = &chip->components[chip->n_components++];
    *part = (struct chip_component){
        .name = text.name,
        .level = level,
        .line = node->line,
        .count = text.count,
        .area_m2 = text.area_m2 / printed,
        .power_w = text.power_w / printed,
        .leakage_w = text.leakage_w / printed,
        .action = (enum chip_action)action,
        .actions_per_cycle = text.actions_per_cycle,
        .scaling = (enum chip_scaling)scaling,
        .source = text.source,
    };
    TRY(check_component(node, &text, part, diag));
    if (text.actions_per_cycle > 0)
        part->energy_j = part->power_w * chip->cycle_s / text.actions_per_cycle;
    else if (text.energy_j > 0)
        part->energy_j = text.energy_j / (text.energy_actions > 0 ? text.energy_actions : 1);
    return STATUS_OK;
}

/* Finds the section of `level`, reads its number of children, and returns its list of components.
 */
static enum status load_level(const struct yaml_node *root, enum chip_level level,
                              struct chip *chip, const struct yaml_node **components,
                              struct diagnostic *diag) {
    static const char *const more[] = {"components", NULL};
    const struct level *own = &levels[level];
    const struct yaml_node *section = yaml_get(root, own->section);
    if (section == NULL)
        return FAIL(diag, STATUS_USAGE, AT "section \"%s\" is missing", POS(root), own->section);
    TRY(check_mapping(section, own->children, own->n_children, more, diag));
    TRY(read_keys(section, own->children, own->n_children, chip, diag));
    *components = yaml_get(section, "components");
    if (*components == NULL || (*components)->kind != YAML_SEQUENCE)
        return FAIL(diag, STATUS_USAGE, AT "section \"%s\" needs a list \"components\"",
                    POS(section), own->section);
    return STATUS_OK;
}

static enum status load_components(const struct yaml_node *root, struct chip *chip,
                                   struct diagnostic *diag) {
    const struct yaml_node *lists[CHIP_LEVELS];
    size_t count = 0;
    for (int level = 0; level < CHIP_LEVELS; level++) {
        TRY(load_level(root, (enum chip_level)level, chip, &lists[level], diag));
        count += lists[level]->count;
    }
    chip->components = ARENA_NEW(&chip->arena, count, struct chip_component);
    if (chip->components == NULL)
        return FAIL_MEMORY(diag, "the components of a chip");
    for (int level = 0; level < CHIP_LEVELS; level++)
        for (size_t i = 0; i < lists[level]->count; i++)
            TRY(load_component(lists[level]->values[i], (enum chip_level)level, chip, diag));
    return STATUS_OK;
}

/* Whether two figures are the same to two digits, as papers print them. */
static bool agrees(double figure, double printed) {
    return fabs(figure - printed) <= 0.05 * printed;
}

/* Estimates take converters from adc.model and not from the file, so what the file says of its own
 * must be what its model gives. */
static enum status check_model(const struct yaml_node *root, const struct chip *chip,
                               const struct chip_component *part, struct diagnostic *diag) {
    const struct adc_model *model = adc_model_find(chip->adc_model);
    if (chip->adc_bits < model->minimum_bits || chip->adc_bits > model->maximum_bits)
        return FAIL(diag, STATUS_USAGE, AT "adc_bits is %d: adc_model %s holds for %d to %d",
                    POS(yaml_get(yaml_get(root, "geometry"), "adc_bits")), chip->adc_bits,
                    model->name, model->minimum_bits, model->maximum_bits);
    struct adc_conditions conditions = adc_conditions_default;
    conditions.rate_hz = part->actions_per_cycle / chip->cycle_s;
    conditions.node_m = chip->node_m;
    conditions.rows = chip->rows;
    struct adc_cost cost;
    struct diagnostic reason = {0};
    if (adc_model_cost(model, chip->adc_bits, &conditions, &cost, &reason) != STATUS_OK)
        return FAIL(diag, STATUS_USAGE, AT "%s", POS(yaml_get(root, "adc_model")), reason.message);
    if (!model->has_area)
        return FAIL(diag, STATUS_USAGE, AT "adc_model %s gives no area: a chip needs one that does",
                    POS(yaml_get(root, "adc_model")), model->name);
    if (!agrees(cost.area_m2, part->area_m2) || !agrees(cost.power_w, part->power_w))
        return FAIL(
            diag, STATUS_USAGE,
            "%s:%d: \"%s\" has %.4g um2 and %.4g mW each, where adc_model %s gives %.4g um2 "
            "and %.4g mW at %d bits",
            root->file, part->line, part->name, part->area_m2 * 1e12, part->power_w * 1e3,
            model->name, cost.area_m2 * 1e12, cost.power_w * 1e3, chip->adc_bits);
    return STATUS_OK;
}

/* Every chip has one kind of converter, which adc.bits and adc.model describe. */
static enum status check_converter(const struct yaml_node *root, const struct chip *chip,
                                   struct diagnostic *diag) {
    const struct chip_component *part = NULL;
    int converters = 0;
    for (int i = 0; i < chip->n_components; i++)
        if (chip->components[i].scaling == SCALE_ADC) {
            part = &chip->components[i];
            converters++;
        }
    if (converters != 1)
        return FAIL(diag, STATUS_USAGE, AT "%d components have \"scaling: adc\": exactly one must",
                    POS(yaml_get(root, "array")), converters);
    return check_model(root, chip, part, diag);
}

/* A pipeline holds at least the array reads; the named converter model must exist. */
static enum status check_chip(const struct yaml_node *root, const struct chip *chip,
                              struct diagnostic *diag) {
    int cycles = (chip->activation_bits + chip->dac_bits - 1) / chip->dac_bits;
    if (chip->pipeline_stages < cycles)
        return FAIL(diag, STATUS_USAGE, AT "pipeline_stages is %d: fewer than the %d array reads",
                    POS(yaml_get(root, "pipeline_stages")), chip->pipeline_stages, cycles);
    if (chip->pooling_stages > 0 && chip->pooling_stages < chip->pipeline_stages)
        return FAIL(
            diag, STATUS_USAGE, AT "pooling_stages is %d: fewer than the %d of pipeline_stages",
            POS(yaml_get(root, "pooling_stages")), chip->pooling_stages, chip->pipeline_stages);
    if (adc_model_find(chip->adc_model) == NULL)
        return FAIL(diag, STATUS_USAGE, AT "adc_model \"%s\" is unknown",
                    POS(yaml_get(root, "adc_model")), chip->adc_model);
    return STATUS_OK;
}

/* Optional: only the event-driven model of time needs it, and then all of it. */
static enum status load_timing(const struct yaml_node *root, struct chip *chip,
                               struct diagnostic *diag) {
    static const char *const no_more[] = {NULL};
    const struct yaml_node *timing = yaml_get(root, "timing");
    if (timing == NULL)
        return STATUS_OK;
    TRY(check_mapping(timing, KEYS(timing_keys), no_more, diag));
    return read_keys(timing, KEYS(timing_keys), chip, diag);
}

static enum status load_file(const char *path, struct chip *chip, struct diagnostic *diag) {
    static const char *const sections[] = {"geometry", "timing", "chip", "tile",
                                           "macro",    "array",  NULL};
    static const char *const no_more[] = {NULL};
    const struct yaml_node *root = NULL;
    TRY(yaml_load_based(path, &chip->arena, &root, chip->content_hash, diag));
    TRY(check_mapping(root, KEYS(chip_keys), sections, diag));
    TRY(read_keys(root, KEYS(chip_keys), chip, diag));
    const struct yaml_node *geometry = yaml_get(root, "geometry");
    if (geometry == NULL)
        return FAIL(diag, STATUS_USAGE, AT "section \"geometry\" is missing", POS(root));
    TRY(check_mapping(geometry, KEYS(geometry_keys), no_more, diag));
    TRY(read_keys(geometry, KEYS(geometry_keys), chip, diag));
    TRY(check_chip(root, chip, diag));
    TRY(load_timing(root, chip, diag));
    TRY(load_components(root, chip, diag));
    return check_converter(root, chip, diag);
}

static bool ends_in(const char *text, const char *ending) {
    size_t length = strlen(text), of = strlen(ending);
    return length > of && strcmp(text + length - of, ending) == 0;
}

static enum status find_preset(const char *preset, struct arena *arena, char **path,
                               struct diagnostic *diag) {
    if (strchr(preset, '/') != NULL || ends_in(preset, ".yaml")) {
        *path = arena_strdup(arena, preset);
        return *path != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the chip's path");
    }
    char *relative = arena_printf(arena, "presets/%s.yaml", preset);
    if (relative == NULL)
        return FAIL_MEMORY(diag, "the chip's path");
    if (file_shipped(relative, arena, path, NULL) == STATUS_OK)
        return STATUS_OK;
    char *names = file_shipped_names("presets", arena);
    if (names == NULL)
        return FAIL_MEMORY(diag, "the names of chips");
    if (names[0] == '\0') /* not even their folder: say where it was looked for */
        return file_shipped(relative, arena, path, diag);
    return FAIL(
        diag, STATUS_USAGE,
        "chip.preset: no shipped chip is called \"%s\" (there is: %s); give one of them, or "
        "the path of a chip file (*.yaml)",
        preset, names);
}

static enum status load_preset(const char *preset, struct chip *chip, struct diagnostic *diag) {
    char *path;
    TRY(find_preset(preset, &chip->arena, &path, diag));
    if (access(path, F_OK) != 0)
        return FAIL(diag, STATUS_USAGE, "chip.preset: cannot read %s: %s", path, strerror(errno));
    return load_file(path, chip, diag);
}

enum status chip_load(const char *preset, struct chip *chip, struct diagnostic *diag) {
    *chip = (struct chip){0};
    enum status status = load_preset(preset, chip, diag);
    if (status != STATUS_OK)
        chip_free(chip);
    return status;
}
