/* One-shot pruning before mapping: masks on the weights of a QDQ or a float model (DESIGN "A QDQ
 * model accepts masks"). */
#include "sim/run/run_internal.h"

/* Filters that fit an array of this layer. */
static int filters_per_array(const struct network *network, int layer,
                             const struct crossbar_options *crossbar,
                             const struct mapping_options *mapping,
                             const struct weight_format *format) {
    int bits = network->quantised ? network->matrix[layer].weight_bits : format->bits;
    struct encoding encoding =
        encoding_make((enum encoding_kind)mapping->encoding, bits, crossbar->cell_bits);
    int filters = crossbar->columns / encoding.columns;
    return filters > 0 ? filters : 1; /* mapping refuses an array that holds none */
}

static enum status make_plan(const struct config *config, const struct network *network, int layer,
                             struct prune_plan *plan, struct diagnostic *diag) {
    const char *name = prune_name_of(network, layer);
    struct pruning_options options;
    struct crossbar_options crossbar;
    struct mapping_options mapping;
    struct weight_format format;
    TRY(config_get_layer(config, "pruning", name, &options, diag));
    TRY(config_get_layer(config, "crossbar", name, &crossbar, diag));
    TRY(config_get_layer(config, "mapping", name, &mapping, diag));
    TRY(layer_weight_format(config, name, &format, diag));
    const struct prune_array array = {
        .rows = crossbar.rows,
        .filters = filters_per_array(network, layer, &crossbar, &mapping, &format),
    };
    struct diagnostic why = {0};
    enum status status = prune_plan_make(&options, &array, plan, &why);
    return status == STATUS_OK ? status : FAIL(diag, status, "layer %s: %s", name, why.message);
}

enum status run_prune_plans(const struct config *config, const struct network *network,
                            struct prune_plan *plans, struct diagnostic *diag) {
    const struct pruning_options *options = config_get(config, "pruning");
    int count = prune_layers_of(network);
    for (int i = 0; i < count; i++) {
        TRY(make_plan(config, network, i, &plans[i], diag));
        if (!prune_selects(options, i, count))
            plans[i].n_steps = 0;
    }
    return STATUS_OK;
}

enum status stage_prune(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct pruning_options *options = config_get(evaluation->config, "pruning");
    struct network *network = result->float_model ? &evaluation->float_network : &result->network;
    result->plans = ARENA_NEW(&result->arena, prune_layers_of(network), struct prune_plan);
    if (result->plans == NULL)
        return FAIL_MEMORY(diag, "pruning");
    TRY(run_prune_plans(evaluation->config, network, result->plans, diag));
    for (int i = 0; evaluation->unpruned && i < prune_layers_of(network); i++)
        result->plans[i].n_steps = 0;
    return prune_network(network, result->plans, (enum prune_scope)options->scope, diag);
}
