#include "sim/network/graph.h"

#include <limits.h>
#include <string.h>

/* Room for one element more: the array itself or a copy of twice the size. NULL on short memory. */
static void *grown(struct arena *arena, void *array, int count, int capacity, size_t size) {
    if (count < capacity)
        return array;
    if (capacity > INT_MAX / 2)
        return NULL;
    void *larger = arena_alloc(arena, capacity == 0 ? 64 : 2 * (size_t)capacity, size);
    if (larger != NULL && count > 0)
        memcpy(larger, array, (size_t)count * size);
    return larger;
}

static int next_capacity(int count, int capacity) {
    return count < capacity ? capacity : capacity == 0 ? 64 : 2 * capacity;
}

int graph_add_tensor(struct graph *graph, const struct tensor *tensor) {
    struct arena *arena = &graph->network->arena;
    int n = graph->n_tensors, capacity = graph->tensor_capacity;
    struct tensor *tensors = grown(arena, graph->tensors, n, capacity, sizeof *tensors);
    int *producer = grown(arena, graph->producer, n, capacity, sizeof *producer);
    if (tensors == NULL || producer == NULL)
        return -1;
    graph->tensors = tensors;
    graph->producer = producer;
    graph->tensor_capacity = next_capacity(n, capacity);
    tensors[n] = *tensor;
    producer[n] = -1;
    graph->n_tensors = n + 1;
    return n;
}

int graph_add_node(struct graph *graph, const struct node *node, const int *inputs, int n) {
    struct arena *arena = &graph->network->arena;
    int index = graph->n_nodes;
    struct node *nodes = grown(arena, graph->nodes, index, graph->node_capacity, sizeof *nodes);
    int *copy = ARENA_NEW(arena, n, int);
    if (nodes == NULL || copy == NULL)
        return -1;
    graph->nodes = nodes;
    graph->node_capacity = next_capacity(index, graph->node_capacity);
    if (n > 0)
        memcpy(copy, inputs, (size_t)n * sizeof *copy);
    nodes[index] = *node;
    nodes[index].inputs = copy;
    nodes[index].n_inputs = n;
    graph->producer[node->output] = index;
    graph->n_nodes = index + 1;
    return index;
}

/* Marks what the output needs. Nodes are in topological order, so one pass backwards does. */
static int mark_needed(const struct graph *graph, bool *tensor_needed, bool *node_needed) {
    int count = 0;
    tensor_needed[graph->output] = true;
    tensor_needed[graph->input] = true;
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        const struct node *node = &graph->nodes[i];
        if (!tensor_needed[node->output])
            continue;
        node_needed[i] = true;
        count++;
        for (int k = 0; k < node->n_inputs; k++)
            tensor_needed[node->inputs[k]] = true;
    }
    return count;
}

static enum status number_tensors(const struct graph *graph, const bool *needed, int *number,
                                  struct diagnostic *diag) {
    struct network *network = graph->network;
    for (int t = 0; t < graph->n_tensors; t++)
        number[t] = needed[t] ? network->n_tensors++ : -1;
    network->tensors = ARENA_NEW(&network->arena, network->n_tensors, struct tensor);
    if (network->tensors == NULL)
        return FAIL_MEMORY(diag, "the network's tensors");
    for (int t = 0; t < graph->n_tensors; t++)
        if (needed[t])
            network->tensors[number[t]] = graph->tensors[t];
    network->input = number[graph->input];
    network->output = number[graph->output];
    return STATUS_OK;
}

static void place_node(struct network *network, const struct node *node, const int *number) {
    int index = network->n_nodes++;
    struct node *placed = &network->nodes[index];
    *placed = *node;
    for (int k = 0; k < placed->n_inputs; k++)
        placed->inputs[k] = number[placed->inputs[k]];
    placed->output = number[placed->output];
    if (placed->op == OP_MATRIX)
        network->matrix[placed->matrix].node = index;
    else if (placed->op == OP_CONV || placed->op == OP_GEMM)
        network->linear[placed->matrix].node = index;
}

enum status graph_finish(const struct graph *graph, struct diagnostic *diag) {
    struct network *network = graph->network;
    struct arena scratch = ARENA_INIT;
    bool *tensor_needed = ARENA_NEW(&scratch, graph->n_tensors, bool);
    bool *node_needed = ARENA_NEW(&scratch, graph->n_nodes, bool);
    int *number = ARENA_NEW(&scratch, graph->n_tensors, int);
    enum status status = STATUS_OK;
    if (tensor_needed == NULL || node_needed == NULL || number == NULL) {
        status = FAIL_MEMORY(diag, "the network's graph");
        goto done;
    }
    int n_nodes = mark_needed(graph, tensor_needed, node_needed);
    status = number_tensors(graph, tensor_needed, number, diag);
    if (status != STATUS_OK)
        goto done;
    network->nodes = ARENA_NEW(&network->arena, n_nodes, struct node);
    if (network->nodes == NULL) {
        status = FAIL_MEMORY(diag, "the network's nodes");
        goto done;
    }
    for (int i = 0; i < graph->n_nodes; i++)
        if (node_needed[i])
            place_node(network, &graph->nodes[i], number);
done:
    arena_free(&scratch);
    return status;
}
