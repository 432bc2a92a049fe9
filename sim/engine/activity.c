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

/* Of every value; not filled in for digits of 1 bit, where counting ones is faster. */
struct digit_tables {
    uint8_t nonzero[256];
    uint16_t sum[256];
};

static struct digit_tables make_tables(const struct quantisation *input, int digit_bits) {
    struct digit_tables t;
    for (int value = 0; digit_bits > 1 && value < 1 << input->bits; value++) {
        t.nonzero[value] = 0;
        t.sum[value] = 0;
        for (int shift = 0; shift < input->bits; shift += digit_bits) {
            int digit = value >> shift & ((1 << digit_bits) - 1);
            t.nonzero[value] = (uint8_t)(t.nonzero[value] + (digit != 0));
            t.sum[value] = (uint16_t)(t.sum[value] + digit);
        }
    }
    return t;
}

/* Sums over neighbouring values. */
struct digit_counts {
    uint64_t nonzero, sum, ones;
};

static struct digit_counts count_digits(const struct digit_tables *tables, int digit_bits,
                                        const struct kernels *kernels, const uint8_t *x, size_t n) {
    struct digit_counts counts = {.ones = kernels->count_bits(x, n)};
    if (digit_bits == 1) /* every digit that is not zero is a bit */
        counts.nonzero = counts.sum = counts.ones;
    for (size_t i = 0; digit_bits > 1 && i < n; i++) {
        counts.nonzero += tables->nonzero[x[i]];
        counts.sum += tables->sum[x[i]];
    }
    return counts;
}

void activity_count(const struct matrix_shape *shape, const struct quantisation *input,
                    int digit_bits, const struct kernels *kernels, const uint8_t *x,
                    struct layer_activity *activity) {
    struct digit_tables tables = make_tables(input, digit_bits);
    const struct window *w = &shape->window;
    size_t channels = (size_t)shape->in_channels, row_bytes = (size_t)shape->in_width * channels;
    uint64_t nonzero = 0, sum = 0, ones = 0, inside = 0;
    /* Strips of columns that equally many windows cover: without strides all but the edges. */
    for (int first = 0, end; first < shape->in_width; first = end) {
        int strip_uses = uses(w, 1, first, shape->out_width);
        for (end = first + 1;
             end < shape->in_width && uses(w, 1, end, shape->out_width) == strip_uses; end++) {
        }
        size_t columns = (size_t)(end - first);
        for (int row = 0; row < shape->in_height; row++) {
            uint64_t times = (uint64_t)strip_uses * (uint64_t)uses(w, 0, row, shape->out_height);
            struct digit_counts counts = count_digits(
                &tables, digit_bits, kernels,
                x + (size_t)row * row_bytes + (size_t)first * channels, columns * channels);
            nonzero += times * counts.nonzero;
            sum += times * counts.sum;
            ones += times * counts.ones;
            inside += times * columns;
        }
    }
    uint64_t taps = (uint64_t)matrix_positions(shape) * (uint64_t)(w->kernel[0] * w->kernel[1]);
    uint64_t padded = (taps - inside) * (uint64_t)shape->in_channels;
    int cycles = (input->bits + digit_bits - 1) / digit_bits;
    const uint8_t padding = (uint8_t)input->zero_point;
    struct digit_counts pad = count_digits(&tables, digit_bits, kernels, &padding, 1);
    activity->digits += taps * (uint64_t)shape->in_channels * (uint64_t)cycles;
    activity->digits_nonzero += nonzero + padded * pad.nonzero;
    activity->digit_sum += sum + padded * pad.sum;
    activity->ones += ones + padded * pad.ones;
}

static bool make_needed(struct layer_activity *activity, int n, struct arena *arena) {
    activity->n_needed = n;
    activity->needed = n > 0 ? ARENA_NEW(arena, n, uint64_t) : NULL;
    return n == 0 || activity->needed != NULL;
}

struct layer_activity *activity_like(const struct layer_activity *like, int n,
                                     struct arena *arena) {
    struct layer_activity *activity = ARENA_NEW(arena, n, struct layer_activity);
    for (int i = 0; activity != NULL && i < n; i++)
        if (!make_needed(&activity[i], like[i].n_needed, arena))
            return NULL;
    return activity;
}

struct layer_activity *engine_activity(const struct mapping *mapping, struct arena *arena) {
    struct layer_activity *activity = ARENA_NEW(arena, mapping->n_layers, struct layer_activity);
    for (int i = 0; activity != NULL && i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        bool skips = layer->crossbar.zero_skip != ZERO_SKIP_NONE;
        if (!make_needed(&activity[i], skips ? mapping_layer_reads(layer) : 0, arena))
            return NULL;
    }
    return activity;
}

void engine_activity_add(struct layer_activity *total, const struct layer_activity *part) {
    total->digits += part->digits;
    total->digits_nonzero += part->digits_nonzero;
    total->digit_sum += part->digit_sum;
    total->ones += part->ones;
    total->positions += part->positions;
    total->reads += part->reads;
    for (int i = 0; i < total->n_needed; i++)
        total->needed[i] += part->needed[i];
}

void engine_activity_clear(struct layer_activity *activity) {
    for (int i = 0; i < activity->n_needed; i++)
        activity->needed[i] = 0;
    *activity = (struct layer_activity){.needed = activity->needed, .n_needed = activity->n_needed};
}
