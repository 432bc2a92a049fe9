#include "sim/network/network.h"

/* The weights of one layer, float or integer. */
struct weight_view {
    const struct matrix_shape *shape;
    const float *floats;
    const int16_t *codes;
};

static int block_nonzero(const struct weight_view *view, size_t first, int rows) {
    int nonzero = 0;
    if (view->codes != NULL)
        for (int r = 0; r < rows; r++)
            nonzero += view->codes[first + (size_t)r] != 0;
    else
        for (int r = 0; r < rows; r++)
            nonzero += view->floats[first + (size_t)r] != 0;
    return nonzero;
}

struct weight_statistics network_weight_statistics(const struct network *network, int layer,
                                                   int rows) {
    struct weight_view view = {0};
    if (network->quantised) {
        view.shape = &network->matrix[layer].shape;
        view.codes = network->matrix[layer].weights;
    } else {
        view.shape = &network->linear[layer].shape;
        view.floats = network->linear[layer].weights;
    }
    int k = matrix_rows(view.shape);
    const struct matrix_shape before = matrix_unpurified(view.shape);
    struct weight_statistics statistics = {.weights = matrix_weights(&before)};
    int most_in_full_block = 0;
    for (int column = 0; column < view.shape->out_channels; column++)
        for (int row = 0; row < k; row += rows) {
            int height = k - row < rows ? k - row : rows;
            int nonzero = block_nonzero(&view, (size_t)column * (size_t)k + (size_t)row, height);
            statistics.nonzero += nonzero;
            if (nonzero > statistics.max_block_nonzero)
                statistics.max_block_nonzero = nonzero;
            if (height == rows && nonzero > most_in_full_block)
                most_in_full_block = nonzero;
        }
    /* A layer of one short block is held against its own height, or a dense one would seem pruned.
     */
    int height = k < rows ? k : rows;
    int most = k < rows ? statistics.max_block_nonzero : most_in_full_block;
    statistics.column_rate = (double)height / (most > 0 ? most : 1);
    return statistics;
}
