/* A device as one layer has it: the preset's figures, the options over them, and whether each
 * option has an effect. */
#include <math.h>
#include <string.h>

#include "crossbar/device_internal.h"

static bool is_set(double option) {
    return !isnan(option);
}

static void replace(double *figure, double option) {
    if (is_set(option))
        *figure = option;
}

static enum status apply_programming(const struct device_options *options, struct device *device,
                                     struct diagnostic *diag) {
    bool sigma = is_set(options->programming_sigma);
    bool model = options->programming_model > 0;
    int wanted = model ? options->programming_model - 1 : device->programming_model;
    const char *name = programming_names[wanted];
    if (wanted == PROGRAMMING_POLYNOMIAL && device->polynomial.count == 0)
        return FAIL(diag, STATUS_USAGE,
                    "device.programming_model is polynomial: the preset \"%s\" has none; choose "
                    "another device.preset",
                    device->name);
    if (wanted != device->programming_model && wanted != PROGRAMMING_NONE && !sigma)
        return FAIL(diag, STATUS_USAGE,
                    "device.programming_model is %s: set device.programming_sigma too", name);
    if (model && wanted == PROGRAMMING_NONE && sigma && options->programming_sigma > 0)
        return FAIL(diag, STATUS_USAGE,
                    "device.programming_sigma has no effect: device.programming_model is none; set "
                    "one of them");
    if (!model && wanted == PROGRAMMING_NONE && sigma && options->programming_sigma > 0)
        return FAIL(diag, STATUS_USAGE,
                    "device.programming_sigma has no effect: the preset \"%s\" has no programming "
                    "error; set device.programming_model",
                    device->name);
    device->programming_model = wanted;
    replace(&device->programming_sigma, options->programming_sigma);
    return STATUS_OK;
}

static enum status apply_stuck(const struct device_options *options, struct device *device,
                               struct diagnostic *diag) {
    replace(&device->stuck_on, options->stuck_on);
    replace(&device->stuck_off, options->stuck_off);
    if (device->stuck_on + device->stuck_off > 1)
        return FAIL(diag, STATUS_USAGE,
                    "device.stuck_on %g and device.stuck_off %g are together more than all cells",
                    device->stuck_on, device->stuck_off);
    return STATUS_OK;
}

static enum status apply_drift(const struct device_options *options, struct device *device,
                               struct diagnostic *diag) {
    bool time = is_set(options->drift_time_s);
    bool exponent = is_set(options->drift_nu) || is_set(options->drift_nu_sigma);
    replace(&device->drift_nu, options->drift_nu);
    replace(&device->drift_nu_sigma, options->drift_nu_sigma);
    if (time && options->drift_time_s > 0 && options->drift_time_s < device->drift_t0_s)
        return FAIL(diag, STATUS_USAGE,
                    "device.drift_time is %g s: the preset \"%s\" describes drift from %g s on (0: "
                    "no drift)",
                    options->drift_time_s, device->name, device->drift_t0_s);
    if (time)
        device->drift_time_s = fmax(options->drift_time_s, device->drift_t0_s);
    bool drifts = device->drift_nu != 0 || device->drift_nu_sigma != 0;
    if (time && !exponent && !drifts && device->drift_time_s > device->drift_t0_s)
        return FAIL(diag, STATUS_USAGE,
                    "device.drift_time has no effect: the preset \"%s\" does not drift; set "
                    "device.drift_nu",
                    device->name);
    if (exponent && !time && drifts && device->drift_time_s <= device->drift_t0_s)
        return FAIL(diag, STATUS_USAGE, "device.%s has no effect: set device.drift_time",
                    is_set(options->drift_nu) ? "drift_nu" : "drift_nu_sigma");
    return STATUS_OK;
}

static enum status apply_range(const struct device_options *options, struct device *device,
                               struct diagnostic *diag) {
    if (is_set(options->on_off_ratio))
        device->g_min_siemens = device->g_max_siemens / options->on_off_ratio;
    if (options->reference_column > 0)
        device->reference_column = options->reference_column == 2;
    if (options->reference_column == 1 && device->g_min_siemens == 0)
        return FAIL(diag, STATUS_USAGE,
                    "device.reference_column has no effect: off cells of the preset \"%s\" do not "
                    "conduct; set device.on_off_ratio",
                    device->name);
    return STATUS_OK;
}

static enum status apply(const struct device_options *options, int cell_bits, struct device *device,
                         struct diagnostic *diag) {
    TRY(apply_programming(options, device, diag));
    TRY(apply_stuck(options, device, diag));
    TRY(apply_drift(options, device, diag));
    TRY(apply_range(options, device, diag));
    replace(&device->read_noise, options->read_noise);
    replace(&device->read_noise_slope, options->read_noise_slope);
    if (device->levels > 0 && 1 << cell_bits > device->levels)
        return FAIL(
            diag, STATUS_USAGE,
            "crossbar.cell_bits is %d: that takes %d levels, and \"%s\" has %d; lower it or "
            "choose another device.preset",
            cell_bits, 1 << cell_bits, device->name, device->levels);
    return STATUS_OK;
}

enum status device_make(const struct device_options *options, int cell_bits, struct device *device,
                        struct diagnostic *diag) {
    TRY(device_load(options->preset, device, diag));
    enum status status = apply(options, cell_bits, device, diag);
    if (status != STATUS_OK)
        device_free(device);
    return status;
}
