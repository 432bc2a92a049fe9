/* Analytic times: latencies and throughputs of small networks worked out on paper, against a slow
 * recursion over single positions, and ISAAC's printed pipeline and buffers. */
#include <math.h>
#include <stdio.h>

#include "sim/time/flow.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

/* Chip isaac, 8-bit inputs: a position every 8 reads of 100 ns, its result 6 stages after them. */
static const double step_us = 0.8, fill_us = 1.4;

static void expect_us(const char *what, double seconds, double us) {
    if (!(fabs(seconds * 1e6 - us) <= 1e-9 * us)) {
        fprintf(stderr, "\n%s: %.9g us, not %.9g us\n", what, seconds * 1e6, us);
        CU_FAIL("a time is wrong");
    }
}

static void expect_latencies(const struct cost_report *report, double layers_us, double images_us,
                             double rows_us) {
    expect_us("layer by layer", report->latency_by_pipeline_s[PIPELINE_LAYERS], layers_us);
    expect_us("images", report->latency_by_pipeline_s[PIPELINE_IMAGES], images_us);
    expect_us("rows", report->latency_by_pipeline_s[PIPELINE_ROWS], rows_us);
}

/* ISAAC's figure of the pipeline: 22 cycles from the read of the inputs to the write of the result
 * of 16-bit inputs, 27 with pooling. */
static void one_position_takes_22_stages(void) {
    struct timed_net timed;
    timed_open(&timed, "1x40");
    timed.net.tensors[0].quant.bits = 16;
    timed_product(&timed, 0, 5);
    timed_map(&timed, "isaac", NULL);
    expect_latencies(timed_estimate(&timed), 2.2, 2.2, 2.2);
    timed_close(&timed);

    timed_open(&timed, "1x3x2x2");
    timed.net.tensors[0].quant.bits = 16;
    timed_pool(&timed, timed_conv(&timed, 0, 5, 1, 1), 2);
    timed_map(&timed, "isaac", NULL);
    /* four positions, of which the last one starts after three times 16 reads */
    expect_latencies(timed_estimate(&timed), 4.8 + 2.7, 4.8 + 2.7, 4.8 + 2.7);
    timed_close(&timed);
}

/* 5 x 4 places, twice 3 x 3 with padding: the second layer's position p needs position p + 5 of the
 * first, so it starts when five steps and one fill are over, and keeps that distance. */
static void a_chain_of_two_layers(void) {
    struct timed_net timed;
    timed_open(&timed, "1x3x5x4");
    timed_conv(&timed, timed_conv(&timed, 0, 7, 3, 1), 7, 3, 1);
    timed_map(&timed, "isaac", NULL);
    const struct cost_report *report = timed_estimate(&timed);
    double whole_us = 2 * (19 * step_us + fill_us);
    expect_latencies(report, whole_us, whole_us, 5 * step_us + fill_us + 19 * step_us + fill_us);
    expect_us("layer", report->layers[1].time_s, 20 * step_us);
    expect_us("default", report->latency_s, whole_us);
    expect_us("interval", 1 / report->throughput_hz, 20 * step_us);
    expect_us("interval", 1 / report->throughput_by_pipeline_hz[PIPELINE_ROWS], 20 * step_us);
    expect_us("interval", 1 / report->throughput_by_pipeline_hz[PIPELINE_LAYERS], whole_us);
    timed_close(&timed);
}

/* A residual block whose shortcut is a layer of its own: both branches work at the same time,
 * unless it is one layer after the other. 4 x 4 places, 1 x 1 kernels in front and on the shortcut.
 */
static void branches_work_at_the_same_time(void) {
    struct timed_net timed;
    timed_open(&timed, "1x3x4x4");
    int first = timed_conv(&timed, 0, 7, 1, 1);
    int main_branch = timed_conv(&timed, first, 7, 3, 1);
    timed_add(&timed, main_branch, timed_conv(&timed, first, 7, 1, 1));
    timed_map(&timed, "isaac", NULL);
    double whole_us = 15 * step_us + fill_us;
    /* rows: the 3 x 3 layer is 5 positions behind the first one, the shortcut none */
    expect_latencies(timed_estimate(&timed), 3 * whole_us, 2 * whole_us,
                     5 * step_us + fill_us + whole_us);
    timed_close(&timed);
}

/* Stride 2 halves the second layer: 2 x 3 positions, the last of which needs row 3, column 5 of
 * 4 x 6 (kernel 3, padding 1): all 24 of the first layer. */
static void a_stride_waits_for_the_rows_below(void) {
    struct timed_net timed;
    timed_open(&timed, "1x3x4x6");
    timed_conv(&timed, timed_conv(&timed, 0, 7, 3, 1), 7, 3, 2);
    timed_map(&timed, "isaac", NULL);
    expect_latencies(timed_estimate(&timed), 23 * step_us + 5 * step_us + 2 * fill_us,
                     28 * step_us + 2 * fill_us, 23 * step_us + 2 * fill_us);
    timed_close(&timed);
}

/* Starts of single positions, from the taps of each window: the slow and obvious way. `in` [rows *
 * columns] are the times of the input's places, `out` is filled. */
static void slow_layer(const struct matrix_shape *shape, const struct pipeline_layer *pace,
                       const double *in, double *out) {
    long positions = matrix_positions(shape);
    for (long p = 0; p < positions; p++) {
        double start =
            p >= pace->copies ? out[p - pace->copies] - pace->fill_s + pace->interval_s : 0;
        int row = (int)(p / shape->out_width), column = (int)(p % shape->out_width);
        for (int i = 0; i < shape->window.kernel[0]; i++)
            for (int k = 0; k < shape->window.kernel[1]; k++) {
                int y = row * shape->window.stride[0] - shape->window.pad_begin[0] + i;
                int x = column * shape->window.stride[1] - shape->window.pad_begin[1] + k;
                if (y >= 0 && y < shape->in_height && x >= 0 && x < shape->in_width)
                    start = fmax(start, in[y * shape->in_width + x]);
            }
        out[p] = start + pace->fill_s;
    }
}

/* Three layers of different pace: the recursion over rows is within two intervals of that over
 * positions below, and a row above; with one pace it is exact. */
static void rows_stand_for_positions(void) {
    static const int bits[][3] = {{8, 8, 8}, {8, 3, 8}, {2, 8, 5}, {8, 5, 1}, {1, 7, 8}};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        for (int stride = 1; stride <= 2; stride++) {
            struct timed_net timed;
            double times[4][13 * 11] = {{0}}, slowest_s = 0;
            timed_open(&timed, "1x2x13x11");
            int map = timed_conv(&timed, 0, 3, 5, 1);
            map = timed_conv(&timed, map, 3, 3, stride);
            timed_conv(&timed, map, 3, 3, 1);
            for (int k = 0; k < 3; k++)
                timed.net.matrix[k].input.bits = bits[i][k];
            timed_map(&timed, "isaac", NULL);
            const struct cost_report *report = timed_estimate(&timed);
            for (int k = 0; k < 3; k++) {
                struct pipeline_layer pace = {1, bits[i][k] * 1e-7, (bits[i][k] + 6) * 1e-7};
                slow_layer(&timed.net.matrix[k].shape, &pace, times[k], times[k + 1]);
                slowest_s = fmax(slowest_s, pace.interval_s);
            }
            double slow = times[3][matrix_positions(&timed.net.matrix[2].shape) - 1];
            double fast = report->latency_by_pipeline_s[PIPELINE_ROWS];
            CU_ASSERT(fast >= slow - 2 * slowest_s);
            CU_ASSERT(fast <= slow + 11 * slowest_s);
            if (i == 0 && stride == 1)
                CU_ASSERT_DOUBLE_EQUAL(fast, slow, 1e-15);
            timed_close(&timed);
        }
}

/* ISAAC, table of buffers: inputs, kernel, width, KB not pipelined and pipelined. The first column
 * is the whole map, the second whole rows; the text's formula needs the start of the last row only.
 */
static void buffers_are_as_isaac_prints_them(void) {
    static const struct {
        int inputs, kernel, width;
        double map_kb, rows_kb;
    } printed[] = {
        {3, 3, 224, 147, 1.96}, {96, 7, 112, 1176, 74}, {64, 3, 112, 784, 21},
        {128, 3, 56, 392, 21},  {256, 3, 28, 196, 21},  {384, 3, 28, 294, 32},
        {512, 3, 14, 98, 21},   {768, 3, 14, 150, 32},
    };
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        int inputs = printed[i].inputs, kernel = printed[i].kernel, width = printed[i].width;
        struct matrix_shape shape = {
            .in_channels = inputs,
            .in_height = width,
            .in_width = width,
            .window = {.kernel = {kernel, kernel}, .stride = {1, 1}, .dilation = {1, 1}}};
        struct pipeline_buffer buffer = pipeline_buffer(&shape);
        /* 768 * 14 * 14 is 147 KB: the print says 150 */
        CU_ASSERT_DOUBLE_EQUAL(buffer.map / 1024, printed[i].map_kb, inputs == 768 ? 3 : 0.5);
        CU_ASSERT_DOUBLE_EQUAL(buffer.rows / 1024, printed[i].rows_kb, inputs == 3 ? 0.01 : 0.51);
        CU_ASSERT_DOUBLE_EQUAL(buffer.window, (width * (kernel - 1) + kernel) * inputs, 0);
    }
}

/* Bytes of a report: 5-bit inputs of 3 channels, 4 x 6 places, 3 x 3 kernels. */
static void buffers_of_a_report(void) {
    struct timed_net timed;
    timed_open(&timed, "1x3x4x6");
    timed.net.tensors[0].quant.bits = 5;
    timed_product(&timed, timed_flatten(&timed, timed_conv(&timed, 0, 7, 3, 1)), 10);
    timed_map(&timed, "isaac", NULL);
    const struct cost_report *report = timed_estimate(&timed);
    CU_ASSERT_DOUBLE_EQUAL(report->layers[0].buffer_bytes, (6 * 2 + 3) * 3 * 5 / 8., 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(report->layers[0].map_bytes, 4 * 6 * 3 * 5 / 8., 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(report->layers[1].buffer_bytes, 7 * 4 * 6, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(report->buffer_bytes, 28.125 + 168, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(report->map_bytes, 45 + 168, 1e-12);
    timed_close(&timed);
}

/* What each position of the last step needs of its only input, and what it leaves. */
static void expect_needs(struct timed_net *timed, int from, const long *needs,
                         const long *releases) {
    struct diagnostic diag = {0};
    struct flow flow;
    timed_map(timed, "isaac", NULL);
    ASSERT_OK(flow_create(&timed->chip, &timed->net.network, PIPELINE_ROWS, &flow, &diag), diag);
    const struct flow_step *step = &flow.steps[flow.output];
    CU_ASSERT_EQUAL(step->n_inputs, 1);
    CU_ASSERT_EQUAL(step->inputs[0].from, from);
    for (long p = 0; p < flow_positions(step); p++) {
        CU_ASSERT_EQUAL(flow_needs(&flow, step, &step->inputs[0], p), needs[p]);
        CU_ASSERT_EQUAL(flow_releases(&flow, step, &step->inputs[0], p), releases[p]);
    }
    flow_free(&flow);
}

/* 3 x 3 taps two apart over 3 x 4 places, padded by 2: row r needs row r + 2, column c column c
 * + 2.
 */
static void dilated_windows(void) {
    static const long needs[] = {11, 12, 12, 12, 11, 12, 12, 12, 11, 12, 12, 12};
    static const long releases[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 12};
    struct timed_net timed;
    timed_open(&timed, "1x2x3x4");
    timed_conv(&timed, 0, 3, 3, 1);
    struct window *window = &timed.net.matrix[0].shape.window;
    for (int i = 0; i < 2; i++)
        window->dilation[i] = window->pad_begin[i] = window->pad_end[i] = 2;
    expect_needs(&timed, 0, needs, releases);
    struct pipeline_buffer buffer = pipeline_buffer(&timed.net.matrix[0].shape);
    CU_ASSERT_EQUAL(buffer.window, (4 * 4 + 5) * 2);
    timed_close(&timed);
}

/* A map of 3 x 4 places, padded by a node of its own to 5 x 6, under a window of 3 x 3 that moves
 * by two: 2 x 2 positions. */
static void padding_before_a_window(void) {
    static const long needs[] = {6, 8, 10, 12}, releases[] = {1, 4, 5, 12};
    struct timed_net timed;
    timed_open(&timed, "1x2x3x4");
    int padded = net_bytes(&timed.net, "1x2x5x6", 1, 0);
    struct node *pad = net_node(&timed.net, OP_PAD, 0, -1, padded);
    for (int i = 2; i < 4; i++)
        pad->pads[i] = pad->pads[4 + i] = 1;
    int output = timed_conv(&timed, padded, 3, 3, 2);
    struct matrix_shape *shape = &timed.net.matrix[0].shape;
    shape->window.pad_begin[0] = shape->window.pad_begin[1] = 0;
    shape->window.pad_end[0] = shape->window.pad_end[1] = 0;
    shape->out_height = shape->out_width = 2;
    timed.net.tensors[output].shape[2] = timed.net.tensors[output].shape[3] = 2;
    expect_needs(&timed, 0, needs, releases);
    timed_close(&timed);
}

/* No more copies than positions: 3 x 3 of them before a stride of 4. */
static void copies_end_with_positions(void) {
    static const char *const settings[] = {"mapping.replication=isaac", NULL};
    struct timed_net timed;
    timed_open(&timed, "1x3x3x3");
    timed_conv(&timed, timed_conv(&timed, 0, 7, 3, 1), 7, 1, 4);
    timed_map(&timed, "isaac", settings);
    CU_ASSERT_EQUAL(timed.mapping.layers[0].copies, 9);
    CU_ASSERT_EQUAL(timed.mapping.layers[1].copies, 1);
    timed_close(&timed);
}

/* Strides that differ, of a convolution and of a pool before the layer before it. */
static void copies_take_both_strides(void) {
    static const char *const settings[] = {"mapping.replication=isaac", NULL};
    struct timed_net timed;
    timed_open(&timed, "1x3x18x18");
    int pooled = timed_pool(&timed, timed_conv(&timed, 0, 7, 3, 1), 2);
    struct window *pool = &timed.net.nodes[timed.net.network.n_nodes - 1].window;
    pool->stride[0] = 3;
    pool->stride[1] = 5;
    timed_conv(&timed, timed_conv(&timed, pooled, 7, 3, 1), 7, 3, 1);
    struct window *last = &timed.net.matrix[2].shape.window;
    last->stride[0] = 2;
    last->stride[1] = 3;
    timed_map(&timed, "isaac", settings);
    CU_ASSERT_EQUAL(timed.mapping.layers[0].copies, 3 * 5 * 2 * 3);
    CU_ASSERT_EQUAL(timed.mapping.layers[1].copies, 2 * 3);
    CU_ASSERT_EQUAL(timed.mapping.layers[2].copies, 1);
    timed_close(&timed);
}

/* From the last layer back: 1 product, 1 convolution before it (all of its map is needed), then
 * stride 2 x 2 and a pool of 2 x 2: 16 copies, and 16 before that. */
static void add_replicated(struct timed_net *timed) {
    timed_open(timed, "1x3x8x8");
    int map = timed_conv(timed, timed_conv(timed, 0, 7, 3, 1), 7, 3, 1);
    map = timed_conv(timed, timed_pool(timed, map, 2), 7, 3, 2);
    timed_product(timed, timed_flatten(timed, map), 10);
}

static void copies_follow_isaacs_rule(void) {
    static const int copies[] = {16, 16, 1, 1};
    static const char *const settings[] = {"mapping.replication=isaac", NULL};
    struct timed_net one, many;
    add_replicated(&one);
    add_replicated(&many);
    timed_map(&one, "isaac", NULL);
    timed_map(&many, "isaac", settings);
    const struct cost_report *alone = timed_estimate(&one), *report = timed_estimate(&many);
    long crossbars = 0;
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(one.mapping.layers[i].copies, 1);
        CU_ASSERT_EQUAL(many.mapping.layers[i].copies, copies[i]);
        CU_ASSERT_EQUAL(report->layers[i].crossbars, copies[i] * alone->layers[i].crossbars);
        CU_ASSERT_DOUBLE_EQUAL(report->layers[i].energy_j, alone->layers[i].energy_j, 1e-21);
        expect_us("layer", report->layers[i].time_s, alone->layers[i].time_s * 1e6 / copies[i]);
        crossbars += copies[i] * alone->layers[i].crossbars;
    }
    CU_ASSERT_EQUAL(many.mapping.crossbars, crossbars);
    CU_ASSERT_EQUAL(report->macros, 2 + 2 + 1 + 1); /* one array a copy, eight in an IMA */
    for (int i = 0; i < report->n_rows; i++) {
        const struct cost_row *row = &report->rows[i], *base = &alone->rows[i];
        double factor = row->layer < 0             ? 6. / 4
                        : row->level == CHIP_ARRAY ? copies[row->layer]
                        : copies[row->layer] == 16 ? 2
                                                   : 1;
        CU_ASSERT_DOUBLE_EQUAL(row->area_m2, factor * base->area_m2, 1e-12 * row->area_m2);
        CU_ASSERT_DOUBLE_EQUAL(row->power_peak_w, factor * base->power_peak_w, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(row->actions, base->actions, 0);
    }
    /* layer by layer: 4 + 4 + 4 + 1 groups of positions, a fill each but the last position's */
    expect_us("layer by layer", report->latency_by_pipeline_s[PIPELINE_LAYERS],
              (3 + 3 + 3 + 0) * step_us + 4 * fill_us + 0.5);
    expect_us("interval", 1 / report->throughput_hz, 4 * step_us);
    timed_close(&one);
    timed_close(&many);
}

static void the_option_chooses(void) {
    static const char *const settings[][2] = {{"chip.pipeline=layer_by_layer", NULL},
                                              {"chip.pipeline=images", NULL},
                                              {"chip.pipeline=rows", NULL}};
    double latency[3], throughput[3];
    for (int i = 0; i < PIPELINE_COUNT; i++) {
        struct timed_net timed;
        timed_open(&timed, "1x3x5x4");
        int map = timed_conv(&timed, 0, 7, 3, 1);
        timed_add(&timed, timed_conv(&timed, map, 7, 3, 1), timed_conv(&timed, map, 7, 3, 1));
        timed_map(&timed, "isaac", settings[i]);
        const struct cost_report *report = timed_estimate(&timed);
        latency[i] = report->latency_s;
        throughput[i] = report->throughput_hz;
        CU_ASSERT_EQUAL(report->latency_s, report->latency_by_pipeline_s[i]);
        CU_ASSERT_DOUBLE_EQUAL(report->gops / report->throughput_hz, 2e-9 * 20 * 7 * (27 + 63 + 63),
                               1e-9);
        timed_close(&timed);
    }
    CU_ASSERT(latency[0] > latency[1] && latency[1] > latency[2]);
    CU_ASSERT(throughput[0] < throughput[1] && throughput[1] == throughput[2]);
}

static const struct test_case cases[] = {
    {"one position takes 22 stages", one_position_takes_22_stages},
    {"a chain of two layers", a_chain_of_two_layers},
    {"branches work at the same time", branches_work_at_the_same_time},
    {"a stride waits for the rows below", a_stride_waits_for_the_rows_below},
    {"rows stand for positions", rows_stand_for_positions},
    {"buffers are as ISAAC prints them", buffers_are_as_isaac_prints_them},
    {"buffers of a report", buffers_of_a_report},
    {"dilated windows", dilated_windows},
    {"padding before a window", padding_before_a_window},
    {"copies end with positions", copies_end_with_positions},
    {"copies take both strides", copies_take_both_strides},
    {"copies follow ISAAC's rule", copies_follow_isaacs_rule},
    {"the option chooses", the_option_chooses},
    {NULL, NULL},
};
const struct test_suite suite_pipeline = {"pipeline", cases};
