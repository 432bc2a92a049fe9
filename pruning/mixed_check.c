/* Sub-matrices of mixed granularity, and whether one lies in the set. */
#include "pruning/mixed_internal.h"

#include <string.h>

bool mixed_block_make(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct mixed_block *block) {
    int rows = matrix->rows < settings->rows ? matrix->rows : settings->rows;
    int columns = matrix->columns < settings->columns ? matrix->columns : settings->columns;
    *block = (struct mixed_block){0};
    block->score = ARENA_NEW(&block->arena, (long)rows * columns, double);
    block->support = ARENA_NEW(&block->arena, (long)rows * columns, bool);
    block->nonzero = ARENA_NEW(&block->arena, columns, int);
    block->united = ARENA_NEW(&block->arena, rows, bool);
    return block->score != NULL && block->support != NULL && block->nonzero != NULL &&
           block->united != NULL;
}

bool mixed_block_next(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct mixed_block *block) {
    if (!prune_next_block(matrix, settings, &block->at))
        return false;
    block->rows = block->at.rows;
    block->columns = block->at.columns;
    block->rows_kept = prune_kept(block->rows, settings->mixed_row_rate);
    block->budget = prune_kept((long)block->rows * block->columns, settings->rate);
    return true;
}

/* Rows that row segments may have. */
struct segments {
    bool *rows; /* [rows] */
    int count;
};

static bool lies_in(const struct mixed_block *b, int c, const struct segments *s) {
    const bool *support = b->support + (size_t)c * (size_t)b->rows;
    bool outside = false; /* no early return: so the compiler takes vectors */
    if (b->nonzero[c] > s->count)
        return false;
    for (int r = 0; r < b->rows; r++)
        outside |= support[r] & !s->rows[r];
    return !outside;
}

bool mixed_is_within(const struct mixed_block *b, int c, int s) {
    bool *support = b->support + (size_t)s * (size_t)b->rows;
    return lies_in(b, c, &(struct segments){support, b->nonzero[s]});
}

/* Cost of all columns with l, and the segments; above the budget it may be cut short. */
static long cost_with(const struct mixed_block *b, const struct prune_settings *settings,
                      const struct segments *s, int l) {
    long cost = 0;
    bool proportional = !settings->mixed_keep || !settings->mixed_segments;
    for (int c = 0; c < b->columns && cost <= b->budget; c++) {
        long least = settings->mixed_keep ? b->rows : b->budget + 1;
        if (b->nonzero[c] == 0)
            continue;
        if (proportional && b->nonzero[c] <= l && l < least)
            least = l;
        if (s->count < least && lies_in(b, c, s))
            least = s->count;
        cost += least;
    }
    return cost;
}

/* Whether some l fits the columns into the budget with these segments. */
static bool fits_with(const struct mixed_block *b, const struct prune_settings *settings,
                      const struct segments *s) {
    if (cost_with(b, settings, s, 0) <= b->budget)
        return true;
    for (int c = 0; c < b->columns; c++)
        if (cost_with(b, settings, s, b->nonzero[c]) <= b->budget)
            return true;
    return false;
}

/* All rows of the columns with `low` to `high` non-zeros. */
static void unite(const struct mixed_block *b, int low, int high, struct segments *s) {
    memset(s->rows, 0, (size_t)b->rows * sizeof *s->rows);
    for (int c = 0; c < b->columns; c++)
        for (int r = 0; low <= b->nonzero[c] && b->nonzero[c] <= high && r < b->rows; r++)
            s->rows[r] |= b->support[(size_t)c * (size_t)b->rows + (size_t)r];
    s->count = 0;
    for (int r = 0; r < b->rows; r++)
        s->count += s->rows[r];
}

bool mixed_satisfied(const struct mixed_block *block, const struct prune_settings *settings) {
    struct segments none = {0}, used = {.rows = block->united};
    unite(block, 1, block->rows, &used);
    if (used.count > block->rows_kept)
        return false;
    if (fits_with(block, settings, &none))
        return true;
    for (int c = 0; settings->mixed_segments && c < block->columns; c++) {
        bool *support = block->support + (size_t)c * (size_t)block->rows;
        if (fits_with(block, settings, &(struct segments){support, block->nonzero[c]}))
            return true;
    }
    for (int c = 0; settings->mixed_segments && c < block->columns; c++) {
        struct segments all = {.rows = block->united};
        unite(block, 1, block->nonzero[c], &all);
        if (fits_with(block, settings, &all))
            return true;
        unite(block, block->nonzero[c], block->rows, &all);
        if (fits_with(block, settings, &all))
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
