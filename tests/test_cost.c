/* Counts and energies of one inference against figures worked out by hand. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/cost_fixture.h"
#include "tests/test.h"

/* 37 rows, 11 columns of 3-bit weights (a plus and a minus column of 2 bits), 5 positions, 3-bit
 * inputs, 2 bits a cycle (2 cycles), on 16 x 16 crossbars: rows 16, 16, 5; 8 and 3 filters. One
 * column of the last array holds nothing. */
static const struct fixture_layer small = {
    .rows = 37,
    .columns = 11,
    .positions = 5,
    .crossbar_rows = 16,
    .crossbar_columns = 16,
    .weight_columns = 2,
    .activation_bits = 3,
    .dac_bits = 2,
    .adc_bits = 5,
};

/* Max-pool 3 x 3, stride 2, padding 1, of 2 x 5 x 5: rows see 2 + 3 + 2 = 7 true values, so 2 * 7 *
 * 7 = 98; then the mean of 2 x 3 x 3 = 18. Network: 37 * 5 values of 3 bits in, 55 real ones out.
 */
static void add_pools(struct cost_fixture *fixture) {
    static int inputs[] = {2, 3};
    fixture->tensors[0] =
        (struct tensor){.type = TENSOR_FLOAT, .rank = 3, .shape = {1, 5, 37}, .count = 185};
    fixture->tensors[2] = (struct tensor){.rank = 4, .shape = {1, 2, 5, 5}, .count = 50};
    fixture->tensors[3] = (struct tensor){.rank = 4, .shape = {1, 2, 3, 3}, .count = 18};
    fixture->tensors[4] = (struct tensor){.rank = 4, .shape = {1, 2, 1, 1}, .count = 2};
    fixture->nodes[fixture->network.n_nodes++] = (struct node){.op = OP_MAX_POOL,
                                                               .n_inputs = 1,
                                                               .inputs = &inputs[0],
                                                               .output = 3,
                                                               .window = {.kernel = {3, 3},
                                                                          .stride = {2, 2},
                                                                          .dilation = {1, 1},
                                                                          .pad_begin = {1, 1},
                                                                          .pad_end = {1, 1}}};
    fixture->nodes[fixture->network.n_nodes++] = (struct node){
        .op = OP_GLOBAL_AVERAGE_POOL, .n_inputs = 1, .inputs = &inputs[1], .output = 4};
}

static void begin_small(struct cost_fixture *fixture) {
    static const char *const assignments[] = {"dac.activity=0.25", NULL};
    fixture_begin(fixture, assignments);
    fixture_add(fixture, &small);
    fixture->matrix[0].output.bits = 4;
    struct mapped_array *last = &fixture->mapped[0].arrays[5];
    last->conversions = 5;
    last->cells_read = last->rows * 5;
    fixture->mapped[0].weights.nonzero = 200;
    add_pools(fixture);
}

static void actions_and_energies_by_hand(void) {
    /* Power of 5 bits: (2.9 * 5/8 + 0.2/8) / 3.1 of 2 mW, 128 conversions in 100 ns. */
    const double conversion_pj = 1837.5 / 3100 * 1.5625;
    const struct {
        int layer;
        const char *component;
        double actions, energy_pj;
    } expected[] = {
        {0, "ADC", 10 * 65, 650 * conversion_pj},
        {0, "DAC", 10 * 74 * 0.25, 185 * 0.390625},
        {0, "sample-and-hold", 650, 650.0 / 1024},
        {0, "array", 10 * 809 * 0.25 / 256, 10 * 809 * 0.25 * 30 / 16384},
        {0, "shift-and-add", 650, 650 * 0.01953125},
        {0, "input register", 5 * 74 * 3, 1110 * 124.0 / 1024},
        {0, "output register", 5 * 33 * 16, 2640 * 23.0 / 128},
        {0, "tile output register", 2640, 2640 * 168.0 / 1536},
        {0, "tile shift-and-add", 5 * (33 - 11), 110 * 0.05 / 1.2},
        {0, "eDRAM buffer", 5 * (37 * 3 + 11 * 4), 775 * 20.45 / 256},
        {0, "eDRAM bus", 775, 775 * 0.054},
        /* One tile: inputs and results pass its router, 185 values of 3 bits and 55 of 4. */
        {0, "router", 555 + 220, 775 * 20.74 / 256},
        {0, "sigmoid", 55, 55 * 0.26 / 1.2},
        {-1, "max-pool", 98 + 18, 116 * 0.4 / 1.2},
        {-1, "HyperTransport", 185 * 3 + 55 * 16, 1435 * 6500.0 / 128},
    };
    const int n = sizeof expected / sizeof *expected;
    struct cost_fixture fixture;
    struct cost_report report;
    double energy_pj = 0;
    begin_small(&fixture);
    fixture_estimate(&fixture, &report);
    CU_ASSERT_EQUAL(report.n_rows, n);
    for (int i = 0; i < n; i++) {
        const struct cost_row *row = fixture_row(&report, expected[i].layer, expected[i].component);
        CU_ASSERT_DOUBLE_EQUAL(row->actions, expected[i].actions, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(row->energy_j * 1e12, expected[i].energy_pj,
                               1e-9 * expected[i].energy_pj);
        energy_pj += expected[i].energy_pj;
    }
    CU_ASSERT_DOUBLE_EQUAL(report.energy_j * 1e12, energy_pj, 1e-9 * energy_pj);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].conversions, 650, 0);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].activity, 0.25, 0);
    CU_ASSERT_FALSE(report.activity_measured);
    cost_report_free(&report);
    fixture_free(&fixture);
}

/* 5 positions * 2 cycles * 100 ns, and six more stages of the pipeline (22 with 16 reads). */
static void time_and_throughput_by_hand(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    begin_small(&fixture);
    fixture_estimate(&fixture, &report);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 1e-6, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(report.latency_s, 1.6e-6, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(report.throughput_hz, 1e6, 1e-3);
    CU_ASSERT_DOUBLE_EQUAL(report.gops, 2 * 37 * 11 * 5 * 1e-3, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(report.gops_effective, 2 * 200 * 5 * 1e-3, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(report.gops_peak, 41288, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(report.power_average_w, report.energy_j * 1e6, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(report.gops_per_w, report.gops / report.power_peak_w, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(report.gops_per_mm2, report.gops / (report.area_used_m2 * 1e6), 1e-9);
    cost_report_free(&report);
    fixture_free(&fixture);
}

/* 64 filters of 3 x 3 x 64 at 8 x 8, as in ResNet-20: 576 rows in 5 blocks, 16 filters of 8 columns
 * an array: 20 arrays, 3 IMAs; beside it 10 classes of 64 inputs: one array. */
static void a_layer_of_resnet20(void) {
    static const struct fixture_layer conv = {576, 64, 64, 128, 128, 8, 8, 1, 8};
    static const struct fixture_layer classes = {64, 10, 1, 128, 128, 8, 8, 1, 8};
    struct cost_fixture fixture;
    struct cost_report report;
    fixture_begin(&fixture, NULL);
    fixture_add(&fixture, &conv);
    fixture_add(&fixture, &classes);
    fixture_estimate(&fixture, &report);
    CU_ASSERT_EQUAL(report.layers[0].crossbars, 20);
    CU_ASSERT_EQUAL(report.layers[0].macros, 3);
    CU_ASSERT_EQUAL(report.layers[1].macros, 1);
    CU_ASSERT_EQUAL(report.macros, 4);
    CU_ASSERT_EQUAL(report.tiles, 1);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].conversions, 64 * 8 * 20 * 128, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "ADC")->energy_j * 1e6, 1.31072 * 1.5625, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 0, "DAC")->actions, 64 * 8 * 4 * 576 * 0.5, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 1, "ADC")->actions, 8 * 80, 0);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&report, 1, "tile shift-and-add")->actions, 0, 0);
    CU_ASSERT_DOUBLE_EQUAL(report.layers[0].time_s, 51.2e-6, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(report.latency_s, 51.2e-6 + 0.8e-6 + 1.2e-6, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(report.throughput_hz, 1 / 51.2e-6, 1e-6);
    cost_report_free(&report);
    fixture_free(&fixture);
}

/* Measured digits replace dac.activity in drives and array reads: 4440 of 3 * 3700 digit units are
 * driven, 0.4; bits of inputs on the bus, of which 0.3 are ones, charge wires 4 * 0.3 * 0.7 as
 * often as random ones. Nothing else changes. */
static void measured_activity_replaces_the_configured_one(void) {
    const struct layer_activity measured[] = {
        {.digits = 3700, .digits_nonzero = 1295, .digit_sum = 4440, .ones = 1665}};
    const double bus = (555 * 0.84 + 220) / 775;
    struct diagnostic diag = {0};
    struct cost_fixture fixture;
    struct cost_report before, after;
    begin_small(&fixture);
    fixture_estimate(&fixture, &before);
    struct cost_inputs inputs = fixture_inputs(&fixture);
    inputs.activity = measured;
    inputs.images = 10;
    ASSERT_OK(cost_estimate(&inputs, &after, &diag), diag);
    CU_ASSERT_TRUE(after.activity_measured);
    CU_ASSERT_DOUBLE_EQUAL(after.layers[0].activity, 0.35, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(after.layers[0].mean_digit, 0.4, 1e-12);
    double configured = 0;
    for (int i = 0; i < before.n_rows; i++) {
        const struct cost_row *row = &after.rows[i];
        bool driven = strcmp(row->component, "DAC") == 0 || strcmp(row->component, "array") == 0;
        double factor = driven ? 0.4 / 0.25 : strcmp(row->component, "eDRAM bus") == 0 ? bus : 1;
        CU_ASSERT_DOUBLE_EQUAL(row->energy_j, before.rows[i].energy_j * factor,
                               1e-9 * row->energy_j);
        CU_ASSERT_DOUBLE_EQUAL(row->energy_configured_j, before.rows[i].energy_j,
                               1e-9 * row->energy_j);
        configured += row->energy_configured_j;
    }
    CU_ASSERT_EQUAL(after.energy_configured_j, configured);
    CU_ASSERT_DOUBLE_EQUAL(after.energy_configured_j, before.energy_j, 1e-9 * before.energy_j);
    CU_ASSERT_EQUAL(before.energy_configured_j, before.energy_j);
    cost_report_free(&before);
    cost_report_free(&after);
    fixture_free(&fixture);
}

/* Bit for bit, and from one call to the next. */
static void totals_are_the_sums_of_their_rows(void) {
    struct cost_fixture fixture;
    struct cost_report report, again;
    double area = 0, power = 0, energy = 0;
    begin_small(&fixture);
    fixture_add(&fixture, &small);
    fixture_estimate(&fixture, &report);
    fixture_estimate(&fixture, &again);
    for (int i = 0; i < report.n_rows; i++) {
        CU_ASSERT(report.rows[i].layer >= -1 && report.rows[i].layer < report.n_layers);
        CU_ASSERT(report.rows[i].source != NULL && report.rows[i].model != NULL);
        area += report.rows[i].area_m2;
        power += report.rows[i].power_peak_w;
        energy += report.rows[i].energy_j;
    }
    CU_ASSERT(area == report.area_used_m2 && area == again.area_used_m2);
    CU_ASSERT(power == report.power_peak_w && power == again.power_peak_w);
    CU_ASSERT(energy == report.energy_j && energy == again.energy_j);
    for (int i = 0; i < report.n_idle; i++)
        area += report.idle[i].area_m2;
    CU_ASSERT(area == report.area_chip_m2 && area == again.area_chip_m2);
    for (int layer = 0; layer < report.n_layers; layer++) {
        double own = 0;
        for (int i = 0; i < report.n_rows; i++)
            own += report.rows[i].layer == layer ? report.rows[i].energy_j : 0;
        CU_ASSERT(own == report.layers[layer].energy_j);
    }
    cost_report_free(&report);
    cost_report_free(&again);
    fixture_free(&fixture);
}

/* Leakage lasts from one image to the next: 1 us here. */
static void leakage_counts_over_the_interval(void) {
    struct cost_fixture fixture;
    struct cost_report before, after;
    begin_small(&fixture);
    fixture_estimate(&fixture, &before);
    for (int i = 0; i < fixture.chip.n_components; i++)
        if (strcmp(fixture.chip.components[i].name, "input register") == 0)
            fixture.chip.components[i].leakage_w = 3e-3;
    fixture_estimate(&fixture, &after);
    CU_ASSERT_DOUBLE_EQUAL(after.energy_j - before.energy_j, 3e-9, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(fixture_row(&after, 0, "input register")->leakage_w, 3e-3, 0);
    cost_report_free(&before);
    cost_report_free(&after);
    fixture_free(&fixture);
}

static enum status estimate(struct cost_fixture *fixture, struct cost_report *report,
                            struct diagnostic *diag) {
    const struct cost_inputs inputs = fixture_inputs(fixture);
    return cost_estimate(&inputs, report, diag);
}

static void what_cannot_be_estimated_is_refused(void) {
    struct cost_fixture fixture;
    struct cost_report report;
    struct diagnostic diag = {0};
    fixture_begin(&fixture, NULL);
    fixture.network.path = "empty.onnx";
    CU_ASSERT_EQUAL(estimate(&fixture, &report, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "empty.onnx: no convolution"));
    fixture_add(&fixture, &small);
    fixture.layers[0].adc_bits = 17;
    CU_ASSERT_EQUAL(estimate(&fixture, &report, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "layer \"first\" has ADCs of 17 bits"));
    CU_ASSERT_PTR_NULL(report.rows);
    cost_report_free(&report);
    cost_report_free(NULL);
    fixture_free(&fixture);
}

static const struct test_case cases[] = {
    {"actions and energies by hand", actions_and_energies_by_hand},
    {"time and throughput by hand", time_and_throughput_by_hand},
    {"a layer of ResNet-20", a_layer_of_resnet20},
    {"measured activity replaces the configured one",
     measured_activity_replaces_the_configured_one},
    {"totals are the sums of their rows", totals_are_the_sums_of_their_rows},
    {"leakage counts over the interval", leakage_counts_over_the_interval},
    {"what cannot be estimated is refused", what_cannot_be_estimated_is_refused},
    {NULL, NULL},
};
const struct test_suite suite_cost = {"cost", cases};
