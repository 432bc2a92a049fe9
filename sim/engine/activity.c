#include "sim/engine/activity.h"

/* How many windows cover coordinate `at` along one axis. */
static int uses(const struct window *w, int axis, int at, int out_size) {
    int count = 0;
    for (int tap = 0; tap < w->kernel[axis]; tap++) {
        int start = at + w->pad_begin[axis] - tap * w->dilation[axis];
        if (start >= 0 && start % w->stride[axis] == 0 && start / w->stride[axis] < out_size)
            count++;
    }
    return count;
}

struct digit_tables {
    uint8_t nonzero[256];
    uint16_t sum[256];
};

static struct digit_tables make_tables(const struct quantisation *input, int digit_bits) {
    struct digit_tables t = {{0}, {0}};
    for (int value = 0; value < 1 << input->bits; value++)
        for (int shift = 0; shift < input->bits; shift += digit_bits) {
            int digit = value >> shift & ((1 << digit_bits) - 1);
            t.nonzero[value] = (uint8_t)(t.nonzero[value] + (digit != 0));
            t.sum[value] = (uint16_t)(t.sum[value] + digit);
        }
    return t;
}

void activity_count(const struct matrix_shape *shape, const struct quantisation *input,
                    int digit_bits, const struct kernels *kernels, const uint8_t *x,
                    struct layer_activity *activity) {
    struct digit_tables tables = make_tables(input, digit_bits);
    const struct window *w = &shape->window;
    uint64_t nonzero = 0, sum = 0, inside = 0;
    for (int row = 0; row < shape->in_height; row++) {
        int row_uses = uses(w, 0, row, shape->out_height);
        for (int column = 0; column < shape->in_width; column++) {
            uint64_t times = (uint64_t)row_uses * (uint64_t)uses(w, 1, column, shape->out_width);
            uint32_t pixel_nonzero = 0, pixel_sum = 0;
            if (digit_bits == 1) /* every digit that is not zero is a bit */
                pixel_nonzero = pixel_sum = kernels->count_bits(x, (size_t)shape->in_channels);
            for (int c = 0; digit_bits > 1 && c < shape->in_channels; c++) {
                pixel_nonzero += tables.nonzero[x[c]];
                pixel_sum += tables.sum[x[c]];
            }
            x += shape->in_channels;
            nonzero += times * pixel_nonzero;
            sum += times * pixel_sum;
            inside += times;
        }
    }
    uint64_t taps = (uint64_t)matrix_positions(shape) * (uint64_t)(w->kernel[0] * w->kernel[1]);
    uint64_t padded = (taps - inside) * (uint64_t)shape->in_channels;
    int cycles = (input->bits + digit_bits - 1) / digit_bits;
    activity->digits += taps * (uint64_t)shape->in_channels * (uint64_t)cycles;
    activity->digits_nonzero += nonzero + padded * tables.nonzero[input->zero_point];
    activity->digit_sum += sum + padded * tables.sum[input->zero_point];
}
