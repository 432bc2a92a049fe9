#include "sim/engine/engine.h"

#include <stdlib.h>

#include "sim/engine/compile.h"
#include "sim/engine/drive.h"

enum status engine_create(const struct network *network, const struct mapping *mapping,
                          struct engine_layer *layers, struct engine **engine,
                          struct diagnostic *diag) {
    enum simd_level level;
    *engine = NULL;
    TRY(simd_read(&level, diag));
    *engine = calloc(1, sizeof **engine);
    if (*engine == NULL)
        return FAIL_MEMORY(diag, "the engine");
    enum status status =
        program_compile(network, mapping, layers, level, &(*engine)->program, diag);
    if (status != STATUS_OK) {
        free(*engine);
        *engine = NULL;
    }
    return status;
}

void engine_free(struct engine *engine) {
    if (engine == NULL)
        return;
    program_free(&engine->program);
    free(engine);
}

/* Where the outputs of a run go. */
struct outputs {
    const struct program *program;
    struct engine_result *result;
    float *row; /* [classes], of this thread */
};

/* Logits of one image as floats. */
static const float *logits_of(const struct outputs *out, const struct frame *frame, int image) {
    const struct program *p = out->program;
    const struct tensor *tensor = p->values[p->output].tensor;
    const char *data = frame_data(frame, p->output);
    if (p->values[p->output].constant == NULL)
        data += (size_t)image * p->values[p->output].bytes;
    if (tensor->type != TENSOR_U8)
        return (const void *)data;
    struct quantiser from = quantiser_of(tensor);
    p->kernels->dequantise(&from, (const void *)data, out->row, tensor->count);
    return out->row;
}

static int32_t class_of(const float *logits, size_t classes) {
    size_t best = 0;
    for (size_t k = 1; k < classes; k++)
        if (logits[k] > logits[best])
            best = k;
    return (int32_t)best;
}

static void keep_outputs(void *context, const struct frame *frame, int first) {
    const struct outputs *out = context;
    size_t classes = out->program->values[out->program->output].tensor->count;
    for (int i = 0; i < frame->images; i++) {
        const float *logits = logits_of(out, frame, i);
        size_t image = (size_t)(first + i);
        if (out->result->classes != NULL)
            out->result->classes[image] = class_of(logits, classes);
        for (size_t k = 0; out->result->logits != NULL && k < classes; k++)
            out->result->logits[image * classes + k] = logits[k];
    }
}

enum status engine_run(const struct engine *engine, const struct engine_request *request,
                       struct engine_result *result, struct diagnostic *diag) {
    TRY(drive_check(engine, request, diag));
    const struct program *p = &engine->program;
    int threads = drive_threads(engine, request);
    size_t classes = p->values[p->output].tensor->count;
    struct arena arena = ARENA_INIT;
    struct outputs *outputs = ARENA_NEW(&arena, threads, struct outputs);
    void **contexts = ARENA_NEW(&arena, threads, void *);
    enum status status = STATUS_OK;
    for (int t = 0; t < threads && status == STATUS_OK; t++) {
        float *row = ARENA_NEW(&arena, classes, float);
        if (outputs == NULL || contexts == NULL || row == NULL) {
            status = FAIL_MEMORY(diag, "the outputs of a run");
            break;
        }
        outputs[t] = (struct outputs){p, result, row};
        contexts[t] = &outputs[t];
    }
    struct drive drive = {.request = request, .finish = keep_outputs, .contexts = contexts};
    if (request->measure_activity && result->activity != NULL) {
        drive.activity = result->activity;
        for (int i = 0; i < p->network->n_matrix; i++)
            engine_activity_clear(&result->activity[i]);
    }
    if (status == STATUS_OK)
        status = drive_images(engine, &drive, diag);
    arena_free(&arena);
    return status;
}
