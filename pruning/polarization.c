/* Polarization (FORMS, arXiv 2106.09144): the weights of a fragment, fragment_rows consecutive rows
 * of a column, have one sign, so that one array holds magnitudes and the sign is kept beside it. Of
 * the two signs the one with the larger score stays. Fragments start anew with each row block: an
 * operation unit lies in one array. */
#include "pruning/pruning_internal.h"

/* Rows from `row` to the end of its fragment. */
static int fragment_height(const struct prune_matrix *matrix, const struct prune_settings *settings,
                           int row) {
    int in_block = row % settings->rows;
    int height = settings->fragment_rows - in_block % settings->fragment_rows;
    int block_left = settings->rows - in_block, left = matrix->rows - row;
    height = height < block_left ? height : block_left;
    return height < left ? height : left;
}

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    (void)diag;
    for (int column = 0; column < matrix->columns; column++)
        for (int row = 0, height; row < matrix->rows; row += height) {
            size_t first = prune_at(matrix, row, column);
            double positive = 0, negative = 0;
            height = fragment_height(matrix, settings, row);
            for (size_t i = first; i < first + (size_t)height; i++) {
                if (mask[i] && matrix->weights[i] > 0)
                    positive += scores[i];
                if (mask[i] && matrix->weights[i] < 0)
                    negative += scores[i];
            }
            float sign = positive >= negative ? 1 : -1;
            for (size_t i = first; i < first + (size_t)height; i++)
                if (matrix->weights[i] * sign < 0)
                    mask[i] = 0;
        }
    return STATUS_OK;
}

static enum status check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    for (int column = 0; column < matrix->columns; column++)
        for (int row = 0, height; row < matrix->rows; row += height) {
            int positive = 0, negative = 0;
            height = fragment_height(matrix, settings, row);
            for (int r = row; r < row + height; r++) {
                positive += matrix->weights[prune_at(matrix, r, column)] > 0;
                negative += matrix->weights[prune_at(matrix, r, column)] < 0;
            }
            if (positive > 0 && negative > 0)
                return FAIL(diag, STATUS_USAGE,
                            "rows %d to %d of column %d hold %d positive and %d negative weights, "
                            "one sign is allowed",
                            row, row + height - 1, column, positive, negative);
        }
    return STATUS_OK;
}

const struct prune_scheme prune_polarization = {
    .name = "polarization",
    .help = "weights of one sign in every fragment of a column (FORMS)",
    .options = "fragment_rows, rows",
    .project = project,
    .check = check,
};
