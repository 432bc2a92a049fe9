/* Crossbar-column pruning: columns of single arrays go, that is columns of each sub-matrix
 * (PIM-Prune, DAC 2020: block columns). Each sub-matrix keeps the same share. */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    int group = prune_group_columns(matrix);
    int per_group = (group + settings->columns - 1) / settings->columns;
    partition->row_classes = (matrix->rows + settings->rows - 1) / settings->rows;
    partition->column_classes = matrix->columns;
    partition->row_sets = partition->row_classes;
    partition->column_sets = per_group * matrix->groups;
    for (int row = 0; row < matrix->rows; row++)
        partition->row_class[row] = row / settings->rows;
    for (int each = 0; each < partition->row_classes; each++)
        partition->row_set[each] = each;
    for (int column = 0; column < matrix->columns; column++) {
        partition->column_class[column] = column;
        partition->column_set[column] =
            column / group * per_group + column % group / settings->columns;
    }
}

const struct prune_scheme prune_crossbar_column = {
    .name = "crossbar_column",
    .help = "columns of each sub-matrix: filters of single arrays (PIM-Prune)",
    .options = "rate, rows, columns",
    .takes_rate = true,
    .unit = "block column",
    .divide = divide,
};
