/* ISAAC's copies of layers: each layer makes its results as fast as those after it take them. */
#include "mapping/replication.h"

static double larger(double a, double b) {
    return a > b ? a : b;
}

static bool same_shape(const struct tensor *a, const struct tensor *b) {
    bool same = a->rank == b->rank;
    for (int i = 0; same && i < a->rank; i++)
        same = a->shape[i] == b->shape[i];
    return same;
}

/* Positions of a map that one position of what reads it needs anew. Where all of the map is needed
 * for one position (a product of a whole map, a mean over it) no copies can help. */
static double advance(const struct network *network, const struct node *node, double copies) {
    const struct window *window = &node->window;
    switch (node->op) {
    case OP_MATRIX:
        if (network->matrix[node->matrix].shape.fully_connected)
            return 1;
        window = &network->matrix[node->matrix].shape.window;
        return copies * window->stride[0] * window->stride[1];
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
        return copies * window->stride[0] * window->stride[1];
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_TRANSPOSE:
        return 1;
    case OP_RESHAPE:
        return same_shape(&network->tensors[node->inputs[0]], &network->tensors[node->output])
                   ? copies
                   : 1;
    default:
        return copies;
    }
}

enum status replication_isaac(const struct network *network, int *copies, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    double *wanted = ARENA_NEW(&arena, network->n_tensors, double); /* of who computes a tensor */
    if (wanted == NULL)
        return FAIL_MEMORY(diag, "copies of layers");
    for (int i = network->n_nodes - 1; i >= 0; i--) {
        const struct node *node = &network->nodes[i];
        double own = larger(wanted[node->output], 1);
        if (node->op == OP_MATRIX) {
            double positions = (double)matrix_positions(&network->matrix[node->matrix].shape);
            own = own < positions ? own : positions;
            copies[node->matrix] = (int)own;
        }
        for (int k = 0; k < node->n_inputs; k++)
            wanted[node->inputs[k]] = larger(wanted[node->inputs[k]], advance(network, node, own));
    }
    arena_free(&arena);
    return STATUS_OK;
}
