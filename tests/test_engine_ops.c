/* Operators of the engine against values computed with numpy, on shapes that no power of two fits.
 */
#include <math.h>
#include <stdio.h>

#include "tests/support/nets.h"
#include "tests/test.h"

/* Runs the network on one image, and on three in other batches, and compares image 0. */
static void expect(struct net *net, const float *expected, size_t count, double tolerance) {
    CU_ASSERT_EQUAL_FATAL(net->tensors[net->network.output].count, count);
    const float *one = net_run(net, 1, (struct net_way){1, 0});
    const float *three = net_run(net, 3, (struct net_way){2, 2});
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_DOUBLE_EQUAL(one[i], expected[i], tolerance);
        CU_ASSERT_EQUAL(one[i], three[i]);
    }
    net_close(net);
}

#define EXPECT(net, expected, tolerance)                                                           \
    expect(net, expected, sizeof(expected) / sizeof *(expected), tolerance)

/* One node on an input of a shape. */
static struct node *single(struct net *net, enum op op, const char *in, const char *out) {
    net_open(net, in);
    return net_node(net, op, 0, -1, net_float(net, out));
}

static void activations(void) {
    /* 0, -1.125, 0.625, -0.5, 1.25, 0.125, -1 */
    static const float rectified[] = {0, 0, 0.625F, 0, 1.25F, 0.125F, 0};
    static const float clipped[] = {0, -0.75F, 0.5F, -0.5F, 0.5F, 0.125F, -0.75F};
    static const float leaky[] = {0, -0.28125F, 0.625F, -0.125F, 1.25F, 0.125F, -0.25F};
    static const float sigmoids[] = {0.5F,         0.245085016F, 0.651354849F, 0.377540678F,
                                     0.777299881F, 0.53120935F,  0.268941432F};

    static const float tangents[] = {0.0F,         -0.809301078F, 0.554599702F, -0.462117165F,
                                     0.848283648F, 0.124352999F,  -0.761594176F};

    struct net net;
    single(&net, OP_RELU, "1x7", "1x7");
    EXPECT(&net, rectified, 0);
    struct node *node = single(&net, OP_CLIP, "1x7", "1x7");
    node->low = -0.75F;
    node->high = 0.5F;
    EXPECT(&net, clipped, 0);
    single(&net, OP_LEAKY_RELU, "1x7x1", "1x7x1")->alpha = 0.25F;
    EXPECT(&net, leaky, 0);
    single(&net, OP_SIGMOID, "1x7", "1x7");
    EXPECT(&net, sigmoids, 1e-7);
    single(&net, OP_TANH, "1x7", "1x7");
    EXPECT(&net, tangents, 1e-7);
}

static void softmax(void) {
    static const float softmax_channels[] = {
        0.19313848F,  0.0599777959F, 0.530728936F, 0.19313848F,  0.674119532F, 0.209343076F,
        0.104506724F, 0.674119532F,  0.132742003F, 0.730679154F, 0.364764333F, 0.132742003F};

    static const float softmax_vector[] = {0.137178496F, 0.0445353389F, 0.256283194F, 0.0832029656F,
                                           0.478800029F};

    struct net net;
    single(&net, OP_SOFTMAX, "1x3x2x2", "1x3x2x2")->axis = 1;
    EXPECT(&net, softmax_channels, 1e-7);
    single(&net, OP_SOFTMAX, "1x5", "1x5")->axis = 1;
    EXPECT(&net, softmax_vector, 1e-7);
}

/* Large values must not overflow: exp(1000) would. */
static void softmax_of_large_values(void) {
    static const float large[] = {1000, 1000, -1000, 1000};
    static const float expected[] = {0.25F, 0.25F, 0.25F, 0.25F};
    struct net net;
    net_open(&net, "1x4");
    int zero = net_float(&net, "1x4"), sum = net_float(&net, "1x4");
    static const float zeros[4] = {0};
    net_node(&net, OP_MUL, 0, net_constant(&net, "4", zeros), zero);
    net_node(&net, OP_ADD, zero, net_constant(&net, "1", large), sum);
    net_node(&net, OP_SOFTMAX, sum, -1, net_float(&net, "1x4"))->axis = 1;
    EXPECT(&net, expected, 0);
}

/* Channels, rows and columns are broadcast, by constants and by activations. */
static void broadcasting(void) {
    static const float per_channel[] = {100, 200, 300}, per_column[] = {1, 2, 3, 4, 5};
    float expected[30];
    for (size_t i = 0; i < 30; i++)
        expected[i] = net_input(i) + per_channel[i / 10];
    struct net net;
    net_open(&net, "1x3x2x5");
    net_node(&net, OP_ADD, net_constant(&net, "3x1x1", per_channel), 0, net_float(&net, "1x3x2x5"));
    EXPECT(&net, expected, 0);

    for (size_t i = 0; i < 30; i++)
        expected[i] = net_input(i) * per_column[i % 5];
    net_open(&net, "1x3x2x5");
    net_node(&net, OP_MUL, 0, net_constant(&net, "5", per_column), net_float(&net, "1x3x2x5"));
    EXPECT(&net, expected, 0);
}

/* Squeeze-and-excitation: an activation of one value per channel times the image it came from. */
static void broadcast_activation(void) {
    float expected[24];
    for (size_t c = 0; c < 3; c++) {
        float sum = 0.0F;
        for (size_t i = 0; i < 8; i++)
            sum += net_input(c * 8 + i);
        for (size_t i = 0; i < 8; i++)
            expected[c * 8 + i] = net_input(c * 8 + i) * (sum / 8.0F);
    }
    struct net net;
    net_open(&net, "1x3x2x4");
    int pooled = net_float(&net, "1x3x1x1");
    net_node(&net, OP_GLOBAL_AVERAGE_POOL, 0, -1, pooled);
    net_node(&net, OP_MUL, pooled, 0, net_float(&net, "1x3x2x4"));
    EXPECT(&net, expected, 0);
}

static void transpose(void) {
    static const float transposed[] = {
        0.0F,    0.125F,  0.25F,  0.375F, 0.5F,   0.625F, -1.125F, -1.0F,  -0.875F, -0.75F,
        -0.625F, -0.5F,   0.625F, 0.75F,  0.875F, 1.0F,   1.125F,  1.25F,  -0.5F,   -0.375F,
        -0.25F,  -0.125F, 0.0F,   0.125F, 1.25F,  1.375F, -1.375F, -1.25F, -1.125F, -1.0F};

    struct net net;
    struct node *node = single(&net, OP_TRANSPOSE, "1x2x3x5", "1x5x2x3");
    static const int perm[] = {0, 3, 1, 2};
    for (int d = 0; d < 4; d++)
        node->perm[d] = perm[d];
    EXPECT(&net, transposed, 0);
}

/* Flattening an image that a pool left channels-last gives ONNX's order back. */
static void reshape(void) {
    float expected[30];
    for (size_t i = 0; i < 30; i++)
        expected[i] = net_input(i);
    struct net net;
    net_open(&net, "1x2x3x5");
    int pooled = net_float(&net, "1x2x3x5"), flat = net_float(&net, "1x30");
    int image = net_float(&net, "1x5x2x3");
    net_node(&net, OP_MAX_POOL, 0, -1, pooled);
    net_node(&net, OP_RESHAPE, pooled, -1, flat);
    net_node(&net, OP_RESHAPE, flat, -1, image);
    net_node(&net, OP_RESHAPE, image, -1, net_float(&net, "1x6x5"));
    EXPECT(&net, expected, 0);
}

static void pad(void) {
    static const float padded[] = {
        0.5F,   0.5F,  0.5F,    0.5F, 0.5F,  0.5F,  0.5F,   0.5F,    0.5F, 0.5F, 0.5F,
        0.5F,   0.5F,  0.5F,    0.5F, 0.5F,  0.5F,  0.5F,   0.5F,    0.5F, 0.0F, -1.125F,
        0.625F, 0.5F,  0.5F,    0.5F, -0.5F, 1.25F, 0.125F, 0.5F,    0.5F, 0.5F, 0.5F,
        0.5F,   0.5F,  0.5F,    0.5F, 0.5F,  -1.0F, 0.75F,  -0.375F, 0.5F, 0.5F, 0.5F,
        1.375F, 0.25F, -0.875F, 0.5F, 0.5F,  0.5F,  0.5F,   0.5F,    0.5F, 0.5F};

    struct net net;
    struct node *node = single(&net, OP_PAD, "1x2x2x3", "1x3x3x6");
    static const int pads[] = {0, 1, 0, 2, 0, 0, 1, 1};
    for (int d = 0; d < 8; d++)
        node->pads[d] = pads[d];
    node->value = 0.5F;
    EXPECT(&net, padded, 0);
}

/* Along the channels and along the rows, an activation, a constant, and the input again. */
static void concat(void) {
    static const float constant[] = {7, 8, 9, 10, 11, 12};
    float by_channel[24], by_row[30];
    for (size_t c = 0; c < 4; c++)
        for (size_t i = 0; i < 6; i++)
            by_channel[c * 6 + i] = c < 3 ? net_input(c * 6 + i) : constant[i];
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < 10; i++)
            by_row[c * 10 + i] = net_input(c * 6 + (i < 4 ? i + 2 : i - 4));
    struct net net;
    net_open(&net, "1x3x3x2");
    net_node(&net, OP_CONCAT, 0, net_constant(&net, "1x1x3x2", constant),
             net_float(&net, "1x4x3x2"))
        ->axis = 1;
    EXPECT(&net, by_channel, 0);

    net_open(&net, "1x3x3x2");
    int lower =
        net_float(&net, "1x3x2x2"); /* rows 1 and 2 of the input, by a pool that skips row 0 */
    struct node *node = net_node(&net, OP_MAX_POOL, 0, -1, lower);
    node->window.pad_begin[0] = -1;
    net_node(&net, OP_CONCAT, lower, 0, net_float(&net, "1x3x5x2"))->axis = 2;
    EXPECT(&net, by_row, 0);
}

static struct window window_of(int kernel_rows, int kernel_columns, int stride_rows,
                               int stride_columns) {
    return (struct window){.kernel = {kernel_rows, kernel_columns},
                           .stride = {stride_rows, stride_columns},
                           .dilation = {1, 1}};
}

static void max_pool(void) {
    static const float max_pooled[] = {1.25F,  0.75F, 0.625F,  1.25F,  1.375F, 0.25F,
                                       0.875F, 1.0F,  -0.125F, 1.125F, 1.25F,  1.125F,
                                       1.375F, 1.25F, 0.75F,   1.375F, 0.875F, 0.375F};

    static const float pooled_line[] = {0.0F,   0.625F, 1.25F, 0.75F, 1.375F,
                                        0.875F, 0.375F, 1.0F,  1.0F};

    struct net net;
    struct node *node = single(&net, OP_MAX_POOL, "1x2x5x4", "1x2x3x3");
    node->window = (struct window){.kernel = {3, 2},
                                   .stride = {2, 1},
                                   .dilation = {1, 2},
                                   .pad_begin = {1, 0},
                                   .pad_end = {1, 1}};
    EXPECT(&net, max_pooled, 0);
    node = single(&net, OP_MAX_POOL, "1x3x7", "1x3x3");
    node->window = window_of(1, 3, 1, 2);
    node->window.pad_begin[1] = 1;
    EXPECT(&net, pooled_line, 0);
}

static void average_pools(void) {
    static const float averaged_inside[] = {
        0.625F,  -0.34375F, 0.125F,       0.583333313F, -0.145833328F, 0.0833333358F,
        0.0625F, -0.1875F,  -0.4375F,     -0.3125F,     0.15625F,      0.625F,
        0.125F,  -0.125F,   0.583333313F, 0.5625F,      -0.40625F,     0.0625F};

    static const float averaged_padded[] = {
        0.208333328F, -0.229166672F, 0.0416666679F, 0.291666657F,  -0.145833328F, 0.0416666679F,
        0.020833334F, -0.125F,       -0.145833328F, -0.104166664F, 0.104166664F,  0.208333328F,
        0.0625F,      -0.125F,       0.291666657F,  0.1875F,       -0.270833343F, 0.020833334F};

    static const float global_average[] = {-0.0500000007F, 0.0187500007F};

    struct net net;
    for (int include = 0; include < 2; include++) {
        struct node *node = single(&net, OP_AVERAGE_POOL, "1x2x5x4", "1x2x3x3");
        node->window = window_of(3, 2, 2, 2);
        for (int axis = 0; axis < 2; axis++)
            node->window.pad_begin[axis] = node->window.pad_end[axis] = 1;
        node->window.count_include_pad = include != 0;
        if (include)
            EXPECT(&net, averaged_padded, 1e-7);
        else
            EXPECT(&net, averaged_inside, 1e-7);
    }
    single(&net, OP_GLOBAL_AVERAGE_POOL, "1x2x5x4", "1x2x1x1");
    EXPECT(&net, global_average, 1e-7);
}

static const struct test_case cases[] = {
    {"activations", activations},
    {"softmax", softmax},
    {"softmax of large values", softmax_of_large_values},
    {"broadcasting of constants", broadcasting},
    {"broadcasting of an activation", broadcast_activation},
    {"transpose", transpose},
    {"reshape", reshape},
    {"pad", pad},
    {"concat", concat},
    {"max pool", max_pool},
    {"average pools", average_pools},
    {NULL, NULL},
};

const struct test_suite suite_engine_ops = {"engine_ops", cases};
