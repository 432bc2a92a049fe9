#include "crossbar/columns.h"

#include <stdlib.h>

enum { CELL_VALUES = 256 }; /* cells hold up to 8 bits */

static bool is_flipped(const struct row_block_spec *spec, int filter, int column) {
    return spec->flipped != NULL && spec->flipped[filter * spec->encoding->columns + column] != 0;
}

void columns_cells(const struct columns *columns, int filter, int column, uint8_t *cells,
                   size_t step) {
    const struct row_block_spec *spec = columns->spec;
    const int16_t *weights = spec->weights + (size_t)filter * spec->stride;
    const uint8_t *cell_of =
        columns->cell_of + (size_t)column * (size_t)columns->weights + columns->weights / 2;
    uint8_t top = (uint8_t)((1 << spec->encoding->cell_bits) - 1);
    if (is_flipped(spec, filter, column))
        for (int row = 0; row < spec->rows; row++)
            cells[(size_t)row * step] = (uint8_t)(top - cell_of[weights[row]]);
    else
        for (int row = 0; row < spec->rows; row++)
            cells[(size_t)row * step] = cell_of[weights[row]];
}

/* Smallest digit sum whose column sum can exceed `maximum`: the largest cells driven with the
 * largest digits first. UINT32_MAX when even all rows cannot. */
static uint32_t clip_threshold(const uint32_t counts[CELL_VALUES], int top_cell, int digit,
                               int64_t maximum) {
    int64_t sum = 0, digits = 0;
    for (int cell = top_cell; cell > 0; cell--) {
        int64_t capacity = (int64_t)counts[cell] * digit;
        int64_t needed = (maximum + 1 - sum + cell - 1) / cell;
        if (needed <= capacity)
            return (uint32_t)(digits + needed);
        sum += capacity * cell;
        digits += capacity;
    }
    return UINT32_MAX;
}

static uint32_t threshold_of(const struct row_block_spec *spec, const uint8_t *cells,
                             int64_t largest_sum) {
    int top_cell = (1 << spec->encoding->cell_bits) - 1;
    if (spec->transfer->kind == ADC_TABLE)
        return spec->transfer->table[0] != 0 ? 0 : largest_sum > 0 ? 1 : UINT32_MAX;
    if (spec->transfer->kind == ADC_IDENTITY || largest_sum <= spec->transfer->maximum)
        return UINT32_MAX;
    uint32_t counts[CELL_VALUES] = {0};
    for (int row = 0; row < spec->rows; row++)
        counts[cells[row]]++;
    return clip_threshold(counts, top_cell, (1 << spec->dac_bits) - 1, spec->transfer->maximum);
}

struct column_facts columns_measure(const struct columns *columns, int filter, int column,
                                    uint8_t *cells) {
    const struct row_block_spec *spec = columns->spec;
    columns_cells(columns, filter, column, cells, 1);
    int32_t sum = 0;
    for (int row = 0; row < spec->rows; row++)
        sum += cells[row];
    int sign = spec->encoding->column[column].sign *
               encoding_read_sign(spec->encoding, spec->weights + (size_t)filter * spec->stride,
                                  spec->rows);
    struct column_facts facts = {
        .largest_sum = (int64_t)sum * ((1 << spec->dac_bits) - 1),
        .programmed = sum > 0,
        .sign = is_flipped(spec, filter, column) ? -sign : sign,
    };
    facts.threshold = threshold_of(spec, cells, facts.largest_sum);
    return facts;
}

enum status columns_open(const struct row_block_spec *spec, struct columns *columns,
                         struct diagnostic *diag) {
    const struct encoding *e = spec->encoding;
    int weights = 1 << e->weight_bits;
    *columns = (struct columns){.spec = spec, .weights = weights};
    columns->cell_of = calloc((size_t)e->columns * (size_t)weights, 1);
    if (columns->cell_of == NULL)
        return FAIL_MEMORY(diag, "the table of cell values");
    for (int c = 0; c < e->columns; c++)
        for (int w = -weights / 2 + 1; w < weights / 2; w++)
            columns->cell_of[c * weights + w + weights / 2] = (uint8_t)encoding_cell(e, w, c);
    return STATUS_OK;
}

void columns_close(struct columns *columns) {
    free(columns->cell_of);
    columns->cell_of = NULL;
}
