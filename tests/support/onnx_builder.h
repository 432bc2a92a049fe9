/* Small ONNX models written by protobuf-c, for the tests of the import.
 *
 * Order of calls: model_open, inputs, constants, nodes and outputs in any order, model_import or
 * model_write as often as wanted, model_close. Shapes are text: "nx3x5x4", where a letter is a
 * symbolic dimension; "" is a scalar. Lists of names are text too: "x w b", "-" for one left out.
 * Failures to build end the test through CUnit. The protobuf structs are there to be spoilt. */
#ifndef MHO_TESTS_SUPPORT_ONNX_BUILDER_H
#define MHO_TESTS_SUPPORT_ONNX_BUILDER_H

#include "onnx.pb-c.h"
#include "sim/network/network.h"
#include "tests/support/scratch.h"

enum { MODEL_MAX = 64 }; /* nodes, constants, attributes of a node */

struct model {
    Onnx__ModelProto proto;
    Onnx__GraphProto graph;
    Onnx__OperatorSetIdProto opset;
    Onnx__OperatorSetIdProto *opsets[1];
    Onnx__NodeProto *nodes[MODEL_MAX];
    Onnx__TensorProto *constants[MODEL_MAX];
    Onnx__ValueInfoProto *inputs[MODEL_MAX], *outputs[MODEL_MAX];
    Onnx__NodeProto *node; /* the last one: attributes go to it */
    struct scratch scratch;
    struct network network;
    struct diagnostic diag;
};

/* With operator set 17, input "x" of the shape given (NULL: none) and output "y". */
void model_open(struct model *model, const char *input_shape);
void model_close(struct model *model);

void model_input(struct model *model, const char *name, const char *shape);
void model_output(struct model *model, const char *name);

/* Constants; `values` NULL gives 1, 2, 3... They return the protobuf struct. */
Onnx__TensorProto *model_floats(struct model *model, const char *name, const char *shape,
                                const float *values);
Onnx__TensorProto *model_longs(struct model *model, const char *name, const char *shape,
                               const int64_t *values);
/* ELEMENT 2 uint8, 3 int8, 6 int32, each value an int. Kept in int32_data. */
Onnx__TensorProto *model_codes(struct model *model, const char *name, int element,
                               const char *shape, const int *values);

/* Appends a node named after its operator and number ("Conv_3"). */
void model_node(struct model *model, const char *op, const char *inputs, const char *outputs);
void model_int(struct model *model, const char *attribute, int64_t value);
void model_float(struct model *model, const char *attribute, float value);
void model_string(struct model *model, const char *attribute, const char *value);
/* The list ends with INT64_MIN. */
void model_ints(struct model *model, const char *attribute, const int64_t *values);
#define MODEL_INTS(model, attribute, ...)                                                          \
    model_ints((model), (attribute), (const int64_t[]){__VA_ARGS__, INT64_MIN})
/* An attribute that holds a constant made as above; the constant leaves the graph. */
void model_tensor(struct model *model, const char *attribute, Onnx__TensorProto *tensor);

/* Scale and zero point "NAME_s", "NAME_z" and nodes: y = dequantised (quantised) x. */
void model_quantize(struct model *model, const char *input, const char *output, float scale,
                    int zero_point);

/* Writes the model to a file of the scratch folder. */
const char *model_write(struct model *model, const char *name);

/* Imports it into model->network; the status. */
enum status model_import(struct model *model);

/* Asserts that it can be imported, or is refused with a one-line message that names the file and
 * holds `part`. */
void model_expect(struct model *model);
void model_refuse(struct model *model, const char *part);

/* The node of the imported network that computes its output. */
const struct node *model_last(const struct model *model);

/* Asserts the shape, as text, of a tensor. */
void expect_shape(const struct network *network, int tensor, const char *shape);

#endif
