/* The table of formats, and the one that belongs to a plan. */
#include "pruning/storage_internal.h"

const struct storage_format_info storage_formats[STORAGE_FORMATS] = {
    [STORAGE_DENSE] = {"dense", "all weights", storage_dense},
    [STORAGE_MASK] = {"mask", "non-zeros, one bit a weight", storage_mask},
    [STORAGE_RELATIVE] = {"relative", "non-zeros with distances", storage_relative},
    [STORAGE_CSR] = {"csr", "non-zeros with rows, a pointer a filter", storage_csr},
    [STORAGE_OFFSETS] = {"offsets", "so many a column of a block, with offsets", storage_offsets},
    [STORAGE_LISTS] = {"lists", "lists of rows and columns", storage_whole_lists},
    [STORAGE_CHANNELS] = {"channels", "lists of channels and columns", storage_channels},
    [STORAGE_BLOCKS] = {"blocks", "lists of rows and columns a sub-matrix", storage_blocks},
    [STORAGE_KERNELS] = {"kernels", "whole kernels, one bit each", storage_kernels},
    [STORAGE_POSITIONS] = {"positions", "a mask of kernel positions a block", storage_positions},
    [STORAGE_PATTERNS] = {"patterns", "four weights a kernel, a pattern id", storage_patterns},
    [STORAGE_SIGNS] = {"signs", "magnitudes, a sign a fragment", storage_signs},
    [STORAGE_CLASSES] = {"classes", "a class a column of a sub-matrix", storage_classes},
};

int storage_width(long count) {
    int width = 0;
    while (count > 1L << width)
        width++;
    return width;
}

long storage_nonzero(const struct prune_matrix *matrix) {
    size_t size = prune_size(matrix);
    long nonzero = 0;
    for (size_t i = 0; i < size; i++)
        nonzero += matrix->weights[i] != 0;
    return nonzero;
}

int storage_value_bits(int weight_bits, bool zeros) {
    return weight_bits == 2 && !zeros ? 1 : weight_bits;
}

/* Formats that hold no zero of this matrix. */
static void drop_zero(long nonzero, int weight_bits, struct storage *storage) {
    if (storage->possible && storage->values == nonzero && weight_bits == 2)
        storage->weight_bits = (double)nonzero * storage_value_bits(weight_bits, false);
}

static bool has_classes(const struct prune_plan *plan) {
    for (int i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].scheme == &prune_mixed_granularity)
            return true;
    return false;
}

enum status storage_count(const struct prune_plan *plan, const struct prune_matrix *matrix,
                          int weight_bits, struct storage formats[STORAGE_FORMATS],
                          struct diagnostic *diag) {
    long nonzero = storage_nonzero(matrix);
    for (int f = 0; f < STORAGE_FORMATS; f++) {
        formats[f] = (struct storage){0};
        if (f == STORAGE_CLASSES && !has_classes(plan))
            continue;
        TRY(storage_formats[f].count(matrix, &plan->base, weight_bits, &formats[f], diag));
        drop_zero(nonzero, weight_bits, &formats[f]);
    }
    return STATUS_OK;
}

enum storage_format storage_smallest(const struct storage formats[STORAGE_FORMATS]) {
    enum storage_format best = STORAGE_DENSE;
    for (int f = 0; f < STORAGE_FORMATS; f++)
        if (formats[f].possible && formats[f].weight_bits + formats[f].index_bits <
                                       formats[best].weight_bits + formats[best].index_bits)
            best = (enum storage_format)f;
    return best;
}
