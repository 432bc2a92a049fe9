/* Mixed-granularity pruning (Zhou, Chen, J. Guangdong Univ. of Technology 42(3), 2025), as we read
 * its abstract: the columns of each sub-matrix (what one array holds) are classed by redundancy,
 * and each class is pruned in its own way. docs/pruning.md says what is our reading:
 *
 * - A column's score over the mean of its sub-matrix's columns classes it: class 1 (redundant)
 * below the first threshold, class 2 below the second, class 3 from there on.
 * - Class 1 is removed whole; class 2 loses row segments, rows over all columns of the class; class
 *   3 is column-proportional, at most l weights a column, or stays whole. Classes 1 and 2 can be
 *   pruned as the next class instead.
 * - Before, the sub-matrix may lose row segments over all columns that are not of class 1, so that
 *   floor(rows / mixed_row_rate) rows are left for classes 2 and 3: those of the largest score.
 * - Of the sub-matrix floor(size / rate) weights are kept. They are shared between row segments and
 *   l so that the kept score is largest, which is exact: every number of segments is tried. Where
 *   class 3 stays whole, its weakest columns are classed lower until it fits.
 *
 * The classes are a heuristic; the tests hold the kept score against brute force. */
#include <string.h>

#include "pruning/mixed_internal.h"

enum fate { REMOVED, SEGMENTS, PROPORTIONAL, WHOLE };

/* Room for the choices in one block. */
struct choices {
    double *column_score; /* [columns] */
    enum fate *fate;      /* [columns] */
    double *row_score;    /* [rows] over the columns of SEGMENTS */
    int *row_order;       /* [rows] best first */
    int *ranked;          /* [columns][rows] rows of PROPORTIONAL columns, best first */
    double *segment_sum;  /* [rows + 1] score of the best so many segments */
    double *rank_sum;     /* [rows + 1] score of so many entries of each PROPORTIONAL column */
    struct arena arena;
};

static bool choices_make(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct choices *x) {
    long rows = matrix->rows < settings->rows ? matrix->rows : settings->rows;
    long columns = matrix->columns < settings->columns ? matrix->columns : settings->columns;
    *x = (struct choices){0};
    x->column_score = ARENA_NEW(&x->arena, columns, double);
    x->fate = ARENA_NEW(&x->arena, columns, enum fate);
    x->row_score = ARENA_NEW(&x->arena, rows, double);
    x->row_order = ARENA_NEW(&x->arena, rows, int);
    x->ranked = ARENA_NEW(&x->arena, rows * columns, int);
    x->segment_sum = ARENA_NEW(&x->arena, rows + 1, double);
    x->rank_sum = ARENA_NEW(&x->arena, rows + 1, double);
    return x->column_score != NULL && x->fate != NULL && x->row_score != NULL &&
           x->row_order != NULL && x->ranked != NULL && x->segment_sum != NULL &&
           x->rank_sum != NULL;
}

static void load_scores(const struct prune_matrix *matrix, const double *scores,
                        const uint8_t *mask, struct mixed_block *b, struct choices *x) {
    for (int c = 0; c < b->columns; c++) {
        size_t from = prune_at(matrix, b->at.row, b->at.column + c);
        size_t to = (size_t)c * (size_t)b->rows;
        b->nonzero[c] = 0;
        x->column_score[c] = 0;
        for (size_t r = 0; r < (size_t)b->rows; r++) {
            b->score[to + r] = mask[from + r] ? scores[from + r] : 0;
            b->support[to + r] = b->score[to + r] > 0;
            b->nonzero[c] += b->support[to + r];
            x->column_score[c] += b->score[to + r];
        }
    }
}

/* The strongest WHOLE columns stay so while the budget lasts. */
static void demote(const struct mixed_block *b, enum fate lower, struct choices *x) {
    for (long left = b->budget / b->rows;;) {
        long whole = 0;
        int weakest = -1;
        for (int c = 0; c < b->columns; c++)
            if (x->fate[c] == WHOLE) {
                whole++;
                if (weakest < 0 || x->column_score[c] <= x->column_score[weakest])
                    weakest = c;
            }
        if (whole <= left)
            return;
        x->fate[weakest] = lower;
    }
}

static void classify(const struct mixed_block *b, const struct prune_settings *settings,
                     struct choices *x) {
    double sum = 0;
    for (int c = 0; c < b->columns; c++)
        sum += x->column_score[c];
    for (int c = 0; c < b->columns; c++) {
        double relative = sum > 0 ? x->column_score[c] * b->columns / sum : 1;
        if (b->nonzero[c] == 0 ||
            (settings->mixed_remove && relative < settings->mixed_thresholds[0]))
            x->fate[c] = REMOVED;
        else if (settings->mixed_segments && relative < settings->mixed_thresholds[1])
            x->fate[c] = SEGMENTS;
        else
            x->fate[c] = settings->mixed_keep ? WHOLE : PROPORTIONAL;
    }
    demote(b, settings->mixed_segments ? SEGMENTS : PROPORTIONAL, x);
}

/* Row segments over all columns that stay: the weakest rows go. */
static void drop_rows(const struct prune_matrix *matrix, const struct mixed_block *b,
                      struct choices *x, uint8_t *mask) {
    size_t rows = (size_t)b->rows;
    memset(x->row_score, 0, rows * sizeof *x->row_score);
    for (size_t r = 0; r < rows; r++) {
        x->row_order[r] = (int)r;
        for (int c = 0; c < b->columns; c++)
            if (x->fate[c] != REMOVED)
                x->row_score[r] += b->score[(size_t)c * rows + r];
    }
    prune_sort(x->row_score, x->row_order, b->rows);
    for (long i = b->rows_kept; i < b->rows; i++)
        for (int c = 0; c < b->columns; c++) {
            b->score[(size_t)c * rows + (size_t)x->row_order[i]] = 0;
            mask[prune_at(matrix, b->at.row + x->row_order[i], b->at.column + c)] = 0;
        }
}

/* What so many segments, and so many entries a column, would keep. */
static void sum_up(const struct mixed_block *b, struct choices *x) {
    size_t rows = (size_t)b->rows;
    memset(x->row_score, 0, rows * sizeof *x->row_score);
    memset(x->rank_sum, 0, (rows + 1) * sizeof *x->rank_sum);
    for (int c = 0; c < b->columns; c++) {
        double *score = b->score + (size_t)c * rows;
        int *ranked = x->ranked + (size_t)c * rows;
        for (size_t r = 0; x->fate[c] == SEGMENTS && r < rows; r++)
            x->row_score[r] += score[r];
        if (x->fate[c] != PROPORTIONAL)
            continue;
        for (size_t r = 0; r < rows; r++)
            ranked[r] = (int)r;
        prune_sort(score, ranked, b->rows);
        for (size_t r = 0; r < rows; r++)
            x->rank_sum[r + 1] += score[ranked[r]];
    }
    for (size_t r = 0; r < rows; r++)
        x->row_order[r] = (int)r;
    prune_sort(x->row_score, x->row_order, b->rows);
    x->segment_sum[0] = 0;
    for (size_t r = 0; r < rows; r++) {
        x->segment_sum[r + 1] = x->segment_sum[r] + x->row_score[x->row_order[r]];
        x->rank_sum[r + 1] += x->rank_sum[r];
    }
}

/* The number of segments and of entries a column that keep most within the budget. */
static void share(const struct mixed_block *b, const struct choices *x, int *segments, int *each) {
    long n[WHOLE + 1] = {0};
    double best = -1;
    for (int c = 0; c < b->columns; c++)
        n[x->fate[c]]++;
    long left = b->budget - n[WHOLE] * b->rows;
    *segments = *each = 0;
    for (int r = 0; r <= b->rows && r * n[SEGMENTS] <= left; r++) {
        long l = n[PROPORTIONAL] > 0 ? (left - r * n[SEGMENTS]) / n[PROPORTIONAL] : 0;
        l = l < b->rows ? l : b->rows;
        double kept = x->segment_sum[r] + x->rank_sum[l];
        if (kept > best) {
            best = kept;
            *segments = r;
            *each = (int)l;
        }
    }
}

static void apply(const struct prune_matrix *matrix, const struct mixed_block *b,
                  const struct choices *x, int segments, int each, uint8_t *mask) {
    for (int c = 0; c < b->columns; c++) {
        uint8_t *column = mask + prune_at(matrix, b->at.row, b->at.column + c);
        const int *ranked = x->ranked + (size_t)c * (size_t)b->rows;
        for (int i = 0; i < b->rows; i++) {
            if (x->fate[c] == REMOVED || (x->fate[c] == SEGMENTS && i >= segments))
                column[x->fate[c] == REMOVED ? i : x->row_order[i]] = 0;
            if (x->fate[c] == PROPORTIONAL && i >= each)
                column[ranked[i]] = 0;
        }
    }
}

static void prune_block(const struct prune_matrix *matrix, const struct prune_settings *settings,
                        const struct mixed_block *b, struct choices *x, uint8_t *mask) {
    long nonzero = 0;
    for (int c = 0; c < b->columns; c++)
        nonzero += b->nonzero[c];
    /* A member of the set stays what it is, whatever classes its scores would now give. */
    if (nonzero <= b->budget && mixed_satisfied(b, settings)) {
        for (int c = 0; c < b->columns; c++)
            for (int r = 0; r < b->rows; r++)
                mask[prune_at(matrix, b->at.row + r, b->at.column + c)] &=
                    b->support[(size_t)c * (size_t)b->rows + (size_t)r];
        return;
    }
    int segments, each;
    classify(b, settings, x);
    drop_rows(matrix, b, x, mask);
    sum_up(b, x);
    share(b, x, &segments, &each);
    apply(matrix, b, x, segments, each, mask);
}

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    struct mixed_block b;
    struct choices x;
    bool made[2] = {mixed_block_make(matrix, settings, &b), choices_make(matrix, settings, &x)};
    enum status status = made[0] && made[1] ? STATUS_OK : FAIL_MEMORY(diag, "pruning");
    while (status == STATUS_OK && mixed_block_next(matrix, settings, &b)) {
        load_scores(matrix, scores, mask, &b, &x);
        prune_block(matrix, settings, &b, &x, mask);
    }
    arena_free(&b.arena);
    arena_free(&x.arena);
    return status;
}

static enum status validate(const struct prune_settings *settings, struct diagnostic *diag) {
    const double *t = settings->mixed_thresholds;
    if (!(t[0] <= t[1]))
        return FAIL(diag, STATUS_USAGE,
                    "pruning.mixed_thresholds = [%g, %g]: the first must not be above the second",
                    t[0], t[1]);
    return STATUS_OK;
}

const struct prune_scheme prune_mixed_granularity = {
    .name = "mixed_granularity",
    .help = "columns of each sub-matrix by redundancy: removed, row segments, column-proportional "
            "(Zhou and Chen)",
    .options = "rate, rows, columns, mixed_thresholds, mixed_row_rate, mixed_class1, mixed_class2, "
               "mixed_class3",
    .takes_rate = true,
    .validate = validate,
    .project = project,
    .check = mixed_check,
};
