/* Instructions: quantise(op(dequantise(q))) read as one operation on bytes.
 *
 * - A chain of unary operators is a function of one byte: a table, computed by the same operators.
 * - Reshape, transpose, concat, pad and max pool move or choose values; with one quantisation on
 *   both sides, rint(((q - z) * s) / s) + z = q, since two roundings to float32 change an integer
 * of at most 8 bits by far less than a half, and max commutes with a monotone map.
 * - An addition (and a Relu) becomes one multiplication per operand by the ratio of the scales.
 * That rounds differently from dequantise, add, quantise where a sum falls on a half, which happens
 * to whole backgrounds of images; ONNX runtimes add so (QLinearAdd), and with these roundings the
 *   logits of the reference models are reproduced exactly (DESIGN.md: predictions equal an ONNX
 *   runtime's), by the order of the operands in the model.
 */
#include "sim/engine/compile.h"

static const struct node *producer_of(const struct compiler *c, int tensor) {
    int node = c->producer[tensor];
    return node < 0 ? NULL : &c->program->network->nodes[node];
}

bool tensor_is_bytes(const struct compiler *c, int tensor) {
    return c->program->network->tensors[tensor].type == TENSOR_U8;
}

static bool dequantised(const struct compiler *c, int tensor) {
    const struct node *node = producer_of(c, tensor);
    return node != NULL && node->op == OP_DEQUANTIZE;
}

static bool same_quantisation(const struct tensor *a, const struct tensor *b) {
    return a->quant.scale == b->quant.scale && a->quant.zero_point == b->quant.zero_point &&
           a->quant.bits == b->quant.bits;
}

static bool moves_or_chooses(enum op op) {
    return op == OP_RESHAPE || op == OP_TRANSPOSE || op == OP_CONCAT || op == OP_PAD ||
           op == OP_MAX_POOL;
}

/* Whether every input of `node` is dequantised, with `like`'s quantisation where that is given. */
static bool inputs_dequantised(const struct compiler *c, const struct node *node,
                               const struct tensor *like) {
    const struct tensor *tensors = c->program->network->tensors;
    for (int i = 0; i < node->n_inputs; i++) {
        if (!dequantised(c, node->inputs[i]))
            return false;
        int bytes = producer_of(c, node->inputs[i])->inputs[0];
        if (like != NULL && !same_quantisation(&tensors[bytes], like))
            return false;
    }
    return true;
}

static enum status read_through(const struct compiler *c, const struct node *node, int output,
                                struct instruction *instruction) {
    int *inputs = ARENA_NEW(&c->program->arena, node->n_inputs, int);
    if (inputs == NULL)
        return FAIL_MEMORY(c->diag, "an instruction");
    for (int i = 0; i < node->n_inputs; i++)
        inputs[i] = producer_of(c, node->inputs[i])->inputs[0];
    instruction->node = node;
    instruction->inputs = inputs;
    instruction->n_inputs = node->n_inputs;
    instruction->output = output;
    return STATUS_OK;
}

/* Walks back from a quantise node over unary nodes; `chain` gets them in order of computation. */
static const struct node *walk_back(const struct compiler *c, const struct node *quantise,
                                    struct instruction *found) {
    const struct node *backwards[INSTRUCTION_MAX_CHAIN];
    int n = 0;
    const struct node *node = producer_of(c, quantise->inputs[0]);
    while (node != NULL && op_is_unary(node->op) && n < INSTRUCTION_MAX_CHAIN) {
        backwards[n++] = node;
        node = producer_of(c, node->inputs[0]);
    }
    found->n_chain = n;
    for (int i = 0; i < n; i++)
        found->chain[i] = backwards[n - 1 - i];
    return node;
}

static enum status read_quantise(const struct compiler *c, const struct node *quantise,
                                 struct instruction *instruction) {
    struct instruction found = {0};
    const struct tensor *output = &c->program->network->tensors[quantise->output];
    const struct node *root = walk_back(c, quantise, &found);
    bool fits = false;
    if (root == NULL)
        return STATUS_OK;
    if (root->op == OP_DEQUANTIZE) {
        found.node = quantise;
        found.inputs = root->inputs;
        found.n_inputs = 1;
        found.output = quantise->output;
        *instruction = found;
        return STATUS_OK;
    }
    if (root->op == OP_ADD)
        fits = inputs_dequantised(c, root, NULL) &&
               (found.n_chain == 0 || (found.n_chain == 1 && found.chain[0]->op == OP_RELU));
    else if (moves_or_chooses(root->op))
        fits = inputs_dequantised(c, root, output) && found.n_chain == 0;
    if (!fits)
        return STATUS_OK;
    TRY(read_through(c, root, quantise->output, &found));
    *instruction = found;
    return STATUS_OK;
}

enum status instruction_read(const struct compiler *c, const struct node *node,
                             struct instruction *instruction) {
    *instruction = (struct instruction){
        .node = node, .inputs = node->inputs, .n_inputs = node->n_inputs, .output = node->output};
    if (node->op == OP_QUANTIZE && !tensor_is_bytes(c, node->inputs[0]))
        return read_quantise(c, node, instruction);
    if (op_is_unary(node->op) && tensor_is_bytes(c, node->output)) {
        instruction->n_chain = 1;
        instruction->chain[0] = node;
    }
    return STATUS_OK;
}

enum status instruction_bytes(const struct compiler *c, const struct instruction *instruction,
                              bool *bytes) {
    *bytes = tensor_is_bytes(c, instruction->output);
    for (int i = 0; i < instruction->n_inputs; i++)
        if (tensor_is_bytes(c, instruction->inputs[i]) != *bytes)
            return FAIL(c->diag, STATUS_INTERNAL,
                        "%s: node '%s': a mixture of quantised and float tensors",
                        c->program->network->path, instruction->node->name);
    return STATUS_OK;
}
