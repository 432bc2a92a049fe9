/* Sub-matrices: what one array holds, or a block of that size. */
#include "pruning/pruning_internal.h"

int prune_group_columns(const struct prune_matrix *matrix) {
    return matrix->columns / matrix->groups;
}

static int at_most(int count, int limit) {
    return count < limit ? count : limit;
}

bool prune_next_block(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct prune_block *block) {
    if (block->rows > 0) {
        block->row += block->rows;
        if (block->row >= matrix->rows) {
            block->row = 0;
            block->column += block->columns;
        }
    }
    if (block->column >= matrix->columns)
        return false;
    int group = prune_group_columns(matrix);
    block->rows = at_most(matrix->rows - block->row, settings->rows);
    block->columns = at_most(group - block->column % group, settings->columns);
    return true;
}

bool prune_grid_make(const struct prune_matrix *matrix, const struct prune_settings *settings,
                     struct prune_grid *grid) {
    int rows = at_most(matrix->rows, settings->rows);
    int columns = at_most(matrix->columns, settings->columns);
    *grid = (struct prune_grid){0};
    grid->row_kept = ARENA_NEW(&grid->arena, rows, bool);
    grid->column_kept = ARENA_NEW(&grid->arena, columns, bool);
    grid->row_score = ARENA_NEW(&grid->arena, rows, double);
    grid->column_score = ARENA_NEW(&grid->arena, columns, double);
    grid->items = ARENA_NEW(&grid->arena, rows > columns ? rows : columns, int);
    return grid->row_kept != NULL && grid->column_kept != NULL && grid->row_score != NULL &&
           grid->column_score != NULL && grid->items != NULL;
}

void prune_grid_score_rows(const struct prune_matrix *matrix, const struct prune_block *block,
                           const double *scores, const uint8_t *mask, struct prune_grid *grid) {
    for (int r = 0; r < block->rows; r++)
        grid->row_score[r] = 0;
    for (int c = 0; c < block->columns; c++) {
        size_t first = prune_at(matrix, block->row, block->column + c);
        for (int r = 0; grid->column_kept[c] && r < block->rows; r++)
            if (mask[first + (size_t)r])
                grid->row_score[r] += scores[first + (size_t)r];
    }
}

void prune_grid_score_columns(const struct prune_matrix *matrix, const struct prune_block *block,
                              const double *scores, const uint8_t *mask, struct prune_grid *grid) {
    for (int c = 0; c < block->columns; c++) {
        size_t first = prune_at(matrix, block->row, block->column + c);
        grid->column_score[c] = 0;
        for (int r = 0; r < block->rows; r++)
            if (grid->row_kept[r] && mask[first + (size_t)r])
                grid->column_score[c] += scores[first + (size_t)r];
    }
}

/* Keeps the best `keep` of n; returns their score. */
static double keep_best(const double *score, int n, long keep, int *items, bool *kept) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        items[i] = i;
        kept[i] = false;
    }
    prune_select(score, items, n, keep);
    for (long i = 0; i < keep && i < n; i++)
        kept[items[i]] = true;
    for (int i = 0; i < n; i++) /* in order, for the same sum whatever the order of items */
        sum += kept[i] ? score[i] : 0;
    return sum;
}

void prune_grid_keep_all(const struct prune_block *block, struct prune_grid *grid) {
    for (int r = 0; r < block->rows; r++)
        grid->row_kept[r] = true;
    for (int c = 0; c < block->columns; c++)
        grid->column_kept[c] = true;
}

double prune_grid_choose_columns(const struct prune_matrix *matrix, const struct prune_block *block,
                                 const double *scores, const uint8_t *mask, long columns,
                                 struct prune_grid *grid) {
    prune_grid_score_columns(matrix, block, scores, mask, grid);
    return keep_best(grid->column_score, block->columns, columns, grid->items, grid->column_kept);
}

double prune_grid_refine(const struct prune_matrix *matrix, const struct prune_block *block,
                         const double *scores, const uint8_t *mask, long rows, long columns,
                         struct prune_grid *grid) {
    double best = -1;
    for (;;) {
        prune_grid_score_rows(matrix, block, scores, mask, grid);
        keep_best(grid->row_score, block->rows, rows, grid->items, grid->row_kept);
        double kept = prune_grid_choose_columns(matrix, block, scores, mask, columns, grid);
        if (!(kept > best))
            return kept;
        best = kept;
    }
}

void prune_grid_apply(const struct prune_matrix *matrix, const struct prune_block *block,
                      const struct prune_grid *grid, uint8_t *mask) {
    for (int c = 0; c < block->columns; c++)
        for (int r = 0; r < block->rows; r++)
            if (!grid->row_kept[r] || !grid->column_kept[c])
                mask[prune_at(matrix, block->row + r, block->column + c)] = 0;
}

void prune_grid_count(const struct prune_matrix *matrix, const struct prune_block *block, int *rows,
                      int *columns) {
    *rows = *columns = 0;
    for (int r = 0; r < block->rows; r++) {
        bool any = false;
        for (int c = 0; c < block->columns; c++)
            any |= matrix->weights[prune_at(matrix, block->row + r, block->column + c)] != 0;
        *rows += any;
    }
    for (int c = 0; c < block->columns; c++) {
        bool any = false;
        for (int r = 0; r < block->rows; r++)
            any |= matrix->weights[prune_at(matrix, block->row + r, block->column + c)] != 0;
        *columns += any;
    }
}

enum status prune_grid_project(const struct prune_matrix *matrix, const double *scores,
                               const struct prune_settings *settings, prune_grid_block *prune,
                               uint8_t *mask, struct diagnostic *diag) {
    struct prune_grid grid[2];
    bool made[2] = {prune_grid_make(matrix, settings, &grid[0]),
                    prune_grid_make(matrix, settings, &grid[1])};
    enum status status = made[0] && made[1] ? STATUS_OK : FAIL_MEMORY(diag, "pruning");
    struct prune_block block = {0};
    while (status == STATUS_OK && prune_next_block(matrix, settings, &block))
        prune(matrix, settings, &block, scores, mask, grid);
    arena_free(&grid[0].arena);
    arena_free(&grid[1].arena);
    return status;
}
