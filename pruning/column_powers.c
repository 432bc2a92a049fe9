/* Column budgets in powers of two (D.U.B., arXiv 2403.13082): in each sub-matrix every column keeps
 * 1, 2, 4, ... weights, and all of them together no more than floor(R / rate) a column, so that the
 * columns that matter get more. A converter's resolution follows a column's budget in whole bits.
 *
 * Which column gets how much is chosen greedily: the doubling with the largest score per weight
 * that still fits. Doublings of one column gain less and less per weight, so the greedy choice is
 * at most the last doubling that did not fit away from the optimum. How the paper trains towards
 * such columns (a regularised variance of their L0 norms) is not part of this. */
#include "pruning/pruning_internal.h"

/* What a budget of `power` costs a column of `rows` rows. */
static long cost_of(long power, int rows) {
    return power < rows ? power : rows;
}

static long budget(const struct prune_block *block, const struct prune_settings *settings) {
    return prune_kept(settings->rows, settings->rate) * block->columns;
}

/* The columns of one block, each with its entries sorted. */
struct ladder {
    int *items;   /* [columns][rows] live rows, best first */
    int *live;    /* [columns] how many */
    double *sums; /* [columns][rows + 1] score of the best so many */
    long *power;  /* [columns] budget; 0: nothing live */
    int stride;   /* rows of the largest block */
};

static void sort_columns(const struct prune_matrix *matrix, const struct prune_block *block,
                         const double *scores, const uint8_t *mask, struct ladder *l) {
    for (int c = 0; c < block->columns; c++) {
        size_t first = prune_at(matrix, block->row, block->column + c);
        int *items = l->items + (size_t)c * (size_t)l->stride, n = 0;
        double *sums = l->sums + (size_t)c * (size_t)(l->stride + 1);
        for (int r = 0; r < block->rows; r++)
            if (mask[first + (size_t)r])
                items[n++] = r;
        prune_sort(scores + first, items, n);
        sums[0] = 0;
        for (int i = 0; i < n; i++)
            sums[i + 1] = sums[i] + scores[first + (size_t)items[i]];
        l->live[c] = n;
        l->power[c] = n > 0 ? 1 : 0;
    }
}

/* Score per weight of the next doubling of column c; its cost. */
static double gain_of(const struct ladder *l, int c, int rows, long *cost) {
    const double *sums = l->sums + (size_t)c * (size_t)(l->stride + 1);
    *cost = cost_of(2 * l->power[c], rows) - cost_of(l->power[c], rows);
    long now = cost_of(l->power[c], l->live[c]), then = cost_of(2 * l->power[c], l->live[c]);
    return *cost > 0 ? (sums[then] - sums[now]) / (double)*cost : 0;
}

static void spend(const struct prune_block *block, long left, struct ladder *l) {
    for (int c = 0; c < block->columns; c++)
        left -= l->power[c];
    for (;;) {
        int best = -1;
        double best_gain = 0;
        long best_cost = 0;
        for (int c = 0; c < block->columns; c++) {
            long cost;
            double gain = gain_of(l, c, block->rows, &cost);
            if (cost > 0 && cost <= left && (best < 0 || gain > best_gain)) {
                best = c;
                best_gain = gain;
                best_cost = cost;
            }
        }
        if (best < 0)
            return;
        l->power[best] *= 2;
        left -= best_cost;
    }
}

enum status prune_powers_project(const struct prune_matrix *matrix, const double *scores,
                                 const struct prune_settings *settings, uint8_t *mask,
                                 struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int rows = matrix->rows < settings->rows ? matrix->rows : settings->rows;
    int columns = matrix->columns < settings->columns ? matrix->columns : settings->columns;
    struct ladder l = {.stride = rows};
    l.items = ARENA_NEW(&arena, (long)rows * columns, int);
    l.live = ARENA_NEW(&arena, columns, int);
    l.sums = ARENA_NEW(&arena, (long)(rows + 1) * columns, double);
    l.power = ARENA_NEW(&arena, columns, long);
    enum status status = STATUS_OK;
    if (l.items == NULL || l.live == NULL || l.sums == NULL || l.power == NULL)
        status = FAIL_MEMORY(diag, "pruning");
    struct prune_block block = {0};
    while (status == STATUS_OK && prune_next_block(matrix, settings, &block)) {
        sort_columns(matrix, &block, scores, mask, &l);
        spend(&block, budget(&block, settings), &l);
        for (int c = 0; c < block.columns; c++)
            for (long i = l.power[c]; i < l.live[c]; i++)
                mask[prune_at(matrix, block.row + l.items[(long)c * rows + i], block.column + c)] =
                    0;
    }
    arena_free(&arena);
    return status;
}

enum status prune_powers_check(const struct prune_matrix *matrix,
                               const struct prune_settings *settings, struct diagnostic *diag) {
    for (struct prune_block b = {0}; prune_next_block(matrix, settings, &b);) {
        long spent = 0;
        for (int c = 0; c < b.columns; c++) {
            long nonzero = 0, power = 1;
            for (int r = 0; r < b.rows; r++)
                nonzero += matrix->weights[prune_at(matrix, b.row + r, b.column + c)] != 0;
            while (power < nonzero)
                power *= 2;
            spent += nonzero > 0 ? cost_of(power, b.rows) : 0;
        }
        if (spent > budget(&b, settings))
            return FAIL(diag, STATUS_USAGE,
                        "rows %d to %d of columns %d to %d: non-zero weights, rounded up to powers "
                        "of two in each column, make %ld; %ld are allowed",
                        b.row, b.row + b.rows - 1, b.column, b.column + b.columns - 1, spent,
                        budget(&b, settings));
    }
    return STATUS_OK;
}
