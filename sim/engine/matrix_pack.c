#include "sim/engine/matrix_pack.h"

#include <stdlib.h>

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

/* Weights of one block in the order in which its rows are driven. */
struct block_weights {
    const int16_t *weights; /* [filters][stride] */
    size_t stride;
    int16_t *own; /* to be freed; NULL: they are part of the pack's */
};

static enum status block_weights(const struct matrix_setting *s, const struct matrix_pack *pack,
                                 const struct pack_block *block, struct block_weights *w,
                                 struct diagnostic *diag) {
    if (block->byte == NULL) {
        *w = (struct block_weights){pack->weights + block->start, (size_t)pack->plan.bytes, NULL};
        return STATUS_OK;
    }
    int16_t *own = calloc((size_t)block->filters * block->stride, sizeof *own), *to = own;
    if (own == NULL)
        return FAIL_MEMORY(diag, "the weights of an array");
    for (int i = block->first_array; i < block->first_array + block->arrays; i++)
        for (int f = 0; f < s->mapped->arrays[i].filters; f++, to += block->stride)
            mapping_array_column(s->mapped, i, f, to);
    *w = (struct block_weights){own, block->stride, own};
    return STATUS_OK;
}

/* Which physical columns of a block are stored inverted; NULL where none can be. */
static enum status find_flips(const struct matrix_setting *s, const struct pack_block *block,
                              const struct block_weights *w, uint8_t **flipped,
                              struct diagnostic *diag) {
    *flipped = NULL;
    if (!s->mapped->flip)
        return STATUS_OK;
    const struct encoding *e = &s->mapped->encoding;
    *flipped = calloc((size_t)block->filters * (size_t)e->columns, 1);
    if (*flipped == NULL)
        return FAIL_MEMORY(diag, "the flipped columns");
    for (int f = 0; f < block->filters; f++)
        for (int c = 0; c < e->columns; c++) {
            int64_t sum = 0;
            for (int r = 0; r < block->rows; r++)
                sum += encoding_cell(e, w->weights[(size_t)f * w->stride + (size_t)r], c);
            (*flipped)[f * e->columns + c] = mapping_column_is_flipped(s->mapped, sum, block->rows);
        }
    return STATUS_OK;
}

/* Programs block `b` as ideal cells. */
static enum status program_ideal(const struct matrix_setting *s, int b,
                                 const struct block_weights *w, const uint8_t *flipped,
                                 struct arena *arena, struct matrix_pack *pack,
                                 struct diagnostic *diag) {
    const struct pack_block *block = &pack->wiring[b];
    struct row_block_spec spec = {
        .encoding = &s->mapped->encoding,
        .rows = block->rows,
        .filters = block->filters,
        .weights = w->weights,
        .stride = w->stride,
        .flipped = flipped,
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
                                  const struct block_weights *w, const uint8_t *flipped,
                                  struct arena *arena, struct matrix_pack *pack,
                                  struct diagnostic *diag) {
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
        .weights = w->weights,
        .stride = w->stride,
        .row_order = row_order,
        .flipped = flipped,
        .dac_bits = s->mapped->dac_bits,
        .activation_bits = s->layer->input.bits,
        .level = s->level,
    };
    TRY(analog_layer_equip(s->analog, block->first_array, arena, &spec, diag));
    return analog_program(&spec, arena, &pack->analog[b], diag);
}

static enum status program_block(const struct matrix_setting *s, int b, struct arena *arena,
                                 struct matrix_pack *pack, struct diagnostic *diag) {
    struct block_weights weights = {0};
    uint8_t *flipped = NULL;
    TRY(block_weights(s, pack, &pack->wiring[b], &weights, diag));
    enum status status = find_flips(s, &pack->wiring[b], &weights, &flipped, diag);
    if (status == STATUS_OK)
        status = s->path == ENGINE_ANALOG
                     ? program_analog(s, b, &weights, flipped, arena, pack, diag)
                     : program_ideal(s, b, &weights, flipped, arena, pack, diag);
    free(flipped);
    free(weights.own);
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
    TRY(patch_plan_make(shape, first_channel, rows, setting->block_rows, arena, &pack->plan, diag));
    TRY(order_weights(setting, arena, pack, diag));
    if (pack->has_product && !setting->wide)
        TRY(integer_pack(pack->weights, (size_t)pack->plan.bytes, pack->filters, pack->plan.bytes,
                         setting->level, arena, &pack->product, diag));
    if (setting->path != ENGINE_INTEGER)
        TRY(program_blocks(setting, index, arena, pack, diag));
    return STATUS_OK;
}
