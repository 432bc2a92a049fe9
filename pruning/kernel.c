/* Kernel pruning: the connection of one input channel to one filter goes (connectivity pruning,
 * which goes with patterns: PatDNN, ASPLOS 2020). */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    (void)settings;
    int positions = matrix->kernel[0] * matrix->kernel[1];
    partition->row_classes = matrix->rows / positions;
    partition->column_classes = matrix->columns;
    for (int row = 0; row < matrix->rows; row++)
        partition->row_class[row] = row / positions;
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] = column;
}

const struct prune_scheme prune_kernel = {
    .name = "kernel",
    .help = "whole kernels: one input channel of one filter (connectivity pruning of PatDNN)",
    .options = "rate",
    .takes_rate = true,
    .global = true,
    .unit = "kernel",
    .divide = divide,
};
