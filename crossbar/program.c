/* Programming a row block: its physical columns, as lane groups or as tiles, and its unit column.
 */
#include <stdlib.h>

#include "crossbar/row_block_program.h"

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
            if (spec->flipped != NULL && spec->flipped[f * e->columns + c])
                factor[f] -= e->column[c].sign * ((int64_t)1 << e->column[c].shift) *
                             ((1 << e->cell_bits) - 1);
    }
    for (int f = 0; f < spec->filters; f++)
        narrow[f] = (int32_t)factor[f];
    block->narrow_unit_factor = narrow;
    block->unit_factor = factor;
    return STATUS_OK;
}

/* Tiles take what their byte products hold. Counting sums is left to lane groups: increments take
 * more time than sums. */
static bool suits_tiles(const struct row_block_spec *spec) {
    return spec->level == SIMD_AMX && spec->encoding->weight_bits <= TILE_WEIGHT_BITS &&
           !spec->wide && !spec->every_column;
}

enum status row_block_program(const struct row_block_spec *spec, struct arena *arena,
                              struct row_block *block, struct diagnostic *diag) {
    *block = (struct row_block){
        .rows = spec->rows,
        .filters = spec->filters,
        .kernels = bitline_kernels(spec->level),
        .lookups = drive_lookups(spec->rows, spec->dac_bits, spec->activation_bits),
        .transfer = *spec->transfer,
    };
    struct columns columns;
    uint8_t *scratch = calloc((size_t)spec->rows, 1);
    enum status status = columns_open(spec, &columns, diag);
    if (status == STATUS_OK && scratch == NULL)
        status = FAIL_MEMORY(diag, "a column of an array");
    if (status == STATUS_OK && suits_tiles(spec))
        status = row_block_program_tiles(&columns, scratch, arena, block, diag);
    else if (status == STATUS_OK)
        status = row_block_program_lanes(&columns, scratch, arena, block, diag);
    if (status == STATUS_OK)
        status = make_unit_factors(spec, arena, block, diag);
    columns_close(&columns);
    free(scratch);
    return status;
}
