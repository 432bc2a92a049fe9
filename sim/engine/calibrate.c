/* Calibration: the range of every float tensor, in one pass over the images, or two for a
 * percentile. Minima, maxima and counts merge in any order to the same result. */
#include <float.h>
#include <math.h>

#include "sim/engine/compile.h"
#include "sim/engine/drive.h"

enum { BINS = 2048 };

struct histogram {
    uint64_t counts[BINS];
};

/* What one thread observes. */
struct observer {
    const struct program *program;
    const int *written;              /* [n_tensors] step after which it is complete; -2: never */
    struct activation_range *ranges; /* [n_tensors] */
    const struct activation_range *whole; /* second pass: minimum and maximum over all images */
    struct histogram *histograms;         /* second pass: [n_tensors] */
};

enum { BEFORE_STEPS = -1, NEVER = -2 };

/* After which step each float activation is complete: the last that writes its buffer. */
static void find_written(const struct program *p, int *written) {
    for (int t = 0; t < p->network->n_tensors; t++) {
        int value = p->value_of_tensor[t];
        written[t] = NEVER;
        if (value < 0 || p->values[value].constant != NULL ||
            p->network->tensors[t].type != TENSOR_FLOAT)
            continue;
        written[t] = BEFORE_STEPS;
        for (int s = 0; s < p->n_steps; s++)
            if (p->values[p->steps[s].output].root == p->values[value].root)
                written[t] = s;
    }
}

static void count_bins(const float *x, size_t n, struct activation_range range,
                       struct histogram *histogram) {
    float per_unit = (float)BINS / (range.high - range.low);
    if (!(range.high > range.low) || !isfinite(per_unit) || per_unit == 0.0F)
        return;
    for (size_t i = 0; i < n; i++) {
        float bin = (x[i] - range.low) * per_unit;
        histogram->counts[bin >= BINS ? BINS - 1 : bin > 0.0F ? (int)bin : 0]++;
    }
}

static void observe(void *context, const struct frame *frame, int step) {
    const struct observer *o = context;
    const struct network *network = o->program->network;
    for (int t = 0; t < network->n_tensors; t++) {
        if (o->written[t] != step)
            continue;
        const float *x = frame_data(frame, o->program->value_of_tensor[t]);
        size_t n = network->tensors[t].count * (size_t)frame->images;
        if (o->histograms != NULL)
            count_bins(x, n, o->whole[t], &o->histograms[t]);
        else
            o->program->kernels->range(x, n, &o->ranges[t].low, &o->ranges[t].high);
    }
}

/* The observers of all threads; `n` of them. */
struct panel {
    struct observer *observers;
    void **contexts;
    int n;
    struct arena arena;
};

static enum status panel_create(const struct engine *engine, const struct engine_request *request,
                                struct panel *panel, struct diagnostic *diag) {
    const struct program *p = &engine->program;
    int n_tensors = p->network->n_tensors;
    *panel = (struct panel){.n = drive_threads(engine, request)};
    panel->observers = ARENA_NEW(&panel->arena, panel->n, struct observer);
    panel->contexts = ARENA_NEW(&panel->arena, panel->n, void *);
    int *written = ARENA_NEW(&panel->arena, n_tensors, int);
    if (panel->observers == NULL || panel->contexts == NULL || written == NULL)
        return FAIL_MEMORY(diag, "calibration");
    find_written(p, written);
    for (int i = 0; i < panel->n; i++) {
        struct activation_range *ranges =
            ARENA_NEW(&panel->arena, n_tensors, struct activation_range);
        if (ranges == NULL)
            return FAIL_MEMORY(diag, "calibration");
        for (int t = 0; t < n_tensors; t++)
            ranges[t] = (struct activation_range){INFINITY, -INFINITY};
        panel->observers[i] = (struct observer){p, written, ranges, NULL, NULL};
        panel->contexts[i] = &panel->observers[i];
    }
    return STATUS_OK;
}

static enum status merge_ranges(const struct panel *panel, struct activation_range *ranges,
                                struct diagnostic *diag) {
    const struct network *network = panel->observers[0].program->network;
    for (int t = 0; t < network->n_tensors; t++) {
        struct activation_range all = {INFINITY, -INFINITY};
        for (int i = 0; i < panel->n; i++) {
            struct activation_range one = panel->observers[i].ranges[t];
            all.low = fminf(all.low, one.low);
            all.high = fmaxf(all.high, one.high);
        }
        bool seen = panel->observers[0].written[t] != NEVER;
        ranges[t] = seen ? all : (struct activation_range){0.0F, 0.0F};
        if (!isfinite(ranges[t].low) || !isfinite(ranges[t].high))
            return FAIL(diag, STATUS_USAGE,
                        "%s: tensor '%s' takes values that are not finite: check the model and the "
                        "normalisation of its input",
                        network->path, network->tensors[t].name);
    }
    return STATUS_OK;
}

static uint64_t count_at(const struct panel *panel, int tensor, int bin) {
    uint64_t count = 0;
    for (int i = 0; i < panel->n; i++)
        count += panel->observers[i].histograms[tensor].counts[bin];
    return count;
}

/* Moves both ends of the range inwards over whole bins, as long as no more than the share allowed
 * is left out on each side. */
static void trim(const struct panel *panel, int tensor, double percentile,
                 struct activation_range *range) {
    uint64_t total = 0, out_low = 0, out_high = 0;
    for (int b = 0; b < BINS; b++)
        total += count_at(panel, tensor, b);
    double allowed = (double)total * (100.0 - percentile) / 200.0;
    int low = 0, high = BINS;
    while (low < BINS - 1 && (double)(out_low + count_at(panel, tensor, low)) <= allowed)
        out_low += count_at(panel, tensor, low++);
    while (high - 1 > low && (double)(out_high + count_at(panel, tensor, high - 1)) <= allowed)
        out_high += count_at(panel, tensor, --high);
    double width = ((double)range->high - (double)range->low) / BINS, start = range->low;
    range->low = (float)(start + low * width);
    range->high = high == BINS ? range->high : (float)(start + high * width);
}

static enum status second_pass(const struct engine *engine, const struct drive *drive,
                               struct panel *panel, double percentile,
                               struct activation_range *ranges, struct diagnostic *diag) {
    int n_tensors = engine->program.network->n_tensors;
    for (int i = 0; i < panel->n; i++) {
        panel->observers[i].whole = ranges;
        panel->observers[i].histograms = ARENA_NEW(&panel->arena, n_tensors, struct histogram);
        if (panel->observers[i].histograms == NULL)
            return FAIL_MEMORY(diag, "the histograms of calibration");
    }
    TRY(drive_images(engine, drive, diag));
    for (int t = 0; t < n_tensors; t++)
        if (ranges[t].high > ranges[t].low)
            trim(panel, t, percentile, &ranges[t]);
    return STATUS_OK;
}

enum status engine_calibrate(const struct engine *engine, const struct engine_request *request,
                             double percentile, struct activation_range *ranges,
                             struct diagnostic *diag) {
    const struct network *network = engine->program.network;
    TRY(drive_check(engine, request, diag));
    if (network->quantised)
        return FAIL(diag, STATUS_USAGE, "%s: a quantised network needs no calibration",
                    network->path);
    if (request->count < 1)
        return FAIL(diag, STATUS_USAGE, "calibration needs at least one image");
    struct panel panel;
    enum status status = panel_create(engine, request, &panel, diag);
    struct drive drive = {.request = request, .observe = observe, .contexts = panel.contexts};
    if (status == STATUS_OK)
        status = drive_images(engine, &drive, diag);
    if (status == STATUS_OK)
        status = merge_ranges(&panel, ranges, diag);
    if (status == STATUS_OK && percentile < 100.0)
        status = second_pass(engine, &drive, &panel, percentile, ranges, diag);
    arena_free(&panel.arena);
    return status;
}
