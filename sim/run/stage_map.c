/* Stages without images: mapping, converters, chip and cost. */
#include <string.h>

#include "sim/run/products.h"

enum status run_cost_inputs(const struct run_result *result, struct cost_inputs *inputs,
                            struct arena *arena, struct diagnostic *diag) {
    const struct device **devices =
        ARENA_NEW(arena, result->mapping.n_layers + 1, const struct device *);
    if (devices == NULL)
        return FAIL_MEMORY(diag, "the devices of layers");
    for (int i = 0; i < result->mapping.n_layers; i++)
        devices[i] = &result->devices[i].device;
    *inputs = (struct cost_inputs){.chip = &result->chip,
                                   .network = &result->network,
                                   .mapping = &result->mapping,
                                   .layers = result->layers,
                                   .activity = result->activity,
                                   .images = result->accuracy.images,
                                   .config = result->config,
                                   .devices = devices,
                                   .plan = result->plan.chips > 0 ? &result->plan : NULL};
    return STATUS_OK;
}

static enum status estimate(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    struct cost_inputs inputs;
    TRY(run_cost_inputs(result, &inputs, &result->arena, diag));
    return cost_estimate(&inputs, &result->cost, diag);
}

static enum status balance(struct run_result *result, struct diagnostic *diag) {
    struct cost_inputs inputs;
    TRY(run_cost_inputs(result, &inputs, &result->arena, diag));
    return cost_balance(&inputs, &result->mapping, diag);
}

static enum status make_dense(void *context, void *value, struct diagnostic *diag) {
    const struct network *from = context;
    struct dense *dense = value;
    struct matrix_layer *matrix = ARENA_NEW(&dense->arena, from->n_matrix, struct matrix_layer);
    if (matrix == NULL)
        return FAIL_MEMORY(diag, "the baseline");
    memcpy(matrix, from->matrix, (size_t)from->n_matrix * sizeof *matrix);
    dense->network = *from;
    dense->network.matrix = matrix;
    enum status status = fill_zero_weights(&dense->network, &dense->arena, diag);
    if (status != STATUS_OK)
        arena_free(&dense->arena);
    return status;
}

static enum status take_dense(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_key key = run_key_of(&run_products[PRODUCT_DENSE], evaluation->config);
    const void *value;
    run_key_add(&key, &evaluation->network_key);
    TRY(evaluation_take(evaluation, PRODUCT_DENSE, &key, make_dense, &evaluation->result->network,
                        &value, diag));
    evaluation->result->network = ((const struct dense *)value)->network;
    evaluation->network_key = key;
    return STATUS_OK;
}

static enum status make_chip(void *context, void *value, struct diagnostic *diag) {
    return chip_make(context, value, diag);
}

enum status take_chip(struct evaluation *evaluation, const struct chip **chip,
                      struct diagnostic *diag) {
    struct run_key key = run_key_of(&run_products[PRODUCT_CHIP], evaluation->config);
    const void *value;
    TRY(evaluation_take(evaluation, PRODUCT_CHIP, &key, make_chip,
                        (void *)config_get(evaluation->config, "chip"), &value, diag));
    *chip = value;
    return STATUS_OK;
}

static enum status place(struct run_result *result, struct diagnostic *diag) {
    struct cost_inputs inputs;
    TRY(run_cost_inputs(result, &inputs, &result->arena, diag));
    return cost_place(&inputs, &result->arena, &result->plan, &result->placing, diag);
}

enum status stage_map(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    if (evaluation->fill_zeros)
        TRY(take_dense(evaluation, diag));
    TRY(count_storage(evaluation, diag));
    TRY(take_mapping(evaluation, diag));
    result->layers = ARENA_NEW(&result->arena, result->mapping.n_layers, struct engine_layer);
    if (result->layers == NULL)
        return FAIL_MEMORY(diag, "layers");
    const struct chip_options *options = config_get(evaluation->config, "chip");
    const struct chip *chip;
    TRY(take_chip(evaluation, &chip, diag)); /* without costs it says who shares an ADC */
    result->chip = *chip;
    if (evaluation->sizes != NULL) {
        TRY(make_devices(evaluation, diag));
        TRY(choose_sizes(evaluation, diag));
    }
    TRY(run_resolve_converters(evaluation->config, &result->mapping, result->layers, diag));
    TRY(make_devices(evaluation, diag));
    TRY(balance(result, diag));
    if (!evaluation->options->cost)
        return STATUS_OK;
    if (options->timing == TIMING_EVENT)
        TRY(pipeline_events_check(&result->chip, diag));
    TRY(place(result, diag));
    if (options->timing == TIMING_EVENT && result->plan.reload)
        return FAIL(diag, STATUS_USAGE,
                    "chip.timing=event knows of no reloading, and the network takes %ld passes: "
                    "set chip.timing=analytic, or chip.overflow=chips",
                    result->plan.chips);
    return estimate(evaluation, diag);
}

/* What every other model of converters would give. */
static enum status estimate_band(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct adc_options *adc = config_get(evaluation->config, "adc");
    if (adc->model != ADC_MODEL_ALL)
        return STATUS_OK;
    struct cost_inputs inputs;
    TRY(run_cost_inputs(result, &inputs, &result->arena, diag));
    result->band = ARENA_NEW(&result->arena, n_adc_models, struct cost_by_model);
    if (result->band == NULL)
        return FAIL_MEMORY(diag, "the models of converters");
    return cost_band(&inputs, result->band, &result->arena, diag);
}

/* The event-driven model, where it is asked for. */
static enum status run_events(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct chip_options *options = config_get(evaluation->config, "chip");
    if (options->timing != TIMING_EVENT)
        return STATUS_OK;
    return pipeline_events(&result->chip, &result->network, &result->mapping, &result->plan,
                           result->cost.timings, (enum chip_pipeline)options->pipeline,
                           options->stream, &result->events, diag);
}

/* Which digits layers leave out the images have shown, and how many does not depend on copies: what
 * was balanced for all digits is balanced anew, and placed. */
static enum status balance_measured(struct run_result *result, struct diagnostic *diag) {
    const struct mapping_options *options = config_get(result->config, "mapping");
    bool skips = false;
    for (int i = 0; i < result->mapping.n_layers; i++)
        skips = skips || result->mapping.layers[i].crossbar.zero_skip != ZERO_SKIP_NONE;
    if (options->replication != REPLICATION_BALANCED || !skips)
        return STATUS_OK;
    TRY(balance(result, diag));
    result->plan = (struct floorplan){0};
    return place(result, diag);
}

enum status stage_cost(struct evaluation *evaluation, struct diagnostic *diag) {
    if (!evaluation->options->cost)
        return STATUS_OK;
    /* Without activity the estimate of stage_map stands. */
    if (evaluation->result->activity != NULL) {
        TRY(balance_measured(evaluation->result, diag));
        cost_report_free(&evaluation->result->cost);
        evaluation->result->cost = (struct cost_report){0};
        TRY(estimate(evaluation, diag));
    }
    TRY(estimate_band(evaluation, diag));
    return run_events(evaluation, diag);
}
