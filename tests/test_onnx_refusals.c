/* ONNX import: every refusal of a graph, with the words that say where and what to do. */
#include "tests/support/onnx_builder.h"
#include "tests/test.h"

/* One node from x and whatever constants it names: "f" one float, "l" = {1}, "w" 2x3 floats. */
struct refusal {
    const char *input; /* shape */
    const char *op, *inputs, *message;
    const char *attribute; /* an integer, or NULL */
    int64_t value;
};

static const struct refusal refusals[] = {
    {"nx3", "LSTM", "x", "node 'LSTM_0' (LSTM): mho does not know this operator", NULL, 0},
    {"nx3", "Relu", "x x", "has 2 inputs, not 1 to 1", NULL, 0},
    {"nx3", "Relu", "nothing", "input 'nothing' is defined nowhere", NULL, 0},
    {"nx3", "Add", "x -", "has 1 inputs, not 2 to 2", NULL, 0},
    {"nx3", "Add", "- x", "input 0 is left out", NULL, 0},
    {"nx3", "Add", "x w", "mixes the batch", NULL, 0},
    {"nx2x4", "Add", "x w", "cannot be broadcast", NULL, 0},
    {"nx3", "Add", "x l", "integers where floats belong", NULL, 0},
    {"nx3", "Relu", "w", "all inputs are constants", NULL, 0},
    {"nx3", "Sigmoid", "y", "needs its own output (a cycle)", NULL, 0},
    {"nx3", "Gemm", "x w", "do not fit an input of 3 values", NULL, 0},
    {"nx3", "Gemm", "x x", "input 1 must be a constant, and it is computed", NULL, 0},
    {"nx3", "Gemm", "x w", "without transA", "transA", 1},
    {"nx4x3", "Gemm", "x w", "(batch, values) input", "transB", 1},
    {"nx3", "MatMul", "x x", "both inputs are computed", NULL, 0},
    {"nx3", "MatMul", "w x", "input 0 is a constant", NULL, 0},
    {"nx3", "Conv", "x w", "too few for a convolution", NULL, 0},
    {"nx3x8", "Conv", "x w", "its weights do not fit its input", NULL, 0},
    {"nx3x8", "Conv", "x k", "2 filters of 3 channels, 3 groups", "group", 3},
    {"nx3x8", "Conv", "x k", "do not fit an input of 3 channels", "group", 0},
    {"nx3x8", "Conv", "x k", "window is larger than its padded input", NULL, 0},
    {"nx3x8x8", "Flatten", "x", "would flatten the batch away", "axis", 0},
    {"nx3x8x8", "Flatten", "x", "moves other dimensions into the batch", "axis", 2},
    {"nx3", "Flatten", "x", "would flatten the batch away", "axis", 9},
    {"nx3", "Reshape", "x", "it has no target shape", NULL, 0},
    {"nx3", "Reshape", "x l", "does not hold as many values", NULL, 0},
    {"nx3", "Reshape", "x f", "is not a list of int64", NULL, 0},
    {"nx3x4", "Squeeze", "x l", "dimension 1 has size 3", NULL, 0},
    {"nx3x4", "Squeeze", "x nine", "axis 9 is not valid here", NULL, 0},
    {"nx3x4", "Squeeze", "x zero", "squeezes the batch away", NULL, 0},
    {"nx3x4", "Unsqueeze", "x zero", "puts a dimension before the batch", NULL, 0},
    {"nx3x4", "Transpose", "x", "it moves the batch", NULL, 0},
    {"nx3x4", "Concat", "x x", "not one behind the batch", "axis", 0},
    {"nx3x4", "Concat", "x x", "not one behind the batch", "axis", 3},
    {"nx3x4", "Concat", "x w", "input 1 is a constant", NULL, 0},
    {"nx3x4", "Softmax", "x", "not one behind the batch", "axis", 0},
    {"nx3x4", "Pad", "x", "0 pads for 3 dimensions", NULL, 0},
    {"nx3x4x4", "MaxPool", "x", "'kernel_shape' is missing", NULL, 0},
    {"nx3", "GlobalAveragePool", "x", "its input has 2 dimensions", NULL, 0},
    {"nx3", "BatchNormalization", "x f f f f", "holds 1 values, not 3", NULL, 0},
    {"nx3", "QuantizeLinear", "x w", "holds 6 values, not 1", NULL, 0},
    {"nx3", "QuantizeLinear", "x minus", "its scale -1 is not a positive number", NULL, 0},
    {"nx3", "QuantizeLinear", "x f l", "not one int8 or uint8 value", NULL, 0},
    {"nx3", "QuantizeLinear", "x f", "output 'y' is quantised", NULL, 0},
    {"nx3", "DequantizeLinear", "x f", "its input is not quantised", NULL, 0},
    {"nx3", "Clip", "x f minus", "are no interval", NULL, 0},
};

static void constants(struct model *model) {
    model_floats(model, "f", "", NULL);
    model_floats(model, "minus", "", (const float[]){-1});
    model_longs(model, "l", "1", NULL);
    model_longs(model, "nine", "1", (const int64_t[]){9});
    model_longs(model, "zero", "1", (const int64_t[]){0});
    model_floats(model, "w", "2x3", NULL);
    model_floats(model, "k", "2x3x9", NULL);
}

static void single_nodes(void) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct model model;
        model_open(&model, refusals[i].input);
        constants(&model);
        model_node(&model, refusals[i].op, refusals[i].inputs, "y");
        if (refusals[i].attribute != NULL)
            model_int(&model, refusals[i].attribute, refusals[i].value);
        model_refuse(&model, refusals[i].message);
        model_close(&model);
    }
}

/* A window of 1-D MaxPool whose attributes are wrong in one way each. */
static void windows(void) {
    static const struct {
        const char *name;
        int64_t values[3];
        const char *message;
    } rows[] = {
        {"kernel_shape", {2, 2, INT64_MIN}, "has 2 values, not 1"},
        {"kernel_shape", {0, INT64_MIN}, "must be positive"},
        {"kernel_shape", {INT64_MAX, INT64_MIN}, "must be positive"},
        {"strides", {-1, INT64_MIN}, "must be positive"},
        {"dilations", {1 << 20, INT64_MIN}, "larger than its padded input"},
        {"pads", {1, INT64_MIN}, "'pads' has 1 values, not 2"},
        {"pads", {-1, 0, INT64_MIN}, "pads must not be negative"},
        {"pads", {3, 0, INT64_MIN}, "pads are as large as its window"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model model;
        model_open(&model, "nx3x8");
        model_node(&model, "MaxPool", "x", "y");
        model_ints(&model, rows[i].name, rows[i].values);
        MODEL_INTS(&model, "kernel_shape", 3); /* the first of a name counts */
        model_refuse(&model, rows[i].message);
        model_close(&model);
    }
}

static void attributes(void) {
    struct model model;
    model_open(&model, "nx3x8");
    model_node(&model, "LeakyRelu", "x", "y");
    model_int(&model, "alpha", 1);
    model_refuse(&model, "attribute 'alpha' has the wrong type");
    model_close(&model);

    model_open(&model, "nx3x8");
    model_node(&model, "MaxPool", "x", "y");
    MODEL_INTS(&model, "kernel_shape", 3);
    model_string(&model, "auto_pad", "SAME\nAGAIN");
    model_refuse(&model, "auto_pad 'SAME?AGAIN' is unknown");
    model_close(&model);

    model_open(&model, "nx3x8");
    model_node(&model, "Pad", "x", "y");
    model_string(&model, "mode", "reflect");
    model_refuse(&model, "mode 'reflect'");
    model_close(&model);

    model_open(&model, "nx3x8");
    model_node(&model, "Transpose", "x", "y");
    MODEL_INTS(&model, "perm", 0, 2, 2);
    model_refuse(&model, "perm is no permutation");
    model_close(&model);

    model_open(&model, "nx3x8");
    model_longs(&model, "pads", "6", (const int64_t[]){0, 0, -2, 0, 0, 0});
    model_node(&model, "Pad", "x pads", "y");
    model_refuse(&model, "pad -2 is negative");
    model_close(&model);

    model_open(&model, "nx3x8");
    model_node(&model, "Constant", "", "c");
    model_string(&model, "value_string", "text");
    model_node(&model, "Add", "x c", "y");
    model_refuse(&model, "is not a tensor, a number or a list");
    model_close(&model);
}

static void inputs_and_outputs(void) {
    static const struct {
        const char *shape, *message;
    } rows[] = {
        {"nx3xheightx4", "no fixed size in dimension 2: only the batch may be dynamic"},
        {"nx3x0", "no fixed size in dimension 2"},
        {"nx-3", "no fixed size in dimension 1"},
        {"n", "has 1 dimensions: mho takes 2 to 6"},
        {"1x1x1x1x1x1x1", "has 7 dimensions"},
        {"nx100000x100000", "larger than mho handles"},
        {"nx9223372036854775807x9223372036854775807", "larger than mho handles"},
    };
    struct model model;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        model_open(&model, rows[i].shape);
        model_node(&model, "Relu", "x", "y");
        model_refuse(&model, rows[i].message);
        model_close(&model);
    }
    model_open(&model, "nx3");
    model_node(&model, "Relu", "x", "y");
    model.inputs[0]->type->tensor_type->elem_type = 2;
    model_refuse(&model, "input 'x' is not float32");
    model.inputs[0]->type = NULL;
    model_refuse(&model, "input 'x' has no shape");
    model_close(&model);

    model_open(&model, NULL);
    model_node(&model, "Relu", "x", "y");
    model_refuse(&model, "the graph has 0 inputs");
    model_input(&model, "x", "nx3");
    model_input(&model, "z", "nx3");
    model_refuse(&model, "the graph has 2 inputs");
    model.graph.n_input = 1;
    model_expect(&model);
    model_output(&model, "z");
    model_refuse(&model, "the graph has 2 outputs");
    model.graph.n_output = 1;
    model.outputs[0]->name = "missing";
    model_refuse(&model, "output 'missing' is computed by no node");
    model.outputs[0]->name = "x";
    model_refuse(&model, "the output is the input itself");
    model_close(&model);
}

static void graphs(void) {
    struct model model;
    model_open(&model, "nx3");
    model_node(&model, "Relu", "x", "y");
    model_node(&model, "Tanh", "x", "y");
    model_refuse(&model, "tensor 'y' is defined twice");
    model.graph.n_node = 1;
    model.nodes[0]->domain = "com.example";
    model_refuse(&model, "mho does not know this operator");
    model.nodes[0]->domain = "";
    model.nodes[0]->n_output = 0;
    model_refuse(&model, "the node has no output");
    model.nodes[0]->n_output = 1;
    model.opset.version = 6;
    model_refuse(&model, "operator set 6 is not one of 7..21");
    model.opset.version = 17;
    model.graph.n_node = 0;
    model_refuse(&model, "holds no graph");
    model_close(&model);

    model_open(&model, "nx3"); /* a ring of two, with a name that would break the line */
    model_node(&model, "Add", "x b", "a");
    model.node->name = "first\nline";
    model_node(&model, "Relu", "a", "b");
    model_node(&model, "Relu", "b", "y");
    model_refuse(&model, "node 'first?line' (Add): the node needs its own output");
    model_close(&model);

    model_open(&model, "nx3x4x4");
    model_node(&model, "MaxPool", "x", "p indices");
    MODEL_INTS(&model, "kernel_shape", 2, 2);
    model_node(&model, "Relu", "indices", "y");
    model_refuse(&model, "reads a further output");
    model_close(&model);

    model_open(&model, "nx3");
    model_floats(&model, "y2", "3", NULL);
    model_node(&model, "Relu", "x", "y");
    model.outputs[0]->name = "y2";
    model_refuse(&model, "does not depend on the input");
    model_close(&model);
}

static const struct test_case cases[] = {
    {"single nodes", single_nodes},
    {"windows", windows},
    {"attributes", attributes},
    {"inputs and outputs", inputs_and_outputs},
    {"graphs", graphs},
    {NULL, NULL},
};

const struct test_suite suite_onnx_refusals = {"onnx_refusals", cases};
