/* Filter pruning: whole columns of the matrix go (StructADMM, arXiv 1807.11091). */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    (void)settings;
    partition->row_classes = 1;
    partition->column_classes = matrix->columns;
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] = column;
}

const struct prune_scheme prune_filter = {
    .name = "filter",
    .help = "whole filters: columns of the matrix (StructADMM)",
    .options = "rate",
    .takes_rate = true,
    .exchange = PRUNE_EXCHANGE_LINES,
    .global = true,
    .unit = "filter",
    .divide = divide,
};
