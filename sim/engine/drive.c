#include "sim/engine/drive.h"

#include "sim/engine/activity.h"

#include <stdlib.h>

enum { LARGE_BUFFERS = 64 << 20 }; /* bytes of a thread's activations above which batches shrink */

/* Images a thread takes at a time: several, so that weights are read from memory once for all of
 * them, but not so many that large activations add up. */
static int batch_of(const struct engine *engine, const struct engine_request *request) {
    int batch = request->batch > 0 ? request->batch : ENGINE_DEFAULT_BATCH;
    while (request->batch <= 0 && batch > 1 &&
           engine->program.buffer_bytes > LARGE_BUFFERS / (size_t)batch)
        batch /= 2;
    return batch < request->count ? batch : (request->count > 0 ? request->count : 1);
}

static int batches_of(const struct engine *engine, const struct engine_request *request) {
    int batch = batch_of(engine, request);
    return request->count / batch + (request->count % batch != 0);
}

int drive_threads(const struct engine *engine, const struct engine_request *request) {
    int batches = batches_of(engine, request);
    int threads = request->threads < batches ? request->threads : batches;
    return threads < 1 ? 1 : threads;
}

enum status drive_check(const struct engine *engine, const struct engine_request *request,
                        struct diagnostic *diag) {
    const struct network *network = engine->program.network;
    const struct dataset *data = request->dataset;
    const struct tensor *input = &network->tensors[network->input];
    size_t count = (size_t)data->channels * (size_t)data->height * (size_t)data->width;
    if (count != input->count)
        return FAIL(diag, STATUS_USAGE,
                    "%s: its input '%s' has %zu values, an image of the dataset has %dx%dx%d",
                    network->path, input->name, input->count, data->channels, data->height,
                    data->width);
    if (request->first < 0 || request->count < 0 || request->first > data->count ||
        request->count > data->count - request->first)
        return FAIL(diag, STATUS_USAGE, "images %d to %d are asked for, the dataset has %d",
                    request->first, request->first + request->count - 1, data->count);
    if (request->threads < 1)
        return FAIL(diag, STATUS_USAGE, "%d threads: at least 1 is needed", request->threads);
    return STATUS_OK;
}

/* What the threads share. */
struct crew {
    const struct engine *engine;
    const struct drive *drive;
    struct frame *frames; /* [threads] */
    int threads, batch, batches;
    int done; /* images */
    struct arena arena;
};

static bool stopped(const struct engine_request *request) {
    return request->stop != NULL && atomic_load(request->stop);
}

static enum status crew_create(const struct engine *engine, const struct drive *drive,
                               struct crew *crew, struct diagnostic *diag) {
    const struct program *p = &engine->program;
    const struct engine_request *request = drive->request;
    *crew = (struct crew){.engine = engine,
                          .drive = drive,
                          .threads = drive_threads(engine, request),
                          .batch = batch_of(engine, request),
                          .batches = batches_of(engine, request)};
    size_t batch = (size_t)crew->batch, scratch = program_scratch(p, crew->batch);
    crew->frames = ARENA_NEW(&crew->arena, crew->threads, struct frame);
    for (int t = 0; crew->frames != NULL && t < crew->threads; t++) {
        struct frame *frame = &crew->frames[t];
        frame->values = p->values;
        frame->kernels = p->kernels;
        frame->batch = crew->batch;
        frame->buffers = arena_alloc(&crew->arena, batch, p->buffer_bytes);
        frame->scratch = arena_alloc(&crew->arena, scratch, 1);
        if (drive->activity != NULL)
            frame->activity = activity_like(drive->activity, p->network->n_matrix, &crew->arena);
        if (frame->buffers == NULL || frame->scratch == NULL ||
            (drive->activity != NULL && frame->activity == NULL))
            crew->frames = NULL;
    }
    if (crew->frames != NULL)
        return STATUS_OK;
    arena_free(&crew->arena);
    return FAIL(diag, STATUS_MEMORY,
                "out of memory for %d threads with batches of %d images: ask for fewer",
                crew->threads, crew->batch);
}

static void run_batch(const struct crew *crew, int thread, int number) {
    const struct program *p = &crew->engine->program;
    const struct drive *drive = crew->drive;
    const struct engine_request *request = drive->request;
    struct frame *frame = &crew->frames[thread];
    int first = number * crew->batch, left = request->count - first;
    frame->images = left < crew->batch ? left : crew->batch;
    frame->first = request->first + first;
    float *input = frame_data(frame, p->input);
    size_t count = p->network->tensors[p->network->input].count;
    for (int i = 0; i < frame->images; i++)
        dataset_image(request->dataset, request->first + first + i, input + (size_t)i * count);
    void *context = drive->contexts == NULL ? NULL : drive->contexts[thread];
    program_run(p, frame, drive->observe, context);
    if (drive->finish != NULL)
        drive->finish(context, frame, first);
}

/* Takes batch after batch until none is left or the request is stopped. */
static void work(struct crew *crew, int thread, int *next) {
    const struct engine_request *request = crew->drive->request;
    for (;;) {
        int number;
#pragma omp atomic capture
        number = (*next)++;
        if (number >= crew->batches || stopped(request))
            return;
        run_batch(crew, thread, number);
#pragma omp critical(engine_progress)
        {
            crew->done += crew->frames[thread].images;
            if (request->progress != NULL)
                request->progress(request->progress_context, crew->done, request->count);
        }
    }
}

enum status drive_images(const struct engine *engine, const struct drive *drive,
                         struct diagnostic *diag) {
    struct crew crew;
    TRY(crew_create(engine, drive, &crew, diag));
    const struct network *network = engine->program.network;
    int next = 0;
#pragma omp parallel for num_threads(crew.threads) schedule(static, 1)
    for (int thread = 0; thread < crew.threads; thread++)
        work(&crew, thread, &next);
    for (int t = 0; drive->activity != NULL && t < crew.threads; t++)
        for (int i = 0; i < network->n_matrix; i++)
            engine_activity_add(&drive->activity[i], &crew.frames[t].activity[i]);
    arena_free(&crew.arena);
    if (crew.done < drive->request->count)
        return FAIL(diag, STATUS_INTERRUPTED, "interrupted after %d of %d images", crew.done,
                    drive->request->count);
    return STATUS_OK;
}
