/* Purification: which filters go, and that outputs stay as they were. */
#include "pruning/purify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/layer_builder.h"
#include "tests/support/nets.h"
#include "tests/test.h"

enum { IMAGES = 4, CLASSES = 3, MOST_LAYERS = 3 };

static struct matrix_shape conv(int in, int out, int size, int pad, int groups) {
    int cut = size - 1 - 2 * pad;
    return (struct matrix_shape){.in_channels = in,
                                 .in_height = 4,
                                 .in_width = 5,
                                 .out_channels = out,
                                 .out_height = 4 - cut,
                                 .out_width = 5 - cut,
                                 .groups = groups,
                                 .window = {.kernel = {size, size},
                                            .stride = {1, 1},
                                            .dilation = {1, 1},
                                            .pad_begin = {pad, pad},
                                            .pad_end = {pad, pad}}};
}

/* Appends a layer; its weights may be changed through the pointer. */
static float *layer(struct net *net, const struct matrix_shape *shape, int from, int to) {
    int index = net_linear(net, shape);
    net_node(net, shape->fully_connected ? OP_GEMM : OP_CONV, from, -1, to)->matrix = index;
    net->linear[index].node = net->network.n_nodes - 1;
    return (float *)(uintptr_t)net->linear[index].weights;
}

static float *bias_of(struct net *net, int index) {
    return (float *)(uintptr_t)net->linear[index].bias;
}

static void clear_filter(struct net *net, float *weights, int index, int filter) {
    size_t rows = (size_t)matrix_rows(&net->linear[index].shape);
    memset(weights + (size_t)filter * rows, 0, rows * sizeof *weights);
}

/* Clears what all filters of a layer read of one channel. */
static void clear_rows(struct net *net, float *weights, int index, int channel, int each) {
    int rows = matrix_rows(&net->linear[index].shape);
    for (int f = 0; f < net->linear[index].shape.out_channels; f++)
        memset(weights + f * rows + channel * each, 0, (size_t)each * sizeof *weights);
}

/* Each layer remembers what it was. */
static void expect_remembered(const struct net *net, const struct matrix_shape *was,
                              const struct purified *purified) {
    long filters = 0, weights = 0;
    for (int i = 0; i < net->network.n_linear; i++) {
        const struct matrix_shape *is = &net->linear[i].shape;
        const struct matrix_shape before = matrix_unpurified(is);
        CU_ASSERT_EQUAL(before.in_channels, was[i].in_channels);
        CU_ASSERT_EQUAL(before.out_channels, was[i].out_channels);
        CU_ASSERT_EQUAL(before.groups, was[i].groups);
        CU_ASSERT_EQUAL(before.window.kernel[0], was[i].window.kernel[0]);
        CU_ASSERT_EQUAL(matrix_macs(&before), matrix_macs(&was[i]));
        filters += was[i].out_channels - is->out_channels;
        weights += (long)matrix_rows(&was[i]) * was[i].out_channels -
                   (long)matrix_rows(is) * is->out_channels;
        CU_ASSERT_EQUAL(network_weight_statistics(&net->network, i, 128).weights,
                        (long)matrix_rows(&was[i]) * was[i].out_channels);
    }
    CU_ASSERT_EQUAL(purified->filters, filters);
    CU_ASSERT_EQUAL(purified->weights, weights);
}

/* Purifies, and expects outputs within `tolerance` (0: to the bit) of those before. */
static struct purified purify(struct net *net, float tolerance) {
    struct purified purified;
    struct diagnostic diag = {0};
    struct matrix_shape was[MOST_LAYERS];
    const float *before = net_run(net, IMAGES, (struct net_way){1, 0});
    CU_ASSERT_FATAL(net->network.n_linear <= MOST_LAYERS);
    for (int i = 0; i < net->network.n_linear; i++)
        was[i] = net->linear[i].shape;
    ASSERT_OK(purify_network(&net->network, &purified, &diag), diag);
    expect_remembered(net, was, &purified);
    const float *after = net_run(net, IMAGES, (struct net_way){1, 0});
    for (int i = 0; i < IMAGES * CLASSES; i++)
        CU_ASSERT(fabsf(before[i] - after[i]) <= tolerance);
    return purified;
}

/* conv0 (2 -> 4, padded) - relu - conv1 (4 -> 5, 3x3, `pad`) - relu - flatten - product. */
struct chain {
    struct net net;
    float *conv0, *conv1, *fc;
    int pixels;
};

static void chain_open(struct chain *c, int pad) {
    const struct matrix_shape first = conv(2, 4, 3, 1, 1), second = conv(4, 5, 3, pad, 1);
    const char *image = pad ? "1x5x4x5" : "1x5x2x3";
    c->pixels = pad ? 20 : 6;
    const struct matrix_shape last = dense_shape(5 * c->pixels, CLASSES);
    struct net *net = &c->net;
    net_open(net, "1x2x4x5");
    c->conv0 = layer(net, &first, 0, net_float(net, "1x4x4x5"));
    net_node(net, OP_RELU, 1, -1, net_float(net, "1x4x4x5"));
    c->conv1 = layer(net, &second, 2, net_float(net, image));
    net_node(net, OP_RELU, 3, -1, net_float(net, image));
    net_node(net, OP_RESHAPE, 4, -1, net_float(net, pad ? "1x100" : "1x30"));
    c->fc = layer(net, &last, 5, net_float(net, "1x3"));
}

static void expect_sizes(const struct net *net, int layer0, int layer1, int rows) {
    CU_ASSERT_EQUAL(net->linear[0].shape.out_channels, layer0);
    CU_ASSERT_EQUAL(net->linear[1].shape.in_channels, layer0);
    CU_ASSERT_EQUAL(net->linear[1].shape.out_channels, layer1);
    CU_ASSERT_EQUAL(net->linear[2].shape.in_channels, rows);
    CU_ASSERT_EQUAL(net->tensors[2].shape[1], layer0);
    CU_ASSERT_EQUAL(net->tensors[5].count, (size_t)rows);
}

static void nothing_to_remove(void) {
    struct chain c;
    chain_open(&c, 1);
    CU_ASSERT_EQUAL(purify(&c.net, 0).filters, 0);
    expect_sizes(&c.net, 4, 5, 100);
    net_close(&c.net);
}

/* An empty filter without bias, or with one that Relu takes away, is nothing, borders or not. */
static void empty_filters(void) {
    for (int bias = 0; bias < 2; bias++) {
        struct chain c;
        chain_open(&c, 1);
        clear_filter(&c.net, c.conv0, 0, 2);
        bias_of(&c.net, 0)[2] = bias == 0 ? 0 : -1.5F;
        struct purified purified = purify(&c.net, 0);
        CU_ASSERT_EQUAL(purified.filters, 1);
        CU_ASSERT_EQUAL(purified.weights, 18 + 5 * 9);
        expect_sizes(&c.net, 3, 5, 100);
        net_close(&c.net);
    }
}

/* A constant goes into the biases of what reads it, but not through padding. */
static void constant_filters(void) {
    for (int pad = 0; pad < 2; pad++) {
        struct chain c;
        chain_open(&c, pad);
        clear_filter(&c.net, c.conv0, 0, 1);
        bias_of(&c.net, 0)[1] = 0.75F;
        CU_ASSERT_EQUAL(purify(&c.net, pad ? 0 : 1e-3F).filters, pad ? 0 : 1);
        expect_sizes(&c.net, pad ? 4 : 3, 5, 5 * c.pixels);
        net_close(&c.net);
    }
}

/* The features of a channel that the last layer does not read, and what only its filter read. */
static void unread_filters(void) {
    struct chain c;
    chain_open(&c, 1);
    clear_rows(&c.net, c.fc, 2, 3, 20);
    for (int f = 0; f < 5; f++) /* only filter 3 reads channel 0 */
        memset(c.conv1 + f * 36, 0, f == 3 ? 0 : 9 * sizeof(float));
    struct purified purified = purify(&c.net, 0);
    CU_ASSERT_EQUAL(purified.filters, 2);
    expect_sizes(&c.net, 3, 4, 80);
    net_close(&c.net);
    chain_open(&c, 1); /* one feature is read: all stay */
    clear_rows(&c.net, c.fc, 2, 3, 20);
    c.fc[100 + 3 * 20 + 7] = 1;
    CU_ASSERT_EQUAL(purify(&c.net, 0).filters, 0);
    net_close(&c.net);
}

/* A layer that gives nothing keeps one filter. */
static void whole_layer(void) {
    struct chain c;
    chain_open(&c, 1);
    for (int f = 0; f < 4; f++) {
        clear_filter(&c.net, c.conv0, 0, f);
        bias_of(&c.net, 0)[f] = 0;
    }
    CU_ASSERT(purify(&c.net, 1e-3F).filters >= 3);
    CU_ASSERT_EQUAL(c.net.linear[0].shape.out_channels, 1);
    net_close(&c.net);
}

/* a = relu(conv0(x)); y = fc(flatten(a + conv1(a))): `sum` says whether the last layer reads
 * channel 1, `branch` whether conv1 does. */
static void residual(void) {
    for (int sum = 0; sum < 2; sum++)
        for (int branch = 0; branch < 2; branch++) {
            struct net net;
            const struct matrix_shape first = conv(2, 4, 3, 1, 1), second = conv(4, 4, 3, 1, 1),
                                      last = dense_shape(80, CLASSES);
            net_open(&net, "1x2x4x5");
            layer(&net, &first, 0, net_float(&net, "1x4x4x5"));
            net_node(&net, OP_RELU, 1, -1, net_float(&net, "1x4x4x5"));
            float *conv1 = layer(&net, &second, 2, net_float(&net, "1x4x4x5"));
            net_node(&net, OP_ADD, 2, 3, net_float(&net, "1x4x4x5"));
            net_node(&net, OP_RESHAPE, 4, -1, net_float(&net, "1x80"));
            float *fc = layer(&net, &last, 5, net_float(&net, "1x3"));
            if (!sum)
                clear_rows(&net, fc, 2, 1, 20);
            if (!branch)
                clear_rows(&net, conv1, 1, 1, 9);
            struct purified purified = purify(&net, 0);
            bool agree = !sum && !branch;
            CU_ASSERT_EQUAL(purified.filters, agree ? 2 : 0);
            CU_ASSERT_EQUAL(net.linear[0].shape.out_channels, agree ? 3 : 4);
            CU_ASSERT_EQUAL(net.linear[1].shape.out_channels, agree ? 3 : 4);
            CU_ASSERT_EQUAL(net.linear[1].shape.in_channels, agree ? 3 : 4);
            net_close(&net);
        }
}

/* An empty depthwise filter takes the filter before it and the rows behind it; groups follow. */
static void depthwise(void) {
    struct net net;
    const struct matrix_shape first = conv(2, 4, 3, 1, 1), second = conv(4, 4, 3, 1, 4),
                              last = dense_shape(80, CLASSES);
    net_open(&net, "1x2x4x5");
    layer(&net, &first, 0, net_float(&net, "1x4x4x5"));
    net_node(&net, OP_RELU, 1, -1, net_float(&net, "1x4x4x5"));
    float *conv1 = layer(&net, &second, 2, net_float(&net, "1x4x4x5"));
    net_node(&net, OP_RELU, 3, -1, net_float(&net, "1x4x4x5"));
    net_node(&net, OP_RESHAPE, 4, -1, net_float(&net, "1x80"));
    layer(&net, &last, 5, net_float(&net, "1x3"));
    clear_filter(&net, conv1, 1, 2);
    bias_of(&net, 1)[2] = 0.5F; /* into the last layer's biases */
    CU_ASSERT_EQUAL(purify(&net, 1e-3F).filters, 2);
    CU_ASSERT_EQUAL(net.linear[0].shape.out_channels, 3);
    CU_ASSERT_EQUAL(net.linear[1].shape.groups, 3);
    CU_ASSERT_EQUAL(net.linear[2].shape.in_channels, 60);
    net_close(&net);
}

enum reader { READ_CONV, READ_DEPTHWISE, READ_MEAN, READ_MEAN_OF_VALID, READERS };

/* Filters that go when channel 1 of conv0 (2 -> 4) is a constant 0.75, with relu - `reader` (3x3,
 * padded on one side, or on none: -1) - relu - flatten - product behind it. */
static int filters_gone(enum reader reader, int side) {
    struct net net;
    const struct matrix_shape first = conv(2, 4, 3, 1, 1);
    struct matrix_shape second = conv(4, 4, 3, 0, reader == READ_DEPTHWISE ? 4 : 1);
    int *const sides[] = {&second.window.pad_begin[0], &second.window.pad_begin[1],
                          &second.window.pad_end[0], &second.window.pad_end[1]};
    if (side >= 0)
        *sides[side] = 1;
    second.out_height += side == 0 || side == 2;
    second.out_width += side == 1 || side == 3;
    int pixels = second.out_height * second.out_width;
    const struct matrix_shape last = dense_shape(4 * pixels, CLASSES);
    char image[32], list[32];
    snprintf(image, sizeof image, "1x4x%dx%d", second.out_height, second.out_width);
    snprintf(list, sizeof list, "1x%d", 4 * pixels);
    net_open(&net, "1x2x4x5");
    float *conv0 = layer(&net, &first, 0, net_float(&net, "1x4x4x5"));
    net_node(&net, OP_RELU, 1, -1, net_float(&net, "1x4x4x5"));
    if (reader == READ_CONV || reader == READ_DEPTHWISE) {
        layer(&net, &second, 2, net_float(&net, image));
    } else {
        struct node *node = net_node(&net, OP_AVERAGE_POOL, 2, -1, net_float(&net, image));
        node->window = second.window;
        node->window.count_include_pad = reader == READ_MEAN;
    }
    net_node(&net, OP_RELU, 3, -1, net_float(&net, image));
    net_node(&net, OP_RESHAPE, 4, -1, net_float(&net, list));
    layer(&net, &last, 5, net_float(&net, "1x3"));
    clear_filter(&net, conv0, 0, 1);
    bias_of(&net, 0)[1] = 0.75F;
    int filters = purify(&net, 1e-3F).filters;
    net_close(&net);
    return filters;
}

/* Where a reader pads on any side a constant is missing at that border, so its filter stays; not
 * where the padding takes no part in a mean. */
static void padded_readers(void) {
    for (int reader = 0; reader < READERS; reader++)
        for (int side = -1; side < 4; side++) {
            int gone = filters_gone((enum reader)reader, side);
            bool stays = side >= 0 && reader != READ_MEAN_OF_VALID;
            /* An emptied depthwise filter goes with the one before it. */
            CU_ASSERT_EQUAL(gone, stays ? 0 : reader == READ_DEPTHWISE ? 2 : 1);
        }
}

static const struct test_case cases[] = {
    {"nothing to remove", nothing_to_remove},
    {"empty filters", empty_filters},
    {"constant filters", constant_filters},
    {"unread filters", unread_filters},
    {"whole layer", whole_layer},
    {"residual", residual},
    {"depthwise", depthwise},
    {"padded readers", padded_readers},
    {NULL, NULL},
};

const struct test_suite suite_purify = {"purify", cases};
