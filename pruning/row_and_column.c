/* Rows and columns of single arrays together (PIM-Prune, DAC 2020; StructADMM's row and column
 * pruning of a matrix, within arrays): of every sub-matrix the same share of rows and of columns
 * stays, 1 / sqrt(rate) each, so that what is left packs into equal rectangles.
 *
 * The best rows depend on the columns: they are chosen in turn until nothing improves, once from
 * all columns and once from all rows, and the better of both is taken. A local optimum; the tests
 * hold it against brute force. */
#include <math.h>

#include "pruning/pruning_internal.h"

static long kept_share(int n, const struct prune_settings *settings) {
    return prune_kept(n, sqrt(settings->rate));
}

/* The better of two starts: from all columns, and from the columns that are best over all rows. */
static void prune_block(const struct prune_matrix *matrix, const struct prune_settings *settings,
                        const struct prune_block *block, const double *scores, uint8_t *mask,
                        struct prune_grid grid[2]) {
    long rows = kept_share(block->rows, settings), columns = kept_share(block->columns, settings);
    double kept[2];
    for (int start = 0; start < 2; start++) {
        prune_grid_keep_all(block, &grid[start]);
        if (start == 1)
            prune_grid_choose_columns(matrix, block, scores, mask, columns, &grid[start]);
        kept[start] = prune_grid_refine(matrix, block, scores, mask, rows, columns, &grid[start]);
    }
    prune_grid_apply(matrix, block, &grid[kept[1] > kept[0]], mask);
}

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    return prune_grid_project(matrix, scores, settings, prune_block, mask, diag);
}

static enum status check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    for (struct prune_block b = {0}; prune_next_block(matrix, settings, &b);) {
        long rows = kept_share(b.rows, settings), columns = kept_share(b.columns, settings);
        int used_rows, used_columns;
        prune_grid_count(matrix, &b, &used_rows, &used_columns);
        if (used_rows > rows || used_columns > columns)
            return FAIL(diag, STATUS_USAGE,
                        "rows %d to %d of columns %d to %d: %d rows and %d columns hold non-zero "
                        "weights, %ld and %ld are allowed",
                        b.row, b.row + b.rows - 1, b.column, b.column + b.columns - 1, used_rows,
                        used_columns, rows, columns);
    }
    return STATUS_OK;
}

const struct prune_scheme prune_row_and_column = {
    .name = "row_and_column",
    .help = "rows and columns of each sub-matrix, 1 / sqrt(rate) of both kept (PIM-Prune)",
    .options = "rate, rows, columns",
    .takes_rate = true,
    .project = project,
    .check = check,
};
