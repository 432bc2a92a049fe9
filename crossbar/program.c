/* Programming a row block: cells of every physical column, gathered into lane groups so that the
 * columns most easily driven past the converter's range lie together. */
#include <stdlib.h>
#include <string.h>

#include "crossbar/row_block.h"

/* A segment while it is being placed. */
struct candidate {
    int column, filter, lanes;
    uint32_t threshold;  /* of its most sensitive lane; UINT32_MAX: never contributes */
    int64_t largest_sum; /* of its largest lane */
};

static unsigned stored_cell(const struct row_block_spec *spec, int filter, int row, int column) {
    unsigned cell = encoding_cell(
        spec->encoding, spec->weights[(size_t)filter * spec->stride + (size_t)row], column);
    bool flipped =
        spec->flipped != NULL && spec->flipped[filter * spec->encoding->columns + column] != 0;
    return flipped ? (1U << spec->encoding->cell_bits) - 1U - cell : cell;
}

/* Smallest digit sum whose column sum can exceed `maximum`: the largest cells driven with the
 * largest digits first. UINT32_MAX when even all rows cannot. */
static uint32_t clip_threshold(const uint32_t counts[256], int digit, int64_t maximum) {
    int64_t sum = 0, digits = 0;
    for (int cell = 255; cell > 0; cell--) {
        int64_t capacity = (int64_t)counts[cell] * digit;
        int64_t needed = (maximum + 1 - sum + cell - 1) / cell;
        if (needed <= capacity)
            return (uint32_t)(digits + needed);
        sum += capacity * cell;
        digits += capacity;
    }
    return UINT32_MAX;
}

static void measure_lane(const struct row_block_spec *spec, int filter, struct candidate *c) {
    uint32_t counts[256] = {0};
    int digit = (1 << spec->dac_bits) - 1;
    int64_t sum = 0;
    for (int row = 0; row < spec->rows; row++) {
        unsigned cell = stored_cell(spec, filter, row, c->column);
        counts[cell]++;
        sum += (int64_t)cell * digit;
    }
    uint32_t threshold = UINT32_MAX;
    if (spec->transfer->kind == ADC_CLIP)
        threshold = clip_threshold(counts, digit, spec->transfer->maximum);
    else if (spec->transfer->kind == ADC_TABLE)
        threshold = spec->transfer->table[0] != 0 ? 0 : 1;
    if (threshold < c->threshold)
        c->threshold = threshold;
    if (sum > c->largest_sum)
        c->largest_sum = sum;
}

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->threshold != y->threshold)
        return x->threshold < y->threshold ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->filter < y->filter ? -1 : x->filter > y->filter;
}

/* Segments that can contribute, most sensitive first. */
static int find_candidates(const struct row_block_spec *spec, struct candidate *list) {
    int count = 0;
    for (int column = 0; column < spec->encoding->columns; column++)
        for (int filter = 0; filter < spec->filters; filter += SEGMENT_LANES) {
            int left = spec->filters - filter;
            struct candidate c = {.column = column,
                                  .filter = filter,
                                  .lanes = left < SEGMENT_LANES ? left : SEGMENT_LANES,
                                  .threshold = UINT32_MAX};
            for (int lane = 0; lane < c.lanes; lane++)
                measure_lane(spec, filter + lane, &c);
            bool can_contribute =
                c.threshold != UINT32_MAX && (c.largest_sum > 0 || c.threshold == 0);
            if (can_contribute)
                list[count++] = c;
        }
    qsort(list, (size_t)count, sizeof *list, compare_candidates);
    return count;
}

static struct bitline_lookups make_lookups(int rows, int dac_bits, int activation_bits) {
    struct bitline_lookups l = {.digit_bits = dac_bits};
    l.cycles = (activation_bits + dac_bits - 1) / dac_bits;
    l.rows_per_lookup = dac_bits >= 4 ? 1 : 4 / dac_bits;
    l.entries = 1 << (dac_bits * l.rows_per_lookup);
    int count = (rows + l.rows_per_lookup - 1) / l.rows_per_lookup;
    l.count = (count + BITLINE_UNROLL - 1) / BITLINE_UNROLL * BITLINE_UNROLL;
    return l;
}

static void fill_segment(const struct row_block_spec *spec, const struct candidate *c, int slot,
                         struct segment *s, uint8_t *cells) {
    const struct encoding_column *column = &spec->encoding->column[c->column];
    *s = (struct segment){.filter = c->filter,
                          .lanes = c->lanes,
                          .shift = column->shift,
                          .sign = column->sign,
                          .column = c->column};
    for (int lane = 0; lane < c->lanes; lane++) {
        int filter = c->filter + lane;
        bool flipped = spec->flipped != NULL &&
                       spec->flipped[filter * spec->encoding->columns + c->column] != 0;
        s->lane_sign[lane] = (int8_t)(flipped ? -column->sign : column->sign);
        for (int row = 0; row < spec->rows; row++)
            cells[row * BITLINE_LANES + slot * SEGMENT_LANES + lane] =
                (uint8_t)stored_cell(spec, filter, row, c->column);
    }
}

static enum bitline_width width_of(int64_t largest) {
    return largest <= UINT8_MAX ? BITLINE_U8 : largest <= UINT16_MAX ? BITLINE_U16 : BITLINE_U32;
}

static enum status place_groups(const struct row_block_spec *spec, const struct candidate *list,
                                int count, struct arena *arena, struct row_block *block,
                                struct diagnostic *diag) {
    block->n_groups = (count + SEGMENTS - 1) / SEGMENTS;
    block->groups = ARENA_NEW(arena, block->n_groups, struct lane_group);
    if (block->groups == NULL)
        return FAIL_MEMORY(diag, "the lane groups of an array");
    size_t rows = (size_t)block->lookups.count * (size_t)block->lookups.rows_per_lookup;
    for (int i = 0; i < count; i++) {
        struct lane_group *g = &block->groups[i / SEGMENTS];
        int slot = i % SEGMENTS;
        if (slot == 0) {
            g->threshold = list[i].threshold; /* sorted: the first is the most sensitive */
            uint8_t *fresh = ARENA_NEW(arena, rows * BITLINE_LANES, uint8_t);
            if (fresh == NULL)
                return FAIL_MEMORY(diag, "the cells of an array");
            g->cells = fresh;
        }
        enum bitline_width width = width_of(list[i].largest_sum);
        g->width = width > g->width ? width : g->width;
        fill_segment(spec, &list[i], slot, &g->segments[slot], (uint8_t *)g->cells);
        g->n_segments = slot + 1;
        block->conversions_possible += list[i].lanes;
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
    if (factor == NULL)
        return FAIL_MEMORY(diag, "the unit column");
    for (int f = 0; f < spec->filters; f++) {
        factor[f] = e->unit_weight;
        for (int c = 0; c < e->columns; c++)
            if (spec->flipped != NULL && spec->flipped[f * e->columns + c] != 0)
                factor[f] -=
                    ((int64_t)e->column[c].sign << e->column[c].shift) * ((1 << e->cell_bits) - 1);
    }
    block->unit_factor = factor;
    return STATUS_OK;
}

enum status row_block_program(const struct row_block_spec *spec, struct arena *arena,
                              struct row_block *block, struct diagnostic *diag) {
    *block = (struct row_block){.rows = spec->rows, .filters = spec->filters};
    block->transfer = *spec->transfer;
    block->lookups = make_lookups(spec->rows, spec->dac_bits, spec->activation_bits);
    size_t most = (size_t)spec->encoding->columns *
                  (((size_t)spec->filters + SEGMENT_LANES - 1) / SEGMENT_LANES);
    struct candidate *list = calloc(most, sizeof *list);
    if (list == NULL)
        return FAIL_MEMORY(diag, "the columns of an array");
    int count = find_candidates(spec, list);
    enum status status = place_groups(spec, list, count, arena, block, diag);
    if (status == STATUS_OK)
        status = make_unit_factors(spec, arena, block, diag);
    free(list);
    return status;
}
