#include "sim/network/import.h"

enum status transpose_perm(struct importer *importer, int rank, int perm[NETWORK_MAX_RANK]) {
    const int64_t *values;
    size_t n;
    bool seen[NETWORK_MAX_RANK] = {false};
    TRY(attribute_ints(importer, "perm", &values, &n));
    if (n != 0 && n != (size_t)rank)
        return IMPORT_FAIL(importer,
                           "perm has %zu values for %d dimensions: export the model "
                           "again",
                           n, rank);
    for (int d = 0; d < rank; d++) {
        int64_t from = n == 0 ? rank - 1 - d : values[d];
        if (from < 0 || from >= rank || seen[from])
            return IMPORT_FAIL(importer, "perm is no permutation: export the model again");
        seen[from] = true;
        perm[d] = (int)from;
    }
    return STATUS_OK;
}

enum status import_transpose(struct importer *importer) {
    int x;
    struct node node = {.op = OP_TRANSPOSE};
    TRY(input_activation(importer, 0, &x));
    struct shape in = tensor_shape(&importer->graph.tensors[x]), out = in;
    TRY(transpose_perm(importer, in.rank, node.perm));
    if (node.perm[0] != 0)
        return IMPORT_FAIL(importer, "it moves the batch: keep the batch as dimension 0");
    for (int d = 0; d < in.rank; d++)
        out.dims[d] = in.dims[node.perm[d]];
    return output_node(importer, &node, &x, 1, &out, &importer->graph.tensors[x]);
}

static enum status concat_input(struct importer *importer, int index, int axis, int *tensor,
                                struct shape *out) {
    TRY(input_float_activation(importer, index, tensor));
    struct shape shape = tensor_shape(&importer->graph.tensors[*tensor]);
    if (index == 0) {
        *out = shape;
        return STATUS_OK;
    }
    bool fits = shape.rank == out->rank;
    for (int d = 0; fits && d < shape.rank; d++)
        fits = d == axis || shape.dims[d] == out->dims[d];
    if (!fits)
        return IMPORT_FAIL(importer, "input %d does not fit the others: export the model again",
                           index);
    if (shape.dims[axis] > SHAPE_MAX_COUNT - out->dims[axis])
        return IMPORT_FAIL(importer, "its output is larger than mho handles: use a smaller "
                                     "network");
    out->dims[axis] += shape.dims[axis];
    return STATUS_OK;
}

enum status import_concat(struct importer *importer) {
    int n = importer->current->n_inputs;
    int64_t given;
    int *inputs = ARENA_NEW(&importer->scratch, n, int);
    struct shape out = {0};
    struct node node = {.op = OP_CONCAT};
    if (inputs == NULL)
        return IMPORT_MEMORY(importer);
    TRY(attribute_int(importer, "axis", 1, &given));
    for (int i = 0; i < n; i++) {
        if (!input_present(importer, i))
            return IMPORT_FAIL(importer, "input %d is left out: export the model again", i);
        if (i == 0) {
            TRY(input_float_activation(importer, 0, &inputs[0]));
            node.axis = shape_axis(given, importer->graph.tensors[inputs[0]].rank);
        }
        if (node.axis < 1)
            return IMPORT_FAIL(importer,
                               "axis %lld is not one behind the batch: export the model "
                               "again",
                               (long long)given);
        TRY(concat_input(importer, i, node.axis, &inputs[i], &out));
    }
    return output_node(importer, &node, inputs, n, &out, NULL);
}

/* One pad; `i` counts the beginnings of all dimensions, then the ends. */
static enum status set_pad(struct importer *importer, int64_t pad, int i, int rank,
                           struct node *node, struct shape *out) {
    int d = i % rank;
    if (pad < 0 || pad > SHAPE_MAX_COUNT - out->dims[d])
        return IMPORT_FAIL(importer, "pad %lld is negative or too large: mho only adds values",
                           (long long)pad);
    if (d == 0 && pad != 0)
        return IMPORT_FAIL(importer, "it pads the batch: keep the batch as it is");
    node->pads[i] = (int)pad;
    out->dims[d] += (int)pad;
    return STATUS_OK;
}

/* Pads of all dimensions, or of those that input `axes` (opset 18) names. */
static enum status read_pads(struct importer *importer, int rank, struct node *node,
                             struct shape *out) {
    const int64_t *pads, *axes = NULL;
    size_t n, n_axes = (size_t)rank;
    TRY(attribute_or_input(importer, "pads", 1, &pads, &n));
    if (input_present(importer, 3))
        TRY(attribute_or_input(importer, "axes", 3, &axes, &n_axes));
    if (n_axes > (size_t)rank || n != 2 * n_axes)
        return IMPORT_FAIL(importer, "it has %zu pads for %zu dimensions: export the model again",
                           n, n_axes);
    for (size_t i = 0; i < n; i++) {
        size_t k = i % n_axes;
        int axis = axes == NULL ? (int)k : shape_axis(axes[k], rank);
        if (axis < 0)
            return IMPORT_FAIL(importer, "axis %lld is not valid here: export the model again",
                               (long long)axes[k]);
        TRY(set_pad(importer, pads[i], i < n_axes ? axis : axis + rank, rank, node, out));
    }
    return STATUS_OK;
}

enum status import_pad(struct importer *importer) {
    int x;
    char mode[32];
    struct node node = {.op = OP_PAD};
    TRY(input_float_activation(importer, 0, &x));
    TRY(attribute_string(importer, "mode", mode));
    if (mode[0] != '\0' && mode[0] != 'c')
        return IMPORT_FAIL(importer, "mode '%s': mho pads with a constant only, export so", mode);
    struct shape out = tensor_shape(&importer->graph.tensors[x]);
    TRY(read_pads(importer, out.rank, &node, &out));
    if (input_present(importer, 2)) {
        const float *value;
        TRY(input_floats(importer, 2, 1, &value));
        node.value = *value;
    } else {
        TRY(attribute_float(importer, "value", 0, &node.value));
    }
    return output_node(importer, &node, &x, 1, &out, NULL);
}
