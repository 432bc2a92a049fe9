/* The rows of a report: counts x figures of each component, by layer, shared, and idle. */
#include "sim/cost/estimate_internal.h"

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
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

/* What the rows of one layer count; `all` and `always`: with every digit read. */
struct layer_use {
    struct layer_reads all;
    struct layer_converters converters, always;
    struct layer_actions actions, configured;
};

static enum status use_converters(const struct estimate *estimate, int index, struct layer_use *use,
                                  struct diagnostic *diag) {
    const struct mapped_layer *mapped = &estimate->mapping->layers[index];
    TRY(converters_of_layer(&estimate->converters, mapped, index, &estimate->reads[index],
                            &use->converters, diag));
    TRY(converters_of_layer(&estimate->converters, mapped, index, &use->all, &use->always, diag));
    use->converters.area_m2 *= estimate->share;
    use->converters.power_w *= estimate->share;
    use->converters.leakage_w *= estimate->share;
    return STATUS_OK;
}

/* Actions as the layer was driven, which is in `layer`, and with the configured activity. */
static void use_actions(const struct estimate *estimate, int index, struct layer_cost *layer,
                        struct layer_use *use) {
    const struct mapped_layer *mapped = &estimate->mapping->layers[index];
    const struct layer_activity *measured =
        estimate->activity != NULL ? &estimate->activity[index] : NULL;
    struct drive drive = drive_of(mapped, measured, estimate->configured_activity);
    struct drive assumed = drive_of(mapped, NULL, estimate->configured_activity);
    layer->activity = drive.nonzero;
    layer->mean_digit = drive.digit;
    use->actions = count_layer_actions(estimate->chip, mapped, &drive, &estimate->reads[index]);
    use->configured = count_layer_actions(estimate->chip, mapped, &assumed, &use->all);
    struct layer_actions *actions = &use->actions, *configured = &use->configured;
    actions->all[ACTION_ROUTER_BIT] = estimate->traffic.router_bits[index];
    configured->all[ACTION_ROUTER_BIT] = actions->all[ACTION_ROUTER_BIT];
    actions->all[ACTION_PARTIAL_SUM] += estimate->moves.joined[index];
    configured->all[ACTION_PARTIAL_SUM] = actions->all[ACTION_PARTIAL_SUM];
}

/* What is known of a layer beside its rows and their sums. */
static void describe_layer(const struct estimate *estimate, int index, const struct layer_use *use,
                           struct layer_cost *layer) {
    const struct mapped_layer *mapped = &estimate->mapping->layers[index];
    const struct layer_reads *made = &estimate->reads[index];
    struct pipeline_buffer buffer = pipeline_buffer(&mapped->layer->shape);
    layer->crossbars = (long)mapped->n_arrays * mapped->copies;
    layer->macros = divide_up(layer->crossbars, estimate->chip->arrays_per_macro);
    layer->adc_bits = use->converters.bits;
    layer->adc_bits_mean = use->converters.bits_mean;
    layer->conversions = use->actions.all[ACTION_CONVERSION];
    layer->skip = (struct skip_cost){.used = mapped->crossbar.zero_skip != ZERO_SKIP_NONE,
                                     .measured = made->needed != NULL,
                                     .cycles = made->cycles,
                                     .reads = made->position,
                                     .lines_read = made->lines_read,
                                     .conversions = use->all.conversions};
    layer->buffer_bytes = buffer.window * mapped->layer->input.bits / 8;
    layer->map_bytes = buffer.map * mapped->layer->input.bits / 8;
}

/* A row for each part of the chip that layers have for themselves. */
static enum status add_parts(struct estimate *estimate, int index, const struct layer_use *use,
                             struct diagnostic *diag) {
    const struct chip *chip = estimate->chip;
    struct cost_report *report = estimate->report;
    struct layer_cost *layer = &report->layers[index];
    struct geometry geometry = layer_geometry(estimate, &estimate->mapping->layers[index]);
    struct part_conditions conditions = layer_conditions(estimate, index);
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
        const struct counted counted = {
            use->actions.all[part->action], use->configured.all[part->action],
            part->action == ACTION_BUFFER_BIT ? use->actions.buffer_writes : 0};
        *row = make_row(part, &figures, occupied, &counted, estimate->interval_s);
        row->layer = index;
        if (part->scaling == SCALE_ADC) {
            put_converters(row, &estimate->converters, &use->converters, estimate->interval_s);
            row->energy_configured_j = use->always.energy_j + row->leakage_w * estimate->interval_s;
        }
        layer->area_m2 += row->area_m2;
        layer->energy_j += row->energy_j;
    }
    return STATUS_OK;
}

enum status rows_of_layer(struct estimate *estimate, int index, struct diagnostic *diag) {
    struct cost_report *report = estimate->report;
    struct layer_cost *layer = &report->layers[index];
    struct layer_use use = {.all = reads_of(&estimate->mapping->layers[index], NULL)};
    TRY(use_converters(estimate, index, &use, diag));
    use_actions(estimate, index, layer, &use);
    describe_layer(estimate, index, &use, layer);
    TRY(add_parts(estimate, index, &use, diag));
    add_companions(estimate, &estimate->mapping->layers[index], &use.all, index);
    writes_add(estimate, index);
    report->buffer_bytes += layer->buffer_bytes;
    report->map_bytes += layer->map_bytes;
    return STATUS_OK;
}

void rows_shared(struct estimate *estimate) {
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
enum status rows_idle(struct estimate *estimate, struct diagnostic *diag) {
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
