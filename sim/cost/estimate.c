/* The roll-up, in order: what is counted, where it lies and how long it takes, then rows (rows.c)
 * and their sums. */
#include "sim/cost/estimate_internal.h"
#include "sim/time/flow.h"

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

static double ratio(double numerator, double denominator) {
    return denominator > 0 ? numerator / denominator : 0;
}

/* Times of all layers, the interval between images and the latency. */
static enum status time_layers(struct estimate *estimate, struct diagnostic *diag) {
    struct cost_report *report = estimate->report;
    times_of_layers(estimate->chip, &estimate->converters, estimate->mapping, report->timings);
    for (int i = 0; i < report->n_layers; i++)
        report->timings[i].reads = estimate->reads[i].position;
    const struct course course = {.chip = estimate->chip,
                                  .network = estimate->network,
                                  .mapping = estimate->mapping,
                                  .plan = estimate->plan,
                                  .moves = &estimate->moves,
                                  .links = &estimate->links,
                                  .reload = &estimate->reload,
                                  .batch = estimate->options->batch};
    TRY(times_estimate(&course, report, diag));
    report->latency_s = report->latency_by_pipeline_s[estimate->options->pipeline];
    report->throughput_hz = report->throughput_by_pipeline_hz[estimate->options->pipeline];
    estimate->interval_s = 1 / report->throughput_hz;
    return STATUS_OK;
}

static void add_totals(struct estimate *estimate) {
    const struct mapping *mapping = estimate->mapping;
    struct cost_report *report = estimate->report;
    double macs = 0, macs_effective = 0;
    for (int i = 0; i < report->n_rows; i++) {
        report->area_used_m2 += report->rows[i].area_m2;
        report->energy_j += report->rows[i].energy_j;
        report->energy_configured_j += report->rows[i].energy_configured_j;
        report->power_peak_w += report->rows[i].power_peak_w;
    }
    report->area_chip_m2 = report->area_used_m2;
    for (int i = 0; i < report->n_idle; i++)
        report->area_chip_m2 += report->idle[i].area_m2;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *mapped = &mapping->layers[i];
        const struct matrix_shape before = matrix_unpurified(&mapped->layer->shape);
        macs += matrix_macs(&before);
        macs_effective +=
            (double)matrix_positions(&mapped->layer->shape) * (double)mapped->weights.nonzero;
    }
    report->power_average_w = report->energy_j * report->throughput_hz;
    report->gops = 2e-9 * macs * report->throughput_hz;
    report->gops_effective = 2e-9 * macs_effective * report->throughput_hz;
    report->gops_peak = chip_totals(estimate->chip).peak_ops * 1e-9;
    report->gops_per_w = ratio(report->gops, report->power_peak_w);
    report->gops_per_mm2 = ratio(report->gops, report->area_used_m2 * 1e6);
    report->activity_measured = estimate->activity != NULL;
}

static enum status allocate(const struct chip *chip, const struct mapping *mapping,
                            struct cost_report *report, struct diagnostic *diag) {
    size_t layers = (size_t)mapping->n_layers, components = (size_t)chip->n_components;
    report->rows = ARENA_NEW(
        &report->arena, (layers + 1) * components + layers * (COMPANION_ROWS + 1), struct cost_row);
    report->idle = ARENA_NEW(&report->arena, components, struct cost_row);
    report->layers = ARENA_NEW(&report->arena, layers, struct layer_cost);
    report->timings = ARENA_NEW(&report->arena, layers, struct layer_timing);
    if (report->rows == NULL || report->idle == NULL || report->layers == NULL ||
        report->timings == NULL)
        return FAIL_MEMORY(diag, "the rows of the cost report");
    report->n_layers = mapping->n_layers;
    return STATUS_OK;
}

/* Chips and their links. Passes of one chip occupy its parts in turn, so each layer is charged with
 * its part of those that the fullest pass needs. */
static enum status lay_out(struct estimate *estimate, struct diagnostic *diag) {
    const struct chip *chip = estimate->chip;
    const struct floorplan *plan = estimate->plan;
    struct cost_report *report = estimate->report;
    double image, result;
    long macros = floorplan_macros(chip, estimate->mapping);
    report->macros = plan->reload ? floorplan_most_macros(plan, report->n_layers) : macros;
    report->tiles = divide_up(report->macros, chip->macros_per_tile);
    report->chips = plan->reload ? 1 : plan->chips;
    report->passes = plan->reload ? plan->chips : 1;
    estimate->share = macros > 0 ? (double)report->macros / (double)macros : 1;
    count_link_bits(chip, estimate->network, &image, &result);
    return links_count(&estimate->moves, estimate->mapping, plan, image, result,
                       chip->activation_bits, &report->arena, &estimate->links, diag);
}

static enum status fill(struct estimate *estimate, const struct engine_layer *layers,
                        const struct config *config, struct diagnostic *diag) {
    const struct chip *chip = estimate->chip;
    struct cost_report *report = estimate->report;
    struct floorplan in_order;
    TRY(allocate(chip, estimate->mapping, report, diag));
    estimate->reads = ARENA_NEW(&report->arena, report->n_layers, struct layer_reads);
    if (estimate->reads == NULL)
        return FAIL_MEMORY(diag, "the reads of layers");
    TRY(converters_make(estimate->model, chip, estimate->mapping, layers, config,
                        &estimate->converters, diag));
    report->adc_model = estimate->model;
    TRY(companions_load(chip, estimate->mapping, &report->arena, &estimate->companions, diag));
    for (int i = 0; i < report->n_layers; i++)
        estimate->reads[i] = reads_of(&estimate->mapping->layers[i],
                                      estimate->activity != NULL ? &estimate->activity[i] : NULL);
    if (estimate->plan == NULL) {
        TRY(floorplan_make(chip, estimate->mapping, (enum chip_overflow)estimate->options->overflow,
                           &report->arena, &in_order, diag));
        estimate->plan = &in_order;
    }
    TRY(moves_make(chip, estimate->network, estimate->mapping, estimate->plan, &report->arena,
                   &estimate->moves, diag));
    TRY(traffic_count(&estimate->moves, report->n_layers, estimate->plan, &report->arena,
                      &estimate->traffic, diag));
    report->router_bits = traffic_router_bits(&estimate->traffic, report->n_layers);
    TRY(lay_out(estimate, diag));
    TRY(writes_estimate(estimate, diag));
    TRY(time_layers(estimate, diag));
    for (int i = 0; i < report->n_layers; i++)
        TRY(rows_of_layer(estimate, i, diag));
    rows_shared(estimate);
    TRY(rows_idle(estimate, diag));
    add_totals(estimate);
    return STATUS_OK;
}

/* A chip's converters and cycle are of the rows that it reads at a time. */
static enum status check_units(const struct chip *chip, const struct mapping *mapping,
                               struct diagnostic *diag) {
    for (int i = 0; chip->ou_rows > 0 && i < mapping->n_layers; i++)
        if (mapping->layers[i].unit_rows > chip->ou_rows)
            return FAIL(
                diag, STATUS_USAGE,
                "layer %s reads %d rows at a time, and chip %s at most %d: set mapping.%s=%d",
                mapping->layers[i].layer->name, mapping->layers[i].unit_rows, chip->name,
                chip->ou_rows,
                mapping->layers[i].encoding.fragment_sign ? "fragment_rows" : "ou_rows",
                chip->ou_rows);
    return STATUS_OK;
}

enum status estimate_with(const struct adc_model *model, const struct cost_inputs *inputs,
                          struct cost_report *report, struct diagnostic *diag) {
    const struct network *network = inputs->network;
    *report = (struct cost_report){0};
    if (inputs->mapping->n_layers < 1)
        return FAIL(diag, STATUS_USAGE,
                    "%s: no convolution or product to map, so nothing to estimate",
                    network->path != NULL ? network->path : "network");
    TRY(check_units(inputs->chip, inputs->mapping, diag));
    const struct dac_options *dac = config_get(inputs->config, "dac");
    struct estimate estimate = {
        .chip = inputs->chip,
        .network = network,
        .mapping = inputs->mapping,
        .plan = inputs->plan,
        .options = config_get(inputs->config, "chip"),
        .model = model,
        .devices = inputs->devices,
        .activity = inputs->images > 0 ? inputs->activity : NULL,
        .configured_activity = dac->activity,
        .config = inputs->config,
        .report = report,
    };
    enum status status = fill(&estimate, inputs->layers, inputs->config, diag);
    if (status != STATUS_OK)
        cost_report_free(report);
    return status;
}

enum status cost_estimate(const struct cost_inputs *inputs, struct cost_report *report,
                          struct diagnostic *diag) {
    const struct adc_model *model = converters_model(inputs);
    *report = (struct cost_report){0};
    if (!model->has_area)
        return FAIL(diag, STATUS_USAGE,
                    "adc.model %s gives energy and time but no area, so the chip's would lack its "
                    "converters: choose another, or adc.model: all, which shows its energy beside "
                    "the others",
                    model->name);
    return estimate_with(model, inputs, report, diag);
}

void cost_report_free(struct cost_report *report) {
    if (report == NULL)
        return;
    arena_free(&report->arena);
    *report = (struct cost_report){0};
}
