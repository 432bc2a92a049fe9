/* Stages that run the test images: float, ideal, crossbars. */
#include <limits.h>

#include "sim/run/products.h"

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

/* A network without crossbars, and its correct classes. */
struct plain_request {
    struct evaluation *evaluation;
    const struct network *network;
};

static enum status make_classified(void *context, void *value, struct diagnostic *diag) {
    struct evaluation *evaluation = ((struct plain_request *)context)->evaluation;
    const struct dataset *test = &evaluation->test;
    struct classified *made = value;
    made->classes = ARENA_NEW(&made->arena, test->count, int32_t);
    struct engine_result outputs = {.classes = made->classes};
    enum status status =
        made->classes != NULL
            ? classify(evaluation, ((struct plain_request *)context)->network, NULL, &outputs, diag)
            : FAIL_MEMORY(diag, "predicted classes");
    if (status == STATUS_OK)
        made->correct = count_equal(made->classes, test->labels, test->count);
    else
        arena_free(&made->arena);
    return status;
}

static enum status take_classified(struct evaluation *evaluation, enum product product,
                                   const struct network *network, const struct run_key *network_key,
                                   const struct classified **classified, struct diagnostic *diag) {
    struct plain_request request = {evaluation, network};
    struct run_key key = run_key_of(&run_products[product], evaluation->config);
    const void *value;
    run_key_add(&key, network_key);
    run_key_add(&key, &evaluation->test_key);
    TRY(evaluation_take(evaluation, product, &key, make_classified, &request, &value, diag));
    *classified = value;
    return STATUS_OK;
}

enum status stage_float(struct evaluation *evaluation, struct diagnostic *diag) {
    const struct classified *classified;
    if (!runs_images(evaluation) || !evaluation->result->float_model ||
        !evaluation->options->float_accuracy)
        return STATUS_OK;
    TRY(take_classified(evaluation, PRODUCT_FLOAT, &evaluation->float_network,
                        &evaluation->float_key, &classified, diag));
    evaluation->result->accuracy.correct_float = classified->correct;
    return STATUS_OK;
}

enum status stage_ideal(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct classified *classified;
    if (!runs_images(evaluation) || all_exact(result))
        return STATUS_OK;
    TRY(take_classified(evaluation, PRODUCT_IDEAL, &result->network, &evaluation->network_key,
                        &classified, diag));
    result->ideal_classes = classified->classes;
    result->accuracy.correct_ideal = classified->correct;
    return STATUS_OK;
}

/* One evaluation with the draws of `evaluation->trial`; its activity is added to the sum. */
static enum status run_trial(struct evaluation *evaluation, struct layer_activity *activity,
                             struct simulated *made, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    int images = evaluation->test.count, n = result->mapping.n_layers;
    int32_t *classes = made->classes + (size_t)evaluation->trial * (size_t)images;
    struct run_trial *trial = &made->trials[evaluation->trial];
    struct engine_result outputs = {.classes = classes, .activity = activity};
    for (int i = 0; i < n; i++)
        result->devices[i].analog.trial = (uint64_t)evaluation->trial;
    TRY(classify(evaluation, &result->network, &result->mapping, &outputs, diag));
    for (int i = 0; i < n; i++)
        engine_activity_add(&made->activity[i], &activity[i]);
    trial->correct = count_equal(classes, evaluation->test.labels, images);
    if (result->ideal_classes != NULL)
        trial->differing = images - count_equal(classes, result->ideal_classes, images);
    return STATUS_OK;
}

/* Everything but the network, its mapping and the ideal pass is made anew for each trial. */
static enum status run_trials(struct evaluation *evaluation, struct simulated *made,
                              struct diagnostic *diag) {
    const struct mapping *mapping = &evaluation->result->mapping;
    size_t images = (size_t)evaluation->test.count, n = (size_t)evaluation->trials;
    struct layer_activity *activity = engine_activity(mapping, &made->arena);
    made->activity = engine_activity(mapping, &made->arena);
    made->trials = ARENA_NEW(&made->arena, n, struct run_trial);
    made->classes = ARENA_NEW(&made->arena, n * images, int32_t);
    if (activity == NULL || made->activity == NULL || made->trials == NULL || made->classes == NULL)
        return FAIL_MEMORY(diag, "predicted classes");
    for (int i = 0; i < evaluation->trials; i++) {
        evaluation->trial = i;
        TRY(run_trial(evaluation, activity, made, diag));
    }
    return STATUS_OK;
}

static enum status make_simulated(void *context, void *value, struct diagnostic *diag) {
    struct simulated *made = value;
    enum status status = run_trials(context, made, diag);
    if (status != STATUS_OK)
        arena_free(&made->arena);
    return status;
}

/* What a converter does to sums, as far as it does anything. */
static void add_converter(struct run_key *key, const struct engine_layer *layer) {
    bool exact = layer->lossless && layer->analog == NULL;
    run_key_number(key, exact);
    if (exact)
        return;
    run_key_number(key, layer->lossless);
    run_key_number(key, layer->adc_bits);
    run_key_number(key, layer->choice);
    run_key_number(key, layer->choice == ADC_TRANSFER_FULL_RANGE ? layer->bound : 0);
    if (layer->fit != NULL) {
        run_key_number(key, layer->fit->fraction_bits);
        run_key_bytes(key, layer->fit->levels,
                      sizeof *layer->fit->levels << (unsigned)layer->fit->bits);
    }
    if (layer->analog != NULL)
        run_key_number(key, layer->analog->columns_per_adc);
}

/* Cells and errors of converters count where some layer is not ideal; seeds where they are drawn.
 */
static struct run_key simulated_key(const struct evaluation *evaluation) {
    static const char *const drawn[] = {"run.seed"};
    const struct run_result *result = evaluation->result;
    struct run_key key = {{0, 0}};
    bool analog = false;
    for (int i = 0; i < result->mapping.n_layers; i++)
        analog = analog || result->layers[i].analog != NULL;
    if (analog)
        key = run_key_of(&run_products[PRODUCT_SIMULATED], evaluation->config);
    if (result->random)
        run_key_fields(&key, evaluation->config, drawn, 1);
    run_key_add(&key, &evaluation->mapping_key);
    run_key_add(&key, &evaluation->test_key);
    run_key_number(&key, evaluation->trials);
    for (int i = 0; i < result->mapping.n_layers; i++)
        add_converter(&key, &result->layers[i]);
    return key;
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
    const void *value;
    if (!runs_images(evaluation))
        return STATUS_OK;
    int images = evaluation->test.count, n = result->random ? evaluation->options->trials : 1;
    if (images > INT_MAX / n)
        return FAIL(diag, STATUS_USAGE,
                    "%d images in %d trials are more than mho counts: lower dataset.count or "
                    "run.trials",
                    images, n);
    evaluation->trials = n;
    const struct run_key key = simulated_key(evaluation);
    TRY(evaluation_take(evaluation, PRODUCT_SIMULATED, &key, make_simulated, evaluation, &value,
                        diag));
    evaluation->trial = 0; /* later stages know no trials */
    evaluation->trials = 1;
    const struct simulated *simulated = value;
    result->classes = simulated->classes;
    result->activity = simulated->activity;

    accuracy->images = images;
    accuracy->classes = network_classes(&result->network);
    accuracy->trial = simulated->trials;
    accuracy->trials = n;
    if (result->ideal_classes == NULL) /* the crossbars were the ideal */
        accuracy->correct_ideal = simulated->trials[0].correct;
    run_summarise_trials(accuracy);
    return write_predictions(evaluation, diag);
}
