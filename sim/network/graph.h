/* A network under construction: tensors and nodes are appended, then graph_finish makes the
 * network.
 *
 * Everything lives in the arena of the network that is being built. A tensor's index never changes
 * before graph_finish, which drops what the output does not need and numbers the rest anew. */
#ifndef MHO_NETWORK_GRAPH_H
#define MHO_NETWORK_GRAPH_H

#include "sim/network/network.h"

struct graph {
    struct network *network; /* owner of the arena */
    struct tensor *tensors;
    int *producer; /* [n_tensors] node that computes the tensor, or -1 */
    int n_tensors, tensor_capacity;
    struct node *nodes;
    int n_nodes, node_capacity;
    int input, output; /* tensors */
};

/* Appends a tensor; -1 on short memory. Its name must live as long as the network. */
int graph_add_tensor(struct graph *graph, const struct tensor *tensor);

/* Appends a node with a copy of `inputs` [n]; -1 on short memory. A node without a matrix layer
 * has matrix -1. */
int graph_add_node(struct graph *graph, const struct node *node, const int *inputs, int n);

/* Drops nodes and tensors that the output does not need and fills in the network's tables. The
 * matrix or linear layers must be in place: their `node` is set here. */
enum status graph_finish(const struct graph *graph, struct diagnostic *diag);

#endif
