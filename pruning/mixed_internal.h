/* What the two files of mixed granularity share. Private to pruning/. */
#ifndef MHO_PRUNING_MIXED_INTERNAL_H
#define MHO_PRUNING_MIXED_INTERNAL_H

#include "pruning/pruning_internal.h"

/* One sub-matrix, with room for the largest. Entry (r, c) at c * rows + r. */
struct mixed_block {
    struct prune_block at;
    int rows, columns; /* at.rows, at.columns */
    long rows_kept;    /* that any column may use */
    long budget;       /* weights that may be kept */
    double *score;     /* [columns][rows], 0 where nothing may be kept */
    bool *support;     /* [columns][rows] non-zero */
    int *nonzero;      /* [columns] of the support */
    bool *united;      /* [rows] work of mixed_satisfied */
    struct arena arena;
};

bool mixed_block_make(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct mixed_block *block);
/* The next block of the matrix, with its budget; its contents are the caller's. */
bool mixed_block_next(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct mixed_block *block);

/* Fills support and nonzero with those of the matrix's weights. */
void mixed_load_weights(const struct prune_matrix *matrix, struct mixed_block *block);

/* Whether column c's non-zeros lie in the rows of column s's. */
bool mixed_is_within(const struct mixed_block *block, int c, int s);

/* Whether the support lies in the set: it uses at most rows_kept rows, and some rows S and some l
 * exist such that the columns, each at the cheapest of what its support allows (nothing for an
 * empty one, |S| within S, l for at most l non-zeros, all rows for one kept whole), cost no more
 * than the budget. S is looked for among the supports of single columns, where row segments of
 * dense weights leave it, and of all columns with at most, or at least, so many non-zeros, which
 * give it where some weights in it are zero. */
bool mixed_satisfied(const struct mixed_block *block, const struct prune_settings *settings);

enum status mixed_check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                        struct diagnostic *diag);

#endif
