#include "sim/network/import.h"

static int root_of(const struct importer *importer, int value) {
    while (importer->values[value].alias >= 0)
        value = importer->values[value].alias;
    return value;
}

bool input_present(const struct importer *importer, int index) {
    return index < importer->current->n_inputs && importer->current->inputs[index] >= 0;
}

/* The value behind input `index`, which must be present. */
static struct value *input_value(const struct importer *importer, int index) {
    return &importer->values[root_of(importer, importer->current->inputs[index])];
}

bool input_is_constant(const struct importer *importer, int index) {
    if (!input_present(importer, index))
        return false;
    const struct value *value = input_value(importer, index);
    return value->initializer != NULL || value->constant != NULL;
}

enum status input_constant(struct importer *importer, int index, struct constant **constant) {
    if (!input_is_constant(importer, index))
        return IMPORT_FAIL(importer,
                           "input %d must be a constant, and it is %s: export with "
                           "constant folding",
                           index, input_present(importer, index) ? "computed" : "left out");
    struct value *value = input_value(importer, index);
    if (value->constant == NULL)
        TRY(constant_decode(importer, value->initializer, &value->constant));
    *constant = value->constant;
    return STATUS_OK;
}

enum status input_floats(struct importer *importer, int index, size_t count, const float **floats) {
    struct constant *constant;
    TRY(input_constant(importer, index, &constant));
    if (count > 0 && constant->count != count)
        return IMPORT_FAIL(importer, "input %d holds %zu values, not %zu: export the model again",
                           index, constant->count, count);
    return constant_floats(importer, constant, floats);
}

enum status input_activation(struct importer *importer, int index, int *tensor) {
    if (input_is_constant(importer, index))
        return IMPORT_FAIL(importer,
                           "input %d is a constant where a computed tensor belongs: "
                           "export with constant folding",
                           index);
    *tensor = input_value(importer, index)->tensor;
    return STATUS_OK;
}

enum status input_float_activation(struct importer *importer, int index, int *tensor) {
    TRY(input_activation(importer, index, tensor));
    if (importer->graph.tensors[*tensor].type != TENSOR_FLOAT)
        return IMPORT_FAIL(importer,
                           "input %d is quantised where floats belong: put a "
                           "DequantizeLinear before the node (QDQ form)",
                           index);
    return STATUS_OK;
}

enum status input_tensor(struct importer *importer, int index, int *tensor) {
    if (!input_is_constant(importer, index))
        return input_float_activation(importer, index, tensor);
    struct constant *constant;
    const float *floats;
    TRY(input_constant(importer, index, &constant));
    TRY(constant_floats(importer, constant, &floats));
    struct value *value = input_value(importer, index);
    if (value->tensor < 0) {
        struct tensor fresh = {.name = import_printable(importer, value->name),
                               .type = TENSOR_FLOAT,
                               .rank = constant->shape.rank,
                               .count = constant->count,
                               .floats = floats};
        for (int d = 0; d < fresh.rank; d++)
            fresh.shape[d] = constant->shape.dims[d];
        value->tensor = fresh.name == NULL ? -1 : graph_add_tensor(&importer->graph, &fresh);
        if (value->tensor < 0)
            return IMPORT_MEMORY(importer);
    }
    *tensor = value->tensor;
    return STATUS_OK;
}

bool input_is_sole_use(const struct importer *importer, int index) {
    return input_value(importer, index)->uses == 1;
}

/* A tensor like `like` in type and quantisation but of its own shape. */
static enum status new_tensor(struct importer *importer, const char *name,
                              const struct shape *shape, const struct tensor *like, int *index) {
    struct tensor tensor = {.name = name, .rank = shape->rank, .count = shape_count(shape)};
    if (tensor.count == 0)
        return IMPORT_FAIL(importer, "its output has a dimension of 0 or is larger than mho "
                                     "handles: use a smaller network");
    if (shape->dims[0] != 1)
        return IMPORT_FAIL(importer, "its output mixes the batch with other dimensions: keep the "
                                     "batch as dimension 0");
    tensor.type = like == NULL ? TENSOR_FLOAT : like->type;
    if (like != NULL)
        tensor.quant = like->quant;
    for (int d = 0; d < shape->rank; d++)
        tensor.shape[d] = shape->dims[d];
    *index = name == NULL ? -1 : graph_add_tensor(&importer->graph, &tensor);
    return *index < 0 ? IMPORT_MEMORY(importer) : STATUS_OK;
}

static enum status add_node(struct importer *importer, const struct node *draft, const int *inputs,
                            int n, int tensor) {
    struct node node = *draft;
    node.name = importer->current->label;
    node.output = tensor;
    if (node.op != OP_CONV && node.op != OP_GEMM)
        node.matrix = -1;
    return graph_add_node(&importer->graph, &node, inputs, n) < 0 ? IMPORT_MEMORY(importer)
                                                                  : STATUS_OK;
}

enum status output_hidden(struct importer *importer, const struct node *draft, const int *inputs,
                          int n, const struct shape *shape, int *tensor) {
    TRY(new_tensor(importer, importer->current->label, shape, NULL, tensor));
    return add_node(importer, draft, inputs, n, *tensor);
}

enum status output_node(struct importer *importer, const struct node *draft, const int *inputs,
                        int n, const struct shape *shape, const struct tensor *like) {
    struct value *value = &importer->values[importer->current->output];
    struct tensor type = like == NULL ? (struct tensor){0} : *like;
    int tensor = -1;
    TRY(new_tensor(importer, import_printable(importer, value->name), shape, &type, &tensor));
    value->tensor = tensor;
    return add_node(importer, draft, inputs, n, tensor);
}

void output_tensor(struct importer *importer, int tensor) {
    importer->values[importer->current->output].tensor = tensor;
}

void output_constant(struct importer *importer, struct constant *constant) {
    importer->values[importer->current->output].constant = constant;
}

void output_alias(struct importer *importer, int index) {
    int root = root_of(importer, importer->current->inputs[index]);
    struct value *output = &importer->values[importer->current->output];
    importer->values[root].uses += output->uses - 1;
    output->alias = root;
}
