/* Copies of layers for a number of arrays: the slowest layer as fast as they allow. */
#include "mapping/mapping.h"

static double divide_up(double value, double by) {
    double whole = (double)(long)(value / by);
    return whole * by < value ? whole + 1 : whole;
}

/* Arrays that so many copies of a layer take, whole macros of them. */
static double arrays_of(const struct mapped_layer *layer, const struct balance *balance,
                        double copies) {
    double granule = balance->arrays_per_macro;
    return granule * divide_up(copies * layer->n_arrays, granule);
}

static double time_of(const struct mapped_layer *layer, double position_s, int copies) {
    return position_s * divide_up((double)matrix_positions(&layer->layer->shape), copies);
}

/* Least copies with which each does fewer positions than now; those now where it does but one. */
static int next_copies(const struct mapped_layer *layer) {
    double positions = (double)matrix_positions(&layer->layer->shape);
    double each = divide_up(positions, layer->copies);
    return each > 1 ? (int)divide_up(positions, each - 1) : layer->copies;
}

/* Gives every layer that takes as long as the slowest its next copies; false where they do not help
 * or do not fit, and then nothing has changed. A layer has never more copies than its present time
 * needs, so what does not fit here fits in no other way. */
static bool speed_up(struct mapping *mapping, const struct balance *balance, double *arrays) {
    double slowest_s = 0, wanted = *arrays;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        double own_s = time_of(layer, balance->position_s[i], layer->copies);
        slowest_s = own_s > slowest_s ? own_s : slowest_s;
    }
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        int next = next_copies(layer);
        if (time_of(layer, balance->position_s[i], layer->copies) < slowest_s)
            continue;
        if (next == layer->copies)
            return false;
        wanted += arrays_of(layer, balance, next) - arrays_of(layer, balance, layer->copies);
    }
    if (wanted > (double)balance->arrays)
        return false;
    for (int i = 0; i < mapping->n_layers; i++) {
        struct mapped_layer *layer = &mapping->layers[i];
        if (time_of(layer, balance->position_s[i], layer->copies) == slowest_s)
            layer->copies = next_copies(layer);
    }
    *arrays = wanted;
    return true;
}

enum status mapping_balance(struct mapping *mapping, const struct balance *balance,
                            struct diagnostic *diag) {
    double arrays = 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        mapping->layers[i].copies = 1;
        arrays += arrays_of(&mapping->layers[i], balance, 1);
    }
    if (arrays > (double)balance->arrays)
        return FAIL(diag, STATUS_USAGE,
                    "mapping.array_budget: %ld arrays are too few for one copy of each layer, "
                    "which takes %.0f: set at least that, or 0 for those of the chip",
                    balance->arrays, arrays);
    while (speed_up(mapping, balance, &arrays)) {
    }
    mapping_count_crossbars(mapping);
    return STATUS_OK;
}
