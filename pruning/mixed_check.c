/* Sub-matrices of mixed granularity, and whether one lies in the set. */
#include "pruning/mixed_internal.h"

bool mixed_block_make(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct mixed_block *block) {
    int rows = matrix->rows < settings->rows ? matrix->rows : settings->rows;
    int columns = matrix->columns < settings->columns ? matrix->columns : settings->columns;
    *block = (struct mixed_block){0};
    block->score = ARENA_NEW(&block->arena, (long)rows * columns, double);
    block->support = ARENA_NEW(&block->arena, (long)rows * columns, bool);
    block->nonzero = ARENA_NEW(&block->arena, columns, int);
    return block->score != NULL && block->support != NULL && block->nonzero != NULL;
}

bool mixed_block_next(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct mixed_block *block) {
    if (!prune_next_block(matrix, settings, &block->at))
        return false;
    block->rows = block->at.rows;
    block->columns = block->at.columns;
    block->budget = prune_kept((long)block->rows * block->columns, settings->rate);
    return true;
}

bool mixed_is_within(const struct mixed_block *b, int c, int s) {
    if (b->nonzero[c] > b->nonzero[s])
        return false;
    const bool *inner = b->support + (size_t)c * (size_t)b->rows;
    const bool *outer = b->support + (size_t)s * (size_t)b->rows;
    bool outside = false; /* no early return: so the compiler takes vectors */
    for (int r = 0; r < b->rows; r++)
        outside |= inner[r] & !outer[r];
    return !outside;
}

/* Cost of all columns with l, and S the support of column s (-1: none); above the budget it may be
 * cut short. */
static long cost_with(const struct mixed_block *b, const struct prune_settings *settings, int s,
                      int l) {
    long cost = 0;
    bool proportional = !settings->mixed_keep || !settings->mixed_segments;
    for (int c = 0; c < b->columns && cost <= b->budget; c++) {
        long least = settings->mixed_keep ? b->rows : b->budget + 1;
        if (b->nonzero[c] == 0)
            continue;
        if (proportional && b->nonzero[c] <= l && l < least)
            least = l;
        if (s >= 0 && b->nonzero[s] < least && mixed_is_within(b, c, s))
            least = b->nonzero[s];
        cost += least;
    }
    return cost;
}

bool mixed_satisfied(const struct mixed_block *block, const struct prune_settings *settings) {
    int last = settings->mixed_segments ? block->columns : 0;
    for (int s = -1; s < last; s++) {
        if (cost_with(block, settings, s, 0) <= block->budget)
            return true;
        for (int c = 0; c < block->columns; c++)
            if (cost_with(block, settings, s, block->nonzero[c]) <= block->budget)
                return true;
    }
    return false;
}

void mixed_load_weights(const struct prune_matrix *matrix, struct mixed_block *b) {
    for (int c = 0; c < b->columns; c++) {
        b->nonzero[c] = 0;
        for (int r = 0; r < b->rows; r++) {
            bool nonzero = matrix->weights[prune_at(matrix, b->at.row + r, b->at.column + c)] != 0;
            b->support[(size_t)c * (size_t)b->rows + (size_t)r] = nonzero;
            b->nonzero[c] += nonzero;
        }
    }
}

enum status mixed_check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                        struct diagnostic *diag) {
    struct mixed_block b;
    enum status status =
        mixed_block_make(matrix, settings, &b) ? STATUS_OK : FAIL_MEMORY(diag, "pruning");
    while (status == STATUS_OK && mixed_block_next(matrix, settings, &b)) {
        mixed_load_weights(matrix, &b);
        if (!mixed_satisfied(&b, settings))
            status = FAIL(diag, STATUS_USAGE,
                          "rows %d to %d of columns %d to %d: no classes of columns fit their "
                          "non-zero weights into the %ld that are allowed",
                          b.at.row, b.at.row + b.rows - 1, b.at.column, b.at.column + b.columns - 1,
                          b.budget);
    }
    arena_free(&b.arena);
    return status;
}
