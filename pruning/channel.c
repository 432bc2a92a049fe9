/* Channel pruning: all rows of an input channel go, in every filter of its group (StructADMM,
 * arXiv 1807.11091). What fed the channel can go too. */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    (void)settings;
    int positions = matrix->kernel[0] * matrix->kernel[1];
    partition->row_classes = matrix->rows / positions;
    partition->column_classes = matrix->groups;
    for (int row = 0; row < matrix->rows; row++)
        partition->row_class[row] = row / positions;
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] = column / prune_group_columns(matrix);
}

const struct prune_scheme prune_channel = {
    .name = "channel",
    .help = "whole input channels: their rows in every filter (StructADMM)",
    .options = "rate",
    .takes_rate = true,
    .exchange = PRUNE_EXCHANGE_LINES,
    .global = true,
    .unit = "channel",
    .divide = divide,
};
