#include "pruning/purify.h"

#include <string.h>

#include "pruning/purify_internal.h"

int purify_channels(const struct tensor *tensor) {
    return tensor->rank >= 2 ? tensor->shape[1] : 1;
}

bool purify_is_depthwise(const struct matrix_shape *shape) {
    return shape->groups > 1 && shape->groups == shape->in_channels &&
           shape->groups == shape->out_channels;
}

bool purify_is_plain(const struct matrix_shape *shape) {
    return !shape->fully_connected || shape->in_width == 1;
}

int purify_rows_of_channel(const struct matrix_shape *shape) {
    return shape->window.kernel[0] * shape->window.kernel[1];
}

int purify_features(const struct tensor *in, const struct tensor *out) {
    if (in->rank < 2 || out->rank < 2)
        return 0;
    int channels = in->shape[1];
    if (out->shape[1] == channels)
        return 1;
    return out->rank == 2 && out->shape[1] % channels == 0 ? out->shape[1] / channels : 0;
}

static enum status open(struct purify *p, struct diagnostic *diag) {
    struct network *network = p->network;
    int n = network->n_linear;
    p->first = ARENA_NEW(&p->scratch, network->n_tensors + 1, int);
    p->weights = ARENA_NEW(&p->scratch, n, float *);
    p->bias = ARENA_NEW(&p->scratch, n, float *);
    if (p->first == NULL || p->weights == NULL || p->bias == NULL)
        return FAIL_MEMORY(diag, "purification");
    for (int t = 0; t < network->n_tensors; t++)
        p->first[t + 1] = p->first[t] + purify_channels(&network->tensors[t]);
    p->n_channels = p->first[network->n_tensors];
    for (int i = 0; i < n; i++) {
        const struct linear_layer *layer = &network->linear[i];
        size_t out = (size_t)layer->shape.out_channels, rows = (size_t)matrix_rows(&layer->shape);
        p->weights[i] = ARENA_NEW(&network->arena, out * rows, float);
        p->bias[i] = ARENA_NEW(&network->arena, out, float);
        if (p->weights[i] == NULL || p->bias[i] == NULL)
            return FAIL_MEMORY(diag, "purification");
        memcpy(p->weights[i], layer->weights, out * rows * sizeof(float));
        memcpy(p->bias[i], layer->bias, out * sizeof(float));
    }
    return STATUS_OK;
}

/* Moves what is kept of a layer's weights and biases to the front, and counts it anew. */
static void shrink_layer(const struct purify *p, int index, const bool *keep,
                         struct purified *purified) {
    struct linear_layer *layer = &p->network->linear[index];
    struct matrix_shape *s = &layer->shape;
    const struct node *node = &p->network->nodes[layer->node];
    const bool *in = keep + p->first[node->inputs[0]], *out = keep + p->first[node->output];
    int rows = matrix_rows(s), each = purify_rows_of_channel(s), filters = 0, channels = 0;
    size_t to = 0;
    bool plain = purify_is_plain(s);
    for (int f = 0; f < s->out_channels; f++) {
        if (plain && !out[f])
            continue;
        for (int r = 0; r < rows; r++)
            if (s->groups != 1 || !plain || in[r / each])
                p->weights[index][to++] = p->weights[index][(size_t)f * (size_t)rows + (size_t)r];
        p->bias[index][filters++] = p->bias[index][f];
    }
    for (int c = 0; c < s->in_channels; c++)
        channels += !plain || in[c];
    purified->filters += s->out_channels - filters;
    purified->weights += (long)s->out_channels * rows - (long)to;
    s->removed.in_channels += s->in_channels - channels;
    s->removed.out_channels += s->out_channels - filters;
    if (purify_is_depthwise(s)) {
        s->removed.groups += s->groups - filters;
        s->groups = filters;
    }
    s->in_channels = channels;
    s->out_channels = filters;
    layer->weights = p->weights[index];
    layer->bias = p->bias[index];
}

static void shrink_tensors(const struct purify *p, const bool *keep) {
    for (int t = 0; t < p->network->n_tensors; t++) {
        struct tensor *tensor = &p->network->tensors[t];
        int kept = 0, all = purify_channels(tensor);
        for (int c = 0; c < all; c++)
            kept += keep[p->first[t] + c];
        if (tensor->floats != NULL || tensor->type == TENSOR_INT64 || tensor->rank < 2)
            continue;
        tensor->count = tensor->count / (size_t)all * (size_t)kept;
        tensor->shape[1] = kept;
    }
}

enum status purify_network(struct network *network, struct purified *purified,
                           struct diagnostic *diag) {
    struct purify purify = {.network = network};
    *purified = (struct purified){0};
    enum status status = open(&purify, diag);
    bool *keep = status == STATUS_OK ? ARENA_NEW(&purify.scratch, purify.n_channels, bool) : NULL;
    if (status == STATUS_OK && keep == NULL)
        status = FAIL_MEMORY(diag, "purification");
    if (status == STATUS_OK)
        status = purify_constants(&purify, diag);
    if (status == STATUS_OK)
        status = purify_unread(&purify, keep, diag);
    for (int i = 0; status == STATUS_OK && i < network->n_linear; i++)
        shrink_layer(&purify, i, keep, purified);
    if (status == STATUS_OK) {
        shrink_tensors(&purify, keep);
        network->purified = true;
    }
    arena_free(&purify.scratch);
    return status;
}
