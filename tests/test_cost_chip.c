/* Area and peak power: whole chips, other crossbar sizes, converters by adc.allocation. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cost/cost_internal.h"
#include "tests/support/cost_fixture.h"
#include "tests/test.h"

/* 168 tiles * 12 IMAs * 8 arrays, every cell used: 8-bit weights in 8 columns, 16-bit inputs. */
static const struct fixture_layer full_chip = {
    .rows = 168 * 128,
    .columns = 96 * 16,
    .positions = 1,
    .crossbar_rows = 128,
    .crossbar_columns = 128,
    .weight_columns = 8,
    .activation_bits = 16,
    .dac_bits = 1,
    .adc_bits = 8,
};
static const struct fixture_layer one_array = {128, 16, 1, 128, 128, 8, 8, 1, 8};

static void estimate(const struct fixture_layer *first, const struct fixture_layer *second,
                     const char *const *assignments, struct cost_fixture *fixture,
                     struct cost_report *report) {
    fixture_begin(fixture, assignments);
    fixture_add(fixture, first);
    if (second != NULL)
        fixture_add(fixture, second);
    fixture_estimate(fixture, report);
}

static void finish(struct cost_fixture *fixture, struct cost_report *report) {
    cost_report_free(report);
    fixture_free(fixture);
}

/* A mapping that fills the chip has the printed totals, and the printed efficiency. */
static void a_full_chip_is_the_printed_one(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    estimate(&full_chip, NULL, NULL, &fixture, &report);
    struct chip_totals totals = chip_totals(&fixture.chip);
    CU_ASSERT_EQUAL(report.tiles, 168);
    CU_ASSERT_DOUBLE_EQUAL(report.area_used_m2 * 1e6, 85.4, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(report.power_peak_w, 65.8, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(report.area_used_m2, totals.chip_area_m2, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(report.area_chip_m2, totals.chip_area_m2, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(report.power_peak_w, totals.chip_power_w, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(report.gops, totals.peak_ops * 1e-9, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(report.gops_per_w, 627.5, 0.5);
    finish(&fixture, &report);
}

/* 8-bit converters replaced by 4-bit ones, tiles only: 62.5 - 13.53 mm2 = +27.6 % of throughput per
 * area, 55.4 -> 38.36 W = +44.4 %. */
static void four_bit_converters_on_a_full_chip(void) {
    struct fixture_layer layer = full_chip;
    struct cost_fixture fixture;
    struct cost_report report;
    layer.adc_bits = 4;
    estimate(&layer, NULL, NULL, &fixture, &report);
    const struct cost_row *links = fixture_row(&report, -1, "HyperTransport");
    CU_ASSERT_DOUBLE_EQUAL(links->area_m2 * 1e6, 22.88, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(links->power_peak_w, 10.4, 1e-9);
    struct chip_totals totals = chip_totals(&fixture.chip);
    double area_m2 = report.area_used_m2 - links->area_m2;
    double power_w = report.power_peak_w - links->power_peak_w;
    CU_ASSERT_DOUBLE_EQUAL((168 * totals.tile_area_m2 - area_m2) * 1e6, 62.5 - 48.97, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(power_w, 38.36, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(168 * totals.tile_area_m2 / area_m2, 1.276, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(168 * totals.tile_power_w / power_w, 1.444, 0.0005);
    finish(&fixture, &report);
}

/* One array: its own parts, one whole IMA, a twelfth of a tile, and that share of the links; the
 * chip is one tile and all links. */
static void one_array_occupies_an_ima_and_shares_the_rest(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    estimate(&one_array, NULL, NULL, &fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "DAC")->count, 128, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "shift-and-add")->count, 4, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "router")->count, 0.25 / 12, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, -1, "max-pool")->count, 1.0 / 12, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, -1, "HyperTransport")->count, 4.0 / 2016, 1e-12);
    double array_mw = (16 + 4 + 0.01 + 2.4) / 8, ima_mw = 0.2 + 1.24 + 0.23, tile_mw = 40.85 / 12;
    CU_ASSERT_DOUBLE_EQUAL(report.power_peak_w * 1e3, array_mw + ima_mw + tile_mw + 10400. / 2016,
                           1e-9);
    double array_mm2 = (0.0096 + 0.00017 + 0.00004 + 0.0002) / 8;
    double ima_mm2 = 0.00024 + 0.0021 + 0.00077, tile_mm2 = 0.21485 / 12;
    CU_ASSERT_DOUBLE_EQUAL(report.area_used_m2 * 1e6, array_mm2 + ima_mm2 + tile_mm2 + 22.88 / 2016,
                           1e-9);
    CU_ASSERT_DOUBLE_EQUAL(report.area_chip_m2 * 1e6, 0.21485 + 12 * 0.01312 + 22.88, 1e-9);
    finish(&fixture, &report);
}

/* 256 x 256: twice the DACs and sample-and-holds, two converters, four times the array. */
static void another_crossbar_size(void) {
    static const struct fixture_layer layer = {256, 32, 1, 256, 256, 8, 8, 1, 8};
    static const struct fixture_layer tiny = {37, 1, 1, 37, 11, 8, 8, 1, 8};
    struct cost_fixture fixture;
    struct cost_report report;
    estimate(&layer, NULL, NULL, &fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "DAC")->count, 256, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "sample-and-hold")->count, 256, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 2, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->count, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->area_m2 * 1e6, 0.0001, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->power_peak_w * 1e3, 1.2, 1e-12);
    /* 8 reads of 120 pJ at activity 1/2 */
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->energy_j * 1e12, 480, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "input register")->count, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 0.8e-6, 1e-18);
    finish(&fixture, &report);
    estimate(&tiny, NULL, NULL, &fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->area_m2 * 1e12, 25 * 37 * 11 / 16384.,
                           1e-9);
    finish(&fixture, &report);
}

/* More columns on a converter than the 128 of the cycle take longer; fewer need more converters. */
static void columns_per_adc(void) {
    static const struct fixture_layer layer = {256, 32, 1, 256, 256, 8, 8, 1, 8};
    static const char *const slow[] = {"adc.columns_per_adc=256", NULL};
    static const char *const fast[] = {"adc.columns_per_adc=60", NULL};
    struct cost_fixture fixture;
    struct cost_report report;
    estimate(&layer, NULL, slow, &fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 1.6e-6, 1e-18);
    finish(&fixture, &report);
    estimate(&layer, NULL, fast, &fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 5, 0);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 0.8e-6, 1e-18);
    finish(&fixture, &report);
    /* As on the chip's own 128 x 128 arrays, whatever their size here: one for 128, or 4. */
    estimate(&layer, NULL, NULL, &fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 2, 0);
    cost_report_free(&report);
    struct chip_component *adc = fixture.chip.components;
    while (adc->scaling != SCALE_ADC)
        adc++;
    adc->count = 4;
    fixture_estimate(&fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 8, 0);
    finish(&fixture, &report);
}

/* The unit column of `offset` is one more physical column: sampled, converted, with its cells'
 * area, on the converters that are there. */
static void the_unit_column_is_counted(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    fixture_begin(&fixture, NULL);
    fixture_add(&fixture, &one_array);
    fixture.mapped[0].encoding.unit_column = true;
    fixture.mapped[0].arrays[0].conversions = 129;
    fixture.mapped[0].arrays[0].cells_read = 128 * 129;
    fixture_estimate(&fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "sample-and-hold")->count, 129, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->area_m2 * 1e12, 25 * 129 / 128., 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "array")->actions, 8 * 0.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->count, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->actions, 8 * 129, 0);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 0.8e-6, 1e-18);
    finish(&fixture, &report);
}

/* Two layers of two arrays each: layers of 5 and 7 bits, arrays of 3 and 5, and 7 and 2 bits. */
static void begin_allocation(struct cost_fixture *fixture, const char *allocation,
                             const char *bits) {
    static const int64_t sums[2][2] = {{7, 31}, {127, 3}};
    struct fixture_layer layer = one_array;
    char assignment[64];
    const char *const assignments[] = {assignment, bits, NULL};
    snprintf(assignment, sizeof assignment, "adc.allocation=%s", allocation);
    fixture_begin(fixture, assignments);
    layer.columns = 32;
    for (int i = 0; i < 2; i++) {
        layer.adc_bits = i == 0 ? 5 : 7;
        fixture_add(fixture, &layer);
        struct mapped_layer *mapped = &fixture->mapped[i];
        for (int array = 0; array < 2; array++)
            mapped->arrays[array].largest_sum = sums[i][array];
        /* 8 columns a weight: slices of 2, 2, 2, 2 columns */
        mapped->encoding.slices = 4;
        for (int column = 0; column < 8; column++)
            mapped->encoding.column[column].slice = column / 2;
        const int by_slice[] = {2, 4, layer.adc_bits, 5};
        memcpy(mapped->lossless.bits_by_slice, by_slice, sizeof by_slice);
    }
}

static struct adc_cost adc_cost(int bits) {
    struct adc_conditions conditions = adc_conditions_default;
    conditions.rate_hz = 1.28e9;
    return adc_models[0].cost(bits, &conditions);
}

static double adc_area(int bits) {
    return adc_cost(bits).area_m2;
}

static double adc_energy(int bits) {
    return adc_cost(bits).energy_per_conversion_j;
}

/* Converters by layer and array: `bits[layer][array]`; each array converts 8 * 128 times. */
static void check_allocation(const char *allocation, const char *setting, const int bits[2][2]) {
    struct cost_fixture fixture;
    struct cost_report report;
    begin_allocation(&fixture, allocation, setting);
    fixture_estimate(&fixture, &report);
    for (int i = 0; i < 2; i++) {
        const struct cost_row *row = fixture_row(&report, i, "ADC");
        int a = bits[i][0], b = bits[i][1];
        CU_ASSERT_DOUBLE_EQUAL(row->area_m2, adc_area(a) + adc_area(b), 1e-18);
        CU_ASSERT_DOUBLE_EQUAL(row->energy_j, 1024 * (adc_energy(a) + adc_energy(b)), 1e-18);
        CU_ASSERT_EQUAL(report.layers[i].adc_bits, a > b ? a : b);
        CU_ASSERT_EQUAL(report.layers[i].adc_bits_mean, (a + b) / 2.0);
    }
    finish(&fixture, &report);
}

static void converters_by_allocation(void) {
    static const int layer[2][2] = {{5, 5}, {7, 7}};
    static const int array[2][2] = {{3, 5}, {7, 2}};
    /* What layers share is in their bits already: run_resolve_converters. */
    check_allocation("uniform", "adc.bits=lossless", layer);
    check_allocation("layer", "adc.bits=lossless", layer);
    check_allocation("array", "adc.bits=lossless", array);
    /* Only the exact rule knows the sums of an array. */
    check_allocation("array", "adc.bits=worst", layer);
    check_allocation("array", "adc.bits=7", layer);
    check_allocation("slice", "adc.bits=7", layer);
}

/* Layer 2: arrays of 7 and 2 bits, slices of 2, 4, 7 and 5: no slice above its array. The area is
 * the arrays'. */
static void converters_by_slice(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    begin_allocation(&fixture, "slice", "adc.bits=lossless");
    fixture_estimate(&fixture, &report);
    const struct cost_row *row = fixture_row(&report, 1, "ADC");
    double first = adc_energy(2) + adc_energy(4) + adc_energy(7) + adc_energy(5);
    CU_ASSERT_DOUBLE_EQUAL(row->energy_j, 256 * (first + 4 * adc_energy(2)), 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(row->area_m2, adc_area(7) + adc_area(2), 1e-18);
    cost_report_free(&report);
    /* A clipping converter only: codes of full_range are spread over a bound that all share. */
    fixture.layers[1].choice = ADC_TRANSFER_FULL_RANGE;
    fixture_estimate(&fixture, &report);
    row = fixture_row(&report, 1, "ADC");
    CU_ASSERT_DOUBLE_EQUAL(row->energy_j, 2048 * adc_energy(7), 1e-18);
    finish(&fixture, &report);
}

/* Where a model starts at 4 bits, arrays of 3 and 2 bits and the slice of 2 get its 4. */
static void nothing_is_built_below_the_range_of_its_model(void) {
    static const char *const allocations[] = {"array", "slice"};
    struct adc_model coarse = adc_models[0];
    struct diagnostic diag = {0};
    coarse.minimum_bits = 4;
    for (int slice = 0; slice < 2; slice++) {
        struct cost_fixture fixture;
        struct converters converters;
        struct layer_converters own[2];
        begin_allocation(&fixture, allocations[slice], "adc.bits=lossless");
        ASSERT_OK(converters_make(&adc_models[0], &fixture.chip, &fixture.mapping, fixture.layers,
                                  fixture.config, &converters, &diag),
                  diag);
        converters.model = &coarse;
        for (int bits = 0; bits < coarse.minimum_bits; bits++)
            converters.by_bits[bits] = (struct adc_cost){0};
        for (int i = 0; i < 2; i++) {
            const struct layer_reads reads = reads_of(&fixture.mapped[i], NULL);
            ASSERT_OK(
                converters_of_layer(&converters, &fixture.mapped[i], i, &reads, &own[i], &diag),
                diag);
        }
        CU_ASSERT_DOUBLE_EQUAL(own[0].area_m2, adc_area(4) + adc_area(5), 1e-18);
        CU_ASSERT_DOUBLE_EQUAL(own[1].area_m2, adc_area(7) + adc_area(4), 1e-18);
        CU_ASSERT_EQUAL(own[1].bits_mean, 5.5);
        double first = 4 * adc_energy(7), second = 4 * adc_energy(4);
        if (slice) /* 2, 4, 7 and 5 bits */
            first = 2 * adc_energy(4) + adc_energy(7) + adc_energy(5);
        CU_ASSERT_DOUBLE_EQUAL(own[1].energy_j, 256 * (first + second), 1e-18);
        fixture_free(&fixture);
    }
}

static const struct test_case cases[] = {
    {"a full chip is the printed one", a_full_chip_is_the_printed_one},
    {"four-bit converters on a full chip", four_bit_converters_on_a_full_chip},
    {"one array occupies an IMA and shares the rest",
     one_array_occupies_an_ima_and_shares_the_rest},
    {"another crossbar size", another_crossbar_size},
    {"columns per ADC", columns_per_adc},
    {"the unit column is counted", the_unit_column_is_counted},
    {"converters by allocation", converters_by_allocation},
    {"converters by slice", converters_by_slice},
    {"nothing is built below the range of its model",
     nothing_is_built_below_the_range_of_its_model},
    {NULL, NULL},
};
const struct test_suite suite_cost_chip = {"cost_chip", cases};
