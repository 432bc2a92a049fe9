/* The ISAAC preset against the table that the paper prints, and the errors of chip files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cost/cost.h"
#include "tests/test.h"

/* Rows as printed: mW and mm2 of `parts` parts together. */
static const struct printed_row {
    const char *name;
    enum chip_level level;
    double parts, per_parent, power_mw, area_mm2;
} printed_rows[] = {
    {"HyperTransport", CHIP_CHIP, 4, 4, 10400, 22.88},
    {"eDRAM buffer", CHIP_TILE, 1, 1, 20.7, 0.083},
    {"eDRAM bus", CHIP_TILE, 1, 1, 7, 0.090},
    {"router", CHIP_TILE, 1, 0.25, 42, 0.151},
    {"sigmoid", CHIP_TILE, 2, 2, 0.52, 0.0006},
    {"tile shift-and-add", CHIP_TILE, 1, 1, 0.05, 0.00006},
    {"max-pool", CHIP_TILE, 1, 1, 0.4, 0.00024},
    {"tile output register", CHIP_TILE, 1, 1, 1.68, 0.0032},
    {"shift-and-add", CHIP_MACRO, 4, 4, 0.2, 0.00024},
    {"input register", CHIP_MACRO, 1, 1, 1.24, 0.0021},
    {"output register", CHIP_MACRO, 1, 1, 0.23, 0.00077},
    {"ADC", CHIP_ARRAY, 8, 1, 16, 0.0096},
    {"DAC", CHIP_ARRAY, 8 * 128, 128, 4, 0.00017},
    {"sample-and-hold", CHIP_ARRAY, 8 * 128, 128, 0.01, 0.00004},
    {"array", CHIP_ARRAY, 8, 1, 2.4, 0.0002},
};
enum { N_PRINTED = sizeof printed_rows / sizeof *printed_rows };

static const struct chip_component *find(const struct chip *chip, const char *name) {
    for (int i = 0; i < chip->n_components; i++)
        if (strcmp(chip->components[i].name, name) == 0)
            return &chip->components[i];
    CU_FAIL_FATAL("the preset lacks a component");
    return NULL;
}

static void load_isaac(struct chip *chip) {
    struct diagnostic diag = {0};
    ASSERT_OK(chip_load("configs/presets/isaac.yaml", chip, &diag), diag);
}

static void every_row_is_as_printed(void) {
    struct chip chip;
    load_isaac(&chip);
    CU_ASSERT_EQUAL(chip.n_components, N_PRINTED);
    for (size_t i = 0; i < N_PRINTED; i++) {
        const struct printed_row *row = &printed_rows[i];
        const struct chip_component *part = find(&chip, row->name);
        CU_ASSERT_EQUAL(part->level, row->level);
        CU_ASSERT_DOUBLE_EQUAL(part->count, row->per_parent, 0);
        CU_ASSERT_DOUBLE_EQUAL(part->power_w * row->parts * 1e3, row->power_mw, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(part->area_m2 * row->parts * 1e6, row->area_mm2, 1e-12);
        CU_ASSERT(part->source != NULL && part->line > 0);
    }
    chip_free(&chip);
}

/* Tolerances: half a unit of the last printed digit. */
static void totals_are_as_printed(void) {
    struct chip chip;
    load_isaac(&chip);
    struct chip_totals totals = chip_totals(&chip);
    CU_ASSERT_DOUBLE_EQUAL(12 * totals.macro_power_w * 1e3, 289, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(12 * totals.macro_area_m2 * 1e6, 0.157, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL((totals.tile_power_w - 12 * totals.macro_power_w) * 1e3, 40.9, 0.0501);
    CU_ASSERT_DOUBLE_EQUAL((totals.tile_area_m2 - 12 * totals.macro_area_m2) * 1e6, 0.215, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(totals.tile_power_w * 1e3, 330, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(totals.tile_area_m2 * 1e6, 0.372, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(168 * totals.tile_power_w, 55.4, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(168 * totals.tile_area_m2 * 1e6, 62.5, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(totals.chip_power_w, 65.8, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(totals.chip_area_m2 * 1e6, 85.4, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(totals.peak_ops / 1e12, 41.288, 0.0005);
    /* The printed 627.5 divides the unrounded operations by the rounded 65.8 W. */
    CU_ASSERT_DOUBLE_EQUAL(totals.peak_ops / 1e9 / 65.8, 627.5, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(totals.peak_ops / 1e9 / totals.chip_power_w, 627.5, 0.5);
    /* "58 % of tile power, 31 % of tile area" */
    double adcs = 96 * find(&chip, "ADC")->power_w / totals.tile_power_w;
    CU_ASSERT_DOUBLE_EQUAL(adcs, 0.58, 0.005);
    adcs = 96 * find(&chip, "ADC")->area_m2 / totals.tile_area_m2;
    CU_ASSERT_DOUBLE_EQUAL(adcs, 0.31, 0.005);
    chip_free(&chip);
}

static void energies_per_action(void) {
    static const struct {
        const char *name;
        enum chip_action action;
        double energy_pj, tolerance;
    } expected[] = {
        {"DAC", ACTION_ROW_DRIVE, 0.3906, 5e-5},
        {"ADC", ACTION_CONVERSION, 1.5625, 1e-12},
        {"shift-and-add", ACTION_SHIFT_ADD, 0.0195, 5e-5}, /* .021 at 1.2 GS/s, * 1.2 / 1.28 */
        {"array", ACTION_ARRAY_READ, 30, 1e-9},
        {"sample-and-hold", ACTION_SAMPLE, 1.0 / 1024, 1e-12},
        {"eDRAM buffer", ACTION_BUFFER_BIT, 20.45 / 256, 1e-12},
        {"eDRAM bus", ACTION_BUS_BIT, 0.054, 1e-12},
        {"router", ACTION_ROUTER_BIT, 20.74 / 256, 1e-12},
        {"HyperTransport", ACTION_LINK_BIT, 6500.0 / 128, 1e-9},
        {"sigmoid", ACTION_ACTIVATION, 0.26 / 1.2, 1e-12}, /* .26 mW at 1.2 GHz */
        {"tile shift-and-add", ACTION_PARTIAL_SUM, 0.05 / 1.2, 1e-12},
        {"max-pool", ACTION_POOL, 0.4 / 1.2, 1e-12},
        {"input register", ACTION_INPUT_BIT, 124.0 / 1024, 1e-12},
        {"output register", ACTION_OUTPUT_BIT, 23.0 / 128, 1e-12},
        {"tile output register", ACTION_OUTPUT_BIT, 168.0 / 1536, 1e-12},
    };
    struct chip chip;
    load_isaac(&chip);
    CU_ASSERT_EQUAL(sizeof expected / sizeof *expected, N_PRINTED);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct chip_component *part = find(&chip, expected[i].name);
        CU_ASSERT_EQUAL(part->action, expected[i].action);
        CU_ASSERT_DOUBLE_EQUAL(part->energy_j * 1e12, expected[i].energy_pj, expected[i].tolerance);
    }
    chip_free(&chip);
}

/* The preset's own converter is the ADC model at 8 bits and 128 conversions a cycle. */
static void adc_model_agrees_with_the_printed_part(void) {
    struct chip chip;
    load_isaac(&chip);
    const struct chip_component *adc = find(&chip, "ADC");
    CU_ASSERT_STRING_EQUAL(chip.adc_model, adc_models[0].name);
    struct adc_conditions conditions = adc_conditions_default;
    conditions.rate_hz = adc->actions_per_cycle / chip.cycle_s;
    struct adc_cost cost = adc_models[0].cost(chip.adc_bits, &conditions);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2, adc->area_m2, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(cost.power_w, adc->power_w, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_per_conversion_j, adc->energy_j, 1e-21);
    chip_free(&chip);
}

/* As given in configs/presets/isaac.yaml, and what they amount to. */
static void time_figures_are_read(void) {
    struct chip chip;
    load_isaac(&chip);
    CU_ASSERT_EQUAL(chip.pipeline_stages, 22);
    CU_ASSERT_EQUAL(chip.pooling_stages, 27);
    CU_ASSERT_DOUBLE_EQUAL(chip.timing.clock_hz, 1.2e9, 0);
    CU_ASSERT_DOUBLE_EQUAL(chip.timing.buffer_bytes, 65536, 0);
    /* 1 KB of input register in one stage of 100 ns */
    CU_ASSERT_DOUBLE_EQUAL(8192. / chip.timing.buffer_width * chip.timing.buffer_access_s /
                               chip.timing.buffer_banks,
                           chip.cycle_s, 1e-18);
    CU_ASSERT_EQUAL(chip.timing.bus_width, 256);
    CU_ASSERT_DOUBLE_EQUAL(chip.timing.register_bytes, 2048, 0);
    CU_ASSERT_EQUAL(chip.timing.flit, 32);
    CU_ASSERT_EQUAL(chip.timing.router_hop, 4);
    /* 25.6 GB/s */
    CU_ASSERT_DOUBLE_EQUAL(chip.timing.link_width * chip.timing.link_clock_hz, 25.6e9 * 8, 1);
    chip_free(&chip);
}

static void preset_is_found_by_name(void) {
    struct diagnostic diag = {0};
    struct chip chip;
    ASSERT_OK(chip_load("isaac", &chip, &diag), diag);
    CU_ASSERT_STRING_EQUAL(chip.name, "isaac");
    CU_ASSERT(chip.note != NULL);
    chip_free(&chip);
    CU_ASSERT_EQUAL(chip.n_components, 0);
    chip_free(&chip);
    chip_free(NULL);
    CU_ASSERT_EQUAL(chip_load("isac", &chip, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "isac"));
    CU_ASSERT_EQUAL(chip_load("/nonexistent/chip.yaml", &chip, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NULL(chip.components);
}

/* The preset's text with `from` replaced by `to` (NULL: cut off there), written to `path`. */
static void write_edited(const char *path, const char *from, const char *to) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char *text = NULL;
    size_t bytes = 0;
    ASSERT_OK(file_read("configs/presets/isaac.yaml", &arena, &text, &bytes, &diag), diag);
    char *at = strstr(text, from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fwrite(text, 1, (size_t)(at - text), file);
    if (to != NULL)
        fprintf(file, "%s%s", to, at + strlen(from));
    fclose(file);
    arena_free(&arena);
}

static void wrong_files_are_refused(void) {
    static const struct {
        const char *from, *to, *message;
    } edits[] = {
        {"node: 32 nm", "node: 32 parsec", "node"},
        {"node: 32 nm", "nodes: 32 nm", "did you mean \"node\""},
        {"node: 32 nm\n", "", "\"node\" is missing"},
        {"cycle: 100 ns", "cycle: 0 ns", ":16:8: cycle is 0 ns: it must be above 0"},
        {"rows: 128", "rows: 0", "rows is 0: it must be 1 to"},
        {"rows: 128", "rows: 128x", "rows"},
        {"geometry: ", "geometri: ", "did you mean \"geometry\""},
        {"geometry: ", "geometry: isaac # ", "chip"},
        {"pipeline_stages: 22", "pipeline_stages: 15", "fewer than the 16 array reads"},
        {"pooling_stages: 27", "pooling_stages: 21",
         "pooling_stages is 21: fewer than the 22 of pipeline_stages"},
        {"clock: 1.2 GHz", "clock: 1.2 ns", "clock"},
        {"  clock: 1.2 GHz", "  clok: 1.2 GHz", "did you mean \"clock\""},
        {"  flit: 32 ", "  #", "\"flit\" is missing"},
        {"bus_width: 256", "bus_width: 0", "bus_width is 0: it must be 1 to"},
        {"buffer_access: 6.25 ns", "buffer_access: 0 ns",
         "buffer_access is 0 ns: it must be above"},
        {"adc_model: isaac", "adc_model: isac", "adc_model \"isac\" is unknown"},
        {"adc_bits: 8", "adc_bits: 17", "adc_bits is 17: adc_model isaac holds for 1 to 16"},
        {"adc_bits: 8", "adc_bits: 6",
         "\"ADC\" has 1200 um2 and 2 mW each, where adc_model isaac gives 626.9 um2 and"},
        {"power: 16 mW", "power: 18 mW", "has 1200 um2 and 2.25 mW each, where"},
        {"area: 0.0096 mm2", "area: 0.0128 mm2", "has 1600 um2 and 2 mW each, where"},
        {"node: 32 nm\n", "node: 32 nm\nclock: 1 GHz\n", "clock"},
        {"  tiles: 168\n", "", "\"tiles\" is missing"},
        {"    - name: HyperTransport\n      count: 4", "    - name: HyperTransport",
         "\"count\" is missing"},
        {"area: 22.88 mm2", "area: 22.88 mW", "area"},
        {"area: 22.88 mm2", "area: -1 mm2", "area is -1 mm2: it must be 0 or more"},
        {"area: 22.88 mm2", "area: 1e40 m2", "at most 1e+30"},
        {"action: link_bit", "action: linkbit", "did you mean \"link_bit\""},
        {"action: link_bit", "action: none", "has no action"},
        {"      energy: 6500 pJ     # 10.4 W at 25.6 GB/s\n      energy_actions: 128\n", "",
         "needs either \"actions_per_cycle\" or \"energy\""},
        {"      energy: 6500 pJ     # 10.4 W at 25.6 GB/s\n", "      actions_per_cycle: 9\n",
         "\"energy_actions\" of \"HyperTransport\" needs \"energy\""},
        {"action: link_bit", "action: link_bit\n      scaling: rows",
         "only components of \"array\""},
        {"scaling: adc", "scaling: fixed", "go together"},
        {"scaling: adc", "scaling: adc\n      leakage: 0.1 mW", "what converters leak is what"},
        {"power: 0.52 mW", "power: 0.52 mW\n      leakage: 0.53 mW",
         "\"leakage\" of \"sigmoid\" is above its \"power\""},
        {"      action: conversion\n      actions_per_cycle: 128    # 1.28 GS/s: 1.5625 pJ a "
         "conversion\n"
         "      scaling: adc\n",
         "      action: none\n", "0 components have \"scaling: adc\": exactly one must"},
        {"- name: eDRAM bus\n", "- name: eDRAM buffer\n", "already the component of line"},
        {"  components:\n    - name: HyperTransport", "  components: 3\n  component:", ":"},
        {"\narray:", NULL, "section \"array\" is missing"},
        {"\narray:", "\narray: {components: 3}\nx:", "unknown"},
    };
    char folder[] = "/tmp/mho-chip-XXXXXX", path[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/chip.yaml", folder);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct diagnostic diag = {0};
        struct chip chip;
        write_edited(path, edits[i].from, edits[i].to);
        CU_ASSERT_EQUAL(chip_load(path, &chip, &diag), STATUS_USAGE);
        CU_ASSERT_PTR_NULL(chip.components);
        if (strstr(diag.message, edits[i].message) == NULL || strstr(diag.message, path) == NULL) {
            fprintf(stderr, "\nedit %zu: %s\n", i, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
    }
    unlink(path);
    rmdir(folder);
}

/* Power as printed includes leakage, which flows besides the actions: 0.3 of max-pool's 0.4 mW are
 * left for 120 actions in 100 ns. */
static void leakage_is_not_in_the_energy_of_actions(void) {
    char folder[] = "/tmp/mho-chip-XXXXXX", path[64];
    struct chip chip;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/chip.yaml", folder);
    write_edited(path, "power: 0.4 mW", "power: 0.4 mW\n      leakage: 0.1 mW");
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL_FATAL(chip_load(path, &chip, &diag), STATUS_OK);
    const struct chip_component *pool = chip.components;
    while (strcmp(pool->name, "max-pool") != 0)
        pool++;
    CU_ASSERT_DOUBLE_EQUAL(pool->power_w, 0.4e-3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pool->leakage_w, 0.1e-3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pool->energy_j, 0.25e-12, 1e-18);
    chip_free(&chip);
    unlink(path);
    rmdir(folder);
}

static const struct test_case cases[] = {
    {"leakage is not in the energy of actions", leakage_is_not_in_the_energy_of_actions},
    {"every row is as printed", every_row_is_as_printed},
    {"totals are as printed", totals_are_as_printed},
    {"energies per action", energies_per_action},
    {"the ADC model agrees with the printed part", adc_model_agrees_with_the_printed_part},
    {"time figures are read", time_figures_are_read},
    {"the preset is found by name", preset_is_found_by_name},
    {"wrong files are refused", wrong_files_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_chip_isaac = {"chip_isaac", cases};
