#include "tests/bench/model.h"

#include <math.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/run/run.h"
#include "tests/bench/images.h"

enum { MODEL_CLASSES = 10, COLUMNS_PER_ADC = 128, SEED = 1 };

const char *model_path(const char *network, struct arena *arena, bool *cifar) {
    const char *shared = arena_printf(arena, "../shared/models/cifar10/%s.onnx", network);
    const char *own = arena_printf(arena, "configs/networks/%s.onnx", network);
    bool found = shared != NULL && access(shared, R_OK) == 0 && access(IMAGES_CIFAR, R_OK) == 0;
    if (cifar != NULL)
        *cifar = found;
    if (found)
        return shared;
    return own != NULL && access(own, R_OK) == 0 ? own : NULL;
}

enum status model_configure(const char *path, const char *const settings[MODEL_SETTINGS],
                            struct config **config, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    *config = NULL;
    enum status status = config_create(run_sections, n_run_sections, config, diag);
    char *model = arena_printf(&arena, "network.model=%s", path);
    if (status == STATUS_OK && model == NULL)
        status = FAIL_MEMORY(diag, "a configuration");
    if (status == STATUS_OK)
        status = config_override(*config, model, diag);
    for (int i = 0; status == STATUS_OK && i < MODEL_SETTINGS && settings[i] != NULL; i++)
        status = config_override(*config, settings[i], diag);
    if (status == STATUS_OK)
        status = config_finish(*config, diag);
    arena_free(&arena);
    return status;
}

/* Cells with errors, the same kind in every layer. */
static enum status make_analog(const struct model_spec *spec, struct model *model,
                               struct diagnostic *diag) {
    const struct device_options options = {
        .preset = "ideal",
        .programming_model = spec->programming_sigma > 0 ? 1 + PROGRAMMING_NORMAL : 0,
        .programming_sigma = spec->programming_sigma > 0 ? spec->programming_sigma : NAN,
        .stuck_on = NAN,
        .stuck_off = NAN,
        .drift_time_s = NAN,
        .drift_nu = NAN,
        .drift_nu_sigma = NAN,
        .read_noise = spec->read_noise > 0 ? spec->read_noise : NAN,
        .read_noise_slope = NAN,
        .on_off_ratio = NAN,
    };
    struct engine_analog *analog =
        ARENA_NEW(&model->arena, model->mapping.n_layers, struct engine_analog);
    if (analog == NULL)
        return FAIL_MEMORY(diag, "layers");
    TRY(device_make(&options, model->mapping.layers[0].crossbar.cell_bits, &model->device, diag));
    for (int i = 0; i < model->mapping.n_layers; i++) {
        analog[i] = (struct engine_analog){
            .device = &model->device,
            .errors = &model->adc_errors,
            .columns_per_adc = COLUMNS_PER_ADC,
            .seed = SEED,
            .layer = (uint64_t)i,
        };
        model->layers[i].analog = &analog[i];
    }
    return STATUS_OK;
}

static void count_work(struct model *model) {
    for (int i = 0; i < model->mapping.n_layers; i++) {
        const struct mapped_layer *mapped = &model->mapping.layers[i];
        const struct matrix_shape *shape = &mapped->layer->shape;
        model->macs += matrix_macs(shape);
        model->conversions += (double)matrix_positions(shape) * (double)mapped->cycles *
                              (double)mapped->sums.columns_used;
    }
}

static enum status prepare(const struct model_spec *spec, struct model *model,
                           struct diagnostic *diag) {
    bool cifar;
    const char *path = model_path(spec->network, &model->arena, &cifar);
    if (path == NULL)
        return FAIL(diag, STATUS_USAGE, "no network %s", spec->network);
    TRY(network_import(path, &model->network, diag));
    TRY((cifar ? images_cifar : images_fashion)(spec->images, &model->images, diag));
    TRY(model_configure(path, spec->settings, &model->config, diag));
    TRY(mapping_create(&model->network, model->config, &model->mapping, diag));
    model->layers = ARENA_NEW(&model->arena, model->mapping.n_layers, struct engine_layer);
    model->n_images = model->images.count;
    model->threads = spec->threads > 0 ? spec->threads : 1;
    model->n_logits = (size_t)model->n_images * MODEL_CLASSES;
    model->logits = ARENA_NEW(&model->arena, model->n_logits, float);
    if (model->layers == NULL || model->logits == NULL)
        return FAIL_MEMORY(diag, "layers");
    TRY(run_resolve_converters(model->config, &model->mapping, model->layers, diag));
    if (spec->programming_sigma > 0 || spec->read_noise > 0)
        TRY(make_analog(spec, model, diag));
    if (spec->activity) {
        model->activity = engine_activity(&model->mapping, &model->arena);
        if (model->activity == NULL)
            return FAIL_MEMORY(diag, "layers");
    }
    count_work(model);
    return engine_create(&model->network, &model->mapping, model->layers, &model->engine, diag);
}

enum status model_open(const struct model_spec *spec, struct model *model,
                       struct diagnostic *diag) {
    *model = (struct model){0};
    enum status status = prepare(spec, model, diag);
    if (status != STATUS_OK)
        model_close(model);
    return status;
}

void model_close(struct model *model) {
    engine_free(model->engine);
    device_free(&model->device);
    mapping_free(&model->mapping);
    config_free(model->config);
    dataset_free(&model->images);
    network_free(&model->network);
    arena_free(&model->arena);
    *model = (struct model){0};
}

static enum status run(void *context, struct diagnostic *diag) {
    struct model *model = context;
    const struct engine_request request = {
        .dataset = &model->images,
        .count = model->n_images,
        .threads = model->threads,
        .measure_activity = model->activity != NULL,
    };
    struct engine_result result = {.logits = model->logits, .activity = model->activity};
    return engine_run(model->engine, &request, &result, diag);
}

static uint64_t hash(const void *context) {
    const struct model *model = context;
    return XXH3_64bits(model->logits, model->n_logits * sizeof *model->logits);
}

struct bench_task model_task(struct model *model) {
    return (struct bench_task){.run = run, .hash = hash, .context = model};
}
