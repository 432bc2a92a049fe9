/* Chip files: a tree of chip, tile, macro and array, each with components (configs/presets). */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "sim/chip/chip_internal.h"
#include "sim/config/data_file.h"

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
    {"ou_rows", offsetof(struct chip, ou_rows), KEY_COUNT, UNIT_NONE, true},
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
    chip->kinds = ARENA_NEW(&chip->arena, count, struct component_kind);
    if (chip->components == NULL || chip->kinds == NULL)
        return FAIL_MEMORY(diag, "the components of a chip");
    for (int level = 0; level < CHIP_LEVELS; level++)
        for (size_t i = 0; i < lists[level]->count; i++)
            TRY(chip_part_load(lists[level]->values[i], (enum chip_level)level, chip, diag));
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
    conditions.node_m = chip->printed_node_m;
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
    /* The component adc is what the model gives. */
    return strcmp(part->model, "printed") == 0 ? check_model(root, chip, part, diag) : STATUS_OK;
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

/* Printed figures at another node than the chip's own. Links stay: their pads do not shrink; the
 * energy of an array stays too: conductances set it; converters follow adc.model alone. The cycle
 * stays, so peak power goes with the energy. */
static void scale_printed(struct chip *chip) {
    const struct technology *technology = &chip->technology;
    double from = chip->printed_node_m, to = chip->node_m;
    if (from == to)
        return;
    double area = technology_scale(technology, TECHNOLOGY_AREA, from, to);
    double energy = technology_scale(technology, TECHNOLOGY_ENERGY, from, to);
    double leakage = technology_scale(technology, TECHNOLOGY_LEAKAGE, from, to);
    for (int i = 0; i < chip->n_components; i++) {
        struct chip_component *part = &chip->components[i];
        if (part->kind != NULL || part->scaling == SCALE_ADC || part->action == ACTION_LINK_BIT)
            continue;
        part->area_m2 *= area;
        part->leakage_w *= leakage;
        if (part->action == ACTION_ARRAY_READ)
            continue;
        part->energy_j *= energy;
        part->write_energy_j *= energy;
        part->power_w *= energy;
    }
}

/* The hash of everything that the chip's figures come from. */
static enum status hash_contents(struct chip *chip, const char *own, struct diagnostic *diag) {
    const char *all = arena_printf(&chip->arena, "%s %s", own, chip->technology.content_hash);
    for (int i = 0; i < chip->n_kinds && all != NULL; i++)
        all = arena_printf(&chip->arena, "%s %s", all, chip->kinds[i].content_hash);
    if (all == NULL)
        return FAIL_MEMORY(diag, "the hash of a chip");
    XXH128_hash_t hash = XXH3_128bits(all, strlen(all));
    snprintf(chip->content_hash, sizeof chip->content_hash, "%016llx%016llx",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
    return STATUS_OK;
}

/* The node that figures are for: the chip's own, or the one asked for. */
static enum status choose_node(const struct chip_options *options, struct chip *chip,
                               struct diagnostic *diag) {
    chip->printed_node_m = chip->node_m;
    chip->technology.scales = options->node_scaling;
    if (isnan(options->node_m) || options->node_m == chip->node_m)
        return STATUS_OK;
    if (!options->node_scaling)
        return FAIL(diag, STATUS_USAGE,
                    "chip.node is %g nm, and %s is of %g nm: this needs chip.node_scaling true",
                    options->node_m * 1e9, chip->name, chip->node_m * 1e9);
    TRY(technology_check(&chip->technology, options->node_m, "chip.node", diag));
    TRY(technology_check(&chip->technology, chip->node_m, "the chip's node", diag));
    chip->node_m = options->node_m;
    return STATUS_OK;
}

static enum status make(const struct chip_options *options, struct chip *chip,
                        struct diagnostic *diag) {
    static const struct data_sort sort = {"presets", "chip.preset", "chip"};
    static const char *const sections[] = {"geometry", "timing", "chip", "tile",
                                           "macro",    "array",  NULL};
    static const char *const no_more[] = {NULL};
    struct data_file file = {0};
    TRY(data_file_load(&sort, options->preset, &chip->arena, &file, diag));
    const struct yaml_node *root = file.root;
    TRY(check_mapping(root, KEYS(chip_keys), sections, diag));
    TRY(read_keys(root, KEYS(chip_keys), chip, diag));
    const struct yaml_node *geometry = yaml_get(root, "geometry");
    if (geometry == NULL)
        return FAIL(diag, STATUS_USAGE, AT "section \"geometry\" is missing", POS(root));
    TRY(check_mapping(geometry, KEYS(geometry_keys), no_more, diag));
    TRY(read_keys(geometry, KEYS(geometry_keys), chip, diag));
    TRY(check_chip(root, chip, diag));
    TRY(load_timing(root, chip, diag));
    TRY(technology_load(options->technology, &chip->technology, diag));
    TRY(choose_node(options, chip, diag));
    TRY(load_components(root, chip, diag));
    TRY(check_converter(root, chip, diag));
    scale_printed(chip);
    return hash_contents(chip, file.content_hash, diag);
}

enum status chip_make(const struct chip_options *options, struct chip *chip,
                      struct diagnostic *diag) {
    *chip = (struct chip){0};
    enum status status = make(options, chip, diag);
    if (status != STATUS_OK)
        chip_free(chip);
    return status;
}

enum status chip_load(const char *preset, struct chip *chip, struct diagnostic *diag) {
    const struct chip_options options = {
        .preset = preset, .technology = "itrs_hp", .node_m = NAN, .node_scaling = true};
    return chip_make(&options, chip, diag);
}
