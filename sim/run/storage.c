/* What the pruned, quantised weights of the whole network take in each format of storage. */
#include "pruning/storage.h"
#include "sim/run/run_internal.h"

static void add(const struct storage *layer, const struct matrix_shape *shape,
                struct run_storage *sum) {
    sum->possible = sum->possible && layer->possible;
    sum->values += (double)layer->values;
    sum->weight_bits += layer->weight_bits;
    sum->index_bits += layer->index_bits;
    sum->macs += (double)(layer->values - layer->padding) * (double)matrix_positions(shape);
}

/* Classes of columns take longer to find than all other formats together, and are of use to their
 * own scheme alone. */
static bool is_counted(int format, const struct prune_plan *plan) {
    bool mixed = false;
    for (int i = 0; i < plan->n_steps; i++)
        mixed = mixed || plan->steps[i].scheme->storage == STORAGE_CLASSES;
    return format != STORAGE_CLASSES || mixed;
}

static enum status count_layer(struct run_result *result, int index, struct diagnostic *diag) {
    const struct network *network = &result->network;
    const struct matrix_layer *layer = &network->matrix[index];
    const struct prune_plan *plan = &result->plans[index];
    struct arena arena = ARENA_INIT;
    struct storage storage;
    enum storage_format own;
    float *weights = prune_weights_of(network, index, &arena);
    if (weights == NULL)
        return FAIL_MEMORY(diag, "storage");
    const struct prune_matrix matrix = prune_matrix_of(layer->name, &layer->shape, weights);
    enum status status = STATUS_OK;
    for (int f = 0; f < STORAGE_FORMATS && status == STATUS_OK; f++) {
        storage = (struct storage){0};
        if (is_counted(f, plan))
            status =
                storage_formats[f].count(&matrix, &plan->base, layer->weight_bits, &storage, diag);
        add(&storage, &layer->shape, &result->storage[f]);
    }
    if (status == STATUS_OK)
        status = storage_of_plan(plan, &matrix, layer->weight_bits, &own, &storage, diag);
    add(&storage, &layer->shape, &result->storage_own);
    arena_free(&arena);
    return status;
}

enum status count_storage(struct run_result *result, struct diagnostic *diag) {
    result->storage_own.possible = true;
    for (int f = 0; f < STORAGE_FORMATS; f++)
        result->storage[f].possible = true;
    for (int i = 0; i < result->network.n_matrix; i++)
        TRY(count_layer(result, i, diag));
    return STATUS_OK;
}
