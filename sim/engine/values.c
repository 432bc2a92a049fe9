/* Values and steps: the compiler's bookkeeping. */
#include <stdlib.h>
#include <string.h>

#include "sim/engine/compile.h"

static const struct tensor *tensor_at(const struct compiler *c, int tensor) {
    return &c->program->network->tensors[tensor];
}

enum layout natural_layout(const struct tensor *tensor) {
    return tensor->rank == 4 ? LAYOUT_CHANNELS_LAST : LAYOUT_PLAIN;
}

/* Doubles an array that lives in the arena; the old one stays there until the program is freed. */
static void *grown(struct arena *arena, const void *old, int count, int *capacity, size_t size) {
    if (count < *capacity)
        return NULL;
    int wanted = *capacity == 0 ? 64 : 2 * *capacity;
    void *fresh = arena_alloc(arena, (size_t)wanted, size);
    if (fresh != NULL) {
        if (count > 0)
            memcpy(fresh, old, (size_t)count * size);
        *capacity = wanted;
    }
    return fresh;
}

enum status compiler_new_value(struct compiler *c, const struct tensor *tensor, enum layout layout,
                               int *value) {
    struct program *p = c->program;
    if (p->n_values == p->values_capacity) {
        struct value *fresh =
            grown(&p->arena, p->values, p->n_values, &p->values_capacity, sizeof *p->values);
        if (fresh == NULL)
            return FAIL_MEMORY(c->diag, "the values of the program");
        p->values = fresh;
    }
    *value = p->n_values++;
    size_t element = tensor->type == TENSOR_U8 ? 1 : sizeof(float);
    p->values[*value] = (struct value){
        .tensor = tensor, .layout = layout, .bytes = tensor->count * element, .root = *value};
    return STATUS_OK;
}

struct step *step_new(struct compiler *c, step_run *run, const struct node *node) {
    struct program *p = c->program;
    if (p->n_steps == p->steps_capacity) {
        struct step *fresh =
            grown(&p->arena, p->steps, p->n_steps, &p->steps_capacity, sizeof *p->steps);
        if (fresh == NULL)
            return NULL;
        p->steps = fresh;
    }
    struct step *step = &p->steps[p->n_steps++];
    *step = (struct step){.run = run, .node = node};
    return step;
}

void *step_with(struct compiler *c, step_run *run, const struct instruction *instruction, int input,
                int output, size_t size) {
    void *parameters = arena_alloc(&c->program->arena, 1, size);
    struct step *step = parameters == NULL ? NULL : step_new(c, run, instruction->node);
    if (step == NULL) {
        (void)FAIL_MEMORY(c->diag, "a step of the program");
        return NULL;
    }
    step->n_inputs = 1;
    step->inputs[0] = input;
    step->output = output;
    step->count = c->program->values[output].tensor->count;
    step->parameters = parameters;
    return parameters;
}

static void run_copy(const struct step *step, const struct frame *frame) {
    const struct copy_plan *plan = step->parameters;
    const char *source = frame_data(frame, step->inputs[0]);
    char *target = frame_data(frame, step->output);
    bool constant = frame->values[step->inputs[0]].constant != NULL;
    size_t stride = constant ? 0 : plan->from_count * plan->element;
    for (int i = 0; i < frame->images; i++)
        copy_plan_apply(plan, source + (size_t)i * stride,
                        target + (size_t)i * plan->to_count * plan->element);
}

/* A constant is copied once, now. */
static enum status copy_constant(struct compiler *c, const struct copy_plan *plan, int source,
                                 int target) {
    struct value *values = c->program->values;
    void *copy = arena_alloc(&c->program->arena, plan->to_count, plan->element);
    if (copy == NULL)
        return FAIL_MEMORY(c->diag, "a constant of the program");
    copy_plan_apply(plan, values[source].constant, copy);
    values[target].constant = copy;
    return STATUS_OK;
}

enum status step_copy_filled(struct compiler *c, const struct copy_view *view,
                             const struct node *node, int source, int target,
                             struct copy_fill fill) {
    struct program *p = c->program;
    struct copy_plan *plan = ARENA_NEW(&p->arena, 1, struct copy_plan);
    if (plan == NULL)
        return FAIL_MEMORY(c->diag, "a copy");
    TRY(copy_plan_create(view, &p->values[source], &p->values[target], &p->arena, plan, c->diag));
    plan->fill = fill;
    if (copy_plan_identity(plan)) {
        p->values[target].root = p->values[source].root;
        p->values[target].constant = p->values[source].constant;
        return STATUS_OK;
    }
    bool whole = plan->covered == plan->to_count || fill.wanted;
    if (p->values[source].constant != NULL && whole)
        return copy_constant(c, plan, source, target);
    struct step *step = step_new(c, run_copy, node);
    if (step == NULL)
        return FAIL_MEMORY(c->diag, "a step of the program");
    step->n_inputs = 1;
    step->inputs[0] = source;
    step->output = target;
    step->count = plan->to_count;
    step->parameters = plan;
    return STATUS_OK;
}

enum status step_copy(struct compiler *c, const struct copy_view *view, const struct node *node,
                      int source, int target) {
    struct copy_fill none = {0};
    return step_copy_filled(c, view, node, source, target, none);
}

enum layout compiler_layout(const struct compiler *c, int tensor) {
    int value = c->program->value_of_tensor[tensor];
    return value < 0 ? LAYOUT_PLAIN : c->program->values[value].layout;
}

static bool same_shape(const struct tensor *a, const struct tensor *b) {
    if (a->rank != b->rank)
        return false;
    return memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) == 0;
}

/* The tensor's value, made on first use for a constant. */
static enum status known_value(struct compiler *c, int tensor, int *value) {
    struct program *p = c->program;
    const struct tensor *t = tensor_at(c, tensor);
    *value = p->value_of_tensor[tensor];
    if (*value >= 0)
        return STATUS_OK;
    if (t->floats == NULL)
        return FAIL(c->diag, STATUS_INTERNAL, "%s: tensor '%s' is read before it is computed",
                    p->network->path, t->name);
    TRY(compiler_new_value(c, t, LAYOUT_PLAIN, value));
    p->values[*value].constant = t->floats;
    p->value_of_tensor[tensor] = *value;
    return STATUS_OK;
}

enum status compiler_read(struct compiler *c, int tensor, const struct tensor *as,
                          enum layout layout, int *value) {
    int known;
    TRY(known_value(c, tensor, &known));
    const struct tensor *t = tensor_at(c, tensor);
    bool reshaped = as != NULL && !same_shape(t, as);
    if (!reshaped && c->program->values[known].layout == layout) {
        *value = known;
        return STATUS_OK;
    }
    /* A broadcast value keeps its own type and quantisation in the shape of `as`. */
    struct tensor *shaped = ARENA_NEW(&c->program->arena, 1, struct tensor);
    if (shaped == NULL)
        return FAIL_MEMORY(c->diag, "a tensor");
    *shaped = *t;
    if (reshaped) {
        shaped->rank = as->rank;
        memcpy(shaped->shape, as->shape, sizeof shaped->shape);
        shaped->count = as->count;
    }
    struct copy_view view = reshaped ? copy_view_broadcast(t, shaped) : copy_view_linear(shaped);
    TRY(compiler_new_value(c, shaped, layout, value));
    return step_copy(c, &view, NULL, known, *value);
}

enum status compiler_write(struct compiler *c, int tensor, enum layout layout, int *value) {
    TRY(compiler_new_value(c, tensor_at(c, tensor), layout, value));
    c->program->value_of_tensor[tensor] = *value;
    return STATUS_OK;
}

void *frame_data(const struct frame *frame, int value) {
    const struct value *v = &frame->values[value];
    if (v->constant != NULL)
        return (void *)(uintptr_t)v->constant; /* steps only read it */
    return frame->buffers + frame->values[v->root].offset * (size_t)frame->batch;
}
