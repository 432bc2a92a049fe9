/* What the files of a design point hold, as hashes. */
#include <stdio.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* for a state on the stack: hashing cannot fail */
#include <xxhash.h>

#include "sim/run/products.h"

/* A file that cannot be read is refused by the stage that needs it, with what it is for. */
static enum status unless_wrong(enum status status, const struct diagnostic *why,
                                struct diagnostic *diag) {
    if (status == STATUS_OK || status == STATUS_USAGE)
        return STATUS_OK;
    return FAIL(diag, status, "%s", why->message);
}

/* --- calibration images --- */

static bool has_fitted_converter(const struct config *config) {
    const struct adc_options *adc = config_get(config, "adc");
    bool found = adc_is_fitted((enum adc_transfer_choice)adc->transfer);
    for (size_t i = 0; i < config_layer_overrides(config) && !found; i++) {
        const char *pattern, *section, *key, *value;
        config_layer_override(config, i, &pattern, &section, &key, &value);
        if (strcmp(section, "adc") == 0 && strcmp(key, "transfer") == 0)
            for (int choice = 0; adc_transfer_names[choice] != NULL; choice++)
                found = found || (strcmp(value, adc_transfer_names[choice]) == 0 &&
                                  adc_is_fitted((enum adc_transfer_choice)choice));
    }
    return found;
}

/* What is only looked at (histograms of sums) is not part of a point. */
static enum status add_calibration(struct evaluation *evaluation, struct run_contents *contents,
                                   struct diagnostic *diag) {
    const struct run_result *result = evaluation->result;
    const struct dataset_options *dataset = config_get(evaluation->config, "dataset");
    const struct adc_options *adc = config_get(evaluation->config, "adc");
    bool fitted = evaluation->options->accuracy && has_fitted_converter(evaluation->config);
    int count = result->float_model ? dataset->calibration_count : adc->calibration_images;
    struct diagnostic why = {0};
    const struct dataset *images;
    if (dataset->calibration == NULL || count == 0 || !(result->float_model || fitted))
        return STATUS_OK;
    enum status status = take_calibration(
        evaluation, result->float_model ? &evaluation->float_network : &result->network, count,
        &images, &why);
    if (status == STATUS_OK)
        memcpy(contents->calibration, images->content_hash, sizeof contents->calibration);
    return unless_wrong(status, &why, diag);
}

/* --- devices --- */

static enum status make_device_file(void *context, void *value, struct diagnostic *diag) {
    return device_load(context, value, diag);
}

static enum status add_device(struct evaluation *evaluation, const char *preset,
                              XXH3_state_t *state, struct diagnostic *diag) {
    struct run_key key = run_key_of(&run_products[PRODUCT_DEVICE_FILE], evaluation->config);
    struct diagnostic why = {0};
    const void *value;
    run_key_text(&key, preset);
    enum status status = evaluation_take(evaluation, PRODUCT_DEVICE_FILE, &key, make_device_file,
                                         (void *)preset, &value, &why);
    if (status == STATUS_OK) {
        const struct device *device = value;
        (void)XXH3_128bits_update(state, device->content_hash, sizeof device->content_hash);
    }
    return unless_wrong(status, &why, diag);
}

/* Those of the section and of every entry under `layers:`, whose patterns the configuration's own
 * hash has. */
static enum status add_devices(struct evaluation *evaluation, struct run_contents *contents,
                               struct diagnostic *diag) {
    const struct device_options *options = config_get(evaluation->config, "device");
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    (void)XXH3_128bits_reset(&state);
    TRY(add_device(evaluation, options->preset, &state, diag));
    for (size_t i = 0; i < config_layer_overrides(evaluation->config); i++) {
        struct device_options own;
        const char *pattern, *section, *key, *value;
        config_layer_override(evaluation->config, i, &pattern, &section, &key, &value);
        if (strcmp(section, "device") != 0 || strcmp(key, "preset") != 0)
            continue;
        /* The pattern itself is a layer that it matches. */
        TRY(config_get_layer(evaluation->config, "device", pattern, &own, diag));
        TRY(add_device(evaluation, own.preset, &state, diag));
    }
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    snprintf(contents->devices, sizeof contents->devices, "%016llx%016llx",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
    return STATUS_OK;
}

/* --- the whole --- */

static enum status add_chip(struct evaluation *evaluation, struct run_contents *contents,
                            struct diagnostic *diag) {
    struct diagnostic why = {0};
    const struct chip *chip;
    enum status status = take_chip(evaluation, &chip, &why);
    if (status == STATUS_OK)
        memcpy(contents->chip, chip->content_hash, sizeof contents->chip);
    return unless_wrong(status, &why, diag);
}

enum status gather_contents(struct evaluation *evaluation, struct diagnostic *diag) {
    const struct run_result *result = evaluation->result;
    struct run_contents *contents = &evaluation->result->contents;
    const struct network *network =
        result->float_model ? &evaluation->float_network : &result->network;
    memcpy(contents->model, network->content_hash, sizeof contents->model);
    memcpy(contents->data, evaluation->test.content_hash, sizeof contents->data);
    TRY(add_calibration(evaluation, contents, diag));
    TRY(add_devices(evaluation, contents, diag));
    TRY(add_chip(evaluation, contents, diag));
    return add_baseline_contents(evaluation, contents, diag);
}

enum status run_read_contents(const struct config *config, const struct run_hooks *hooks,
                              struct run_contents *contents, struct diagnostic *diag) {
    struct run_result result;
    struct evaluation evaluation = {
        .config = config, .hooks = hooks, .trials = 1, .result = &result};
    enum status status = evaluation_begin(&evaluation, diag);
    if (status == STATUS_OK)
        status = stage_import(&evaluation, diag);
    *contents = result.contents;
    run_result_free(&result);
    return status;
}
