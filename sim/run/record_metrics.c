/* The totals of a run as named metrics. */
#include <math.h>

#include "sim/run/record_internal.h"

enum {
    RUN_METRICS = 104,
    MODEL_METRICS = 7,
    STORAGE_METRICS = 4,
    LAYER_METRICS = 6,
    EVENT_METRICS = 4 + 2 * RESOURCE_COUNT
};

/* Metrics being collected; `rows` has room for all by construction. */
struct metrics {
    struct store_metric *rows;
    int n;
};

static void add_to(struct metrics *metrics, const char *scope, const char *name, const char *unit,
                   double value) {
    metrics->rows[metrics->n++] =
        (struct store_metric){.scope = scope, .name = name, .unit = unit, .value = value};
}

static void add(struct metrics *metrics, const char *name, const char *unit, double value) {
    add_to(metrics, "run", name, unit, value);
}

static void add_accuracy(const struct run_result *result, int trial, struct metrics *metrics) {
    const struct run_accuracy *accuracy = &result->accuracy;
    add(metrics, "images", "", accuracy->images);
    if (accuracy->images == 0)
        return;
    double percent = 100.0 / accuracy->images, low, high;
    run_wilson_interval(accuracy->trial[trial].correct, accuracy->images, &low, &high);
    add(metrics, "accuracy_top1", "percent", percent * accuracy->trial[trial].correct);
    add(metrics, "trials", "", accuracy->trials);
    add(metrics, "accuracy_mean", "percent", 100 * accuracy->mean);
    add(metrics, "accuracy_low", "percent", 100 * low);
    add(metrics, "accuracy_high", "percent", 100 * high);
    if (accuracy->trials > 1) {
        add(metrics, "accuracy_std", "percent", 100 * accuracy->deviation);
        add(metrics, "trials_low", "percent", 100 * accuracy->trials_low);
        add(metrics, "trials_high", "percent", 100 * accuracy->trials_high);
    }
    add(metrics, "accuracy_ideal", "percent", percent * accuracy->correct_ideal);
    if (accuracy->correct_float >= 0)
        add(metrics, "accuracy_float", "percent", percent * accuracy->correct_float);
    add(metrics, "images_differing", "", accuracy->trial[trial].differing);
}

int run_built_bits(const struct run_result *result, int layer) {
    return layer < result->cost.n_layers ? result->cost.layers[layer].adc_bits
                                         : result->layers[layer].adc_bits;
}

int run_bits_built_max(const struct run_result *result) {
    int bits = 0;
    for (int i = 0; i < result->mapping.n_layers; i++)
        if (run_built_bits(result, i) > bits)
            bits = run_built_bits(result, i);
    return bits;
}

/* Over the arrays of a layer, which have equally many converters. */
static double built_bits_mean(const struct run_result *result, int layer) {
    return layer < result->cost.n_layers ? result->cost.layers[layer].adc_bits_mean
                                         : result->layers[layer].adc_bits;
}

static void add_mapping(const struct run_result *result, struct metrics *metrics) {
    const struct mapping *mapping = &result->mapping;
    long weights = 0, nonzero = 0, arrays = 0;
    double macs = 0, bits = 0;
    int lossless = 0, uncompacted = 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        weights += layer->weights.weights;
        nonzero += layer->weights.nonzero;
        const struct matrix_shape before = matrix_unpurified(&layer->layer->shape);
        macs += matrix_macs(&before);
        long own = (long)layer->n_arrays * layer->copies;
        arrays += own;
        bits += built_bits_mean(result, i) * (double)own;
        int exact = layer->lossless.exact;
        lossless = exact > lossless ? exact : lossless;
        uncompacted = layer->uncompacted_bits > uncompacted ? layer->uncompacted_bits : uncompacted;
    }
    add(metrics, "macs", "", macs);
    add(metrics, "weights", "", (double)weights);
    add(metrics, "nonzero_weights", "", (double)nonzero);
    if (weights > 0)
        add(metrics, "sparsity", "", 1 - (double)nonzero / (double)weights);
    if (nonzero > 0)
        add(metrics, "compression_ratio", "", (double)weights / (double)nonzero);
    add(metrics, "crossbars", "", (double)mapping->crossbars);
    add(metrics, "crossbars_dense", "", (double)mapping->crossbars_dense);
    if (mapping->crossbars_dense > 0)
        add(metrics, "crossbar_saving", "",
            1 - (double)mapping->crossbars / (double)mapping->crossbars_dense);
    add(metrics, "adc_bits_max", "bits", run_bits_built_max(result));
    add(metrics, "lossless_bits_max", "bits", lossless);
    add(metrics, "lossless_bits_uncompacted", "bits", uncompacted);
    if (arrays > 0) /* the mean over crossbars, which have equally many converters */
        add(metrics, "adc_bits_mean", "bits", bits / (double)arrays);
}

/* What of a batch's time, and of an image's energy, goes into writing cells and their weights and
 * maps over the link. */
static void add_reload(const struct cost_report *cost, struct metrics *metrics) {
    if (cost->passes == 1)
        return;
    add(metrics, "reload_time_s", "s", cost->reload_s);
    add(metrics, "reload_time_share", "", cost->reload_s / cost->latency_s);
    add(metrics, "reload_energy_j", "J", cost->reload_energy_j);
    add(metrics, "reload_energy_share", "", cost->reload_energy_j / cost->energy_j);
}

static void add_cost(const struct cost_report *cost, struct metrics *metrics) {
    if (cost->n_rows == 0)
        return;
    double index_bits = 0, index_area_m2 = 0, sign_bits = 0;
    for (int i = 0; i < cost->n_layers; i++) {
        index_bits += (double)cost->layers[i].index_bits;
        index_area_m2 += cost->layers[i].index_area_m2;
        sign_bits += (double)cost->layers[i].sign_bits;
    }
    add(metrics, "mapping_index_bits", "bits", index_bits);
    add(metrics, "mapping_index_area_m2", "m2", index_area_m2);
    if (sign_bits > 0)
        add(metrics, "mapping_sign_bits", "bits", sign_bits);
    add(metrics, "area_m2", "m2", cost->area_used_m2);
    add(metrics, "area_chip_m2", "m2", cost->area_chip_m2);
    add(metrics, "tiles", "", (double)cost->tiles);
    add(metrics, "macros", "", (double)cost->macros);
    add(metrics, "chips", "", (double)cost->chips);
    add(metrics, "passes", "", (double)cost->passes);
    if (cost->chips > 1 || cost->passes > 1)
        add(metrics, "link_bits", "bits", cost->link_bits);
    add_reload(cost, metrics);
    add(metrics, "power_peak_w", "W", cost->power_peak_w);
    add(metrics, "power_average_w", "W", cost->power_average_w);
    add(metrics, "energy_per_inference_j", "J", cost->energy_j);
    add(metrics, "latency_s", "s", cost->latency_s);
    add(metrics, "throughput_ips", "1/s", cost->throughput_hz);
    add(metrics, "latency_layer_by_layer_s", "s", cost->latency_by_pipeline_s[PIPELINE_LAYERS]);
    add(metrics, "latency_pipelined_s", "s", cost->latency_by_pipeline_s[PIPELINE_ROWS]);
    add(metrics, "throughput_layer_by_layer_ips", "1/s",
        cost->throughput_by_pipeline_hz[PIPELINE_LAYERS]);
    add(metrics, "throughput_pipelined_ips", "1/s", cost->throughput_by_pipeline_hz[PIPELINE_ROWS]);
    add(metrics, "router_bits", "bits", cost->router_bits);
    add(metrics, "buffer_bytes", "B", cost->buffer_bytes);
    add(metrics, "map_bytes", "B", cost->map_bytes);
    add(metrics, "gops", "GOPS", cost->gops);
    add(metrics, "gops_effective", "GOPS", cost->gops_effective);
    add(metrics, "gops_peak", "GOPS", cost->gops_peak);
    add(metrics, "gops_per_w", "GOPS/W", cost->gops_per_w);
    add(metrics, "gops_per_mm2", "GOPS/mm2", cost->gops_per_mm2);
    add(metrics, "activity_measured", "", cost->activity_measured);
    if (cost->write_known) {
        add(metrics, "write_energy_j", "J", cost->write_energy_j);
        add(metrics, "write_time_s", "s", cost->write_time_s);
    }
    if (cost->write_endurance > 0)
        add(metrics, "write_endurance", "", cost->write_endurance);
    add(metrics, "energy_configured_j", "J", cost->energy_configured_j);
}

/* What completes the used parts to whole tiles and chips: with the rows of the components, the rows
 * that area_chip_m2 is the sum of. */
static void add_idle(const struct run_result *result, struct metrics *metrics) {
    const struct run_options *options = config_get(result->config, "run");
    const struct cost_report *cost = &result->cost;
    for (int i = 0; i < cost->n_idle && options->detail != RUN_TOTALS; i++)
        add_to(metrics, "idle", cost->idle[i].component, "m2", cost->idle[i].area_m2);
}

/* What the order of tiles would make of the traffic that is counted. */
static void add_placing(const struct cost_placing *placing, struct metrics *metrics) {
    if (placing->router_bits_in_order > 0)
        add(metrics, "router_bits_in_order", "bits", placing->router_bits_in_order);
}

static enum status add_events(const struct event_report *events, struct arena *arena,
                              struct metrics *metrics, struct diagnostic *diag) {
    if (events->images == 0)
        return STATUS_OK;
    add(metrics, "latency_event_s", "s", events->latency_s);
    add(metrics, "throughput_event_ips", "1/s", events->throughput_hz);
    add(metrics, "blocked_event_s", "s", events->blocked_s);
    add(metrics, "buffer_fullest_bytes", "B", events->fullest_bytes);
    for (int kind = 0; kind < RESOURCE_COUNT; kind++) {
        const char *busy = arena_printf(arena, "busy_%s", event_resource_names[kind]);
        const char *waited = arena_printf(arena, "waited_%s_s", event_resource_names[kind]);
        if (busy == NULL || waited == NULL)
            return FAIL_MEMORY(diag, "metrics");
        add(metrics, busy, "", events->use[kind].busiest);
        add(metrics, waited, "s", events->use[kind].waited_s);
    }
    return STATUS_OK;
}

/* One scope a model; what it does not give has no row. */
static enum status add_band(const struct run_result *result, struct arena *arena,
                            struct metrics *metrics, struct diagnostic *diag) {
    for (int i = 0; i < n_adc_models && result->band != NULL; i++) {
        const struct cost_by_model *by = &result->band[i];
        const struct {
            const char *name, *unit;
            double value;
        } figures[MODEL_METRICS] = {
            {"area_m2", "m2", by->area_m2},
            {"energy_per_inference_j", "J", by->energy_j},
            {"power_peak_w", "W", by->power_peak_w},
            {"throughput_ips", "1/s", by->throughput_hz},
            {"adc_area_m2", "m2", by->adc_area_m2},
            {"adc_energy_j", "J", by->adc_energy_j},
            {"adc_power_peak_w", "W", by->adc_power_peak_w},
        };
        const char *scope = arena_printf(arena, "adc.model=%s", by->model->name);
        if (scope == NULL)
            return FAIL_MEMORY(diag, "metrics");
        for (int m = 0; m < MODEL_METRICS; m++)
            if (isfinite(figures[m].value))
                add_to(metrics, scope, figures[m].name, figures[m].unit, figures[m].value);
    }
    return STATUS_OK;
}

/* The baseline's own figures in a scope of theirs, and this run's over them: of accuracies the
 * difference. */
static void add_baseline(const struct run_result *result, struct metrics *metrics) {
    const struct run_result *of = result->baseline;
    if (of == NULL)
        return;
    const struct cost_report *cost = &result->cost, *base = &of->cost;
    /* Operations of the baseline for both: the run's model may have come in smaller. */
    double gops = base->gops * cost->throughput_hz / base->throughput_hz;
    const struct {
        const char *name, *unit, *ratio;
        double own, base;
    } figures[] = {
        {"area_m2", "m2", "baseline_area_ratio", cost->area_used_m2, base->area_used_m2},
        {"power_peak_w", "W", "baseline_power_ratio", cost->power_peak_w, base->power_peak_w},
        {"energy_per_inference_j", "J", "baseline_energy_ratio", cost->energy_j, base->energy_j},
        {"throughput_ips", "1/s", "baseline_throughput_ratio", cost->throughput_hz,
         base->throughput_hz},
        {"gops_per_w", "GOPS/W", "baseline_gops_per_w_ratio", gops / cost->power_peak_w,
         base->gops_per_w},
        {"gops_per_mm2", "GOPS/mm2", "baseline_gops_per_mm2_ratio",
         gops / (cost->area_used_m2 * 1e6), base->gops_per_mm2},
        {"crossbars", "", "baseline_crossbar_ratio", (double)result->mapping.crossbars,
         (double)of->mapping.crossbars},
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        add_to(metrics, "baseline", figures[i].name, figures[i].unit, figures[i].base);
        if (figures[i].base > 0)
            add(metrics, figures[i].ratio, "", figures[i].own / figures[i].base);
    }
    add_to(metrics, "baseline", "adc_bits_max", "bits", run_bits_built_max(of));
    if (of->accuracy.images == 0 || result->accuracy.images == 0)
        return;
    add_to(metrics, "baseline", "accuracy_mean", "percent", 100 * of->accuracy.mean);
    add(metrics, "baseline_accuracy_difference", "percent",
        100 * (result->accuracy.mean - of->accuracy.mean));
}

/* The formats that can hold all layers, and what each layer takes in its smallest. */
static enum status add_storage(const struct run_result *result, struct arena *arena,
                               struct metrics *metrics, struct diagnostic *diag) {
    const struct run_storage *smallest = &result->storage_smallest;
    double dense = result->storage[STORAGE_DENSE].weight_bits;
    add(metrics, "storage_weight_bits", "bits", smallest->weight_bits);
    add(metrics, "storage_index_bits", "bits", smallest->index_bits);
    if (smallest->weight_bits > 0) {
        add(metrics, "compression_stored", "", dense / smallest->weight_bits);
        add(metrics, "compression_effective", "",
            dense / (smallest->weight_bits + smallest->index_bits));
    }
    add(metrics, "macs_stored", "", smallest->macs);
    for (int f = 0; f < STORAGE_FORMATS; f++) {
        const struct run_storage *format = &result->storage[f];
        if (!format->possible)
            continue;
        const char *scope = arena_printf(arena, "storage=%s", storage_formats[f].name);
        if (scope == NULL)
            return FAIL_MEMORY(diag, "metrics");
        add_to(metrics, scope, "storage_values", "", format->values);
        add_to(metrics, scope, "storage_weight_bits", "bits", format->weight_bits);
        add_to(metrics, scope, "storage_index_bits", "bits", format->index_bits);
        add_to(metrics, scope, "macs_stored", "", format->macs);
        add_to(metrics, scope, "storage_layers", "", format->layers);
    }
    return STATUS_OK;
}

static double share_of(double part, double all) {
    return all > 0 ? part / all : 0;
}

/* How full arrays are, in total and, where layers are stored, of each. `area_wasted_m2` is of the
 * area that a layer takes the share of its arrays' cells that no word line and filter in use cross
 * in. */
static enum status add_use(const struct run_result *result, struct arena *arena,
                           struct metrics *metrics, struct diagnostic *diag) {
    const struct run_options *options = config_get(result->config, "run");
    const struct mapping *mapping = &result->mapping;
    struct mapping_use total = {0};
    double wasted_m2 = 0;
    bool costs = result->cost.n_layers > 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        struct mapping_use use = mapping_use_of(layer);
        double own_m2 = costs ? result->cost.layers[i].area_m2 * (1 - layer->utilisation) : 0;
        mapping_use_add(&total, &use);
        wasted_m2 += own_m2;
        if (options->detail == RUN_TOTALS)
            continue;
        const char *scope = arena_printf(arena, "layer=%s", layer->layer->name);
        if (scope == NULL)
            return FAIL_MEMORY(diag, "metrics");
        add_to(metrics, scope, "crossbar_rows", "", layer->crossbar.rows);
        add_to(metrics, scope, "crossbar_columns", "", layer->crossbar.columns);
        add_to(metrics, scope, "rows_used", "", use.rows_used);
        add_to(metrics, scope, "columns_used", "", use.columns_used);
        add_to(metrics, scope, "cells_programmed", "", use.cells_programmed);
        if (costs)
            add_to(metrics, scope, "area_wasted_m2", "m2", own_m2);
    }
    add(metrics, "rows_used_share", "", share_of(total.rows_used, total.rows));
    add(metrics, "columns_used_share", "", share_of(total.columns_used, total.columns));
    add(metrics, "cells_programmed", "", total.cells_programmed);
    add(metrics, "cells_programmed_share", "", share_of(total.cells_programmed, total.cells));
    if (costs)
        add(metrics, "area_wasted_m2", "m2", wasted_m2);
    return STATUS_OK;
}

/* What zero-skip leaves to read, where it is used: of all its layers, and of each. */
static enum status add_skip(const struct run_result *result, struct arena *arena,
                            struct metrics *metrics, struct diagnostic *diag) {
    const struct run_options *options = config_get(result->config, "run");
    double lines = 0, digits = 0, made = 0, all = 0;
    bool measured = false;
    for (int i = 0; i < result->cost.n_layers; i++) {
        const struct skip_cost *skip = &result->cost.layers[i].skip;
        if (!skip->used)
            continue;
        measured = skip->measured;
        lines += skip->lines_read;
        digits += skip->lines_read * skip->cycles;
        made += result->cost.layers[i].conversions;
        all += skip->conversions;
        if (options->detail == RUN_TOTALS)
            continue;
        const char *scope = arena_printf(arena, "layer=%s", result->mapping.layers[i].layer->name);
        if (scope == NULL)
            return FAIL_MEMORY(diag, "metrics");
        add_to(metrics, scope, "cycles_effective", "", skip->cycles);
        add_to(metrics, scope, "reads_effective", "", skip->reads);
    }
    if (lines == 0)
        return STATUS_OK;
    add(metrics, "cycles_effective", "", digits / lines);
    add(metrics, "conversions_skipped_share", "", 1 - share_of(made, all));
    add(metrics, "skip_measured", "", measured);
    return STATUS_OK;
}

static enum status add_stages(const struct run_result *result, struct arena *arena,
                              struct metrics *metrics, struct diagnostic *diag) {
    for (int stage = 0; stage < RUN_STAGES; stage++) {
        const char *name = arena_printf(arena, "time_%s_s", run_stage_name((enum run_stage)stage));
        if (name == NULL)
            return FAIL_MEMORY(diag, "metrics");
        add(metrics, name, "s", result->stage_s[stage]);
    }
    return STATUS_OK;
}

enum status record_metrics(const struct run_result *result, int trial, struct arena *arena,
                           struct store_run *record, struct diagnostic *diag) {
    int room = RUN_METRICS + n_adc_models * MODEL_METRICS + STORAGE_FORMATS * STORAGE_METRICS +
               result->mapping.n_layers * LAYER_METRICS + EVENT_METRICS + result->cost.n_idle;
    struct metrics metrics = {.rows = ARENA_NEW(arena, room, struct store_metric)};
    if (metrics.rows == NULL)
        return FAIL_MEMORY(diag, "metrics");
    add_accuracy(result, trial, &metrics);
    add_mapping(result, &metrics);
    TRY(add_use(result, arena, &metrics, diag));
    add_cost(&result->cost, &metrics);
    TRY(add_skip(result, arena, &metrics, diag));
    add_placing(&result->placing, &metrics);
    add_idle(result, &metrics);
    TRY(add_events(&result->events, arena, &metrics, diag));
    TRY(add_band(result, arena, &metrics, diag));
    add_baseline(result, &metrics);
    TRY(add_storage(result, arena, &metrics, diag));
    TRY(add_stages(result, arena, &metrics, diag));
    record->metrics = metrics.rows;
    record->n_metrics = metrics.n;
    return STATUS_OK;
}
