/* Addition and multiplication, both operands brought to the output's shape and layout. */
#include "sim/engine/compile.h"

/* Calls `apply` once for the whole batch, or image by image where an operand is a constant. */
struct binary_call {
    const char *a, *b;
    char *y;
    size_t a_stride, b_stride, y_stride; /* bytes from one image to the next; 0: constant */
    size_t count;
    int calls;
};

static struct binary_call call_of(const struct step *step, const struct frame *frame) {
    const struct value *a = &frame->values[step->inputs[0]], *b = &frame->values[step->inputs[1]];
    bool constant = a->constant != NULL || b->constant != NULL;
    return (struct binary_call){
        .a = frame_data(frame, step->inputs[0]),
        .b = frame_data(frame, step->inputs[1]),
        .y = frame_data(frame, step->output),
        .a_stride = a->constant != NULL ? 0 : a->bytes,
        .b_stride = b->constant != NULL ? 0 : b->bytes,
        .y_stride = frame->values[step->output].bytes,
        .count = step->count * (constant ? 1 : (size_t)frame->images),
        .calls = constant ? frame->images : 1,
    };
}

static void run_floats(const struct step *step, const struct frame *frame) {
    struct binary_call call = call_of(step, frame);
    const struct kernels *k = frame->kernels;
    void (*apply)(const float *, const float *, float *, size_t) =
        step->node->op == OP_ADD ? k->add : k->multiply;
    for (int i = 0; i < call.calls;
         i++, call.a += call.a_stride, call.b += call.b_stride, call.y += call.y_stride)
        apply((const void *)call.a, (const void *)call.b, (void *)call.y, call.count);
}

static void run_bytes(const struct step *step, const struct frame *frame) {
    const struct byte_sum *sum = step->parameters;
    struct binary_call call = call_of(step, frame);
    frame->kernels->add_bytes(sum, (const void *)call.a, (const void *)call.b, (void *)call.y,
                              call.count);
}

static struct byte_sum byte_sum_of(const struct tensor *a, const struct tensor *b,
                                   const struct tensor *y, bool rectified) {
    struct quantiser of_a = quantiser_of(a), of_b = quantiser_of(b), to = quantiser_of(y);
    float ratio_a = of_a.scale / to.scale, ratio_b = of_b.scale / to.scale;
    return (struct byte_sum){
        .ratio_a = ratio_a,
        .ratio_b = ratio_b,
        .fixed = to.zero_point - (ratio_a * of_a.zero_point + ratio_b * of_b.zero_point),
        .low = rectified ? to.zero_point : 0.0F,
        .high = to.maximum,
    };
}

/* The layout of an operand that has the output's shape already, so that it need not move. */
static enum layout common_layout(const struct compiler *c, const struct instruction *instruction) {
    const struct tensor *tensors = c->program->network->tensors;
    for (int i = 0; i < 2; i++) {
        const struct tensor *t = &tensors[instruction->inputs[i]];
        const struct tensor *out = &tensors[instruction->output];
        if (t->floats == NULL && t->rank == out->rank && t->count == out->count)
            return compiler_layout(c, instruction->inputs[i]);
    }
    return natural_layout(&tensors[instruction->output]);
}

enum status compile_binary(struct compiler *c, const struct instruction *instruction) {
    bool bytes;
    TRY(instruction_bytes(c, instruction, &bytes));
    if (bytes && instruction->node->op != OP_ADD)
        return FAIL(c->diag, STATUS_INTERNAL, "%s: node '%s': a product of quantised tensors",
                    c->program->network->path, instruction->node->name);
    const struct tensor *shape = &c->program->network->tensors[instruction->output];
    enum layout layout = common_layout(c, instruction);
    int a, b, y;
    TRY(compiler_read(c, instruction->inputs[0], shape, layout, &a));
    TRY(compiler_read(c, instruction->inputs[1], shape, layout, &b));
    TRY(compiler_write(c, instruction->output, layout, &y));
    struct byte_sum *sum =
        step_with(c, bytes ? run_bytes : run_floats, instruction, a, y, sizeof *sum);
    if (sum == NULL)
        return STATUS_MEMORY;
    struct step *step = &c->program->steps[c->program->n_steps - 1];
    step->n_inputs = 2;
    step->inputs[1] = b;
    if (bytes)
        *sum = byte_sum_of(c->program->values[a].tensor, c->program->values[b].tensor, shape,
                           instruction->n_chain > 0);
    return STATUS_OK;
}
