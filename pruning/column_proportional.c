/* Column-proportional pruning (TinyADC, DATE 2021): at most l = floor(R / rate) non-zeros in each
 * R-row block of each column, wherever in it they are, also in a short last block (DESIGN
 * "Column-proportional"). A column's sum, and so the ADC's resolution, follows l. With
 * pruning.column_budget = power_of_two the columns of a sub-matrix share theirs (column_powers.c).
 */
#include "pruning/pruning_internal.h"

static enum status validate(const struct prune_settings *settings, struct diagnostic *diag) {
    if (settings->rate > settings->rows)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.rate = %g leaves no weight in a block of %d rows (pruning.rows): "
                    "column_proportional needs a rate of at most %d",
                    settings->rate, settings->rows, settings->rows);
    return STATUS_OK;
}

static int block_height(const struct prune_matrix *matrix, int row, int rows) {
    return matrix->rows - row < rows ? matrix->rows - row : rows;
}

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    if (settings->column_budget == PRUNE_POWER_OF_TWO)
        return prune_powers_project(matrix, scores, settings, mask, diag);
    struct arena arena = ARENA_INIT;
    double *work = ARENA_NEW(&arena, settings->rows, double);
    if (work == NULL)
        return FAIL_MEMORY(diag, "pruning");
    long keep = prune_kept(settings->rows, settings->rate);
    for (int column = 0; column < matrix->columns; column++)
        for (int row = 0; row < matrix->rows; row += settings->rows) {
            size_t first = prune_at(matrix, row, column);
            prune_keep_best(scores + first, mask + first, block_height(matrix, row, settings->rows),
                            keep, work);
        }
    arena_free(&arena);
    return STATUS_OK;
}

static enum status check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    if (settings->column_budget == PRUNE_POWER_OF_TWO)
        return prune_powers_check(matrix, settings, diag);
    long keep = prune_kept(settings->rows, settings->rate);
    for (int column = 0; column < matrix->columns; column++)
        for (int row = 0; row < matrix->rows; row += settings->rows) {
            const float *weights =
                matrix->weights + (size_t)column * (size_t)matrix->rows + (size_t)row;
            int height = block_height(matrix, row, settings->rows), nonzero = 0;
            for (int r = 0; r < height; r++)
                nonzero += weights[r] != 0;
            if (nonzero > keep)
                return FAIL(diag, STATUS_USAGE,
                            "rows %d to %d of column %d hold %d non-zero weights, %ld are allowed",
                            row, row + height - 1, column, nonzero, keep);
        }
    return STATUS_OK;
}

const struct prune_scheme prune_column_proportional = {
    .name = "column_proportional",
    .help = "at most floor(rows / rate) non-zero weights in each column of a row block (TinyADC)",
    .options = "rate, rows, column_budget, columns",
    .takes_rate = true,
    .exchange = PRUNE_EXCHANGE_BLOCK,
    .validate = validate,
    .project = project,
    .check = check,
};
