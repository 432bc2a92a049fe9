/* Strategy `ou`: the columns of each operation unit keep the rows that hold a weight in them, over
 * all of the pack, and stack them without gaps (Sparse ReRAM Engine, ISCA 2019; kernels reordered
 * by pattern, arXiv 2010.06156). Operation units are read at different times, so that one word line
 * may carry a different input for each. */
#include "mapping/compaction.h"

static int minimum(int a, int b) {
    return a < b ? a : b;
}

/* Rows in use of each operation unit's columns, one behind the other. */
struct stacks {
    const int *filter; /* [filters] of these arrays */
    int filters, sets;
    int *row;   /* [sets][rows of the pack] */
    int *count; /* [sets] */
};

static enum status stack_rows(const struct placement *p, const struct occupancy *o,
                              int first_filter, struct stacks *s, struct diagnostic *diag) {
    const struct mapped_layer *m = p->layer;
    int *filter = ARENA_NEW(p->arena, s->filters, int);
    s->row = ARENA_NEW(p->arena, s->sets * o->rows, int);
    s->count = ARENA_NEW(p->arena, s->sets, int);
    if (filter == NULL || s->row == NULL || s->count == NULL)
        return FAIL_MEMORY(diag, "the rows of operation units");
    for (int f = 0; f < s->filters; f++)
        filter[f] = first_filter + f;
    s->filter = filter;
    for (int set = 0; set < s->sets; set++) {
        int first = set * m->unit_filters;
        for (int r = 0; r < o->rows; r++) {
            uint8_t used = 0;
            for (int f = first; f < minimum(first + m->unit_filters, s->filters); f++)
                used |= o->row[(size_t)(first_filter + f) * (size_t)o->rows + (size_t)r];
            if (used)
                s->row[(size_t)set * (size_t)o->rows + (size_t)s->count[set]++] = r;
        }
    }
    return STATUS_OK;
}

/* The array that holds the stacked rows from number `start` on. */
static enum status lay_array(struct placement *p, int pack, const struct stacks *s, int pack_rows,
                             int start, int rows, struct diagnostic *diag) {
    int *row = ARENA_NEW(p->arena, s->sets * rows, int);
    if (row == NULL)
        return FAIL_MEMORY(diag, "the rows of operation units");
    for (int set = 0; set < s->sets; set++)
        for (int r = 0; r < rows; r++)
            row[set * rows + r] =
                start + r < s->count[set]
                    ? s->row[(size_t)set * (size_t)pack_rows + (size_t)(start + r)]
                    : -1;
    struct mapped_array *array = placement_add(p, pack, row, rows, s->filter, s->filters);
    if (array == NULL)
        return FAIL_MEMORY(diag, "the arrays of a layer");
    array->row_sets = s->sets;
    return STATUS_OK;
}

static enum status place_filters(struct placement *p, int pack, const struct occupancy *o,
                                 int first_filter, struct diagnostic *diag) {
    const struct mapped_layer *m = p->layer;
    struct stacks s = {.filters = minimum(m->filters_per_array, o->filters - first_filter)};
    s.sets = (s.filters + m->unit_filters - 1) / m->unit_filters;
    TRY(stack_rows(p, o, first_filter, &s, diag));
    int most = 0;
    for (int set = 0; set < s.sets; set++)
        most = s.count[set] > most ? s.count[set] : most;
    for (int start = 0; start < most; start += m->crossbar.rows)
        TRY(lay_array(p, pack, &s, o->rows, start, minimum(m->crossbar.rows, most - start), diag));
    return STATUS_OK;
}

enum status place_units(struct placement *placement, int pack, struct diagnostic *diag) {
    const struct mapped_layer *m = placement->layer;
    struct occupancy o;
    TRY(occupancy_make(m, pack, mapping_pack_rows(m, pack), 1, &o, diag));
    enum status status = STATUS_OK;
    for (int f = 0; f < o.filters && status == STATUS_OK; f += m->filters_per_array)
        status = place_filters(placement, pack, &o, f, diag);
    occupancy_free(&o);
    return status;
}
