/* Lane groups of a row block: segments of physical columns, gathered so that those most easily
 * driven past the converter's range lie together. */
#include <stdlib.h>

#include "crossbar/row_block_program.h"

/* Up to 16 filters of a column while they are being placed. */
struct candidate {
    int column, filter, lanes;
    uint32_t threshold;  /* of the most sensitive lane; UINT32_MAX: never contributes */
    int64_t largest_sum; /* of the largest lane */
    int empty;           /* lanes without a programmed cell */
};

static void measure_lane(const struct columns *columns, int filter, uint8_t *cells,
                         struct candidate *c) {
    struct column_facts facts = columns_measure(columns, filter, c->column, cells);
    c->empty += !facts.programmed;
    c->threshold = facts.threshold < c->threshold ? facts.threshold : c->threshold;
    c->largest_sum = facts.largest_sum > c->largest_sum ? facts.largest_sum : c->largest_sum;
}

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->threshold != y->threshold)
        return x->threshold < y->threshold ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->filter < y->filter ? -1 : x->filter > y->filter;
}

/* Segments that can contribute (or all, when every column is asked for), most sensitive first.
 * `cells` is scratch for one column. */
static int find_candidates(const struct columns *columns, uint8_t *cells, struct candidate *list) {
    const struct row_block_spec *spec = columns->spec;
    int count = 0;
    for (int column = 0; column < spec->encoding->columns; column++)
        for (int filter = 0; filter < spec->filters; filter += BITLINE_SEGMENT) {
            int left = spec->filters - filter;
            struct candidate c = {.column = column,
                                  .filter = filter,
                                  .lanes = left < BITLINE_SEGMENT ? left : BITLINE_SEGMENT,
                                  .threshold = UINT32_MAX};
            for (int lane = 0; lane < c.lanes; lane++)
                measure_lane(columns, filter + lane, cells, &c);
            if (spec->every_column)
                c.threshold = 0; /* all sums are looked at, whatever becomes of them */
            if (c.threshold != UINT32_MAX)
                list[count++] = c;
        }
    qsort(list, (size_t)count, sizeof *list, compare_candidates);
    return count;
}

static void fill_segment(const struct columns *columns, const struct candidate *c, int slot,
                         struct bitline_segment *s, uint8_t *cells, uint8_t *scratch) {
    const struct encoding_column *column = &columns->spec->encoding->column[c->column];
    *s = (struct bitline_segment){.filter = c->filter, .lanes = c->lanes, .shift = column->shift};
    int signs = 0;
    for (int lane = 0; lane < c->lanes && lane < BITLINE_SEGMENT; lane++) {
        int filter = c->filter + lane;
        struct column_facts facts = columns_measure(columns, filter, c->column, scratch);
        columns_cells(columns, filter, c->column, cells + slot * BITLINE_SEGMENT + lane,
                      BITLINE_LANES);
        /* Else the column is never converted, whatever its code for 0. */
        s->lane_sign[lane] = (int8_t)(facts.programmed ? facts.sign : 0);
        signs += s->lane_sign[lane];
    }
    s->sign = signs == c->lanes ? 1 : signs == -c->lanes ? -1 : 0;
}

static enum bitline_width width_of(int64_t largest) {
    return largest <= UINT8_MAX ? BITLINE_U8 : largest <= UINT16_MAX ? BITLINE_U16 : BITLINE_U32;
}

static enum status place_groups(const struct columns *columns, const struct candidate *list,
                                int count, uint8_t *scratch, struct arena *arena,
                                struct row_block *block, struct diagnostic *diag) {
    block->n_groups = (count + ROW_BLOCK_SEGMENTS - 1) / ROW_BLOCK_SEGMENTS;
    block->groups = ARENA_NEW(arena, block->n_groups, struct lane_group);
    size_t rows = (size_t)block->lookups.count * (size_t)block->lookups.rows_per_lookup;
    uint8_t *cells = ARENA_NEW(arena, (size_t)block->n_groups * rows * BITLINE_LANES, uint8_t);
    if (block->groups == NULL || cells == NULL)
        return FAIL_MEMORY(diag, "the cells of an array");
    for (int i = 0; i < count; i++) {
        int slot = i % ROW_BLOCK_SEGMENTS, group = i / ROW_BLOCK_SEGMENTS;
        struct lane_group *g = &block->groups[group];
        uint8_t *group_cells = cells + (size_t)group * rows * BITLINE_LANES;
        if (slot == 0) {
            g->threshold = list[i].threshold; /* sorted: the first is the most sensitive */
            g->cells = group_cells;
        }
        enum bitline_width width = width_of(list[i].largest_sum);
        g->width = width > g->width ? width : g->width;
        fill_segment(columns, &list[i], slot, &g->segments[slot], group_cells, scratch);
        g->n_segments = slot + 1;
        block->columns_kept += list[i].lanes;
        block->columns_empty += list[i].empty;
    }
    return STATUS_OK;
}

enum status row_block_program_lanes(const struct columns *columns, uint8_t *scratch,
                                    struct arena *arena, struct row_block *block,
                                    struct diagnostic *diag) {
    const struct row_block_spec *spec = columns->spec;
    size_t segments = ((size_t)spec->filters + BITLINE_SEGMENT - 1) / BITLINE_SEGMENT;
    struct candidate *list = calloc((size_t)spec->encoding->columns * segments, sizeof *list);
    if (list == NULL)
        return FAIL_MEMORY(diag, "the columns of an array");
    int count = find_candidates(columns, scratch, list);
    enum status status = place_groups(columns, list, count, scratch, arena, block, diag);
    free(list);
    return status;
}
