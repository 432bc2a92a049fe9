/* Float layers of the engine against values computed with numpy; lives of buffers; calibration. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/nets.h"
#include "tests/test.h"

/* One layer, whose weights make every sum exact in float32, whatever its order. */
struct layer_case {
    const char *in, *out; /* shapes of the tensors */
    struct matrix_shape shape;
    const float *expected;
};

static void expect_layer(const struct layer_case *c, size_t count) {
    struct net net;
    net_open(&net, c->in);
    net_node(&net, c->shape.fully_connected ? OP_GEMM : OP_CONV, 0, -1, net_float(&net, c->out))
        ->matrix = net_linear(&net, &c->shape);
    CU_ASSERT_EQUAL_FATAL(net.tensors[net.network.output].count, count);
    const float *one = net_run(&net, 1, (struct net_way){1, 0});
    const float *five = net_run(&net, 5, (struct net_way){2, 2});
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(one[i], c->expected[i]);
        CU_ASSERT_EQUAL(one[i], five[i]);
    }
    net_close(&net);
}

#define EXPECT_LAYER(values, ...)                                                                  \
    expect_layer(&(struct layer_case){.expected = (values), __VA_ARGS__},                          \
                 sizeof(values) / sizeof *(values))

static void convolution(void) {
    static const float dense[] = {
        2.1875F,   2.0625F, 0.5F,      -1.78125F,  -1.25F,    -2.734375F, -1.390625F, 2.109375F,
        0.578125F, -1.25F,  1.859375F, 1.828125F,  0.0F,      -2.1875F,   -1.578125F, -1.234375F,
        1.578125F, 0.4375F, 0.015625F, -2.140625F, 2.328125F, 0.0F,       1.625F,     -2.859375F,
        -1.90625F, 1.0625F, 1.625F,    -1.765625F, 1.3125F,   -2.234375F};

    EXPECT_LAYER(dense, .in = "1x4x5x6", .out = "1x3x2x5",
                 .shape = {.in_channels = 4,
                           .in_height = 5,
                           .in_width = 6,
                           .out_channels = 3,
                           .out_height = 2,
                           .out_width = 5,
                           .groups = 1,
                           .window = {.kernel = {3, 2},
                                      .stride = {2, 1},
                                      .dilation = {1, 2},
                                      .pad_begin = {1, 0},
                                      .pad_end = {0, 1}}});
}

static void grouped_convolution(void) {
    static const float grouped[] = {
        1.265625F,  0.328125F,  -1.09375F,  -0.4375F,  1.859375F,  -1.0F,      3.0F,
        0.0625F,    -1.890625F, -0.015625F, 1.65625F,  1.453125F,  0.0625F,    -1.0F,
        -2.640625F, -1.0F,      -1.78125F,  2.5F,      1.09375F,   1.125F,     0.8125F,
        1.09375F,   -1.46875F,  -3.21875F,  0.046875F, -1.765625F, -2.140625F, -0.21875F,
        -0.875F,    -1.40625F,  -1.734375F, -1.1875F,  0.796875F,  0.1875F,    -1.734375F,
        -0.90625F,  -0.359375F, -0.5F,      2.09375F,  -0.09375F,  -0.75F,     1.484375F,
        0.046875F,  3.375F,     1.09375F,   0.9375F,   0.25F,      -0.140625F, -0.734375F,
        0.0625F,    2.546875F,  1.34375F,   -0.4375F,  0.28125F};

    EXPECT_LAYER(grouped, .in = "1x4x5x6", .out = "1x6x3x3",
                 .shape = {.in_channels = 4,
                           .in_height = 5,
                           .in_width = 6,
                           .out_channels = 6,
                           .out_height = 3,
                           .out_width = 3,
                           .groups = 2,
                           .window = {.kernel = {2, 3},
                                      .stride = {2, 2},
                                      .dilation = {1, 1},
                                      .pad_begin = {0, 1},
                                      .pad_end = {1, 1}}});
}

static void depthwise_convolution(void) {
    static const float depthwise[] = {
        0.40625F,  0.953125F,  -1.609375F, -0.65625F,  1.09375F,   -0.578125F,
        0.8125F,   0.890625F,  -1.890625F, 0.4375F,    -1.46875F,  -1.0F,
        1.046875F, -0.765625F, 0.3125F,    -0.828125F, 0.546875F,  -1.0F,
        -1.21875F, 0.21875F,   -2.390625F, 1.078125F,  -0.953125F, -1.078125F,
        0.34375F,  0.0F,       -2.109375F, 0.03125F,   -2.078125F, -2.625F,
        -3.40625F, 1.34375F,   1.5625F,    -0.171875F, -0.421875F, 0.140625F};

    EXPECT_LAYER(depthwise, .in = "1x4x5x6", .out = "1x4x3x3",
                 .shape = {.in_channels = 4,
                           .in_height = 5,
                           .in_width = 6,
                           .out_channels = 4,
                           .out_height = 3,
                           .out_width = 3,
                           .groups = 4,
                           .window = {.kernel = {3, 3},
                                      .stride = {2, 2},
                                      .dilation = {1, 1},
                                      .pad_begin = {1, 1},
                                      .pad_end = {1, 1}}});
}

static void pointwise_convolution(void) {
    static const float pointwise[] = {
        -1.359375F, 0.84375F,   -1.984375F, 0.578125F,  0.265625F,  -1.484375F, 0.71875F,
        0.765625F,  0.453125F,  0.140625F,  -1.609375F, 0.59375F,   0.640625F,  0.328125F,
        1.09375F,   -1.734375F, 0.828125F,  0.515625F,  0.203125F,  0.96875F,   -1.859375F,
        0.703125F,  0.390625F,  -1.359375F, 0.84375F,   -1.984375F, 0.578125F,  0.265625F,
        -1.484375F, 0.71875F,   0.453125F,  -0.203125F, 0.21875F,   1.0F,       -2.171875F,
        0.40625F,   -0.25F,     -1.984375F, 0.953125F,  -2.21875F,  0.359375F,  -0.296875F,
        -2.03125F,  0.90625F,   -0.109375F, 0.3125F,    1.09375F,   -2.078125F, 0.859375F,
        -0.15625F,  0.265625F,  1.046875F,  -2.125F,    0.453125F,  -0.203125F, 0.21875F,
        1.0F,       -2.171875F, 0.40625F,   -0.25F};

    EXPECT_LAYER(pointwise, .in = "1x4x5x6", .out = "1x2x5x6",
                 .shape = {.in_channels = 4,
                           .in_height = 5,
                           .in_width = 6,
                           .out_channels = 2,
                           .out_height = 5,
                           .out_width = 6,
                           .groups = 1,
                           .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}});
}

static void line_convolution(void) {
    static const float line[] = {-0.34375F, 0.171875F,  -0.78125F, 0.625F,
                                 0.484375F, -1.015625F, 0.0625F,   -0.375F};

    EXPECT_LAYER(line, .in = "1x3x7", .out = "1x2x4",
                 .shape = {.in_channels = 3,
                           .in_height = 1,
                           .in_width = 7,
                           .out_channels = 2,
                           .out_height = 1,
                           .out_width = 4,
                           .groups = 1,
                           .window = {.kernel = {1, 3},
                                      .stride = {1, 2},
                                      .dilation = {1, 1},
                                      .pad_begin = {0, 1},
                                      .pad_end = {0, 1}}});
}

/* A product of a vector, and of the last dimension of an image (6 positions of 4 values). */
static void products(void) {
    static const float vector[] = {0.5625F, -0.734375F, 0.09375F};

    static const float positions[] = {1.5F,       -0.765625F, -0.640625F, -1.1875F,  -1.59375F,
                                      0.390625F,  -1.0F,      1.53125F,   0.34375F,  -0.8125F,
                                      -1.453125F, 0.296875F,  -0.625F,    1.671875F, 0.25F,
                                      1.0F,       -0.953125F, -0.515625F};

    const struct window one = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
    EXPECT_LAYER(vector, .in = "1x5", .out = "1x3",
                 .shape = {.fully_connected = true,
                           .in_channels = 5,
                           .in_height = 1,
                           .in_width = 1,
                           .out_channels = 3,
                           .out_height = 1,
                           .out_width = 1,
                           .groups = 1,
                           .window = one});
    EXPECT_LAYER(positions, .in = "1x2x3x4", .out = "1x2x3x3",
                 .shape = {.fully_connected = true,
                           .in_channels = 4,
                           .in_height = 1,
                           .in_width = 6,
                           .out_channels = 3,
                           .out_height = 1,
                           .out_width = 6,
                           .groups = 1,
                           .window = one});
}

/* More positions than one block of a product holds, so that blocks meet (17 * 19 = 323). */
static void large_image(void) {
    enum { ROWS = 17, COLUMNS = 19, COUNT = ROWS * COLUMNS };
    struct net net;
    net_open(&net, "1x1x17x19");
    struct matrix_shape shape = {.in_channels = 1,
                                 .in_height = ROWS,
                                 .in_width = COLUMNS,
                                 .out_channels = 2,
                                 .out_height = ROWS,
                                 .out_width = COLUMNS,
                                 .groups = 1,
                                 .window = {.kernel = {3, 1},
                                            .stride = {1, 1},
                                            .dilation = {1, 1},
                                            .pad_begin = {1, 0},
                                            .pad_end = {1, 0}}};
    net_node(&net, OP_CONV, 0, -1, net_float(&net, "1x2x17x19"))->matrix = net_linear(&net, &shape);
    const float *y = net_run(&net, 1, (struct net_way){1, 0});
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < COUNT; i++) {
            float sum = net_bias(f) + net_input(i) * net_weight(f * 3 + 1);
            sum += i >= COLUMNS ? net_input(i - COLUMNS) * net_weight(f * 3) : 0.0F;
            sum += i + COLUMNS < COUNT ? net_input(i + COLUMNS) * net_weight(f * 3 + 2) : 0.0F;
            CU_ASSERT_EQUAL(y[f * COUNT + i], sum);
        }
    net_close(&net);
}

/* Sums of pairs of earlier tensors, near and far: a buffer given away too early shows. */
static void buffers(void) {
    enum { NODES = 40, COUNT = 5, IMAGES = 3 };
    float value[NODES + 1][COUNT];
    struct net net;
    net_open(&net, "1x5");
    for (size_t i = 0; i < COUNT; i++)
        value[0][i] = net_input(i);
    for (int n = 1; n <= NODES; n++) {
        int near = n - 1, far = (n * 7 + 3) % n;
        bool sum = n % 3 != 0;
        net_node(&net, sum ? OP_ADD : OP_RELU, near, sum ? far : -1, net_float(&net, "1x5"));
        for (size_t i = 0; i < COUNT; i++)
            value[n][i] = sum ? value[near][i] + value[far][i] : fmaxf(value[near][i], 0.0F);
    }
    const float *y = net_run(&net, IMAGES, (struct net_way){1, 2});
    for (size_t i = 0; i < COUNT; i++)
        CU_ASSERT_EQUAL(y[i], value[NODES][i]);
    net_close(&net);
}

static void calibrate(struct net *net, int images, int threads, double percentile,
                      struct activation_range *ranges) {
    struct diagnostic diag = {0};
    struct engine *engine;
    struct engine_request request = net_request(net, images);
    request.threads = threads;
    request.batch = 2;
    ASSERT_OK(engine_create(&net->network, NULL, NULL, &engine, &diag), diag);
    ASSERT_OK(engine_calibrate(engine, &request, percentile, ranges, &diag), diag);
    engine_free(engine);
}

/* Ranges of the input, of a concatenation (written in two steps), and of an alias. */
static void calibration(void) {
    static const float constant[] = {5, 6};
    struct net net;
    net_open(&net, "1x3");
    int rectified = net_float(&net, "1x3"), joined = net_float(&net, "1x5");
    int added = net_constant(&net, "1x2", constant), shaped = net_float(&net, "1x5x1");
    net_node(&net, OP_RELU, 0, -1, rectified);
    net_node(&net, OP_CONCAT, rectified, added, joined)->axis = 1;
    net_node(&net, OP_RESHAPE, joined, -1, shaped);
    for (int threads = 1; threads <= 3; threads++) {
        struct activation_range ranges[NET_MAX];
        calibrate(&net, 7, threads, 100.0, ranges);
        /* The 21 first inputs hold every multiple of 1/8 from -11/8 to 11/8 but for two. */
        float low = 0.0F, high = 0.0F;
        for (size_t i = 0; i < 21; i++) {
            low = fminf(low, net_input(i));
            high = fmaxf(high, net_input(i));
        }
        CU_ASSERT_EQUAL(ranges[0].low, low);
        CU_ASSERT_EQUAL(ranges[0].high, high);
        CU_ASSERT_EQUAL(ranges[rectified].low, 0.0F);
        CU_ASSERT_EQUAL(ranges[rectified].high, high);
        CU_ASSERT_EQUAL(ranges[joined].high, 6.0F);
        CU_ASSERT_EQUAL(ranges[shaped].high, 6.0F);
        CU_ASSERT_EQUAL(ranges[shaped].low, 0.0F);
        CU_ASSERT_EQUAL(ranges[added].high, 0.0F); /* a constant, not an activation */
    }
    net_close(&net);
}

/* 2300 values hold each of -11/8 .. 11/8 a hundred times. Of 90 %, 115 may be left out on each
 * side: one value of the 23, so the range shrinks by one step of 1/8 (to a bin's edge: within 1
 * bin). */
static void percentile(void) {
    struct net net;
    net_open(&net, "1x23");
    net_node(&net, OP_LEAKY_RELU, 0, -1, net_float(&net, "1x23"))->alpha = 1.0F;
    struct activation_range ranges[NET_MAX], three[NET_MAX];
    calibrate(&net, 100, 1, 90.0, ranges);
    calibrate(&net, 100, 3, 90.0, three);
    double bin = 2.75 / 2048;
    CU_ASSERT_DOUBLE_EQUAL(ranges[1].low, -1.25, bin);
    CU_ASSERT_DOUBLE_EQUAL(ranges[1].high, 1.25, bin);
    CU_ASSERT(ranges[1].low <= -1.25F && ranges[1].high >= 1.25F);
    CU_ASSERT_EQUAL(memcmp(ranges, three, 2 * sizeof *ranges), 0);
    calibrate(&net, 100, 1, 99.9, ranges);
    CU_ASSERT_DOUBLE_EQUAL(ranges[1].low, -1.375, bin);
    CU_ASSERT_DOUBLE_EQUAL(ranges[1].high, 1.375, bin);
    net_close(&net);
}

static const struct test_case cases[] = {
    {"convolution", convolution},
    {"grouped convolution", grouped_convolution},
    {"depthwise convolution", depthwise_convolution},
    {"pointwise convolution", pointwise_convolution},
    {"convolution along a line", line_convolution},
    {"products", products},
    {"a large image in blocks", large_image},
    {"buffers are not given away early", buffers},
    {"calibration", calibration},
    {"calibration with a percentile", percentile},
    {NULL, NULL},
};

const struct test_suite suite_engine_float = {"engine_float", cases};
