/* Block-based column-row pruning (GRIM, arXiv 2108.11033): in every block of the matrix whole rows
 * and whole columns are removed, as many of either as suits the block: kept rows x kept columns is
 * at most floor(block size / rate).
 *
 * Greedy: the row or column with the least score per weight goes until the rest is small enough.
 * Then rows and columns are exchanged while the kept score rises, as many columns as fit; other
 * shapes (all columns, all rows, half and twice the rows, a row more, a row less) are tried.
 * A heuristic (the exact problem is a maximum-weight biclique); the tests hold it against brute
 * force. */
#include <string.h>

#include "pruning/pruning_internal.h"

static long budget(const struct prune_block *block, const struct prune_settings *settings) {
    return prune_kept((long)block->rows * block->columns, settings->rate);
}

/* The kept one with the smallest score, of equal ones the last. */
static int weakest(const double *score, const bool *is_kept, int n) {
    int found = -1;
    for (int i = 0; i < n; i++)
        if (is_kept[i] && (found < 0 || score[i] <= score[found]))
            found = i;
    return found;
}

struct removal {
    const struct prune_matrix *matrix;
    const struct prune_block *block;
    const double *scores;
    const uint8_t *mask;
    struct prune_grid *grid; /* scores of all rows and columns, over what is kept of the other */
    long rows, columns;      /* kept */
};

static double entry(const struct removal *m, int r, int c) {
    size_t i = prune_at(m->matrix, m->block->row + r, m->block->column + c);
    return m->mask[i] ? m->scores[i] : 0;
}

/* Removes a row, and tells the columns. */
static void remove_row(struct removal *m, int r) {
    m->grid->row_kept[r] = false;
    m->rows--;
    for (int c = 0; c < m->block->columns; c++)
        m->grid->column_score[c] -= entry(m, r, c);
}

static void remove_column(struct removal *m, int c) {
    m->grid->column_kept[c] = false;
    m->columns--;
    for (int r = 0; r < m->block->rows; r++)
        m->grid->row_score[r] -= entry(m, r, c);
}

static void shrink(struct removal *m, long most) {
    while (m->rows * m->columns > most) {
        const struct prune_grid *g = m->grid;
        int r = weakest(g->row_score, g->row_kept, m->block->rows);
        int c = weakest(g->column_score, g->column_kept, m->block->columns);
        bool row_goes =
            g->row_score[r] * (double)m->rows <= g->column_score[c] * (double)m->columns;
        if (m->columns == 1 || (row_goes && m->rows > 1))
            remove_row(m, r);
        else
            remove_column(m, c);
    }
}

/* The best choice so far, and room to try another. */
struct search {
    struct prune_grid *best, *other;
    long rows; /* kept by the best */
    double kept;
};

/* Tries `rows` rows and as many columns as fit then; whether that keeps more. */
static bool try_rows(const struct removal *m, long most, long rows, struct search *s) {
    const struct prune_block *block = m->block;
    if (rows < 1 || rows > block->rows || rows > most)
        return false;
    long columns = most / rows < block->columns ? most / rows : block->columns;
    memcpy(s->other->column_kept, s->best->column_kept,
           (size_t)block->columns * sizeof *s->best->column_kept);
    double kept = prune_grid_refine(m->matrix, block, m->scores, m->mask, rows, columns, s->other);
    if (!(kept > s->kept))
        return false;
    struct prune_grid swapped = *s->best;
    *s->best = *s->other;
    *s->other = swapped;
    s->kept = kept;
    s->rows = rows;
    return true;
}

static void try_shapes(const struct removal *m, long most, struct search *s) {
    const long shapes[] = {most / m->block->columns, m->block->rows, m->rows / 2, 2 * m->rows};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        try_rows(m, most, shapes[i], s);
    while (try_rows(m, most, s->rows + 1, s))
        ;
    while (try_rows(m, most, s->rows - 1, s))
        ;
}

static void prune_block(const struct prune_matrix *matrix, const struct prune_settings *settings,
                        const struct prune_block *block, const double *scores, uint8_t *mask,
                        struct prune_grid grid[2]) {
    struct removal m = {matrix, block, scores, mask, &grid[0], block->rows, block->columns};
    long most = budget(block, settings);
    prune_grid_keep_all(block, &grid[0]);
    prune_grid_score_rows(matrix, block, scores, mask, &grid[0]);
    prune_grid_score_columns(matrix, block, scores, mask, &grid[0]);
    shrink(&m, most);
    m.columns = most / m.rows < block->columns ? most / m.rows : block->columns;
    struct search search = {.best = &grid[0], .other = &grid[1], .rows = m.rows};
    search.kept = prune_grid_refine(matrix, block, scores, mask, m.rows, m.columns, search.best);
    try_shapes(&m, most, &search);
    prune_grid_apply(matrix, block, search.best, mask);
}

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    return prune_grid_project(matrix, scores, settings, prune_block, mask, diag);
}

static enum status check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    for (struct prune_block b = {0}; prune_next_block(matrix, settings, &b);) {
        int rows, columns;
        prune_grid_count(matrix, &b, &rows, &columns);
        if ((long)rows * columns > budget(&b, settings))
            return FAIL(diag, STATUS_USAGE,
                        "rows %d to %d of columns %d to %d: %d rows x %d columns hold non-zero "
                        "weights, a product of %ld is allowed",
                        b.row, b.row + b.rows - 1, b.column, b.column + b.columns - 1, rows,
                        columns, budget(&b, settings));
    }
    return STATUS_OK;
}

const struct prune_scheme prune_bcr = {
    .name = "bcr",
    .help = "rows and columns of each block, as many of either as suits it (GRIM)",
    .options = "rate, rows, columns",
    .takes_rate = true,
    .project = project,
    .check = check,
};
