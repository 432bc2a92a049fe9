#include "sim/network/quantise.h"

#include <string.h>

#include "sim/network/graph.h"

/* One rewriting of a float network. */
struct rewriting {
    const struct network *from;
    struct network *to;
    struct plan plan;
    struct graph graph;
    const struct weight_format *formats; /* [from->n_linear], or one */
    bool one_format;
    int *real;  /* [from's tensors] float form in the new graph, or -1 */
    int *codes; /* [from's tensors] quantised form, or -1 */
    struct diagnostic *diag;
};

/* A copy of tensor `t` that owns its name and values. */
static enum status add_tensor(struct rewriting *r, int t, enum tensor_type type, int *index) {
    struct tensor tensor = r->from->tensors[t];
    struct arena *arena = &r->to->arena;
    tensor.type = type;
    tensor.name = arena_strdup(arena, tensor.name);
    if (type == TENSOR_U8)
        tensor.quant = r->plan.quant[t];
    if (tensor.floats != NULL) {
        float *copy = ARENA_NEW(arena, tensor.count, float);
        if (copy == NULL)
            return FAIL_MEMORY(r->diag, "the quantised network");
        memcpy(copy, tensor.floats, tensor.count * sizeof *copy);
        tensor.floats = copy;
    }
    *index = tensor.name == NULL ? -1 : graph_add_tensor(&r->graph, &tensor);
    return *index < 0 ? FAIL_MEMORY(r->diag, "the quantised network") : STATUS_OK;
}

static enum status add_node(struct rewriting *r, const struct node *like, const int *inputs,
                            int n_inputs, int output) {
    struct node node = *like;
    node.name = arena_strdup(&r->to->arena, like->name);
    node.output = output;
    if (node.name == NULL || graph_add_node(&r->graph, &node, inputs, n_inputs) < 0)
        return FAIL_MEMORY(r->diag, "the quantised network");
    return STATUS_OK;
}

/* A quantise or dequantise node named after the tensor it converts. */
static enum status add_conversion(struct rewriting *r, enum op op, int t, int input, int output) {
    struct node node = {.op = op, .name = r->from->tensors[t].name, .matrix = -1};
    return add_node(r, &node, &input, 1, output);
}

/* The float form of tensor `t`: what its codes stand for, once it has codes. */
static enum status need_real(struct rewriting *r, int t, int *tensor) {
    if (r->real[t] < 0) {
        TRY(add_tensor(r, t, TENSOR_FLOAT, &r->real[t]));
        if (r->codes[t] >= 0)
            TRY(add_conversion(r, OP_DEQUANTIZE, t, r->codes[t], r->real[t]));
    }
    *tensor = r->real[t];
    return STATUS_OK;
}

/* The float value of `t` was computed: if it is coded, everybody else reads its codes. */
static enum status finish_real(struct rewriting *r, int t) {
    if (!r->plan.coded[t])
        return STATUS_OK;
    TRY(add_tensor(r, t, TENSOR_U8, &r->codes[t]));
    TRY(add_conversion(r, OP_QUANTIZE, t, r->real[t], r->codes[t]));
    r->real[t] = -1;
    return STATUS_OK;
}

static enum status rewrite_matrix(struct rewriting *r, int index) {
    const struct node *node = &r->from->nodes[index];
    const struct linear_layer *linear = &r->from->linear[node->matrix];
    int input = node->inputs[0], output = r->plan.end[index];
    const struct weight_format *format = &r->formats[r->one_format ? 0 : node->matrix];
    struct matrix_layer *layer = &r->to->matrix[r->to->n_matrix];
    *layer = (struct matrix_layer){.name = arena_strdup(&r->to->arena, linear->name),
                                   .shape = linear->shape,
                                   .weight_bits = format->bits,
                                   .input = r->plan.quant[input],
                                   .output = r->plan.quant[output],
                                   .quantised_output = true};
    if (layer->name == NULL)
        return FAIL_MEMORY(r->diag, "the quantised network");
    TRY(quantise_layer(linear, format, &r->plan.chain[index], &r->to->arena, layer, r->diag));
    TRY(add_tensor(r, output, TENSOR_U8, &r->codes[output]));
    struct node matrix = {.op = OP_MATRIX, .name = node->name, .matrix = r->to->n_matrix++};
    return add_node(r, &matrix, &r->codes[input], 1, r->codes[output]);
}

static enum status rewrite_float(struct rewriting *r, int index) {
    const struct node *node = &r->from->nodes[index];
    int output = r->plan.end[index];
    struct arena scratch = ARENA_INIT;
    int *inputs = ARENA_NEW(&scratch, node->n_inputs, int);
    enum status status = inputs == NULL ? FAIL_MEMORY(r->diag, "the quantised network") : STATUS_OK;
    for (int k = 0; k < node->n_inputs && status == STATUS_OK; k++)
        status = need_real(r, node->inputs[k], &inputs[k]);
    if (status == STATUS_OK)
        status = add_tensor(r, output, TENSOR_FLOAT, &r->real[output]);
    if (status == STATUS_OK)
        status = add_node(r, node, inputs, node->n_inputs, r->real[output]);
    if (status == STATUS_OK)
        status = finish_real(r, output);
    arena_free(&scratch);
    return status;
}

static enum status rewrite(struct rewriting *r, struct arena *scratch) {
    const struct network *from = r->from;
    r->real = ARENA_NEW(scratch, from->n_tensors, int);
    r->codes = ARENA_NEW(scratch, from->n_tensors, int);
    r->to->matrix = ARENA_NEW(&r->to->arena, from->n_linear, struct matrix_layer);
    if (r->real == NULL || r->codes == NULL || r->to->matrix == NULL)
        return FAIL_MEMORY(r->diag, "the quantised network");
    for (int t = 0; t < from->n_tensors; t++)
        r->real[t] = r->codes[t] = -1;
    TRY(need_real(r, from->input, &r->graph.input));
    TRY(finish_real(r, from->input));
    for (int i = 0; i < from->n_nodes; i++) {
        enum op op = from->nodes[i].op;
        if (r->plan.absorbed[i])
            continue;
        TRY(op == OP_CONV || op == OP_GEMM ? rewrite_matrix(r, i) : rewrite_float(r, i));
    }
    TRY(need_real(r, from->output, &r->graph.output));
    return graph_finish(&r->graph, r->diag);
}

static int resolved_bits(int bits) {
    return bits == QUANTIZATION_MODEL ? 8 : bits;
}

enum status network_quantise(const struct network *float_network,
                             const struct activation_range *ranges,
                             const struct quantization_options *options,
                             const struct weight_format *formats, struct network *quantised,
                             struct diagnostic *diag) {
    struct weight_format format;
    *quantised = (struct network){.quantised = true};
    if (float_network->quantised)
        return FAIL(diag, STATUS_INTERNAL, "%s: the network is quantised already",
                    float_network->path);
    TRY(network_weight_format(options, &format, diag));
    memcpy(quantised->content_hash, float_network->content_hash, sizeof quantised->content_hash);
    struct rewriting r = {.from = float_network,
                          .to = quantised,
                          .graph = {.network = quantised},
                          .formats = formats != NULL ? formats : &format,
                          .one_format = formats == NULL,
                          .diag = diag};
    struct arena scratch = ARENA_INIT;
    enum status status = STATUS_OK;
    quantised->path = arena_strdup(&quantised->arena, float_network->path);
    if (quantised->path == NULL)
        status = FAIL_MEMORY(diag, "the quantised network");
    if (status == STATUS_OK)
        status = quantise_plan(float_network, ranges, resolved_bits(options->activation_bits),
                               &scratch, &r.plan, diag);
    if (status == STATUS_OK)
        status = rewrite(&r, &scratch);
    arena_free(&scratch);
    if (status != STATUS_OK)
        network_free(quantised);
    return status;
}

enum status network_quantise_weights(const struct network *float_network,
                                     const struct quantization_options *options,
                                     const struct weight_format *formats, struct network *quantised,
                                     struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct activation_range *ranges =
        ARENA_NEW(&arena, float_network->n_tensors, struct activation_range);
    if (ranges == NULL)
        return FAIL_MEMORY(diag, "activation ranges");
    for (int i = 0; i < float_network->n_tensors; i++)
        ranges[i] = (struct activation_range){.low = -1, .high = 1};
    enum status status = network_quantise(float_network, ranges, options, formats, quantised, diag);
    arena_free(&arena);
    return status;
}
