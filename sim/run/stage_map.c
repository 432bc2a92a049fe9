/* Stages without images: mapping, converters, chip and cost. */
#include "sim/run/run_internal.h"

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
                                   .devices = devices};
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

enum status stage_map(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    if (evaluation->fill_zeros)
        TRY(fill_zero_weights(&result->network, diag));
    TRY(count_storage(result, diag));
    TRY(mapping_create(&result->network, evaluation->config, &result->mapping, diag));
    result->layers = ARENA_NEW(&result->arena, result->mapping.n_layers, struct engine_layer);
    if (result->layers == NULL)
        return FAIL_MEMORY(diag, "layers");
    TRY(run_resolve_converters(evaluation->config, &result->mapping, result->layers, diag));
    const struct chip_options *chip = config_get(evaluation->config, "chip");
    TRY(chip_make(chip, &result->chip, diag)); /* without costs it says who shares an ADC */
    TRY(run_make_devices(result, diag));
    TRY(balance(result, diag));
    if (!evaluation->options->cost)
        return STATUS_OK;
    if (chip->timing == TIMING_EVENT)
        TRY(pipeline_events_check(&result->chip, diag));
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
    return pipeline_events(&result->chip, &result->network, &result->mapping, result->cost.timings,
                           (enum chip_pipeline)options->pipeline, options->stream, &result->events,
                           diag);
}

enum status stage_cost(struct evaluation *evaluation, struct diagnostic *diag) {
    if (!evaluation->options->cost)
        return STATUS_OK;
    /* Without activity the estimate of stage_map stands. */
    if (evaluation->result->activity != NULL) {
        cost_report_free(&evaluation->result->cost);
        evaluation->result->cost = (struct cost_report){0};
        TRY(estimate(evaluation, diag));
    }
    TRY(estimate_band(evaluation, diag));
    return run_events(evaluation, diag);
}
