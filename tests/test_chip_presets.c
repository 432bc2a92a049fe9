/* Presets beside isaac: FORMS' table and sums by hand, what tinyadc changes, PUMA and NeuRRAM. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cost/cost.h"
#include "tests/test.h"

static void load(const char *preset, struct chip *chip) {
    struct diagnostic diag = {0};
    ASSERT_OK(chip_load(preset, chip, &diag), diag);
}

static const struct chip_component *find(const struct chip *chip, const char *name) {
    for (int i = 0; i < chip->n_components; i++)
        if (strcmp(chip->components[i].name, name) == 0)
            return &chip->components[i];
    CU_FAIL_FATAL("the preset lacks a component");
    return NULL;
}

/* Every shipped preset has a model for its converter and a source for each part. */
static void all_presets_load(void) {
    static const char *const names[] = {"isaac",   "forms-8", "forms-16",
                                        "tinyadc", "puma",    "neurram"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct chip chip;
        load(names[i], &chip);
        CU_ASSERT_STRING_EQUAL(chip.name, names[i]);
        for (int j = 0; j < chip.n_components; j++)
            CU_ASSERT(chip.components[j].source != NULL && chip.components[j].source[0] != '\0');
        chip_free(&chip);
    }
}

/* FORMS, mW and mm2 as printed, summed here with the two rows of registers that are not. */
static void forms_closes_its_table(void) {
    const double mcu_mw = 15.2 + 4 + .0055 + 2.44 + .2 + 1.24 + .23 + .01 + .012;
    const double mcu_mm2 =
        .0091 + .00017 + .000023 + .00024 + .00024 + .0021 + .00077 + 1e-7 + 3.1e-6;
    struct chip chip;
    load("forms-8", &chip);
    struct chip_totals totals = chip_totals(&chip);
    CU_ASSERT_DOUBLE_EQUAL(totals.macro_power_w * 1e3, mcu_mw, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(totals.macro_area_m2 * 1e6, mcu_mm2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(12 * mcu_mw, 280.05, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(12 * mcu_mm2, 0.152, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(totals.tile_power_w * 1e3, 53.05 + 12 * mcu_mw, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(totals.tile_area_m2 * 1e6, .25 + 12 * mcu_mm2, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(totals.chip_power_w * 1e3, 66360.8, 1);
    CU_ASSERT_EQUAL(find(&chip, "ADC")->count, 4);
    /* A fragment: 32 columns of a converter at 2.1 GS/s. */
    CU_ASSERT_DOUBLE_EQUAL(chip.cycle_s, 32 / 2.1e9, 1e-14);
    CU_ASSERT_EQUAL(chip.ou_rows, 8);
    /* Two operations for each of 128 x 32 weights of 16,128 arrays in 16 cycles. */
    CU_ASSERT_DOUBLE_EQUAL(totals.peak_ops, 2 * 16128. * 128 * 32 / (16 * 16 * 32 / 2.1e9), 1e9);
    /* Ticks of 1.2 GHz: the digital parts have ISAAC's energies. */
    CU_ASSERT_DOUBLE_EQUAL(find(&chip, "sigmoid")->energy_j * 1e12, .26 / 1.2, 1e-6);
    chip_free(&chip);
}

static void fragments_of_16_are_half_as_many(void) {
    struct chip eight, sixteen;
    load("forms-8", &eight);
    load("forms-16", &sixteen);
    CU_ASSERT_EQUAL(eight.adc_bits, 4);
    CU_ASSERT_EQUAL(sixteen.adc_bits, 5);
    CU_ASSERT_EQUAL(sixteen.ou_rows, 16);
    CU_ASSERT_DOUBLE_EQUAL(chip_totals(&sixteen).peak_ops, 2 * chip_totals(&eight).peak_ops, 1);
    /* A row is driven once for a digit, in twice the share of the cycles: energy is that of a cycle
     * of all fragments, 4 mW of 1024 for 16 or 8 of them. */
    CU_ASSERT_DOUBLE_EQUAL(find(&eight, "DAC")->energy_j * 1e12, 4e9 / 1024 * 16 * 32 / 2.1e9,
                           1e-5);
    CU_ASSERT_DOUBLE_EQUAL(find(&sixteen, "DAC")->energy_j * 1e12, 4e9 / 1024 * 8 * 32 / 2.1e9,
                           1e-5);
    /* 0.4 b/8 + 0.6 * 2^(b - 8) of ISAAC's 2 mW and 1200 um2. */
    double scale = 0.4 * 5 / 8 + 0.6 / 8;
    CU_ASSERT_DOUBLE_EQUAL(find(&sixteen, "ADC")->power_w * 1e3, 2 * scale, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(find(&sixteen, "ADC")->area_m2 * 1e12, 1200 * scale, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(find(&sixteen, "max-pool")->energy_j * 1e12, .4 / 1.2, 1e-6);
    CU_ASSERT_EQUAL(sixteen.n_components, eight.n_components);
    chip_free(&eight);
    chip_free(&sixteen);
}

/* Kull's part: 2.9 of 3.1 mW and 871.75 of 1600 um2 are linear in the bits, the rest doubles. */
static void tinyadc_is_isaac_with_4_bits(void) {
    struct chip isaac, tiny;
    load("isaac", &isaac);
    load("tinyadc", &tiny);
    struct chip_totals before = chip_totals(&isaac), after = chip_totals(&tiny);
    double mw = 2 - 2 * (2.9 / 2 + .2 / 16) / 3.1;
    double um2 = 1200 - 1200 * (871.75 / 2 + 728.25 / 16) / 1600;
    CU_ASSERT_DOUBLE_EQUAL((before.tile_power_w - after.tile_power_w) * 1e3, 96 * mw, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL((before.tile_area_m2 - after.tile_area_m2) * 1e12, 96 * um2, 0.1);
    CU_ASSERT_DOUBLE_EQUAL(before.tile_area_m2 / after.tile_area_m2, 1.276, 0.001);
    CU_ASSERT_DOUBLE_EQUAL(before.tile_power_w / after.tile_power_w, 1.444, 0.001);
    CU_ASSERT(strcmp(isaac.content_hash, tiny.content_hash) != 0);
    chip_free(&isaac);
    chip_free(&tiny);
}

/* Printed totals; the rows are the simulator's. */
static void puma_has_its_node(void) {
    struct chip chip;
    load("puma", &chip);
    struct chip_totals totals = chip_totals(&chip);
    CU_ASSERT_DOUBLE_EQUAL(totals.macro_power_w * 1e3, 42.37, 0.02 * 42.37);
    CU_ASSERT_DOUBLE_EQUAL(totals.chip_power_w, 62.5, 0.02 * 62.5);
    CU_ASSERT_DOUBLE_EQUAL(totals.chip_area_m2 * 1e6, 90.638, 0.02 * 90.638);
    CU_ASSERT_EQUAL(chip.tiles * chip.macros_per_tile * chip.arrays_per_macro, 138 * 8 * 16);
    chip_free(&chip);
}

static void neurram_has_its_cores(void) {
    struct chip chip;
    load("neurram", &chip);
    struct chip_totals totals = chip_totals(&chip);
    CU_ASSERT_DOUBLE_EQUAL(totals.chip_area_m2 * 1e6, 48 * 1.161, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(totals.peak_ops, 48 * 2. * 128 * 256 / 4.208e-6, 1e6);
    /* Printed power is energy of an action in each cycle. */
    CU_ASSERT_DOUBLE_EQUAL(find(&chip, "word lines")->power_w * chip.cycle_s * 1e12, 5.616, 0.001);
    CU_ASSERT_DOUBLE_EQUAL(find(&chip, "input pulses")->power_w * chip.cycle_s * 1e12, 2.865,
                           0.001);
    chip_free(&chip);
}

static const struct test_case cases[] = {
    {"all presets load", all_presets_load},
    {"FORMS closes its table", forms_closes_its_table},
    {"fragments of 16 are half as many", fragments_of_16_are_half_as_many},
    {"tinyadc is isaac with 4 bits", tinyadc_is_isaac_with_4_bits},
    {"PUMA has its node", puma_has_its_node},
    {"NeuRRAM has its cores", neurram_has_its_cores},
    {NULL, NULL},
};
const struct test_suite suite_chip_presets = {"chip_presets", cases};
