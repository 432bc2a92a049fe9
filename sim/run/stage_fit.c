/* The stage between mapping and simulation: histograms of the sums that bit lines give on
 * calibration images, converters fitted to them, and what those make of them. */
#include <math.h>
#include <string.h>

#include "sim/run/products.h"

/* The layer whose converters cannot work without a fit; NULL: none. */
static const struct mapped_layer *needs_fit(const struct run_result *result) {
    for (int i = 0; i < result->mapping.n_layers; i++)
        if (adc_is_fitted(result->layers[i].choice) && !result->layers[i].lossless)
            return &result->mapping.layers[i];
    return NULL;
}

/* Histograms to look at: wanted where details are kept and a converter loses something. */
static bool wants_histograms(const struct evaluation *evaluation) {
    const struct adc_options *adc = config_get(evaluation->config, "adc");
    const struct dataset_options *dataset = config_get(evaluation->config, "dataset");
    if (evaluation->options->detail == RUN_TOTALS || dataset->calibration == NULL ||
        adc->calibration_images == 0)
        return false;
    for (int i = 0; i < evaluation->result->mapping.n_layers; i++)
        if (!evaluation->result->layers[i].lossless)
            return true;
    return false;
}

static enum status check_images(const struct evaluation *evaluation,
                                const struct mapped_layer *layer, struct diagnostic *diag) {
    const struct adc_options *adc = config_get(evaluation->config, "adc");
    const struct dataset_options *dataset = config_get(evaluation->config, "dataset");
    const char *name = layer->layer->name;
    if (adc->calibration_images == 0)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: adc.transfer is fitted to calibration images, and "
                    "adc.calibration_images is 0",
                    name);
    if (dataset->calibration == NULL)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: adc.transfer is fitted to calibration images: set "
                    "dataset.calibration to a file of images (training images, never test images)",
                    name);
    return STATUS_OK;
}

struct histogram_request {
    struct evaluation *evaluation;
    const struct dataset *images;
};

static enum status make_histograms(void *context, void *value, struct diagnostic *diag) {
    struct evaluation *evaluation = ((struct histogram_request *)context)->evaluation;
    const struct dataset *images = ((struct histogram_request *)context)->images;
    const struct run_result *result = evaluation->result;
    struct histograms *made = value;
    const struct engine_request request = {
        .dataset = images,
        .count = images->count,
        .threads = evaluation->threads,
        .progress = evaluation_progress,
        .progress_context = evaluation,
        .stop = evaluation->hooks->stop,
    };
    made->layers = ARENA_NEW(&made->arena, result->mapping.n_layers, struct sum_histogram);
    enum status status = made->layers == NULL
                             ? FAIL_MEMORY(diag, "histograms of sums")
                             : engine_histograms(&result->network, &result->mapping, &request,
                                                 made->layers, &made->arena, diag);
    if (status != STATUS_OK)
        arena_free(&made->arena);
    return status;
}

static enum status take_histograms(struct evaluation *evaluation, const struct dataset *images,
                                   struct diagnostic *diag) {
    struct histogram_request request = {evaluation, images};
    struct run_key key = run_key_of(&run_products[PRODUCT_HISTOGRAMS], evaluation->config);
    const void *value;
    run_key_add(&key, &evaluation->mapping_key);
    run_key_add(&key, &evaluation->calibration_key);
    TRY(evaluation_take(evaluation, PRODUCT_HISTOGRAMS, &key, make_histograms, &request, &value,
                        diag));
    evaluation->result->histograms = ((const struct histograms *)value)->layers;
    return STATUS_OK;
}

static enum status fit_layer(struct evaluation *evaluation, int index, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct mapped_layer *mapped = &result->mapping.layers[index];
    struct engine_layer *layer = &result->layers[index];
    struct adc_options adc;
    if (!adc_is_fitted(layer->choice) || layer->lossless)
        return STATUS_OK;
    TRY(config_get_layer(evaluation->config, "adc", mapped->layer->name, &adc, diag));
    struct adc_fit *fit = ARENA_NEW(&result->arena, 1, struct adc_fit);
    if (fit == NULL)
        return FAIL_MEMORY(diag, "the fit of an ADC");
    TRY(adc_fit_make(layer->choice, layer->adc_bits, adc.percentile, mapped->lossless.largest_sum,
                     &result->histograms[index], &result->arena, fit, diag));
    layer->fit = fit;
    return STATUS_OK;
}

static enum status measure_layer(struct run_result *result, int index, struct diagnostic *diag) {
    const struct engine_layer *layer = &result->layers[index];
    const struct sum_histogram *histogram = &result->histograms[index];
    struct conversion_quality *quality = &result->conversions[index];
    int64_t largest_sum = result->mapping.layers[index].lossless.largest_sum;
    struct arena arena = ARENA_INIT;
    struct adc_transfer transfer;
    enum status status = layer->fit != NULL
                             ? adc_fit_transfer(layer->fit, largest_sum, &arena, &transfer, diag)
                             : adc_transfer_make(layer->choice, layer->adc_bits, largest_sum,
                                                 layer->bound, &arena, &transfer, diag);
    if (status == STATUS_OK) {
        double low, high;
        adc_resolved_range(layer->choice, layer->adc_bits, layer->fit, &low, &high);
        quality->clipping_rate = histogram_outside(histogram, low, high);
        quality->sqnr_db = histogram_sqnr_db(histogram, &transfer);
    }
    arena_free(&arena);
    return status;
}

static enum status fit_and_measure(struct evaluation *evaluation, const struct dataset *images,
                                   struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    TRY(take_histograms(evaluation, images, diag));
    result->conversions =
        ARENA_NEW(&result->arena, result->mapping.n_layers, struct conversion_quality);
    if (result->conversions == NULL)
        return FAIL_MEMORY(diag, "clipping rates");
    for (int i = 0; i < result->mapping.n_layers; i++) {
        TRY(fit_layer(evaluation, i, diag));
        TRY(measure_layer(result, i, diag));
    }
    return STATUS_OK;
}

enum status stage_fit(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct mapped_layer *layer = needs_fit(result);
    if (layer != NULL)
        TRY(check_images(evaluation, layer, diag));
    if (!evaluation->options->accuracy || (layer == NULL && !wants_histograms(evaluation)))
        return STATUS_OK;
    const struct adc_options *adc = config_get(evaluation->config, "adc");
    const struct dataset *images;
    TRY(take_calibration(evaluation, &result->network, adc->calibration_images, &images, diag));
    return evaluation->hooks->check_only ? STATUS_OK : fit_and_measure(evaluation, images, diag);
}
