/* Block-punched pruning (scheme mapping, arXiv 2111.11581): the matrix is cut into blocks of some
 * filters x some channels, and a block keeps or loses a kernel position in all of them together.
 * Score of a position in a block: sum over the channels of the L2 norm over the filters; one
 * percentile for the layer. Kernels of 1 x 1 have one position: whole blocks go. */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    int positions = matrix->kernel[0] * matrix->kernel[1], group = prune_group_columns(matrix);
    int channels = matrix->rows / positions;
    int down = (channels + settings->block_channels - 1) / settings->block_channels;
    int per_group = (group + settings->block_filters - 1) / settings->block_filters;
    partition->norms = true;
    partition->row_classes = down * positions;
    partition->column_classes = per_group * matrix->groups;
    for (int row = 0; row < matrix->rows; row++)
        partition->row_class[row] =
            row / positions / settings->block_channels * positions + row % positions;
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] =
            column / group * per_group + column % group / settings->block_filters;
}

const struct prune_scheme prune_block_punched = {
    .name = "block_punched",
    .help = "kernel positions of blocks of filters x channels (scheme mapping)",
    .options = "rate, block_filters, block_channels",
    .takes_rate = true,
    .global = true,
    .unit = "block position",
    .divide = divide,
};
