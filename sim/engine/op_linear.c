/* Float convolutions and products: rows of the image (im2col, channels fastest) times weights in
 * the same order. Depthwise convolutions have loops of their own. */
#include <string.h>

#include "sim/engine/compile.h"
#include "sim/engine/spatial.h"

enum { BLOCK_POSITIONS = 128 }; /* output positions per product, so that im2col stays in cache */

struct linear {
    const struct matrix_shape *shape;
    const float *weights; /* [group][panel][rows][16], rows as (kernel row, kernel column, channel);
                             depthwise: [kernel row][kernel column][channel] */
    const float *bias;    /* [group][panel][16]; depthwise: [channel] */
    size_t rows, filters; /* of a group */
    size_t panels;        /* of a group */
    size_t group_channels;
    const struct kernels *kernels;
    bool direct; /* the image is the im2col matrix already */
};

static bool is_direct(const struct matrix_shape *s) {
    const struct window *w = &s->window;
    return s->fully_connected ||
           (w->kernel[0] == 1 && w->kernel[1] == 1 && w->stride[0] == 1 && w->stride[1] == 1 &&
            s->out_height == s->in_height && s->out_width == s->in_width);
}

static bool is_depthwise(const struct matrix_shape *s) {
    return s->groups > 1 && s->groups == s->in_channels && s->groups == s->out_channels;
}

/* One row of the im2col matrix: the channels of `group` under the window at (row, column). */
static void gather_row(const struct linear *l, const float *x, size_t group, size_t row,
                       size_t column, float *out) {
    const struct matrix_shape *s = l->shape;
    struct taps rows = window_taps(&s->window, 0, row, (size_t)s->in_height);
    struct taps columns = window_taps(&s->window, 1, column, (size_t)s->in_width);
    size_t channels = (size_t)s->in_channels, of_group = l->group_channels;
    bool whole = rows.first == 0 && rows.last == s->window.kernel[0] && columns.first == 0 &&
                 columns.last == s->window.kernel[1];
    if (!whole)
        memset(out, 0, l->rows * sizeof *out);
    /* Neighbouring taps of all channels lie one after the other, in the image as in the row. */
    bool in_a_row = s->groups == 1 && columns.dilation == 1 && columns.first < columns.last;
    int step = in_a_row ? columns.last - columns.first : 1;
    size_t bytes = (size_t)step * of_group * sizeof *out;
    for (int i = rows.first; i < rows.last; i++)
        for (int j = columns.first; j < columns.last; j += step) {
            size_t pixel = tap_at(&rows, i) * (size_t)s->in_width + tap_at(&columns, j);
            memcpy(out + (size_t)(i * s->window.kernel[1] + j) * of_group,
                   x + pixel * channels + group * of_group, bytes);
        }
}

static struct product product_of(const struct linear *l, size_t group) {
    size_t panel = group * l->panels * PRODUCT_PANEL;
    return (struct product){.weights = l->weights + panel * l->rows,
                            .bias = l->bias + panel,
                            .depth = l->rows,
                            .columns = l->filters,
                            .y_stride = (size_t)l->shape->out_channels};
}

/* All images at once, since their rows lie one after the other. */
static void multiply_directly(const struct linear *l, const float *x, float *y, size_t group,
                              size_t rows) {
    struct product product = product_of(l, group);
    product.x = x + group * l->group_channels;
    product.x_stride = (size_t)l->shape->in_channels;
    product.y = y + group * l->filters;
    product.rows = rows;
    l->kernels->product(&product);
}

static void multiply_gathered(const struct linear *l, const float *x, float *y, size_t group,
                              float *columns) {
    size_t width = (size_t)l->shape->out_width, out = (size_t)l->shape->out_channels;
    size_t positions = (size_t)l->shape->out_height * width;
    struct product product = product_of(l, group);
    product.x = columns;
    product.x_stride = l->rows;
    for (size_t first = 0; first < positions; first += BLOCK_POSITIONS) {
        size_t left = positions - first;
        product.rows = left < BLOCK_POSITIONS ? left : BLOCK_POSITIONS;
        product.y = y + first * out + group * l->filters;
        for (size_t p = 0; p < product.rows; p++)
            gather_row(l, x, group, (first + p) / width, (first + p) % width,
                       columns + p * l->rows);
        l->kernels->product(&product);
    }
}

static void run_linear(const struct step *step, const struct frame *frame) {
    const struct linear *l = step->parameters;
    const struct matrix_shape *s = l->shape;
    const float *x = frame_data(frame, step->inputs[0]);
    float *y = frame_data(frame, step->output), *columns = (void *)frame->scratch;
    size_t images = (size_t)frame->images, positions = (size_t)s->out_height * (size_t)s->out_width;
    size_t image = (size_t)s->in_height * (size_t)s->in_width * (size_t)s->in_channels;
    for (size_t group = 0; group < (size_t)s->groups; group++) {
        if (l->direct)
            multiply_directly(l, x, y, group, images * positions);
        for (size_t i = 0; i < images && !l->direct; i++)
            multiply_gathered(l, x + i * image, y + i * step->count, group, columns);
    }
}

static void depthwise_position(const struct linear *l, const float *x, size_t row, size_t column,
                               float *y) {
    const struct matrix_shape *s = l->shape;
    size_t channels = (size_t)s->in_channels;
    struct taps rows = window_taps(&s->window, 0, row, (size_t)s->in_height);
    struct taps columns = window_taps(&s->window, 1, column, (size_t)s->in_width);
    memcpy(y, l->bias, channels * sizeof *y);
    for (int i = rows.first; i < rows.last; i++)
        for (int j = columns.first; j < columns.last; j++) {
            size_t pixel = tap_at(&rows, i) * (size_t)s->in_width + tap_at(&columns, j);
            size_t tap = (size_t)(i * s->window.kernel[1] + j);
            l->kernels->accumulate_product(x + pixel * channels, l->weights + tap * channels, y,
                                           channels);
        }
}

static void run_depthwise(const struct step *step, const struct frame *frame) {
    const struct linear *l = step->parameters;
    const struct matrix_shape *s = l->shape;
    const float *x = frame_data(frame, step->inputs[0]);
    float *y = frame_data(frame, step->output);
    size_t channels = (size_t)s->in_channels;
    size_t image = (size_t)s->in_height * (size_t)s->in_width * channels;
    for (int i = 0; i < frame->images; i++, x += image)
        for (size_t row = 0; row < (size_t)s->out_height; row++)
            for (size_t column = 0; column < (size_t)s->out_width; column++, y += channels)
                depthwise_position(l, x, row, column, y);
}

/* Column of filter f among all groups' panels, which are padded. */
static size_t padded_column(const struct linear *l, size_t f) {
    return f / l->filters * l->panels * PRODUCT_PANEL + f % l->filters;
}

/* Where the weight of filter f at row `row` of its group goes. */
static size_t weight_place(const struct linear *l, bool depthwise, size_t f, size_t row) {
    if (depthwise)
        return row * (size_t)l->shape->out_channels + f;
    size_t column = padded_column(l, f);
    size_t panel = column / PRODUCT_PANEL, lane = column % PRODUCT_PANEL;
    return (panel * l->rows + row) * PRODUCT_PANEL + lane;
}

/* From (channel, kernel row, kernel column) to channels fastest, in panels padded with zeros. */
static enum status reorder(const struct linear_layer *layer, struct linear *l, bool depthwise,
                           struct compiler *c) {
    size_t filters = (size_t)layer->shape.out_channels, channels = l->group_channels;
    size_t padded = depthwise ? filters : (size_t)layer->shape.groups * l->panels * PRODUCT_PANEL;
    size_t taps = l->rows / channels;
    float *weights = arena_alloc(&c->program->arena, padded, l->rows * sizeof(float));
    float *bias = ARENA_NEW(&c->program->arena, padded, float);
    if (weights == NULL || bias == NULL)
        return FAIL_MEMORY(c->diag, "the weights of a layer");
    for (size_t f = 0; f < filters; f++) {
        bias[depthwise ? f : padded_column(l, f)] = layer->bias[f];
        for (size_t ch = 0; ch < channels; ch++)
            for (size_t t = 0; t < taps; t++)
                weights[weight_place(l, depthwise, f, t * channels + ch)] =
                    layer->weights[f * l->rows + ch * taps + t];
    }
    l->weights = weights;
    l->bias = bias;
    return STATUS_OK;
}

static enum status check_counts(const struct compiler *c, const struct instruction *instruction,
                                const struct matrix_shape *s) {
    const struct network *network = c->program->network;
    size_t in = (size_t)s->in_channels * (size_t)s->in_height * (size_t)s->in_width;
    size_t out = (size_t)s->out_channels * (size_t)s->out_height * (size_t)s->out_width;
    if (in == network->tensors[instruction->inputs[0]].count &&
        out == network->tensors[instruction->output].count)
        return STATUS_OK;
    return FAIL(c->diag, STATUS_INTERNAL, "%s: node '%s': its shape does not fit its tensors",
                network->path, instruction->node->name);
}

enum status compile_linear(struct compiler *c, const struct instruction *instruction) {
    const struct linear_layer *layer = &c->program->network->linear[instruction->node->matrix];
    const struct matrix_shape *s = &layer->shape;
    enum layout layout = s->fully_connected ? LAYOUT_PLAIN : LAYOUT_CHANNELS_LAST;
    bool depthwise = is_depthwise(s);
    int input, output;
    TRY(check_counts(c, instruction, s));
    TRY(compiler_read(c, instruction->inputs[0], NULL, layout, &input));
    TRY(compiler_write(c, instruction->output, layout, &output));
    struct linear *l =
        step_with(c, depthwise ? run_depthwise : run_linear, instruction, input, output, sizeof *l);
    if (l == NULL)
        return STATUS_MEMORY;
    *l = (struct linear){.shape = s,
                         .rows = (size_t)matrix_rows(s),
                         .filters = (size_t)matrix_columns(s),
                         .group_channels = (size_t)(s->in_channels / s->groups),
                         .kernels = c->program->kernels,
                         .direct = is_direct(s)};
    l->panels = (l->filters + PRODUCT_PANEL - 1) / PRODUCT_PANEL;
    if (!l->direct && !depthwise)
        c->program->steps[c->program->n_steps - 1].scratch =
            BLOCK_POSITIONS * l->rows * sizeof(float);
    return reorder(layer, l, depthwise, c);
}
