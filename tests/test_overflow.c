/* More arrays than a chip has: several chips, passes of one, refusals; times and energies by hand.
 *
 * Chips of one tile, layers of 20 positions of 8 reads of 100 ns: 16 us, and 0.6 us more for the
 * stages behind the last read. Links take 80 Mbit/s unless said otherwise. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crossbar/device.h"
#include "sim/chip/floorplan.h"
#include "sim/cost/cost.h"
#include "tests/support/scratch.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

static const double link_j = 6500e-12 / 128;

/* Pulses of 40 and 60 ns, 2 and 3 pJ. */
static const struct device device = {.name = "by hand",
                                     .source = "this test",
                                     .g_max_siemens = 1e-4,
                                     .drift_t0_s = 1,
                                     .drift_time_s = 1,
                                     .set_time_s = 40e-9,
                                     .set_energy_j = 2e-12,
                                     .reset_time_s = 60e-9,
                                     .reset_energy_j = 3e-12,
                                     .endurance = 6e5};
static const struct device silent = {
    .name = "silent", .g_max_siemens = 1e-4, .drift_t0_s = 1, .drift_time_s = 1};

static void write_chip(struct scratch *scratch, int macros, int arrays, const char *link,
                       const char **path) {
    char text[1024], folder[512];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder, sizeof folder));
    snprintf(text, sizeof text,
             "base: %s/configs/presets/isaac.yaml\nname: tiny\nchip: {tiles: 1}\n"
             "tile: {macros: %d}\nmacro: {arrays: %d}\ntiming: {link_width: 8, link_clock: %s}\n",
             folder, macros, arrays, link);
    *path = scratch_write(scratch, "tiny.yaml", text, strlen(text));
}

/* 1 x 1 windows on 5 x 4 places, 3 - 7 - 5 - 6 channels: an array each. */
static void make_chain(struct timed_net *timed) {
    timed_open(timed, "1x3x5x4");
    int map = timed_conv(timed, 0, 7, 1, 1);
    map = timed_conv(timed, map, 5, 1, 1);
    timed_conv(timed, map, 6, 1, 1);
}

static void open_chain(struct timed_net *timed, const char *chip, const char *const *settings) {
    make_chain(timed);
    timed_map(timed, chip, settings);
}

static enum status estimate(const struct timed_net *timed, const struct device *of,
                            struct cost_report *report, struct diagnostic *diag) {
    const struct device *devices[4] = {of, of, of, of};
    struct cost_inputs inputs = timed_inputs(timed);
    inputs.devices = devices;
    return cost_estimate(&inputs, report, diag);
}

static void expect_us(const char *what, double seconds, double us) {
    if (seconds * 1e6 > us * (1 + 1e-9) || seconds * 1e6 < us * (1 - 1e-9)) {
        fprintf(stderr, "\n%s: %.6g us, not %.6g us\n", what, seconds * 1e6, us);
        CU_FAIL("a time is wrong");
    }
}

/* Maps of 20 x 7, 20 x 5 and (the result) 20 x 6 bytes; a position takes 0.7 and 0.5 us. */
static void several_chips(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct cost_report report;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 1, 1, "10 MHz", &path);
    open_chain(&timed, path, NULL);
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    CU_ASSERT(report.chips == 3 && report.passes == 1 && report.tiles == 3);
    CU_ASSERT_EQUAL(report.link_bits, 1120 + 800 + 960); /* the result leaves by the first chip */
    CU_ASSERT_EQUAL(report.reload_s + report.reload_energy_j, 0);
    /* A map is there 0.7 us after its last position at 16.6 us, and so on. */
    double first = 16.6 + 0.7, second = first + 16.6 + 0.5;
    expect_us("images", report.latency_by_pipeline_s[PIPELINE_IMAGES], second + 16.6);
    expect_us("layers", report.latency_by_pipeline_s[PIPELINE_LAYERS], second + 16.6);
    expect_us("layers", 1 / report.throughput_by_pipeline_hz[PIPELINE_LAYERS], second + 16.6);
    /* Position by position: three times 1.4 us and two links behind the first; then 19 intervals.
     */
    expect_us("rows", report.latency_by_pipeline_s[PIPELINE_ROWS], 3 * 1.4 + 0.7 + 0.5 + 19 * 0.8);
    /* Out of the first chip go the first map and the result: 2080 bits. */
    expect_us("interval", 1 / report.throughput_hz, 26);
    /* All chips are written at the same time; the second layer has seven word lines. */
    expect_us("writes", report.write_time_s, 0.7);
    cost_report_free(&report);

    /* A link of 40 Mbit/s: a position of the first map takes 1.4 us, twenty of them 28. */
    timed.chip.timing.link_clock_hz = 5e6;
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    first = 1.4 + 28, second = first + 1.4 + 20; /* links end after the layers before them */
    expect_us("images", report.latency_by_pipeline_s[PIPELINE_IMAGES], second + 16.6);
    expect_us("rows", report.latency_by_pipeline_s[PIPELINE_ROWS], 3 * 1.4 + 1 + 20 * 1.4);
    expect_us("interval", 1 / report.throughput_hz, 52);
    cost_report_free(&report);

    timed.chip.timing =
        (struct chip_timing){0}; /* who says nothing of links has none to wait for */
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    expect_us("images", report.latency_by_pipeline_s[PIPELINE_IMAGES], 3 * 16.6);
    expect_us("interval", 1 / report.throughput_hz, 16);
    cost_report_free(&report);
    timed_close(&timed);
    scratch_close(&scratch);
}

static double row_energy(const struct cost_report *report, const char *component) {
    double sum = 0;
    for (int i = 0; i < report->n_rows; i++)
        if (strcmp(report->rows[i].component, component) == 0)
            sum += report->rows[i].energy_j;
    return sum;
}

/* What both ways share: all but links and writes; the parts of three chips for those of one. */
static void compare_rows(const struct cost_report *chips, const struct cost_report *passes) {
    double energy_j = chips->energy_j - row_energy(chips, "HyperTransport");
    energy_j -=
        passes->energy_j - row_energy(passes, "HyperTransport") - row_energy(passes, "cell writes");
    CU_ASSERT_DOUBLE_EQUAL(energy_j, 0, 1e-9 * chips->energy_j);
    CU_ASSERT_DOUBLE_EQUAL(passes->area_used_m2, chips->area_used_m2 / 3, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(passes->area_chip_m2, chips->area_chip_m2 / 3, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(passes->power_peak_w, chips->power_peak_w / 3, 1e-12);
    double sum_j = 0;
    for (int i = 0; i < passes->n_rows; i++)
        sum_j += passes->rows[i].energy_j;
    CU_ASSERT_DOUBLE_EQUAL(passes->energy_j, sum_j, 1e-12 * sum_j);
}

/* Weights of 21, 35 and 30 bytes take 2.1, 3.5 and 3 us, longer than the cells of 3, 7 and 5 word
 * lines of 0.1 us each. */
static void passes_of_one_chip(void) {
    static const char *const settings[] = {"chip.overflow=reload", "chip.batch=3", NULL};
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed, side_by_side;
    struct cost_report report, chips;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 1, 1, "10 MHz", &path);
    open_chain(&timed, path, settings);
    open_chain(&side_by_side, path, NULL);
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    ASSERT_OK(estimate(&side_by_side, &device, &chips, &diag), diag);
    CU_ASSERT(report.chips == 1 && report.passes == 3 && report.tiles == 1 && report.macros == 1);
    expect_us("reloads", report.reload_s, 2.1 + 3.5 + 3);
    expect_us("writes", report.write_time_s, 0.3 + 0.7 + 0.5);
    CU_ASSERT(report.write_endurance == 2e5 && chips.write_endurance == 6e5);
    /* Whole maps: stored 0.7 us after the end; loaded in 14 us, stored 0.5 us after; loaded in 10.
     */
    double passes = (16.6 + 0.7) + (14 + 16.6 + 0.5) + (10 + 16.6);
    expect_us("images", report.latency_s, 8.6 + passes + 2 * 3 * 16);
    expect_us("images", 3 / report.throughput_hz, 8.6 + passes + 2 * 3 * 16);
    expect_us("layers", report.latency_by_pipeline_s[PIPELINE_LAYERS], 8.6 + 3 * passes);
    /* Positions are loaded faster than they are worked on. */
    passes = (16.6 + 0.7) + (0.7 + 16.6 + 0.5) + (0.5 + 16.6);
    expect_us("rows", report.latency_by_pipeline_s[PIPELINE_ROWS], 8.6 + passes + 2 * 3 * 16);
    /* Both maps go out and come in; the weights once for three images. */
    double bits = 2 * (1120 + 800) + 8 * (21 + 35 + 30) / 3.0, writes_j = 0;
    CU_ASSERT_DOUBLE_EQUAL(report.link_bits, bits, 1e-9);
    for (int i = 0; i < 3; i++)
        writes_j += 2e-12 * (double)timed.mapping.layers[i].sums.cells_nonzero +
                    3e-12 * (double)timed.mapping.layers[i].sums.cells_read;
    CU_ASSERT_DOUBLE_EQUAL(report.write_energy_j, writes_j, 1e-9 * writes_j);
    CU_ASSERT_DOUBLE_EQUAL(row_energy(&report, "cell writes"), writes_j / 3, 1e-9 * writes_j);
    CU_ASSERT_DOUBLE_EQUAL(report.reload_energy_j, writes_j / 3 + bits * link_j, 1e-9 * writes_j);
    CU_ASSERT_DOUBLE_EQUAL(row_energy(&report, "HyperTransport"), (480 + 960 + bits) * link_j,
                           1e-9 * writes_j);
    compare_rows(&chips, &report);
    cost_report_free(&report);

    /* At 40 Mbit/s the first map takes 28 us to store and to load, the second 20 us. */
    timed.chip.timing.link_clock_hz = 5e6;
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    passes = (1.4 + 28) + (28 + 1.4 + 20) + (20 + 16.6);
    CU_ASSERT_EQUAL(report.layers[1].time_s, 20 * 8 * 100e-9);
    /* The second layer ends 16.6 us after it has begun; what is stored then is not the last. */
    expect_us("images", report.latency_s, 2 * 8.6 + passes + 2 * (28 + 28 + 24));
    cost_report_free(&report);
    cost_report_free(&chips);
    timed_close(&timed);
    timed_close(&side_by_side);
    scratch_close(&scratch);
}

/* All weights of the chain are 1, but rows 2 and 4 and filter 1 of the second layer may be 0. */
static void set_weights(struct timed_net *timed, bool holes) {
    for (int i = 0; i < 3; i++) {
        const struct matrix_layer *layer = &timed->net.matrix[i];
        int16_t *weights = (int16_t *)(uintptr_t)layer->weights;
        int rows = matrix_rows(&layer->shape);
        for (int w = 0; w < rows * layer->shape.out_channels; w++)
            weights[w] = !(holes && i == 1 && (w % rows == 2 || w % rows == 4 || w / rows == 1));
    }
}

/* The passes load these bits over 80 Mbit/s, which takes longer than their cells. */
static void expect_loads(const char *path, bool holes, const char *const *settings,
                         const double bits[3]) {
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct cost_report report;
    make_chain(&timed);
    set_weights(&timed, holes);
    timed_map(&timed, path, settings);
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    CU_ASSERT_EQUAL(report.passes, 3);
    expect_us("loads", report.reload_s, (bits[0] + bits[1] + bits[2]) / 80);
    CU_ASSERT_DOUBLE_EQUAL(report.link_bits, 2 * (1120 + 800) + bits[0] + bits[1] + bits[2], 1e-9);
    cost_report_free(&report);
    timed_close(&timed);
}

static void what_a_pass_loads(void) {
    static const char *const plain[] = {"chip.overflow=reload", NULL};
    static const char *const packed[] = {"chip.overflow=reload", "mapping.compaction=rows_columns",
                                         NULL};
    static const char *const polarized[] = {"chip.overflow=reload", "mapping.encoding=polarized",
                                            "mapping.fragment_rows=4", NULL};
    struct scratch scratch;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 1, 1, "10 MHz", &path);
    expect_loads(path, true, plain, (const double[]){8 * 21, 8 * 35, 8 * 30});
    /* Five rows of seven and four filters of five, each with an index of three bits. */
    expect_loads(path, true, packed, (const double[]){8 * 21, 8 * 20 + 5 * 3 + 4 * 3, 8 * 30});
    /* Magnitudes; of 3, 7 and 5 rows one, two and two fragments with a sign for each filter. */
    expect_loads(path, false, polarized,
                 (const double[]){7 * 21 + 7, 7 * 35 + 2 * 5, 7 * 30 + 2 * 6});
    scratch_close(&scratch);
}

/* 300 channels are three arrays of rows; a chip has two. */
static void a_layer_larger_than_a_chip(void) {
    static const char *const settings[] = {"chip.overflow=reload", "chip.write_arrays=1", NULL};
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct cost_report report;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 2, 1, "100 GHz", &path);
    timed_open(&timed, "1x300x5x4");
    timed_conv(&timed, timed_conv(&timed, 0, 7, 1, 1), 6, 1, 1);
    timed_map(&timed, path, settings);
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    CU_ASSERT(report.passes == 2 && report.macros == 2); /* the third array and the next layer */
    CU_ASSERT_EQUAL(report.layers[0].time_s, 2 * 20 * 8 * 100e-9);
    /* Sums of 16 bits go out and come in, and so does the image for the second pass, which leaves
     * the first in memory. */
    double sums = 20 * 7 * 16;
    CU_ASSERT_DOUBLE_EQUAL(report.link_bits, 2 * sums + 20 * 300 * 8 + 8 * (300 * 7 + 7 * 6), 1e-6);
    /* One array after the other: 128, 128 word lines; 128 and 7. */
    expect_us("writes", report.write_time_s, 0.1 * (128 + 128 + 128 + 7));
    expect_us("reloads", report.reload_s, 0.1 * (128 + 128 + 128 + 7));
    double load = 20 * 300 * 8 / 800e3; /* us, of the image; both layers behind it */
    expect_us("images", report.latency_s, 39.1 + 16.6 + load + 16.6 + 16.6);
    cost_report_free(&report);
    timed_close(&timed);
    scratch_close(&scratch);
}

/* 19 arrays of 3 word lines (0.3 us) and, behind them, 3 of 128 (12.8 us), the slowest first. */
static void arrays_written_at_a_time(void) {
    static const struct {
        const char *setting;
        double us;
    } cases[] = {{"chip.write_arrays=0", 12.8},           {"chip.write_arrays=1", 3 * 12.8 + 5.7},
                 {"chip.write_arrays=2", 25.6 + 9 * 0.3}, {"chip.write_arrays=5", 12.8 + 4 * 0.3},
                 {"chip.write_arrays=21", 12.8 + 0.3},    {"chip.write_arrays=22", 12.8},
                 {"chip.write_arrays=100000000", 12.8}};
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct cost_report report;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 4, 8, "10 MHz", &path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        timed_open(&timed, "1x3x5x4");
        timed_conv(&timed, timed_conv(&timed, 0, 300, 1, 1), 7, 1, 1);
        timed_map(&timed, path, (const char *const[]){cases[i].setting, NULL});
        ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
        CU_ASSERT(report.chips == 1 && report.layers[0].crossbars == 19);
        expect_us(cases[i].setting, report.write_time_s, cases[i].us);
        cost_report_free(&report);
        timed_close(&timed);
    }
    scratch_close(&scratch);
}

static void places_of_passes(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct chip chip;
    struct floorplan plan;
    const char *path;
    struct matrix_layer wide = {.name = "wide"};
    struct mapped_layer layers[] = {{.layer = &wide, .n_arrays = 5, .copies = 1},
                                    {.layer = &wide, .n_arrays = 4, .copies = 1},
                                    {.layer = &wide, .n_arrays = 11, .copies = 1},
                                    {.layer = &wide, .n_arrays = 2, .copies = 2},
                                    {.layer = &wide, .n_arrays = 0, .copies = 1}};
    const struct mapping mapping = {.layers = layers, .n_layers = 5};
    static const long macro[] = {0, 4, 6, 12, 14};
    static const long first[] = {0, 1, 1, 3, 3}, last[] = {0, 1, 2, 3, 3};
    scratch_open(&scratch);
    write_chip(&scratch, 4, 2, "10 MHz", &path); /* four macros of two arrays */
    ASSERT_OK(chip_load(path, &chip, &diag), diag);
    ASSERT_OK(floorplan_make(&chip, &mapping, OVERFLOW_RELOAD, &scratch.arena, &plan, &diag), diag);
    /* 3 macros; 2 that do not fit behind them; 6, in two passes wherever they begin; 2; none. */
    CU_ASSERT(plan.reload && plan.chips == 4);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(plan.macro[i], macro[i]);
        CU_ASSERT_EQUAL(floorplan_first_chip(&plan, i), first[i]);
        CU_ASSERT_EQUAL(floorplan_last_chip(&plan, i), last[i]);
    }
    CU_ASSERT_EQUAL(floorplan_arrays_in(&plan, &layers[0], 0, 0), 5);
    CU_ASSERT_EQUAL(floorplan_arrays_in(&plan, &layers[2], 2, 1), 4);
    CU_ASSERT_EQUAL(floorplan_arrays_in(&plan, &layers[2], 2, 2), 7);
    CU_ASSERT_EQUAL(floorplan_arrays_in(&plan, &layers[2], 2, 3), 0);
    CU_ASSERT_EQUAL(floorplan_most_macros(&plan, 5), 4);
    CU_ASSERT_EQUAL(floorplan_most_macros(&plan, 2), 3);
    layers[2].n_arrays = 14; /* behind two macros seven are in three passes, alone in two */
    ASSERT_OK(floorplan_make(&chip, &mapping, OVERFLOW_RELOAD, &scratch.arena, &plan, &diag), diag);
    CU_ASSERT(plan.macro[2] == 8 && plan.macro[3] == 16 && plan.chips == 5);
    /* The same arrays side by side: 3 + 2 + 7 + 2 macros. */
    ASSERT_OK(floorplan_make(&chip, &mapping, OVERFLOW_CHIPS, &scratch.arena, &plan, &diag), diag);
    CU_ASSERT(!plan.reload && plan.chips == 4 && plan.macro[5] == 14);
    CU_ASSERT_EQUAL(floorplan_make(&chip, &mapping, OVERFLOW_ERROR, &scratch.arena, &plan, &diag),
                    STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(
        diag.message,
        "chip tiny has 4 macros of 2 arrays, and the mapping takes 14: 20 arrays are missing. "
        "Lower "
        "mapping.replication or the network's weights, choose another chip.preset, or set "
        "chip.overflow=chips (several of it) or chip.overflow=reload (its cells written anew)");
    diag = (struct diagnostic){0};
    layers[3].copies = 5; /* of two arrays, and the chip has eight */
    CU_ASSERT_EQUAL(floorplan_make(&chip, &mapping, OVERFLOW_RELOAD, &scratch.arena, &plan, &diag),
                    STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(
        diag.message, "layer wide has 5 copies of 2 arrays, more than the 8 of chip tiny, so under "
                      "chip.overflow=reload they could not work at the same time: set "
                      "mapping.replication=none, or balanced with mapping.array_budget=0");
    const struct mapping few = {.layers = layers, .n_layers = 1};
    ASSERT_OK(floorplan_make(&chip, &few, OVERFLOW_ERROR, &scratch.arena, &plan, &diag), diag);
    ASSERT_OK(floorplan_make(&chip, &few, OVERFLOW_RELOAD, &scratch.arena, &plan, &diag), diag);
    CU_ASSERT(!plan.reload);
    chip_free(&chip);
    scratch_close(&scratch);
}

/* What fits is not reloaded, and asks nobody what a write takes; what does not is refused where
 * nobody says. */
static void who_states_no_writes(void) {
    static const char *const settings[] = {"chip.overflow=reload", NULL};
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct cost_report report;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 1, 3, "10 MHz", &path);
    open_chain(&timed, path, settings);
    timed.chip.tiles = 3;
    ASSERT_OK(estimate(&timed, &silent, &report, &diag), diag);
    CU_ASSERT(report.passes == 1 && !report.write_known && report.link_bits == 0);
    cost_report_free(&report);
    timed.chip.tiles = 1;
    CU_ASSERT_EQUAL(estimate(&timed, &silent, &report, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message,
                           "chip.overflow=reload writes the cells of layer matrix for "
                           "every batch of images, and neither "
                           "the device silent nor chip tiny states what that takes: "
                           "choose a device.preset that states "
                           "its set pulse (docs/devices.md), or chip.overflow=chips");
    timed_close(&timed);
    scratch_close(&scratch);
}

/* Two layers of an array share a chip of four, the third, of three, has the next pass: as much as
 * fits each pass is copied. */
static void copies_fill_each_pass(void) {
    static const char *const settings[] = {"chip.overflow=reload", "mapping.replication=balanced",
                                           NULL};
    static const int copies[] = {2, 2, 1};
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct cost_report report;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, 4, 1, "10 MHz", &path);
    timed_open(&timed, "1x3x5x4");
    int map = timed_conv(&timed, 0, 7, 1, 1);
    map = timed_conv(&timed, map, 5, 1, 1);
    timed_conv(&timed, map, 37, 1, 1); /* 16 filters an array */
    timed_map(&timed, path, settings);
    const struct cost_inputs inputs = timed_inputs(&timed);
    ASSERT_OK(cost_balance(&inputs, &timed.mapping, &diag), diag);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(timed.mapping.layers[i].copies, copies[i]);
    CU_ASSERT_EQUAL(timed.mapping.crossbars, 2 + 2 + 3);
    ASSERT_OK(estimate(&timed, &device, &report, &diag), diag);
    CU_ASSERT(report.passes == 2 && report.macros == 4);
    cost_report_free(&report);
    timed_close(&timed);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"several chips", several_chips},
    {"passes of one chip", passes_of_one_chip},
    {"what a pass loads", what_a_pass_loads},
    {"arrays written at a time", arrays_written_at_a_time},
    {"a layer larger than a chip", a_layer_larger_than_a_chip},
    {"places of passes", places_of_passes},
    {"who states no writes", who_states_no_writes},
    {"copies fill each pass", copies_fill_each_pass},
    {NULL, NULL},
};
const struct test_suite suite_overflow = {"overflow", cases};
