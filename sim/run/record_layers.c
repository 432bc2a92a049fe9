/* Layers and components of a run as rows. */
#include <limits.h>
#include <math.h>

#include "sim/run/record_internal.h"

/* What compaction made of the bits: it changes which rows share a bit line. */
static char *compared(const struct mapped_layer *layer, char *text, struct arena *arena) {
    int before = layer->uncompacted_bits, now = layer->lossless.exact;
    if (text == NULL || layer->compaction == COMPACTION_NONE || before == now)
        return text;
    return arena_printf(arena, "%s; %d uncompacted", text, before);
}

/* Where the largest sum is, with the array named as `where` says (" of array 3", or ""). */
static char *set_by(const struct mapped_layer *layer, const char *where, struct arena *arena) {
    const struct lossless_bits *bits = &layer->lossless;
    if (bits->slice < 0)
        return arena_printf(arena, "unit column%s, %d rows", where, bits->rows);
    if (layer->flip) /* the stored cells may be the inverse of the weight's */
        return arena_printf(arena, "slice %d%s", bits->slice, where);
    return arena_printf(arena, "slice %d%s, %d %s", bits->slice, where, bits->rows,
                        bits->rows == 1 ? "row" : "rows");
}

static bool has_sums(const struct mapped_layer *layer) {
    const struct lossless_bits *bits = &layer->lossless;
    return bits->largest_sum > 0 && bits->array >= 0 && bits->array < layer->n_arrays;
}

char *run_bits_set_by(const struct mapped_layer *layer, struct arena *arena) {
    if (!has_sums(layer))
        return arena_strdup(arena, "no weights");
    char *where = arena_printf(arena, " of array %d", layer->lossless.array);
    return where != NULL ? compared(layer, set_by(layer, where, arena), arena) : NULL;
}

char *run_bits_set_by_brief(const struct mapped_layer *layer, struct arena *arena) {
    return has_sums(layer) ? compared(layer, set_by(layer, "", arena), arena)
                           : arena_strdup(arena, "no weights");
}

static void fill_cost(const struct run_result *result, int i, struct store_layer *row) {
    if (i >= result->cost.n_layers)
        return;
    const struct layer_cost *cost = &result->cost.layers[i];
    row->activity = cost->activity;
    row->conversions = cost->conversions;
    row->area_m2 = cost->area_m2;
    row->energy_j = cost->energy_j;
    row->time_s = cost->time_s;
    row->buffer_bytes = cost->buffer_bytes;
    row->map_bytes = cost->map_bytes;
}

static void fill_conversion(const struct run_result *result, int i, struct store_layer *row) {
    row->clipping_rate = row->sqnr_db = NAN;
    if (result->conversions == NULL)
        return;
    row->clipping_rate = result->conversions[i].clipping_rate;
    if (isfinite(result->conversions[i].sqnr_db))
        row->sqnr_db = result->conversions[i].sqnr_db;
}

static enum status fill_layer(const struct run_result *result, int i, struct arena *arena,
                              struct store_layer *row, struct diagnostic *diag) {
    const struct mapped_layer *layer = &result->mapping.layers[i];
    const struct matrix_shape *shape = &layer->layer->shape, before = matrix_unpurified(shape);
    *row = (struct store_layer){
        .name = layer->layer->name,
        .kind = matrix_kind(shape),
        .rows = matrix_rows(shape),
        .columns = matrix_columns(shape),
        .groups = shape->groups,
        .positions = matrix_positions(shape),
        .macs = matrix_macs(&before),
        .weights = layer->weights.weights,
        .nonzero_weights = layer->weights.nonzero,
        .crossbars = (long)layer->n_arrays * layer->copies,
        .copies = layer->copies,
        .row_blocks = layer->row_blocks,
        .utilisation = layer->utilisation,
        .adc_bits = run_built_bits(result, i),
        .lossless_bits = layer->lossless.exact,
        .structural_bits = layer->lossless.structural,
        .worst_bits = layer->lossless.worst,
        .largest_sum = layer->lossless.largest_sum,
        .bits_set_by = run_bits_set_by(layer, arena),
        .path = engine_path_names[result->layers[i].path],
        .device = result->devices[i].device.name,
    };
    fill_cost(result, i, row);
    fill_conversion(result, i, row);
    return row->bits_set_by != NULL ? STATUS_OK : FAIL_MEMORY(diag, "layers");
}

static int64_t count_seen(const struct sum_histogram *histogram) {
    int64_t seen = 0;
    for (int64_t s = 0; s < histogram->size; s++)
        seen += histogram->counts[s] > 0;
    return seen;
}

/* The sums that were seen, layer by layer. */
static enum status record_histograms(const struct run_result *result, struct arena *arena,
                                     struct store_run *record, struct diagnostic *diag) {
    int64_t count = 0, n = 0;
    for (int i = 0; i < result->mapping.n_layers; i++)
        count += count_seen(&result->histograms[i]);
    struct store_sum *rows = ARENA_NEW(arena, count, struct store_sum);
    if (rows == NULL || count > INT_MAX)
        return FAIL_MEMORY(diag, "histograms");
    for (int i = 0; i < result->mapping.n_layers; i++)
        for (int64_t s = 0; s < result->histograms[i].size; s++)
            if (result->histograms[i].counts[s] > 0)
                rows[n++] = (struct store_sum){.layer = result->mapping.layers[i].layer->name,
                                               .position = i,
                                               .sum = s,
                                               .count = result->histograms[i].counts[s]};
    record->histogram = rows;
    record->n_histogram = (int)n;
    return STATUS_OK;
}

enum status record_layers(const struct run_result *result, struct arena *arena,
                          struct store_run *record, struct diagnostic *diag) {
    int count = result->mapping.n_layers;
    struct store_layer *rows = ARENA_NEW(arena, count, struct store_layer);
    if (rows == NULL)
        return FAIL_MEMORY(diag, "layers");
    for (int i = 0; i < count; i++)
        TRY(fill_layer(result, i, arena, &rows[i], diag));
    record->layers = rows;
    record->n_layers = count;
    return result->histograms != NULL ? record_histograms(result, arena, record, diag) : STATUS_OK;
}

enum status record_components(const struct run_result *result, struct arena *arena,
                              struct store_run *record, struct diagnostic *diag) {
    int count = result->cost.n_rows;
    struct store_component *rows = ARENA_NEW(arena, count, struct store_component);
    if (rows == NULL)
        return FAIL_MEMORY(diag, "components");
    for (int i = 0; i < count; i++) {
        const struct cost_row *row = &result->cost.rows[i];
        rows[i] = (struct store_component){
            .layer = row->layer >= 0 ? result->mapping.layers[row->layer].layer->name : NULL,
            .level = chip_level_names[row->level],
            .component = row->component,
            .model = row->model,
            .source = row->source,
            .count = row->count,
            .actions = row->actions,
            .area_m2 = row->area_m2,
            .energy_j = row->energy_j,
            .power_peak_w = row->power_peak_w,
            .leakage_w = row->leakage_w,
        };
    }
    record->components = rows;
    record->n_components = count;
    return STATUS_OK;
}
