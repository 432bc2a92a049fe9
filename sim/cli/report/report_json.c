/* Stored runs as JSON: the tree of one, and the list. Names are the database's, SI units. */
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "sim/screen/json_text.h"

static json_t *sum_object(const char *name, const struct report_sum *sum) {
    return json_pack("{ss so so so so}", "name", name, "area_m2", json_number(sum->area_m2),
                     "energy_j", json_number(sum->energy_j), "power_peak_w",
                     json_number(sum->power_peak_w), "leakage_w", json_number(sum->leakage_w));
}

/* A component with what each layer has of it. */
static json_t *part_object(const struct store_run *run, const struct report_part *part) {
    json_t *object = sum_object(part->name, &part->sum), *layers = json_array();
    object = json_with(object, "count", json_number(part->sum.count));
    object = json_with(object, "actions", json_number(part->sum.actions));
    object = json_with(object, "model", json_text(part->model));
    object = json_with(object, "source", json_text(part->source));
    for (int i = 0; i < run->n_components; i++) {
        const struct store_component *row = &run->components[i];
        if (strcmp(row->component, part->name) == 0)
            layers = json_plus(layers, json_pack("{so so so so}", "layer", json_text(row->layer),
                                                 "area_m2", json_number(row->area_m2), "energy_j",
                                                 json_number(row->energy_j), "power_peak_w",
                                                 json_number(row->power_peak_w)));
    }
    object = json_with(object, "layers", layers);
    return object;
}

/* A level: its own parts, and the level inside it. */
static json_t *level_object(const struct store_run *run, const struct report_tree *tree,
                            int level) {
    json_t *object = sum_object(report_levels[level], &tree->level[level]), *parts = json_array();
    for (int i = 0; i < tree->n_parts; i++)
        if (tree->parts[i].level == level)
            parts = json_plus(parts, part_object(run, &tree->parts[i]));
    object = json_with(object, "parts", parts);
    if (level + 1 < REPORT_LEVELS)
        object = json_with(object, "inside", level_object(run, tree, level + 1));
    return object;
}

static json_t *layers_array(const struct store_run *run) {
    json_t *array = json_array();
    for (int i = 0; i < run->n_layers; i++) {
        const struct store_layer *layer = &run->layers[i];
        array = json_plus(array, json_pack("{ss si si so so so}", "layer", layer->name, "crossbars",
                                           (int)layer->crossbars, "adc_bits", layer->adc_bits,
                                           "area_m2", json_number(layer->area_m2), "energy_j",
                                           json_number(layer->energy_j), "time_s",
                                           json_number(layer->time_s)));
    }
    return array;
}

static json_t *metrics_object(const struct store_run *run) {
    json_t *object = json_object();
    for (int i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].scope, "run") == 0)
            object = json_with(object, run->metrics[i].name, json_number(run->metrics[i].value));
    return object;
}

/* What is not of the run itself: of the baseline, or of one model of converters. */
static json_t *scopes_object(const struct store_run *run) {
    json_t *scopes = json_object(), *object = NULL;
    for (int i = 0; i < run->n_metrics; i++) { /* in the order of scopes */
        const struct store_metric *metric = &run->metrics[i];
        if (strcmp(metric->scope, "run") == 0)
            continue;
        bool first = i == 0 || strcmp(run->metrics[i - 1].scope, metric->scope) != 0;
        bool last =
            i + 1 == run->n_metrics || strcmp(run->metrics[i + 1].scope, metric->scope) != 0;
        if (first)
            object = json_object();
        object = json_with(object, metric->name, json_number(metric->value));
        if (last)
            scopes = json_with(scopes, metric->scope, object);
    }
    return scopes;
}

static json_t *parameters_object(const struct store_run *run) {
    json_t *object = json_object();
    for (int i = 0; i < run->n_parameters; i++)
        if (run->parameters[i].differs)
            object =
                json_with(object, run->parameters[i].key, json_string(run->parameters[i].text));
    return object;
}

enum status report_json(const struct store_run *run, const struct report_request *request,
                        FILE *out, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct report_tree tree;
    TRY(report_tree_make(run, &arena, &tree, diag));
    json_t *object = json_pack(
        "{sI ss ss si so ss so so so so so}", "run_id", (json_int_t)request->run_id, "db",
        request->database, "experiment", run->experiment, "trial", run->trial, "started_unix_s",
        json_number(run->started_unix_s), "version", run->version, "params", parameters_object(run),
        "metrics", metrics_object(run), "metrics_by_scope", scopes_object(run), "tree",
        run->n_components > 0 ? level_object(run, &tree, 0) : json_null(), "layers",
        layers_array(run));
    arena_free(&arena);
    return json_print(object, out, diag);
}

enum status report_list_json(const struct store_summary *runs, int n, FILE *out,
                             struct diagnostic *diag) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++) {
        const struct store_summary *run = &runs[i];
        array = json_plus(array, json_pack("{sI ss si ss so so so so so so so}", "run_id",
                                           (json_int_t)run->run_id, "experiment", run->experiment,
                                           "trial", run->trial, "status", run->status, "params",
                                           json_loads(run->params, 0, NULL), "started_unix_s",
                                           json_number(run->started_unix_s), "accuracy_top1",
                                           json_number(run->accuracy_top1), "area_m2",
                                           json_number(run->area_m2), "power_peak_w",
                                           json_number(run->power_peak_w), "energy_per_inference_j",
                                           json_number(run->energy_per_inference_j),
                                           "throughput_ips", json_number(run->throughput_ips)));
    }
    return json_print(array, out, diag);
}
