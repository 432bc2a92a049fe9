/* The roll-up: counts x figures of each component, as rows, and their sums. */
#include "sim/cost/estimate_internal.h"
#include "sim/time/flow.h"

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

static double ratio(double numerator, double denominator) {
    return denominator > 0 ? numerator / denominator : 0;
}

struct geometry layer_geometry(const struct estimate *estimate, const struct mapped_layer *mapped) {
    return (struct geometry){
        .rows = mapped->crossbar.rows,
        .columns = array_columns(mapped),
        .converters = converters_per_array(&estimate->converters, mapped->crossbar.columns),
    };
}

struct part_conditions layer_conditions(const struct estimate *estimate, int layer) {
    const struct mapped_layer *mapped = &estimate->mapping->layers[layer];
    struct part_conditions conditions = {.rows = mapped->crossbar.rows,
                                         .columns = array_columns(mapped),
                                         .dac_bits = mapped->dac_bits,
                                         .read_time_s = estimate->chip->cycle_s};
    if (estimate->devices == NULL)
        return conditions;
    conditions.device = estimate->devices[layer];
    conditions.conductance = cells_conductance(mapped, conditions.device);
    if (conditions.device->read_time_s > 0)
        conditions.read_time_s = conditions.device->read_time_s;
    return conditions;
}

/* Actions of a part, as driven and with the configured activity; `writes` of them write. */
struct counted {
    double actions, configured, writes;
};

static double energy_of(const struct figures *figures, double actions, double writes) {
    return (actions - writes) * figures->energy_j + writes * figures->write_energy_j;
}

static struct cost_row make_row(const struct chip_component *part, const struct figures *figures,
                                double parents, const struct counted *counted, double interval_s) {
    double count = figures->count * parents;
    double leaked_j = count * figures->leakage_w * interval_s;
    return (struct cost_row){
        .level = part->level,
        .component = part->name,
        .model = part->model,
        .source = part->source,
        .count = count,
        .actions = counted->actions,
        .area_m2 = count * figures->area_m2,
        .energy_j = energy_of(figures, counted->actions, counted->writes) + leaked_j,
        .energy_configured_j = energy_of(figures, counted->configured, counted->writes) + leaked_j,
        .power_peak_w = count * figures->power_w,
        .leakage_w = count * figures->leakage_w,
    };
}

static void put_converters(struct cost_row *row, const struct converters *converters,
                           const struct layer_converters *own, double interval_s) {
    row->model = converters->model->name;
    row->source = converters->model->source;
    row->area_m2 = own->area_m2;
    row->power_peak_w = own->power_w;
    row->leakage_w = own->leakage_w;
    row->energy_j = own->energy_j + row->leakage_w * interval_s;
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

/* What the layer's mapping needs beside the chip's own parts. */
static void add_companions(struct estimate *estimate, const struct mapped_layer *mapped,
                           const struct layer_reads *all, int index) {
    struct cost_report *report = estimate->report;
    struct layer_cost *layer = &report->layers[index];
    struct cost_row rows[COMPANION_ROWS];
    const struct companion_use use = {&report->timings[index], &estimate->reads[index], all,
                                      estimate->share * estimate->interval_s};
    int n = companions_cost(estimate->chip, mapped, &estimate->companions, &use, rows);
    for (int i = 0; i < n; i++) {
        rows[i].layer = index;
        rows[i].count *= estimate->share;
        rows[i].area_m2 *= estimate->share;
        rows[i].power_peak_w *= estimate->share;
        rows[i].leakage_w *= estimate->share;
        layer->area_m2 += rows[i].area_m2;
        if (rows[i].model != estimate->companions.skip_logic.model) /* it stores nothing */
            layer->index_area_m2 += rows[i].area_m2;
        layer->energy_j += rows[i].energy_j;
        report->rows[report->n_rows++] = rows[i];
    }
    layer->index_bits = mapping_index_of(mapped).stored_bits * mapped->copies;
    layer->sign_bits = mapped->sums.signs * mapped->copies;
}

static enum status add_layer(struct estimate *estimate, int index, struct diagnostic *diag) {
    const struct chip *chip = estimate->chip;
    const struct mapped_layer *mapped = &estimate->mapping->layers[index];
    struct cost_report *report = estimate->report;
    struct layer_cost *layer = &report->layers[index];
    struct geometry geometry = layer_geometry(estimate, mapped);
    struct part_conditions conditions = layer_conditions(estimate, index);
    struct layer_converters converters, always; /* always: every digit is read */
    const struct layer_reads *made = &estimate->reads[index], all = reads_of(mapped, NULL);
    TRY(converters_of_layer(&estimate->converters, mapped, index, made, &converters, diag));
    TRY(converters_of_layer(&estimate->converters, mapped, index, &all, &always, diag));
    converters.area_m2 *= estimate->share;
    converters.power_w *= estimate->share;
    converters.leakage_w *= estimate->share;
    const struct layer_activity *measured =
        estimate->activity != NULL ? &estimate->activity[index] : NULL;
    struct drive drive = drive_of(mapped, measured, estimate->configured_activity);
    struct drive assumed = drive_of(mapped, NULL, estimate->configured_activity);
    layer->activity = drive.nonzero;
    layer->mean_digit = drive.digit;
    layer->crossbars = (long)mapped->n_arrays * mapped->copies;
    layer->macros = divide_up(layer->crossbars, chip->arrays_per_macro);
    layer->adc_bits = converters.bits;
    layer->adc_bits_mean = converters.bits_mean;
    struct layer_actions actions = count_layer_actions(chip, mapped, &drive, made);
    struct layer_actions configured = count_layer_actions(chip, mapped, &assumed, &all);
    actions.all[ACTION_ROUTER_BIT] = estimate->traffic.router_bits[index];
    configured.all[ACTION_ROUTER_BIT] = actions.all[ACTION_ROUTER_BIT];
    actions.all[ACTION_PARTIAL_SUM] += estimate->moves.joined[index];
    configured.all[ACTION_PARTIAL_SUM] = actions.all[ACTION_PARTIAL_SUM];
    layer->conversions = actions.all[ACTION_CONVERSION];
    layer->skip = (struct skip_cost){.used = mapped->crossbar.zero_skip != ZERO_SKIP_NONE,
                                     .measured = made->needed != NULL,
                                     .cycles = made->cycles,
                                     .reads = made->position,
                                     .lines_read = made->lines_read,
                                     .conversions = all.conversions};
    struct pipeline_buffer buffer = pipeline_buffer(&mapped->layer->shape);
    layer->buffer_bytes = buffer.window * mapped->layer->input.bits / 8;
    layer->map_bytes = buffer.map * mapped->layer->input.bits / 8;
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        if (part_is_shared(part))
            continue;
        struct figures figures;
        TRY(part_figures(chip, part, &geometry, &conditions, &figures, diag));
        double occupied =
            estimate->share *
            level_parents(chip, part->level, (double)layer->crossbars, (double)layer->macros);
        struct cost_row *row = &report->rows[report->n_rows++];
        const struct counted counted = {actions.all[part->action], configured.all[part->action],
                                        part->action == ACTION_BUFFER_BIT ? actions.buffer_writes
                                                                          : 0};
        *row = make_row(part, &figures, occupied, &counted, estimate->interval_s);
        row->layer = index;
        if (part->scaling == SCALE_ADC) {
            put_converters(row, &estimate->converters, &converters, estimate->interval_s);
            row->energy_configured_j = always.energy_j + row->leakage_w * estimate->interval_s;
        }
        layer->area_m2 += row->area_m2;
        layer->energy_j += row->energy_j;
    }
    add_companions(estimate, mapped, &all, index);
    writes_add(estimate, index);
    report->buffer_bytes += layer->buffer_bytes;
    report->map_bytes += layer->map_bytes;
    return STATUS_OK;
}

static void add_shared(struct estimate *estimate) {
    const struct chip *chip = estimate->chip;
    struct cost_report *report = estimate->report;
    double image, result, loaded = estimate->reload.load_bits / estimate->options->batch;
    count_link_bits(chip, estimate->network, &image, &result);
    report->link_bits = estimate->links.map_bits + loaded;
    double actions[ACTION_COUNT] = {
        [ACTION_POOL] = count_pool_actions(estimate->network),
        [ACTION_LINK_BIT] = image + result + report->link_bits,
    };
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        if (!part_is_shared(part))
            continue;
        struct figures figures = part_own_figures(part);
        double occupied = level_parents(chip, part->level, 0, (double)report->macros);
        struct cost_row *row = &report->rows[report->n_rows++];
        const struct counted counted = {actions[part->action], actions[part->action], 0};
        *row = make_row(part, &figures, occupied, &counted, estimate->interval_s);
        row->layer = -1;
        if (part->action == ACTION_LINK_BIT && estimate->plan->reload)
            report->reload_energy_j += report->link_bits * figures.energy_j;
    }
}

/* Spare arrays must serve any layer, so they have the largest size and resolution of all. */
static struct geometry largest_geometry(const struct estimate *estimate) {
    struct geometry largest = {0};
    for (int i = 0; i < estimate->mapping->n_layers; i++) {
        struct geometry own = layer_geometry(estimate, &estimate->mapping->layers[i]);
        largest.rows = own.rows > largest.rows ? own.rows : largest.rows;
        largest.columns = own.columns > largest.columns ? own.columns : largest.columns;
        largest.converters =
            own.converters > largest.converters ? own.converters : largest.converters;
    }
    return largest;
}

/* What completes the used parts to whole macros, tiles and chips. */
static enum status add_idle(struct estimate *estimate, struct diagnostic *diag) {
    const struct chip *chip = estimate->chip;
    const struct converters *converters = &estimate->converters;
    struct cost_report *report = estimate->report;
    struct geometry geometry = largest_geometry(estimate);
    struct part_conditions conditions = layer_conditions(estimate, 0);
    conditions.rows = geometry.rows;
    conditions.columns = geometry.columns;
    double crossbars = 0;
    for (int i = 0; i < report->n_layers; i++)
        crossbars += estimate->share * (double)report->layers[i].crossbars;
    double macros = (double)report->tiles * chip->macros_per_tile;
    double arrays = macros * chip->arrays_per_macro;
    double chips = (double)divide_up(report->tiles, chip->tiles);
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        struct figures figures;
        TRY(part_figures(chip, part, &geometry, &conditions, &figures, diag));
        double whole =
            part->level == CHIP_CHIP ? chips : level_parents(chip, part->level, arrays, macros);
        double used = level_parents(chip, part->level, crossbars, (double)report->macros);
        struct cost_row *row = &report->idle[report->n_idle++];
        *row = (struct cost_row){.layer = -1,
                                 .level = part->level,
                                 .component = part->name,
                                 .model = part->model,
                                 .source = part->source,
                                 .count = figures.count * (whole - used)};
        if (part->scaling == SCALE_ADC) {
            figures.area_m2 = converters->by_bits[converters->largest_bits].area_m2;
            row->model = converters->model->name;
            row->source = converters->model->source;
        }
        row->area_m2 = row->count * figures.area_m2;
    }
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
        TRY(add_layer(estimate, i, diag));
    add_shared(estimate);
    TRY(add_idle(estimate, diag));
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
