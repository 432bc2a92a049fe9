/* ONNX import: the operators that only give values another shape, and constants of them. */
#include "tests/support/onnx_builder.h"
#include "tests/test.h"

static void flatten(void) {
    struct model model;
    model_open(&model, "nx3x5x7");
    model_node(&model, "Flatten", "x", "y");
    model_expect(&model);
    CU_ASSERT_EQUAL(model_last(&model)->op, OP_RESHAPE);
    expect_shape(&model.network, model.network.output, "1x105");
    model_int(&model, "axis", -3);
    model_expect(&model);
    expect_shape(&model.network, model.network.output, "1x105");
    model_close(&model);
}

static void reshape_to(const char *input, const int64_t *target, int n, const char *expected) {
    char length[8];
    struct model model;
    snprintf(length, sizeof length, "%d", n);
    model_open(&model, input);
    model_longs(&model, "shape", length, target);
    model_node(&model, "Reshape", "x shape", "y");
    model_expect(&model);
    expect_shape(&model.network, model.network.output, expected);
    model_close(&model);
}

static void reshape(void) {
    reshape_to("nx3x5x7", (const int64_t[]){0, -1}, 2, "1x105");
    reshape_to("nx3x5x7", (const int64_t[]){-1, 105}, 2, "1x105");
    reshape_to("nx3x5x7", (const int64_t[]){1, 7, 0, -1}, 4, "1x7x5x3");
    reshape_to("0x105", (const int64_t[]){0, 3, 5, 7}, 4, "1x3x5x7");
    reshape_to("4x105", (const int64_t[]){4, 3, 35}, 3, "1x3x35"); /* the file's batch is 4 */
}

static void squeeze_unsqueeze(void) {
    struct model model;
    model_open(&model, "nx3x1x1");
    model_longs(&model, "axes", "2", (const int64_t[]){1, -1});
    model_node(&model, "Squeeze", "x", "a");        /* all of size 1 but the batch */
    model_node(&model, "Unsqueeze", "a axes", "b"); /* n x 1 x 3 x 1 */
    model_node(&model, "Squeeze", "b", "y");
    MODEL_INTS(&model, "axes", 3); /* opset 11 */
    model_expect(&model);
    const struct network *network = &model.network;
    expect_shape(network, network->nodes[0].output, "1x3");
    expect_shape(network, network->nodes[1].output, "1x1x3x1");
    expect_shape(network, network->output, "1x1x3");
    model_close(&model);
}

/* Identity and Dropout leave no node behind, also at the end, and in front of a folded pattern. */
static void identity(void) {
    struct model model;
    model_open(&model, "nx3");
    model_node(&model, "Identity", "x", "a");
    model_node(&model, "Relu", "a", "b");
    model_floats(&model, "ratio", "", NULL);
    model_node(&model, "Dropout", "b ratio", "c mask");
    model_node(&model, "Identity", "c", "y");
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 1);
    CU_ASSERT_EQUAL(model.network.n_tensors, 2);
    model_close(&model);
}

/* A target shape put together from constants, as exporters write it. */
static void shape_constants(void) {
    struct model model;
    model_open(&model, "nx3x5x7");
    model_node(&model, "Constant", "", "batch");
    MODEL_INTS(&model, "value_ints", -1);
    model_node(&model, "Constant", "", "scalar");
    model_int(&model, "value_int", 21);
    model_longs(&model, "axis0", "1", (const int64_t[]){0});
    model_node(&model, "Unsqueeze", "scalar axis0", "channels");
    model_node(&model, "Constant", "", "rest");
    model_tensor(&model, "value", model_longs(&model, "", "1", (const int64_t[]){5}));
    model_node(&model, "Concat", "batch channels rest", "target");
    model_int(&model, "axis", 0);
    model_node(&model, "Reshape", "x target", "y");
    model_node(&model, "Constant", "", "dangling");
    model_float(&model, "value_float", 1);
    model_expect(&model);
    CU_ASSERT_EQUAL(model.network.n_nodes, 1);
    expect_shape(&model.network, model.network.output, "1x21x5");
    model_close(&model);
}

/* ((c + d) * e) transposed, reshaped, all before the first image. */
static void float_constants(void) {
    struct model model;
    model_open(&model, "nx6");
    model_floats(&model, "c", "2x3", NULL);
    model_floats(&model, "d", "3", (const float[]){10, 20, 30});
    model_node(&model, "Constant", "", "e");
    model_tensor(&model, "value", model_floats(&model, "", "2x1", (const float[]){2, 4}));
    model_node(&model, "Add", "c d", "sum");
    model_node(&model, "Mul", "sum e", "product");
    model_node(&model, "Transpose", "product", "turned");
    model_longs(&model, "six", "2", (const int64_t[]){1, 6});
    model_node(&model, "Reshape", "turned six", "row");
    model_node(&model, "Identity", "row", "same");
    model_node(&model, "Add", "x same", "y");
    model_expect(&model);
    const struct tensor *constant = &model.network.tensors[model_last(&model)->inputs[1]];
    CU_ASSERT_PTR_NOT_NULL_FATAL(constant->floats);
    /* sum = 11 22 33 / 14 25 36; product = 22 44 66 / 56 100 144; turned = 22 56 44 100 66 144 */
    static const float by_hand[] = {22, 56, 44, 100, 66, 144};
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(constant->floats[i], by_hand[i]);
    model_close(&model);
}

static const struct test_case cases[] = {
    {"Flatten", flatten},
    {"Reshape", reshape},
    {"Squeeze and Unsqueeze", squeeze_unsqueeze},
    {"Identity and Dropout", identity},
    {"constants that make a shape", shape_constants},
    {"constants of floats", float_constants},
    {NULL, NULL},
};

const struct test_suite suite_onnx_reshape = {"onnx_reshape", cases};
