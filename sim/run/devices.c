/* Cells and converters of every layer. */
#include <string.h>

#include "sim/run/products.h"

struct cells {
    const struct config *config;
    const struct mapped_layer *mapped;
};

/* The layer's name goes before the reason: `layers:` may set devices for some layers only. */
static enum status make_device(void *context, void *device, struct diagnostic *diag) {
    const struct config *config = ((const struct cells *)context)->config;
    const struct mapped_layer *mapped = ((const struct cells *)context)->mapped;
    const char *name = mapped->layer->name;
    struct device_options options;
    struct diagnostic reason = {0};
    TRY(config_get_layer(config, "device", name, &options, diag));
    if (config_layer_overrides(config) == 0)
        return device_make(&options, mapped->crossbar.cell_bits, device, diag);
    enum status status = device_make(&options, mapped->crossbar.cell_bits, device, &reason);
    return status == STATUS_OK ? status : FAIL(diag, status, "layer %s: %s", name, reason.message);
}

static enum status take_device(struct evaluation *evaluation, const struct run_key *section,
                               const struct mapped_layer *mapped, struct device *device,
                               struct diagnostic *diag) {
    struct cells cells = {evaluation->config, mapped};
    struct run_key key = *section;
    const void *value;
    run_key_number(&key, mapped->crossbar.cell_bits);
    if (config_layer_overrides(evaluation->config) > 0)
        run_key_text(&key, mapped->layer->name);
    TRY(evaluation_take(evaluation, PRODUCT_DEVICE, &key, make_device, &cells, &value, diag));
    *device = *(const struct device *)value;
    return STATUS_OK;
}

enum status make_devices(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    const struct config *config = result->config;
    const struct run_key section = run_key_of(&run_products[PRODUCT_DEVICE], config);
    const struct run_options *run = config_get(config, "run");
    int n = result->mapping.n_layers;
    result->devices = ARENA_NEW(&result->arena, n, struct run_device);
    if (result->devices == NULL)
        return FAIL_MEMORY(diag, "the devices of layers");
    for (int i = 0; i < n; i++) {
        const struct mapped_layer *mapped = &result->mapping.layers[i];
        struct run_device *made = &result->devices[i];
        struct adc_options adc;
        TRY(config_get_layer(config, "adc", mapped->layer->name, &adc, diag));
        TRY(take_device(evaluation, &section, mapped, &made->device, diag));
        made->errors = adc.errors;
        made->analog = (struct engine_analog){
            .device = &made->device,
            .errors = &made->errors,
            .columns_per_adc = chip_columns_per_adc(&result->chip, &adc),
            .seed = run->seed,
            .layer = (uint64_t)i,
        };
        if (device_is_ideal(&made->device) && adc_errors_are_none(&made->errors))
            continue;
        result->layers[i].analog = &made->analog;
        result->layers[i].path = ENGINE_ANALOG;
        if (device_is_random(&made->device) || adc_errors_are_random(&made->errors))
            result->random = true;
    }
    return STATUS_OK;
}
