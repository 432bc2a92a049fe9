/* ONNX import, operator by operator: shapes and parameters that the ONNX specification gives. */
#include <math.h>

#include "tests/support/onnx_builder.h"
#include "tests/test.h"

static void unary(void) {
    static const struct {
        const char *name;
        enum op op;
    } rows[] = {{"Relu", OP_RELU}, {"Sigmoid", OP_SIGMOID}, {"Tanh", OP_TANH}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model model;
        model_open(&model, "nx3x5x7");
        model_node(&model, rows[i].name, "x", "y");
        model_expect(&model);
        CU_ASSERT_EQUAL(model_last(&model)->op, rows[i].op);
        CU_ASSERT_EQUAL(model_last(&model)->matrix, -1);
        expect_shape(&model.network, model.network.output, "1x3x5x7");
        CU_ASSERT_STRING_EQUAL(model.network.tensors[model.network.output].name, "y");
        CU_ASSERT_FALSE(model.network.quantised);
        model_close(&model);
    }
}

static void leaky_relu(void) {
    struct model model;
    model_open(&model, "nx3");
    model_node(&model, "LeakyRelu", "x", "t");
    model_node(&model, "LeakyRelu", "t", "y");
    model_float(&model, "alpha", 0.25F);
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.nodes[0].alpha, 0.01F);
    CU_ASSERT_EQUAL(model.network.nodes[1].alpha, 0.25F);
    model_close(&model);
}

/* Bounds are attributes up to opset 10, then inputs, each of which may be left out. */
static void clip(void) {
    struct model model;
    model_open(&model, "nx3");
    model_floats(&model, "six", "", (const float[]){6});
    model_node(&model, "Clip", "x - six", "a");
    model_node(&model, "Clip", "a", "b");
    model_node(&model, "Clip", "b", "y");
    model_float(&model, "min", -1.5F);
    model_float(&model, "max", 2.5F);
    model_expect(&model);
    const struct node *nodes = model.network.nodes;
    CU_ASSERT(isinf(nodes[0].low) && nodes[0].low < 0);
    CU_ASSERT_EQUAL(nodes[0].high, 6);
    CU_ASSERT(isinf(nodes[1].low) && isinf(nodes[1].high));
    CU_ASSERT_EQUAL(nodes[2].low, -1.5F);
    CU_ASSERT_EQUAL(nodes[2].high, 2.5F);
    model_close(&model);
}

static void softmax(void) {
    struct model model;
    model_open(&model, "nx3x5");
    model_node(&model, "Softmax", "x", "t");
    model_node(&model, "Softmax", "t", "y");
    model_int(&model, "axis", 1);
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.nodes[0].axis, 2);
    CU_ASSERT_EQUAL(model.network.nodes[1].axis, 1);
    model_close(&model);

    model_open(&model, "nx10x1");
    model.opset.version = 11; /* where axis 1 meant all dimensions from 1 on */
    model_node(&model, "Softmax", "x", "y");
    model_expect(&model);
    CU_ASSERT_EQUAL(model_last(&model)->axis, 1);
    model_close(&model);
}

static void max_pool(void) {
    struct model model;
    model_open(&model, "nx3x9x8");
    model_node(&model, "MaxPool", "x", "y");
    MODEL_INTS(&model, "kernel_shape", 3, 2);
    MODEL_INTS(&model, "strides", 2, 3);
    MODEL_INTS(&model, "pads", 1, 0, 1, 1);
    model_expect(&model);
    const struct window *w = &model_last(&model)->window;
    expect_shape(&model.network, model.network.output, "1x3x5x3"); /* (9+2-3)/2+1, (8+1-2)/3+1 */
    CU_ASSERT(w->kernel[0] == 3 && w->kernel[1] == 2 && w->stride[0] == 2 && w->stride[1] == 3);
    CU_ASSERT(w->pad_begin[0] == 1 && w->pad_begin[1] == 0);
    CU_ASSERT(w->pad_end[0] == 1 && w->pad_end[1] == 1);
    model_close(&model);
}

static void average_pool(void) {
    struct model model;
    model_open(&model, "nx3x10"); /* one-dimensional: height 1 */
    model_node(&model, "AveragePool", "x", "y");
    MODEL_INTS(&model, "kernel_shape", 4);
    MODEL_INTS(&model, "strides", 4);
    model_int(&model, "ceil_mode", 1);
    model_expect(&model);
    const struct window *w = &model_last(&model)->window;
    expect_shape(&model.network, model.network.output, "1x3x3");
    CU_ASSERT(w->kernel[0] == 1 && w->kernel[1] == 4 && w->pad_end[0] == 0);
    CU_ASSERT_EQUAL(w->pad_end[1], 2); /* the third window covers 8..11 of 0..9 */
    CU_ASSERT_FALSE(w->count_include_pad);
    model_int(&model, "count_include_pad", 1);
    model_refuse(&model, "ceil_mode lets overhang");
    model_close(&model);

    model_open(&model, "nx3x5x7");
    model_node(&model, "GlobalAveragePool", "x", "y");
    model_expect(&model);
    expect_shape(&model.network, model.network.output, "1x3x1x1");
    model_close(&model);
}

static void add_mul_broadcast(void) {
    struct model model;
    model_open(&model, "nx3x5x7");
    model_floats(&model, "c", "3x1x1", NULL);
    model_node(&model, "Mul", "c x", "t");
    model_node(&model, "Add", "t x", "y");
    model_expect(&model);
    const struct network *network = &model.network;
    CU_ASSERT_EQUAL(network->nodes[0].op, OP_MUL);
    const struct tensor *c = &network->tensors[network->nodes[0].inputs[0]];
    CU_ASSERT_PTR_NOT_NULL_FATAL(c->floats);
    CU_ASSERT_EQUAL(c->floats[2], 3);
    CU_ASSERT_EQUAL(c->count, 3);
    CU_ASSERT_EQUAL(network->nodes[1].op, OP_ADD);
    CU_ASSERT_EQUAL(network->nodes[1].inputs[1], network->input);
    expect_shape(network, network->output, "1x3x5x7");
    model_close(&model);
}

static void concat(void) {
    struct model model;
    model_open(&model, "nx3x5");
    model_node(&model, "Concat", "x x x", "y");
    model_int(&model, "axis", -2);
    model_expect(&model);
    CU_ASSERT_EQUAL(model_last(&model)->axis, 1);
    CU_ASSERT_EQUAL(model_last(&model)->n_inputs, 3);
    expect_shape(&model.network, model.network.output, "1x9x5");
    model_close(&model);
}

static void transpose(void) {
    struct model model;
    model_open(&model, "nx3x5x7");
    model_node(&model, "Transpose", "x", "y");
    MODEL_INTS(&model, "perm", 0, 2, 3, 1);
    model_expect(&model);
    const int *perm = model_last(&model)->perm;
    CU_ASSERT(perm[0] == 0 && perm[1] == 2 && perm[2] == 3 && perm[3] == 1);
    expect_shape(&model.network, model.network.output, "1x5x7x3");
    model_close(&model);
}

static void pad(void) {
    struct model model;
    model_open(&model, "nx3x5");
    model_longs(&model, "pads", "6", (const int64_t[]){0, 0, 2, 0, 1, 3});
    model_floats(&model, "value", "", (const float[]){-0.5F});
    model_node(&model, "Pad", "x pads value", "y");
    model_expect(&model);
    const struct node *node = model_last(&model);
    expect_shape(&model.network, model.network.output, "1x4x10");
    CU_ASSERT(node->pads[2] == 2 && node->pads[4] == 1 && node->pads[5] == 3);
    CU_ASSERT_EQUAL(node->value, -0.5F);
    model_close(&model);

    model_open(&model, "nx3x5"); /* opset 18 names the axes */
    model.opset.version = 18;
    model_longs(&model, "pads", "2", (const int64_t[]){1, 4});
    model_longs(&model, "axes", "1", (const int64_t[]){-1});
    model_node(&model, "Pad", "x pads - axes", "y");
    model_expect(&model);
    expect_shape(&model.network, model.network.output, "1x3x10");
    model_close(&model);

    model_open(&model, "nx3x5"); /* before opset 11, attributes */
    model_node(&model, "Pad", "x", "y");
    MODEL_INTS(&model, "pads", 0, 0, 1, 0, 0, 1);
    model_float(&model, "value", 2);
    model_expect(&model);
    expect_shape(&model.network, model.network.output, "1x3x7");
    CU_ASSERT_EQUAL(model_last(&model)->value, 2);
    model_close(&model);
}

static const struct test_case cases[] = {
    {"Relu, Sigmoid, Tanh", unary},
    {"LeakyRelu", leaky_relu},
    {"Clip", clip},
    {"Softmax", softmax},
    {"MaxPool", max_pool},
    {"AveragePool and GlobalAveragePool", average_pool},
    {"Add and Mul broadcast", add_mul_broadcast},
    {"Concat", concat},
    {"Transpose", transpose},
    {"Pad", pad},
    {NULL, NULL},
};

const struct test_suite suite_onnx_operators = {"onnx_operators", cases};
