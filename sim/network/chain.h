/* Who reads a tensor, and chains of Relu and Clip that fold into what computes it. */
#ifndef MHO_NETWORK_CHAIN_H
#define MHO_NETWORK_CHAIN_H

#include "sim/network/network.h"

struct readers {
    int *uses; /* [n_tensors] node inputs that read the tensor, plus one for the network's output */
    int *last; /* [n_tensors] the last node that reads it, or -1 */
};

/* False on short memory. */
bool readers_find(struct readers *readers, const struct node *nodes, int n_nodes, int n_tensors,
                  int output, struct arena *arena);

/* The node that alone reads `tensor`, or -1. */
int reader_alone(const struct readers *readers, int tensor);

struct chain {
    int end;         /* last tensor of the chain; the first one when nothing follows */
    float low, high; /* bounds that the chain puts on values, or infinite */
};

/* Follows Relu and Clip from `tensor` on, as long as nothing else reads what is between. */
struct chain chain_follow(const struct node *nodes, const struct readers *readers, int tensor);

/* Sets marks[node] for the nodes of a chain. */
void chain_mark(const struct node *nodes, const struct readers *readers, int tensor, int end,
                bool *marks);

#endif
