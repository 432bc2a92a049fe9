/* Stages that run the test images: float, ideal, crossbars. */
#include <limits.h>

#include "sim/run/run_internal.h"

static bool runs_images(const struct evaluation *evaluation) {
    return evaluation->options->accuracy && !evaluation->hooks->check_only;
}

/* True where every converter gives every sum back, and nothing errs: then crossbars are ideal
 * arithmetic. */
static bool all_exact(const struct run_result *result) {
    for (int i = 0; i < result->mapping.n_layers; i++)
        if (!result->layers[i].lossless || result->layers[i].analog != NULL)
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
    if (!runs_images(evaluation) || !evaluation->result->float_model ||
        evaluation->hooks->skip_float)
        return STATUS_OK;
    int32_t *classes;
    TRY(allocate_classes(evaluation, &classes, diag));
    return count_correct(evaluation, &evaluation->float_network, classes,
                         &evaluation->result->accuracy.correct_float, diag);
}

enum status stage_ideal(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    if (!runs_images(evaluation) || all_exact(result))
        return STATUS_OK;
    TRY(allocate_classes(evaluation, &result->ideal_classes, diag));
    return count_correct(evaluation, &result->network, result->ideal_classes,
                         &result->accuracy.correct_ideal, diag);
}

/* One evaluation with the draws of `evaluation->trial`; its activity is added to the result's. */
static enum status run_trial(struct evaluation *evaluation, struct layer_activity *activity,
                             struct run_trial *trial, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    int images = evaluation->test.count, n = result->mapping.n_layers;
    int32_t *classes = result->classes + (size_t)evaluation->trial * (size_t)images;
    struct engine_result outputs = {.classes = classes, .activity = activity};
    for (int i = 0; i < n; i++)
        result->devices[i].analog.trial = (uint64_t)evaluation->trial;
    TRY(classify(evaluation, &result->network, &result->mapping, &outputs, diag));
    for (int i = 0; i < n; i++) {
        result->activity[i].digits += activity[i].digits;
        result->activity[i].digits_nonzero += activity[i].digits_nonzero;
        result->activity[i].digit_sum += activity[i].digit_sum;
        result->activity[i].ones += activity[i].ones;
    }
    trial->correct = count_equal(classes, evaluation->test.labels, images);
    if (result->ideal_classes != NULL)
        trial->differing = images - count_equal(classes, result->ideal_classes, images);
    return STATUS_OK;
}

/* Everything but the network, its mapping and the ideal pass is made anew for each trial. */
static enum status run_trials(struct evaluation *evaluation, struct run_trial *trials,
                              struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    size_t n = (size_t)result->mapping.n_layers;
    result->activity = ARENA_NEW(&result->arena, n, struct layer_activity);
    struct layer_activity *activity = ARENA_NEW(&result->arena, n, struct layer_activity);
    if (result->activity == NULL || activity == NULL)
        return FAIL_MEMORY(diag, "activity of layers");
    for (int i = 0; i < evaluation->trials; i++) {
        evaluation->trial = i;
        TRY(run_trial(evaluation, activity, &trials[i], diag));
    }
    return STATUS_OK;
}

static enum status write_predictions(const struct evaluation *evaluation, struct diagnostic *diag) {
    const struct run_accuracy *accuracy = &evaluation->result->accuracy;
    if (evaluation->options->predictions == NULL)
        return STATUS_OK;
    return npy_write_int32(evaluation->options->predictions, evaluation->result->classes,
                           (size_t)accuracy->trials, (size_t)accuracy->images, diag);
}

enum status stage_simulate(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    struct run_accuracy *accuracy = &result->accuracy;
    if (!runs_images(evaluation))
        return STATUS_OK;
    int images = evaluation->test.count, n = result->random ? evaluation->options->trials : 1;
    if (images > INT_MAX / n)
        return FAIL(diag, STATUS_USAGE,
                    "%d images in %d trials are more than mho counts: lower dataset.count or "
                    "run.trials",
                    images, n);
    struct run_trial *trials = ARENA_NEW(&result->arena, n, struct run_trial);
    result->classes = ARENA_NEW(&result->arena, (size_t)n * (size_t)images, int32_t);
    if (trials == NULL || result->classes == NULL)
        return FAIL_MEMORY(diag, "predicted classes");
    evaluation->trials = n;
    TRY(run_trials(evaluation, trials, diag));
    evaluation->trial = 0; /* later stages know no trials */
    evaluation->trials = 1;

    accuracy->images = images;
    accuracy->classes = network_classes(&result->network);
    accuracy->trial = trials;
    accuracy->trials = n;
    if (result->ideal_classes == NULL) /* the crossbars were the ideal */
        accuracy->correct_ideal = trials[0].correct;
    run_summarise_trials(accuracy);
    return write_predictions(evaluation, diag);
}
