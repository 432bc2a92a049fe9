#include "sim/engine/copy.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t nowhere = UINT32_MAX;

struct copy_view copy_view_linear(const struct tensor *target) {
    return (struct copy_view){
        .rank = 1, .shape = {(int)target->count}, .extent = {(int)target->count}, .stride = {1}};
}

static void plain_strides(const struct tensor *tensor, size_t stride[NETWORK_MAX_RANK]) {
    size_t product = 1;
    for (int d = tensor->rank - 1; d >= 0; d--) {
        stride[d] = product;
        product *= (size_t)tensor->shape[d];
    }
}

struct copy_view copy_view_inside(const struct tensor *source, const struct tensor *target) {
    struct copy_view view = {.rank = target->rank};
    plain_strides(source, view.stride);
    for (int d = 0; d < target->rank; d++) {
        view.shape[d] = target->shape[d];
        view.extent[d] = source->shape[d];
    }
    return view;
}

struct copy_view copy_view_broadcast(const struct tensor *source, const struct tensor *target) {
    struct copy_view view = {.rank = target->rank};
    size_t stride[NETWORK_MAX_RANK];
    plain_strides(source, stride);
    int missing = target->rank - source->rank; /* leading dimensions that the source lacks */
    for (int d = 0; d < target->rank; d++) {
        view.shape[d] = view.extent[d] = target->shape[d];
        bool repeated = d < missing || source->shape[d - missing] == 1;
        view.stride[d] = repeated ? 0 : stride[d - missing];
    }
    return view;
}

/* Where logical linear index `index` of a value lies in memory. */
static size_t place(const struct value *value, size_t index) {
    const struct tensor *tensor = value->tensor;
    if (value->layout == LAYOUT_PLAIN)
        return index;
    size_t channels = (size_t)tensor->shape[1], inner = 1;
    for (int d = 2; d < tensor->rank; d++)
        inner *= (size_t)tensor->shape[d];
    return index % inner * channels + index / inner % channels;
}

/* The source's linear index for the target's coordinates, or `nowhere`. */
static size_t view_source(const struct copy_view *view, const int *coordinates) {
    size_t index = 0;
    for (int d = 0; d < view->rank; d++) {
        int c = coordinates[d] - view->begin[d];
        if (c < 0 || c >= view->extent[d])
            return nowhere;
        index += (size_t)c * view->stride[d];
    }
    return index;
}

static void step_coordinates(const struct copy_view *view, int *coordinates) {
    for (int d = view->rank - 1; d >= 0; d--) {
        if (++coordinates[d] < view->shape[d])
            return;
        coordinates[d] = 0;
    }
}

/* map[place in the target] = place in the source. */
static void fill_map(const struct copy_view *view, const struct value *source,
                     const struct value *target, uint32_t *map) {
    int coordinates[NETWORK_MAX_RANK] = {0};
    for (size_t i = 0; i < target->tensor->count; i++) {
        size_t from = view_source(view, coordinates);
        map[place(target, i)] = from == nowhere ? nowhere : (uint32_t)place(source, from);
        step_coordinates(view, coordinates);
    }
}

/* Cuts the map into runs; with `runs` NULL it only counts them. */
static size_t cut_runs(const uint32_t *map, size_t count, struct copy_run *runs, size_t *covered) {
    size_t n = 0;
    *covered = 0;
    for (size_t i = 0; i < count;) {
        if (map[i] == nowhere) {
            i++;
            continue;
        }
        size_t length = 1;
        while (i + length < count && map[i + length] == map[i] + length)
            length++;
        if (runs != NULL)
            runs[n] = (struct copy_run){map[i], (uint32_t)i, (uint32_t)length};
        n++;
        *covered += length;
        i += length;
    }
    return n;
}

enum status copy_plan_create(const struct copy_view *view, const struct value *source,
                             const struct value *target, struct arena *arena,
                             struct copy_plan *plan, struct diagnostic *diag) {
    size_t count = target->tensor->count;
    *plan = (struct copy_plan){.from_count = source->tensor->count,
                               .to_count = count,
                               .element = target->tensor->type == TENSOR_U8 ? 1 : sizeof(float)};
    uint32_t *map = malloc((count + 1) * sizeof *map);
    if (map == NULL)
        return FAIL_MEMORY(diag, "the index table of a copy");
    fill_map(view, source, target, map);
    plan->n_runs = cut_runs(map, count, NULL, &plan->covered);
    plan->runs = ARENA_NEW(arena, plan->n_runs, struct copy_run);
    if (plan->runs != NULL)
        cut_runs(map, count, plan->runs, &plan->covered);
    free(map);
    return plan->runs != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the runs of a copy");
}

bool copy_plan_identity(const struct copy_plan *plan) {
    return plan->from_count == plan->to_count && plan->covered == plan->to_count &&
           (plan->n_runs == 0 || (plan->n_runs == 1 && plan->runs[0].from == 0));
}

static void apply_floats(const struct copy_plan *plan, const float *source, float *target) {
    if (plan->fill.wanted)
        for (size_t i = 0; i < plan->to_count; i++)
            target[i] = plan->fill.as_float;
    for (size_t r = 0; r < plan->n_runs; r++) {
        struct copy_run run = plan->runs[r];
        if (run.length == 1)
            target[run.to] = source[run.from];
        else
            memcpy(target + run.to, source + run.from, run.length * sizeof *target);
    }
}

static void apply_bytes(const struct copy_plan *plan, const uint8_t *source, uint8_t *target) {
    if (plan->fill.wanted)
        memset(target, plan->fill.as_byte, plan->to_count);
    for (size_t r = 0; r < plan->n_runs; r++) {
        struct copy_run run = plan->runs[r];
        if (run.length == 1)
            target[run.to] = source[run.from];
        else
            memcpy(target + run.to, source + run.from, run.length);
    }
}

void copy_plan_apply(const struct copy_plan *plan, const void *source, void *target) {
    if (plan->element == 1)
        apply_bytes(plan, source, target);
    else
        apply_floats(plan, source, target);
}
