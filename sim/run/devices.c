/* Cells and converters of every layer. */
#include <string.h>

#include "sim/run/run.h"

/* The layer's name goes before the reason: `layers:` may set devices for some layers only. */
static enum status make_device(const struct config *config, const struct mapped_layer *mapped,
                               struct device *device, struct diagnostic *diag) {
    const char *name = mapped->layer->name;
    struct device_options options;
    struct diagnostic reason = {0};
    TRY(config_get_layer(config, "device", name, &options, diag));
    if (config_layer_overrides(config) == 0)
        return device_make(&options, mapped->crossbar.cell_bits, device, diag);
    enum status status = device_make(&options, mapped->crossbar.cell_bits, device, &reason);
    return status == STATUS_OK ? status : FAIL(diag, status, "layer %s: %s", name, reason.message);
}

enum status run_make_devices(struct run_result *result, struct diagnostic *diag) {
    const struct config *config = result->config;
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
        TRY(make_device(config, mapped, &made->device, diag));
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
