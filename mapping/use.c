/* How full arrays are. */
#include "mapping/mapping.h"

struct mapping_use mapping_use_of(const struct mapped_layer *layer) {
    struct mapping_use use = {0};
    double copies = layer->copies;
    for (int i = 0; i < layer->n_arrays; i++)
        use.rows_used += copies * layer->arrays[i].rows;
    use.arrays = copies * layer->n_arrays;
    use.rows = use.arrays * layer->crossbar.rows;
    use.columns = use.arrays * (layer->crossbar.columns + (layer->encoding.unit_column ? 1 : 0));
    use.columns_used = copies * (double)layer->sums.columns_used;
    use.cells = use.columns * layer->crossbar.rows;
    use.cells_programmed = copies * (double)layer->sums.cells_nonzero;
    return use;
}

void mapping_use_add(struct mapping_use *total, const struct mapping_use *use) {
    total->arrays += use->arrays;
    total->rows += use->rows;
    total->rows_used += use->rows_used;
    total->columns += use->columns;
    total->columns_used += use->columns_used;
    total->cells += use->cells;
    total->cells_programmed += use->cells_programmed;
}
