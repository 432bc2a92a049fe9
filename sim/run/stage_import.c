/* First stages: model and data files, and for a float model the calibration that quantises it. */
#include <string.h>

#include "sim/run/products.h"

enum status network_image_shape(const struct network *network, int shape[3],
                                struct diagnostic *diag) {
    const struct tensor *input = &network->tensors[network->input];
    if (input->rank < 2 || input->rank > 4)
        return FAIL(diag, STATUS_USAGE,
                    "%s: input %s has %d dimensions; images need 2 to 4 (batch, channels, height, "
                    "width)",
                    network->path, input->name, input->rank);
    int missing = 4 - input->rank; /* channels, then height, are 1 where the model has none */
    for (int i = 0; i < 3; i++)
        shape[i] = i < missing ? 1 : input->shape[i - missing + 1];
    return STATUS_OK;
}

int network_classes(const struct network *network) {
    return (int)network->tensors[network->output].count;
}

/* A QDQ model's resolutions are its own: asking for others must not be ignored in silence. */
static enum status check_model_bits(const struct evaluation *evaluation, int index,
                                    struct diagnostic *diag) {
    const struct network *network = &evaluation->result->network;
    const struct matrix_layer *layer = &network->matrix[index];
    struct quantization_options options;
    TRY(config_get_layer(evaluation->config, "quantization", layer->name, &options, diag));
    if (options.weight_bits != QUANTIZATION_MODEL && options.weight_bits != layer->weight_bits)
        return FAIL(diag, STATUS_USAGE,
                    "quantization.weight_bits is %d (%s), but layer %s of %s is quantised to %d "
                    "bits already: leave it out, or give the float model",
                    options.weight_bits,
                    config_origin(evaluation->config, "quantization", "weight_bits"), layer->name,
                    network->path, layer->weight_bits);
    if (options.weights != WEIGHTS_UNIFORM)
        return FAIL(diag, STATUS_USAGE,
                    "quantization.weights is set (%s), but layer %s of %s is quantised already: "
                    "leave it out, or give the float model",
                    config_origin(evaluation->config, "quantization", "weights"), layer->name,
                    network->path);
    if (options.activation_bits != QUANTIZATION_MODEL &&
        options.activation_bits != layer->input.bits)
        return FAIL(diag, STATUS_USAGE,
                    "quantization.activation_bits is %d (%s), but the input of layer %s of %s has "
                    "%d bits already: leave it out, or give the float model",
                    options.activation_bits,
                    config_origin(evaluation->config, "quantization", "activation_bits"),
                    layer->name, network->path, layer->input.bits);
    return STATUS_OK;
}

enum status run_check_layers(const struct config *config, const struct network *network,
                             struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int count = network->quantised ? network->n_matrix : network->n_linear;
    if (count == 0)
        return FAIL(diag, STATUS_USAGE,
                    "%s has no convolution or matrix product with constant weights: nothing to put "
                    "on crossbars",
                    network->path);
    const char **names = ARENA_NEW(&arena, count, const char *);
    for (int i = 0; names != NULL && i < count; i++)
        names[i] = network->quantised ? network->matrix[i].name : network->linear[i].name;
    enum status status = names != NULL ? config_check_layers(config, names, (size_t)count, diag)
                                       : FAIL_MEMORY(diag, "the names of layers");
    arena_free(&arena);
    return status;
}

/* Which images of the dataset a network reads. */
struct image_request {
    const struct dataset_options *options;
    enum dataset_part part;
    int shape[3], classes;
};

static enum status make_images(void *context, void *value, struct diagnostic *diag) {
    const struct image_request *request = context;
    return dataset_load(request->options, request->part, request->shape, request->classes, value,
                        diag);
}

static enum status take_images(struct evaluation *evaluation, enum product product,
                               const struct network *network, struct image_request *request,
                               struct run_key *key, const struct dataset **images,
                               struct diagnostic *diag) {
    const void *value;
    TRY(network_image_shape(network, request->shape, diag));
    request->classes = network_classes(network);
    *key = run_key_of(&run_products[product], evaluation->config);
    run_key_bytes(key, request->shape, sizeof request->shape);
    run_key_number(key, request->classes);
    if (request->part == DATASET_CALIBRATION)
        run_key_number(key, request->options->calibration_count);
    TRY(evaluation_take(evaluation, product, key, make_images, request, &value, diag));
    *images = value;
    return STATUS_OK;
}

static enum status load_test_images(struct evaluation *evaluation, const struct network *network,
                                    struct diagnostic *diag) {
    const struct dataset_options *options = config_get(evaluation->config, "dataset");
    struct image_request request = {.options = options, .part = DATASET_TEST};
    const struct dataset *images;
    TRY(take_images(evaluation, PRODUCT_TEST, network, &request, &evaluation->test_key, &images,
                    diag));
    evaluation->test = *images;
    if (evaluation->test.labels == NULL)
        return FAIL(diag, STATUS_USAGE,
                    "accuracy needs the labels of %s: set dataset.labels (or run.accuracy=false)",
                    options->images);
    return STATUS_OK;
}

static enum status make_model(void *context, void *value, struct diagnostic *diag) {
    const struct network_options *options = context;
    return network_import_as(options->model, (enum network_as)options->as, value, diag);
}

enum status stage_import(struct evaluation *evaluation, struct diagnostic *diag) {
    const struct network_options *options = config_get(evaluation->config, "network");
    const void *value;
    TRY(check_baseline(evaluation, diag));
    evaluation->network_key = run_key_of(&run_products[PRODUCT_MODEL], evaluation->config);
    TRY(evaluation_take(evaluation, PRODUCT_MODEL, &evaluation->network_key, make_model,
                        (void *)options, &value, diag));
    const struct network *imported = value;
    bool quantised = imported->quantised;
    evaluation->result->float_model = !quantised;
    struct network *home = quantised ? &evaluation->result->network : &evaluation->float_network;
    *home = *imported;

    TRY(run_check_layers(evaluation->config, home, diag));
    for (int i = 0; quantised && i < home->n_matrix; i++)
        TRY(check_model_bits(evaluation, i, diag));
    const struct dataset_options *dataset = config_get(evaluation->config, "dataset");
    if (!quantised && dataset->calibration == NULL && evaluation->options->accuracy)
        return FAIL(diag, STATUS_USAGE,
                    "%s is a float model: set dataset.calibration to a file of images to quantise "
                    "it with (training images, never test images), or run.accuracy=false",
                    home->path);
    if (evaluation->options->accuracy && evaluation->options->predictions != NULL)
        TRY(file_check_writable(evaluation->options->predictions, diag));
    if (evaluation->options->accuracy)
        TRY(load_test_images(evaluation, home, diag));
    return gather_contents(evaluation, diag);
}

/* Sets have a few images in common where their makers did not look: only more than half of either
 * is a mistake of the configuration. */
struct overlap {
    const struct dataset_options *options;
    const struct dataset *test, *images;
};

static enum status check_overlap(void *context, void *value, struct diagnostic *diag) {
    (void)value;
    const struct dataset_options *options = ((const struct overlap *)context)->options;
    const struct dataset *test = ((const struct overlap *)context)->test;
    const struct dataset *images = ((const struct overlap *)context)->images;
    int shared = 0, fewer = test->count < images->count ? test->count : images->count;
    TRY(dataset_overlap(test, images, &shared, diag));
    if (shared <= fewer / 2)
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE,
                "%d of the %d calibration images of %s are test images: set dataset.calibration to "
                "training images, or dataset.offset to test on others",
                shared, images->count, options->calibration);
}

enum status take_calibration(struct evaluation *evaluation, const struct network *network,
                             int count, const struct dataset **images, struct diagnostic *diag) {
    struct dataset_options options =
        *(const struct dataset_options *)config_get(evaluation->config, "dataset");
    struct image_request request = {.options = &options, .part = DATASET_CALIBRATION};
    const void *nothing;
    if (options.calibration_count > count)
        options.calibration_count = count;
    TRY(take_images(evaluation, PRODUCT_CALIBRATION, network, &request,
                    &evaluation->calibration_key, images, diag));
    struct overlap overlap = {&options, &evaluation->test, *images};
    struct run_key key = run_key_of(&run_products[PRODUCT_OVERLAP], evaluation->config);
    run_key_add(&key, &evaluation->test_key);
    run_key_add(&key, &evaluation->calibration_key);
    return evaluation_take(evaluation, PRODUCT_OVERLAP, &key, check_overlap, &overlap, &nothing,
                           diag);
}

enum status layer_weight_format(const struct config *config, const char *layer,
                                struct weight_format *format, struct diagnostic *diag) {
    struct quantization_options options;
    struct diagnostic why = {0};
    TRY(config_get_layer(config, "quantization", layer, &options, diag));
    enum status status = network_weight_format(&options, format, &why);
    return status == STATUS_OK ? status : FAIL(diag, status, "layer %s: %s", layer, why.message);
}

enum status run_weight_formats(const struct config *config, const struct network *network,
                               struct weight_format *formats, struct diagnostic *diag) {
    for (int i = 0; i < network->n_linear; i++)
        TRY(layer_weight_format(config, network->linear[i].name, &formats[i], diag));
    return STATUS_OK;
}

/* Quantises the float network with the ranges seen over `images`. */
static enum status quantise_with(struct evaluation *evaluation, const struct dataset *images,
                                 const struct engine *engine, const struct weight_format *formats,
                                 struct network *quantised, struct diagnostic *diag) {
    const struct network *network = &evaluation->float_network;
    const struct quantization_options *options = config_get(evaluation->config, "quantization");
    struct arena arena = ARENA_INIT;
    struct activation_range *ranges =
        ARENA_NEW(&arena, network->n_tensors, struct activation_range);
    struct engine_request request = {
        .dataset = images,
        .count = evaluation->hooks->check_only ? 1 : images->count,
        .threads = evaluation->threads,
        .progress = evaluation_progress,
        .progress_context = evaluation,
        .stop = evaluation->hooks->stop,
    };
    enum status status = ranges != NULL ? STATUS_OK : FAIL_MEMORY(diag, "activation ranges");
    if (status == STATUS_OK)
        status = engine_calibrate(engine, &request, options->percentile, ranges, diag);
    if (status == STATUS_OK)
        status = network_quantise(network, ranges, options, formats, quantised, diag);
    arena_free(&arena);
    return status;
}

/* What a float network is quantised by. */
struct quantiser {
    struct evaluation *evaluation;
    const struct dataset *images; /* NULL: by its weights alone */
};

static enum status make_quantised(void *context, void *value, struct diagnostic *diag) {
    const struct quantiser *quantiser = context;
    struct evaluation *evaluation = quantiser->evaluation;
    const struct network *network = &evaluation->float_network;
    struct arena arena = ARENA_INIT;
    struct engine *engine = NULL;
    struct weight_format *formats = ARENA_NEW(&arena, network->n_linear, struct weight_format);
    enum status status = formats != NULL ? STATUS_OK : FAIL_MEMORY(diag, "formats of weights");
    if (status == STATUS_OK)
        status = run_weight_formats(evaluation->config, network, formats, diag);
    if (status == STATUS_OK && quantiser->images == NULL)
        status = network_quantise_weights(network, config_get(evaluation->config, "quantization"),
                                          formats, value, diag);
    if (status == STATUS_OK && quantiser->images != NULL)
        status = engine_create(network, NULL, NULL, &engine, diag);
    if (status == STATUS_OK && quantiser->images != NULL)
        status = quantise_with(evaluation, quantiser->images, engine, formats, value, diag);
    engine_free(engine);
    arena_free(&arena);
    return status;
}

enum status stage_calibrate(struct evaluation *evaluation, struct diagnostic *diag) {
    if (!evaluation->result->float_model)
        return STATUS_OK;
    const struct dataset_options *dataset = config_get(evaluation->config, "dataset");
    struct quantiser quantiser = {.evaluation = evaluation};
    struct run_key key = run_key_of(&run_products[PRODUCT_QUANTISED], evaluation->config);
    const void *value;
    evaluation->float_key = evaluation->network_key;
    run_key_add(&key, &evaluation->network_key);
    run_key_number(&key, evaluation->hooks->check_only);
    if (dataset->calibration != NULL) { /* without accuracy there may be none: stage_import */
        TRY(take_calibration(evaluation, &evaluation->float_network, dataset->calibration_count,
                             &quantiser.images, diag));
        run_key_add(&key, &evaluation->calibration_key);
    }
    TRY(evaluation_take(evaluation, PRODUCT_QUANTISED, &key, make_quantised, &quantiser, &value,
                        diag));
    evaluation->result->network = *(const struct network *)value;
    evaluation->network_key = key;
    return STATUS_OK;
}
