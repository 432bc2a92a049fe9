/* Zero-skip: digits by hand, counts against a slow reference on awkward layers, and what time and
 * energy make of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/chip/floorplan.h"
#include "sim/cost/cost_internal.h"
#include "sim/run/run.h"
#include "tests/support/awkward_layers.h"
#include "tests/support/configs.h"
#include "tests/support/slow_reads.h"
#include "tests/test.h"

static void digits_by_hand(void) {
    static const struct {
        int dac_bits, value, leading, all;
    } cases[] = {
        {1, 0x00, 0, 0}, {1, 0x01, 1, 1}, {1, 0x80, 8, 1}, {1, 0x51, 7, 3}, {1, 0xFF, 8, 8},
        {2, 0x00, 0, 0}, {2, 0x03, 1, 1}, {2, 0x04, 2, 1}, {2, 0x81, 4, 2}, {3, 0x40, 3, 1},
        {3, 0x3F, 2, 2}, {3, 0xC1, 3, 2}, {8, 0x00, 0, 0}, {8, 0x10, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int bits = cases[i].dac_bits, cycles = (8 + bits - 1) / bits;
        unsigned value = (unsigned)cases[i].value;
        CU_ASSERT_EQUAL(zero_skip_digits(ZERO_SKIP_NONE, bits, value, cycles), cycles);
        CU_ASSERT_EQUAL(zero_skip_digits(ZERO_SKIP_LEADING, bits, value, cycles), cases[i].leading);
        CU_ASSERT_EQUAL(zero_skip_digits(ZERO_SKIP_ALL, bits, value, cycles), cases[i].all);
    }
}

static const struct matrix_shape small = {
    .fully_connected = true,
    .in_channels = 5,
    .in_height = 1,
    .in_width = 1,
    .out_channels = 3,
    .groups = 1,
    .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}};

/* 5 rows and 3 filters of 2-bit weights in 1-bit cells on an array of 5 x 6; units of 2 rows and
 * two filters: word lines 0 1, 2 3 and 4, each read twice. Three images, as awkward_run takes. */
static void reads_by_hand(void) {
    static const uint8_t x[AWKWARD_BYTES] = {/* ORs */ 5, 2, 0, 0, 128, /* 7, 0, 128 */
                                             0,           0, 0, 0, 0,   /* nothing */
                                             1,           1, 9, 6, 16 /* 1, 15, 16 */};
    static uint8_t y[AWKWARD_BYTES];
    static const int needed[2][3] = {{3 + 0 + 1, 0 + 0 + 4, 8 + 0 + 5},
                                     {3 + 0 + 1, 0 + 0 + 4, 1 + 0 + 1}};
    static const uint64_t reads[2] = {2 * (11 + 0 + 10), 2 * (4 + 0 + 6)};
    static const char *const skips[] = {"crossbar.zero_skip=leading", "crossbar.zero_skip=all"};
    for (int s = 0; s < 2; s++) {
        struct built_layer b;
        struct arena arena = ARENA_INIT;
        build_layer(&b, small, 2, 0, 1);
        int16_t *weights = (int16_t *)b.layer.weights;
        for (int i = 0; i < 15; i++) /* filter 0: rows 0 to 4; 1: rows 0 2 4; 2: none */
            weights[i] = (int16_t)(i < 5 || (i < 10 && i % 2 == 1));
        map_layer_as(&b, (const char *const[]){"crossbar.rows=5", "crossbar.columns=6",
                                               "crossbar.cell_bits=1", "mapping.ou_rows=2",
                                               "mapping.ou_columns=4", skips[s], NULL});
        const struct mapped_layer *m = &b.mapping.layers[0];
        CU_ASSERT_EQUAL_FATAL(m->n_arrays, 1);
        CU_ASSERT_EQUAL_FATAL(mapping_layer_reads(m), 3);
        struct layer_activity *activity = engine_activity(&b.mapping, &arena);
        struct engine_layer how = {.adc_bits = 9, .choice = ADC_TRANSFER_CLIP};
        awkward_run(&b, &how, x, y, activity);
        CU_ASSERT_EQUAL(activity->positions, 3);
        CU_ASSERT_EQUAL(activity->reads, reads[s]);
        for (int i = 0; i < 3; i++)
            CU_ASSERT_EQUAL(activity->needed[i], (uint64_t)needed[s][i]);
        /* Conversions: plus columns of filters 0 and 1, of filter 1 where it has a weight. */
        static const int conversions[3] = {2, 2, 2};
        for (int i = 0; i < 3; i++)
            CU_ASSERT_EQUAL(m->arrays[0].unit_conversions[i], conversions[i]);
        struct layer_reads made = reads_of(m, activity), all = reads_of(m, NULL);
        double digits = needed[s][0] + needed[s][1] + needed[s][2];
        CU_ASSERT_DOUBLE_EQUAL(made.position, (double)reads[s] / 3, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(made.conversions, 2 * digits / 3, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(made.cycles, digits / 9, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(
            made.rows, 2.0 * (2 * needed[s][0] + 2 * needed[s][1] + needed[s][2]) / 3, 1e-12);
        CU_ASSERT_EQUAL(all.position, 6 * 8);
        CU_ASSERT_EQUAL(all.conversions, 6 * 8);
        CU_ASSERT_EQUAL(all.cycles, 8);
        CU_ASSERT_EQUAL(all.rows, 2 * 5 * 8);
        free_layer(&b);
        arena_free(&arena);
    }
}

/* Arrays' own sums are those of the layer. */
static void expect_sums(const struct mapped_layer *m, const struct layer_activity *activity,
                        const struct layer_reads *made) {
    const uint64_t *needed = activity->needed;
    double all = 0;
    for (int r = 0; r < m->n_runs; r++) {
        const struct mapped_array *array = &m->arrays[m->runs[r].first];
        for (int i = 0; i < m->runs[r].count; i++)
            all += conversions_of(m, array + i, made, needed).all;
        needed += mapping_array_reads(m, array);
    }
    CU_ASSERT_DOUBLE_EQUAL(all / made->conversions, 1, 1e-12);
    for (int i = 0; i < m->n_arrays; i++) {
        long conversions = 0;
        for (int k = 0; k < mapping_array_reads(m, &m->arrays[i]); k++)
            conversions += m->arrays[i].unit_conversions[k];
        CU_ASSERT_EQUAL(conversions, m->arrays[i].conversions);
    }
}

static void check_layer(int shape, const char *const *settings) {
    static uint8_t x[AWKWARD_BYTES], y[AWKWARD_BYTES];
    struct built_layer b;
    struct arena arena = ARENA_INIT;
    build_layer(&b, awkward_shapes[shape], 8, 4, (uint64_t)(shape + 1));
    int rows = matrix_rows(&b.layer.shape);
    for (int i = 0; i < rows * b.layer.shape.out_channels; i++) /* something to compact */
        if (i / 7 % 3 == 0)
            ((int16_t *)b.layer.weights)[i] = 0;
    b.layer.input.zero_point = shape % 2 == 0 ? 0 : 3;
    map_layer_as(&b, settings);
    const struct mapped_layer *m = &b.mapping.layers[0];
    awkward_images(&b.layer.shape, x, (uint64_t)shape);
    int bytes = awkward_input_bytes(&b.layer.shape);
    for (int i = 0; i < AWKWARD_IMAGES * bytes; i++) /* the later the image, the smaller */
        x[i] = (uint8_t)(x[i] >> (2 * (i / bytes)) & (i % 5 == 0 ? 0xFF : 0x0F));
    struct layer_activity *activity = engine_activity(&b.mapping, &arena);
    struct engine_layer how = {.adc_bits = 16, .choice = ADC_TRANSFER_CLIP};
    awkward_run(&b, &how, x, y, activity);
    struct slow_counts slow = {0, 0, 0};
    for (int i = 0; i < AWKWARD_IMAGES; i++)
        slow_count_reads(m, x + i * bytes, &slow);
    struct layer_reads made = reads_of(m, activity);
    CU_ASSERT_EQUAL(activity->positions,
                    (uint64_t)(AWKWARD_IMAGES * matrix_positions(&b.layer.shape)));
    CU_ASSERT_EQUAL((double)activity->reads, slow.reads);
    CU_ASSERT_DOUBLE_EQUAL(made.conversions * AWKWARD_IMAGES / slow.conversions, 1, 1e-12);
    if ((double)activity->reads != slow.reads)
        printf("shape %d, %s, %s\n", shape, settings[0], settings[1]);
    expect_sums(m, activity, &made);
    free_layer(&b);
    arena_free(&arena);
}

/* Columns that are stored inverted have other programmed cells. */
static void inverted_columns(void) {
    struct built_layer b;
    build_layer(&b, awkward_shapes[4], 8, 1, 3);
    map_layer_as(&b, (const char *const[]){"crossbar.rows=37", "crossbar.zero_skip=all",
                                           "mapping.encoding=offset", "mapping.flip=true",
                                           "mapping.ou_rows=5", "crossbar.cell_bits=1", NULL});
    const struct mapped_layer *m = &b.mapping.layers[0];
    int flipped = 0;
    for (int i = 0; i < m->n_arrays; i++) {
        long conversions = 0;
        for (int k = 0; k < mapping_array_reads(m, &m->arrays[i]); k++)
            conversions += m->arrays[i].unit_conversions[k];
        CU_ASSERT_EQUAL(conversions, m->arrays[i].conversions);
        flipped += m->arrays[i].flipped_columns;
    }
    CU_ASSERT(flipped > 0);
    free_layer(&b);
}

static void awkward_layers(void) {
    static const char *const skips[] = {"crossbar.zero_skip=leading", "crossbar.zero_skip=all"};
    static const char *const units[] = {"mapping.ou_rows=0", "mapping.ou_rows=5"};
    static const char *const columns[] = {"mapping.ou_columns=0", "mapping.ou_columns=17"};
    static const char *const encodings[] = {"mapping.encoding=differential",
                                            "mapping.encoding=offset"};
    for (int c = 0; compaction_names[c] != NULL; c++)
        for (int shape = 0; shape < AWKWARD_SHAPES; shape++)
            for (int i = 0; i < 16; i++) {
                char compaction[64];
                snprintf(compaction, sizeof compaction, "mapping.compaction=%s",
                         compaction_names[c]);
                check_layer(shape,
                            (const char *const[]){compaction, skips[i & 1], units[i >> 1 & 1],
                                                  columns[i >> 2 & 1], encodings[i >> 3],
                                                  i & 1 ? "dac.bits=3" : "dac.bits=1",
                                                  "crossbar.rows=37", "crossbar.columns=41", NULL});
            }
}

/* One design point and its record. */
struct evaluated {
    struct config *config;
    struct run_result result;
};

static void evaluate(struct evaluated *run, const char *const *settings) {
    struct diagnostic diag = {0};
    run->config = config_of(LENET_CONFIG, settings);
    ASSERT_OK(run_evaluate(run->config, NULL, &run->result, &diag), diag);
}

static void discard(struct evaluated *run) {
    run_result_free(&run->result);
    config_free(run->config);
}

static double energy_of(const struct evaluated *run, const char *component) {
    double energy_j = 0;
    for (int i = 0; i < run->result.cost.n_rows; i++)
        if (strcmp(run->result.cost.rows[i].component, component) == 0)
            energy_j += run->result.cost.rows[i].energy_j;
    return energy_j;
}

static double conversions(const struct evaluated *run) {
    double sum = 0;
    for (int i = 0; i < run->result.cost.n_layers; i++)
        sum += run->result.cost.layers[i].conversions;
    return sum;
}

#define UNITS "dataset.count=100", "mapping.ou_rows=8"

/* Outputs stay; conversions and their energy shrink alike, drives do not change, time shrinks with
 * the reads. */
static void time_and_energy_follow(void) {
    static const char *const sets[3][5] = {
        {UNITS, "crossbar.zero_skip=none", NULL},
        {UNITS, "crossbar.zero_skip=leading", NULL},
        {UNITS, "crossbar.zero_skip=all", "run.threads=3", NULL}};
    struct evaluated runs[3];
    for (int i = 0; i < 3; i++)
        evaluate(&runs[i], sets[i]);
    const struct cost_report *none = &runs[0].result.cost;
    for (int i = 1; i < 3; i++) {
        const struct cost_report *cost = &runs[i].result.cost, *less = &runs[i - 1].result.cost;
        CU_ASSERT_EQUAL(memcmp(runs[i].result.classes, runs[0].result.classes,
                               100 * sizeof *runs[i].result.classes),
                        0);
        double share = conversions(&runs[i]) / conversions(&runs[0]);
        CU_ASSERT(share < 0.9);
        CU_ASSERT_DOUBLE_EQUAL(energy_of(&runs[i], "ADC") / energy_of(&runs[0], "ADC"), share,
                               1e-9);
        CU_ASSERT_DOUBLE_EQUAL(energy_of(&runs[i], "shift-and-add") /
                                   energy_of(&runs[0], "shift-and-add"),
                               share, 1e-9);
        CU_ASSERT_EQUAL(energy_of(&runs[i], "DAC"), energy_of(&runs[0], "DAC"));
        CU_ASSERT_EQUAL(energy_of(&runs[i], "array"), energy_of(&runs[0], "array"));
        CU_ASSERT(energy_of(&runs[i], "skip logic") > 0);
        CU_ASSERT(cost->energy_j < less->energy_j);
        CU_ASSERT(cost->latency_s < less->latency_s);
        CU_ASSERT(cost->throughput_hz > less->throughput_hz);
        CU_ASSERT(cost->area_used_m2 > none->area_used_m2); /* the logic */
        /* Without what the images gave every digit is read: all but the logic is as without. */
        double configured = cost->energy_configured_j - none->energy_configured_j;
        CU_ASSERT(configured > 0 && configured < 0.01 * none->energy_configured_j);
        for (int l = 0; l < cost->n_layers; l++) {
            const struct skip_cost *skip = &cost->layers[l].skip;
            CU_ASSERT(skip->used && skip->measured);
            CU_ASSERT_DOUBLE_EQUAL(cost->layers[l].time_s / none->layers[l].time_s,
                                   skip->reads / runs[0].result.mapping.layers[l].reads, 1e-9);
            CU_ASSERT(skip->cycles < 8 && skip->reads < runs[0].result.mapping.layers[l].reads);
        }
    }
    CU_ASSERT_EQUAL(energy_of(&runs[0], "skip logic"), 0);
    for (int i = 0; i < 3; i++)
        discard(&runs[i]);
}

/* Any number of threads counts the same; converters by array are those of the layer where all have
 * its bits. */
static void counts_are_deterministic(void) {
    static const char *const sets[3][6] = {
        {UNITS, "crossbar.zero_skip=leading", "run.threads=1", NULL},
        {UNITS, "crossbar.zero_skip=leading", "run.threads=3", NULL},
        {UNITS, "crossbar.zero_skip=leading", "adc.bits=lossless", "adc.allocation=array", NULL}};
    struct evaluated runs[3];
    for (int i = 0; i < 3; i++)
        evaluate(&runs[i], sets[i]);
    CU_ASSERT_EQUAL(runs[0].result.cost.energy_j, runs[1].result.cost.energy_j);
    CU_ASSERT_EQUAL(runs[0].result.cost.latency_s, runs[1].result.cost.latency_s);
    CU_ASSERT_EQUAL(conversions(&runs[0]), conversions(&runs[2]));
    CU_ASSERT(energy_of(&runs[2], "ADC") < energy_of(&runs[0], "ADC")); /* 5 bits and fewer */
    CU_ASSERT(energy_of(&runs[2], "ADC") > 0.3 * energy_of(&runs[0], "ADC"));
    for (int i = 0; i < 3; i++)
        discard(&runs[i]);
}

/* Costs alone know no inputs: every digit is read. So it is in a dense baseline. */
static void without_images(void) {
    struct evaluated none, skipping, compared;
    evaluate(&none, (const char *const[]){"run.accuracy=false", NULL});
    evaluate(&skipping,
             (const char *const[]){"run.accuracy=false", "crossbar.zero_skip=all", NULL});
    evaluate(&compared, (const char *const[]){"dataset.count=10", "crossbar.zero_skip=all",
                                              "run.baseline=dense", NULL});
    CU_ASSERT_EQUAL(none.result.cost.latency_s, skipping.result.cost.latency_s);
    CU_ASSERT_EQUAL(conversions(&none), conversions(&skipping));
    CU_ASSERT_FALSE(skipping.result.cost.layers[0].skip.measured);
    CU_ASSERT_EQUAL(skipping.result.cost.layers[0].skip.cycles, 8);
    CU_ASSERT(energy_of(&skipping, "skip logic") > 0);
    CU_ASSERT_TRUE(compared.result.cost.layers[0].skip.measured);
    CU_ASSERT_FALSE(compared.result.baseline->cost.layers[0].skip.used);
    discard(&none);
    discard(&skipping);
    discard(&compared);
}

/* Time of the slowest layer: positions over copies, reads each. */
static double slowest(const struct evaluated *of, const double *reads, const int *copies) {
    double slowest = 0;
    for (int i = 0; i < of->result.mapping.n_layers; i++) {
        long positions = matrix_positions(&of->result.network.matrix[i].shape);
        slowest = fmax(slowest, (double)((positions + copies[i] - 1) / copies[i]) * reads[i]);
    }
    return slowest;
}

/* The least time of all numbers of copies of the two layers that have many positions. */
static double least(const struct evaluated *of, const double *reads, long budget) {
    const struct mapped_layer *m = of->result.mapping.layers;
    double best = INFINITY;
    for (int a = 1; a <= 576; a++)
        for (int b = 1; b <= 64; b++) {
            const int copies[] = {a, b, 1, 1};
            long arrays =
                (long)a * m[0].n_arrays + (long)b * m[1].n_arrays + m[2].n_arrays + m[3].n_arrays;
            if (arrays <= budget)
                best = fmin(best, slowest(of, reads, copies));
        }
    return best;
}

#define BALANCED                                                                                   \
    UNITS, "crossbar.zero_skip=all", "mapping.replication=balanced", "mapping.array_budget=380",   \
        "mapping.placement=swap"

/* Copies go by the reads that the images leave, of which the first layer has relatively fewer, so
 * that the second gets a copy more; without images they go by all. */
static void copies_follow(void) {
    struct evaluated run, blind;
    double measured[4], all[4];
    int copies[4], copies_blind[4];
    evaluate(&run, (const char *const[]){BALANCED, NULL});
    evaluate(&blind, (const char *const[]){BALANCED, "run.accuracy=false", NULL});
    for (int i = 0; i < 4; i++) {
        measured[i] = run.result.cost.layers[i].skip.reads;
        all[i] = run.result.mapping.layers[i].reads;
        copies[i] = run.result.mapping.layers[i].copies;
        copies_blind[i] = blind.result.mapping.layers[i].copies;
    }
    CU_ASSERT_DOUBLE_EQUAL(slowest(&run, measured, copies), least(&run, measured, 380), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(slowest(&run, all, copies_blind), least(&run, all, 380), 1e-9);
    CU_ASSERT(copies[1] == 8 && copies_blind[1] == 7);
    CU_ASSERT(slowest(&run, measured, copies) < slowest(&run, measured, copies_blind));
    /* The chip is laid out for these copies. */
    CU_ASSERT_EQUAL(run.result.plan.macro[4],
                    floorplan_macros(&run.result.chip, &run.result.mapping));
    CU_ASSERT_EQUAL(run.result.cost.layers[1].crossbars,
                    8L * run.result.mapping.layers[1].n_arrays);
    discard(&run);
    discard(&blind);
}

/* Events take the mean reads of a position, as the analytic model does. */
static void events_follow(void) {
    struct evaluated none, skipping;
    evaluate(&none, (const char *const[]){UNITS, "chip.timing=event", NULL});
    evaluate(&skipping,
             (const char *const[]){UNITS, "chip.timing=event", "crossbar.zero_skip=all", NULL});
    double own = skipping.result.events.latency_s / skipping.result.cost.latency_s;
    double base = none.result.events.latency_s / none.result.cost.latency_s;
    CU_ASSERT(skipping.result.events.latency_s < 0.8 * none.result.events.latency_s);
    CU_ASSERT_DOUBLE_EQUAL(own / base, 1, 0.05);
    discard(&none);
    discard(&skipping);
}

static const struct test_case cases[] = {
    {"digits by hand", digits_by_hand},
    {"reads by hand", reads_by_hand},
    {"inverted columns", inverted_columns},
    {"awkward layers against a slow reference", awkward_layers},
    {"time and energy follow", time_and_energy_follow},
    {"counts do not depend on threads", counts_are_deterministic},
    {"without images every digit is read", without_images},
    {"copies follow", copies_follow},
    {"events follow", events_follow},
    {NULL, NULL},
};
const struct test_suite suite_zero_skip = {"zero_skip", cases};
