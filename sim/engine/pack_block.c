#include "sim/engine/pack_block.h"

#include <stdlib.h>

#include "crossbar/drive.h"

/* Whether blocks are whole arrays without compaction. */
static bool is_plain(const struct mapped_layer *m) {
    return m->compaction == COMPACTION_NONE && m->unit_rows == m->crossbar.rows;
}

int pack_block_rows(const struct mapped_layer *mapped) {
    return is_plain(mapped) ? mapped->crossbar.rows : mapped->pack_rows;
}

/* Byte of the patch that each row of the pack is gathered into; to be freed. */
static int *bytes_of_rows(const struct patch_plan *plan, int rows) {
    int *byte = calloc((size_t)rows, sizeof *byte);
    for (int i = 0; byte != NULL && i < plan->bytes; i++)
        if (plan->row_of_byte[i] >= 0)
            byte[plan->row_of_byte[i]] = i;
    return byte;
}

/* Blocks being made. */
struct maker {
    const struct mapped_layer *layer;
    int pack;
    const struct patch_plan *plan;
    const int *byte_of_row;
    struct arena *arena;
    struct pack_block *blocks;
    int n_blocks;
};

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* How many blocks the arrays of the pack take at most. */
static int count_blocks(const struct mapped_layer *m, int pack) {
    int count = 0;
    for (int i = 0; i < m->n_arrays; i++) {
        const struct mapped_array *a = &m->arrays[i];
        int parts = (a->rows + m->unit_rows - 1) / m->unit_rows;
        count += a->pack == pack ? parts * a->row_sets : 0;
    }
    return count;
}

static enum status pick_rows(const struct maker *k, const int *row, struct pack_block *block,
                             struct diagnostic *diag) {
    int *byte = ARENA_NEW(k->arena, block->rows, int);
    if (byte == NULL)
        return FAIL_MEMORY(diag, "the inputs of an array");
    for (int r = 0; r < block->rows; r++)
        byte[r] = k->byte_of_row[row[block->line + r]];
    block->byte = byte;
    block->stride = ((size_t)block->rows + DRIVE_ALIGN - 1) / DRIVE_ALIGN * DRIVE_ALIGN;
    return STATUS_OK;
}

/* The blocks of `filters` filters from number `first` of an array on, which share its word lines
 * with those of the `arrays` - 1 arrays behind it. */
static enum status add_blocks(struct maker *k, int index, int arrays, int first, int filters,
                              int *part, struct diagnostic *diag) {
    const struct mapped_layer *m = k->layer;
    const struct mapped_array *array = &m->arrays[index];
    int rows, units = 0;
    const int *row = mapping_array_rows(m, array, first, &rows);
    for (int i = 0; i < arrays; i++) /* all filters of each, or one unit of one */
        units += (smaller(m->arrays[index + i].filters, filters) + m->unit_filters - 1) /
                 m->unit_filters;
    for (int line = 0; line < rows; line += m->unit_rows) {
        struct pack_block *block = &k->blocks[k->n_blocks];
        *block = (struct pack_block){
            .first_array = index,
            .arrays = arrays,
            .first_filter = first,
            .part = (*part)++,
            .line = line,
            .rows = smaller(m->unit_rows, rows - line),
            .filters = filters,
            .units = units,
        };
        if (filters != mapping_pack_filters(m, k->pack))
            block->filter = array->filter + first;
        if (is_plain(m))
            block->start = k->plan->block_start[k->n_blocks];
        else
            TRY(pick_rows(k, row, block, diag));
        k->n_blocks++;
    }
    return STATUS_OK;
}

/* The arrays of a pack lie next to each other; those that share their rows make blocks together,
 * and their lists of filters are parts of one. */
static enum status make(struct maker *k, struct diagnostic *diag) {
    const struct mapped_layer *m = k->layer;
    for (int i = 0, arrays; i < m->n_arrays; i += arrays) {
        const struct mapped_array *a = &m->arrays[i];
        int filters = a->filters, part = 0;
        arrays = 1;
        if (a->pack != k->pack)
            continue;
        if (a->row_sets > 1) {
            for (int f = 0; f < a->filters; f += m->unit_filters)
                TRY(add_blocks(k, i, 1, f, smaller(m->unit_filters, a->filters - f), &part, diag));
            continue;
        }
        for (; i + arrays < m->n_arrays && m->arrays[i + arrays].row == a->row; arrays++)
            filters += m->arrays[i + arrays].filters;
        TRY(add_blocks(k, i, arrays, 0, filters, &part, diag));
    }
    return STATUS_OK;
}

enum status pack_blocks_make(const struct mapped_layer *mapped, int index,
                             const struct patch_plan *plan, struct arena *arena,
                             struct pack_block **blocks, int *n_blocks, struct diagnostic *diag) {
    int *byte_of_row = bytes_of_rows(plan, mapping_pack_rows(mapped, index));
    struct maker maker = {
        .layer = mapped,
        .pack = index,
        .plan = plan,
        .byte_of_row = byte_of_row,
        .arena = arena,
        .blocks = ARENA_NEW(arena, count_blocks(mapped, index), struct pack_block),
    };
    enum status status = byte_of_row != NULL && maker.blocks != NULL
                             ? make(&maker, diag)
                             : FAIL_MEMORY(diag, "the row blocks of a layer");
    free(byte_of_row);
    *blocks = maker.blocks;
    *n_blocks = maker.n_blocks;
    return status;
}

size_t pack_blocks_picked(const struct pack_block *blocks, int n_blocks) {
    size_t stride = 0;
    for (int b = 0; b < n_blocks; b++)
        if (blocks[b].byte != NULL && blocks[b].stride > stride)
            stride = blocks[b].stride;
    return stride;
}

const uint8_t *pack_block_drive(const struct pack_block *block, const uint8_t *patches,
                                size_t patch_bytes, int positions, uint8_t *out, size_t *stride) {
    if (block->byte == NULL) {
        *stride = patch_bytes;
        return patches + block->start;
    }
    *stride = block->stride;
    uint8_t *to = out;
    for (int p = 0; p < positions; p++, patches += patch_bytes, to += block->stride) {
        for (int r = 0; r < block->rows; r++)
            to[r] = patches[block->byte[r]];
        for (size_t r = (size_t)block->rows; r < block->stride; r++)
            to[r] = 0;
    }
    return out;
}

void pack_block_add(const struct pack_block *block, int positions, size_t stride,
                    const int32_t *sums, int32_t *acc) {
    for (int p = 0; p < positions; p++, sums += stride, acc += stride)
        for (int f = 0; f < block->filters; f++)
            acc[block->filter[f]] += sums[f];
}

void pack_block_add_wide(const struct pack_block *block, int positions, size_t stride,
                         const int64_t *sums, int64_t *acc) {
    for (int p = 0; p < positions; p++, sums += stride, acc += stride)
        for (int f = 0; f < block->filters; f++)
            acc[block->filter[f]] += sums[f];
}
