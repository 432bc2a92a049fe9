/* Models of converters in an estimate: energy, leakage and time of each, and the band over all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cost/cost.h"
#include "tests/support/cost_fixture.h"
#include "tests/test.h"

/* One array: 16 weights of 8 columns, 37 positions of 8 cycles. */
static const struct fixture_layer layer = {128, 16, 37, 128, 128, 8, 8, 1, 8};

static void begin(struct cost_fixture *fixture, struct cost_report *report, const char *setting,
                  const struct fixture_layer *of) {
    const char *const assignments[] = {setting, NULL};
    fixture_begin(fixture, assignments);
    fixture_add(fixture, of);
    fixture_estimate(fixture, report);
}

static void finish(struct cost_fixture *fixture, struct cost_report *report) {
    cost_report_free(report);
    fixture_free(fixture);
}

static void the_chip_names_its_model(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    static const char *const settings[] = {"adc.model=chip", "adc.model=all", "adc.model=isaac"};
    for (int i = 0; i < 3; i++) {
        begin(&fixture, &report, settings[i], &layer);
        CU_ASSERT_STRING_EQUAL(report.adc_model->name, "isaac");
        CU_ASSERT_STRING_EQUAL(fixture_row(&report, 0, "ADC")->model, "isaac");
        finish(&fixture, &report);
    }
}

/* A converter that never rests spends what each conversion is said to cost, its leakage included;
 * one with half the columns rests half the time and leaks all of it. */
static void leakage_flows_all_the_time(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    struct adc_conditions where = adc_conditions_default;
    struct fixture_layer half = layer;
    where.rate_hz = 1.28e9;
    double energy_j = adc_model_find("murmann")->cost(8, &where).energy_per_conversion_j;
    half.columns = 8;
    begin(&fixture, &report, "adc.model=murmann", &layer);
    const struct cost_row *row = fixture_row(&report, 0, "ADC");
    CU_ASSERT_DOUBLE_EQUAL(row->energy_j, 37 * 8 * 128 * energy_j, 1e-9 * row->energy_j);
    CU_ASSERT_DOUBLE_EQUAL(row->leakage_w, 0.2 * energy_j * 1.28e9, 1e-9 * row->leakage_w);
    CU_ASSERT_DOUBLE_EQUAL(row->power_peak_w, energy_j * 1.28e9, 1e-9 * row->power_peak_w);
    finish(&fixture, &report);
    begin(&fixture, &report, "adc.model=murmann", &half);
    row = fixture_row(&report, 0, "ADC");
    CU_ASSERT_DOUBLE_EQUAL(row->energy_j, 37 * 8 * 64 * energy_j * (0.8 + 2 * 0.2),
                           1e-9 * row->energy_j);
    finish(&fixture, &report);
}

/* MNSIM's 8-bit part takes 10 / 1.28 GHz: 128 columns take 1 us, ten of ISAAC's cycles; 13 columns
 * (rather 12.8) a converter are one more than fit its 100 ns. */
static void slow_converters_stretch_the_cycle(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    begin(&fixture, &report, "adc.model=mnsim", &layer);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 37 * 8 * 1e-6, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->energy_j, 37 * 8 * 128 * 15.625e-12,
                           1e-15);
    finish(&fixture, &report);
    static const struct {
        const char *shared;
        double cycle_s;
    } cases[] = {{"adc.columns_per_adc=12", 100e-9}, {"adc.columns_per_adc=13", 101.5625e-9}};
    for (int i = 0; i < 2; i++) {
        const char *const assignments[] = {"adc.model=mnsim", cases[i].shared, NULL};
        fixture_begin(&fixture, assignments);
        fixture_add(&fixture, &layer);
        fixture_estimate(&fixture, &report);
        CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 37 * 8 * cases[i].cycle_s, 1e-15);
        finish(&fixture, &report);
    }
}

/* Those that only models with them in their formula read. */
static void conditions_change_the_models_that_name_them(void) {
    static const struct {
        const char *setting;
        const char *model;
        double factor; /* of the converters' energy, to 1 % */
    } cases[] = {
        {"adc.supply=1.8", "zigzag", 4},
        {"adc.temperature=350", "neurosim-sar", 1.065},
        {"adc.column_resistance=1e12", "neurosim-sar", 17.935 / 26.059}, /* no term of the column */
        {"adc.read_voltage=5e-3", "neurosim-sar", 0.69},                 /* 1 Mohm at 0.5 V */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cost_by_model band[16];
        double energy_j[2] = {0};
        for (int changed = 0; changed < 2; changed++) {
            struct cost_fixture fixture;
            struct diagnostic diag = {0};
            const char *const assignments[] = {"adc.model=all", changed ? cases[i].setting : NULL,
                                               NULL};
            fixture_begin(&fixture, assignments);
            fixture_add(&fixture, &layer);
            const struct cost_inputs inputs = fixture_inputs(&fixture);
            ASSERT_OK(cost_band(&inputs, band, &fixture.arena, &diag), diag);
            for (int m = 0; m < n_adc_models; m++)
                if (strcmp(band[m].model->name, cases[i].model) == 0)
                    energy_j[changed] = band[m].adc_energy_j;
            fixture_free(&fixture);
        }
        CU_ASSERT_DOUBLE_EQUAL(energy_j[1] / energy_j[0], cases[i].factor, 0.01 * cases[i].factor);
    }
}

/* Each row is the estimate by its model; what is not of converters is the same in all of them. */
static void the_band_is_one_estimate_a_model(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    struct cost_by_model band[16];
    struct diagnostic diag = {0};
    begin(&fixture, &report, "adc.model=all", &layer);
    double others_m2 = report.area_used_m2 - fixture_row(&report, 0, "ADC")->area_m2;
    double others_w = report.power_peak_w - fixture_row(&report, 0, "ADC")->power_peak_w;
    cost_report_free(&report);
    const struct cost_inputs inputs = fixture_inputs(&fixture);
    ASSERT_OK(cost_band(&inputs, band, &fixture.arena, &diag), diag);
    for (int i = 0; i < n_adc_models; i++) {
        char setting[64];
        CU_ASSERT_PTR_NULL(band[i].refusal);
        CU_ASSERT_DOUBLE_EQUAL(band[i].power_peak_w - band[i].adc_power_peak_w, others_w, 1e-12);
        if (!band[i].model->has_area) {
            CU_ASSERT(isnan(band[i].area_m2) && band[i].adc_energy_j > 0);
            continue;
        }
        CU_ASSERT_DOUBLE_EQUAL(band[i].area_m2 - band[i].adc_area_m2, others_m2, 1e-15);
        snprintf(setting, sizeof setting, "adc.model=%s", band[i].model->name);
        ASSERT_OK(config_override(fixture.config, setting, &diag), diag);
        fixture_estimate(&fixture, &report);
        CU_ASSERT_EQUAL(band[i].area_m2, report.area_used_m2);
        CU_ASSERT_EQUAL(band[i].energy_j, report.energy_j);
        CU_ASSERT_EQUAL(band[i].power_peak_w, report.power_peak_w);
        CU_ASSERT_EQUAL(band[i].throughput_hz, report.throughput_hz);
        CU_ASSERT_EQUAL(band[i].adc_energy_j, fixture_row(&report, 0, "ADC")->energy_j);
        cost_report_free(&report);
    }
    fixture_free(&fixture);
}

static void models_that_do_not_hold_are_told(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    struct cost_by_model band[16];
    struct diagnostic diag = {0};
    struct fixture_layer coarse = layer;
    const char *const assignments[] = {"adc.model=neurosim-sar", NULL};
    coarse.adc_bits = 3;
    fixture_begin(&fixture, assignments);
    fixture_add(&fixture, &coarse);
    const struct cost_inputs inputs = fixture_inputs(&fixture);
    CU_ASSERT_EQUAL(cost_estimate(&inputs, &report, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "adc.model neurosim-sar gives energy and time but "
                                                "no area"));
    CU_ASSERT_EQUAL(report.n_rows, 0);
    ASSERT_OK(cost_band(&inputs, band, &fixture.arena, &diag), diag);
    for (int i = 0; i < n_adc_models; i++) {
        bool holds = band[i].model->minimum_bits <= 3;
        CU_ASSERT_EQUAL(holds, band[i].refusal == NULL);
        CU_ASSERT_EQUAL(holds, band[i].energy_j > 0);
        CU_ASSERT_EQUAL(holds, band[i].adc_power_peak_w > 0);
    }
    fixture_free(&fixture);
}

static const struct test_case cases[] = {
    {"the chip names its model", the_chip_names_its_model},
    {"leakage flows all the time", leakage_flows_all_the_time},
    {"slow converters stretch the cycle", slow_converters_stretch_the_cycle},
    {"conditions change the models that name them", conditions_change_the_models_that_name_them},
    {"the band is one estimate a model", the_band_is_one_estimate_a_model},
    {"models that do not hold are told", models_that_do_not_hold_are_told},
    {NULL, NULL},
};
const struct test_suite suite_cost_models = {"cost_models", cases};
