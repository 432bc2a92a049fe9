/* Histograms of partial sums: an ideal pass over images, with every conversion counted. Counts are
 * integers, so threads merge to the same result in any order. */
#include "sim/engine/compile.h"
#include "sim/engine/drive.h"
#include "sim/engine/matrix_count.h"

/* What one thread counts. */
struct counting {
    const struct program *program;
    struct matrix_counter *const *counters; /* [n_matrix] */
    uint64_t **counts;                      /* [n_matrix][size of its histogram] */
    void *workspace;
};

static void observe(void *context, const struct frame *frame, int step) {
    const struct counting *c = context;
    if (step < 0 || c->program->steps[step].matrix == NULL)
        return;
    const struct step *matrix = &c->program->steps[step];
    int layer = matrix->node->matrix;
    matrix_counter_run(c->counters[layer], frame->images, frame_data(frame, matrix->inputs[0]),
                       c->counts[layer], c->workspace);
}

static enum status make_counters(const struct program *program, const struct mapping *mapping,
                                 struct arena *arena, struct matrix_counter **counters,
                                 struct diagnostic *diag) {
    for (int i = 0; i < program->network->n_matrix; i++)
        TRY(matrix_counter_create(&program->network->matrix[i], &mapping->layers[i], program->level,
                                  arena, &counters[i], diag));
    return STATUS_OK;
}

static enum status make_counting(const struct program *program, const struct mapping *mapping,
                                 struct matrix_counter *const *counters, struct arena *arena,
                                 struct counting *counting, struct diagnostic *diag) {
    int n = program->network->n_matrix;
    size_t bytes = 0;
    *counting = (struct counting){.program = program, .counters = counters};
    counting->counts = ARENA_NEW(arena, n, uint64_t *);
    for (int i = 0; i < n && counting->counts != NULL; i++) {
        size_t needed = matrix_counter_workspace(counters[i]);
        bytes = needed > bytes ? needed : bytes;
        counting->counts[i] =
            ARENA_NEW(arena, mapping->layers[i].lossless.largest_sum + 1, uint64_t);
        if (counting->counts[i] == NULL)
            counting->counts = NULL;
    }
    counting->workspace = arena_alloc(arena, bytes, 1);
    if (counting->counts == NULL || counting->workspace == NULL)
        return FAIL_MEMORY(diag, "the histograms of sums");
    return STATUS_OK;
}

static enum status merge(const struct counting *counting, int threads,
                         const struct mapping *mapping, struct sum_histogram *out,
                         struct arena *arena, struct diagnostic *diag) {
    for (int i = 0; i < mapping->n_layers; i++) {
        out[i].size = mapping->layers[i].lossless.largest_sum + 1;
        uint64_t *counts = ARENA_NEW(arena, out[i].size, uint64_t);
        if (counts == NULL)
            return FAIL_MEMORY(diag, "the histograms of sums");
        for (int t = 0; t < threads; t++)
            for (int64_t s = 0; s < out[i].size; s++)
                counts[s] += counting[t].counts[i][s];
        out[i].counts = counts;
    }
    return STATUS_OK;
}

enum status engine_histograms(const struct network *network, const struct mapping *mapping,
                              const struct engine_request *request, struct sum_histogram *out,
                              struct arena *arena, struct diagnostic *diag) {
    struct engine *engine;
    TRY(engine_create(network, NULL, NULL, &engine, diag));
    struct arena scratch = ARENA_INIT;
    int threads = drive_threads(engine, request);
    struct matrix_counter **counters =
        ARENA_NEW(&scratch, network->n_matrix, struct matrix_counter *);
    struct counting *counting = ARENA_NEW(&scratch, threads, struct counting);
    void **contexts = ARENA_NEW(&scratch, threads, void *);
    enum status status = drive_check(engine, request, diag);
    if (status == STATUS_OK && (counters == NULL || counting == NULL || contexts == NULL))
        status = FAIL_MEMORY(diag, "the histograms of sums");
    if (status == STATUS_OK)
        status = make_counters(&engine->program, mapping, &scratch, counters, diag);
    for (int t = 0; t < threads && status == STATUS_OK; t++) {
        contexts[t] = &counting[t];
        status = make_counting(&engine->program, mapping, counters, &scratch, &counting[t], diag);
    }
    struct drive drive = {.request = request, .observe = observe, .contexts = contexts};
    if (status == STATUS_OK)
        status = drive_images(engine, &drive, diag);
    if (status == STATUS_OK)
        status = merge(counting, threads, mapping, out, arena, diag);
    arena_free(&scratch);
    engine_free(engine);
    return status;
}
