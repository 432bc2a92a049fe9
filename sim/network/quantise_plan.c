#include <float.h>
#include <math.h>

#include "sim/network/quantise.h"

/* Affine grid over `range`, extended to hold 0 exactly. */
static struct quantisation grid_over(struct activation_range range, int bits) {
    double low = fmin(range.low, 0), high = fmax(range.high, 0);
    int levels = (1 << bits) - 1;
    float scale = (float)((high - low) / levels);
    if (!(scale >= FLT_MIN)) /* nothing but zeros were seen */
        scale = 1;
    double zero = rint(-low / scale);
    return (struct quantisation){
        .scale = scale, .zero_point = zero > levels ? levels : (int)zero, .bits = bits};
}

static bool is_matrix(enum op op) {
    return op == OP_CONV || op == OP_GEMM;
}

/* Operators with inputs and outputs on a grid, as static quantisation in the QDQ form has them. */
static bool is_arithmetic(enum op op) {
    return op == OP_ADD || op == OP_MUL || op == OP_CONCAT || op == OP_AVERAGE_POOL ||
           op == OP_GLOBAL_AVERAGE_POOL;
}

static bool is_movement(enum op op) {
    return op == OP_MAX_POOL || op == OP_RESHAPE || op == OP_TRANSPOSE;
}

static void plan_node(const struct network *network, const struct readers *readers, int index,
                      struct plan *plan) {
    const struct node *node = &network->nodes[index];
    plan->end[index] = node->output;
    if (!is_matrix(node->op) && !is_arithmetic(node->op))
        return;
    for (int k = 0; k < node->n_inputs; k++)
        plan->coded[node->inputs[k]] = network->tensors[node->inputs[k]].floats == NULL;
    struct chain chain = chain_follow(network->nodes, readers, node->output);
    plan->chain[index] = chain;
    plan->coded[chain.end] = true;
    /* The grid ends where the activation does. Saturation is then the activation itself, but for
     * one that keeps 0 out, which only a matrix layer's own bounds can express. */
    if (is_matrix(node->op) || (chain.low <= 0 && chain.high >= 0)) {
        chain_mark(network->nodes, readers, node->output, chain.end, plan->absorbed);
        plan->end[index] = chain.end;
    }
}

static enum status plan_grids(const struct network *network, const struct activation_range *ranges,
                              int bits, struct plan *plan, struct diagnostic *diag) {
    int *source; /* tensor whose grid a moved tensor keeps */
    struct arena scratch = ARENA_INIT;
    source = ARENA_NEW(&scratch, network->n_tensors, int);
    if (source == NULL)
        return FAIL_MEMORY(diag, "activation ranges");
    for (int t = 0; t < network->n_tensors; t++)
        source[t] = t;
    for (int i = 0; i < network->n_nodes; i++) {
        const struct node *node = &network->nodes[i];
        if (!is_movement(node->op) || !plan->coded[node->inputs[0]])
            continue;
        plan->coded[node->output] = true;
        source[node->output] = source[node->inputs[0]];
    }
    enum status status = STATUS_OK;
    for (int t = 0; t < network->n_tensors && status == STATUS_OK; t++) {
        struct activation_range range = ranges[source[t]];
        if (!plan->coded[t])
            continue;
        plan->quant[t] = grid_over(range, bits);
        if (!(range.low <= range.high) || !isfinite(range.low) || !isfinite(range.high))
            status = FAIL(
                diag, STATUS_USAGE,
                "%s: activation '%s' has the range %g..%g over the calibration images, "
                "which cannot be quantised: check dataset.mean, dataset.std and the model",
                network->path, network->tensors[t].name, (double)range.low, (double)range.high);
    }
    arena_free(&scratch);
    return status;
}

enum status quantise_plan(const struct network *network, const struct activation_range *ranges,
                          int bits, struct arena *arena, struct plan *plan,
                          struct diagnostic *diag) {
    struct readers readers;
    plan->coded = ARENA_NEW(arena, network->n_tensors, bool);
    plan->quant = ARENA_NEW(arena, network->n_tensors, struct quantisation);
    plan->end = ARENA_NEW(arena, network->n_nodes, int);
    plan->absorbed = ARENA_NEW(arena, network->n_nodes, bool);
    plan->chain = ARENA_NEW(arena, network->n_nodes, struct chain);
    if (plan->coded == NULL || plan->quant == NULL || plan->end == NULL || plan->absorbed == NULL ||
        plan->chain == NULL ||
        !readers_find(&readers, network->nodes, network->n_nodes, network->n_tensors,
                      network->output, arena))
        return FAIL_MEMORY(diag, "the quantised network");
    for (int i = 0; i < network->n_nodes; i++)
        plan_node(network, &readers, i, plan);
    return plan_grids(network, ranges, bits, plan, diag);
}
