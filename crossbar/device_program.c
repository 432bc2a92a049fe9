/* From levels to what programmed cells weigh: programming error, drift, stuck cells. */
#include <gsl/gsl_randist.h>
#include <math.h>

#include "crossbar/device_internal.h"
#include "sim/base/random.h"

/* Parts of the key of each effect's stream. */
enum effect { EFFECT_PROGRAMMING, EFFECT_DRIFT, EFFECT_STUCK, EFFECTS };

enum { LEVELS_MAX = 256 };

/* Everything that is the same for all cells of an array. */
struct programmer {
    const struct device *device;
    struct random_stream streams[EFFECTS];
    bool errs, drifts, sticks;
    double log_time;           /* ln(t / t0) */
    double reference;          /* conductance subtracted from every cell */
    double levels_per_siemens; /* (2^c - 1) / (g_max - g_min) */
    double g[LEVELS_MAX], spread[LEVELS_MAX];
};

/* Whether a cell's conductance changes after it was programmed. */
static bool drifts(const struct device *device) {
    return device->drift_time_s > device->drift_t0_s &&
           (device->drift_nu != 0 || device->drift_nu_sigma != 0);
}

bool device_has_read_noise(const struct device *device) {
    return device->read_noise > 0 || device->read_noise_slope > 0;
}

static bool has_programming_error(const struct device *device) {
    return device->programming_model != PROGRAMMING_NONE && device->programming_sigma > 0;
}

bool device_is_ideal(const struct device *device) {
    bool exact_zero = device->reference_column || device->g_min_siemens == 0;
    return exact_zero && !has_programming_error(device) && device->stuck_on == 0 &&
           device->stuck_off == 0 && !drifts(device) && !device_has_read_noise(device);
}

bool device_is_random(const struct device *device) {
    bool spreads = drifts(device) && device->drift_nu_sigma > 0;
    return spreads || has_programming_error(device) || device->stuck_on > 0 ||
           device->stuck_off > 0 || device_has_read_noise(device);
}

static void start(struct programmer *programmer, const struct device *device, int cell_bits,
                  uint64_t key) {
    int top = (1 << cell_bits) - 1;
    double range = device->g_max_siemens - device->g_min_siemens;
    programmer->device = device;
    for (uint64_t effect = 0; effect < EFFECTS; effect++)
        random_open(&programmer->streams[effect], RANDOM_KEY(key, effect));
    programmer->errs = has_programming_error(device);
    programmer->drifts = drifts(device);
    programmer->sticks = device->stuck_on > 0 || device->stuck_off > 0;
    programmer->log_time = log(device->drift_time_s / device->drift_t0_s);
    programmer->levels_per_siemens = top / range;
    for (int level = 0; level <= top; level++) {
        programmer->g[level] = device->g_min_siemens + level * range / top;
        programmer->spread[level] = programming_spread(device, programmer->g[level]);
    }
    if (device->reference_column)
        programmer->reference =
            device->g_min_siemens *
            (programmer->drifts ? exp(-device->drift_nu * programmer->log_time) : 1);
}

static double normal(struct programmer *programmer, enum effect effect) {
    return gsl_ran_gaussian_ziggurat(&programmer->streams[effect].gsl, 1);
}

/* The conductance of the next cell, which should hold `level`. */
static double next_cell(struct programmer *programmer, int level) {
    const struct device *device = programmer->device;
    double g = programmer->g[level];
    if (programmer->errs)
        g = programming_draw(device, g, programmer->spread[level],
                             normal(programmer, EFFECT_PROGRAMMING));
    if (programmer->drifts) {
        double nu = device->drift_nu;
        if (device->drift_nu_sigma > 0)
            nu += device->drift_nu_sigma * normal(programmer, EFFECT_DRIFT);
        g *= exp(-nu * programmer->log_time);
    }
    if (programmer->sticks) {
        double u = gsl_rng_uniform(&programmer->streams[EFFECT_STUCK].gsl);
        if (u < device->stuck_on)
            g = device->g_max_siemens;
        else if (u < device->stuck_on + device->stuck_off)
            g = device->g_min_siemens;
    }
    return g;
}

void device_program(const struct device *device, int cell_bits, const uint8_t *levels, size_t n,
                    uint64_t key, float *effective, float *read_sigma) {
    struct programmer programmer = {0};
    start(&programmer, device, cell_bits, key);
    for (size_t i = 0; i < n; i++) {
        double g = next_cell(&programmer, levels[i]);
        effective[i] = (float)((g - programmer.reference) * programmer.levels_per_siemens);
        if (read_sigma == NULL)
            continue;
        double sigma = device->read_noise * device->g_max_siemens + device->read_noise_slope * g;
        read_sigma[i] = (float)(sigma * programmer.levels_per_siemens);
    }
}
