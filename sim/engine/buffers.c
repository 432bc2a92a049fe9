/* Buffers: values whose lives do not overlap share memory. Largest first, each at the lowest place
 * that is free during its life: close to the optimum for the chains and short branches of networks.
 */
#include <stdlib.h>

#include "sim/engine/compile.h"

static size_t rounded(size_t bytes) {
    return (bytes + PROGRAM_ALIGNMENT - 1) / PROGRAM_ALIGNMENT * PROGRAM_ALIGNMENT;
}

static void find_lives(struct program *p) {
    for (int v = 0; v < p->n_values; v++)
        p->values[v].first = p->values[v].last = -1;
    for (int s = 0; s < p->n_steps; s++) {
        const struct step *step = &p->steps[s];
        for (int i = 0; i < step->n_inputs; i++)
            p->values[p->values[step->inputs[i]].root].last = s;
        struct value *written = &p->values[p->values[step->output].root];
        if (written->first < 0 && step->output != p->input)
            written->first = s; /* concat writes in several steps */
        written->last = s;
    }
    p->values[p->values[p->output].root].last = p->n_steps;
}

struct order {
    size_t bytes;
    int value;
};

static int larger_first(const void *a, const void *b) {
    const struct order *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->value - y->value;
}

/* Lowest offset at which `v` meets none of the values placed before it. */
static size_t lowest_place(const struct program *p, const struct order *placed, int n_placed,
                           const struct value *v) {
    size_t offset = 0;
    for (int i = 0; i < n_placed; i++) {
        const struct value *other = &p->values[placed[i].value];
        bool together = v->first <= other->last && other->first <= v->last;
        bool overlap = offset < other->offset + rounded(other->bytes) &&
                       other->offset < offset + rounded(v->bytes);
        if (together && overlap) {
            offset = other->offset + rounded(other->bytes);
            i = -1; /* look at all of them again from the new place, which is always higher */
        }
    }
    return offset;
}

enum status buffers_plan(struct program *program, struct diagnostic *diag) {
    struct order *order = malloc(((size_t)program->n_values + 1) * sizeof *order);
    if (order == NULL)
        return FAIL_MEMORY(diag, "the plan of buffers");
    find_lives(program);
    int n = 0;
    for (int v = 0; v < program->n_values; v++)
        if (program->values[v].root == v && program->values[v].constant == NULL)
            order[n++] = (struct order){program->values[v].bytes, v};
    qsort(order, (size_t)n, sizeof *order, larger_first);
    for (int i = 0; i < n; i++) {
        struct value *v = &program->values[order[i].value];
        v->offset = lowest_place(program, order, i, v);
        size_t end = v->offset + rounded(v->bytes);
        if (end > program->buffer_bytes)
            program->buffer_bytes = end;
    }
    program->buffer_bytes += PROGRAM_ALIGNMENT; /* matrix layers read a few bytes over an end */
    free(order);
    return STATUS_OK;
}
