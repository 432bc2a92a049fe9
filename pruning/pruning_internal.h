/* What the schemes share. Private to pruning/. */
#ifndef MHO_PRUNING_PRUNING_INTERNAL_H
#define MHO_PRUNING_PRUNING_INTERNAL_H

#include "pruning/pruning.h"

extern const struct prune_scheme prune_unstructured, prune_column_proportional, prune_filter,
    prune_channel, prune_shape, prune_kernel, prune_crossbar_row, prune_crossbar_column,
    prune_row_and_column, prune_bcr, prune_block_punched, prune_pattern, prune_polarization,
    prune_mixed_granularity;

/* One step on a mask that holds what earlier ones kept. */
enum status prune_project_step(const struct prune_step *step, const struct prune_matrix *matrix,
                               const double *scores, uint8_t *mask, struct diagnostic *diag);

/* How many of `count` things a rate keeps: floor(count / rate), at least 1 (0 of 0). */
long prune_kept(long count, double rate);

/* Reorders `items` [n] so that the first `keep` (<= n) have the largest scores[item], of equal ones
 * those of the lower item; the order within either part is not defined. O(n) on average. */
void prune_select(const double *scores, int *items, long n, long keep);

/* The same on a mask: of the entries 0..n-1 that it allows, the best `keep` (>= 1) stay. `work` has
 * room for n. */
void prune_keep_best(const double *scores, uint8_t *mask, long n, long keep, double *work);

/* Items in the order of prune_select, all of them. */
void prune_sort(const double *scores, int *items, long n);

/* Units that stay or go whole. Entry (row, column) belongs to unit
 * column_class[column] * row_classes + row_class[row]; units belong to sets in the same way, and
 * each set keeps its own share. A scheme fills it in (prune_scheme.divide); all arrays are there,
 * and zero. */
struct prune_partition {
    int *row_class;    /* [rows] 0..row_classes-1 */
    int *column_class; /* [columns] */
    int row_classes, column_classes;
    int *row_set;              /* [row_classes] 0..row_sets-1 */
    int *column_set;           /* [column_classes] */
    int row_sets, column_sets; /* 1 unless the scheme says otherwise */
    bool norms; /* a unit's score is the sum over its rows of the L2 norm over its columns; else
                   the sum of its scores */
    struct arena arena;
};

enum status prune_units_project(const struct prune_scheme *scheme,
                                const struct prune_matrix *matrix, const double *scores,
                                const struct prune_settings *settings, uint8_t *mask,
                                struct diagnostic *diag);
enum status prune_units_check(const struct prune_scheme *scheme, const struct prune_matrix *matrix,
                              const struct prune_settings *settings, struct diagnostic *diag);

/* What a layer's units are worth: score [n] of each, and size [n], how many entries it may keep. */
struct prune_unit_scores {
    int n;
    double *score;
    int *size;
    struct arena arena;
};
enum status prune_units_score(const struct prune_scheme *scheme, const struct prune_matrix *matrix,
                              const double *scores, const struct prune_settings *settings,
                              const uint8_t *mask, struct prune_unit_scores *units,
                              struct diagnostic *diag);

/* Sub-matrices of settings->rows x settings->columns, group by group, the last ones shorter. */
struct prune_block {
    int row, rows;       /* first, count */
    int column, columns; /* the same */
};
/* The block after `block`, starting from a zeroed one; false after the last. */
bool prune_next_block(const struct prune_matrix *matrix, const struct prune_settings *settings,
                      struct prune_block *block);

/* Rows and columns of one block that stay, and room to choose them. */
struct prune_grid {
    bool *row_kept, *column_kept;     /* [rows], [columns] of the block */
    double *row_score, *column_score; /* over what is kept of the other */
    int *items;                       /* [larger of both] */
    struct arena arena;
};
/* Room for the matrix's largest block; false on short memory. Free the arena. */
bool prune_grid_make(const struct prune_matrix *matrix, const struct prune_settings *settings,
                     struct prune_grid *grid);
/* Scores of the block's rows over the kept columns, of its columns over the kept rows. */
void prune_grid_score_rows(const struct prune_matrix *matrix, const struct prune_block *block,
                           const double *scores, const uint8_t *mask, struct prune_grid *grid);
void prune_grid_score_columns(const struct prune_matrix *matrix, const struct prune_block *block,
                              const double *scores, const uint8_t *mask, struct prune_grid *grid);
void prune_grid_keep_all(const struct prune_block *block, struct prune_grid *grid);
/* Keeps the best `columns` columns over the kept rows; returns their score. */
double prune_grid_choose_columns(const struct prune_matrix *matrix, const struct prune_block *block,
                                 const double *scores, const uint8_t *mask, long columns,
                                 struct prune_grid *grid);
/* From the kept columns at hand: the best `rows` rows for them, the best `columns` columns for
 * those, and so on while the kept score rises, which is returned. */
double prune_grid_refine(const struct prune_matrix *matrix, const struct prune_block *block,
                         const double *scores, const uint8_t *mask, long rows, long columns,
                         struct prune_grid *grid);
/* Takes everything of the block out of the mask but kept rows in kept columns. */
void prune_grid_apply(const struct prune_matrix *matrix, const struct prune_block *block,
                      const struct prune_grid *grid, uint8_t *mask);
/* Prunes one block; grid: room for two ways to do it. */
typedef void prune_grid_block(const struct prune_matrix *matrix,
                              const struct prune_settings *settings,
                              const struct prune_block *block, const double *scores, uint8_t *mask,
                              struct prune_grid grid[2]);
/* A scheme's projection, block by block. */
enum status prune_grid_project(const struct prune_matrix *matrix, const double *scores,
                               const struct prune_settings *settings, prune_grid_block *prune,
                               uint8_t *mask, struct diagnostic *diag);
/* Rows and columns of the block with a non-zero weight. */
void prune_grid_count(const struct prune_matrix *matrix, const struct prune_block *block, int *rows,
                      int *columns);

/* Columns of a group. */
int prune_group_columns(const struct prune_matrix *matrix);

/* Index of an entry. */
static inline size_t prune_at(const struct prune_matrix *matrix, int row, int column) {
    return (size_t)column * (size_t)matrix->rows + (size_t)row;
}

/* column_proportional with pruning.column_budget = power_of_two. */
enum status prune_powers_project(const struct prune_matrix *matrix, const double *scores,
                                 const struct prune_settings *settings, uint8_t *mask,
                                 struct diagnostic *diag);
enum status prune_powers_check(const struct prune_matrix *matrix,
                               const struct prune_settings *settings, struct diagnostic *diag);

#endif
