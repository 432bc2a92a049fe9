#include "pruning/follow.h"

#include "sim/network/chain.h"

/* Whether the node keeps the channels of [1][channels]... apart: each output value comes from one
 * channel, in the same order. */
static bool keeps_channels(const struct network *network, const struct node *node, int filters) {
    const struct tensor *in = &network->tensors[node->inputs[0]];
    const struct tensor *out = &network->tensors[node->output];
    if (node->op != OP_RESHAPE)
        return op_keeps_channels(node->op);
    /* To a list of channels, each with its pixels, or the same with fewer ones. */
    return in->rank >= 2 && in->shape[1] == filters && (out->rank == 2 || out->shape[1] == filters);
}

static int reader_of(const struct network *network, const struct readers *readers, int layer) {
    const struct linear_layer *linear = &network->linear[layer];
    int tensor = network->nodes[linear->node].output, filters = linear->shape.out_channels;
    if (linear->shape.fully_connected && linear->shape.in_width != 1)
        return -1; /* channels are the last dimension there */
    for (int n = reader_alone(readers, tensor); n >= 0; n = reader_alone(readers, tensor)) {
        const struct node *node = &network->nodes[n];
        if (node->op == OP_CONV || node->op == OP_GEMM) {
            const struct matrix_shape *shape = &network->linear[node->matrix].shape;
            bool fits = shape->groups == 1 && matrix_rows(shape) % filters == 0 &&
                        shape->in_channels % filters == 0 &&
                        (!shape->fully_connected || shape->in_width == 1);
            return fits ? node->matrix : -1;
        }
        if (!keeps_channels(network, node, filters))
            return -1;
        tensor = node->output;
    }
    return -1;
}

enum status follow_readers(const struct network *network, int *reader, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct readers readers;
    bool found = readers_find(&readers, network->nodes, network->n_nodes, network->n_tensors,
                              network->output, &arena);
    for (int i = 0; found && i < network->n_linear; i++)
        reader[i] = reader_of(network, &readers, i);
    arena_free(&arena);
    return found ? STATUS_OK : FAIL_MEMORY(diag, "the readers of layers");
}

static int summand_of(const struct network *network, const struct readers *readers, int layer) {
    int tensor = network->nodes[network->linear[layer].node].output;
    int reading = reader_alone(readers, tensor);
    if (reading < 0)
        return -1;
    const struct node *node = &network->nodes[reading];
    if (node->op != OP_ADD || node->n_inputs != 2)
        return -1;
    int other = node->inputs[0] == tensor ? node->inputs[1] : node->inputs[0];
    const struct tensor *a = &network->tensors[tensor], *b = &network->tensors[other];
    bool same = other != tensor && a->rank == b->rank && b->floats == NULL;
    for (int d = 0; same && d < a->rank; d++)
        same = a->shape[d] == b->shape[d];
    return same ? other : -1;
}

enum status follow_summands(const struct network *network, int *summand, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct readers readers;
    bool found = readers_find(&readers, network->nodes, network->n_nodes, network->n_tensors,
                              network->output, &arena);
    for (int i = 0; found && i < network->n_linear; i++)
        summand[i] = summand_of(network, &readers, i);
    arena_free(&arena);
    return found ? STATUS_OK : FAIL_MEMORY(diag, "the summands of layers");
}

/* A maximum of values that are bounded afterwards is one of bounded values. */
static struct chain bounds_of(const struct network *network, const struct readers *readers,
                              int tensor) {
    for (int n = reader_alone(readers, tensor); n >= 0 && network->nodes[n].op == OP_MAX_POOL;
         n = reader_alone(readers, tensor))
        tensor = network->nodes[n].output;
    return chain_follow(network->nodes, readers, tensor);
}

enum status follow_bounds(const struct network *network, const int *summand, float *low,
                          float *high, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct readers readers;
    bool found = readers_find(&readers, network->nodes, network->n_nodes, network->n_tensors,
                              network->output, &arena);
    for (int i = 0; found && i < network->n_linear; i++) {
        int tensor = network->nodes[network->linear[i].node].output;
        if (summand[i] >= 0)
            tensor = network->nodes[reader_alone(&readers, tensor)].output;
        struct chain chain = bounds_of(network, &readers, tensor);
        low[i] = chain.low;
        high[i] = chain.high;
    }
    arena_free(&arena);
    return found ? STATUS_OK : FAIL_MEMORY(diag, "the bounds of layers");
}
