#include "sim/network/dequantise.h"

#include <string.h>

#include "sim/network/names.h"

enum { GRAPH_VALUE_INFO = 13, GRAPH_QUANTISATION = 14 }; /* fields of GraphProto that mho skips */
enum { TYPE_UINT8 = 2, TYPE_INT8 = 3 };                  /* TensorProto.DataType */

struct rewrite {
    Onnx__GraphProto *graph;
    struct names producers, initializers;
    char **alias; /* [n_node] name that stands for the node's first output from now on, or NULL */
};

static bool is_a(const Onnx__NodeProto *node, const char *type) {
    return strcmp(node->op_type, type) == 0;
}

static int producer_of(const struct rewrite *r, const char *name) {
    return names_find(&r->producers, name);
}

static enum status index_names(struct rewrite *r, struct arena *arena, struct diagnostic *diag) {
    Onnx__GraphProto *graph = r->graph;
    r->alias = ARENA_NEW(arena, graph->n_node, char *);
    if (r->alias == NULL || !names_init(&r->producers, graph->n_node, arena) ||
        !names_init(&r->initializers, graph->n_initializer, arena))
        return FAIL_MEMORY(diag, "the float form of a model");
    /* Names given twice are refused by the importer, later. */
    for (size_t i = 0; i < graph->n_initializer; i++)
        (void)names_add(&r->initializers, graph->initializer[i]->name, (int)i);
    for (size_t i = 0; i < graph->n_node; i++)
        if (graph->node[i]->n_output > 0)
            (void)names_add(&r->producers, graph->node[i]->output[0], (int)i);
    return STATUS_OK;
}

/* Whether a name stands for a constant: an initializer, or computed from such. */
static bool is_constant(const struct rewrite *r, const char *name, int depth) {
    if (names_find(&r->initializers, name) >= 0)
        return true;
    int producer = producer_of(r, name);
    if (producer < 0 || depth == 0)
        return false;
    const Onnx__NodeProto *node = r->graph->node[producer];
    if (is_a(node, "Constant"))
        return true;
    bool constant = node->n_input > 0;
    for (size_t i = 0; i < node->n_input && constant; i++)
        constant = node->input[i][0] == '\0' || is_constant(r, node->input[i], depth - 1);
    return constant;
}

/* The tensor of a constant that is an initializer or a Constant node; NULL for others. */
static const Onnx__TensorProto *tensor_of(const struct rewrite *r, const char *name) {
    int initializer = names_find(&r->initializers, name);
    if (initializer >= 0)
        return r->graph->initializer[initializer];
    int producer = producer_of(r, name);
    if (producer < 0 || !is_a(r->graph->node[producer], "Constant"))
        return NULL;
    const Onnx__NodeProto *node = r->graph->node[producer];
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(node->attribute[i]->name, "value") == 0)
            return node->attribute[i]->t;
    return NULL;
}

/* Whether the lowest code of a QuantizeLinear stands for 0. */
static bool starts_at_zero(const struct rewrite *r, const Onnx__NodeProto *quantise) {
    if (quantise->n_input < 3 || quantise->input[2][0] == '\0')
        return true; /* uint8 with zero point 0 */
    const Onnx__TensorProto *zero = tensor_of(r, quantise->input[2]);
    if (zero == NULL || (zero->data_type != TYPE_UINT8 && zero->data_type != TYPE_INT8))
        return false;
    int value = 0;
    if (zero->raw_data.len > 0)
        value =
            zero->data_type == TYPE_INT8 ? (int8_t)zero->raw_data.data[0] : zero->raw_data.data[0];
    else if (zero->n_int32_data > 0)
        value = zero->int32_data[0];
    return value == (zero->data_type == TYPE_INT8 ? INT8_MIN : 0);
}

/* Whether the values of a name are never negative, as far as the graph says; pixels at the input
 * count so, for no Relu is folded in there. */
static bool is_never_negative(const struct rewrite *r, const char *name, int depth) {
    static const char *const rectifiers[] = {"Relu", "Sigmoid", "Softmax"};
    static const char *const carriers[] = {
        "MaxPool",   "AveragePool", "GlobalAveragePool", "Flatten", "Reshape",         "Squeeze",
        "Unsqueeze", "Transpose",   "Identity",          "Dropout", "DequantizeLinear"};
    int producer = producer_of(r, name);
    if (producer < 0)
        return true;
    const Onnx__NodeProto *node = r->graph->node[producer];
    for (size_t i = 0; i < sizeof rectifiers / sizeof *rectifiers; i++)
        if (is_a(node, rectifiers[i]))
            return true;
    if (is_a(node, "QuantizeLinear") && starts_at_zero(r, node))
        return true;
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++)
        if (is_a(node, carriers[i]) && node->n_input > 0 && depth > 0)
            return is_never_negative(r, node->input[0], depth - 1);
    return false;
}

/* A node of one input in the place of another, with its name and output. */
static void become(Onnx__NodeProto *node, char *type) {
    node->op_type = type;
    node->n_input = 1;
    node->n_attribute = 0;
}

static bool is_graph_output(const Onnx__GraphProto *graph, const char *name) {
    for (size_t i = 0; i < graph->n_output; i++)
        if (strcmp(graph->output[i]->name, name) == 0)
            return true;
    return false;
}

static void rewrite_node(struct rewrite *r, size_t index) {
    static char relu[] = "Relu", identity[] = "Identity";
    enum { DEEP = 64 }; /* longer chains of such nodes are no models */
    Onnx__NodeProto *node = r->graph->node[index];
    bool quantise = is_a(node, "QuantizeLinear"), dequantise = is_a(node, "DequantizeLinear");
    if ((!quantise && !dequantise) || node->n_input < 2 || node->n_output == 0 ||
        is_constant(r, node->input[0], DEEP))
        return;
    if (quantise && starts_at_zero(r, node) && !is_never_negative(r, node->input[0], DEEP))
        become(node, relu);
    else if (is_graph_output(r->graph, node->output[0]))
        become(node, identity);
    else
        r->alias[index] = node->input[0];
}

/* What a name stands for after the rewriting. */
static char *resolve(const struct rewrite *r, char *name) {
    for (size_t steps = 0; steps <= r->graph->n_node;
         steps++) { /* a damaged graph may have cycles */
        int producer = producer_of(r, name);
        if (producer < 0 || r->alias[producer] == NULL)
            break;
        name = r->alias[producer];
    }
    return name;
}

static void drop_aliases(const struct rewrite *r) {
    Onnx__GraphProto *graph = r->graph;
    size_t kept = 0;
    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_input; k++)
            graph->node[i]->input[k] = resolve(r, graph->node[i]->input[k]);
    for (size_t i = 0; i < graph->n_node; i++)
        if (r->alias[i] == NULL)
            graph->node[kept++] = graph->node[i];
    graph->n_node = kept;
}

void onnx_forget_types(Onnx__GraphProto *graph) {
    ProtobufCMessage *base = &graph->base;
    unsigned kept = 0;
    for (unsigned i = 0; i < base->n_unknown_fields; i++)
        if (base->unknown_fields[i].tag != GRAPH_VALUE_INFO &&
            base->unknown_fields[i].tag != GRAPH_QUANTISATION)
            base->unknown_fields[kept++] = base->unknown_fields[i];
    base->n_unknown_fields = kept;
}

enum status onnx_dequantise(Onnx__GraphProto *graph, struct arena *arena, struct diagnostic *diag) {
    struct rewrite r = {.graph = graph};
    TRY(index_names(&r, arena, diag));
    for (size_t i = 0; i < graph->n_node; i++)
        rewrite_node(&r, i);
    drop_aliases(&r);
    onnx_forget_types(graph);
    return STATUS_OK;
}
