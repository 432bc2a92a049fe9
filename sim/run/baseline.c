/* The baseline of a run: a dense network on the same chip, at the resolution that loses nothing
 * (docs/baseline.md). */
#include <string.h>
#include <unistd.h>

#include "sim/run/products.h"

static bool is_asked(const struct run_options *options) {
    return options->baseline != NULL && strcmp(options->baseline, "none") != 0;
}

static bool is_dense(const struct run_options *options) {
    return strcmp(options->baseline, "dense") == 0;
}

bool run_baseline_is_assumed(const struct config *config) {
    const struct run_options *options = config_get(config, "run");
    return is_asked(options) && is_dense(options);
}

enum status check_baseline(const struct evaluation *evaluation, struct diagnostic *diag) {
    const struct run_options *options = evaluation->options;
    if (!is_asked(options))
        return STATUS_OK;
    if (!options->cost)
        return FAIL(diag, STATUS_USAGE,
                    "run.baseline compares costs: set run.cost=true, or run.baseline=none");
    if (is_dense(options) || access(options->baseline, R_OK) == 0)
        return STATUS_OK;
    bool path = strpbrk(options->baseline, "/.") != NULL;
    return FAIL(diag, STATUS_USAGE,
                path ? "run.baseline: cannot read the model %s"
                     : "run.baseline is %s: expected none, dense, or the path of a model (*.onnx)",
                options->baseline);
}

/* Layers differ in the zeros that they have; each filter's own weights stand for them, so that the
 * cells conduct as those of the others do. A filter of zeros takes the layer's first weight. */
static void fill_filter(int16_t *weights, int rows, int16_t spare) {
    int from = 0;
    for (int r = 0; r < rows; r++) {
        if (weights[r] != 0)
            continue;
        int tried = 0;
        while (tried < rows && weights[from] == 0) {
            from = (from + 1) % rows;
            tried++;
        }
        weights[r] = tried < rows ? weights[from] : spare;
        from = (from + 1) % rows;
    }
}

static int16_t first_weight(const int16_t *weights, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (weights[i] != 0)
            return weights[i];
    return 1;
}

enum status fill_zero_weights(struct network *network, struct arena *arena,
                              struct diagnostic *diag) {
    for (int i = 0; i < network->n_matrix; i++) {
        struct matrix_layer *layer = &network->matrix[i];
        int rows = matrix_rows(&layer->shape), filters = layer->shape.out_channels;
        size_t n = (size_t)rows * (size_t)filters;
        int16_t *filled = ARENA_NEW(arena, n, int16_t);
        if (filled == NULL)
            return FAIL_MEMORY(diag, "the weights of the baseline");
        memcpy(filled, layer->weights, n * sizeof *filled);
        int16_t spare = first_weight(filled, n);
        for (int f = 0; f < filters; f++)
            fill_filter(filled + (size_t)f * (size_t)rows, rows, spare);
        layer->weights = filled;
    }
    return STATUS_OK;
}

static enum status import_baseline(void *context, void *value, struct diagnostic *diag) {
    const struct config *config = context;
    const struct network_options *network = config_get(config, "network");
    const struct run_options *options = config_get(config, "run");
    return network_import_as(options->baseline, (enum network_as)network->as, value, diag);
}

enum status add_baseline_contents(struct evaluation *evaluation, struct run_contents *contents,
                                  struct diagnostic *diag) {
    const struct run_options *options = evaluation->options;
    struct run_key key = run_key_of(&run_products[PRODUCT_BASELINE], evaluation->config);
    struct diagnostic why = {0};
    const void *value;
    if (!is_asked(options))
        return STATUS_OK;
    memcpy(contents->baseline, contents->model, sizeof contents->baseline);
    if (is_dense(options))
        return STATUS_OK;
    enum status status = evaluation_take(evaluation, PRODUCT_BASELINE, &key, import_baseline,
                                         (void *)evaluation->config, &value, &why);
    if (status == STATUS_OK)
        memcpy(contents->baseline, ((const struct network *)value)->content_hash,
               sizeof contents->baseline);
    if (status != STATUS_OK && status != STATUS_USAGE)
        return FAIL(diag, status, "%s", why.message);
    return STATUS_OK;
}

/* The same experiment but for what makes it sparse or lossy. */
static enum status dense_config(const struct run_options *options, struct config *config,
                                struct diagnostic *diag) {
    static const char *const both[] = {
        "run.baseline=none",       "run.predictions=~",
        "mapping.compaction=none", "layers.*.mapping.compaction=none",
        "adc.transfer=clip",       "layers.*.adc.transfer=clip",
    };
    static const char *const dense[] = {"adc.bits=worst", "layers.*.adc.bits=worst",
                                        "run.accuracy=false", "crossbar.zero_skip=none",
                                        "layers.*.crossbar.zero_skip=none"};
    static const char *const given[] = {"adc.bits=lossless", "layers.*.adc.bits=lossless"};
    for (size_t i = 0; i < sizeof both / sizeof *both; i++)
        TRY(config_override(config, both[i], diag));
    for (size_t i = 0; i < sizeof dense / sizeof *dense && is_dense(options); i++)
        TRY(config_override(config, dense[i], diag));
    for (size_t i = 0; i < sizeof given / sizeof *given && !is_dense(options); i++)
        TRY(config_override(config, given[i], diag));
    const struct adc_options *adc = config_get(config, "adc");
    /* All arrays of a dense layer need the same bits. */
    if (is_dense(options) && adc->allocation > ADC_PER_LAYER)
        TRY(config_override(config, "adc.allocation=layer", diag));
    return STATUS_OK;
}

/* Of one layer, or of the network (`layer` NULL). */
static enum status set_units(struct config *config, const char *layer, int encoding, int rows,
                             struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const char *scope = layer == NULL ? "" : "layers.", *dot = layer == NULL ? "" : ".";
    layer = layer == NULL ? "" : layer;
    const char *encodes = arena_printf(&arena, "%s%s%smapping.encoding=%s", scope, layer, dot,
                                       encoding_names[encoding]);
    const char *units = arena_printf(&arena, "%s%s%smapping.ou_rows=%d", scope, layer, dot, rows);
    enum status status = encodes != NULL && units != NULL
                             ? config_override(config, encodes, diag)
                             : FAIL_MEMORY(diag, "the encoding of the baseline");
    if (status == STATUS_OK)
        status = config_override(config, units, diag);
    arena_free(&arena);
    return status;
}

/* Dense weights have both signs in every fragment: plus and minus columns, read as fragments are.
 * Layers of `own` that are not polarized keep what they have, whatever the others take. */
static enum status split_signs(const struct mapping *mapping, const struct config *own,
                               struct config *config, struct diagnostic *diag) {
    const struct mapping_options *all = config_get(own, "mapping");
    bool any = all->encoding == ENCODING_POLARIZED;
    if (any)
        TRY(set_units(config, NULL, ENCODING_DIFFERENTIAL, all->fragment_rows, diag));
    for (int i = 0; i < mapping->n_layers; i++) {
        const char *name = mapping->layers[i].layer->name;
        struct mapping_options layer;
        TRY(config_get_layer(own, "mapping", name, &layer, diag));
        if (layer.encoding == ENCODING_POLARIZED)
            TRY(set_units(config, name, ENCODING_DIFFERENTIAL, layer.fragment_rows, diag));
        else if (any)
            TRY(set_units(config, name, layer.encoding, layer.ou_rows, diag));
    }
    return STATUS_OK;
}

/* The model's path as a scalar of YAML. */
static enum status set_model(struct config *config, const char *path, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    char *text = ARENA_NEW(&arena, 2 * strlen(path) + 32, char);
    if (text == NULL)
        return FAIL_MEMORY(diag, "the path of the baseline");
    char *out = stpcpy(text, "network.model='");
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == '\'')
            *out++ = '\'';
        *out++ = *c;
    }
    strcpy(out, "'");
    enum status status = config_override(config, text, diag);
    arena_free(&arena);
    return status;
}

/* A dense network has no inputs of its own: those of the run drive it. */
static enum status estimate_with_activity(const struct run_result *of, struct run_result *baseline,
                                          struct diagnostic *diag) {
    struct cost_inputs inputs;
    if (of->activity == NULL)
        return STATUS_OK;
    TRY(run_cost_inputs(baseline, &inputs, &baseline->arena, diag));
    inputs.activity = of->activity;
    inputs.images = of->accuracy.images;
    cost_report_free(&baseline->cost);
    return cost_estimate(&inputs, &baseline->cost, diag);
}

static enum status evaluate_baseline(struct evaluation *evaluation, struct config *config,
                                     struct run_result *baseline, struct diagnostic *diag) {
    const struct run_options *options = evaluation->options;
    TRY(dense_config(options, config, diag));
    TRY(split_signs(&evaluation->result->mapping, evaluation->config, config, diag));
    if (!is_dense(options))
        TRY(set_model(config, options->baseline, diag));
    struct evaluation own = {
        .config = config,
        .hooks = evaluation->hooks,
        .trials = 1,
        .unpruned = true,
        .fill_zeros = is_dense(options),
        .result = baseline,
    };
    struct diagnostic reason = {0};
    enum status status = evaluate_stages(&own, &reason);
    if (status == STATUS_INTERRUPTED)
        return FAIL(diag, status, "%s", reason.message);
    if (status != STATUS_OK)
        return FAIL(diag, status, "run.baseline: %s", reason.message);
    return is_dense(options) ? estimate_with_activity(evaluation->result, baseline, diag)
                             : STATUS_OK;
}

enum status stage_baseline(struct evaluation *evaluation, struct diagnostic *diag) {
    struct config *config = NULL;
    if (!is_asked(evaluation->options))
        return STATUS_OK;
    struct run_result *baseline = ARENA_NEW(&evaluation->result->arena, 1, struct run_result);
    if (baseline == NULL)
        return FAIL_MEMORY(diag, "the baseline");
    TRY(config_copy(evaluation->config, &config, diag));
    enum status status = evaluate_baseline(evaluation, config, baseline, diag);
    if (status != STATUS_OK) {
        run_result_free(baseline);
        config_free(config);
        return status;
    }
    baseline->own_config = config;
    evaluation->result->baseline = baseline;
    return STATUS_OK;
}
