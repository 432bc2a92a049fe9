/* QDQ models as the float ones they were made from. */
#include "tests/support/onnx_builder.h"
#include "tests/test.h"

enum { INT8 = 3, INT32 = 6 };

static void weights(struct model *model, int n) {
    char name[8], nodes[32];
    (void)snprintf(name, sizeof name, "q%d", n);
    model_codes(model, name, INT8, "2x2", (const int[]){1, -2, 127, 5});
    (void)snprintf(name, sizeof name, "s%d", n);
    model_floats(model, name, "2", (const float[]){0.5F, 0.25F});
    (void)snprintf(nodes, sizeof nodes, "q%d s%d", n, n);
    (void)snprintf(name, sizeof name, "w%d", n);
    model_node(model, "DequantizeLinear", nodes, name);
    model_int(model, "axis", 0);
}

static void import_float(struct model *model) {
    network_free(&model->network);
    ASSERT_OK(network_import_as(model_write(model, "model.onnx"), NETWORK_AS_FLOAT, &model->network,
                                &model->diag),
              model->diag);
}

/* x -> Gemm (range from 0: a Relu was folded in) -> Gemm (range around 0) -> Relu -> y */
static void relu_comes_back(void) {
    static const enum op expected[] = {OP_GEMM, OP_RELU, OP_GEMM, OP_RELU};
    struct model model;
    model_open(&model, "nx2");
    model_quantize(&model, "x", "xd", 0.125F, 0);
    weights(&model, 0);
    model_codes(&model, "bq", INT32, "2", (const int[]){10, -7});
    model_floats(&model, "bs", "2", (const float[]){0.0625F, 0.03125F});
    model_node(&model, "DequantizeLinear", "bq bs", "b");
    model_int(&model, "axis", 0);
    model_node(&model, "Gemm", "xd w0 b", "t");
    model_int(&model, "transB", 1);
    model_quantize(&model, "t", "td", 0.5F, 0);
    weights(&model, 1);
    model_node(&model, "Gemm", "td w1", "u");
    model_int(&model, "transB", 1);
    model_quantize(&model, "u", "ud", 0.5F, 100);
    model_node(&model, "Relu", "ud", "v");
    model_quantize(&model, "v", "y", 0.5F, 0);
    import_float(&model);
    const struct network *network = &model.network;
    CU_ASSERT_FALSE(network->quantised);
    CU_ASSERT_EQUAL_FATAL(network->n_nodes, 4);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(network->nodes[i].op, expected[i]);
    CU_ASSERT_EQUAL_FATAL(network->n_linear, 2);
    const float *w = network->linear[0].weights, *b = network->linear[0].bias;
    CU_ASSERT(w[0] == 0.5F && w[1] == -1 && w[2] == 31.75F && w[3] == 1.25F);
    CU_ASSERT(b[0] == 0.625F && b[1] == -0.21875F);
    CU_ASSERT_EQUAL(network->linear[1].weights[2], 31.75F);
    model_close(&model);
}

/* A quantiser whose range starts at 0 gets no Relu where nothing negative can come. */
static void no_relu_needed(void) {
    static const char *const carriers[] = {"Relu", "Sigmoid", "Softmax"};
    for (int i = 0; i < 3; i++) {
        struct model model;
        model_open(&model, "nx2");
        model_quantize(&model, "x", "xd", 0.125F, 0);
        weights(&model, 0);
        model_node(&model, "Gemm", "xd w0", "t");
        model_int(&model, "transB", 1);
        model_node(&model, carriers[i], "t", "u");
        model_node(&model, "Flatten", "u", "v");
        model_quantize(&model, "v", "vd", 0.5F, 0);
        weights(&model, 1);
        model_node(&model, "Gemm", "vd w1", "y");
        model_int(&model, "transB", 1);
        import_float(&model);
        CU_ASSERT_EQUAL(model.network.n_nodes, 4); /* Gemm, carrier, Flatten, Gemm */
        model_close(&model);
    }
}

/* A float model is what it was. */
static void float_model(void) {
    struct model model;
    model_open(&model, "nx2");
    model_floats(&model, "w", "2x2", NULL);
    model_node(&model, "Gemm", "x w", "y");
    import_float(&model);
    CU_ASSERT(model.network.n_nodes == 1 && model.network.linear[0].weights[1] == 3);
    model_close(&model);
}

static const struct test_case cases[] = {
    {"a folded Relu comes back", relu_comes_back},
    {"no Relu needed", no_relu_needed},
    {"a float model", float_model},
    {NULL, NULL},
};

const struct test_suite suite_dequantise = {"dequantise", cases};
