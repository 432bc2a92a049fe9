#include "tests/support/matrix_reference.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* The activation under kernel tap (i, j) of channel `channel` for output (row, column); the zero
 * point outside the image. */
static int activation(const struct matrix_layer *layer, const uint8_t *x, int row, int column,
                      int i, int j, int channel) {
    const struct matrix_shape *s = &layer->shape;
    const struct window *w = &s->window;
    int y = row * w->stride[0] - w->pad_begin[0] + i * w->dilation[0];
    int at = column * w->stride[1] - w->pad_begin[1] + j * w->dilation[1];
    if (s->fully_connected) {
        y = row;
        at = column;
    }
    bool inside = y >= 0 && y < s->in_height && at >= 0 && at < s->in_width;
    return inside ? x[(y * s->in_width + at) * s->in_channels + channel] : layer->input.zero_point;
}

static int64_t accumulate(const struct matrix_layer *layer, const uint8_t *x, int row, int column,
                          int filter) {
    const struct matrix_shape *s = &layer->shape;
    int kernel_rows = s->fully_connected ? 1 : s->window.kernel[0];
    int kernel_columns = s->fully_connected ? 1 : s->window.kernel[1];
    int channels = s->in_channels / s->groups, group = filter / (s->out_channels / s->groups);
    const int16_t *w = layer->weights + (ptrdiff_t)filter * channels * kernel_rows * kernel_columns;
    int64_t sum = layer->bias[filter];
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < kernel_rows; i++)
            for (int j = 0; j < kernel_columns; j++) {
                int q = activation(layer, x, row, column, i, j, group * channels + c);
                sum += (int64_t)(q - layer->input.zero_point) *
                       w[(c * kernel_rows + i) * kernel_columns + j];
            }
    return sum;
}

static uint8_t requantised(const struct matrix_layer *layer, int64_t sum, int filter) {
    float q = rintf((float)sum * layer->multiplier[filter]) + (float)layer->output.zero_point;
    if (q < (float)layer->low)
        q = (float)layer->low;
    if (q > (float)layer->high)
        q = (float)layer->high;
    return (uint8_t)q;
}

void matrix_reference(const struct matrix_layer *layer, const uint8_t *x, void *y) {
    const struct matrix_shape *s = &layer->shape;
    for (int row = 0; row < s->out_height; row++)
        for (int column = 0; column < s->out_width; column++)
            for (int f = 0; f < s->out_channels; f++) {
                int64_t sum = accumulate(layer, x, row, column, f);
                ptrdiff_t at = ((ptrdiff_t)row * s->out_width + column) * s->out_channels + f;
                if (layer->quantised_output)
                    ((uint8_t *)y)[at] = requantised(layer, sum, f);
                else
                    ((float *)y)[at] = (float)sum * layer->multiplier[f];
            }
}
