/* ONNX import of QDQ models: what becomes a matrix layer, with which integers. All numbers are
 * worked out by hand. */
#include <math.h>

#include "tests/support/onnx_builder.h"
#include "tests/test.h"

enum { UINT8 = 2, INT8 = 3, INT32 = 6 };

/* Weights 2x3 of scales 0.5 and 0.25 (row by row), bias 10 and -7 in units of 0.125 * scale; "w"
 * and "b" are their dequantised forms. */
static void weights(struct model *model) {
    model_codes(model, "wq", INT8, "2x3", (const int[]){1, -2, 127, -127, 0, 5});
    model_floats(model, "ws", "2", (const float[]){0.5F, 0.25F});
    model_codes(model, "wz", INT8, "2", (const int[]){0, 0});
    model_node(model, "DequantizeLinear", "wq ws wz", "w");
    model_int(model, "axis", 0);
    model_codes(model, "bq", INT32, "2", (const int[]){10, -7});
    model_floats(model, "bs", "2", (const float[]){0.0625F, 0.03125F});
    model_node(model, "DequantizeLinear", "bq bs", "b");
    model_int(model, "axis", 0);
}

static const struct matrix_layer *only_matrix(const struct model *model) {
    CU_ASSERT_EQUAL_FATAL(model->network.n_matrix, 1);
    CU_ASSERT_TRUE(model->network.quantised);
    const struct matrix_layer *layer = &model->network.matrix[0];
    CU_ASSERT_EQUAL(model->network.nodes[layer->node].op, OP_MATRIX);
    CU_ASSERT_EQUAL(model->network.nodes[layer->node].matrix, 0);
    return layer;
}

static void gemm_to_codes(void) {
    struct model model;
    model_open(&model, "nx3");
    model_quantize(&model, "x", "xd", 0.125F, 3);
    weights(&model);
    model_node(&model, "Gemm", "xd w b", "t");
    model_int(&model, "transB", 1);
    model_quantize(&model, "t", "y", 0.5F, 100);
    model_expect(&model);
    const struct matrix_layer *layer = only_matrix(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 3); /* quantise, matrix, dequantise */
    CU_ASSERT(layer->weights[0] == 1 && layer->weights[2] == 127 && layer->weights[3] == -127);
    CU_ASSERT(layer->bias[0] == 10 && layer->bias[1] == -7);
    CU_ASSERT(layer->weight_scale[0] == 0.5F && layer->weight_scale[1] == 0.25F);
    CU_ASSERT(layer->multiplier[0] == 0.125F && layer->multiplier[1] == 0.0625F);
    CU_ASSERT(layer->input.scale == 0.125F && layer->input.zero_point == 3);
    CU_ASSERT(layer->quantised_output && layer->output.zero_point == 100);
    CU_ASSERT(layer->low == 0 && layer->high == 255 && layer->weight_bits == 8);
    const struct tensor *out = &model.network.tensors[model.network.nodes[1].output];
    CU_ASSERT(out->type == TENSOR_U8 && out->quant.scale == 0.5F && out->quant.bits == 8);
    model_close(&model);
}

/* The multiplier is a float32 product divided in float32, and not the double quotient rounded. */
static void multiplier_rounding(void) {
    const float sx = 0.0247F, sw = 0.00731F, sy = 0.0391F;
    struct model model;
    model_open(&model, "nx1");
    model_quantize(&model, "x", "xd", sx, 0);
    model_codes(&model, "wq", INT8, "1x1", (const int[]){77});
    model_floats(&model, "ws", "", &sw);
    model_node(&model, "DequantizeLinear", "wq ws", "w");
    model_node(&model, "MatMul", "xd w", "t");
    model_quantize(&model, "t", "y", sy, 0);
    model_expect(&model);
    volatile float product = sx * sw;
    CU_ASSERT_EQUAL(only_matrix(&model)->multiplier[0], product / sy);
    CU_ASSERT_EQUAL(only_matrix(&model)->bias[0], 0);
    model_close(&model);
}

/* No QuantizeLinear behind it: a float output, scaled by s_x * s_w; transposed weights, axis 1. */
static void matmul_to_floats(void) {
    struct model model;
    model_open(&model, "nx2");
    model_quantize(&model, "x", "xd", 0.125F, 0);
    model_codes(&model, "wq", INT8, "2x3", (const int[]){1, 2, 3, 4, 5, 6});
    model_floats(&model, "ws", "3", (const float[]){1, 2, 4});
    model_node(&model, "DequantizeLinear", "wq ws", "w"); /* axis 1 is the default */
    model_node(&model, "MatMul", "xd w", "t");
    model_floats(&model, "b", "3", (const float[]){1, 0.6F, -0.8F});
    model_node(&model, "Add", "t b", "u");
    model_node(&model, "Relu", "u", "y");
    model_expect(&model);
    const struct matrix_layer *layer = only_matrix(&model);
    static const int16_t codes[] = {1, 4, 2, 5, 3, 6};
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(layer->weights[i], codes[i]);
    CU_ASSERT_FALSE(layer->quantised_output);
    CU_ASSERT(layer->multiplier[0] == 0.125F && layer->multiplier[2] == 0.5F);
    /* 1/0.125, 0.6/0.25 = 2.4, -0.8/0.5 = -1.6 */
    CU_ASSERT(layer->bias[0] == 8 && layer->bias[1] == 2 && layer->bias[2] == -2);
    CU_ASSERT_EQUAL(model_last(&model)->op, OP_RELU);
    CU_ASSERT_EQUAL(model.network.tensors[model.network.nodes[1].output].type, TENSOR_FLOAT);
    model_close(&model);
}

/* Relu and Clip before QuantizeLinear become bounds: 0..6 at scale 0.05, zero point 10. */
static void activation_folded(void) {
    struct model model;
    model_open(&model, "nx3");
    model_quantize(&model, "x", "xd", 0.125F, 0);
    weights(&model);
    model_node(&model, "Gemm", "xd w b", "t");
    model_int(&model, "transB", 1);
    model_node(&model, "Clip", "t", "u");
    model_float(&model, "min", -1);
    model_float(&model, "max", 6);
    model_node(&model, "Relu", "u", "v");
    model_quantize(&model, "v", "y", 0.05F, 10);
    model_expect(&model);
    const struct matrix_layer *layer = only_matrix(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 3);
    CU_ASSERT_EQUAL(layer->low, 10);
    CU_ASSERT_EQUAL(layer->high, 130);
    model_close(&model);
}

/* int8 activations are moved to 0..255, all zero points by 128. */
static void signed_activations(void) {
    struct model model;
    model_open(&model, "nx3");
    model_floats(&model, "s", "1", (const float[]){0.125F});
    model_codes(&model, "z", INT8, "1", (const int[]){-100});
    model_node(&model, "QuantizeLinear", "x s z", "q");
    model_node(&model, "DequantizeLinear", "q s z", "xd");
    weights(&model);
    model_node(&model, "Gemm", "xd w b", "t");
    model_int(&model, "transB", 1);
    model_codes(&model, "z0", INT8, "", (const int[]){0});
    model_node(&model, "QuantizeLinear", "t s z0", "p");
    model_node(&model, "DequantizeLinear", "p s z0", "y");
    model_expect(&model);
    const struct matrix_layer *layer = only_matrix(&model);
    CU_ASSERT_EQUAL(layer->input.zero_point, 28);
    CU_ASSERT_EQUAL(layer->output.zero_point, 128);
    model_close(&model);
}

/* A layer that is read twice has a float output; its dequantised input stays for the addition. */
static void several_readers(void) {
    struct model model;
    model_open(&model, "nx3");
    model_quantize(&model, "x", "xd", 0.125F, 0);
    model_codes(&model, "wq", INT8, "3x3", NULL);
    model_floats(&model, "ws", "", NULL);
    model_node(&model, "DequantizeLinear", "wq ws", "w");
    model_node(&model, "MatMul", "xd w", "t");
    model_node(&model, "Add", "t xd", "u");
    model_quantize(&model, "u", "v", 0.5F, 7);
    model_node(&model, "Add", "v t", "y");
    model_expect(&model);
    CU_ASSERT_FALSE(only_matrix(&model)->quantised_output);
    static const enum op ops[] = {OP_QUANTIZE, OP_DEQUANTIZE, OP_MATRIX, OP_ADD,
                                  OP_QUANTIZE, OP_DEQUANTIZE, OP_ADD};
    CU_ASSERT_EQUAL_FATAL(model.network.n_nodes, 7);
    for (int i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(model.network.nodes[i].op, ops[i]);
    model_close(&model);
}

/* Pooled and flattened without a pair of its own: the layer reads codes on the same grid. */
static void moved_input(void) {
    struct model model;
    model_open(&model, "nx1x2x3");
    model_quantize(&model, "x", "xd", 0.125F, 9);
    weights(&model);
    model_node(&model, "MaxPool", "xd", "p");
    MODEL_INTS(&model, "kernel_shape", 2, 1);
    model_node(&model, "Flatten", "p", "f");
    model_node(&model, "Gemm", "f w b", "t");
    model_int(&model, "transB", 1);
    model_quantize(&model, "t", "y", 0.5F, 100);
    model_expect(&model);
    const struct matrix_layer *layer = only_matrix(&model);
    CU_ASSERT(layer->input.scale == 0.125F && layer->input.zero_point == 9);
    const struct node *quantise = &model.network.nodes[layer->node - 1];
    CU_ASSERT_EQUAL(quantise->op, OP_QUANTIZE);
    expect_shape(&model.network, quantise->output, "1x3");
    model_close(&model);
}

/* Pools and reshapes may also work on codes. */
static void codes_moved(void) {
    struct model model;
    model_open(&model, "nx1x2x3");
    const float scale = 0.125F;
    model_floats(&model, "s", "", &scale);
    model_codes(&model, "z", UINT8, "", (const int[]){9});
    model_node(&model, "QuantizeLinear", "x s z", "q");
    model_node(&model, "MaxPool", "q", "p");
    MODEL_INTS(&model, "kernel_shape", 2, 1);
    model_node(&model, "Flatten", "p", "f");
    model_node(&model, "DequantizeLinear", "f s z", "y");
    model_expect(&model);
    const struct tensor *flat = &model.network.tensors[model_last(&model)->inputs[0]];
    CU_ASSERT(flat->type == TENSOR_U8 && flat->quant.zero_point == 9);
    CU_ASSERT_EQUAL(model.network.n_matrix, 0);
    model_close(&model);
}

/* Weights kept as floats behind a pair of their own, and turned by Transpose. */
static void weights_quantised_in_the_file(void) {
    struct model model;
    model_open(&model, "nx3");
    model_quantize(&model, "x", "xd", 0.125F, 0);
    model_floats(&model, "wf", "2x3", (const float[]){0.5F, -1.25F, 1.75F, 200, -200, 0.75F});
    model_floats(&model, "ws", "2", (const float[]){0.5F, 1});
    model_codes(&model, "wz", INT8, "2", (const int[]){0, 0});
    model_node(&model, "QuantizeLinear", "wf ws wz", "wq");
    model_int(&model, "axis", 0);
    model_node(&model, "DequantizeLinear", "wq ws wz", "wd");
    model_int(&model, "axis", 0);
    model_node(&model, "Transpose", "wd", "w");
    model_node(&model, "MatMul", "xd w", "t");
    model_quantize(&model, "t", "y", 0.5F, 100);
    /* -200 saturates at -128, which is no symmetric weight */
    model_refuse(&model, "a weight is -128");
    model.constants[2]->float_data[4] = -127;
    model_expect(&model);
    const struct matrix_layer *layer = only_matrix(&model);
    static const int16_t codes[] = {1, -2, 4, 127, -127, 1}; /* -2.5 and 3.5 round to even */
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(layer->weights[i], codes[i]);
    CU_ASSERT(layer->weight_scale[0] == 0.5F && layer->weight_scale[1] == 1);
    model_close(&model);
}

/* A constant operand with a zero point is an addition of floats: (codes - z) * scale. */
static void constant_operand(void) {
    struct model model;
    model_open(&model, "nx2");
    model_quantize(&model, "x", "xd", 0.125F, 0);
    model_codes(&model, "cq", UINT8, "2", (const int[]){10, 200});
    model_floats(&model, "cs", "", (const float[]){0.5F});
    model_codes(&model, "cz", UINT8, "", (const int[]){100});
    model_node(&model, "DequantizeLinear", "cq cs cz", "c");
    model_node(&model, "Mul", "xd c", "y");
    model_expect(&model);
    const struct tensor *c = &model.network.tensors[model_last(&model)->inputs[1]];
    CU_ASSERT_PTR_NOT_NULL_FATAL(c->floats);
    CU_ASSERT(c->floats[0] == -45 && c->floats[1] == 50);
    model_close(&model);
}

static const struct test_case cases[] = {
    {"Gemm from codes to codes", gemm_to_codes},
    {"rounding of the multiplier", multiplier_rounding},
    {"MatMul to floats, float bias", matmul_to_floats},
    {"Relu and Clip folded", activation_folded},
    {"int8 activations", signed_activations},
    {"several readers", several_readers},
    {"input moved since it was dequantised", moved_input},
    {"codes moved", codes_moved},
    {"weights quantised in the file", weights_quantised_in_the_file},
    {"a constant with a zero point", constant_operand},
    {NULL, NULL},
};

const struct test_suite suite_onnx_qdq = {"onnx_qdq", cases};
