#include "tests/support/slow_histogram.h"

enum { MAX_ROWS = 4096 };

/* Input that a row of a pack sees at one output position. */
static int input_at(const struct mapped_layer *mapped, const uint8_t *x, int pack, int row,
                    int position) {
    const struct matrix_shape *s = &mapped->layer->shape;
    const struct window *w = &s->window;
    int taps = w->kernel[0] * w->kernel[1], tap = row % taps;
    int channel = pack * mapped->groups_per_pack * (s->in_channels / s->groups) + row / taps;
    int y = position / s->out_width * w->stride[0] - w->pad_begin[0] +
            tap / w->kernel[1] * w->dilation[0];
    int column = position % s->out_width * w->stride[1] - w->pad_begin[1] +
                 tap % w->kernel[1] * w->dilation[1];
    if (y < 0 || y >= s->in_height || column < 0 || column >= s->in_width)
        return mapped->layer->input.zero_point;
    return x[(y * s->in_width + column) * s->in_channels + channel];
}

/* Reads one bit line in every cycle, if any of its cells is programmed. */
static void read_column(const struct mapped_layer *mapped, const struct mapped_array *array,
                        const int *inputs, const int *cells, struct sum_histogram *histogram) {
    int programmed = 0;
    for (int r = 0; r < array->rows; r++)
        programmed += cells[r] != 0;
    for (int cycle = 0; programmed > 0 && cycle < mapped->cycles; cycle++) {
        int64_t sum = 0;
        for (int r = 0; r < array->rows; r++)
            sum +=
                cells[r] * (inputs[r] >> cycle * mapped->dac_bits & ((1 << mapped->dac_bits) - 1));
        histogram->counts[sum]++;
    }
}

static void read_array(const struct mapped_layer *mapped, const struct mapped_array *array,
                       const int *inputs, struct sum_histogram *histogram) {
    static int cells[MAX_ROWS];
    const struct encoding *e = &mapped->encoding;
    int top = (1 << e->cell_bits) - 1;
    for (int column = 0; column < array->filters * e->columns; column++) {
        int64_t cell_sum = 0;
        for (int r = 0; r < array->rows; r++) {
            int weight = mapping_pack_weight(mapped, array->pack, array->row[r],
                                             array->filter[column / e->columns]);
            cells[r] = (int)encoding_cell(e, weight, column % e->columns);
            cell_sum += cells[r];
        }
        bool flipped = mapping_column_is_flipped(mapped, cell_sum, array->rows);
        for (int r = 0; flipped && r < array->rows; r++)
            cells[r] = top - cells[r];
        read_column(mapped, array, inputs, cells, histogram);
    }
    for (int r = 0; r < array->rows; r++)
        cells[r] = 1;
    if (e->unit_column)
        read_column(mapped, array, inputs, cells, histogram);
}

void slow_histogram(const struct mapped_layer *mapped, const uint8_t *x,
                    struct sum_histogram *histogram) {
    static int inputs[MAX_ROWS];
    long positions = matrix_positions(&mapped->layer->shape);
    for (int i = 0; i < mapped->n_arrays; i++) {
        const struct mapped_array *array = &mapped->arrays[i];
        for (int position = 0; position < positions; position++) {
            for (int r = 0; r < array->rows; r++)
                inputs[r] = input_at(mapped, x, array->pack, array->row[r], position);
            read_array(mapped, array, inputs, histogram);
        }
    }
}
