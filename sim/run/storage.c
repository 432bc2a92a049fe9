/* What the pruned, quantised weights of the whole network take in each format of storage. */
#include "pruning/storage.h"

#include <string.h>

#include "sim/run/products.h"

static void add(const struct storage *layer, const struct matrix_shape *shape,
                struct run_storage *sum) {
    sum->possible = sum->possible && layer->possible;
    sum->values += (double)layer->values;
    sum->weight_bits += layer->weight_bits;
    sum->index_bits += layer->index_bits;
    sum->macs += (double)(layer->values - layer->padding) * (double)matrix_positions(shape);
}

/* What all others are held against: the layer as it was before purification. */
static struct storage dense_storage(const struct matrix_shape *before, int weight_bits) {
    long weights = matrix_weights(before);
    return (struct storage){
        .possible = true, .values = weights, .weight_bits = (double)weights * weight_bits};
}

static enum status count_layer(const struct run_result *result, int index,
                               struct storage_counts *counts, struct diagnostic *diag) {
    const struct network *network = &result->network;
    const struct matrix_layer *layer = &network->matrix[index];
    const struct prune_plan *plan = &result->plans[index];
    struct arena arena = ARENA_INIT;
    struct storage formats[STORAGE_FORMATS];
    float *weights = prune_weights_of(network, index, &arena);
    if (weights == NULL)
        return FAIL_MEMORY(diag, "storage");
    const struct matrix_shape before = matrix_unpurified(&layer->shape);
    const struct prune_matrix matrix = prune_matrix_of(layer->name, &layer->shape, weights);
    enum status status = storage_count(plan, &matrix, layer->weight_bits, formats, diag);
    arena_free(&arena);
    if (status != STATUS_OK)
        return status;
    enum storage_format smallest = storage_smallest(formats);
    add(&formats[smallest], &layer->shape, &counts->smallest);
    counts->formats[smallest].layers++;
    formats[STORAGE_DENSE] = dense_storage(&before, layer->weight_bits);
    for (int f = 0; f < STORAGE_FORMATS; f++)
        add(&formats[f], &layer->shape, &counts->formats[f]); /* positions stay */
    return STATUS_OK;
}

static enum status make_counts(void *context, void *value, struct diagnostic *diag) {
    const struct run_result *result = context;
    struct storage_counts *counts = value;
    counts->smallest.possible = true;
    for (int f = 0; f < STORAGE_FORMATS; f++)
        counts->formats[f].possible = true;
    for (int i = 0; i < result->network.n_matrix; i++)
        TRY(count_layer(result, i, counts, diag));
    return STATUS_OK;
}

enum status count_storage(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    struct run_key key = run_key_of(&run_products[PRODUCT_STORAGE], evaluation->config);
    const void *value;
    run_key_add(&key, &evaluation->network_key);
    for (int i = 0; i < prune_layers_of(&result->network); i++) { /* left to the crossbar's size */
        run_key_number(&key, result->plans[i].n_steps);
        run_key_number(&key, result->plans[i].base.rows);
        run_key_number(&key, result->plans[i].base.columns);
    }
    TRY(evaluation_take(evaluation, PRODUCT_STORAGE, &key, make_counts, result, &value, diag));
    const struct storage_counts *counts = value;
    memcpy(result->storage, counts->formats, sizeof result->storage);
    result->storage_smallest = counts->smallest;
    return STATUS_OK;
}
