/* Float convolutions and products: rows of the image (im2col, channels fastest) times weights in
 * the same order, by BLAS. Products are of one size for every image, whatever the batch, since a
 * BLAS may round differently for other sizes. Depthwise convolutions have loops of their own. */
#include <cblas.h>
#include <string.h>

#include "sim/engine/compile.h"
#include "sim/engine/spatial.h"

enum { BLOCK_POSITIONS = 256 }; /* output positions per product, so that im2col stays in cache */

struct linear {
    const struct matrix_shape *shape;
    const float *weights; /* [group][filter of the group][kernel row][kernel column][channel];
                             depthwise: [kernel row][kernel column][channel] */
    const float *bias;    /* [out_channels] */
    size_t rows, filters; /* of a group */
    size_t group_channels;
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
    size_t channels = (size_t)s->in_channels, bytes = l->group_channels * sizeof(float);
    memset(out, 0, l->rows * sizeof *out);
    for (int i = rows.first; i < rows.last; i++)
        for (int j = columns.first; j < columns.last; j++) {
            size_t pixel = tap_at(&rows, i) * (size_t)s->in_width + tap_at(&columns, j);
            memcpy(out + (size_t)(i * s->window.kernel[1] + j) * l->group_channels,
                   x + pixel * channels + group * l->group_channels, bytes);
        }
}

/* Output positions first .. first+n-1 of one image and group. */
static void multiply_block(const struct linear *l, const float *x, float *y, size_t group,
                           size_t first, size_t n, float *columns) {
    const struct matrix_shape *s = l->shape;
    size_t width = (size_t)s->out_width, in = (size_t)s->in_channels, out = (size_t)s->out_channels;
    const float *a = columns;
    size_t a_stride = l->rows;
    if (l->direct) {
        a = x + first * in + group * l->group_channels;
        a_stride = in;
    } else {
        for (size_t p = 0; p < n; p++)
            gather_row(l, x, group, (first + p) / width, (first + p) % width,
                       columns + p * l->rows);
    }
    y += first * out + group * l->filters;
    for (size_t p = 0; p < n; p++)
        memcpy(y + p * out, l->bias + group * l->filters, l->filters * sizeof *y);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)l->filters, (int)l->rows,
                1.0F, a, (int)a_stride, l->weights + group * l->filters * l->rows, (int)l->rows,
                1.0F, y, (int)out);
}

static void run_linear(const struct step *step, const struct frame *frame) {
    const struct linear *l = step->parameters;
    const struct matrix_shape *s = l->shape;
    const float *x = frame_data(frame, step->inputs[0]);
    float *y = frame_data(frame, step->output);
    size_t positions = (size_t)s->out_height * (size_t)s->out_width;
    size_t image = (size_t)s->in_height * (size_t)s->in_width * (size_t)s->in_channels;
    for (int i = 0; i < frame->images; i++, x += image, y += step->count)
        for (size_t group = 0; group < (size_t)s->groups; group++)
            for (size_t first = 0; first < positions; first += BLOCK_POSITIONS) {
                size_t left = positions - first;
                multiply_block(l, x, y, group, first,
                               left < BLOCK_POSITIONS ? left : BLOCK_POSITIONS,
                               (void *)frame->scratch);
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
            kernels_best()->accumulate_product(x + pixel * channels, l->weights + tap * channels, y,
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

/* From (channel, kernel row, kernel column) to channels fastest, or tap by tap for depthwise. */
static float *reordered(const struct linear_layer *layer, const struct linear *l, bool depthwise,
                        struct arena *arena) {
    size_t filters = (size_t)layer->shape.out_channels, channels = l->group_channels;
    size_t taps = channels == 0 ? 0 : l->rows / channels;
    float *out = ARENA_NEW(arena, filters * l->rows, float);
    for (size_t f = 0; out != NULL && f < filters; f++)
        for (size_t c = 0; c < channels; c++)
            for (size_t t = 0; t < taps; t++) {
                size_t to = depthwise ? t * filters + f : f * l->rows + t * channels + c;
                out[to] = layer->weights[f * l->rows + c * taps + t];
            }
    return out;
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
                         .bias = layer->bias,
                         .rows = (size_t)matrix_rows(s),
                         .filters = (size_t)matrix_columns(s),
                         .group_channels = (size_t)(s->in_channels / s->groups),
                         .direct = is_direct(s)};
    l->weights = reordered(layer, l, depthwise, &c->program->arena);
    if (l->weights == NULL)
        return FAIL_MEMORY(c->diag, "the weights of a layer");
    if (!l->direct && !depthwise)
        c->program->steps[c->program->n_steps - 1].scratch =
            BLOCK_POSITIONS * l->rows * sizeof(float);
    return STATUS_OK;
}
