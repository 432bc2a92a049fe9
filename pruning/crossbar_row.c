/* Crossbar-row pruning: word lines of single arrays go, that is rows of each sub-matrix (PIM-Prune,
 * DAC 2020: block rows). Each sub-matrix keeps the same share. */
#include "pruning/pruning_internal.h"

static void divide(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition) {
    int group = prune_group_columns(matrix);
    int per_group = (group + settings->columns - 1) / settings->columns;
    partition->row_classes = matrix->rows;
    partition->column_classes = per_group * matrix->groups;
    partition->row_sets = (matrix->rows + settings->rows - 1) / settings->rows;
    partition->column_sets = partition->column_classes;
    for (int row = 0; row < matrix->rows; row++) {
        partition->row_class[row] = row;
        partition->row_set[row] = row / settings->rows;
    }
    for (int column = 0; column < matrix->columns; column++)
        partition->column_class[column] =
            column / group * per_group + column % group / settings->columns;
    for (int each = 0; each < partition->column_classes; each++)
        partition->column_set[each] = each;
}

const struct prune_scheme prune_crossbar_row = {
    .name = "crossbar_row",
    .help = "rows of each sub-matrix: word lines of single arrays (PIM-Prune)",
    .options = "rate, rows, columns",
    .takes_rate = true,
    .unit = "block row",
    .divide = divide,
};
