/* Unstructured pruning: the largest entries of the matrix, wherever they are (irregular pruning of
 * ADMM-NN, arXiv 1804.03294). */
#include "pruning/pruning_internal.h"
#include "pruning/storage.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    (void)settings;
    partition->row_classes = matrix->rows;
    partition->column_classes = matrix->columns;
    for (int row = 0; row < matrix->rows; row++)
        partition->row_class[row] = row;
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] = column;
}

const struct prune_scheme prune_unstructured = {
    .name = "unstructured",
    .help = "the largest weights of the layer, wherever they are (ADMM-NN)",
    .options = "rate",
    .storage = STORAGE_RELATIVE,
    .takes_rate = true,
    .global = true,
    .unit = "weight",
    .divide = divide,
};
