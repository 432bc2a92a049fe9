/* Programming a row block: cells of every physical column, gathered into lane groups so that the
 * columns most easily driven past the converter's range lie together. */
#include <stdlib.h>
#include <string.h>

#include "crossbar/row_block.h"

enum { CELL_VALUES = 256 }; /* cells hold up to 8 bits */

/* Everything placing needs beside the specification. */
struct programmer {
    const struct row_block_spec *spec;
    uint8_t *cell_of; /* [columns][2^weight_bits]: cell of each weight, index weight + 2^(bits-1) */
    int weights;      /* 2^weight_bits */
};

/* Up to 16 filters of a column while they are being placed. */
struct candidate {
    int column, filter, lanes;
    uint32_t threshold;  /* of the most sensitive lane; UINT32_MAX: never contributes */
    int64_t largest_sum; /* of the largest lane */
    int empty;           /* lanes without a programmed cell */
};

static bool is_flipped(const struct row_block_spec *spec, int filter, int column) {
    return spec->flipped != NULL && spec->flipped[filter * spec->encoding->columns + column] != 0;
}

/* Cells of one physical column, at a distance of `step` bytes; whether any was programmed. */
static bool column_cells(const struct programmer *p, int filter, int column, uint8_t *cells,
                         size_t step) {
    const struct row_block_spec *spec = p->spec;
    const int16_t *weights = spec->weights + (size_t)filter * spec->stride;
    const uint8_t *cell_of = p->cell_of + (size_t)column * (size_t)p->weights + p->weights / 2;
    uint8_t invert = is_flipped(spec, filter, column) ? 1 : 0;
    uint8_t top = (uint8_t)((1 << spec->encoding->cell_bits) - 1), all = 0;
    for (int row = 0; row < spec->rows; row++) {
        uint8_t cell = cell_of[weights[row]];
        cell = (uint8_t)(invert ? top - cell : cell);
        cells[(size_t)row * step] = cell;
        all |= cell;
    }
    return all != 0;
}

/* Smallest digit sum whose column sum can exceed `maximum`: the largest cells driven with the
 * largest digits first. UINT32_MAX when even all rows cannot. */
static uint32_t clip_threshold(const uint32_t counts[CELL_VALUES], int top_cell, int digit,
                               int64_t maximum) {
    int64_t sum = 0, digits = 0;
    for (int cell = top_cell; cell > 0; cell--) {
        int64_t capacity = (int64_t)counts[cell] * digit;
        int64_t needed = (maximum + 1 - sum + cell - 1) / cell;
        if (needed <= capacity)
            return (uint32_t)(digits + needed);
        sum += capacity * cell;
        digits += capacity;
    }
    return UINT32_MAX;
}

static uint32_t lane_threshold(const struct row_block_spec *spec, const uint8_t *cells,
                               int64_t largest_sum) {
    int top_cell = (1 << spec->encoding->cell_bits) - 1;
    if (spec->transfer->kind == ADC_TABLE)
        return spec->transfer->table[0] != 0 ? 0 : largest_sum > 0 ? 1 : UINT32_MAX;
    if (spec->transfer->kind == ADC_IDENTITY || largest_sum <= spec->transfer->maximum)
        return UINT32_MAX;
    uint32_t counts[CELL_VALUES] = {0};
    for (int row = 0; row < spec->rows; row++)
        counts[cells[row]]++;
    return clip_threshold(counts, top_cell, (1 << spec->dac_bits) - 1, spec->transfer->maximum);
}

static void measure_lane(const struct programmer *p, int filter, uint8_t *cells,
                         struct candidate *c) {
    column_cells(p, filter, c->column, cells, 1);
    int64_t sum = 0;
    for (int row = 0; row < p->spec->rows; row++)
        sum += cells[row];
    c->empty += sum == 0;
    sum *= (1 << p->spec->dac_bits) - 1;
    uint32_t threshold = lane_threshold(p->spec, cells, sum);
    c->threshold = threshold < c->threshold ? threshold : c->threshold;
    c->largest_sum = sum > c->largest_sum ? sum : c->largest_sum;
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
static int find_candidates(const struct programmer *p, uint8_t *cells, struct candidate *list) {
    const struct row_block_spec *spec = p->spec;
    int count = 0;
    for (int column = 0; column < spec->encoding->columns; column++)
        for (int filter = 0; filter < spec->filters; filter += BITLINE_SEGMENT) {
            int left = spec->filters - filter;
            struct candidate c = {.column = column,
                                  .filter = filter,
                                  .lanes = left < BITLINE_SEGMENT ? left : BITLINE_SEGMENT,
                                  .threshold = UINT32_MAX};
            for (int lane = 0; lane < c.lanes; lane++)
                measure_lane(p, filter + lane, cells, &c);
            if (spec->every_column)
                c.threshold = 0; /* all sums are looked at, whatever becomes of them */
            if (c.threshold != UINT32_MAX)
                list[count++] = c;
        }
    qsort(list, (size_t)count, sizeof *list, compare_candidates);
    return count;
}

static void fill_segment(const struct programmer *p, const struct candidate *c, int slot,
                         struct bitline_segment *s, uint8_t *cells) {
    const struct encoding_column *column = &p->spec->encoding->column[c->column];
    *s = (struct bitline_segment){.filter = c->filter, .lanes = c->lanes, .shift = column->shift};
    int signs = 0;
    for (int lane = 0; lane < c->lanes && lane < BITLINE_SEGMENT; lane++) {
        bool flipped = is_flipped(p->spec, c->filter + lane, c->column);
        bool programmed = /* else the column is never converted, whatever its code for 0 */
            column_cells(p, c->filter + lane, c->column, cells + slot * BITLINE_SEGMENT + lane,
                         BITLINE_LANES);
        int sign = flipped ? -column->sign : column->sign;
        s->lane_sign[lane] = (int8_t)(programmed ? sign : 0);
        signs += s->lane_sign[lane];
    }
    s->sign = signs == c->lanes ? 1 : signs == -c->lanes ? -1 : 0;
}

static enum bitline_width width_of(int64_t largest) {
    return largest <= UINT8_MAX ? BITLINE_U8 : largest <= UINT16_MAX ? BITLINE_U16 : BITLINE_U32;
}

static enum status place_groups(const struct programmer *p, const struct candidate *list, int count,
                                struct arena *arena, struct row_block *block,
                                struct diagnostic *diag) {
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
        fill_segment(p, &list[i], slot, &g->segments[slot], group_cells);
        g->n_segments = slot + 1;
        block->columns_kept += list[i].lanes;
        block->columns_empty += list[i].empty;
    }
    return STATUS_OK;
}

/* How often the unit column's result enters each filter: once with the weight of the zero code, and
 * once for each flipped column, whose true sum is (2^c - 1) * S_unit - S. */
static enum status make_unit_factors(const struct row_block_spec *spec, struct arena *arena,
                                     struct row_block *block, struct diagnostic *diag) {
    const struct encoding *e = spec->encoding;
    if (!e->unit_column)
        return STATUS_OK;
    int64_t *factor = ARENA_NEW(arena, spec->filters, int64_t);
    int32_t *narrow = ARENA_NEW(arena, spec->filters, int32_t);
    if (factor == NULL || narrow == NULL)
        return FAIL_MEMORY(diag, "the unit column");
    for (int f = 0; f < spec->filters; f++) {
        factor[f] = e->unit_weight;
        for (int c = 0; c < e->columns; c++)
            if (is_flipped(spec, f, c))
                factor[f] -= e->column[c].sign * ((int64_t)1 << e->column[c].shift) *
                             ((1 << e->cell_bits) - 1);
    }
    for (int f = 0; f < spec->filters; f++)
        narrow[f] = (int32_t)factor[f];
    block->narrow_unit_factor = narrow;
    block->unit_factor = factor;
    return STATUS_OK;
}

static enum status make_cell_table(struct programmer *p, struct diagnostic *diag) {
    const struct encoding *e = p->spec->encoding;
    p->weights = 1 << e->weight_bits;
    p->cell_of = calloc((size_t)e->columns * (size_t)p->weights, 1);
    if (p->cell_of == NULL)
        return FAIL_MEMORY(diag, "the table of cell values");
    for (int c = 0; c < e->columns; c++)
        for (int w = -p->weights / 2 + 1; w < p->weights / 2; w++)
            p->cell_of[c * p->weights + w + p->weights / 2] = (uint8_t)encoding_cell(e, w, c);
    return STATUS_OK;
}

enum status row_block_program(const struct row_block_spec *spec, struct arena *arena,
                              struct row_block *block, struct diagnostic *diag) {
    *block = (struct row_block){.rows = spec->rows, .filters = spec->filters};
    block->transfer = *spec->transfer;
    block->lookups = drive_lookups(spec->rows, spec->dac_bits, spec->activation_bits);
    struct programmer p = {.spec = spec};
    size_t most = (size_t)spec->encoding->columns *
                  (((size_t)spec->filters + BITLINE_SEGMENT - 1) / BITLINE_SEGMENT);
    struct candidate *list = calloc(most, sizeof *list);
    uint8_t *cells = calloc((size_t)spec->rows, 1);
    enum status status = make_cell_table(&p, diag);
    if (status == STATUS_OK && (list == NULL || cells == NULL))
        status = FAIL_MEMORY(diag, "the columns of an array");
    if (status == STATUS_OK) {
        int count = find_candidates(&p, cells, list);
        status = place_groups(&p, list, count, arena, block, diag);
    }
    if (status == STATUS_OK)
        status = make_unit_factors(spec, arena, block, diag);
    free(cells);
    free(list);
    free(p.cell_of);
    return status;
}
