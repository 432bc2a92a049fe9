/* Batches of images, each a block of memory with the values that later steps read. An advance loads
 * a batch into a thread's buffers, runs some steps and replaces the block. */
#include "sim/engine/frontier.h"

#include <stdlib.h>
#include <string.h>

#include "sim/engine/drive.h"
#include "sim/engine/spatial.h"

enum { BATCH = 8 }; /* images; several, so that weights are read once for all of them */

/* What a block holds of each batch. */
struct plan {
    int *roots; /* [n_roots] values that own a buffer */
    int n_roots;
    size_t *offset_of_value; /* [n_values] bytes from the block's start for one image; NOT_HELD */
    size_t bytes;            /* of one image */
};
#define NOT_HELD SIZE_MAX

struct frontier {
    const struct program *program;
    struct engine_request request;
    int next_step; /* the first that has not run */
    int step;      /* of the layer that the last advance went to */
    int batches;
    char **blocks; /* [batches] */
    struct plan plan;
    struct arena arena; /* of the plan */
};

static int images_of(const struct frontier *f, int batch) {
    int left = f->request.count - batch * BATCH;
    return left < BATCH ? left : BATCH;
}

/* The roots that steps from `step` on read and that earlier ones wrote. */
static enum status plan_make(const struct program *p, int step, struct arena *arena,
                             struct plan *plan, struct diagnostic *diag) {
    *plan = (struct plan){.roots = ARENA_NEW(arena, p->n_values, int),
                          .offset_of_value = ARENA_NEW(arena, p->n_values, size_t)};
    if (plan->roots == NULL || plan->offset_of_value == NULL)
        return FAIL_MEMORY(diag, "the activations between two layers");
    for (int v = 0; v < p->n_values; v++) {
        const struct value *value = &p->values[v];
        plan->offset_of_value[v] = NOT_HELD;
        if (value->root != v || value->constant != NULL || value->first >= step ||
            value->last < step)
            continue;
        plan->offset_of_value[v] = plan->bytes;
        plan->bytes +=
            (value->bytes + PROGRAM_ALIGNMENT - 1) / PROGRAM_ALIGNMENT * PROGRAM_ALIGNMENT;
        plan->roots[plan->n_roots++] = v;
    }
    return STATUS_OK;
}

/* Copies a batch between its block and the buffers of a frame. */
static void exchange(const struct plan *plan, const struct frame *frame, char *block, bool load) {
    for (int i = 0; i < plan->n_roots; i++) {
        int root = plan->roots[i];
        char *held = block + plan->offset_of_value[root] * (size_t)frame->images;
        char *buffer = frame_data(frame, root);
        size_t bytes = frame->values[root].bytes * (size_t)frame->images;
        memcpy(load ? buffer : held, load ? held : buffer, bytes);
    }
}

/* An advance, as its threads share it. */
struct advance {
    struct frontier *frontier;
    const struct program *program;
    const struct plan *from, *to; /* `from` NULL: images come from the dataset */
    int end;                      /* step to stop before */
    struct frame *frames;         /* [threads] */
    int threads;
    bool short_of_memory;
};

static void load_images(const struct frontier *f, const struct frame *frame) {
    const struct program *p = f->program;
    float *input = frame_data(frame, p->input);
    size_t count = p->network->tensors[p->network->input].count;
    for (int i = 0; i < frame->images; i++)
        dataset_image(f->request.dataset, frame->first + i, input + (size_t)i * count);
}

static bool advance_batch(const struct advance *a, int thread, int batch) {
    struct frontier *f = a->frontier;
    struct frame *frame = &a->frames[thread];
    frame->images = images_of(f, batch);
    frame->first = f->request.first + batch * BATCH;
    if (a->from != NULL)
        exchange(a->from, frame, f->blocks[batch], true);
    else
        load_images(f, frame);
    free(f->blocks[batch]);
    f->blocks[batch] = malloc(a->to->bytes * (size_t)frame->images + 1);
    if (f->blocks[batch] == NULL)
        return false;
    for (int s = f->next_step; s < a->end; s++)
        a->program->steps[s].run(&a->program->steps[s], frame);
    exchange(a->to, frame, f->blocks[batch], false);
    return true;
}

static enum status make_frames(struct advance *a, struct arena *arena, struct diagnostic *diag) {
    const struct program *p = a->program;
    size_t scratch = program_scratch(p, BATCH);
    a->frames = ARENA_NEW(arena, a->threads, struct frame);
    for (int t = 0; a->frames != NULL && t < a->threads; t++) {
        a->frames[t] = (struct frame){.values = p->values,
                                      .kernels = p->kernels,
                                      .batch = BATCH,
                                      .buffers = arena_alloc(arena, BATCH, p->buffer_bytes),
                                      .scratch = arena_alloc(arena, scratch, 1)};
        if (a->frames[t].buffers == NULL || a->frames[t].scratch == NULL)
            a->frames = NULL;
    }
    return a->frames != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the activations of a batch");
}

static enum status advance_run(struct advance *a, struct diagnostic *diag) {
    struct frontier *f = a->frontier;
    const atomic_bool *stop = f->request.stop;
    struct arena arena = ARENA_INIT;
    a->threads = f->request.threads < f->batches ? f->request.threads : f->batches;
    enum status status = make_frames(a, &arena, diag);
    int next = 0, done = 0, failed = 0;
#pragma omp parallel for num_threads(a->threads) schedule(static, 1) reduction(+ : done, failed)
    for (int thread = 0; thread < a->threads; thread++)
        while (status == STATUS_OK && failed == 0 && (stop == NULL || !atomic_load(stop))) {
            int batch;
#pragma omp atomic capture
            batch = next++;
            if (batch >= f->batches)
                break;
            failed += advance_batch(a, thread, batch) ? 0 : 1;
            done++;
        }
    arena_free(&arena);
    TRY(status);
    if (failed > 0)
        return FAIL_MEMORY(diag, "the activations of the calibration images: ask for fewer of "
                                 "them (dataset.calibration_count)");
    return done == f->batches ? STATUS_OK : FAIL(diag, STATUS_INTERRUPTED, "interrupted");
}

/* From where the frontier stands to before step `end`; `from_images`: from the dataset. */
static enum status advance_to(struct frontier *f, const struct program *program, int end,
                              bool from_images, struct diagnostic *diag) {
    struct plan plan;
    struct arena arena = ARENA_INIT;
    enum status status = plan_make(program, end, &arena, &plan, diag);
    struct advance a = {.frontier = f,
                        .program = program,
                        .from = from_images ? NULL : &f->plan,
                        .to = &plan,
                        .end = end};
    if (status == STATUS_OK)
        status = advance_run(&a, diag);
    if (status != STATUS_OK) {
        arena_free(&arena);
        return status;
    }
    arena_free(&f->arena);
    f->arena = arena;
    f->plan = plan;
    f->program = program;
    f->next_step = end;
    return STATUS_OK;
}

enum status frontier_create(const struct engine *engine, const struct engine_request *request,
                            struct frontier **frontier, struct diagnostic *diag) {
    *frontier = NULL;
    TRY(drive_check(engine, request, diag));
    if (engine->program.network->quantised)
        return FAIL(diag, STATUS_INTERNAL, "%s: a frontier needs a float network",
                    engine->program.network->path);
    struct frontier *f = calloc(1, sizeof *f);
    if (f == NULL)
        return FAIL_MEMORY(diag, "the activations between two layers");
    f->request = *request;
    f->program = &engine->program;
    f->batches = request->count / BATCH + (request->count % BATCH != 0);
    f->blocks = calloc((size_t)f->batches + 1, sizeof *f->blocks);
    enum status status = f->blocks != NULL
                             ? advance_to(f, &engine->program, 0, true, diag)
                             : FAIL_MEMORY(diag, "the activations between two layers");
    if (status != STATUS_OK)
        frontier_free(f);
    else
        *frontier = f;
    return status;
}

void frontier_free(struct frontier *frontier) {
    if (frontier == NULL)
        return;
    for (int b = 0; frontier->blocks != NULL && b < frontier->batches; b++)
        free(frontier->blocks[b]);
    free(frontier->blocks);
    arena_free(&frontier->arena);
    free(frontier);
}

/* The step that computes a float matrix layer. */
static int step_of(const struct program *p, int linear) {
    const struct node *node = &p->network->nodes[p->network->linear[linear].node];
    int step = -1;
    for (int s = 0; s < p->n_steps; s++)
        if (p->steps[s].node == node)
            step = s;
    return step;
}

enum status frontier_advance(struct frontier *frontier, const struct engine *engine, int linear,
                             enum frontier_side side, struct diagnostic *diag) {
    int step = step_of(&engine->program, linear);
    int end = side == FRONTIER_INPUT ? step : step + 1;
    if (step < 0 || end < frontier->next_step)
        return FAIL(diag, STATUS_INTERNAL, "%s: layer %d lies behind the frontier",
                    engine->program.network->path, linear);
    TRY(advance_to(frontier, &engine->program, end, false, diag));
    frontier->step = step;
    return STATUS_OK;
}

/* The layer that the frontier stands at. */
static const struct matrix_shape *shape_at(const struct frontier *f) {
    const struct network *network = f->program->network;
    return &network->linear[f->program->steps[f->step].node->matrix].shape;
}

/* One image's values, which are held. */
static const float *data_of(const struct frontier *f, int value, int image) {
    const struct value *v = &f->program->values[value];
    size_t offset = f->plan.offset_of_value[v->root];
    int batch = image / BATCH;
    const char *held = f->blocks[batch] + offset * (size_t)images_of(f, batch) +
                       (size_t)(image % BATCH) * v->bytes;
    return (const void *)held;
}

void frontier_row(const struct frontier *frontier, int group, int image, long position,
                  float *row) {
    const struct matrix_shape *s = shape_at(frontier);
    const struct step *step = &frontier->program->steps[frontier->step];
    const float *x = data_of(frontier, step->inputs[0], image);
    size_t channels = (size_t)s->in_channels, of_group = channels / (size_t)s->groups;
    size_t out_width = (size_t)s->out_width, at = (size_t)position;
    size_t taps = (size_t)s->window.kernel[0] * (size_t)s->window.kernel[1];
    struct taps rows = window_taps(&s->window, 0, at / out_width, (size_t)s->in_height);
    struct taps columns = window_taps(&s->window, 1, at % out_width, (size_t)s->in_width);
    memset(row, 0, of_group * taps * sizeof *row);
    for (int i = rows.first; i < rows.last; i++)
        for (int j = columns.first; j < columns.last; j++) {
            size_t pixel = tap_at(&rows, i) * (size_t)s->in_width + tap_at(&columns, j);
            const float *from = x + pixel * channels + (size_t)group * of_group;
            float *to = row + i * s->window.kernel[1] + j;
            for (size_t c = 0; c < of_group; c++)
                to[c * taps] = from[c];
        }
}

bool frontier_holds(const struct frontier *frontier, int tensor) {
    int value = frontier->program->value_of_tensor[tensor];
    if (value < 0)
        return false;
    const struct value *v = &frontier->program->values[value];
    return v->constant == NULL && frontier->plan.offset_of_value[v->root] != NOT_HELD;
}

void frontier_channels(const struct frontier *frontier, int tensor, int image, long position,
                       float *channels) {
    const struct program *p = frontier->program;
    const struct matrix_shape *s = shape_at(frontier);
    int value = p->value_of_tensor[tensor];
    const float *x = data_of(frontier, value, image);
    size_t n = (size_t)s->out_channels, at = (size_t)position;
    size_t positions = (size_t)s->out_height * (size_t)s->out_width;
    if (s->fully_connected || p->values[value].layout == LAYOUT_CHANNELS_LAST) {
        memcpy(channels, x + at * n, n * sizeof *channels);
        return;
    }
    for (size_t c = 0; c < n; c++)
        channels[c] = x[c * positions + at];
}
