/* The result of `mho run` as one JSON object. Names are the database's: at the top those of the
 * view run_summary, in `metrics`, `layers` and `components` those of the tables. It is the row of
 * the first trial; `trials` has what differs in the others. */
#include <string.h>

#include "sim/cli/run/run_view.h"
#include "sim/run/record.h"
#include "sim/screen/json_text.h"

/* Columns of run_summary that are metrics, with the factor from the metric's unit. */
static const struct {
    const char *column, *metric;
    double factor;
} summary[] = {
    {"accuracy_top1", "accuracy_top1", 1},
    {"accuracy_mean", "accuracy_mean", 1},
    {"accuracy_std", "accuracy_std", 1},
    {"accuracy_ideal", "accuracy_ideal", 1},
    {"accuracy_float", "accuracy_float", 1},
    {"images", "images", 1},
    {"area_mm2", "area_m2", 1e6},
    {"area_chip_mm2", "area_chip_m2", 1e6},
    {"power_w", "power_peak_w", 1},
    {"power_average_w", "power_average_w", 1},
    {"energy_per_inference_j", "energy_per_inference_j", 1},
    {"latency_s", "latency_s", 1},
    {"throughput_ips", "throughput_ips", 1},
    {"gops", "gops", 1},
    {"gops_per_w", "gops_per_w", 1},
    {"gops_per_mm2", "gops_per_mm2", 1},
    {"crossbars", "crossbars", 1},
    {"crossbars_dense", "crossbars_dense", 1},
    {"crossbar_saving", "crossbar_saving", 1},
    {"compression_ratio", "compression_ratio", 1},
    {"nonzero_weights", "nonzero_weights", 1},
    {"adc_bits_max", "adc_bits_max", 1},
    {"adc_bits_mean", "adc_bits_mean", 1},
};

/* Sets `key` of an object, or clears *complete when memory is short. */
static void put(bool *complete, json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value) != 0)
        *complete = false;
}

static json_t *parameter_value(const struct store_parameter *parameter) {
    long long integer;
    double real;
    if (parameter->type == PARAMETER_INTEGER && text_to_int(parameter->text, &integer))
        return json_integer(integer);
    if (parameter->type == PARAMETER_REAL && text_to_real(parameter->text, &real))
        return json_number(real);
    return json_string(parameter->text);
}

static json_t *parameters_object(const struct store_run *record, bool only_differing,
                                 bool *complete) {
    json_t *object = json_object();
    for (int i = 0; i < record->n_parameters; i++)
        if (record->parameters[i].differs || !only_differing)
            put(complete, object, record->parameters[i].key,
                parameter_value(&record->parameters[i]));
    return object;
}

static json_t *metrics_object(const struct store_run *record, bool *complete) {
    json_t *object = json_object();
    for (int i = 0; i < record->n_metrics; i++)
        if (strcmp(record->metrics[i].scope, "run") == 0)
            put(complete, object, record->metrics[i].name, json_number(record->metrics[i].value));
    return object;
}

/* What is not of the run itself, by scope: "adc.model=isaac". */
static json_t *scopes_object(const struct store_run *record, bool *complete) {
    json_t *scopes = json_object();
    for (int i = 0; i < record->n_metrics; i++) {
        const struct store_metric *metric = &record->metrics[i];
        if (strcmp(metric->scope, "run") == 0)
            continue;
        json_t *object = json_object_get(scopes, metric->scope);
        if (object == NULL) {
            object = json_object();
            put(complete, scopes, metric->scope, object);
        }
        put(complete, object, metric->name, json_number(metric->value));
    }
    return scopes;
}

static void append(bool *complete, json_t *array, json_t *value) {
    if (json_array_append_new(array, value) != 0)
        *complete = false;
}

static json_t *layers_array(const struct store_run *record, bool *complete) {
    json_t *array = json_array();
    for (int i = 0; i < record->n_layers; i++) {
        const struct store_layer *layer = &record->layers[i];
        append(
            complete, array,
            json_pack("{si ss ss sI sI sI sI so sI sI sI sI sI so si si si si sI ss ss ss so so so "
                      "so so so so so so}",
                      "position", i, "name", layer->name, "kind", layer->kind, "rows",
                      (json_int_t)layer->rows, "columns", (json_int_t)layer->columns, "groups",
                      (json_int_t)layer->groups, "positions", (json_int_t)layer->positions, "macs",
                      json_number(layer->macs), "weights", (json_int_t)layer->weights,
                      "nonzero_weights", (json_int_t)layer->nonzero_weights, "crossbars",
                      (json_int_t)layer->crossbars, "copies", (json_int_t)layer->copies,
                      "row_blocks", (json_int_t)layer->row_blocks, "utilisation",
                      json_number(layer->utilisation), "adc_bits", layer->adc_bits, "lossless_bits",
                      layer->lossless_bits, "structural_bits", layer->structural_bits, "worst_bits",
                      layer->worst_bits, "largest_sum", (json_int_t)layer->largest_sum,
                      "bits_set_by", layer->bits_set_by, "path", layer->path, "device",
                      layer->device, "activity", json_number(layer->activity), "conversions",
                      json_number(layer->conversions), "area_m2", json_number(layer->area_m2),
                      "energy_j", json_number(layer->energy_j), "time_s",
                      json_number(layer->time_s), "buffer_bytes", json_number(layer->buffer_bytes),
                      "map_bytes", json_number(layer->map_bytes), "clipping_rate",
                      json_number(layer->clipping_rate), "sqnr_db", json_number(layer->sqnr_db)));
    }
    return array;
}

static json_t *components_array(const struct store_run *record, bool *complete) {
    json_t *array = json_array();
    for (int i = 0; i < record->n_components; i++) {
        const struct store_component *row = &record->components[i];
        append(complete, array,
               json_pack("{si so ss ss so so so so so so so so}", "position", i, "layer",
                         json_text(row->layer), "level", row->level, "component", row->component,
                         "model", json_text(row->model), "source", json_text(row->source), "count",
                         json_number(row->count), "actions", json_number(row->actions), "area_m2",
                         json_number(row->area_m2), "energy_j", json_number(row->energy_j),
                         "power_peak_w", json_number(row->power_peak_w), "leakage_w",
                         json_number(row->leakage_w)));
    }
    return array;
}

/* What differs between the trials' rows. */
static json_t *trials_array(const struct run_view *view, bool *complete) {
    json_t *array = json_array();
    for (int i = 0; i < view->n_records; i++) {
        const struct store_run *record = &view->records[i];
        json_t *id = view->database != NULL ? json_integer(view->written[i].run_id) : json_null();
        append(complete, array,
               json_pack("{so si so so}", "run_id", id, "trial", record->trial, "accuracy_top1",
                         json_number(run_record_metric(record, "accuracy_top1")),
                         "images_differing",
                         json_number(run_record_metric(record, "images_differing"))));
    }
    return array;
}

static json_t *run_object(const struct run_view *view, bool *complete) {
    const struct store_run *record = &view->records[0];
    bool stored = view->database != NULL;
    json_t *object = json_object();
    put(complete, object, "run_id", stored ? json_integer(view->written[0].run_id) : json_null());
    put(complete, object, "db", json_text(view->database));
    put(complete, object, "experiment", json_string(record->experiment));
    put(complete, object, "params", parameters_object(record, true, complete));
    put(complete, object, "status", json_string(view->dry_run ? "dry_run" : record->status));
    for (size_t i = 0; i < sizeof summary / sizeof *summary; i++)
        put(complete, object, summary[i].column,
            json_number(summary[i].factor * run_record_metric(record, summary[i].metric)));
    put(complete, object, "wall_s", json_real(record->wall_s));
    put(complete, object, "started_unix_s", json_real(record->started_unix_s));
    put(complete, object, "point_hash", json_string(record->point_hash));
    put(complete, object, "model_hash", json_text(record->model_hash));
    put(complete, object, "data_hash", json_text(record->data_hash));
    put(complete, object, "seed", json_integer((json_int_t)record->seed));
    put(complete, object, "trial", json_integer(record->trial));
    put(complete, object, "trials", trials_array(view, complete));
    put(complete, object, "version", json_string(record->version));
    put(complete, object, "commit", json_string(record->commit));
    put(complete, object, "host", json_string(record->host));
    put(complete, object, "libraries", json_loads(record->libraries, 0, NULL));
    put(complete, object, "parameters", parameters_object(record, false, complete));
    put(complete, object, "metrics", metrics_object(record, complete));
    put(complete, object, "metrics_by_scope", scopes_object(record, complete));
    put(complete, object, "layers", layers_array(record, complete));
    put(complete, object, "components", components_array(record, complete));
    return object;
}

enum status run_json(const struct run_view *view, FILE *out, struct diagnostic *diag) {
    bool complete = true;
    json_t *object = run_object(view, &complete);
    if (!complete) {
        json_decref(object);
        return FAIL_MEMORY(diag, "the JSON object");
    }
    return json_print(object, out, diag);
}
