/* ONNX import, private to the room.
 *
 * The file is unpacked into a scratch arena; live nodes are sorted (order.c) and visited once: each
 * row of the operator table (operators.c) checks one node, infers its shape and appends it to the
 * graph, or evaluates it when all its inputs are constants. Matrix layers become drafts first
 * (linear.c), which lower.c turns into float or quantised layers. */
#ifndef MHO_NETWORK_IMPORT_H
#define MHO_NETWORK_IMPORT_H

#include "onnx.pb-c.h"
#include "sim/network/graph.h"
#include "sim/network/names.h"
#include "sim/network/network.h"
#include "sim/network/shape.h"

/* ONNX's element types (TensorProto.DataType), those that mho reads. */
enum element {
    ELEMENT_NONE = 0,
    ELEMENT_FLOAT = 1,
    ELEMENT_UINT8 = 2,
    ELEMENT_INT8 = 3,
    ELEMENT_INT32 = 6,
    ELEMENT_INT64 = 7,
    ELEMENT_DOUBLE = 11 /* read as float */
};

/* A constant. One that DequantizeLinear made has `codes` and no data until someone asks for its
 * floats: real = scale[index along axis] * codes. */
struct constant {
    enum element element;
    struct shape shape;
    size_t count; /* 0 when a dimension is 0 */
    const void *data;
    const struct constant *codes; /* int8 or int32, else NULL */
    const float *scale;           /* [n_scale] */
    int n_scale;                  /* 1, or the codes' size along `axis` */
    int axis;
    bool asymmetric; /* dequantised with a zero point other than 0: no codes are kept */
};

/* A name that nodes read: initializer, graph input or a node's output. */
struct value {
    const char *name;
    const Onnx__TensorProto *initializer; /* not decoded yet; NULL for others */
    struct constant *constant;            /* decoded or evaluated */
    int producer;                         /* node, or -1 */
    int output_slot;                      /* which output of the producer */
    int uses;                             /* by live nodes and as the graph's output */
    int alias;                            /* value this one is another name of, or -1 */
    int tensor;                           /* in the graph, once known, or -1 */
};

struct import_node {
    const Onnx__NodeProto *proto;
    const char *label;              /* for messages and results: printable and not empty */
    const struct operator_row *row; /* NULL: an operator mho does not know */
    int n_inputs;                   /* trailing empty ones are dropped */
    int *inputs;                    /* values; -1: left out */
    int output;                     /* value of the first output */
};

/* A matrix layer as read: float weights, or codes with their scales, filter-major. */
struct linear_draft {
    const struct import_node *source;
    struct matrix_shape shape;
    const float *weights;     /* [out][rows], or NULL */
    const int16_t *codes;     /* [out][rows], or NULL */
    const float *scale;       /* [out], with codes */
    struct constant *bias;    /* [out] values in any broadcastable shape, or NULL */
    float bias_factor;        /* Gemm's beta */
    const float *folded_bias; /* [out], replaces `bias` once a normalisation was folded in */
};

struct importer {
    const char *path;
    enum network_as as;
    struct network *network;
    struct diagnostic *diag;
    struct arena scratch;
    const Onnx__GraphProto *proto;
    int64_t opset;
    int64_t batch; /* the file's fixed batch, or 1 */
    size_t file_bytes;
    size_t memory_limit; /* of both arenas together */
    struct names names;
    struct value *values;
    int n_values;
    struct import_node *nodes;
    int n_nodes;
    int *order; /* [n_order] live nodes, topologically sorted */
    int n_order;
    int output;                        /* value */
    const struct import_node *current; /* for messages */
    struct graph graph;
    struct linear_draft *linear;
    int n_linear;
    int *folded; /* [n_nodes] see struct network */
};

/* One operator: `import` appends it to the graph; `evaluate` (or NULL) computes it from constants.
 */
struct operator_row {
    const char *name;
    int min_inputs, max_inputs;
    enum status (*import)(struct importer *importer);
    enum status (*evaluate)(struct importer *importer);
    enum op op; /* for functions that serve several rows */
};
const struct operator_row *operator_find(const char *name);

/* Fills the diagnostic with "FILE: node 'NAME' (Conv): ..." for the current node, or "FILE: ...".
 */
enum status import_fail(const struct importer *importer, const char *file, int line,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));
#define IMPORT_FAIL(importer, ...) import_fail((importer), __FILE__, __LINE__, __VA_ARGS__)
#define IMPORT_MEMORY(importer)    FAIL_MEMORY((importer)->diag, "the network")

/* Copy of `text` in the network's arena with control characters replaced, so that messages stay on
 * one line. NULL on short memory. */
const char *import_printable(struct importer *importer, const char *text);

/* --- file, names and order (import_file.c, import_values.c, import_input.c, order.c) --- */
enum status import_read(struct importer *importer);
enum status import_values(struct importer *importer);
enum status import_order(struct importer *importer);
enum status import_input(struct importer *importer);

/* --- attributes of the current node (attributes.c); absent ones give the default --- */
enum status attribute_int(const struct importer *importer, const char *name, int64_t fallback,
                          int64_t *value);
enum status attribute_float(const struct importer *importer, const char *name, float fallback,
                            float *value);
/* Empty when absent; cut to 31 characters. */
enum status attribute_string(const struct importer *importer, const char *name, char buffer[32]);
/* values NULL and n 0 when absent. */
enum status attribute_ints(const struct importer *importer, const char *name,
                           const int64_t **values, size_t *n);
const Onnx__AttributeProto *attribute_find(const struct importer *importer, const char *name);
/* A list that older opsets keep in attribute `name` and newer ones in input `index`. */
enum status attribute_or_input(struct importer *importer, const char *name, int index,
                               const int64_t **values, size_t *n);

/* --- constants (constant.c) --- */
enum status constant_decode(struct importer *importer, const Onnx__TensorProto *proto,
                            struct constant **constant);
/* New constant of `shape` with room for its values in `*data`. */
enum status constant_new(struct importer *importer, enum element element, const struct shape *shape,
                         struct constant **constant, void **data);
/* Values as floats [count]; fails for integers. */
enum status constant_floats(struct importer *importer, struct constant *constant,
                            const float **floats);
/* Value i of an integer constant that holds its own data. */
int64_t constant_int(const struct constant *constant, size_t i);
size_t element_size(enum element element);

/* --- inputs and outputs of the current node (operands.c) --- */
bool input_present(const struct importer *importer, int index);
bool input_is_constant(const struct importer *importer, int index);
enum status input_constant(struct importer *importer, int index, struct constant **constant);
/* The floats of a constant input that must hold `count` values (0: any number). */
enum status input_floats(struct importer *importer, int index, size_t count, const float **floats);
/* A computed tensor of any type, or one that must be float. */
enum status input_activation(struct importer *importer, int index, int *tensor);
enum status input_float_activation(struct importer *importer, int index, int *tensor);
/* An activation, or a float constant made into a tensor of the graph. */
enum status input_tensor(struct importer *importer, int index, int *tensor);
/* True when nothing but the current node reads input `index`. */
bool input_is_sole_use(const struct importer *importer, int index);
/* Appends `draft` as the current node's operation, with a new output tensor of that shape; type and
 * quantisation are those of `like`. */
enum status output_node(struct importer *importer, const struct node *draft, const int *inputs,
                        int n, const struct shape *shape, const struct tensor *like);
/* A new activation tensor that no name refers to. */
enum status output_hidden(struct importer *importer, const struct node *draft, const int *inputs,
                          int n, const struct shape *shape, int *tensor);
/* The current node's output is tensor `tensor`, or the constant. */
void output_tensor(struct importer *importer, int tensor);
void output_constant(struct importer *importer, struct constant *constant);
/* The current node's output is another name of input `index`. */
void output_alias(struct importer *importer, int index);

/* --- operators of the table, by subject; each reads the current node --- */
enum status import_conv(struct importer *importer); /* linear.c */
enum status import_gemm(struct importer *importer);
enum status import_matmul(struct importer *importer);
enum status import_normalisation(struct importer *importer); /* fold.c */
enum status import_add(struct importer *importer);           /* elementwise.c */
enum status import_mul(struct importer *importer);
enum status import_unary(struct importer *importer);
enum status import_clip(struct importer *importer);
enum status import_softmax(struct importer *importer);
enum status import_max_pool(struct importer *importer); /* pool.c */
enum status import_average_pool(struct importer *importer);
enum status import_global_pool(struct importer *importer);
enum status import_identity(struct importer *importer); /* movement.c */
enum status import_reshape(struct importer *importer);
enum status import_transpose(struct importer *importer);
enum status import_concat(struct importer *importer);
enum status import_pad(struct importer *importer);
enum status import_quantize(struct importer *importer); /* qdq.c */
enum status import_dequantize(struct importer *importer);
enum status evaluate_dequantize(struct importer *importer);
enum status evaluate_quantize(struct importer *importer);
enum status evaluate_constant(struct importer *importer); /* evaluate.c */
enum status evaluate_identity(struct importer *importer);
enum status evaluate_reshape(struct importer *importer);
enum status evaluate_transpose(struct importer *importer);
enum status evaluate_concat(struct importer *importer);
enum status evaluate_add_mul(struct importer *importer);

/* --- shared between operators --- */

/* Window of Conv and pools over `in` (rank 3 or 4) from the attributes; the kernel from `kernel`
 * [rank - 2] unless NULL. `out` is the output's shape but for its channels (window.c). */
enum status import_window(struct importer *importer, const struct shape *in, const int *kernel,
                          struct window *window, struct shape *out);

/* The shape that Reshape, Flatten, Squeeze or Unsqueeze gives to its input (reshape.c). The batch
 * of an activation stays in front. */
enum status reshape_target(struct importer *importer, const struct shape *in, bool activation,
                           struct shape *out);
enum status transpose_perm(struct importer *importer, int rank, int perm[NETWORK_MAX_RANK]);

/* The draft of the layer that alone feeds input `index` of the current node, or NULL (linear.c). */
struct linear_draft *linear_before(struct importer *importer, int index);

/* [out] bias of a draft in real values, zeros without one, in the network's arena (linear.c). */
enum status linear_bias(struct importer *importer, const struct linear_draft *draft,
                        const float **bias);

/* Folds the current Add of constant input `index` into the layer before it; `folded` says whether
 * that was possible (fold.c). */
enum status fold_bias(struct importer *importer, int index, bool *folded);

/* Turns the drafts into the network's float layers, or, with QuantizeLinear in the model, lowers
 * QDQ patterns into quantised ones (lower.c). */
enum status lower(struct importer *importer);

#endif
