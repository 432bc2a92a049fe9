#include "sim/network/import.h"

enum mark { UNSEEN, OPEN, DONE };

/* Marks the nodes that the output needs; dangling ones are left out. */
static enum status mark_live(struct importer *importer, bool *live) {
    int *stack = ARENA_NEW(&importer->scratch, importer->n_nodes + 1, int);
    if (stack == NULL)
        return IMPORT_MEMORY(importer);
    int depth = 0;
    int first = importer->values[importer->output].producer;
    if (first >= 0) {
        stack[depth++] = first;
        live[first] = true;
    }
    while (depth > 0) {
        const struct import_node *node = &importer->nodes[stack[--depth]];
        for (int i = 0; i < node->n_inputs; i++) {
            int producer = node->inputs[i] < 0 ? -1 : importer->values[node->inputs[i]].producer;
            if (producer >= 0 && !live[producer]) {
                live[producer] = true;
                stack[depth++] = producer;
            }
        }
    }
    return STATUS_OK;
}

/* The next input of `node` from *position on whose producer is not done, or -1. */
static int next_producer(const struct importer *importer, const struct import_node *node,
                         const enum mark *marks, int *position) {
    while (*position < node->n_inputs) {
        int value = node->inputs[(*position)++];
        int producer = value < 0 ? -1 : importer->values[value].producer;
        if (producer >= 0 && marks[producer] != DONE)
            return producer;
    }
    return -1;
}

struct visit {
    int node, position;
};

/* Depth-first from one node: everything it needs, then itself. The stack is explicit, so a long
 * chain cannot overflow the C stack. */
static enum status visit(struct importer *importer, int root, enum mark *marks,
                         struct visit *stack) {
    int depth = 0;
    stack[depth++] = (struct visit){.node = root};
    marks[root] = OPEN;
    while (depth > 0) {
        struct visit *top = &stack[depth - 1];
        int next = next_producer(importer, &importer->nodes[top->node], marks, &top->position);
        if (next < 0) {
            marks[top->node] = DONE;
            importer->order[importer->n_order++] = top->node;
            depth--;
        } else if (marks[next] == OPEN) {
            importer->current = &importer->nodes[next];
            return IMPORT_FAIL(importer,
                               "the node needs its own output (a cycle): export the model again");
        } else {
            marks[next] = OPEN;
            stack[depth++] = (struct visit){.node = next};
        }
    }
    return STATUS_OK;
}

static void count_uses(struct importer *importer) {
    importer->values[importer->output].uses++;
    for (int i = 0; i < importer->n_order; i++) {
        const struct import_node *node = &importer->nodes[importer->order[i]];
        for (int k = 0; k < node->n_inputs; k++)
            if (node->inputs[k] >= 0)
                importer->values[node->inputs[k]].uses++;
    }
}

/* Nodes in file order stay so where the file is sorted already. */
enum status import_order(struct importer *importer) {
    struct arena *scratch = &importer->scratch;
    bool *live = ARENA_NEW(scratch, importer->n_nodes, bool);
    enum mark *marks = ARENA_NEW(scratch, importer->n_nodes, enum mark);
    struct visit *stack = ARENA_NEW(scratch, importer->n_nodes + 1, struct visit);
    importer->order = ARENA_NEW(scratch, importer->n_nodes, int);
    if (live == NULL || marks == NULL || stack == NULL || importer->order == NULL)
        return IMPORT_MEMORY(importer);
    TRY(mark_live(importer, live));
    for (int i = 0; i < importer->n_nodes; i++)
        if (live[i] && marks[i] == UNSEEN)
            TRY(visit(importer, i, marks, stack));
    count_uses(importer);
    return STATUS_OK;
}
