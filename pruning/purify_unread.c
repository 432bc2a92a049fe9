/* Channels that stand or fall together, and which of them nothing reads: union-find over all
 * channels of all tensors. */
#include "pruning/purify_internal.h"

struct classes {
    int *parent; /* [n_channels] */
    bool *kept;  /* [n_channels] of roots: read, or not to be touched */
};

static int root_of(struct classes *classes, int channel) {
    while (classes->parent[channel] != channel) {
        classes->parent[channel] = classes->parent[classes->parent[channel]];
        channel = classes->parent[channel];
    }
    return channel;
}

static void join(struct classes *classes, int a, int b) {
    int x = root_of(classes, a), y = root_of(classes, b);
    classes->parent[x > y ? x : y] = x < y ? x : y;
    classes->kept[x < y ? x : y] = classes->kept[x] || classes->kept[y];
}

static void keep(struct classes *classes, int channel) {
    classes->kept[root_of(classes, channel)] = true;
}

static void pin(const struct purify *p, struct classes *classes, int tensor) {
    for (int c = p->first[tensor]; c < p->first[tensor + 1]; c++)
        keep(classes, c);
}

static void pin_node(const struct purify *p, struct classes *classes, const struct node *node) {
    for (int i = 0; i < node->n_inputs; i++)
        pin(p, classes, node->inputs[i]);
    pin(p, classes, node->output);
}

static bool same_shape(const struct tensor *a, const struct tensor *b) {
    bool same = a->rank == b->rank && a->floats == NULL && b->floats == NULL;
    for (int d = 0; same && d < a->rank; d++)
        same = a->shape[d] == b->shape[d];
    return same;
}

/* A node whose output channels are its inputs', one by one. */
static void join_channels(const struct purify *p, struct classes *classes,
                          const struct node *node) {
    for (int i = 0; i < node->n_inputs; i++)
        for (int c = 0; c < purify_channels(&p->network->tensors[node->output]); c++)
            join(classes, p->first[node->inputs[i]] + c, p->first[node->output] + c);
}

static void join_reshape(const struct purify *p, struct classes *classes, const struct node *node) {
    const struct tensor *in = &p->network->tensors[node->inputs[0]];
    const struct tensor *out = &p->network->tensors[node->output];
    int features = purify_features(in, out);
    if (features == 0)
        pin_node(p, classes, node);
    for (int f = 0; features > 0 && f < purify_channels(out); f++)
        join(classes, p->first[node->inputs[0]] + f / features, p->first[node->output] + f);
}

static void join_linear(const struct purify *p, struct classes *classes, const struct node *node) {
    const struct matrix_shape *s = &p->network->linear[node->matrix].shape;
    if (purify_is_depthwise(s) && purify_is_plain(s))
        join_channels(p, classes, node);
    else if (s->groups != 1 || !purify_is_plain(s))
        pin_node(p, classes, node);
}

static void join_all(const struct purify *p, struct classes *classes) {
    const struct network *network = p->network;
    for (int i = 0; i < p->n_channels; i++)
        classes->parent[i] = i;
    pin(p, classes, network->input);
    pin(p, classes, network->output);
    for (int n = 0; n < network->n_nodes; n++) {
        const struct node *node = &network->nodes[n];
        const struct tensor *out = &network->tensors[node->output];
        switch (node->op) {
        case OP_CONV:
        case OP_GEMM:
            join_linear(p, classes, node);
            break;
        case OP_ADD:
            if (same_shape(&network->tensors[node->inputs[0]], out) &&
                same_shape(&network->tensors[node->inputs[1]], out))
                join_channels(p, classes, node);
            else
                pin_node(p, classes, node);
            break;
        case OP_RESHAPE:
            join_reshape(p, classes, node);
            break;
        default:
            if (op_keeps_channels(node->op))
                join_channels(p, classes, node);
            else
                pin_node(p, classes, node);
        }
    }
}

/* Keeps the channels that some weight of a layer reads. */
static void mark_read(const struct purify *p, struct classes *classes, const struct node *node) {
    const struct matrix_shape *s = &p->network->linear[node->matrix].shape;
    int rows = matrix_rows(s), each = purify_rows_of_channel(s);
    if (s->groups != 1 || !purify_is_plain(s))
        return;
    for (int f = 0; f < s->out_channels; f++)
        for (int r = 0; r < rows; r++)
            if (p->weights[node->matrix][(size_t)f * (size_t)rows + (size_t)r] != 0)
                keep(classes, p->first[node->inputs[0]] + r / each);
}

/* Clears the filters of channels that go; true when one was not clear. A layer keeps its first
 * channel where all would go. */
static bool clear_filters(const struct purify *p, struct classes *classes,
                          const struct node *node) {
    const struct matrix_shape *s = &p->network->linear[node->matrix].shape;
    int rows = matrix_rows(s), out = p->first[node->output];
    bool any = false, changed = false;
    if (!purify_is_plain(s))
        return false;
    for (int f = 0; f < s->out_channels; f++)
        any = any || classes->kept[root_of(classes, out + f)];
    if (!any)
        keep(classes, out);
    for (int f = 0; f < s->out_channels; f++)
        for (int r = 0; r < rows && !classes->kept[root_of(classes, out + f)]; r++) {
            float *weight = &p->weights[node->matrix][(size_t)f * (size_t)rows + (size_t)r];
            changed = changed || *weight != 0;
            *weight = 0;
        }
    return changed;
}

static bool find_unread(const struct purify *p, struct classes *classes) {
    const struct network *network = p->network;
    bool changed = false;
    for (int i = 0; i < p->n_channels; i++)
        classes->kept[i] = false;
    join_all(p, classes);
    for (int n = 0; n < network->n_nodes; n++)
        if (network->nodes[n].op == OP_CONV || network->nodes[n].op == OP_GEMM)
            mark_read(p, classes, &network->nodes[n]);
    for (int n = 0; n < network->n_nodes; n++)
        if (network->nodes[n].op == OP_CONV || network->nodes[n].op == OP_GEMM)
            changed = clear_filters(p, classes, &network->nodes[n]) || changed;
    return changed;
}

enum status purify_unread(const struct purify *purify, bool *keep_channel,
                          struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct classes classes = {ARENA_NEW(&arena, purify->n_channels, int),
                              ARENA_NEW(&arena, purify->n_channels, bool)};
    bool fine = classes.parent != NULL && classes.kept != NULL;
    while (fine && find_unread(purify, &classes))
        ; /* filters that went may have been the only ones to read others */
    for (int i = 0; fine && i < purify->n_channels; i++)
        keep_channel[i] = classes.kept[root_of(&classes, i)];
    arena_free(&arena);
    return fine ? STATUS_OK : FAIL_MEMORY(diag, "purification");
}
