/* One-shot pruning of a whole network in memory, by magnitude. */
#include <string.h>

#include "pruning/pruning.h"

int prune_layers_of(const struct network *network) {
    return network->quantised ? network->n_matrix : network->n_linear;
}

const struct matrix_shape *prune_shape_of(const struct network *network, int layer) {
    return network->quantised ? &network->matrix[layer].shape : &network->linear[layer].shape;
}

const char *prune_name_of(const struct network *network, int layer) {
    return network->quantised ? network->matrix[layer].name : network->linear[layer].name;
}

float *prune_weights_of(const struct network *network, int layer, struct arena *arena) {
    const struct matrix_shape *shape = prune_shape_of(network, layer);
    size_t rows = (size_t)matrix_rows(shape), columns = (size_t)shape->out_channels;
    float *weights = ARENA_NEW(arena, rows * columns, float);
    if (weights == NULL)
        return NULL;
    if (!network->quantised)
        return memcpy(weights, network->linear[layer].weights, rows * columns * sizeof *weights);
    const struct matrix_layer *matrix = &network->matrix[layer];
    for (size_t c = 0; c < columns; c++)
        for (size_t i = c * rows; i < (c + 1) * rows; i++)
            weights[i] = matrix->weight_scale[c] * (float)matrix->weights[i];
    return weights;
}

enum status prune_mask_layer(struct network *network, int layer, const uint8_t *mask,
                             struct diagnostic *diag) {
    const struct matrix_shape *shape = prune_shape_of(network, layer);
    size_t size = (size_t)matrix_rows(shape) * (size_t)shape->out_channels;
    if (network->quantised) {
        int16_t *codes = ARENA_NEW(&network->arena, size, int16_t);
        if (codes == NULL)
            return FAIL_MEMORY(diag, "pruned weights");
        for (size_t i = 0; i < size; i++)
            codes[i] = mask[i] ? network->matrix[layer].weights[i] : 0;
        network->matrix[layer].weights = codes;
    } else {
        float *weights = ARENA_NEW(&network->arena, size, float);
        if (weights == NULL)
            return FAIL_MEMORY(diag, "pruned weights");
        for (size_t i = 0; i < size; i++)
            weights[i] = mask[i] ? network->linear[layer].weights[i] : 0;
        network->linear[layer].weights = weights;
    }
    return STATUS_OK;
}

/* The layer with its magnitudes as scores, in `arena`. */
static enum status load(const struct network *network, int index, struct prune_plan *plan,
                        struct arena *arena, struct prune_layer *layer, struct diagnostic *diag) {
    float *weights = prune_weights_of(network, index, arena);
    *layer = (struct prune_layer){.plan = plan};
    layer->matrix =
        prune_matrix_of(prune_name_of(network, index), prune_shape_of(network, index), weights);
    double *scores = ARENA_NEW(arena, prune_size(&layer->matrix), double);
    layer->mask = ARENA_NEW(arena, prune_size(&layer->matrix), uint8_t);
    if (weights == NULL || scores == NULL || layer->mask == NULL)
        return FAIL_MEMORY(diag, "pruning");
    prune_magnitude_scores(&layer->matrix, scores);
    layer->scores = scores;
    return STATUS_OK;
}

static enum status prune_each(struct network *network, struct prune_plan *plans,
                              struct diagnostic *diag) {
    enum status status = STATUS_OK;
    for (int i = 0; i < prune_layers_of(network) && status == STATUS_OK; i++) {
        struct arena arena = ARENA_INIT;
        struct prune_layer layer;
        if (plans[i].n_steps == 0)
            continue;
        status = load(network, i, &plans[i], &arena, &layer, diag);
        if (status == STATUS_OK)
            status = prune_project(&plans[i], &layer.matrix, layer.scores, layer.mask, diag);
        if (status == STATUS_OK)
            status = prune_mask_layer(network, i, layer.mask, diag);
        arena_free(&arena);
    }
    return status;
}

static enum status prune_together(struct network *network, struct prune_plan *plans,
                                  struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int count = prune_layers_of(network);
    struct prune_layer *layers = ARENA_NEW(&arena, count, struct prune_layer);
    enum status status = layers != NULL ? STATUS_OK : FAIL_MEMORY(diag, "pruning");
    for (int i = 0; i < count && status == STATUS_OK; i++)
        status = load(network, i, &plans[i], &arena, &layers[i], diag);
    if (status == STATUS_OK)
        status = prune_globalise(layers, count, diag);
    for (int i = 0; i < count && status == STATUS_OK; i++)
        if (plans[i].n_steps > 0)
            status = prune_mask_layer(network, i, layers[i].mask, diag);
    arena_free(&arena);
    return status;
}

enum status prune_network(struct network *network, struct prune_plan *plans, enum prune_scope scope,
                          struct diagnostic *diag) {
    return scope == PRUNE_GLOBAL ? prune_together(network, plans, diag)
                                 : prune_each(network, plans, diag);
}
