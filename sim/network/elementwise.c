#include <math.h>

#include "sim/network/import.h"

/* Relu, LeakyRelu, Sigmoid, Tanh: the row of the table says which. */
enum status import_unary(struct importer *importer) {
    int x;
    TRY(input_float_activation(importer, 0, &x));
    struct node node = {.op = importer->current->row->op};
    if (node.op == OP_LEAKY_RELU)
        TRY(attribute_float(importer, "alpha", 0.01F, &node.alpha));
    struct shape shape = tensor_shape(&importer->graph.tensors[x]);
    return output_node(importer, &node, &x, 1, &shape, NULL);
}

/* A bound of Clip: an attribute up to opset 10, then an input. */
static enum status read_bound(struct importer *importer, int index, const char *name,
                              float fallback, float *bound) {
    if (!input_present(importer, index))
        return attribute_float(importer, name, fallback, bound);
    const float *value;
    TRY(input_floats(importer, index, 1, &value));
    *bound = *value;
    return STATUS_OK;
}

enum status import_clip(struct importer *importer) {
    int x;
    struct node node = {.op = OP_CLIP};
    TRY(input_float_activation(importer, 0, &x));
    TRY(read_bound(importer, 1, "min", -INFINITY, &node.low));
    TRY(read_bound(importer, 2, "max", INFINITY, &node.high));
    if (!(node.low <= node.high))
        return IMPORT_FAIL(importer, "its bounds %g..%g are no interval: export the model again",
                           (double)node.low, (double)node.high);
    struct shape shape = tensor_shape(&importer->graph.tensors[x]);
    return output_node(importer, &node, &x, 1, &shape, NULL);
}

/* Up to opset 12, Softmax ran over all dimensions from the axis on: the same where those behind the
 * axis have size 1. */
enum status import_softmax(struct importer *importer) {
    int x;
    int64_t axis;
    struct node node = {.op = OP_SOFTMAX};
    TRY(input_float_activation(importer, 0, &x));
    TRY(attribute_int(importer, "axis", importer->opset < 13 ? 1 : -1, &axis));
    struct shape shape = tensor_shape(&importer->graph.tensors[x]);
    node.axis = shape_axis(axis, shape.rank);
    if (node.axis < 1)
        return IMPORT_FAIL(importer,
                           "axis %lld is not one behind the batch: export the model "
                           "again",
                           (long long)axis);
    for (int d = node.axis + 1; importer->opset < 13 && d < shape.rank; d++)
        if (shape.dims[d] != 1)
            return IMPORT_FAIL(importer, "softmax over several dimensions: export with opset 13 "
                                         "or later");
    return output_node(importer, &node, &x, 1, &shape, NULL);
}

static enum status import_binary(struct importer *importer, enum op op) {
    int inputs[2];
    struct shape shapes[2], out;
    for (int i = 0; i < 2; i++) {
        TRY(input_tensor(importer, i, &inputs[i]));
        shapes[i] = tensor_shape(&importer->graph.tensors[inputs[i]]);
    }
    const char *problem = shape_broadcast(&shapes[0], &shapes[1], &out);
    if (problem != NULL)
        return IMPORT_FAIL(importer, "%s: export the model again", problem);
    /* Both batches must meet, and a constant must not add dimensions before the batch. */
    for (int i = 0; i < 2; i++)
        if (shapes[i].rank < out.rank && !input_is_constant(importer, i))
            return IMPORT_FAIL(importer,
                               "its inputs have %d and %d dimensions, so that the batch "
                               "meets another one: reshape them alike",
                               shapes[0].rank, shapes[1].rank);
    struct node node = {.op = op};
    return output_node(importer, &node, inputs, 2, &out, NULL);
}

enum status import_add(struct importer *importer) {
    bool folded = false;
    for (int i = 0; i < 2 && !folded; i++)
        if (input_is_constant(importer, i))
            TRY(fold_bias(importer, i, &folded));
    return folded ? STATUS_OK : import_binary(importer, OP_ADD);
}

enum status import_mul(struct importer *importer) {
    return import_binary(importer, OP_MUL);
}
