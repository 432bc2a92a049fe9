#include "sim/engine/matrix_pack.h"

#include <stdlib.h>
#include <string.h>

/* Weights of one filter in the order of the gathered bytes; their sum. Rows of other groups of the
 * pack lie off the block diagonal: their weight is zero. */
static int64_t order_filter(const struct matrix_setting *s, const struct matrix_pack *pack, int f,
                            int16_t *ordered) {
    const struct matrix_layer *layer = s->layer;
    int rows = matrix_rows(&layer->shape), first_row = f / matrix_columns(&layer->shape) * rows;
    const int16_t *weights = layer->weights + (size_t)(pack->first_filter + f) * (size_t)rows;
    int64_t sum = 0;
    for (int i = 0; i < pack->plan.bytes; i++) {
        int row = pack->plan.row_of_byte[i] - first_row; /* padding: -1 - first_row < 0 */
        ordered[i] = row >= 0 && row < rows ? weights[row] : 0;
        sum += ordered[i];
    }
    return sum;
}

static enum status order_weights(const struct matrix_setting *s, struct arena *arena,
                                 struct matrix_pack *pack, struct diagnostic *diag) {
    size_t bytes = (size_t)pack->plan.bytes;
    int16_t *ordered = ARENA_NEW(arena, (size_t)pack->filters * bytes, int16_t);
    int64_t *offset = ARENA_NEW(arena, pack->filters, int64_t);
    int32_t *narrow = ARENA_NEW(arena, pack->filters, int32_t);
    if (ordered == NULL || offset == NULL || narrow == NULL)
        return FAIL_MEMORY(diag, "the weights of a layer");
    for (int f = 0; f < pack->filters; f++) {
        int64_t sum = order_filter(s, pack, f, ordered + (size_t)f * bytes);
        offset[f] = s->layer->bias[pack->first_filter + f] - s->layer->input.zero_point * sum;
        narrow[f] = s->wide ? 0 : (int32_t)offset[f];
    }
    pack->weights = ordered;
    pack->offset = offset;
    pack->narrow_offset = narrow;
    return STATUS_OK;
}

/* What one block programs, rows in the order in which they are driven. */
struct block_cells {
    const int16_t *weights; /* [filters][stride] */
    size_t stride;
    int16_t *own;     /* to be freed; NULL: the weights are part of the pack's */
    uint8_t *flipped; /* [filters][columns] 1: stored inverted; to be freed; NULL: none can be */
};

/* Which columns of one filter are stored inverted: all of an array's rows decide. */
static void find_flips(const struct mapped_layer *m, const int16_t *weights, int rows,
                       uint8_t *flipped) {
    for (int c = 0; c < m->encoding.columns; c++) {
        int64_t sum = 0;
        for (int r = 0; r < rows; r++)
            sum += encoding_cell(&m->encoding, weights[r], c);
        flipped[c] = mapping_column_is_flipped(m, sum, rows);
    }
}

/* Takes filter by filter from the arrays; `column` is scratch for one. */
static void take_filters(const struct mapped_layer *m, const struct pack_block *block,
                         int16_t *column, struct block_cells *cells) {
    int array = block->first_array, f = block->first_filter;
    for (int i = 0; i < block->filters; i++, f++) {
        if (f == m->arrays[array].filters) {
            array++;
            f = 0;
        }
        int rows = mapping_array_column(m, array, f, column);
        if (cells->own != NULL)
            memcpy(cells->own + (size_t)i * cells->stride, column + block->line,
                   (size_t)block->rows * sizeof *column);
        if (cells->flipped != NULL)
            find_flips(m, column, rows, cells->flipped + i * m->encoding.columns);
    }
}

static enum status take_cells(const struct matrix_setting *s, const struct matrix_pack *pack,
                              const struct pack_block *block, struct block_cells *cells,
                              struct diagnostic *diag) {
    const struct mapped_layer *m = s->mapped;
    size_t filters = (size_t)block->filters;
    bool picked = block->byte != NULL;
    *cells = (struct block_cells){.weights = pack->weights + block->start,
                                  .stride = (size_t)pack->plan.bytes};
    if (!picked && !m->flip)
        return STATUS_OK;
    int16_t *column = calloc((size_t)m->crossbar.rows, sizeof *column);
    if (picked) {
        cells->stride = block->stride;
        cells->weights = cells->own = calloc(filters * block->stride, sizeof *cells->own);
    }
    if (m->flip)
        cells->flipped = calloc(filters * (size_t)m->encoding.columns, 1);
    bool made = column != NULL && cells->weights != NULL && (cells->flipped != NULL || !m->flip);
    if (made)
        take_filters(m, block, column, cells);
    free(column);
    return made ? STATUS_OK : FAIL_MEMORY(diag, "the weights of an array");
}

/* Programs block `b` as ideal cells. */
static enum status program_ideal(const struct matrix_setting *s, int b, const struct block_cells *w,
                                 struct arena *arena, struct matrix_pack *pack,
                                 struct diagnostic *diag) {
    const struct pack_block *block = &pack->wiring[b];
    struct row_block_spec spec = {
        .encoding = &s->mapped->encoding,
        .rows = block->rows,
        .filters = block->filters,
        .weights = w->weights,
        .stride = w->stride,
        .flipped = w->flipped,
        .dac_bits = s->mapped->dac_bits,
        .activation_bits = s->layer->input.bits,
        .transfer = &s->transfer,
        .every_column = s->every_column,
        .wide = s->wide,
        .level = s->level,
    };
    return row_block_program(&spec, arena, &pack->blocks[b], diag);
}

/* The same as conductances. */
static enum status program_analog(const struct matrix_setting *s, int b,
                                  const struct block_cells *w, struct arena *arena,
                                  struct matrix_pack *pack, struct diagnostic *diag) {
    const struct pack_block *block = &pack->wiring[b];
    int *row_order = ARENA_NEW(arena, block->rows, int);
    if (row_order == NULL)
        return FAIL_MEMORY(diag, "the rows of an array");
    for (int r = 0; r < block->rows; r++)
        row_order[r] =
            block->byte != NULL ? r : pack->plan.row_of_byte[block->start + r] - b * s->block_rows;
    struct analog_spec spec = {
        .encoding = &s->mapped->encoding,
        .rows = block->rows,
        .filters = block->filters,
        .filters_per_array = s->mapped->filters_per_array,
        .first_filter = block->first_filter,
        .weights = w->weights,
        .stride = w->stride,
        .row_order = row_order,
        .flipped = w->flipped,
        .dac_bits = s->mapped->dac_bits,
        .activation_bits = s->layer->input.bits,
        .level = s->level,
    };
    TRY(analog_layer_equip(s->analog, block->first_array, block->part, arena, &spec, diag));
    return analog_program(&spec, arena, &pack->analog[b], diag);
}

static enum status program_block(const struct matrix_setting *s, int b, struct arena *arena,
                                 struct matrix_pack *pack, struct diagnostic *diag) {
    struct block_cells cells;
    enum status status = take_cells(s, pack, &pack->wiring[b], &cells, diag);
    if (status == STATUS_OK)
        status = s->path == ENGINE_ANALOG ? program_analog(s, b, &cells, arena, pack, diag)
                                          : program_ideal(s, b, &cells, arena, pack, diag);
    free(cells.flipped);
    free(cells.own);
    return status;
}

static enum status program_blocks(const struct matrix_setting *s, int index, struct arena *arena,
                                  struct matrix_pack *pack, struct diagnostic *diag) {
    TRY(pack_blocks_make(s->mapped, index, &pack->plan, arena, &pack->wiring, &pack->n_blocks,
                         diag));
    if (s->path == ENGINE_ANALOG)
        pack->analog = ARENA_NEW(arena, pack->n_blocks, struct analog_block *);
    else
        pack->blocks = ARENA_NEW(arena, pack->n_blocks, struct row_block);
    if (pack->blocks == NULL && pack->analog == NULL)
        return FAIL_MEMORY(diag, "the row blocks of a layer");
    for (int b = 0; b < pack->n_blocks; b++)
        TRY(program_block(s, b, arena, pack, diag));
    return STATUS_OK;
}

enum status matrix_pack_make(const struct matrix_setting *setting, int index, struct arena *arena,
                             struct matrix_pack *pack, struct diagnostic *diag) {
    const struct matrix_shape *shape = &setting->layer->shape;
    int first_group = index * setting->groups_per_pack;
    int left = shape->groups - first_group;
    int groups = left < setting->groups_per_pack ? left : setting->groups_per_pack;
    int rows = groups * matrix_rows(shape);
    *pack = (struct matrix_pack){
        .first_filter = first_group * matrix_columns(shape),
        .filters = groups * matrix_columns(shape),
        .has_product = setting->path == ENGINE_INTEGER ||
                       (setting->path == ENGINE_BIT_SERIAL && setting->transfer.kind == ADC_CLIP),
    };
    int first_channel = first_group * (shape->in_channels / shape->groups);
    TRY(patch_plan_make(shape, first_channel, rows, setting->block_rows,
                        (uint8_t)setting->layer->input.zero_point, arena, &pack->plan, diag));
    TRY(order_weights(setting, arena, pack, diag));
    if (pack->has_product && !setting->wide)
        TRY(integer_pack(pack->weights, (size_t)pack->plan.bytes, pack->filters, pack->plan.bytes,
                         setting->level, arena, &pack->product, diag));
    if (setting->path != ENGINE_INTEGER)
        TRY(program_blocks(setting, index, arena, pack, diag));
    return STATUS_OK;
}
