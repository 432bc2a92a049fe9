/* Chips: options, and the printed totals of a preset. */
#include <stddef.h>

#include "sim/chip/chip.h"

static const char *const pipeline_words[] = {[PIPELINE_LAYERS] = "layer_by_layer",
                                             [PIPELINE_IMAGES] = "images",
                                             [PIPELINE_ROWS] = "rows",
                                             NULL};

static const char *const timing_words[] = {
    [TIMING_ANALYTIC] = "analytic", [TIMING_EVENT] = "event", NULL};

static const char *const overflow_words[] = {
    [OVERFLOW_CHIPS] = "chips", [OVERFLOW_RELOAD] = "reload", [OVERFLOW_ERROR] = "error", NULL};

static const struct config_field chip_fields[] = {
    {.name = "preset",
     .type = FIELD_STRING,
     .offset = offsetof(struct chip_options, preset),
     .default_text = "isaac",
     .flags = FIELD_NAME_OR_PATH,
     .help = "chip: name of a shipped preset, or the path of a chip file (*.yaml)"},
    {.name = "pipeline",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct chip_options, pipeline),
     .default_text = "images",
     .words = pipeline_words,
     .help = "what overlaps: nothing; layers that work on successive images, waiting for whole "
             "maps; layers that start when the rows they need are there"},
    {.name = "overflow",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct chip_options, overflow),
     .default_text = "chips",
     .words = overflow_words,
     .help =
         "where a mapping has more arrays than the chip: chips: several, joined by their links; "
         "reload: one, whose cells are written anew for each part of the network; error: "
         "refuse"},
    {.name = "batch",
     .type = FIELD_INT,
     .offset = offsetof(struct chip_options, batch),
     .default_text = "1",
     .minimum = 1,
     .maximum = CHIP_BATCH_MAX,
     .help = "overflow reload: images that pass a part of the network before the next is written"},
    {.name = "write_arrays",
     .type = FIELD_INT,
     .offset = offsetof(struct chip_options, write_arrays),
     .default_text = "0",
     .minimum = 0,
     .maximum = 100000000,
     .help = "arrays of a chip whose cells are written at the same time, each a word line after "
             "the other; 0: all"},
    {.name = "technology",
     .type = FIELD_STRING,
     .offset = offsetof(struct chip_options, technology),
     .default_text = "itrs_hp",
     .flags = FIELD_NAME_OR_PATH,
     .help = "how figures follow the node: name of a shipped technology, or the path of a file"},
    {.name = "node",
     .type = FIELD_REAL,
     .offset = offsetof(struct chip_options, node_m),
     .minimum = 1e-9,
     .maximum = 1e-5,
     .unit = UNIT_METRE,
     .help = "technology node to estimate the chip at; its own unless given"},
    {.name = "node_scaling",
     .type = FIELD_BOOL,
     .offset = offsetof(struct chip_options, node_scaling),
     .default_text = "true",
     .help = "scale figures of other nodes by the technology's rule; false: every figure as its "
             "source has it"},
    {.name = "timing",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct chip_options, timing),
     .default_text = "analytic",
     .words = timing_words,
     .help = "event: also a model of every transfer, with contention for buffers, buses, routers"},
    {.name = "stream",
     .type = FIELD_INT,
     .offset = offsetof(struct chip_options, stream),
     .default_text = "3",
     .minimum = 1,
     .maximum = CHIP_STREAM_MAX,
     .help = "images that the event-driven model sends through the chip, one after the other"},
};

const struct config_section chip_section = {
    .name = "chip",
    .help = "chip whose components are counted",
    .fields = chip_fields,
    .n_fields = sizeof chip_fields / sizeof *chip_fields,
    .size = sizeof(struct chip_options),
};

const char *const chip_level_names[] = {
    [CHIP_CHIP] = "chip",   [CHIP_TILE] = "tile", [CHIP_MACRO] = "macro",
    [CHIP_ARRAY] = "array", [CHIP_LEVELS] = NULL,
};

const char *const chip_action_names[] = {
    [ACTION_NONE] = "none",
    [ACTION_ARRAY_READ] = "array_read",
    [ACTION_ROW_DRIVE] = "row_drive",
    [ACTION_SAMPLE] = "sample",
    [ACTION_CONVERSION] = "conversion",
    [ACTION_SHIFT_ADD] = "shift_add",
    [ACTION_PARTIAL_SUM] = "partial_sum",
    [ACTION_INPUT_BIT] = "input_bit",
    [ACTION_OUTPUT_BIT] = "output_bit",
    [ACTION_BUFFER_BIT] = "buffer_bit",
    [ACTION_BUS_BIT] = "bus_bit",
    [ACTION_ROUTER_BIT] = "router_bit",
    [ACTION_ACTIVATION] = "activation",
    [ACTION_SIGN] = "sign",
    [ACTION_SKIP] = "skip",
    [ACTION_POOL] = "pool",
    [ACTION_LINK_BIT] = "link_bit",
    [ACTION_COUNT] = NULL,
};

const char *const chip_scaling_names[] = {
    [SCALE_FIXED] = "fixed", [SCALE_ROWS] = "rows", [SCALE_COLUMNS] = "columns",
    [SCALE_CELLS] = "cells", [SCALE_ADC] = "adc",   [SCALE_COUNT] = NULL,
};

void chip_free(struct chip *chip) {
    if (chip == NULL)
        return;
    for (int i = 0; i < chip->n_kinds; i++)
        component_free(&chip->kinds[i]);
    technology_free(&chip->technology);
    arena_free(&chip->arena);
    *chip = (struct chip){0};
}

/* Multiply and add operations a second with every array busy: a cycle reads all rows or an
 * operation unit, a weight takes weight_bits / cell_bits columns and its input activation_bits /
 * dac_bits cycles. */
static double peak_ops(const struct chip *chip) {
    double arrays = (double)chip->tiles * chip->macros_per_tile * chip->arrays_per_macro;
    int columns_per_weight = (chip->weight_bits + chip->cell_bits - 1) / chip->cell_bits;
    int cycles = (chip->activation_bits + chip->dac_bits - 1) / chip->dac_bits;
    int weights_per_row = chip->columns / columns_per_weight;
    int rows = chip->ou_rows > 0 ? chip->ou_rows : chip->rows;
    return 2 * arrays * rows * weights_per_row / (cycles * chip->cycle_s);
}

struct chip_totals chip_totals(const struct chip *chip) {
    double area[CHIP_LEVELS] = {0}, power[CHIP_LEVELS] = {0};
    const int children[CHIP_LEVELS] = {chip->tiles, chip->macros_per_tile, chip->arrays_per_macro,
                                       0};
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        area[part->level] += part->count * part->area_m2;
        power[part->level] += part->count * part->power_w;
    }
    for (int level = CHIP_ARRAY - 1; level >= 0; level--) {
        area[level] += children[level] * area[level + 1];
        power[level] += children[level] * power[level + 1];
    }
    return (struct chip_totals){
        .macro_area_m2 = area[CHIP_MACRO],
        .macro_power_w = power[CHIP_MACRO],
        .tile_area_m2 = area[CHIP_TILE],
        .tile_power_w = power[CHIP_TILE],
        .chip_area_m2 = area[CHIP_CHIP],
        .chip_power_w = power[CHIP_CHIP],
        .peak_ops = peak_ops(chip),
    };
}
