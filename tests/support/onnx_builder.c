#include "tests/support/onnx_builder.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

enum { FLOATS = 1, INT64S = 7 };

static void *make(struct model *model, size_t count, size_t size) {
    void *data = arena_alloc(&model->scratch.arena, count, size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    return data;
}

static char *text(struct model *model, const char *from) {
    char *copy = arena_strdup(&model->scratch.arena, from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    return copy;
}

/* Splits at `separator` into an array; an empty text has no parts. */
static char **split(struct model *model, const char *from, const char *separator, size_t *n) {
    char **parts = make(model, MODEL_MAX, sizeof *parts);
    char *rest = NULL;
    *n = 0;
    for (char *part = strtok_r(text(model, from), separator, &rest); part != NULL;
         part = strtok_r(NULL, separator, &rest)) {
        CU_ASSERT_FATAL(*n < MODEL_MAX);
        parts[(*n)++] = part;
    }
    return parts;
}

void model_open(struct model *model, const char *input_shape) {
    memset(model, 0, sizeof *model);
    scratch_open(&model->scratch);
    onnx__model_proto__init(&model->proto);
    onnx__graph_proto__init(&model->graph);
    onnx__operator_set_id_proto__init(&model->opset);
    model->opset.version = 17;
    model->opsets[0] = &model->opset;
    model->proto.ir_version = 8;
    model->proto.graph = &model->graph;
    model->proto.opset_import = model->opsets;
    model->proto.n_opset_import = 1;
    model->graph.node = model->nodes;
    model->graph.initializer = model->constants;
    model->graph.input = model->inputs;
    model->graph.output = model->outputs;
    if (input_shape != NULL)
        model_input(model, "x", input_shape);
    model_output(model, "y");
}

void model_close(struct model *model) {
    network_free(&model->network);
    scratch_close(&model->scratch);
}

static Onnx__TensorShapeProto__Dimension *dimension(struct model *model, char *part) {
    Onnx__TensorShapeProto__Dimension *dim = make(model, 1, sizeof *dim);
    onnx__tensor_shape_proto__dimension__init(dim);
    if (isalpha((unsigned char)part[0])) {
        dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        dim->dim_param = part;
    } else {
        dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dim->dim_value = strtoll(part, NULL, 10);
    }
    return dim;
}

static Onnx__ValueInfoProto *value_info(struct model *model, const char *name, const char *shape) {
    Onnx__ValueInfoProto *info = make(model, 1, sizeof *info);
    Onnx__TypeProto *type = make(model, 1, sizeof *type);
    Onnx__TypeProto__Tensor *tensor = make(model, 1, sizeof *tensor);
    Onnx__TensorShapeProto *dims = make(model, 1, sizeof *dims);
    onnx__value_info_proto__init(info);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(dims);
    info->name = text(model, name);
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->elem_type = FLOATS;
    tensor->shape = dims;
    char **parts = split(model, shape, "x", &dims->n_dim);
    dims->dim = make(model, MODEL_MAX, sizeof *dims->dim);
    for (size_t i = 0; i < dims->n_dim; i++)
        dims->dim[i] = dimension(model, parts[i]);
    return info;
}

void model_input(struct model *model, const char *name, const char *shape) {
    CU_ASSERT_FATAL(model->graph.n_input < MODEL_MAX);
    model->inputs[model->graph.n_input++] = value_info(model, name, shape);
}

void model_output(struct model *model, const char *name) {
    CU_ASSERT_FATAL(model->graph.n_output < MODEL_MAX);
    model->outputs[model->graph.n_output++] = value_info(model, name, "");
}

static Onnx__TensorProto *constant(struct model *model, const char *name, int element,
                                   const char *shape, size_t *count) {
    Onnx__TensorProto *tensor = make(model, 1, sizeof *tensor);
    onnx__tensor_proto__init(tensor);
    tensor->name = text(model, name);
    tensor->data_type = element;
    char **parts = split(model, shape, "x", &tensor->n_dims);
    tensor->dims = make(model, MODEL_MAX, sizeof *tensor->dims);
    *count = 1;
    for (size_t i = 0; i < tensor->n_dims; i++) {
        tensor->dims[i] = strtoll(parts[i], NULL, 10);
        *count *= (size_t)tensor->dims[i];
    }
    CU_ASSERT_FATAL(model->graph.n_initializer < MODEL_MAX);
    model->constants[model->graph.n_initializer++] = tensor;
    return tensor;
}

Onnx__TensorProto *model_floats(struct model *model, const char *name, const char *shape,
                                const float *values) {
    size_t count;
    Onnx__TensorProto *tensor = constant(model, name, FLOATS, shape, &count);
    tensor->float_data = make(model, count, sizeof(float));
    tensor->n_float_data = count;
    for (size_t i = 0; i < count; i++)
        tensor->float_data[i] = values == NULL ? (float)(i + 1) : values[i];
    return tensor;
}

Onnx__TensorProto *model_longs(struct model *model, const char *name, const char *shape,
                               const int64_t *values) {
    size_t count;
    Onnx__TensorProto *tensor = constant(model, name, INT64S, shape, &count);
    tensor->int64_data = make(model, count, sizeof(int64_t));
    tensor->n_int64_data = count;
    for (size_t i = 0; i < count; i++)
        tensor->int64_data[i] = values == NULL ? (int64_t)(i + 1) : values[i];
    return tensor;
}

Onnx__TensorProto *model_codes(struct model *model, const char *name, int element,
                               const char *shape, const int *values) {
    size_t count;
    Onnx__TensorProto *tensor = constant(model, name, element, shape, &count);
    tensor->int32_data = make(model, count, sizeof(int32_t));
    tensor->n_int32_data = count;
    for (size_t i = 0; i < count; i++)
        tensor->int32_data[i] = values == NULL ? (int)(i + 1) : values[i];
    return tensor;
}

/* "-" stands for a name left out. */
static char **names(struct model *model, const char *from, size_t *n) {
    char **parts = split(model, from, " ", n);
    for (size_t i = 0; i < *n; i++)
        if (strcmp(parts[i], "-") == 0)
            parts[i][0] = '\0';
    return parts;
}

void model_node(struct model *model, const char *op, const char *inputs, const char *outputs) {
    Onnx__NodeProto *node = make(model, 1, sizeof *node);
    CU_ASSERT_FATAL(model->graph.n_node < MODEL_MAX);
    onnx__node_proto__init(node);
    node->op_type = text(model, op);
    node->name = arena_printf(&model->scratch.arena, "%s_%zu", op, model->graph.n_node);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node->name);
    node->input = names(model, inputs, &node->n_input);
    node->output = names(model, outputs, &node->n_output);
    node->attribute = make(model, MODEL_MAX, sizeof *node->attribute);
    model->nodes[model->graph.n_node++] = node;
    model->node = node;
}

static Onnx__AttributeProto *attribute(struct model *model, const char *name, int type) {
    Onnx__AttributeProto *fresh = make(model, 1, sizeof *fresh);
    CU_ASSERT_FATAL(model->node->n_attribute < MODEL_MAX);
    onnx__attribute_proto__init(fresh);
    fresh->name = text(model, name);
    fresh->type = type;
    model->node->attribute[model->node->n_attribute++] = fresh;
    return fresh;
}

void model_int(struct model *model, const char *name, int64_t value) {
    attribute(model, name, 2)->i = value;
}

void model_float(struct model *model, const char *name, float value) {
    attribute(model, name, 1)->f = value;
}

void model_string(struct model *model, const char *name, const char *value) {
    Onnx__AttributeProto *fresh = attribute(model, name, 3);
    fresh->s.data = (uint8_t *)text(model, value);
    fresh->s.len = strlen(value);
}

void model_ints(struct model *model, const char *name, const int64_t *values) {
    Onnx__AttributeProto *fresh = attribute(model, name, 7);
    while (values[fresh->n_ints] != INT64_MIN)
        fresh->n_ints++;
    fresh->ints = make(model, fresh->n_ints, sizeof *fresh->ints);
    memcpy(fresh->ints, values, fresh->n_ints * sizeof *fresh->ints);
}

void model_tensor(struct model *model, const char *name, Onnx__TensorProto *tensor) {
    attribute(model, name, 4)->t = tensor;
    for (size_t i = 0; i < model->graph.n_initializer; i++)
        if (model->constants[i] == tensor)
            model->constants[i] = model->constants[--model->graph.n_initializer];
}

void model_quantize(struct model *model, const char *input, const char *output, float scale,
                    int zero_point) {
    char parameters[160], quantised[64], inputs[256];
    snprintf(quantised, sizeof quantised, "%s_q", output);
    snprintf(parameters, sizeof parameters, "%s_s", output);
    model_floats(model, parameters, "", &scale);
    snprintf(parameters, sizeof parameters, "%s_z", output);
    model_codes(model, parameters, 2, "", &zero_point);
    snprintf(parameters, sizeof parameters, "%s_s %s_z", output, output);
    snprintf(inputs, sizeof inputs, "%s %s", input, parameters);
    model_node(model, "QuantizeLinear", inputs, quantised);
    snprintf(inputs, sizeof inputs, "%s %s", quantised, parameters);
    model_node(model, "DequantizeLinear", inputs, output);
}

const char *model_write(struct model *model, const char *name) {
    size_t bytes = onnx__model_proto__get_packed_size(&model->proto);
    uint8_t *data = make(model, bytes, 1);
    onnx__model_proto__pack(&model->proto, data);
    return scratch_write(&model->scratch, name, data, bytes);
}

enum status model_import(struct model *model) {
    network_free(&model->network);
    model->diag = (struct diagnostic){0};
    return network_import(model_write(model, "model.onnx"), &model->network, &model->diag);
}

void model_expect(struct model *model) {
    ASSERT_OK(model_import(model), model->diag);
}

void model_refuse(struct model *model, const char *part) {
    const char *message = model->diag.message;
    CU_ASSERT_EQUAL(model_import(model), STATUS_USAGE);
    if (strstr(message, part) == NULL)
        fprintf(stderr, "\nexpected \"%s\" in \"%s\"\n", part, message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, part));
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "model.onnx: "));
    CU_ASSERT_PTR_NULL(strchr(message, '\n'));
    CU_ASSERT_EQUAL(model->network.n_nodes, 0);
    CU_ASSERT_PTR_NULL(model->network.arena.last);
}

const struct node *model_last(const struct model *model) {
    const struct network *network = &model->network;
    for (int i = 0; i < network->n_nodes; i++)
        if (network->nodes[i].output == network->output)
            return &network->nodes[i];
    CU_FAIL_FATAL("no node computes the output");
    return NULL;
}

void expect_shape(const struct network *network, int tensor, const char *shape) {
    char found[80] = "";
    size_t length = 0;
    const struct tensor *t = &network->tensors[tensor];
    for (int d = 0; d < t->rank; d++)
        length += (size_t)snprintf(found + length, sizeof found - length, "%s%d", d ? "x" : "",
                                   t->shape[d]);
    CU_ASSERT_STRING_EQUAL(found, shape);
}
