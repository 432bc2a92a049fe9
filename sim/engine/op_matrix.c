/* Quantised matrix layers, which sim/engine/matrix.h computes. */
#include "sim/engine/compile.h"

static void run_matrix(const struct step *step, const struct frame *frame) {
    struct layer_activity *activity =
        frame->activity == NULL ? NULL : &frame->activity[step->node->matrix];
    matrix_executor_run(step->matrix, (uint64_t)frame->first, frame->images,
                        frame_data(frame, step->inputs[0]), frame_data(frame, step->output),
                        frame->scratch, activity);
}

static enum status check_layer(const struct compiler *c, const struct instruction *instruction,
                               const struct matrix_layer *layer) {
    const struct network *network = c->program->network;
    const struct matrix_shape *s = &layer->shape;
    const struct tensor *in = &network->tensors[instruction->inputs[0]];
    const struct tensor *out = &network->tensors[instruction->output];
    size_t in_count = (size_t)s->in_channels * (size_t)s->in_height * (size_t)s->in_width;
    size_t out_count = (size_t)s->out_channels * (size_t)s->out_height * (size_t)s->out_width;
    enum tensor_type type = layer->quantised_output ? TENSOR_U8 : TENSOR_FLOAT;
    if (in->type == TENSOR_U8 && out->type == type && in->count == in_count &&
        out->count == out_count)
        return STATUS_OK;
    return FAIL(c->diag, STATUS_INTERNAL, "%s: layer '%s' does not fit its tensors", network->path,
                layer->name);
}

enum status compile_matrix(struct compiler *c, const struct instruction *instruction) {
    int index = instruction->node->matrix, input, output;
    const struct matrix_layer *layer = &c->program->network->matrix[index];
    enum layout layout = layer->shape.fully_connected ? LAYOUT_PLAIN : LAYOUT_CHANNELS_LAST;
    TRY(check_layer(c, instruction, layer));
    TRY(compiler_read(c, instruction->inputs[0], NULL, layout, &input));
    TRY(compiler_write(c, instruction->output, layout, &output));
    if (step_with(c, run_matrix, instruction, input, output, 0) == NULL)
        return STATUS_MEMORY;
    struct step *step = &c->program->steps[c->program->n_steps - 1];
    struct matrix_executor *executor = NULL;
    TRY(matrix_executor_create(layer, c->mapping == NULL ? NULL : &c->mapping->layers[index],
                               c->layers == NULL ? NULL : &c->layers[index], c->program->level,
                               &c->program->arena, &executor, c->diag));
    step->matrix = executor;
    return STATUS_OK;
}
