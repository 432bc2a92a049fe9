/* Chips made of components: figures, nodes, what follows a layer, and refusals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/cost_fixture.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* The smallest whole chip; PART stands at the end, for an edit. */
#define HEAD                                                                                       \
    "name: small\nsource: a test\nnode: 32 nm\ncycle: 50 ns\npipeline_stages: 22\n"                \
    "adc_model: isaac\n"                                                                           \
    "geometry: {rows: 64, columns: 32, cell_bits: 2, dac_bits: 1, adc_bits: 7, weight_bits: 8, "   \
    "activation_bits: 8}\n"                                                                        \
    "chip:\n  tiles: 5\n  components:\n"                                                           \
    "    - {name: memory, count: 1, component: dram, actions_per_cycle: 64}\n"                     \
    "tile:\n  macros: 3\n  components:\n"                                                          \
    "    - {name: buffer, count: 2, component: sram_buffer, variant: itrs_lstp, size: 16 KB, "     \
    "width: 128, actions_per_cycle: 256}\n"                                                        \
    "    - {name: wires, count: 1, component: bus, variant: wire, width: 64, length: 3 mm, "       \
    "actions_per_cycle: 640}\n"                                                                    \
    "    - {name: sums, count: 1, component: adder, bits: 32}\n"                                   \
    "macro:\n  arrays: 2\n  components:\n"                                                         \
    "    - {name: outputs, count: 1, component: register, size: 256 B, action: output_bit}\n"      \
    "array:\n  components:\n"                                                                      \
    "    - {name: ADC, count: 1, component: adc, actions_per_cycle: 32}\n"                         \
    "    - {name: DAC, count: 64, component: dac, scaling: rows}\n"
#define CELLS "    - {name: cells, count: 1, component: crossbar"
#define SMALL HEAD CELLS ", cell_area: 9, conductance: 20 uS, read_voltage: 0.3 V}\n"

static void make_chip(const char *text, double node_m, bool scaling, struct chip *chip) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    const struct chip_options options = {
        .preset = scratch_write(&scratch, "chip.yaml", text, strlen(text)),
        .technology = "itrs_hp",
        .node_m = node_m,
        .node_scaling = scaling,
    };
    ASSERT_OK(chip_make(&options, chip, &diag), diag);
    scratch_close(&scratch);
}

static const struct chip_component *part_of(const struct chip *chip, const char *name) {
    for (int i = 0; i < chip->n_components; i++)
        if (strcmp(chip->components[i].name, name) == 0)
            return &chip->components[i];
    CU_FAIL_FATAL("no such component");
    return NULL;
}

#define SAME(value, expected) CU_ASSERT_DOUBLE_EQUAL(value, expected, 1e-9 * fabs(expected) + 1e-40)

static void parts_have_the_figures_of_components(void) {
    struct chip chip;
    make_chip(SMALL, NAN, true, &chip);
    const struct chip_component *part = part_of(&chip, "buffer");
    CU_ASSERT_STRING_EQUAL(part->model, "sram_buffer itrs_lstp");
    CU_ASSERT_STRING_EQUAL(part->source, "CACTI 7 (itrs-lstp, 350 K, one port)");
    CU_ASSERT_EQUAL(part->action, ACTION_BUFFER_BIT);
    SAME(part->area_m2, 0.02703e-6);
    SAME(part->leakage_w, 3.5e-6);
    SAME(part->energy_j, 8.346e-12 / 128);
    SAME(part->write_energy_j, 10.002e-12 / 128);
    SAME(part->power_w, 8.346e-12 / 128 * 256 / 50e-9 + 3.5e-6);
    part = part_of(&chip, "wires");
    SAME(part->energy_j, 3e-3 * 0.2e-9 * 0.81 / 4);
    SAME(part->power_w, part->energy_j * 640 / 50e-9);
    part = part_of(&chip, "sums"); /* 45 nm to 32 nm; one at each tick of 1.2 GHz */
    SAME(part->energy_j, 0.1e-12 * 32 / 45 * 0.81);
    SAME(part->power_w, part->energy_j * 1.2e9);
    SAME(part->area_m2, 137e-12 * 32 * 32 / 45 / 45);
    part = part_of(&chip, "outputs");
    CU_ASSERT_EQUAL(part->action, ACTION_OUTPUT_BIT);
    SAME(part->power_w, 0.23e-3);
    part = part_of(&chip, "memory");
    SAME(part->power_w, 3.7e-12 * 64 / 50e-9);
    part = part_of(&chip, "cells"); /* read for the cycle, as nothing else says how long */
    SAME(part->area_m2, 64 * 32 * 9 * 32e-9 * 32e-9);
    SAME(part->energy_j, 64 * 32 * 20e-6 * 0.09 * 50e-9);
    SAME(part->power_w, 64 * 32 * 20e-6 * 0.09);
    part = part_of(&chip, "ADC");
    CU_ASSERT_STRING_EQUAL(part->model, "isaac");
    CU_ASSERT_EQUAL(part->scaling, SCALE_ADC);
    SAME(part->power_w, 2e-3 * (2.9 * 7 / 8 + 0.1) / 3.1);
    SAME(part->energy_j, part->power_w * 50e-9 / 32);
    part = part_of(&chip, "DAC");
    CU_ASSERT_EQUAL(part->count, 64);
    SAME(part->power_w, 4e-3 / 1024);
    CU_ASSERT_EQUAL(strlen(chip.content_hash), 32);
    chip_free(&chip);
}

/* 45 nm: tables at that node, printed figures by the rule, the array's energy as it is. */
static void figures_follow_the_node(void) {
    struct chip chip, other;
    make_chip(SMALL, 45e-9, true, &chip);
    CU_ASSERT_EQUAL(chip.node_m, 45e-9);
    CU_ASSERT_EQUAL(chip.printed_node_m, 32e-9);
    SAME(part_of(&chip, "buffer")->energy_j, 10.748e-12 / 128);
    SAME(part_of(&chip, "sums")->energy_j, 0.1e-12);
    SAME(part_of(&chip, "cells")->area_m2, 64 * 32 * 9 * 45e-9 * 45e-9);
    SAME(part_of(&chip, "cells")->energy_j, 64 * 32 * 20e-6 * 0.09 * 50e-9);
    SAME(part_of(&chip, "DAC")->area_m2, 170e-12 / 1024 * 45 * 45 / 32 / 32);
    chip_free(&chip);
    make_chip(SMALL, NAN, false, &chip);
    SAME(part_of(&chip, "sums")->energy_j, 0.1e-12); /* as of 45 nm */
    chip_free(&chip);

    struct diagnostic diag = {0};
    struct chip_options options = {
        .preset = "isaac", .technology = "itrs_hp", .node_m = 65e-9, .node_scaling = true};
    ASSERT_OK(chip_load("isaac", &other, &diag), diag);
    ASSERT_OK(chip_make(&options, &chip, &diag), diag);
    double length = 65.0 / 32, supply = 1.1 / 0.9;
    SAME(part_of(&chip, "router")->area_m2, 0.151e-6 * length * length);
    SAME(part_of(&chip, "router")->energy_j, 20.74e-12 / 256 * length * supply * supply);
    SAME(part_of(&chip, "router")->power_w, 42e-3 * length * supply * supply);
    SAME(part_of(&chip, "array")->area_m2, 25e-12 * length * length);
    SAME(part_of(&chip, "array")->energy_j, 30e-12);
    SAME(part_of(&chip, "HyperTransport")->area_m2, 22.88e-6 / 4);
    SAME(part_of(&chip, "ADC")->area_m2, 1200e-12);
    chip_free(&chip);
    options.technology = "itrs_lstp";
    ASSERT_OK(chip_make(&options, &chip, &diag), diag);
    SAME(part_of(&chip, "router")->energy_j, 20.74e-12 / 256 * length * 1.2 * 1.2);
    CU_ASSERT(strcmp(chip.content_hash, other.content_hash) != 0);
    chip_free(&chip);
    chip_free(&other);
    options.node_scaling = false;
    CU_ASSERT_EQUAL(chip_make(&options, &chip, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, "chip.node is 65 nm, and isaac is of 32 nm: this needs "
                                         "chip.node_scaling true");
    options.node_scaling = true;
    options.node_m = 7e-9;
    CU_ASSERT_EQUAL(chip_make(&options, &chip, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message,
                           "chip.node is 7 nm: technology itrs_lstp holds for 22 to 90 nm");
}

/* 40 x 6 weights of two columns on 37 x 8 crossbars, DACs of 2 bits. */
static const struct fixture_layer layer = {40, 6, 3, 37, 8, 2, 4, 2, 5};

static void use_chip(struct cost_fixture *fixture, const char *text) {
    chip_free(&fixture->chip);
    make_chip(text, NAN, true, &fixture->chip);
}

/* Rows, columns and DAC bits are the layer's; reads and writes of buffers differ. */
static void rows_follow_the_layer(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    fixture_begin(&fixture, NULL);
    use_chip(&fixture, SMALL);
    fixture_add(&fixture, &layer);
    fixture_estimate(&fixture, &report);
    const struct cost_row *row = fixture_row(&report, 0, "cells");
    CU_ASSERT_STRING_EQUAL(row->model, "crossbar device");
    SAME(row->area_m2, 4 * 37 * 8 * 9 * 32e-9 * 32e-9); /* 2 row blocks, 2 column groups */
    /* Six reads (3 positions, 2 cycles) of (37 + 3) * 12 cells, half of the digits driven. */
    SAME(row->energy_j, 6 * 480 * 0.5 * 20e-6 * 0.09 * 50e-9);
    row = fixture_row(&report, 0, "DAC");
    CU_ASSERT_EQUAL(row->count, 4 * 37);
    SAME(row->area_m2, 4 * 37 * 3 * 170e-12 / 1024); /* 2 bits: 3 unit elements */
    SAME(row->energy_j, 6 * 80 * 0.5 * 3 * 0.390625e-12);
    row = fixture_row(&report, 0, "buffer"); /* bits in, bits out */
    SAME(row->energy_j, (3 * 40 * 4 * 8.346e-12 + 3 * 6 * 4 * 10.002e-12) / 128 +
                            row->leakage_w / report.throughput_hz);
    SAME(row->leakage_w, row->count * 3.5e-6);
    cost_report_free(&report);
    fixture_free(&fixture);
}

/* Cells of 28 F2, 1 to 41 uS: levels 0..3 in steps of 40/3 uS. */
static void arrays_read_what_the_device_conducts(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    struct diagnostic diag = {0};
    const struct device device = {.name = "d",
                                  .g_min_siemens = 1e-6,
                                  .g_max_siemens = 41e-6,
                                  .cell_area_f2 = 28,
                                  .read_voltage_v = 0.25,
                                  .read_time_s = 7e-9,
                                  .drift_t0_s = 1,
                                  .drift_time_s = 1};
    struct device changed = device;
    const struct device *devices[] = {&changed};
    fixture_begin(&fixture, NULL);
    use_chip(&fixture, HEAD CELLS "}\n");
    fixture_add(&fixture, &layer);
    for (int i = 0; i < 4; i++)
        fixture.mapped[0].arrays[i].level_sum = 100 + i;
    struct cost_inputs inputs = fixture_inputs(&fixture);
    inputs.devices = devices;
    const double mean = 1e-6 + 40e-6 * 406 / (3 * 480);
    const double read = 6 * 480 * 0.5 * 0.0625 * 7e-9; /* of a siemens */
    ASSERT_OK(cost_estimate(&inputs, &report, &diag), diag);
    SAME(fixture_row(&report, 0, "cells")->energy_j, read * mean);
    SAME(fixture_row(&report, 0, "cells")->area_m2, 4 * 37 * 8 * 28 * 32e-9 * 32e-9);
    cost_report_free(&report);
    changed.stuck_on = 0.1;
    changed.stuck_off = 0.2;
    changed.drift_time_s = 100;
    changed.drift_nu = 0.05;
    ASSERT_OK(cost_estimate(&inputs, &report, &diag), diag);
    SAME(fixture_row(&report, 0, "cells")->energy_j,
         read * (0.7 * mean * pow(100, -0.05) + 4.1e-6 + 0.2e-6));
    cost_report_free(&report);
    changed = device;
    changed.programming_model = PROGRAMMING_LOGNORMAL;
    changed.programming_sigma = 0.3;
    ASSERT_OK(cost_estimate(&inputs, &report, &diag), diag);
    SAME(fixture_row(&report, 0, "cells")->energy_j, read * mean * exp(0.045));
    cost_report_free(&report);
    changed = device;
    changed.read_energy_j = 3e-15; /* of a cell */
    ASSERT_OK(cost_estimate(&inputs, &report, &diag), diag);
    SAME(fixture_row(&report, 0, "cells")->energy_j, 6 * 480 * 0.5 * 3e-15);
    cost_report_free(&report);
    changed = device;
    changed.cell_area_f2 = 0;
    CU_ASSERT_EQUAL(cost_estimate(&inputs, &report, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "\"cells\" of the chip needs cell_area, which the "
                                                "device d does not state"));
    fixture_free(&fixture);
}

static void estimate_with_device(struct cost_fixture *fixture, const struct device *const *devices,
                                 struct cost_report *report) {
    struct diagnostic diag = {0};
    struct cost_inputs inputs = fixture_inputs(fixture);
    inputs.devices = devices;
    ASSERT_OK(cost_estimate(&inputs, report, &diag), diag);
}

/* Two layers of 480 cells in use: 126 of them hold levels that sum to 406 steps of 40/3 uS. Cells
 * in use are reset, those above 0 set; 37 word lines one after the other. */
static void writing_cells_by_the_device(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    struct device device = {.name = "d",
                            .g_min_siemens = 1e-6,
                            .g_max_siemens = 41e-6,
                            .set_voltage_v = 2,
                            .set_time_s = 50e-9,
                            .reset_voltage_v = 1.5,
                            .reset_time_s = 100e-9,
                            .endurance = 1e6,
                            .drift_t0_s = 1,
                            .drift_time_s = 1};
    struct device other = device;
    const struct device *devices[] = {&device, &other};
    fixture_begin(&fixture, NULL);
    fixture_add(&fixture, &layer);
    fixture_add(&fixture, &layer);
    for (int i = 0; i < 4; i++)
        for (int l = 0; l < 2; l++) {
            fixture.mapped[l].arrays[i].level_sum = 100 + i;
            fixture.mapped[l].arrays[i].cells_nonzero = 30 + i;
        }
    fixture.mapped[1].copies = 3;
    const double levels = 406 * 40e-6 / 3;
    const double set = 4 * 50e-9 * (126e-6 + levels), reset = 2.25 * 100e-9 * (480e-6 + levels);
    estimate_with_device(&fixture, devices, &report);
    CU_ASSERT_TRUE(report.write_known);
    SAME(report.write_energy_j, 4 * (set + reset));
    SAME(report.write_time_s, 37 * 150e-9);
    SAME(report.write_endurance, 1e6);
    cost_report_free(&report);
    other.set_energy_j = 0.6e-12;
    other.reset_energy_j = 0.7e-12;
    other.reset_time_s = 200e-9;
    other.endurance = 3e4;
    estimate_with_device(&fixture, devices, &report);
    SAME(report.write_energy_j, set + reset + 3 * (126 * 0.6e-12 + 480 * 0.7e-12));
    SAME(report.write_time_s, 37 * 250e-9);
    SAME(report.write_endurance, 3e4);
    cost_report_free(&report);
    other.reset_energy_j = 0; /* but a reset of 1.5 V */
    other.set_time_s = 0;
    estimate_with_device(&fixture, devices, &report);
    CU_ASSERT_FALSE(report.write_known);
    cost_report_free(&report);
    estimate_with_device(&fixture, NULL, &report);
    CU_ASSERT_FALSE(report.write_known);
    CU_ASSERT_EQUAL(report.write_endurance, 0);
    cost_report_free(&report);
    fixture_free(&fixture);
}

/* PUMA: 22.6 nJ and 10.97 us for 128 x 128 cells; 64 x 40 here, of which 60 x 6 columns in use. */
static void writing_cells_by_the_array(void) {
    static const struct fixture_layer small = {60, 3, 3, 64, 40, 2, 4, 2, 5};
    struct cost_fixture fixture;
    struct cost_report report;
    fixture_begin(&fixture, NULL);
    use_chip(&fixture, HEAD CELLS ", variant: puma}\n");
    fixture_add(&fixture, &small);
    fixture_estimate(&fixture, &report);
    CU_ASSERT_TRUE(report.write_known);
    SAME(report.write_energy_j, 22.6e-9 * 60 * 6 / 16384);
    SAME(report.write_time_s, 10.97e-6 * 60 / 128);
    cost_report_free(&report);
    fixture_free(&fixture);
}

/* ISAAC once more, every part a component: its table's totals. Only the energy of a shift-and-add
 * differs, for components have it at the printed 1.2 GS/s. */
static void isaac_of_components(void) {
    static const char text[] =
        "name: isaac of components\nsource: a test\nnode: 32 nm\ncycle: 100 ns\n"
        "pipeline_stages: 22\nadc_model: isaac\n"
        "geometry: {rows: 128, columns: 128, cell_bits: 2, dac_bits: 1, adc_bits: 8, "
        "weight_bits: 16, activation_bits: 16}\n"
        "chip:\n  tiles: 168\n  components:\n"
        "    - {name: HyperTransport, count: 4, component: link}\n"
        "tile:\n  macros: 12\n  components:\n"
        "    - {name: eDRAM buffer, count: 1, component: edram_buffer, size: 64 KB, width: 256}\n"
        "    - {name: eDRAM bus, count: 1, component: bus, width: 384}\n"
        "    - {name: router, count: 0.25, component: router, ports: 8}\n"
        "    - {name: sigmoid, count: 2, component: activation}\n"
        "    - {name: tile shift-and-add, count: 1, component: accumulator}\n"
        "    - {name: max-pool, count: 1, component: max_pool}\n"
        "    - {name: tile output register, count: 1, component: register, size: 3 KB, "
        "action: output_bit}\n"
        "macro:\n  arrays: 8\n  components:\n"
        "    - {name: shift-and-add, count: 4, component: shift_add}\n"
        "    - {name: input register, count: 1, component: register, size: 2 KB}\n"
        "    - {name: output register, count: 1, component: register, size: 256 B, "
        "action: output_bit}\n"
        "array:\n  components:\n"
        "    - {name: ADC, count: 1, component: adc, actions_per_cycle: 128}\n"
        "    - {name: DAC, count: 128, component: dac, scaling: rows}\n"
        "    - {name: sample-and-hold, count: 128, component: sample_hold, scaling: columns}\n"
        "    - {name: array, count: 1, component: crossbar, variant: isaac}\n";
    static const struct fixture_layer conv = {576, 64, 64, 128, 128, 8, 8, 1, 8};
    struct cost_fixture printed, components;
    struct cost_report a, b;
    fixture_begin(&printed, NULL);
    fixture_begin(&components, NULL);
    use_chip(&components, text);
    struct chip_totals totals = chip_totals(&components.chip), own = chip_totals(&printed.chip);
    SAME(totals.chip_area_m2, own.chip_area_m2);
    SAME(totals.chip_power_w, own.chip_power_w);
    SAME(totals.tile_area_m2, own.tile_area_m2);
    SAME(totals.macro_power_w, own.macro_power_w);
    SAME(totals.peak_ops, own.peak_ops);
    fixture_add(&printed, &conv);
    fixture_add(&components, &conv);
    fixture_estimate(&printed, &a);
    fixture_estimate(&components, &b);
    CU_ASSERT_EQUAL_FATAL(a.n_rows, b.n_rows);
    for (int i = 0; i < a.n_rows; i++) {
        double energy = strcmp(a.rows[i].component, "shift-and-add") == 0 ? 1.28 / 1.2 : 1;
        CU_ASSERT_STRING_EQUAL(a.rows[i].component, b.rows[i].component);
        CU_ASSERT_DOUBLE_EQUAL(b.rows[i].area_m2, a.rows[i].area_m2, 1e-9 * a.rows[i].area_m2);
        CU_ASSERT_DOUBLE_EQUAL(b.rows[i].power_peak_w, a.rows[i].power_peak_w,
                               1e-9 * a.rows[i].power_peak_w);
        CU_ASSERT_DOUBLE_EQUAL(b.rows[i].energy_j, energy * a.rows[i].energy_j,
                               2e-6 * a.rows[i].energy_j);
    }
    cost_report_free(&a);
    cost_report_free(&b);
    fixture_free(&printed);
    fixture_free(&components);
}

static void wrong_components_are_refused(void) {
    static const struct {
        const char *part, *message;
    } parts[] = {
        {"component: crosbar", "no shipped component is called \"crosbar\""},
        {"component: sram_buffer, variant: itrs_hq", "(did you mean \"itrs_hp\"?)"},
        {"component: sram_buffer, size: 64 V", "size"},
        {"component: sram_buffer, sise: 64 KB", "did you mean \"size\""},
        {"component: sram_buffer, size: 2 MB", "\"x\": component sram_buffer: size is 2 MB, but "
                                               "itrs_hp holds for 1 KiB to 1 MiB"},
        {"component: router, variant: isaac, injection_rate: 0.01",
         "isaac does not depend on injection_rate"},
        {"component: dram", "dram lpddr states no power: \"actions_per_cycle\" must say how busy"},
        {"component: sram_buffer, action: buffer_bits", "did you mean \"buffer_bit\""},
        {"component: sram_buffer, scaling: cells", "its count may scale with rows or columns"},
        {"component: sram_buffer, action: conversion", "converters are the component adc"},
        {"component: adc, actions_per_cycle: 3, variant: x", "without variant, action and scaling"},
        {"component: adc", "\"x\" needs \"actions_per_cycle\": its conversions"},
        {"component: adc, actions_per_cycle: 3, bits: 7", "bits"},
        {"component: adc, actions_per_cycle: 3", "2 components have \"scaling: adc\""},
        {"component: ./nothing.yaml", "nothing.yaml"},
        {"component: dac, power: 3 mW", "power"},
    };
    struct scratch scratch;
    scratch_open(&scratch);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct diagnostic diag = {0};
        struct chip chip;
        char text[4096];
        snprintf(text, sizeof text, "%s    - {name: x, count: 1, %s}\n", SMALL, parts[i].part);
        const char *path = scratch_write(&scratch, "chip.yaml", text, strlen(text));
        CU_ASSERT_EQUAL(chip_load(path, &chip, &diag), STATUS_USAGE);
        CU_ASSERT_PTR_NULL(chip.components);
        if (strstr(diag.message, parts[i].message) == NULL || strstr(diag.message, path) == NULL) {
            fprintf(stderr, "\npart %zu: %s\n", i, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
    }
    scratch_close(&scratch);
}

static void own_components_lie_beside_the_chip(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct chip chip;
    const char kind[] = "name: fan\nhelp: h\naction_help: a\naction: none\nvariants:\n  v:\n"
                        "    source: s\n    model: power_law\n    area: 3 um2\n";
    const char *text = SMALL "    - {name: fan, count: 2, component: ./fan.yaml}\n";
    scratch_open(&scratch);
    scratch_write(&scratch, "fan.yaml", kind, strlen(kind));
    ASSERT_OK(chip_load(scratch_write(&scratch, "chip.yaml", text, strlen(text)), &chip, &diag),
              diag);
    SAME(part_of(&chip, "fan")->area_m2, 3e-12);
    chip_free(&chip);
    scratch_close(&scratch);
}

/* Loading a chip and estimating on it, every allocation failing in turn. */
static void short_memory(void) {
    struct scratch scratch;
    struct cost_fixture fixture;
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "chip.yaml", SMALL, strlen(SMALL));
    fixture_begin(&fixture, NULL);
    fixture_add(&fixture, &layer);
    struct cost_inputs inputs = fixture_inputs(&fixture);
    for (long n = 1;; n++) {
        struct diagnostic diag = {0};
        struct chip chip;
        struct cost_report report = {0};
        malloc_fail_at(n);
        enum status status = chip_load(path, &chip, &diag);
        inputs.chip = &chip;
        if (status == STATUS_OK)
            status = cost_estimate(&inputs, &report, &diag);
        bool failed = malloc_fail_end();
        cost_report_free(&report);
        chip_free(&chip);
        if (!failed) {
            ASSERT_OK(status, diag);
            break;
        }
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
    }
    fixture_free(&fixture);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"parts have the figures of components", parts_have_the_figures_of_components},
    {"figures follow the node", figures_follow_the_node},
    {"rows follow the layer", rows_follow_the_layer},
    {"arrays read what the device conducts", arrays_read_what_the_device_conducts},
    {"ISAAC of components", isaac_of_components},
    {"writing cells by the device", writing_cells_by_the_device},
    {"writing cells by the array", writing_cells_by_the_array},
    {"short memory", short_memory},
    {"wrong components are refused", wrong_components_are_refused},
    {"own components lie beside the chip", own_components_lie_beside_the_chip},
    {NULL, NULL},
};
const struct test_suite suite_chip_components = {"chip_components", cases};
