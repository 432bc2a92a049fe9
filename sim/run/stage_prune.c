/* Pruning before mapping: masks on the weights of a QDQ or a float model (DESIGN "A QDQ model
 * accepts masks"), and for a float one weights fitted to calibration images. */
#include "sim/run/prune.h"

#include <string.h>

#include "pruning/choose.h"
#include "pruning/purify.h"
#include "sim/run/masks.h"
#include "sim/run/products.h"

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
    if (run_prune_needs_images(config) && !network->quantised)
        return prune_keep_unfollowed(network, plans, diag);
    return STATUS_OK;
}

bool run_prune_removes(const struct prune_plan *plans, int count) {
    for (int i = 0; i < count; i++)
        if (plans[i].n_steps > 0)
            return true;
    return false;
}

bool run_prune_needs_images(const struct config *config) {
    const struct pruning_options *options = config_get(config, "pruning");
    return options->reconstruct != RECONSTRUCT_NONE || options->score == PRUNE_SCORE_GRAM ||
           options->score == PRUNE_SCORE_OBS;
}

bool run_prune_rounds(const struct config *config) {
    const struct pruning_options *options = config_get(config, "pruning");
    return options->round == PRUNE_ROUND_FITTED;
}

/* Units that layers compete for, by the magnitude of their dense weights. */
static enum status globalise(const struct network *network, struct prune_plan *plans,
                             struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int count = network->n_linear;
    struct prune_layer *layers = ARENA_NEW(&arena, count, struct prune_layer);
    enum status status = layers != NULL ? STATUS_OK : FAIL_MEMORY(diag, "pruning");
    for (int i = 0; status == STATUS_OK && i < count; i++) {
        layers[i] = (struct prune_layer){.plan = &plans[i],
                                         .matrix = prune_matrix_of(network->linear[i].name,
                                                                   &network->linear[i].shape,
                                                                   network->linear[i].weights)};
        size_t size = prune_size(&layers[i].matrix);
        double *scores = ARENA_NEW(&arena, size, double);
        layers[i].mask = ARENA_NEW(&arena, size, uint8_t);
        layers[i].scores = scores;
        if (scores == NULL || layers[i].mask == NULL)
            status = FAIL_MEMORY(diag, "pruning");
        else
            prune_magnitude_scores(&layers[i].matrix, scores);
    }
    if (status == STATUS_OK)
        status = prune_globalise(layers, count, diag);
    arena_free(&arena);
    return status;
}

/* pruning.masks, for the layers of the model as it was imported. */
static enum status read_masks(const struct config *config, struct network *network,
                              const uint8_t *const **masks, struct diagnostic *diag) {
    const struct pruning_options *options = config_get(config, "pruning");
    const struct network_options *model = config_get(config, "network");
    const uint8_t **read = ARENA_NEW(&network->arena, network->n_linear, const uint8_t *);
    struct export *file;
    if (read == NULL)
        return FAIL_MEMORY(diag, "masks");
    TRY(export_open(model->model, (enum network_as)model->as, &file, diag));
    enum status status = masks_read(options->masks, file, network, read, &network->arena, diag);
    export_close(file);
    *masks = read;
    return status;
}

enum status run_prune(const struct run_prune_request *request, struct network *network,
                      struct layerwise_layer *layers, struct diagnostic *diag) {
    const struct pruning_options *options = config_get(request->config, "pruning");
    const struct run_options *run = config_get(request->config, "run");
    struct layerwise_request layerwise = {
        .network = network,
        .plans = request->plans,
        .method = (enum reconstruct_method)options->reconstruct,
        .score = (enum prune_score)options->score,
        .samples = options->samples,
        .seed = run->seed,
        .images = request->images,
        .threads = request->threads,
        .progress = request->progress,
        .progress_context = request->context,
        .stop = request->stop,
    };
    if (options->masks != NULL)
        TRY(read_masks(request->config, network, &layerwise.masks, diag));
    else if (options->scope == PRUNE_GLOBAL)
        TRY(globalise(network, request->plans, diag));
    if (run_prune_rounds(request->config)) {
        struct weight_format *formats =
            ARENA_NEW(&network->arena, network->n_linear, struct weight_format);
        if (formats == NULL)
            return FAIL_MEMORY(diag, "pruning");
        TRY(run_weight_formats(request->config, network, formats, diag));
        layerwise.round = formats;
    }
    TRY(layerwise_prune(&layerwise, layers, &network->arena, diag));
    for (int i = 0; i < network->n_linear; i++) {
        network->linear[i].weights = layers[i].weights;
        network->linear[i].bias = layers[i].bias;
    }
    struct purified purified;
    if (options->purify)
        TRY(purify_network(network, &purified, diag));
    return STATUS_OK;
}

enum status run_load_calibration(const struct config *config, const struct network *network,
                                 struct dataset *images, struct diagnostic *diag) {
    int shape[3];
    TRY(network_image_shape(network, shape, diag));
    return dataset_load(config_get(config, "dataset"), DATASET_CALIBRATION, shape,
                        network_classes(network), images, diag);
}

/* A network that is pruned: how, and with which images. */
struct pruner {
    struct evaluation *evaluation;
    bool as_float;                /* by masks that are given or need images, or fitted weights */
    const struct dataset *images; /* NULL: none are needed */
};

/* Given masks, masks that need calibration images, and weights fitted on them. */
static enum status prune_as_float(const struct pruner *pruner, struct pruned *pruned,
                                  struct diagnostic *diag) {
    struct evaluation *evaluation = pruner->evaluation;
    struct arena arena = ARENA_INIT;
    struct layerwise_layer *layers =
        ARENA_NEW(&arena, pruned->network.n_linear, struct layerwise_layer);
    const struct run_prune_request request = {
        .config = evaluation->config,
        .plans = pruned->plans,
        .images = pruner->images,
        .threads = evaluation->threads,
        .progress = evaluation_progress,
        .context = evaluation,
        .stop = evaluation->hooks->stop,
    };
    enum status status = layers != NULL ? run_prune(&request, &pruned->network, layers, diag)
                                        : FAIL_MEMORY(diag, "pruning");
    arena_free(&arena);
    return status;
}

/* A network of its own, since its weights are replaced. */
static enum status make_pruned(void *context, void *value, struct diagnostic *diag) {
    const struct pruner *pruner = context;
    const struct config *config = pruner->evaluation->config;
    const struct network_options *model = config_get(config, "network");
    const struct pruning_options *options = config_get(config, "pruning");
    struct pruned *pruned = value;
    TRY(network_import_as(model->model, (enum network_as)model->as, &pruned->network, diag));
    struct network *network = &pruned->network;
    int n = prune_layers_of(network);
    enum status status = STATUS_OK;
    pruned->plans = ARENA_NEW(&network->arena, n, struct prune_plan);
    if (pruned->plans != NULL)
        memcpy(pruned->plans, pruner->evaluation->result->plans, (size_t)n * sizeof *pruned->plans);
    else
        status = FAIL_MEMORY(diag, "pruning");
    if (status == STATUS_OK)
        status = pruner->as_float ? prune_as_float(pruner, pruned, diag)
                                  : prune_network(network, pruned->plans,
                                                  (enum prune_scope)options->scope, diag);
    if (status != STATUS_OK)
        network_free(network);
    return status;
}

/* Whether "rate, rows" names `option`. */
static bool names_option(const char *options, const char *option) {
    size_t length = strlen(option);
    for (const char *word = options; *word != '\0'; word += strspn(word, ", ")) {
        size_t n = strcspn(word, ", ");
        if (n == length && strncmp(word, option, n) == 0)
            return true;
        word += n;
    }
    return false;
}

/* Of settings what the scheme reads: crossbars of other sizes may ask for the same masks. */
static void add_settings(struct run_key *key, const struct prune_scheme *scheme,
                         const struct prune_settings *settings) {
    const struct {
        const char *option;
        double value;
    } read[] = {
        {"rows", settings->rows},
        {"columns", settings->columns},
        {"column_budget", settings->column_budget},
        {"block_filters", settings->block_filters},
        {"block_channels", settings->block_channels},
        {"patterns", settings->patterns},
        {"fragment_rows", settings->fragment_rows},
        {"mixed_thresholds", settings->mixed_thresholds[0]},
        {"mixed_thresholds", settings->mixed_thresholds[1]},
        {"mixed_row_rate", settings->mixed_row_rate},
        {"mixed_class1", settings->mixed_remove},
        {"mixed_class2", settings->mixed_segments},
        {"mixed_class3", settings->mixed_keep},
    };
    run_key_text(key, scheme->name);
    run_key_real(key, settings->rate);
    run_key_number(key, settings->keep);
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        if (names_option(scheme->options, read[i].option))
            run_key_real(key, read[i].value);
}

static struct run_key pruned_key(const struct pruner *pruner, int n) {
    static const char *const levels[] = {"quantization"};
    const struct evaluation *evaluation = pruner->evaluation;
    struct run_key key = run_key_of(&run_products[PRODUCT_PRUNED], evaluation->config);
    run_key_add(&key, &evaluation->network_key);
    run_key_number(&key, pruner->as_float);
    if (run_prune_rounds(evaluation->config))
        run_key_fields(&key, evaluation->config, levels, 1);
    if (pruner->images != NULL)
        run_key_add(&key, &evaluation->calibration_key);
    for (int i = 0; i < n; i++) {
        const struct prune_plan *plan = &evaluation->result->plans[i];
        run_key_number(&key, plan->n_steps);
        for (int step = 0; step < plan->n_steps; step++)
            add_settings(&key, plan->steps[step].scheme, &plan->steps[step].settings);
    }
    return key;
}

static enum status take_pruned(struct pruner *pruner, struct network *network,
                               struct diagnostic *diag) {
    struct evaluation *evaluation = pruner->evaluation;
    const struct dataset_options *dataset = config_get(evaluation->config, "dataset");
    const void *value;
    if (pruner->as_float && run_prune_needs_images(evaluation->config)) {
        TRY(take_calibration(evaluation, network, dataset->calibration_count, &pruner->images,
                             diag));
    }
    struct run_key key = pruned_key(pruner, prune_layers_of(network));
    TRY(evaluation_take(evaluation, PRODUCT_PRUNED, &key, make_pruned, pruner, &value, diag));
    const struct pruned *pruned = value;
    /* The plans stay those of this point, whose settings storage is counted by: a scheme may not
     * have read all that differ from those of the point that was pruned. */
    struct prune_plan *plans = evaluation->result->plans;
    for (int i = 0; i < prune_layers_of(network); i++)
        for (int step = 0; step < plans[i].n_steps; step++)
            plans[i].steps[step].settings.keep = pruned->plans[i].steps[step].settings.keep;
    *network = pruned->network;
    evaluation->network_key = key;
    return STATUS_OK;
}

enum status run_prune_check(const struct config *config, bool float_model,
                            struct diagnostic *diag) {
    const struct network_options *network = config_get(config, "network");
    const struct dataset_options *dataset = config_get(config, "dataset");
    const struct pruning_options *options = config_get(config, "pruning");
    if (options->masks != NULL && strcmp(options->scheme, "none") != 0)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.masks (%s) and pruning.scheme (%s) are both set: leave one out",
                    config_origin(config, "pruning", "masks"),
                    config_origin(config, "pruning", "scheme"));
    if (!float_model)
        return FAIL(diag, STATUS_USAGE,
                    "%s is quantised, so its weights can be masked by magnitude only: set "
                    "network.as=float, or give the float model, for pruning.reconstruct, "
                    "pruning.score, pruning.round, pruning.masks and pruning.purify",
                    network->model);
    if (run_prune_rounds(config) && options->reconstruct == RECONSTRUCT_NONE)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.round=fitted (%s) rounds fitted weights: set pruning.reconstruct",
                    config_origin(config, "pruning", "round"));
    if (run_prune_needs_images(config) && dataset->calibration == NULL)
        return FAIL(diag, STATUS_USAGE,
                    "pruning.reconstruct needs calibration images: set dataset.calibration to a "
                    "file of training images");
    return STATUS_OK;
}

enum status stage_prune(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct pruning_options *options = config_get(evaluation->config, "pruning");
    struct network *network = result->float_model ? &evaluation->float_network : &result->network;
    struct pruner pruner = {.evaluation = evaluation};
    result->plans = ARENA_NEW(&result->arena, prune_layers_of(network), struct prune_plan);
    if (result->plans == NULL)
        return FAIL_MEMORY(diag, "pruning");
    TRY(run_prune_plans(evaluation->config, network, result->plans, diag));
    for (int i = 0; evaluation->unpruned && i < prune_layers_of(network); i++)
        result->plans[i].n_steps = 0;
    if (evaluation->unpruned)
        return STATUS_OK;
    bool masks = options->masks != NULL, removes = options->purify || masks;
    bool rounds = run_prune_rounds(evaluation->config);
    if (!removes && !rounds && !run_prune_removes(result->plans, prune_layers_of(network)))
        return STATUS_OK;
    if (removes || rounds || run_prune_needs_images(evaluation->config)) {
        TRY(run_prune_check(evaluation->config, result->float_model, diag));
        /* A dry run takes masks by magnitude, which keep as much. */
        pruner.as_float = removes || !evaluation->hooks->check_only;
    }
    return take_pruned(&pruner, network, diag);
}
