#include "tests/support/slow_layer.h"

int slow_groups_per_array(const struct matrix_shape *shape, int rows, int columns,
                          int columns_per_weight) {
    int group_rows =
        shape->in_channels / shape->groups * shape->window.kernel[0] * shape->window.kernel[1];
    int group_columns = shape->out_channels / shape->groups * columns_per_weight;
    int by_rows = rows / group_rows, by_columns = columns / group_columns;
    int fit = by_rows < by_columns ? by_rows : by_columns;
    fit = fit < shape->groups ? fit : shape->groups;
    return fit < 1 ? 1 : fit;
}

/* Input that row `row` (of all groups' rows, one group behind the other) sees at a position. */
static int input_at(const struct matrix_layer *layer, const uint8_t *x, int row, int oy, int ox) {
    const struct matrix_shape *s = &layer->shape;
    const struct window *w = &s->window;
    int taps = w->kernel[0] * w->kernel[1], channel = row / taps, tap = row % taps;
    int y = oy * w->stride[0] - w->pad_begin[0] + tap / w->kernel[1] * w->dilation[0];
    int column = ox * w->stride[1] - w->pad_begin[1] + tap % w->kernel[1] * w->dilation[1];
    if (y < 0 || y >= s->in_height || column < 0 || column >= s->in_width)
        return layer->input.zero_point;
    return x[(y * s->in_width + column) * s->in_channels + channel];
}

int64_t slow_layer_sum(const struct matrix_layer *layer, const struct slow_crossbar *xbar,
                       int array_rows, int groups_per_array, const uint8_t *x, int filter, int oy,
                       int ox) {
    const struct matrix_shape *s = &layer->shape;
    int group_rows = matrix_rows(s), group = filter / (s->out_channels / s->groups);
    int first_group = group / groups_per_array * groups_per_array;
    int groups =
        s->groups - first_group < groups_per_array ? s->groups - first_group : groups_per_array;
    int64_t sum = 0;
    static int weights[4096], inputs[4096];
    for (int start = 0; start < groups * group_rows; start += array_rows) {
        int rows = 0;
        for (int r = start; r < groups * group_rows && rows < array_rows; r++, rows++) {
            int g = first_group + r / group_rows;
            weights[rows] = g == group ? layer->weights[filter * group_rows + r % group_rows] : 0;
            inputs[rows] = input_at(layer, x, first_group * group_rows + r, oy, ox);
        }
        sum += slow_array_sum(xbar, rows, weights, inputs);
    }
    return slow_scale(xbar, sum);
}

static int64_t slow_mapped_array(const struct mapped_layer *mapped, int index, int at,
                                 const struct slow_crossbar *xbar, const uint8_t *x, int oy,
                                 int ox) {
    static int weights[4096], inputs[4096];
    static int16_t column[4096];
    const struct mapped_array *array = &mapped->arrays[index];
    int rows;
    const int *row = mapping_array_rows(mapped, array, at, &rows);
    mapping_array_column(mapped, index, at, column);
    for (int r = 0; r < rows; r++) {
        weights[r] = column[r];
        inputs[r] = input_at(mapped->layer, x, array->pack * mapped->pack_rows + row[r], oy, ox);
    }
    return slow_array_sum(xbar, rows, weights, inputs);
}

int64_t slow_mapped_sum(const struct mapped_layer *mapped, const struct slow_crossbar *xbar,
                        const uint8_t *x, int filter, int oy, int ox) {
    int64_t sum = 0;
    for (int i = 0; i < mapped->n_arrays; i++)
        for (int f = 0; f < mapped->arrays[i].filters; f++)
            if (mapped->arrays[i].pack * mapped->pack_filters + mapped->arrays[i].filter[f] ==
                filter)
                sum += slow_mapped_array(mapped, i, f, xbar, x, oy, ox);
    return slow_scale(xbar, sum);
}
