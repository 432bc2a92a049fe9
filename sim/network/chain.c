#include "sim/network/chain.h"

#include <math.h>

bool readers_find(struct readers *readers, const struct node *nodes, int n_nodes, int n_tensors,
                  int output, struct arena *arena) {
    readers->uses = ARENA_NEW(arena, n_tensors, int);
    readers->last = ARENA_NEW(arena, n_tensors, int);
    if (readers->uses == NULL || readers->last == NULL)
        return false;
    for (int t = 0; t < n_tensors; t++)
        readers->last[t] = -1;
    for (int i = 0; i < n_nodes; i++)
        for (int k = 0; k < nodes[i].n_inputs; k++) {
            readers->uses[nodes[i].inputs[k]]++;
            readers->last[nodes[i].inputs[k]] = i;
        }
    readers->uses[output]++;
    return true;
}

int reader_alone(const struct readers *readers, int tensor) {
    return readers->uses[tensor] == 1 ? readers->last[tensor] : -1;
}

struct chain chain_follow(const struct node *nodes, const struct readers *readers, int tensor) {
    struct chain chain = {.end = tensor, .low = -INFINITY, .high = INFINITY};
    for (;;) {
        int next = reader_alone(readers, chain.end);
        if (next < 0 || (nodes[next].op != OP_RELU && nodes[next].op != OP_CLIP))
            return chain;
        bool relu = nodes[next].op == OP_RELU;
        float low = relu ? 0 : nodes[next].low, high = relu ? INFINITY : nodes[next].high;
        chain.low = fminf(fmaxf(chain.low, low), high);
        chain.high = fminf(fmaxf(chain.high, low), high);
        chain.end = nodes[next].output;
    }
}

void chain_mark(const struct node *nodes, const struct readers *readers, int tensor, int end,
                bool *marks) {
    while (tensor != end) {
        int next = readers->last[tensor];
        marks[next] = true;
        tensor = nodes[next].output;
    }
}
