/* Functions of one value: quantise, dequantise, activations; on bytes a table of 256. */
#include <math.h>

#include "sim/engine/compile.h"

typedef void unary_function(const struct kernels *kernels, const struct node *node, const float *x,
                            float *y, size_t n);

static void relu(const struct kernels *kernels, const struct node *node, const float *x, float *y,
                 size_t n) {
    (void)node;
    kernels->clip(0.0F, INFINITY, x, y, n);
}

static void clip(const struct kernels *kernels, const struct node *node, const float *x, float *y,
                 size_t n) {
    kernels->clip(node->low, node->high, x, y, n);
}

static void leaky_relu(const struct kernels *kernels, const struct node *node, const float *x,
                       float *y, size_t n) {
    kernels->leaky_relu(node->alpha, x, y, n);
}

static void sigmoid(const struct kernels *kernels, const struct node *node, const float *x,
                    float *y, size_t n) {
    (void)kernels;
    (void)node;
    for (size_t i = 0; i < n; i++)
        y[i] = 1.0F / (1.0F + expf(-x[i]));
}

static void hyperbolic_tangent(const struct kernels *kernels, const struct node *node,
                               const float *x, float *y, size_t n) {
    (void)kernels;
    (void)node;
    for (size_t i = 0; i < n; i++)
        y[i] = tanhf(x[i]);
}

static unary_function *const unary_functions[OP_COUNT] = {
    [OP_RELU] = relu,
    [OP_CLIP] = clip,
    [OP_SIGMOID] = sigmoid,
    [OP_LEAKY_RELU] = leaky_relu,
    [OP_TANH] = hyperbolic_tangent,
};

bool op_is_unary(enum op op) {
    return unary_functions[op] != NULL;
}

struct quantiser quantiser_of(const struct tensor *tensor) {
    return (struct quantiser){.scale = tensor->quant.scale,
                              .zero_point = (float)tensor->quant.zero_point,
                              .maximum = (float)((1 << tensor->quant.bits) - 1)};
}

static void run_unary(const struct step *step, const struct frame *frame) {
    unary_functions[step->node->op](frame->kernels, step->node, frame_data(frame, step->inputs[0]),
                                    frame_data(frame, step->output),
                                    step->count * (size_t)frame->images);
}

static void run_quantise(const struct step *step, const struct frame *frame) {
    frame->kernels->quantise(step->parameters, frame_data(frame, step->inputs[0]),
                             frame_data(frame, step->output), step->count * (size_t)frame->images);
}

static void run_dequantise(const struct step *step, const struct frame *frame) {
    frame->kernels->dequantise(step->parameters, frame_data(frame, step->inputs[0]),
                               frame_data(frame, step->output),
                               step->count * (size_t)frame->images);
}

enum { CODES = 256 };

static void run_table(const struct step *step, const struct frame *frame) {
    const uint8_t *table = step->parameters, *x = frame_data(frame, step->inputs[0]);
    uint8_t *y = frame_data(frame, step->output);
    for (size_t i = 0; i < step->count * (size_t)frame->images; i++)
        y[i] = table[x[i]];
}

static void fill_table(const struct instruction *instruction, const struct quantiser *from,
                       const struct quantiser *to, uint8_t *table) {
    uint8_t codes[CODES];
    float x[CODES], y[CODES];
    for (int q = 0; q < CODES; q++)
        codes[q] = (uint8_t)q;
    kernels_baseline.dequantise(from, codes, x, CODES);
    for (int i = 0; i < instruction->n_chain; i++) {
        const struct node *node = instruction->chain[i];
        unary_functions[node->op](&kernels_baseline, node, x, y, CODES);
        for (int q = 0; q < CODES; q++)
            x[q] = y[q];
    }
    kernels_baseline.quantise(to, x, table, CODES);
}

/* One input, one output in the same layout. */
static enum status one_to_one(struct compiler *c, const struct instruction *instruction, int *input,
                              int *output) {
    enum layout layout = compiler_layout(c, instruction->inputs[0]);
    TRY(compiler_read(c, instruction->inputs[0], NULL, layout, input));
    return compiler_write(c, instruction->output, layout, output);
}

static enum status compile_table(struct compiler *c, const struct instruction *instruction) {
    int input, output;
    TRY(one_to_one(c, instruction, &input, &output));
    uint8_t *table = step_with(c, run_table, instruction, input, output, CODES);
    if (table == NULL)
        return STATUS_MEMORY;
    struct quantiser from = quantiser_of(c->program->values[input].tensor);
    struct quantiser to = quantiser_of(c->program->values[output].tensor);
    fill_table(instruction, &from, &to, table);
    return STATUS_OK;
}

enum status compile_quantise(struct compiler *c, const struct instruction *instruction) {
    if (tensor_is_bytes(c, instruction->inputs[0]))
        return compile_table(c, instruction);
    int input, output;
    TRY(one_to_one(c, instruction, &input, &output));
    struct quantiser *to =
        step_with(c, run_quantise, instruction, input, output, sizeof(struct quantiser));
    if (to == NULL)
        return STATUS_MEMORY;
    *to = quantiser_of(c->program->values[output].tensor);
    return STATUS_OK;
}

enum status compile_dequantise(struct compiler *c, const struct instruction *instruction) {
    int input, output;
    TRY(one_to_one(c, instruction, &input, &output));
    struct quantiser *from =
        step_with(c, run_dequantise, instruction, input, output, sizeof(struct quantiser));
    if (from == NULL)
        return STATUS_MEMORY;
    *from = quantiser_of(c->program->values[input].tensor);
    return STATUS_OK;
}

enum status compile_unary(struct compiler *c, const struct instruction *instruction) {
    bool bytes;
    TRY(instruction_bytes(c, instruction, &bytes));
    if (bytes)
        return compile_table(c, instruction);
    int input, output;
    TRY(one_to_one(c, instruction, &input, &output));
    return step_with(c, run_unary, instruction, input, output, 0) ? STATUS_OK : STATUS_MEMORY;
}
