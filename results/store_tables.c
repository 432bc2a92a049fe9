/* The records of store.h as rows of schema.sql. */
#include "results/store_internal.h"

#define COLUMN(record, type, member)                                                               \
    { #member, COLUMN_##type, offsetof(struct record, member) }

static const struct column run_columns[] = {
    COLUMN(store_run, TEXT, point_hash), COLUMN(store_run, TEXT, version),
    COLUMN(store_run, INT, trial),       COLUMN(store_run, UINT64, seed),
    COLUMN(store_run, TEXT, commit),     COLUMN(store_run, TEXT, host),
    COLUMN(store_run, TEXT, libraries),  COLUMN(store_run, TEXT, model_hash),
    COLUMN(store_run, TEXT, data_hash),  COLUMN(store_run, TEXT, status),
    COLUMN(store_run, TEXT, error),      COLUMN(store_run, REAL, started_unix_s),
    COLUMN(store_run, REAL, wall_s),
};

static const struct column metric_columns[] = {
    COLUMN(store_metric, TEXT, scope),
    COLUMN(store_metric, TEXT, name),
    COLUMN(store_metric, REAL, value),
    COLUMN(store_metric, TEXT, unit),
};

static const struct column layer_columns[] = {
    COLUMN(store_layer, TEXT, name),
    COLUMN(store_layer, TEXT, kind),
    COLUMN(store_layer, LONG, rows),
    COLUMN(store_layer, LONG, columns),
    COLUMN(store_layer, LONG, groups),
    COLUMN(store_layer, LONG, positions),
    COLUMN(store_layer, REAL, macs),
    COLUMN(store_layer, LONG, weights),
    COLUMN(store_layer, LONG, nonzero_weights),
    COLUMN(store_layer, LONG, crossbars),
    COLUMN(store_layer, LONG, copies),
    COLUMN(store_layer, LONG, row_blocks),
    COLUMN(store_layer, REAL, utilisation),
    COLUMN(store_layer, INT, adc_bits),
    COLUMN(store_layer, INT, lossless_bits),
    COLUMN(store_layer, INT, structural_bits),
    COLUMN(store_layer, INT, worst_bits),
    COLUMN(store_layer, INT64, largest_sum),
    COLUMN(store_layer, TEXT, bits_set_by),
    COLUMN(store_layer, TEXT, path),
    COLUMN(store_layer, TEXT, device),
    COLUMN(store_layer, REAL, activity),
    COLUMN(store_layer, REAL, conversions),
    COLUMN(store_layer, REAL, area_m2),
    COLUMN(store_layer, REAL, energy_j),
    COLUMN(store_layer, REAL, time_s),
    COLUMN(store_layer, REAL, buffer_bytes),
    COLUMN(store_layer, REAL, map_bytes),
    COLUMN(store_layer, REAL_OR_NULL, clipping_rate),
    COLUMN(store_layer, REAL_OR_NULL, sqnr_db),
};

static const struct column sum_columns[] = {
    COLUMN(store_sum, INT, position),
    COLUMN(store_sum, INT64, sum),
    COLUMN(store_sum, UINT64, count),
};

static const struct column component_columns[] = {
    COLUMN(store_component, TEXT, layer),     COLUMN(store_component, TEXT, level),
    COLUMN(store_component, TEXT, component), COLUMN(store_component, TEXT, model),
    COLUMN(store_component, TEXT, source),    COLUMN(store_component, REAL, count),
    COLUMN(store_component, REAL, actions),   COLUMN(store_component, REAL, area_m2),
    COLUMN(store_component, REAL, energy_j),  COLUMN(store_component, REAL, power_peak_w),
    COLUMN(store_component, REAL, leakage_w),
};

static const struct column claim_columns[] = {
    COLUMN(store_claim, TEXT, published_in), COLUMN(store_claim, TEXT, source),
    COLUMN(store_claim, TEXT, what),         COLUMN(store_claim, REAL, published),
    COLUMN(store_claim, REAL_OR_NULL, ours), COLUMN(store_claim, REAL_OR_NULL, low),
    COLUMN(store_claim, REAL_OR_NULL, high), COLUMN(store_claim, TEXT, unit),
    COLUMN(store_claim, TEXT, verdict),      COLUMN(store_claim, TEXT, note),
};

#define COLUMNS(list) .columns = (list), .n_columns = sizeof(list) / sizeof *(list)

const struct table store_run_table = {
    .name = "run",
    .keys = {"id", "experiment_id"},
    COLUMNS(run_columns),
    .size = sizeof(struct store_run),
    .label_offset = offsetof(struct store_run, point_hash),
};

const struct table store_metric_table = {
    .name = "metric",
    .keys = {"run_id", NULL},
    COLUMNS(metric_columns),
    .size = sizeof(struct store_metric),
    .label_offset = offsetof(struct store_metric, name),
};

const struct table store_layer_table = {
    .name = "layer",
    .keys = {"run_id", "position"},
    COLUMNS(layer_columns),
    .size = sizeof(struct store_layer),
    .label_offset = offsetof(struct store_layer, name),
};

const struct table store_sum_table = {
    .name = "histogram",
    .keys = {"run_id", NULL},
    COLUMNS(sum_columns),
    .size = sizeof(struct store_sum),
    .label_offset = offsetof(struct store_sum, layer),
};

const struct table store_component_table = {
    .name = "component",
    .keys = {"run_id", "position"},
    COLUMNS(component_columns),
    .size = sizeof(struct store_component),
    .label_offset = offsetof(struct store_component, component),
};

const struct table store_claim_table = {
    .name = "claim",
    .keys = {"run_id", "position"},
    COLUMNS(claim_columns),
    .size = sizeof(struct store_claim),
    .label_offset = offsetof(struct store_claim, what),
};
