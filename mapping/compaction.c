/* What all strategies share: occupancy, the growing list of arrays, and what follows from it. */
#include "mapping/compaction.h"

#include <stdlib.h>
#include <string.h>

#include "mapping/fragments.h"

static place_pack *const strategies[] = {
    [COMPACTION_NONE] = place_none,     [COMPACTION_ROWS_COLUMNS] = place_rows_columns,
    [COMPACTION_BLOCKS] = place_blocks, [COMPACTION_MIXED] = place_mixed,
    [COMPACTION_OU] = place_units,      [COMPACTION_REORDER] = place_reordered,
};

static int ceiling(int a, int b) {
    return (a + b - 1) / b;
}

/* Marks where one filter has weights; rows of other groups of the pack are zero. */
static void mark_filter(const struct mapped_layer *m, int pack, int filter, struct occupancy *o) {
    int rows = matrix_rows(&m->layer->shape), columns = matrix_columns(&m->layer->shape);
    int first = filter / columns * rows;
    size_t out = (size_t)pack * (size_t)m->pack_filters + (size_t)filter;
    const int16_t *weights = m->layer->weights + out * (size_t)rows;
    uint8_t *used = o->row + (size_t)(filter / o->group) * (size_t)o->rows + first;
    for (int r = 0; r < rows;) {
        int block = (first + r) / o->block, end = (block + 1) * o->block - first;
        uint8_t any = 0;
        for (end = end < rows ? end : rows; r < end; r++) {
            uint8_t one = weights[r] != 0;
            used[r] |= one;
            any |= one;
        }
        o->filter[(size_t)block * (size_t)o->filters + (size_t)filter] |= any;
    }
}

enum status occupancy_make(const struct mapped_layer *layer, int pack, int block, int group,
                           struct occupancy *occupancy, struct diagnostic *diag) {
    struct occupancy *o = occupancy;
    *o = (struct occupancy){.rows = mapping_pack_rows(layer, pack),
                            .filters = mapping_pack_filters(layer, pack),
                            .block = block,
                            .group = group};
    o->blocks = ceiling(o->rows, block);
    o->groups = ceiling(o->filters, group);
    o->row = calloc((size_t)o->groups * (size_t)o->rows, 1);
    o->filter = calloc((size_t)o->blocks * (size_t)o->filters, 1);
    if (o->row == NULL || o->filter == NULL) {
        occupancy_free(o);
        return FAIL_MEMORY(diag, "the rows and columns in use");
    }
    for (int f = 0; f < o->filters; f++)
        mark_filter(layer, pack, f, o);
    for (int g = 0; g < o->groups && layer->encoding.fragment_sign; g++)
        fragments_widen(layer, o->row + (size_t)g * (size_t)o->rows, o->rows);
    return STATUS_OK;
}

void occupancy_free(struct occupancy *occupancy) {
    free(occupancy->row);
    free(occupancy->filter);
    occupancy->row = occupancy->filter = NULL;
}

struct mapped_array *placement_add(struct placement *placement, int pack, const int *row, int rows,
                                   const int *filter, int filters) {
    struct mapped_layer *m = placement->layer;
    if (m->n_arrays == placement->capacity) {
        placement->capacity = 2 * placement->capacity + 16;
        struct mapped_array *more =
            ARENA_NEW(placement->arena, placement->capacity, struct mapped_array);
        if (more == NULL)
            return NULL;
        if (m->n_arrays > 0)
            memcpy(more, m->arrays, (size_t)m->n_arrays * sizeof *more);
        m->arrays = more;
    }
    struct mapped_array *array = &m->arrays[m->n_arrays++];
    *array = (struct mapped_array){.pack = pack,
                                   .rows = rows,
                                   .filters = filters,
                                   .row = row,
                                   .row_sets = 1,
                                   .filter = filter};
    return array;
}

/* filters_mapped, and column_reads and column_rows: what bounds an accumulator
 * (sim/engine/matrix_bound.c). */
static enum status bound_columns(struct mapped_layer *m, struct diagnostic *diag) {
    size_t filters = (size_t)m->packs * (size_t)m->pack_filters;
    int *reads = calloc(filters, sizeof *reads), *rows = calloc(filters, sizeof *rows);
    enum status status = reads != NULL && rows != NULL
                             ? STATUS_OK
                             : FAIL_MEMORY(diag, "the arrays of a layer's filters");
    for (int i = 0; i < m->n_arrays && status == STATUS_OK; i++)
        for (int f = 0; f < m->arrays[i].filters; f++) {
            int at = m->arrays[i].pack * m->pack_filters + m->arrays[i].filter[f], own;
            mapping_array_rows(m, &m->arrays[i], f, &own);
            m->filters_mapped += reads[at] == 0 && own > 0;
            reads[at] += ceiling(own, m->unit_rows);
            rows[at] += own;
            m->column_reads = reads[at] > m->column_reads ? reads[at] : m->column_reads;
            m->column_rows = rows[at] > m->column_rows ? rows[at] : m->column_rows;
        }
    free(reads);
    free(rows);
    return status;
}

enum status compaction_place(struct mapped_layer *layer, struct arena *arena,
                             struct diagnostic *diag) {
    struct placement placement = {.layer = layer, .arena = arena};
    layer->arrays = NULL;
    layer->n_arrays = layer->filters_mapped = layer->column_reads = layer->column_rows = 0;
    for (int pack = 0; pack < layer->packs; pack++)
        TRY(strategies[layer->compaction](&placement, pack, diag));
    layer->owner = placement.owner;
    return bound_columns(layer, diag);
}
