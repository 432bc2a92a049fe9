/* Data movement: reshape, transpose, concat, pad. */
#include "sim/engine/compile.h"

static const struct tensor *tensor_at(const struct compiler *c, int tensor) {
    return &c->program->network->tensors[tensor];
}

/* Whatever layout the source has, the copy reads it as it lies. */
static enum status source_and_target(struct compiler *c, const struct instruction *instruction,
                                     int *source, int *target) {
    bool bytes;
    TRY(instruction_bytes(c, instruction, &bytes));
    TRY(compiler_read(c, instruction->inputs[0], NULL, compiler_layout(c, instruction->inputs[0]),
                      source));
    return compiler_write(c, instruction->output, natural_layout(tensor_at(c, instruction->output)),
                          target);
}

enum status compile_reshape(struct compiler *c, const struct instruction *instruction) {
    int source, target;
    TRY(source_and_target(c, instruction, &source, &target));
    struct copy_view view = copy_view_linear(tensor_at(c, instruction->output));
    return step_copy(c, &view, instruction->node, source, target);
}

enum status compile_transpose(struct compiler *c, const struct instruction *instruction) {
    int source, target;
    TRY(source_and_target(c, instruction, &source, &target));
    const struct tensor *in = tensor_at(c, instruction->inputs[0]);
    struct copy_view plain = copy_view_inside(in, in), view = plain;
    for (int d = 0; d < plain.rank; d++) {
        int from = instruction->node->perm[d];
        view.shape[d] = view.extent[d] = plain.shape[from];
        view.stride[d] = plain.stride[from];
    }
    return step_copy(c, &view, instruction->node, source, target);
}

enum status compile_pad(struct compiler *c, const struct instruction *instruction) {
    int source, target;
    TRY(source_and_target(c, instruction, &source, &target));
    const struct tensor *in = tensor_at(c, instruction->inputs[0]);
    const struct tensor *out = tensor_at(c, instruction->output);
    struct copy_view view = copy_view_inside(in, out);
    for (int d = 0; d < view.rank; d++)
        view.begin[d] = instruction->node->pads[d];
    struct copy_fill fill = {.wanted = true, .as_float = instruction->node->value};
    if (out->type == TENSOR_U8) {
        struct quantiser to = quantiser_of(out);
        kernels_baseline.quantise(&to, &fill.as_float, &fill.as_byte, 1);
    }
    return step_copy_filled(c, &view, instruction->node, source, target, fill);
}

enum status compile_concat(struct compiler *c, const struct instruction *instruction) {
    bool bytes;
    TRY(instruction_bytes(c, instruction, &bytes));
    const struct tensor *out = tensor_at(c, instruction->output);
    int target, axis = instruction->node->axis, begin = 0;
    TRY(compiler_write(c, instruction->output, natural_layout(out), &target));
    for (int i = 0; i < instruction->n_inputs; i++) {
        int source;
        const struct tensor *in = tensor_at(c, instruction->inputs[i]);
        TRY(compiler_read(c, instruction->inputs[i], NULL,
                          compiler_layout(c, instruction->inputs[i]), &source));
        struct copy_view view = copy_view_inside(in, out);
        view.begin[axis] = begin;
        begin += in->shape[axis];
        TRY(step_copy(c, &view, instruction->node, source, target));
    }
    return STATUS_OK;
}
