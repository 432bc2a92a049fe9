/* Programming error: rows of {name, spread}, by enum programming_model. */
#include <math.h>

#include "crossbar/device_internal.h"

static double spread_none(const struct device *device, double g) {
    (void)device;
    (void)g;
    return 0;
}

static double spread_normal(const struct device *device, double g) {
    (void)g;
    return device->programming_sigma * device->g_max_siemens;
}

static double spread_proportional(const struct device *device, double g) {
    return device->programming_sigma * g;
}

static double spread_lognormal(const struct device *device, double g) {
    (void)g;
    return device->programming_sigma;
}

/* Horner's rule. A fit may pass below zero between its points: no error there. */
static double spread_polynomial(const struct device *device, double g) {
    double x = g / device->g_max_siemens, sum = 0;
    for (size_t i = device->polynomial.count; i > 0; i--)
        sum = sum * x + device->polynomial.values[i - 1];
    return fmax(device->programming_sigma * sum, 0);
}

const char *const programming_words[] = {
    "preset", "none", "normal", "proportional", "lognormal", "polynomial", NULL,
};
const char *const *const programming_names = programming_words + 1;

static const struct {
    double (*spread)(const struct device *device, double g);
    bool relative; /* multiplies by exp(spread z) instead of adding spread z */
} models[] = {
    [PROGRAMMING_NONE] = {spread_none, false},
    [PROGRAMMING_NORMAL] = {spread_normal, false},
    [PROGRAMMING_PROPORTIONAL] = {spread_proportional, false},
    [PROGRAMMING_LOGNORMAL] = {spread_lognormal, true},
    [PROGRAMMING_POLYNOMIAL] = {spread_polynomial, false},
};

double programming_spread(const struct device *device, double g) {
    return models[device->programming_model].spread(device, g);
}

/* No conductance is negative. */
double programming_draw(const struct device *device, double g, double spread, double normal) {
    if (models[device->programming_model].relative)
        return g * exp(spread * normal);
    return fmax(g + spread * normal, 0);
}
