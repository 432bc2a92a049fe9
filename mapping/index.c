/* What compacted arrays have to know of where their inputs come from and their sums go to. */
#include "mapping/mapping.h"

static int bits_of(int numbers) {
    int bits = 1;
    while (1L << bits < numbers)
        bits++;
    return bits;
}

/* Neighbouring numbers need no index but the first one, which the layer's sizes give. */
static bool is_run(const int *numbers, int n) {
    return n == 0 || numbers[n - 1] - numbers[0] == n - 1;
}

struct mapping_index mapping_index_of(const struct mapped_layer *layer) {
    struct mapping_index index = {.input_bits = bits_of(layer->pack_rows),
                                  .output_bits = bits_of(layer->pack_filters)};
    if (layer->compaction == COMPACTION_NONE)
        return index;
    for (int i = 0; i < layer->n_arrays; i++) {
        const struct mapped_array *a = &layer->arrays[i];
        int filters = a->row_sets > 1 ? layer->unit_filters : a->filters, rows;
        for (int f = 0; f < a->filters; f += filters) {
            const int *row = mapping_array_rows(layer, a, f, &rows);
            index.gathered += is_run(row, rows) ? 0 : rows;
        }
        index.scattered += is_run(a->filter, a->filters) ? 0 : a->filters;
    }
    index.stored_bits = index.gathered * index.input_bits + index.scattered * index.output_bits;
    return index;
}
