/* Stages that run the test images: float, ideal, crossbars. */
#include <math.h>
#include <stdlib.h>

#include "sim/run/run_internal.h"

static bool runs_images(const struct evaluation *evaluation) {
    return evaluation->options->accuracy && !evaluation->hooks->check_only;
}

/* True where every converter gives every sum back: then crossbars are ideal arithmetic. */
static bool all_lossless(const struct run_result *result) {
    for (int i = 0; i < result->mapping.n_layers; i++)
        if (!result->layers[i].lossless)
            return false;
    return true;
}

/* Classes of all test images by one network, through crossbars where `mapping` is given. */
static enum status classify(struct evaluation *evaluation, const struct network *network,
                            const struct mapping *mapping, struct engine_result *outputs,
                            struct diagnostic *diag) {
    struct engine *engine = NULL;
    struct engine_request request = {
        .dataset = &evaluation->test,
        .count = evaluation->test.count,
        .threads = evaluation->threads,
        .progress = evaluation_progress,
        .progress_context = evaluation,
        .stop = evaluation->hooks->stop,
        .measure_activity = outputs->activity != NULL,
    };
    enum status status = engine_create(
        network, mapping, mapping != NULL ? evaluation->result->layers : NULL, &engine, diag);
    if (status == STATUS_OK)
        status = engine_run(engine, &request, outputs, diag);
    engine_free(engine);
    return status;
}

static int count_equal(const int32_t *a, const int32_t *b, int count) {
    int equal = 0;
    for (int i = 0; i < count; i++)
        equal += a[i] == b[i];
    return equal;
}

/* Runs one network without crossbars and counts its correct classes. */
static enum status count_correct(struct evaluation *evaluation, const struct network *network,
                                 int32_t *classes, int *correct, struct diagnostic *diag) {
    struct engine_result outputs = {.classes = classes};
    TRY(classify(evaluation, network, NULL, &outputs, diag));
    *correct = count_equal(classes, evaluation->test.labels, evaluation->test.count);
    return STATUS_OK;
}

static enum status allocate_classes(struct evaluation *evaluation, int32_t **classes,
                                    struct diagnostic *diag) {
    *classes = ARENA_NEW(&evaluation->result->arena, evaluation->test.count, int32_t);
    return *classes != NULL ? STATUS_OK : FAIL_MEMORY(diag, "predicted classes");
}

enum status stage_float(struct evaluation *evaluation, struct diagnostic *diag) {
    if (!runs_images(evaluation) || !evaluation->result->float_model)
        return STATUS_OK;
    int32_t *classes;
    TRY(allocate_classes(evaluation, &classes, diag));
    return count_correct(evaluation, &evaluation->float_network, classes,
                         &evaluation->result->accuracy.correct_float, diag);
}

enum status stage_ideal(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    if (!runs_images(evaluation) || all_lossless(result))
        return STATUS_OK;
    TRY(allocate_classes(evaluation, &result->ideal_classes, diag));
    return count_correct(evaluation, &result->network, result->ideal_classes,
                         &result->accuracy.correct_ideal, diag);
}

enum status stage_simulate(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    if (!runs_images(evaluation))
        return STATUS_OK;
    TRY(allocate_classes(evaluation, &result->classes, diag));
    result->activity = ARENA_NEW(&result->arena, result->mapping.n_layers, struct layer_activity);
    if (result->activity == NULL)
        return FAIL_MEMORY(diag, "activity of layers");
    struct engine_result outputs = {.classes = result->classes, .activity = result->activity};
    TRY(classify(evaluation, &result->network, &result->mapping, &outputs, diag));

    struct run_accuracy *accuracy = &result->accuracy;
    accuracy->images = evaluation->test.count;
    accuracy->classes = network_classes(&result->network);
    accuracy->correct = count_equal(result->classes, evaluation->test.labels, accuracy->images);
    if (result->ideal_classes == NULL) { /* the crossbars were the ideal */
        accuracy->correct_ideal = accuracy->correct;
    } else {
        accuracy->differing = accuracy->images -
                              count_equal(result->classes, result->ideal_classes, accuracy->images);
    }
    run_wilson_interval(accuracy->correct, accuracy->images, &accuracy->low, &accuracy->high);
    if (evaluation->options->predictions == NULL)
        return STATUS_OK;
    return npy_write_int32(evaluation->options->predictions, result->classes,
                           (size_t)accuracy->images, diag);
}

/* E. B. Wilson, J. Am. Stat. Assoc. 22 (1927): the score interval, sound near 0 and 1 too. */
void run_wilson_interval(int correct, int images, double *low, double *high) {
    const double z = 1.959963984540054; /* two-sided 95 % of the normal distribution */
    double n = images, p = correct / n;
    double centre = p + z * z / (2 * n);
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 1 + z * z / n;
    *low = fmax(0, (centre - half) / scale);
    *high = fmin(1, (centre + half) / scale);
}
