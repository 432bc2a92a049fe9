/* Schemes that remove whole units: the best of each set stay. */
#include <math.h>
#include <string.h>

#include "pruning/pruning_internal.h"

static int unit_of(const struct prune_partition *p, int row_class, int column) {
    return p->column_class[column] * p->row_classes + row_class;
}

static int set_of(const struct prune_partition *p, int unit) {
    return p->column_set[unit / p->row_classes] * p->row_sets + p->row_set[unit % p->row_classes];
}

static enum status make_partition(const struct prune_scheme *scheme,
                                  const struct prune_matrix *matrix,
                                  const struct prune_settings *settings, struct prune_partition *p,
                                  struct diagnostic *diag) {
    *p = (struct prune_partition){.row_sets = 1, .column_sets = 1};
    p->row_class = ARENA_NEW(&p->arena, matrix->rows, int);
    p->row_set = ARENA_NEW(&p->arena, matrix->rows, int);
    p->column_class = ARENA_NEW(&p->arena, matrix->columns, int);
    p->column_set = ARENA_NEW(&p->arena, matrix->columns, int);
    if (p->row_class == NULL || p->row_set == NULL || p->column_class == NULL ||
        p->column_set == NULL) {
        arena_free(&p->arena);
        return FAIL_MEMORY(diag, "pruning");
    }
    scheme->divide(matrix, settings, p);
    return STATUS_OK;
}

/* Scores of the units, and how many entries of each may be kept. */
static enum status score_units(const struct prune_matrix *matrix, const struct prune_partition *p,
                               const double *scores, const uint8_t *mask, double *unit_score,
                               int *unit_size, struct arena *arena, struct diagnostic *diag) {
    /* Squares summed over the columns of a class, for norms. */
    double *squares = p->norms ? ARENA_NEW(arena, p->column_classes * matrix->rows, double) : NULL;
    if (p->norms && squares == NULL)
        return FAIL_MEMORY(diag, "pruning");
    for (int column = 0; column < matrix->columns; column++) {
        size_t first = prune_at(matrix, 0, column);
        size_t class_first = (size_t)p->column_class[column] * (size_t)matrix->rows;
        for (int row = 0; row < matrix->rows; row++) {
            size_t i = first + (size_t)row;
            if (!mask[i])
                continue;
            int unit = unit_of(p, p->row_class[row], column);
            unit_size[unit]++;
            if (p->norms)
                squares[class_first + (size_t)row] += scores[i];
            else
                unit_score[unit] += scores[i];
        }
    }
    for (int c = 0; p->norms && c < p->column_classes; c++)
        for (int row = 0; row < matrix->rows; row++)
            unit_score[c * p->row_classes + p->row_class[row]] +=
                sqrt(squares[(size_t)c * (size_t)matrix->rows + (size_t)row]);
    return STATUS_OK;
}

/* Units of every set, as offsets into a list. */
static void count_sets(const struct prune_partition *p, int n_units, long *offset) {
    for (int unit = 0; unit < n_units; unit++)
        offset[set_of(p, unit) + 1]++;
    for (int set = 0; set < p->row_sets * p->column_sets; set++)
        offset[set + 1] += offset[set];
}

static long kept_of(const struct prune_settings *settings, long units) {
    return settings->keep > 0 ? settings->keep : prune_kept(units, settings->rate);
}

/* Marks the units that go: all but the best of those with something left, set by set. */
static enum status remove_units(const struct prune_partition *p,
                                const struct prune_settings *settings, const double *unit_score,
                                const int *unit_size, bool *removed, struct arena *arena,
                                struct diagnostic *diag) {
    int n_units = p->row_classes * p->column_classes, n_sets = p->row_sets * p->column_sets;
    long *offset = ARENA_NEW(arena, n_sets + 1, long);
    long *live = ARENA_NEW(arena, n_sets, long);
    int *items = ARENA_NEW(arena, n_units, int);
    if (offset == NULL || live == NULL || items == NULL)
        return FAIL_MEMORY(diag, "pruning");
    count_sets(p, n_units, offset);
    for (int unit = 0; unit < n_units; unit++)
        if (unit_size[unit] > 0) {
            int set = set_of(p, unit);
            items[offset[set] + live[set]++] = unit;
        }
    for (int set = 0; set < n_sets; set++) {
        long keep = kept_of(settings, offset[set + 1] - offset[set]);
        int *first = items + offset[set];
        prune_select(unit_score, first, live[set], keep);
        for (long i = keep; i < live[set]; i++)
            removed[first[i]] = true;
    }
    return STATUS_OK;
}

static enum status project(const struct prune_matrix *matrix, struct prune_partition *p,
                           const double *scores, const struct prune_settings *settings,
                           uint8_t *mask, struct diagnostic *diag) {
    int n_units = p->row_classes * p->column_classes;
    double *unit_score = ARENA_NEW(&p->arena, n_units, double);
    int *unit_size = ARENA_NEW(&p->arena, n_units, int);
    bool *removed = ARENA_NEW(&p->arena, n_units, bool);
    if (unit_score == NULL || unit_size == NULL || removed == NULL)
        return FAIL_MEMORY(diag, "pruning");
    TRY(score_units(matrix, p, scores, mask, unit_score, unit_size, &p->arena, diag));
    TRY(remove_units(p, settings, unit_score, unit_size, removed, &p->arena, diag));
    for (int column = 0; column < matrix->columns; column++)
        for (int row = 0; row < matrix->rows; row++)
            if (removed[unit_of(p, p->row_class[row], column)])
                mask[prune_at(matrix, row, column)] = 0;
    return STATUS_OK;
}

enum status prune_units_project(const struct prune_scheme *scheme,
                                const struct prune_matrix *matrix, const double *scores,
                                const struct prune_settings *settings, uint8_t *mask,
                                struct diagnostic *diag) {
    struct prune_partition p;
    TRY(make_partition(scheme, matrix, settings, &p, diag));
    enum status status = project(matrix, &p, scores, settings, mask, diag);
    arena_free(&p.arena);
    return status;
}

static enum status check(const struct prune_scheme *scheme, const struct prune_matrix *matrix,
                         struct prune_partition *p, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    int n_units = p->row_classes * p->column_classes, n_sets = p->row_sets * p->column_sets;
    bool *seen = ARENA_NEW(&p->arena, n_units, bool);
    long *offset = ARENA_NEW(&p->arena, n_sets + 1, long);
    long *used = ARENA_NEW(&p->arena, n_sets, long);
    if (seen == NULL || offset == NULL || used == NULL)
        return FAIL_MEMORY(diag, "pruning");
    count_sets(p, n_units, offset);
    for (int column = 0; column < matrix->columns; column++)
        for (int row = 0; row < matrix->rows; row++) {
            int unit = unit_of(p, p->row_class[row], column);
            if (matrix->weights[prune_at(matrix, row, column)] == 0 || seen[unit])
                continue;
            seen[unit] = true;
            int set = set_of(p, unit);
            long units = offset[set + 1] - offset[set];
            if (++used[set] > kept_of(settings, units))
                return FAIL(diag, STATUS_USAGE,
                            "row %d of column %d lies in one %s more than the %ld of %ld that may "
                            "hold non-zero weights",
                            row, column, scheme->unit, kept_of(settings, units), units);
        }
    return STATUS_OK;
}

enum status prune_units_check(const struct prune_scheme *scheme, const struct prune_matrix *matrix,
                              const struct prune_settings *settings, struct diagnostic *diag) {
    struct prune_partition p;
    TRY(make_partition(scheme, matrix, settings, &p, diag));
    enum status status = check(scheme, matrix, &p, settings, diag);
    arena_free(&p.arena);
    return status;
}

enum status prune_units_score(const struct prune_scheme *scheme, const struct prune_matrix *matrix,
                              const double *scores, const struct prune_settings *settings,
                              const uint8_t *mask, struct prune_unit_scores *units,
                              struct diagnostic *diag) {
    struct prune_partition p;
    *units = (struct prune_unit_scores){0};
    TRY(make_partition(scheme, matrix, settings, &p, diag));
    units->n = p.row_classes * p.column_classes;
    units->score = ARENA_NEW(&units->arena, units->n, double);
    units->size = ARENA_NEW(&units->arena, units->n, int);
    enum status status =
        units->score != NULL && units->size != NULL
            ? score_units(matrix, &p, scores, mask, units->score, units->size, &p.arena, diag)
            : FAIL_MEMORY(diag, "pruning");
    arena_free(&p.arena);
    if (status != STATUS_OK)
        arena_free(&units->arena);
    return status;
}
