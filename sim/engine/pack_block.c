#include "sim/engine/pack_block.h"

#include <stdlib.h>

#include "crossbar/drive.h"

int pack_block_rows(const struct mapped_layer *mapped) {
    return mapped->compaction == COMPACTION_NONE ? mapped->crossbar.rows : mapped->pack_rows;
}

/* Byte of the patch that each row of the pack is gathered into; to be freed. */
static int *bytes_of_rows(const struct patch_plan *plan, int rows) {
    int *byte = calloc((size_t)rows, sizeof *byte);
    for (int i = 0; byte != NULL && i < plan->bytes; i++)
        if (plan->row_of_byte[i] >= 0)
            byte[plan->row_of_byte[i]] = i;
    return byte;
}

static enum status pick_rows(const struct mapped_array *array, const int *byte_of_row,
                             struct arena *arena, struct pack_block *block,
                             struct diagnostic *diag) {
    int *byte = ARENA_NEW(arena, array->rows, int);
    if (byte == NULL)
        return FAIL_MEMORY(diag, "the inputs of an array");
    for (int r = 0; r < array->rows; r++)
        byte[r] = byte_of_row[array->row[r]];
    block->byte = byte;
    block->stride = ((size_t)array->rows + DRIVE_ALIGN - 1) / DRIVE_ALIGN * DRIVE_ALIGN;
    return STATUS_OK;
}

/* The arrays of a pack lie next to each other; those with the same rows make a block. */
static enum status make(const struct mapped_layer *m, int index, const struct patch_plan *plan,
                        const int *byte_of_row, struct arena *arena, struct pack_block *blocks,
                        int *n_blocks, struct diagnostic *diag) {
    const int *row = NULL;
    struct pack_block *block = NULL;
    *n_blocks = 0;
    for (int i = 0; i < m->n_arrays; i++) {
        const struct mapped_array *array = &m->arrays[i];
        if (array->pack != index)
            continue;
        if (block == NULL || array->row != row) {
            block = &blocks[*n_blocks];
            *block =
                (struct pack_block){.first_array = i, .rows = array->rows, .filter = array->filter};
            if (m->compaction == COMPACTION_NONE)
                block->start = plan->block_start[*n_blocks];
            else
                TRY(pick_rows(array, byte_of_row, arena, block, diag));
            row = array->row;
            ++*n_blocks;
        }
        block->arrays++;
        block->filters += array->filters; /* their lists are parts of one */
    }
    for (int b = 0; b < *n_blocks; b++)
        if (blocks[b].filters == mapping_pack_filters(m, index))
            blocks[b].filter = NULL;
    return STATUS_OK;
}

enum status pack_blocks_make(const struct mapped_layer *mapped, int index,
                             const struct patch_plan *plan, struct arena *arena,
                             struct pack_block **blocks, int *n_blocks, struct diagnostic *diag) {
    int *byte_of_row = bytes_of_rows(plan, mapping_pack_rows(mapped, index));
    *blocks = ARENA_NEW(arena, mapped->n_arrays, struct pack_block);
    enum status status =
        byte_of_row != NULL && *blocks != NULL
            ? make(mapped, index, plan, byte_of_row, arena, *blocks, n_blocks, diag)
            : FAIL_MEMORY(diag, "the row blocks of a layer");
    free(byte_of_row);
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
