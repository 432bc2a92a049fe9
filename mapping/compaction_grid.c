/* Strategies that cut one grid: none, and rows_columns. */
#include <stdlib.h>

#include "mapping/compaction.h"

static int minimum(int a, int b) {
    return a < b ? a : b;
}

/* Arrays of crossbar.rows rows and filters_per_array filters over lists of rows and filters. */
static enum status cut(struct placement *p, int pack, const int *row, int rows, const int *filter,
                       int filters, struct diagnostic *diag) {
    const struct mapped_layer *m = p->layer;
    for (int r = 0; r < rows; r += m->crossbar.rows)
        for (int f = 0; f < filters; f += m->filters_per_array)
            if (placement_add(p, pack, row + r, minimum(m->crossbar.rows, rows - r), filter + f,
                              minimum(m->filters_per_array, filters - f)) == NULL)
                return FAIL_MEMORY(diag, "the arrays of a layer");
    return STATUS_OK;
}

/* Numbers 0..n-1 of which `keep` is not 0 (NULL: all), into the arena. */
static int *list(struct arena *arena, const uint8_t *keep, int n, int *count) {
    int *numbers = ARENA_NEW(arena, n, int);
    *count = 0;
    for (int i = 0; numbers != NULL && i < n; i++)
        if (keep == NULL || keep[i])
            numbers[(*count)++] = i;
    return numbers;
}

static enum status cut_kept(struct placement *p, int pack, const uint8_t *keep_row,
                            const uint8_t *keep_filter, struct diagnostic *diag) {
    int rows, filters;
    int *row = list(p->arena, keep_row, mapping_pack_rows(p->layer, pack), &rows);
    int *filter = list(p->arena, keep_filter, mapping_pack_filters(p->layer, pack), &filters);
    if (row == NULL || filter == NULL)
        return FAIL_MEMORY(diag, "the rows and columns of a layer");
    return cut(p, pack, row, rows, filter, filters, diag);
}

enum status place_none(struct placement *placement, int pack, struct diagnostic *diag) {
    return cut_kept(placement, pack, NULL, NULL, diag);
}

enum status place_rows_columns(struct placement *placement, int pack, struct diagnostic *diag) {
    const struct mapped_layer *m = placement->layer;
    struct occupancy whole;
    TRY(occupancy_make(m, pack, mapping_pack_rows(m, pack), mapping_pack_filters(m, pack), &whole,
                       diag));
    enum status status = cut_kept(placement, pack, whole.row, whole.filter, diag);
    occupancy_free(&whole);
    return status;
}
