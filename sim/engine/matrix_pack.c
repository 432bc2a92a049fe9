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

/* Which physical columns of a block are stored inverted; NULL where none can be. */
static enum status find_flips(const struct matrix_setting *s, int rows,
                              const struct matrix_pack *pack, const int16_t *weights,
                              uint8_t **flipped, struct diagnostic *diag) {
    *flipped = NULL;
    if (!s->mapped->flip)
        return STATUS_OK;
    const struct encoding *e = &s->mapped->encoding;
    *flipped = calloc((size_t)pack->filters * (size_t)e->columns, 1);
    if (*flipped == NULL)
        return FAIL_MEMORY(diag, "the flipped columns");
    for (int f = 0; f < pack->filters; f++)
        for (int c = 0; c < e->columns; c++) {
            int64_t sum = 0;
            for (int r = 0; r < rows; r++)
                sum +=
                    encoding_cell(e, weights[(size_t)f * (size_t)pack->plan.bytes + (size_t)r], c);
            (*flipped)[f * e->columns + c] = mapping_column_is_flipped(s->mapped, sum, rows);
        }
    return STATUS_OK;
}

/* Programs block `b`, which has `rows` rows, as ideal cells. */
static enum status program_ideal(const struct matrix_setting *s, int b, int rows,
                                 const uint8_t *flipped, struct arena *arena,
                                 struct matrix_pack *pack, struct diagnostic *diag) {
    struct row_block_spec spec = {
        .encoding = &s->mapped->encoding,
        .rows = rows,
        .filters = pack->filters,
        .weights = pack->weights + pack->plan.block_start[b],
        .stride = (size_t)pack->plan.bytes,
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

/* The same as conductances. `first_array`: the block's first array in the mapping's order. */
static enum status program_analog(const struct matrix_setting *s, int b, int rows, int first_array,
                                  const uint8_t *flipped, struct arena *arena,
                                  struct matrix_pack *pack, struct diagnostic *diag) {
    int *row_order = ARENA_NEW(arena, rows, int);
    if (row_order == NULL)
        return FAIL_MEMORY(diag, "the rows of an array");
    for (int r = 0; r < rows; r++)
        row_order[r] = pack->plan.row_of_byte[pack->plan.block_start[b] + r] - b * s->block_rows;
    struct analog_spec spec = {
        .encoding = &s->mapped->encoding,
        .rows = rows,
        .filters = pack->filters,
        .filters_per_array = s->mapped->filters_per_array,
        .weights = pack->weights + pack->plan.block_start[b],
        .stride = (size_t)pack->plan.bytes,
        .row_order = row_order,
        .flipped = flipped,
        .dac_bits = s->mapped->dac_bits,
        .activation_bits = s->layer->input.bits,
        .level = s->level,
    };
    TRY(analog_layer_equip(s->analog, first_array, arena, &spec, diag));
    return analog_program(&spec, arena, &pack->analog[b], diag);
}

static enum status program_blocks(const struct matrix_setting *s, int index, int pack_rows,
                                  struct arena *arena, struct matrix_pack *pack,
                                  struct diagnostic *diag) {
    bool analog = s->path == ENGINE_ANALOG;
    if (analog)
        pack->analog = ARENA_NEW(arena, pack->plan.blocks, struct analog_block *);
    else
        pack->blocks = ARENA_NEW(arena, pack->plan.blocks, struct row_block);
    if (pack->blocks == NULL && pack->analog == NULL)
        return FAIL_MEMORY(diag, "the row blocks of a layer");
    for (int b = 0; b < pack->plan.blocks; b++) {
        int left = pack_rows - b * s->block_rows;
        int rows = left < s->block_rows ? left : s->block_rows;
        int first_array = (index * s->mapped->row_blocks + b) * s->mapped->column_groups;
        uint8_t *flipped;
        TRY(find_flips(s, rows, pack, pack->weights + pack->plan.block_start[b], &flipped, diag));
        enum status status =
            analog ? program_analog(s, b, rows, first_array, flipped, arena, pack, diag)
                   : program_ideal(s, b, rows, flipped, arena, pack, diag);
        free(flipped);
        TRY(status);
    }
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
        TRY(program_blocks(setting, index, rows, arena, pack, diag));
    return STATUS_OK;
}
