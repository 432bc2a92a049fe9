/* Unstructured pruning: the largest entries of the matrix, wherever they are (irregular pruning of
 * ADMM-NN, arXiv 1804.03294). */
#include "pruning/pruning_internal.h"

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

/* What units of one entry amount to. */
static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    long size = (long)prune_size(matrix);
    double *work = ARENA_NEW(&arena, size, double);
    if (work == NULL)
        return FAIL_MEMORY(diag, "pruning");
    long keep = settings->keep > 0 ? settings->keep : prune_kept(size, settings->rate);
    prune_keep_best(scores, mask, size, keep, work);
    arena_free(&arena);
    return STATUS_OK;
}

const struct prune_scheme prune_unstructured = {
    .name = "unstructured",
    .help = "the largest weights of the layer, wherever they are (ADMM-NN)",
    .options = "rate",
    .takes_rate = true,
    .exchange = PRUNE_EXCHANGE_ALL,
    .global = true,
    .unit = "weight",
    .divide = divide,
    .project = project,
};
