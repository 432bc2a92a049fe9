/* ONNX import: QDQ patterns that mho cannot map to integers, and what it says about them. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/onnx_builder.h"
#include "tests/test.h"

enum { UINT8 = 2, INT8 = 3, INT32 = 6 };

/* x quantised -> MatMul with dequantised wq (3x2) -> quantised. */
static void product_open(struct model *model) {
    model_open(model, "nx3");
    model_quantize(model, "x", "xd", 0.125F, 3);
    model_codes(model, "wq", INT8, "3x2", NULL);
    model_floats(model, "ws", "", (const float[]){0.5F});
    model_codes(model, "wz", INT8, "", (const int[]){0});
    model_node(model, "DequantizeLinear", "wq ws wz", "w");
    model_node(model, "MatMul", "xd w", "t");
    model_quantize(model, "t", "y", 0.5F, 0);
}

static Onnx__TensorProto *constant_named(struct model *model, const char *name) {
    for (size_t i = 0; i < model->graph.n_initializer; i++)
        if (strcmp(model->constants[i]->name, name) == 0)
            return model->constants[i];
    CU_FAIL_FATAL("no such constant");
    return NULL;
}

static void weights(void) {
    struct model model;
    product_open(&model);
    model_expect(&model);
    constant_named(&model, "wz")->int32_data[0] = 1;
    model_refuse(&model, "node 'MatMul_3' (MatMul): its weights have a zero point other than 0");
    constant_named(&model, "wz")->int32_data[0] = 0;
    constant_named(&model, "wq")->int32_data[4] = -128;
    model_refuse(&model, "a weight is -128");
    constant_named(&model, "wq")->int32_data[4] = 128;
    model_refuse(&model, "tensor 'wq' holds 128, which its type cannot");
    constant_named(&model, "wq")->int32_data[4] = 1;
    constant_named(&model, "wq")->data_type = UINT8;
    constant_named(&model, "wz")->data_type = UINT8;
    model_refuse(&model, "its quantised weights are not int8");
    constant_named(&model, "wz")->data_type = INT8;
    model_refuse(&model, "its zero points do not fit its input");
    model_close(&model);
}

static void scales(void) {
    struct model model;
    product_open(&model);
    Onnx__TensorProto *ws = constant_named(&model, "ws");
    ws->float_data[0] = 0;
    model_refuse(&model, "scale 0 is 0, not a positive number");
    ws->float_data[0] = -0.5F;
    model_refuse(&model, "scale 0 is -0.5");
    ws->float_data = (float[]){1, 2, 3};
    ws->n_float_data = 3;
    ws->n_dims = 1;
    ws->dims = (int64_t[]){3};
    model_refuse(&model, "its scales do not fit its input along axis 1");
    model.node = model.nodes[2]; /* the weights' DequantizeLinear */
    model_int(&model, "axis", 0);
    constant_named(&model, "wz")->n_dims = 1;
    constant_named(&model, "wz")->dims = (int64_t[]){3};
    constant_named(&model, "wz")->int32_data = (int32_t[]){0, 0, 0};
    constant_named(&model, "wz")->n_int32_data = 3;
    model_refuse(&model, "one scale per input channel");
    model_close(&model);
}

static void partly_quantised(void) {
    struct model model;
    product_open(&model);
    model.nodes[3]->input[0] = "x"; /* the product reads the float input */
    model_refuse(&model, "its input is not quantised though the model is");
    model.nodes[3]->input[0] = "xd";
    model_floats(&model, "wf", "3x2", NULL);
    model.nodes[3]->input[1] = "wf";
    model_refuse(&model, "its weights are not quantised though the model is");
    model_close(&model);

    model_open(&model, "nx3"); /* weights only */
    model_codes(&model, "wq", INT8, "3x2", NULL);
    model_floats(&model, "ws", "", NULL);
    model_node(&model, "DequantizeLinear", "wq ws", "w");
    model_node(&model, "MatMul", "x w", "y");
    model_refuse(&model, "its weights are quantised but no activation is");
    model_close(&model);
}

static void activations(void) {
    struct model model;
    model_open(&model, "nx3");
    model_quantize(&model, "x", "y", 0.5F, 3);
    constant_named(&model, "y_s")->float_data[0] = 0.5F;
    model_floats(&model, "other", "", (const float[]){0.25F});
    model.nodes[1]->input[1] = "other";
    model_refuse(&model, "differs from the QuantizeLinear before it");
    model.nodes[1]->input[1] = "y_s";
    model_node(&model, "Sigmoid", "y_q", "z");
    model.outputs[0]->name = "z";
    model_refuse(&model, "input 0 is quantised where floats belong");
    model_close(&model);
}

static void sums(void) {
    struct model model;
    product_open(&model);
    model_floats(&model, "b", "2", (const float[]){0, 3e8F});
    model_node(&model, "Add", "t b", "u");
    for (size_t i = 4; i < 6; i++) /* the pair at the end reads it */
        if (strcmp(model.nodes[i]->op_type, "QuantizeLinear") == 0)
            model.nodes[i]->input[0] = "u";
    model_refuse(&model, "the bias of filter 1 is too large for its scale");
    constant_named(&model, "b")->float_data[1] = 1.342177e8F; /* 2147483200 units of 1/16 */
    model_refuse(&model, "the sum of filter 1 may not fit 32 bits");
    model_close(&model);

    product_open(&model);
    model.nodes[3]->op_type = "Gemm";
    model.node = model.nodes[3];
    model_float(&model, "alpha", -1);
    model_refuse(&model, "alpha must be positive in a quantised Gemm");
    model_close(&model);
}

static const struct test_case cases[] = {
    {"weights", weights},
    {"scales", scales},
    {"models quantised in part", partly_quantised},
    {"activations", activations},
    {"sums that do not fit", sums},
    {NULL, NULL},
};

const struct test_suite suite_onnx_qdq_refusals = {"onnx_qdq_refusals", cases};
