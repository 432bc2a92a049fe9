#include "crossbar/integer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crossbar/integer_kernels.h"

/* What is packed, and how. */
struct packing {
    const int16_t *weights; /* [columns][stride] */
    size_t stride;
    int columns, depth; /* not padded */
    struct integer_matrix *matrix;
    struct arena *arena;
};

/* Lays the weights out in panels; see integer_kernels.h. */
static enum status pack_weights(const struct packing *p, struct diagnostic *diag) {
    struct integer_matrix *m = p->matrix;
    bool bytes = m->level >= SIMD_AVX512;
    int interleave = bytes ? 4 : 2;
    void *packed = arena_alloc(p->arena, (size_t)m->depth * (size_t)m->columns,
                               bytes ? sizeof(int8_t) : sizeof(int16_t));
    if (packed == NULL)
        return FAIL_MEMORY(diag, "packed weights");
    for (int c = 0; c < p->columns; c++)
        for (int k = 0; k < p->depth; k++) {
            size_t group = (size_t)(c / INTEGER_PANEL) * (size_t)(m->depth / interleave) +
                           (size_t)(k / interleave);
            size_t at = (group * INTEGER_PANEL + (size_t)(c % INTEGER_PANEL)) * (size_t)interleave +
                        (size_t)(k % interleave);
            int16_t weight = p->weights[(size_t)c * p->stride + (size_t)k];
            if (bytes)
                ((int8_t *)packed)[at] = (int8_t)weight;
            else
                ((int16_t *)packed)[at] = weight;
        }
    m->packed = packed;
    return STATUS_OK;
}

/* Inputs that a kernel takes or leaves together. */
static int span_step(const struct integer_matrix *m) {
    bool tiles = m->level == SIMD_AMX && m->depth % INTEGER_TILE_DEPTH == 0;
    return tiles ? INTEGER_TILE_DEPTH : INTEGER_DEPTH_ALIGN;
}

/* Marks the groups of inputs for which some column first..end-1 has a weight. */
static void mark_used(const struct packing *p, int first, int end, uint8_t *used) {
    for (int c = first; c < end && c < p->columns; c++) {
        const int16_t *weights = p->weights + (size_t)c * p->stride;
        for (int k = 0; k < p->depth; k++)
            used[k / span_step(p->matrix)] |= weights[k] != 0;
    }
}

static enum status find_spans(const struct packing *p, struct integer_tile *tile, uint8_t *used,
                              struct diagnostic *diag) {
    int step = span_step(p->matrix), groups = p->matrix->depth / step, n = 0;
    memset(used, 0, (size_t)groups);
    mark_used(p, tile->first_panel * INTEGER_PANEL,
              (tile->first_panel + tile->panels) * INTEGER_PANEL, used);
    for (int g = 0; g < groups; g++)
        n += used[g] && (g == 0 || !used[g - 1]);
    struct integer_span *spans = ARENA_NEW(p->arena, n, struct integer_span);
    if (spans == NULL)
        return FAIL_MEMORY(diag, "packed weights");
    tile->spans = spans;
    for (int g = 0; g < groups; g++) {
        if (!used[g])
            continue;
        if (g == 0 || !used[g - 1])
            spans[tile->n_spans++].begin = g * step;
        spans[tile->n_spans - 1].end = (g + 1) * step;
    }
    return STATUS_OK;
}

static enum status make_tiles(const struct packing *p, struct diagnostic *diag) {
    struct integer_matrix *m = p->matrix;
    int panels = m->columns / INTEGER_PANEL, n = 0;
    struct integer_tile *tiles = ARENA_NEW(p->arena, panels, struct integer_tile);
    uint8_t *used = malloc((size_t)m->depth);
    enum status status = STATUS_OK;
    if (tiles == NULL || used == NULL)
        status = FAIL_MEMORY(diag, "packed weights");
    for (int done = 0; done < panels && status == STATUS_OK; n++) {
        bool wide = m->level >= SIMD_AVX512 && panels - done >= INTEGER_WIDE_TILE;
        tiles[n] =
            (struct integer_tile){.first_panel = done, .panels = wide ? INTEGER_WIDE_TILE : 1};
        status = find_spans(p, &tiles[n], used, diag);
        done += tiles[n].panels;
    }
    m->tiles = tiles;
    m->n_tiles = n;
    free(used);
    return status;
}

enum status integer_pack(const int16_t *weights, size_t stride, int columns, int depth,
                         enum simd_level level, struct arena *arena, struct integer_matrix *matrix,
                         struct diagnostic *diag) {
    *matrix = (struct integer_matrix){
        .depth = (depth + INTEGER_DEPTH_ALIGN - 1) / INTEGER_DEPTH_ALIGN * INTEGER_DEPTH_ALIGN,
        .columns = (columns + INTEGER_PANEL - 1) / INTEGER_PANEL * INTEGER_PANEL,
        .level = level,
    };
    struct packing packing = {weights, stride, columns, depth, matrix, arena};
    TRY(pack_weights(&packing, diag));
    return make_tiles(&packing, diag);
}

void integer_multiply(const struct integer_matrix *matrix, const uint8_t *x, size_t x_stride,
                      int positions, int32_t *acc, size_t acc_stride) {
    integer_kernel *kernel = integer_multiply_plain;
#if defined(__x86_64__)
    if (matrix->level == SIMD_AMX)
        kernel = integer_multiply_amx;
    else if (matrix->level == SIMD_AVX512)
        kernel = integer_multiply_avx512;
    else if (matrix->level == SIMD_AVX2)
        kernel = integer_multiply_avx2;
#endif
    kernel(matrix, x, x_stride, positions, acc, acc_stride);
}
