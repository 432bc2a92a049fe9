/* Filter-shape pruning: the same position (channel, kernel row, kernel column) goes in every filter
 * of a group: whole rows of the matrix (StructADMM, arXiv 1807.11091). */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    (void)settings;
    partition->row_classes = matrix->rows;
    partition->column_classes = matrix->groups;
    for (int row = 0; row < matrix->rows; row++)
        partition->row_class[row] = row;
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] = column / prune_group_columns(matrix);
}

const struct prune_scheme prune_shape = {
    .name = "shape",
    .help = "whole rows of the matrix: one position in every filter (StructADMM)",
    .options = "rate",
    .takes_rate = true,
    .exchange = PRUNE_EXCHANGE_LINES,
    .global = true,
    .unit = "row",
    .divide = divide,
};
