#include "sim/run/masks.h"

#include "sim/network/npz.h"

static struct npz_array array_of(const struct export_weights *weights, const uint8_t *values) {
    struct npz_array array = {.name = weights->name, .rank = weights->rank, .values = values};
    for (int d = 0; d < weights->rank; d++)
        array.shape[d] = weights->shape[d];
    return array;
}

static size_t size_of(const struct network *network, int layer) {
    const struct matrix_shape *shape = &network->linear[layer].shape;
    return (size_t)matrix_rows(shape) * (size_t)shape->out_channels;
}

/* From the file's order to [columns][rows], or back. */
static void reorder(const struct network *network, int layer, bool transposed, bool to_file,
                    const uint8_t *from, uint8_t *to) {
    size_t rows = (size_t)matrix_rows(&network->linear[layer].shape);
    size_t columns = (size_t)network->linear[layer].shape.out_channels;
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++) {
            size_t ours = c * rows + r, theirs = transposed ? r * columns + c : ours;
            to[to_file ? theirs : ours] = from[to_file ? ours : theirs] != 0;
        }
}

enum status masks_read(const char *path, const struct export *model, const struct network *network,
                       const uint8_t **masks, struct arena *arena, struct diagnostic *diag) {
    int found = 0;
    for (int i = 0; i < network->n_linear; i++) {
        struct export_weights weights = export_weights_of(model, network, i);
        struct npz_array array = array_of(&weights, NULL);
        uint8_t *values = ARENA_NEW(arena, size_of(network, i), uint8_t);
        uint8_t *mask = ARENA_NEW(arena, size_of(network, i), uint8_t);
        bool missing;
        if (values == NULL || mask == NULL)
            return FAIL_MEMORY(diag, "masks");
        TRY(npz_read(path, &array, values, &missing, diag));
        masks[i] = NULL;
        if (missing)
            continue;
        reorder(network, i, weights.transposed, false, values, mask);
        masks[i] = mask;
        found++;
    }
    if (found == 0)
        return FAIL(diag, STATUS_USAGE,
                    "%s: no array is named like a layer's weights in %s, such as '%s'", path,
                    network->path, export_weights_of(model, network, 0).name);
    return STATUS_OK;
}

enum status masks_write(const char *path, const struct export *model, const struct network *network,
                        const struct layerwise_layer *layers, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct npz_array *arrays = ARENA_NEW(&arena, network->n_linear, struct npz_array);
    enum status status = arrays != NULL ? STATUS_OK : FAIL_MEMORY(diag, "masks");
    size_t n = 0;
    for (int i = 0; i < network->n_linear && status == STATUS_OK; i++) {
        if (layers[i].mask == NULL)
            continue;
        struct export_weights weights = export_weights_of(model, network, i);
        uint8_t *values = ARENA_NEW(&arena, size_of(network, i), uint8_t);
        if (values == NULL) {
            status = FAIL_MEMORY(diag, "masks");
            break;
        }
        reorder(network, i, weights.transposed, true, layers[i].mask, values);
        arrays[n++] = array_of(&weights, values);
    }
    if (status == STATUS_OK)
        status = npz_write(path, arrays, n, diag);
    arena_free(&arena);
    return status;
}
