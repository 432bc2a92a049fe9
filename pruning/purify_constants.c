/* Constant channels, followed forwards from empty filters. */
#include <math.h>

#include "pruning/purify_internal.h"

/* What is known of every channel. */
struct known {
    bool *constant; /* [n_channels] */
    float *value;   /* [n_channels] the same at every position and for every image */
};

static float apply(const struct node *node, float x) {
    switch (node->op) {
    case OP_RELU:
        return x > 0 ? x : 0;
    case OP_CLIP:
        return fminf(fmaxf(x, node->low), node->high);
    case OP_LEAKY_RELU:
        return x > 0 ? x : node->alpha * x;
    case OP_SIGMOID:
        return 1.0F / (1.0F + expf(-x));
    case OP_TANH:
        return tanhf(x);
    default:
        return x; /* pools */
    }
}

static bool is_padded(const struct window *w) {
    return w->pad_begin[0] != 0 || w->pad_begin[1] != 0 || w->pad_end[0] != 0 || w->pad_end[1] != 0;
}

/* Whether a node gives a constant channel the value that `apply` says. */
static bool carries(const struct node *node, float value) {
    switch (node->op) {
    case OP_RELU:
    case OP_CLIP:
    case OP_LEAKY_RELU:
    case OP_SIGMOID:
    case OP_TANH:
    case OP_MAX_POOL:
    case OP_GLOBAL_AVERAGE_POOL:
        return true;
    case OP_AVERAGE_POOL:
        return value == 0 || !node->window.count_include_pad || !is_padded(&node->window);
    default:
        return false;
    }
}

static void follow_unary(const struct purify *p, const struct node *node, struct known *known) {
    int in = p->first[node->inputs[0]], out = p->first[node->output];
    int n = purify_channels(&p->network->tensors[node->output]);
    for (int c = 0; c < n; c++)
        if (known->constant[in + c] && carries(node, known->value[in + c])) {
            known->constant[out + c] = true;
            known->value[out + c] = apply(node, known->value[in + c]);
        }
}

static void follow_reshape(const struct purify *p, const struct node *node, struct known *known) {
    const struct tensor *in = &p->network->tensors[node->inputs[0]];
    const struct tensor *out = &p->network->tensors[node->output];
    int features = purify_features(in, out);
    for (int f = 0; features > 0 && f < purify_channels(out); f++) {
        int from = p->first[node->inputs[0]] + f / features, to = p->first[node->output] + f;
        known->constant[to] = known->constant[from];
        known->value[to] = known->value[from];
    }
}

static void follow_add(const struct purify *p, const struct node *node, struct known *known) {
    const struct tensor *out = &p->network->tensors[node->output];
    int to = p->first[node->output], a = p->first[node->inputs[0]], b = p->first[node->inputs[1]];
    for (int i = 0; i < 2; i++) {
        const struct tensor *in = &p->network->tensors[node->inputs[i]];
        if (in->floats != NULL || in->count != out->count || in->rank != out->rank)
            return;
    }
    for (int c = 0; c < purify_channels(out); c++)
        if (known->constant[a + c] && known->constant[b + c]) {
            known->constant[to + c] = true;
            known->value[to + c] = known->value[a + c] + known->value[b + c];
        }
}

/* Takes a constant channel out of the weights [rows from `row` on] of one filter. */
static void fold(float *weights, float *bias, int row, int rows, float value) {
    double sum = 0;
    for (int r = row; r < row + rows; r++) {
        sum += (double)weights[r];
        weights[r] = 0;
    }
    *bias = (float)((double)*bias + (double)value * sum);
}

static bool is_empty(const float *weights, int rows) {
    for (int r = 0; r < rows; r++)
        if (weights[r] != 0)
            return false;
    return true;
}

static void follow_linear(const struct purify *p, const struct node *node, struct known *known) {
    const struct matrix_shape *s = &p->network->linear[node->matrix].shape;
    int rows = matrix_rows(s), in = p->first[node->inputs[0]], out = p->first[node->output];
    bool depthwise = purify_is_depthwise(s);
    if (!purify_is_plain(s))
        return;
    int each = depthwise ? rows : s->groups == 1 ? purify_rows_of_channel(s) : rows;
    for (int f = 0; f < s->out_channels; f++) {
        float *weights = p->weights[node->matrix] + (size_t)f * (size_t)rows;
        float *bias = &p->bias[node->matrix][f];
        for (int c = 0; s->groups == 1 && c < s->in_channels; c++)
            if (known->constant[in + c] && (known->value[in + c] == 0 || !is_padded(&s->window)))
                fold(weights, bias, c * each, each, known->value[in + c]);
        if (depthwise && known->constant[in + f] &&
            (known->value[in + f] == 0 || !is_padded(&s->window)))
            fold(weights, bias, 0, each, known->value[in + f]);
        known->constant[out + f] = is_empty(weights, rows);
        known->value[out + f] = *bias;
    }
}

enum status purify_constants(const struct purify *purify, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct known known = {ARENA_NEW(&arena, purify->n_channels, bool),
                          ARENA_NEW(&arena, purify->n_channels, float)};
    bool fine = known.constant != NULL && known.value != NULL;
    for (int n = 0; fine && n < purify->network->n_nodes; n++) {
        const struct node *node = &purify->network->nodes[n];
        if (node->op == OP_CONV || node->op == OP_GEMM)
            follow_linear(purify, node, &known);
        else if (node->op == OP_ADD)
            follow_add(purify, node, &known);
        else if (node->op == OP_RESHAPE)
            follow_reshape(purify, node, &known);
        else
            follow_unary(purify, node, &known);
    }
    arena_free(&arena);
    return fine ? STATUS_OK : FAIL_MEMORY(diag, "purification");
}
