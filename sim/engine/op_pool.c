/* Pools over channels-last images: each output position takes whole vectors of channels. */
#include <float.h>
#include <string.h>

#include "sim/engine/compile.h"
#include "sim/engine/spatial.h"

struct pool {
    struct window window;
    struct spatial in, out;
    const struct kernels *kernels;
};

/* One output position: the channels at `y` from the image at `x`. */
typedef void pool_position(const struct pool *pool, const struct taps *rows,
                           const struct taps *columns, const void *x, void *y);

static size_t pixel(const struct pool *pool, const struct taps *rows, const struct taps *columns,
                    int i, int j) {
    return (tap_at(rows, i) * pool->in.width + tap_at(columns, j)) * pool->in.channels;
}

static void max_floats(const struct pool *pool, const struct taps *rows, const struct taps *columns,
                       const void *x, void *y) {
    const float *image = x;
    float *channels = y;
    for (size_t c = 0; c < pool->in.channels; c++)
        channels[c] = -FLT_MAX;
    for (int i = rows->first; i < rows->last; i++)
        for (int j = columns->first; j < columns->last; j++)
            pool->kernels->maximum(image + pixel(pool, rows, columns, i, j), channels,
                                   pool->in.channels);
}

static void max_bytes(const struct pool *pool, const struct taps *rows, const struct taps *columns,
                      const void *x, void *y) {
    const uint8_t *image = x;
    memset(y, 0, pool->in.channels);
    for (int i = rows->first; i < rows->last; i++)
        for (int j = columns->first; j < columns->last; j++)
            pool->kernels->maximum_bytes(image + pixel(pool, rows, columns, i, j), y,
                                         pool->in.channels);
}

static void average(const struct pool *pool, const struct taps *rows, const struct taps *columns,
                    const void *x, void *y) {
    const float *image = x;
    float *channels = y;
    memset(channels, 0, pool->in.channels * sizeof *channels);
    for (int i = rows->first; i < rows->last; i++)
        for (int j = columns->first; j < columns->last; j++)
            pool->kernels->accumulate(image + pixel(pool, rows, columns, i, j), channels,
                                      pool->in.channels);
    int inside = (rows->last - rows->first) * (columns->last - columns->first);
    const int *kernel = pool->window.kernel;
    float divisor = (float)(pool->window.count_include_pad ? kernel[0] * kernel[1] : inside);
    for (size_t c = 0; divisor > 0.0F && c < pool->in.channels; c++)
        channels[c] /= divisor;
}

static void pool_images(const struct step *step, const struct frame *frame, pool_position *at,
                        size_t element) {
    const struct pool *pool = step->parameters;
    const char *x = frame_data(frame, step->inputs[0]);
    char *y = frame_data(frame, step->output);
    size_t image_bytes = pool->in.height * pool->in.width * pool->in.channels * element;
    for (int image = 0; image < frame->images; image++, x += image_bytes)
        for (size_t row = 0; row < pool->out.height; row++) {
            struct taps rows = window_taps(&pool->window, 0, row, pool->in.height);
            for (size_t column = 0; column < pool->out.width; column++) {
                struct taps columns = window_taps(&pool->window, 1, column, pool->in.width);
                at(pool, &rows, &columns, x, y);
                y += pool->out.channels * element;
            }
        }
}

static void run_max_floats(const struct step *step, const struct frame *frame) {
    pool_images(step, frame, max_floats, sizeof(float));
}

static void run_max_bytes(const struct step *step, const struct frame *frame) {
    pool_images(step, frame, max_bytes, 1);
}

static void run_average(const struct step *step, const struct frame *frame) {
    pool_images(step, frame, average, sizeof(float));
}

static enum status image_value(struct compiler *c, const struct instruction *instruction,
                               int *input, int *output) {
    TRY(compiler_read(c, instruction->inputs[0], NULL, LAYOUT_CHANNELS_LAST, input));
    return compiler_write(c, instruction->output, LAYOUT_CHANNELS_LAST, output);
}

enum status compile_pool(struct compiler *c, const struct instruction *instruction) {
    bool bytes, average_pool = instruction->node->op == OP_AVERAGE_POOL;
    TRY(instruction_bytes(c, instruction, &bytes));
    const struct tensor *in = &c->program->network->tensors[instruction->inputs[0]];
    const struct tensor *out = &c->program->network->tensors[instruction->output];
    if (in->rank < 3 || in->rank > 4 || out->rank != in->rank || (bytes && average_pool))
        return FAIL(c->diag, STATUS_INTERNAL, "%s: node '%s': a pool of this rank or type",
                    c->program->network->path, instruction->node->name);
    int input, output;
    TRY(image_value(c, instruction, &input, &output));
    step_run *run = average_pool ? run_average : bytes ? run_max_bytes : run_max_floats;
    struct pool *pool = step_with(c, run, instruction, input, output, sizeof *pool);
    if (pool == NULL)
        return STATUS_MEMORY;
    *pool = (struct pool){instruction->node->window, spatial_of(in), spatial_of(out),
                          c->program->kernels};
    return STATUS_OK;
}

static void run_global_average(const struct step *step, const struct frame *frame) {
    size_t channels = step->count;
    const struct tensor *in = frame->values[step->inputs[0]].tensor;
    size_t positions = in->count / channels;
    const float *x = frame_data(frame, step->inputs[0]);
    float *y = frame_data(frame, step->output);
    for (int image = 0; image < frame->images; image++, y += channels) {
        memset(y, 0, channels * sizeof *y);
        for (size_t p = 0; p < positions; p++, x += channels)
            frame->kernels->accumulate(x, y, channels);
        for (size_t c = 0; c < channels; c++)
            y[c] /= (float)positions;
    }
}

enum status compile_global_average_pool(struct compiler *c, const struct instruction *instruction) {
    bool bytes;
    TRY(instruction_bytes(c, instruction, &bytes));
    const struct tensor *out = &c->program->network->tensors[instruction->output];
    if (bytes || out->rank < 3 || out->count != (size_t)out->shape[1])
        return FAIL(c->diag, STATUS_INTERNAL, "%s: node '%s': a global pool of this rank or type",
                    c->program->network->path, instruction->node->name);
    int input, output;
    TRY(image_value(c, instruction, &input, &output));
    return step_with(c, run_global_average, instruction, input, output, 0) ? STATUS_OK
                                                                           : STATUS_MEMORY;
}
