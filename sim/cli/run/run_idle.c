/* The screen of `mho run`: settings that are not at their default, and change nothing of this run.
 */
#include <math.h>
#include <string.h>

#include "pruning/pruning.h"
#include "sim/cli/run/run_view.h"

static bool converters_are(const struct run_result *result, const char *model) {
    return result->band != NULL || strcmp(result->cost.adc_model->name, model) == 0;
}

static bool asks_zigzag(const struct run_result *result) {
    return converters_are(result, "zigzag");
}

static bool asks_neurosim(const struct run_result *result) {
    return converters_are(result, "neurosim-sar");
}

static bool balances(const struct run_result *result) {
    const struct mapping_options *options = config_get(result->config, "mapping");
    return options->replication == REPLICATION_BALANCED;
}

static bool reloads(const struct run_result *result) {
    return result->cost.passes > 1;
}

static bool writes(const struct run_result *result) {
    return result->cost.write_known;
}

static bool has_events(const struct run_result *result) {
    return result->events.images > 0;
}

/* Technology matters to components, to the parts of compaction, and to printed figures that are
 * taken to another node. */
static bool follows_technology(const struct run_result *result) {
    const struct chip *chip = &result->chip;
    bool follows = fabs(chip->node_m - chip->printed_node_m) > 1e-12;
    for (int i = 0; i < chip->n_components; i++)
        follows = follows || chip->components[i].kind != NULL;
    for (int i = 0; i < result->mapping.n_layers; i++)
        follows = follows || result->mapping.layers[i].compaction != COMPACTION_NONE ||
                  result->mapping.layers[i].encoding.fragment_sign ||
                  result->mapping.layers[i].crossbar.zero_skip != ZERO_SKIP_NONE;
    return follows;
}

static bool arrays_follow_device(const struct run_result *result) {
    const struct chip *chip = &result->chip;
    for (int i = 0; i < chip->n_components; i++)
        if (chip->components[i].action == ACTION_ARRAY_READ)
            return chip->components[i].kind != NULL;
    return false;
}

/* Whether any layer is pruned here, by a scheme or by masks. */
static bool prunes(const struct run_result *result) {
    const struct pruning_options *options = config_get(result->config, "pruning");
    bool pruned = options->masks != NULL;
    for (int i = 0; i < result->mapping.n_layers && !pruned; i++) {
        struct pruning_options layer;
        pruned = config_get_layer(result->config, "pruning", result->mapping.layers[i].layer->name,
                                  &layer, NULL) == STATUS_OK &&
                 strcmp(layer.scheme, "none") != 0;
    }
    return pruned;
}

static bool is_polarized(const struct run_result *result) {
    for (int i = 0; i < result->mapping.n_layers; i++)
        if (result->mapping.layers[i].encoding.fragment_sign)
            return true;
    return false;
}

static const struct setting {
    const char *section, *key;
    bool (*is_used)(const struct run_result *result);
    const char *why;
} settings[] = {
    {"adc", "supply", asks_zigzag, "changes nothing: only adc.model zigzag asks for it"},
    {"adc", "temperature", asks_neurosim,
     "changes nothing: only adc.model neurosim-sar asks for it"},
    {"adc", "column_resistance", asks_neurosim,
     "changes nothing: only adc.model neurosim-sar asks for it"},
    {"adc", "read_voltage", asks_neurosim,
     "changes nothing: only adc.model neurosim-sar asks for it"},
    {"mapping", "array_budget", balances,
     "changes nothing: only mapping.replication=balanced spends arrays"},
    {"chip", "batch", reloads, "changes nothing: no cells are written anew for a batch"},
    {"chip", "write_arrays", writes,
     "changes nothing: neither device nor chip states what a write takes"},
    {"chip", "stream", has_events, "changes nothing: only chip.timing=event sends images"},
    {"chip", "technology", follows_technology,
     "changes nothing: all figures of the chip are printed ones, at their own node"},
    {"chip", "node_scaling", follows_technology,
     "changes nothing: all figures of the chip are printed ones, at their own node"},
    {"mapping", "fragment_rows", is_polarized,
     "changes nothing: only mapping.encoding=polarized has fragments"},
    {"pruning", "rate", prunes, "changes nothing: pruning.scheme is none"},
    {"device", "preset", arrays_follow_device,
     "leaves the area and energy of arrays as the chip's file has them"},
};

void run_screen_idle(const struct run_view *view, const struct screen *screen) {
    const struct run_result *result = view->result;
    if (result->cost.n_rows == 0)
        return;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const struct setting *setting = &settings[i];
        if (config_is_default(result->config, setting->section, setting->key) ||
            setting->is_used(result))
            continue;
        screen_label(screen, "Note");
        fprintf(screen->out, "%s.%s %s\n", setting->section, setting->key, setting->why);
    }
}
