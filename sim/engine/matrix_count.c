#include "sim/engine/matrix_count.h"

#include <string.h>

#include "sim/engine/matrix_pack.h"

struct matrix_counter {
    struct matrix_setting setting;
    struct matrix_pack *packs;
    size_t picked, reads, workspace; /* bytes: offsets of the parts, total */
};

enum status matrix_counter_create(const struct matrix_layer *layer,
                                  const struct mapped_layer *mapped, enum simd_level level,
                                  struct arena *arena, struct matrix_counter **out,
                                  struct diagnostic *diag) {
    struct matrix_counter *c = ARENA_NEW(arena, 1, struct matrix_counter);
    struct matrix_pack *packs = ARENA_NEW(arena, mapped->packs, struct matrix_pack);
    if (c == NULL || packs == NULL)
        return FAIL_MEMORY(diag, "counting sums");
    c->setting = (struct matrix_setting){
        .layer = layer,
        .mapped = mapped,
        .path = ENGINE_BIT_SERIAL,
        .transfer = {.kind = ADC_IDENTITY},
        .every_column = true,
        .level = level,
        .groups_per_pack = mapped->groups_per_pack,
        .block_rows = pack_block_rows(mapped),
    };
    c->packs = packs;
    size_t picked = 0, reads = 0;
    for (int i = 0; i < mapped->packs; i++) {
        TRY(matrix_pack_make(&c->setting, i, arena, &packs[i], diag));
        size_t patches = (size_t)DRIVE_POSITIONS * (size_t)packs[i].plan.bytes + PATCH_SLACK;
        size_t needed = row_block_workspace(packs[i].blocks, packs[i].n_blocks);
        size_t most = DRIVE_POSITIONS * pack_blocks_picked(packs[i].wiring, packs[i].n_blocks);
        c->picked = patches > c->picked ? patches : c->picked;
        picked = most > picked ? most : picked;
        reads = needed > reads ? needed : reads;
    }
    c->picked = (c->picked + 63) / 64 * 64;
    c->reads = c->picked + picked;
    c->workspace = c->reads + reads;
    *out = c;
    return STATUS_OK;
}

size_t matrix_counter_workspace(const struct matrix_counter *counter) {
    return counter->workspace;
}

static void count_tile(const struct matrix_counter *c, const struct matrix_pack *pack,
                       int positions, uint64_t *counts, char *workspace) {
    for (int b = 0; b < pack->n_blocks; b++) {
        const struct row_block *block = &pack->blocks[b];
        size_t stride;
        const uint8_t *x =
            pack_block_drive(&pack->wiring[b], (const uint8_t *)workspace, (size_t)pack->plan.bytes,
                             positions, (uint8_t *)workspace + c->picked, &stride);
        row_block_count(block, x, stride, positions, pack->wiring[b].units, counts,
                        workspace + c->reads);
    }
}

void matrix_counter_run(const struct matrix_counter *counter, int images, const uint8_t *x,
                        uint64_t *counts, void *workspace) {
    const struct matrix_layer *layer = counter->setting.layer;
    long total = matrix_positions(&layer->shape) * images;
    for (int i = 0; i < counter->setting.mapped->packs; i++) {
        memset(workspace, 0, counter->picked);
        for (long first = 0; first < total; first += DRIVE_POSITIONS) {
            const struct matrix_pack *pack = &counter->packs[i];
            int positions =
                total - first < DRIVE_POSITIONS ? (int)(total - first) : DRIVE_POSITIONS;
            patch_gather(&pack->plan, &layer->shape, x, first, positions, workspace);
            count_tile(counter, pack, positions, counts, workspace);
        }
    }
}
