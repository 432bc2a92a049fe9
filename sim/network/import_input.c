#include <limits.h>

#include "sim/network/import.h"

/* Size of dimension `d`, or 0 when it is symbolic or missing. */
static int64_t dimension(const Onnx__TensorShapeProto *shape, int d) {
    const Onnx__TensorShapeProto__Dimension *dim = shape->dim[d];
    bool fixed = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    return fixed ? dim->dim_value : 0;
}

static enum status read_shape(struct importer *importer, const Onnx__ValueInfoProto *info,
                              const char *name, struct shape *shape) {
    bool typed = info->type != NULL &&
                 info->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE &&
                 info->type->tensor_type != NULL && info->type->tensor_type->shape != NULL;
    if (!typed)
        return IMPORT_FAIL(importer, "input '%s' has no shape: export with a fixed input shape",
                           name);
    if (info->type->tensor_type->elem_type != ELEMENT_FLOAT)
        return IMPORT_FAIL(importer,
                           "input '%s' is not float32: export the model with a float32 "
                           "input",
                           name);
    const Onnx__TensorShapeProto *dims = info->type->tensor_type->shape;
    if (dims->n_dim < 2 || dims->n_dim > NETWORK_MAX_RANK)
        return IMPORT_FAIL(importer,
                           "input '%s' has %zu dimensions: mho takes 2 to %d, the batch "
                           "first",
                           name, dims->n_dim, NETWORK_MAX_RANK);
    shape->rank = (int)dims->n_dim;
    shape->dims[0] = 1;
    importer->batch = dimension(dims, 0) > 0 ? dimension(dims, 0) : 1;
    for (int d = 1; d < shape->rank; d++) {
        int64_t size = dimension(dims, d);
        if (size < 1)
            return IMPORT_FAIL(importer,
                               "input '%s' has no fixed size in dimension %d: only the "
                               "batch may be dynamic, export with fixed sizes",
                               name, d);
        shape->dims[d] = size > INT_MAX ? INT_MAX : (int)size;
    }
    if (shape_count(shape) == 0)
        return IMPORT_FAIL(importer,
                           "input '%s' is larger than mho handles: export with a "
                           "smaller input",
                           name);
    return STATUS_OK;
}

static enum status add_input(struct importer *importer, const Onnx__ValueInfoProto *info) {
    const char *name = import_printable(importer, info->name);
    if (name == NULL)
        return IMPORT_MEMORY(importer);
    struct shape shape;
    TRY(read_shape(importer, info, name, &shape));
    struct tensor tensor = {.name = name, .type = TENSOR_FLOAT, .rank = shape.rank};
    for (int d = 0; d < shape.rank; d++)
        tensor.shape[d] = shape.dims[d];
    tensor.count = shape_count(&shape);
    int index = graph_add_tensor(&importer->graph, &tensor);
    if (index < 0)
        return IMPORT_MEMORY(importer);
    importer->graph.input = index;
    importer->values[importer->n_values] =
        (struct value){.name = info->name, .producer = -1, .alias = -1, .tensor = index};
    names_add(&importer->names, info->name, importer->n_values++);
    return STATUS_OK;
}

/* The one input that is not an initializer (old files list those too). */
enum status import_input(struct importer *importer) {
    const Onnx__GraphProto *graph = importer->proto;
    const Onnx__ValueInfoProto *found = NULL;
    int count = 0;
    for (size_t i = 0; i < graph->n_input; i++)
        if (names_find(&importer->names, graph->input[i]->name) < 0) {
            found = graph->input[i];
            count++;
        }
    if (count != 1)
        return IMPORT_FAIL(importer, "the graph has %d inputs: export a model with one, the image",
                           count);
    return add_input(importer, found);
}
