/* Softmax along one axis, in plain order. */
#include <math.h>

#include "sim/engine/compile.h"

struct softmax {
    size_t length, inner; /* along the axis; elements between its neighbours */
};

static void softmax_line(const float *x, float *y, size_t length, size_t stride) {
    float largest = x[0], sum = 0.0F;
    for (size_t i = 1; i < length; i++)
        largest = x[i * stride] > largest ? x[i * stride] : largest;
    for (size_t i = 0; i < length; i++) {
        y[i * stride] = expf(x[i * stride] - largest);
        sum += y[i * stride];
    }
    for (size_t i = 0; i < length; i++)
        y[i * stride] /= sum;
}

static void run_softmax(const struct step *step, const struct frame *frame) {
    const struct softmax *s = step->parameters;
    const float *x = frame_data(frame, step->inputs[0]);
    float *y = frame_data(frame, step->output);
    size_t block = s->length * s->inner, total = step->count * (size_t)frame->images;
    for (size_t outer = 0; outer < total; outer += block)
        for (size_t inner = 0; inner < s->inner; inner++)
            softmax_line(x + outer + inner, y + outer + inner, s->length, s->inner);
}

enum status compile_softmax(struct compiler *c, const struct instruction *instruction) {
    bool bytes;
    TRY(instruction_bytes(c, instruction, &bytes));
    if (bytes)
        return FAIL(c->diag, STATUS_INTERNAL, "%s: node '%s': a softmax of quantised tensors",
                    c->program->network->path, instruction->node->name);
    int input, output;
    TRY(compiler_read(c, instruction->inputs[0], NULL, LAYOUT_PLAIN, &input));
    TRY(compiler_write(c, instruction->output, LAYOUT_PLAIN, &output));
    struct softmax *s = step_with(c, run_softmax, instruction, input, output, sizeof *s);
    if (s == NULL)
        return STATUS_MEMORY;
    const struct tensor *t = c->program->values[output].tensor;
    *s = (struct softmax){.length = (size_t)t->shape[instruction->node->axis], .inner = 1};
    for (int d = instruction->node->axis + 1; d < t->rank; d++)
        s->inner *= (size_t)t->shape[d];
    return STATUS_OK;
}
