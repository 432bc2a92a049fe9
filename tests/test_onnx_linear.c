/* ONNX import of convolutions and products of float models: shapes, the order of weights, what is
 * folded into them. Expected values are worked out by hand from ONNX's definitions. */
#include <math.h>

#include "tests/support/onnx_builder.h"
#include "tests/test.h"

static const struct linear_layer *only_layer(const struct model *model) {
    CU_ASSERT_EQUAL_FATAL(model->network.n_linear, 1);
    const struct linear_layer *layer = &model->network.linear[0];
    const struct node *node = &model->network.nodes[layer->node];
    CU_ASSERT(node->op == OP_CONV || node->op == OP_GEMM);
    CU_ASSERT_EQUAL(node->matrix, 0);
    CU_ASSERT_STRING_EQUAL(node->name, layer->name);
    return layer;
}

static void conv(void) {
    struct model model;
    model_open(&model, "nx4x9x11");
    model_floats(&model, "w", "6x2x3x2", NULL);
    model_floats(&model, "b", "6", NULL);
    model_node(&model, "Conv", "x w b", "y");
    model_int(&model, "group", 2);
    MODEL_INTS(&model, "pads", 1, 0, 2, 1);
    MODEL_INTS(&model, "strides", 2, 3);
    MODEL_INTS(&model, "dilations", 2, 1);
    model_expect(&model);
    const struct linear_layer *layer = only_layer(&model);
    const struct matrix_shape *s = &layer->shape;
    /* (9 + 3 - 5)/2 + 1 and (11 + 1 - 2)/3 + 1 */
    expect_shape(&model.network, model.network.output, "1x6x4x4");
    CU_ASSERT(!s->fully_connected && s->groups == 2 && s->in_channels == 4);
    CU_ASSERT(s->out_channels == 6 && s->in_height == 9 && s->in_width == 11);
    CU_ASSERT(s->out_height == 4 && s->out_width == 4);
    CU_ASSERT_EQUAL(matrix_rows(s), 12);
    CU_ASSERT_EQUAL(matrix_columns(s), 3);
    CU_ASSERT_EQUAL(matrix_positions(s), 16);
    CU_ASSERT_EQUAL(matrix_macs(s), 16 * 12 * 6);
    for (int i = 0; i < 72; i++)
        CU_ASSERT_EQUAL(layer->weights[i], (float)(i + 1));
    CU_ASSERT_EQUAL(layer->bias[5], 6);
    model_close(&model);
}

static void conv_1d_without_bias(void) {
    struct model model;
    model_open(&model, "nx2x10");
    model_floats(&model, "w", "3x2x5", NULL);
    model_node(&model, "Conv", "x w", "y");
    model_string(&model, "auto_pad", "SAME_LOWER");
    MODEL_INTS(&model, "strides", 2);
    model_expect(&model);
    const struct linear_layer *layer = only_layer(&model);
    /* 5 outputs need (5-1)*2 + 5 = 13 inputs: 3 pads, 2 of them first */
    expect_shape(&model.network, model.network.output, "1x3x5");
    CU_ASSERT(layer->shape.in_height == 1 && layer->shape.in_width == 10);
    CU_ASSERT(layer->shape.window.kernel[0] == 1 && layer->shape.window.kernel[1] == 5);
    CU_ASSERT(layer->shape.window.pad_begin[1] == 2 && layer->shape.window.pad_end[1] == 1);
    CU_ASSERT(layer->shape.window.pad_begin[0] == 0 && layer->shape.window.pad_end[0] == 0);
    CU_ASSERT_EQUAL(layer->bias[2], 0);
    model_close(&model);
}

/* y = alpha x w + beta b; weights end up [out][in] from either order. */
static void gemm(void) {
    for (int transposed = 0; transposed < 2; transposed++) {
        struct model model;
        model_open(&model, "nx3");
        model_floats(&model, "w", transposed ? "2x3" : "3x2", NULL);
        model_floats(&model, "b", "1", (const float[]){8});
        model_node(&model, "Gemm", "x w b", "y");
        model_int(&model, "transB", transposed);
        model_float(&model, "alpha", 0.5F);
        model_float(&model, "beta", 0.25F);
        model_expect(&model);
        const struct linear_layer *layer = only_layer(&model);
        static const float expected[2][6] = {{.5F, 1.5F, 2.5F, 1, 2, 3},
                                             {.5F, 1, 1.5F, 2, 2.5F, 3}};
        for (int i = 0; i < 6; i++)
            CU_ASSERT_EQUAL(layer->weights[i], expected[transposed][i]);
        CU_ASSERT(layer->bias[0] == 2 && layer->bias[1] == 2);
        CU_ASSERT(layer->shape.fully_connected && matrix_positions(&layer->shape) == 1);
        model_close(&model);
    }
}

/* MatMul over several positions, then an addition that becomes its bias. */
static void matmul_and_bias(void) {
    struct model model;
    model_open(&model, "nx7x3");
    model_floats(&model, "w", "3x2", NULL);
    model_floats(&model, "b", "2", NULL);
    model_node(&model, "MatMul", "x w", "t");
    model_node(&model, "Add", "b t", "y");
    model_expect(&model);
    const struct linear_layer *layer = only_layer(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 1);
    expect_shape(&model.network, model.network.output, "1x7x2");
    CU_ASSERT(layer->shape.in_width == 7 && matrix_positions(&layer->shape) == 7);
    CU_ASSERT(layer->bias[0] == 1 && layer->bias[1] == 2);
    CU_ASSERT(layer->weights[1] == 3 && layer->weights[3] == 2);
    model_close(&model);
}

/* An addition stays where the product is read twice, or where it is not one value per filter. */
static void bias_not_folded(void) {
    struct model model;
    model_open(&model, "nx2x2");
    model_floats(&model, "w", "2x2", NULL);
    model_floats(&model, "b", "2x1", NULL);
    model_node(&model, "MatMul", "x w", "t");
    model_node(&model, "Add", "t b", "y");
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 2);
    model_close(&model);

    model_open(&model, "nx2");
    model_floats(&model, "w", "2x2", NULL);
    model_floats(&model, "b", "2", NULL);
    model_node(&model, "MatMul", "x w", "t");
    model_node(&model, "Add", "t b", "u");
    model_node(&model, "Add", "u t", "y");
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 3);
    model_close(&model);
}

static void normalisation_constants(struct model *model) {
    model_floats(model, "scale", "2", (const float[]){2, 3});
    model_floats(model, "shift", "2", (const float[]){1, -1});
    model_floats(model, "mean", "2", (const float[]){4, 5});
    model_floats(model, "var", "2", (const float[]){3.75F, 8.75F});
}

/* epsilon 0.25: factors 2/2 and 3/3, so w' = w, b' = b - mean + shift. */
static void normalisation_folded(void) {
    struct model model;
    model_open(&model, "nx1x4x4");
    model_floats(&model, "w", "2x1x1x1", (const float[]){7, 9});
    model_floats(&model, "b", "2", (const float[]){10, 20});
    normalisation_constants(&model);
    model_node(&model, "Conv", "x w b", "t");
    model_node(&model, "BatchNormalization", "t scale shift mean var", "y");
    model_float(&model, "epsilon", 0.25F);
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 1);
    const struct linear_layer *layer = only_layer(&model);
    CU_ASSERT(layer->weights[0] == 7 && layer->weights[1] == 9);
    CU_ASSERT(layer->bias[0] == 7 && layer->bias[1] == 14);
    model_close(&model);
}

/* Without a layer of its own before it, two nodes: x * factor + (shift - mean * factor). */
static void normalisation_expressed(void) {
    struct model model;
    model_open(&model, "nx2x4x4");
    normalisation_constants(&model);
    model_node(&model, "Relu", "x", "t");
    model_node(&model, "BatchNormalization", "t scale shift mean var", "y");
    model_float(&model, "epsilon", 0.25F);
    model_expect(&model);
    const struct network *network = &model.network;
    CU_ASSERT_EQUAL_FATAL(network->n_nodes, 3);
    CU_ASSERT(network->nodes[1].op == OP_MUL && network->nodes[2].op == OP_ADD);
    const struct tensor *factor = &network->tensors[network->nodes[1].inputs[1]];
    const struct tensor *offset = &network->tensors[network->nodes[2].inputs[1]];
    CU_ASSERT(factor->floats[0] == 1 && factor->floats[1] == 1);
    CU_ASSERT(offset->floats[0] == -3 && offset->floats[1] == -6);
    CU_ASSERT(factor->rank == 4 && factor->shape[1] == 2 && factor->shape[3] == 1);
    model_close(&model);
}

/* Nodes in the file come in any order. */
static void sorted(void) {
    struct model model;
    model_open(&model, "nx3");
    model_node(&model, "Tanh", "b", "y");
    model_node(&model, "Sigmoid", "a", "b");
    model_node(&model, "Relu", "x", "a");
    model_node(&model, "Relu", "x", "nobody");
    model_expect(&model);
    CU_ASSERT_EQUAL_FATAL(model.network.n_nodes, 3);
    CU_ASSERT_EQUAL(model.network.nodes[0].op, OP_RELU);
    CU_ASSERT_EQUAL(model.network.nodes[1].op, OP_SIGMOID);
    CU_ASSERT_EQUAL(model.network.nodes[2].op, OP_TANH);
    model_close(&model);
}

/* A name given twice, or none, yields to that of the output. */
static void layer_names(void) {
    struct model model;
    model_open(&model, "nx3");
    model_node(&model, "Relu", "x", "a");
    model.node->name = "same";
    model_node(&model, "Relu", "a", "b");
    model.node->name = "same";
    model_node(&model, "Relu", "b", "y");
    model.node->name = "";
    model_expect(&model);
    CU_ASSERT_STRING_EQUAL(model.network.nodes[0].name, "same");
    CU_ASSERT_STRING_EQUAL(model.network.nodes[1].name, "b");
    CU_ASSERT_STRING_EQUAL(model.network.nodes[2].name, "y");
    model_close(&model);
}

static const struct test_case cases[] = {
    {"Conv with groups, pads, strides, dilations", conv},
    {"Conv of one dimension, SAME_LOWER", conv_1d_without_bias},
    {"Gemm", gemm},
    {"MatMul and its bias", matmul_and_bias},
    {"additions that are no bias", bias_not_folded},
    {"BatchNormalization folded", normalisation_folded},
    {"BatchNormalization expressed", normalisation_expressed},
    {"nodes are sorted", sorted},
    {"layer names", layer_names},
    {NULL, NULL},
};

const struct test_suite suite_onnx_linear = {"onnx_linear", cases};
