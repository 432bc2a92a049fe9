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

enum status storage_of_plan(const struct prune_plan *plan, const struct prune_matrix *matrix,
                            int weight_bits, enum storage_format *format, struct storage *storage,
                            struct diagnostic *diag) {
    *format = STORAGE_DENSE;
    TRY(storage_dense(matrix, NULL, weight_bits, storage, diag));
    for (int i = 0; i < plan->n_steps; i++) {
        struct storage other;
        enum storage_format candidate = (enum storage_format)plan->steps[i].scheme->storage;
        TRY(storage_formats[candidate].count(matrix, &plan->steps[i].settings, weight_bits, &other,
                                             diag));
        bool first = *format == STORAGE_DENSE;
        if (other.possible && (first || other.weight_bits + other.index_bits <
                                            storage->weight_bits + storage->index_bits)) {
            *storage = other;
            *format = candidate;
        }
    }
    return STATUS_OK;
}
