#include "tests/support/slow_reads.h"

/* What a position's reads see, one by one. */
static unsigned input_at(const struct matrix_layer *layer, const uint8_t *x, int row, int oy,
                         int ox) {
    const struct matrix_shape *s = &layer->shape;
    const struct window *w = &s->window;
    int taps = w->kernel[0] * w->kernel[1], channel = row / taps, tap = row % taps;
    int y = oy * w->stride[0] - w->pad_begin[0] + tap / w->kernel[1] * w->dilation[0];
    int column = ox * w->stride[1] - w->pad_begin[1] + tap % w->kernel[1] * w->dilation[1];
    if (y < 0 || y >= s->in_height || column < 0 || column >= s->in_width)
        return (unsigned)layer->input.zero_point;
    return x[(y * s->in_width + column) * s->in_channels + channel];
}

/* Digits that rows [first, end) of filter `f` of an array need: by division, from the lowest. */
static long slow_digits(const struct mapped_layer *m, const struct mapped_array *a, int f,
                        int first, int end, const uint8_t *x, int oy, int ox) {
    int rows, base = 1 << m->dac_bits;
    const int *row = mapping_array_rows(m, a, f, &rows);
    long nonzero = 0, highest = 0;
    for (int t = 0; t < m->cycles; t++) {
        bool any = false;
        for (int r = first; r < end && r < rows; r++) {
            unsigned value = input_at(m->layer, x, a->pack * m->pack_rows + row[r], oy, ox);
            for (int i = 0; i < t; i++)
                value /= (unsigned)base;
            any |= value % (unsigned)base != 0;
        }
        nonzero += any;
        highest = any ? t + 1 : highest;
    }
    return m->crossbar.zero_skip == ZERO_SKIP_LEADING ? highest : nonzero;
}

/* Columns with a programmed cell of filter `f` of array `index` on those rows, unit column aside.
 */
static long slow_conversions(const struct mapped_layer *m, int index, int f, int first, int end) {
    static int16_t column[4096];
    int rows = mapping_array_column(m, index, f, column);
    long count = 0;
    for (int c = 0; c < m->encoding.columns; c++) {
        bool any = false;
        for (int r = first; r < end && r < rows; r++)
            any |= encoding_cell(&m->encoding, column[r], c) != 0;
        count += any;
    }
    return count;
}

void slow_count_reads(const struct mapped_layer *m, const uint8_t *x, struct slow_counts *counts) {
    const struct matrix_shape *s = &m->layer->shape;
    for (int at = 0; at < s->out_height * s->out_width; at++) {
        long most = 0;
        for (int i = 0; i < m->n_arrays; i++) {
            const struct mapped_array *a = &m->arrays[i];
            long reads = 0;
            for (int f = 0; f < a->filters; f += m->unit_filters)
                for (int first = 0; first < a->rows; first += m->unit_rows) {
                    int end = first + m->unit_rows;
                    long digits =
                        slow_digits(m, a, f, first, end, x, at / s->out_width, at % s->out_width);
                    long conversions = 0;
                    for (int k = f; k < f + m->unit_filters && k < a->filters; k++)
                        conversions += slow_conversions(m, i, k, first, end);
                    int rows;
                    mapping_array_rows(m, a, f, &rows);
                    conversions += m->encoding.unit_column && first < rows;
                    reads += digits;
                    counts->digits += (double)digits;
                    counts->conversions += (double)(digits * conversions);
                }
            most = reads > most ? reads : most;
        }
        counts->reads += (double)most;
    }
}
