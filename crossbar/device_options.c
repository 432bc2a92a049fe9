/* Section `device` of the configuration. */
#include <stddef.h>

#include "crossbar/device_internal.h"

static const char *const reference_words[] = {"preset", "false", "true", NULL};

/* All per layer; a real without default is the preset's. */
#define FIELD(text, kind, member, ...)                                                             \
    {                                                                                              \
        .name = (text), .type = (kind), .offset = offsetof(struct device_options, member),         \
        .flags = FIELD_PER_LAYER, __VA_ARGS__                                                      \
    }

static const struct config_field device_fields[] = {
    {.name = "preset",
     .type = FIELD_STRING,
     .offset = offsetof(struct device_options, preset),
     .default_text = "ideal",
     .flags = FIELD_PER_LAYER | FIELD_NAME_OR_PATH,
     .help = "device: name of a shipped one (configs/devices), or the path of a file (*.yaml, or "
             "NVSim's *.cell); what is not set below is the preset's"},
    FIELD("programming_model", FIELD_CHOICE, programming_model, .default_text = "preset",
          .words = programming_words,
          .help = "error of programmed conductances: a share of g_max (normal), of g "
                  "(proportional), of the logarithm (lognormal), or the preset's measured "
                  "polynomial"),
    FIELD("programming_sigma", FIELD_REAL, programming_sigma, .maximum = 10,
          .help = "its standard deviation, as that share; for polynomial a factor on what was "
                  "measured"),
    FIELD("stuck_on", FIELD_REAL, stuck_on, .maximum = 1, .help = "share of cells stuck at g_max"),
    FIELD("stuck_off", FIELD_REAL, stuck_off, .maximum = 1,
          .help = "share of cells stuck at g_min"),
    FIELD("drift_time", FIELD_REAL, drift_time_s, .unit = UNIT_SECOND, .maximum = 1e12,
          .help = "time from programming to inference; 0: no drift"),
    FIELD("drift_nu", FIELD_REAL, drift_nu, .maximum = 1,
          .help = "drift exponent: G(t) = G(t0) (t/t0)^-nu, t0 from the preset"),
    FIELD("drift_nu_sigma", FIELD_REAL, drift_nu_sigma, .maximum = 1,
          .help = "standard deviation of the drift exponent over cells"),
    FIELD("read_noise", FIELD_REAL, read_noise, .maximum = 10,
          .help = "standard deviation of each read of a cell, as a share of g_max"),
    FIELD("read_noise_slope", FIELD_REAL, read_noise_slope, .maximum = 10,
          .help = "what the cell's own conductance adds to it, as a share of g"),
    FIELD("on_off_ratio", FIELD_REAL, on_off_ratio, .minimum = 1.01, .maximum = 1e15,
          .help = "g_max / g_min; g_max stays the preset's"),
    FIELD("reference_column", FIELD_CHOICE, reference_column, .default_text = "preset",
          .words = reference_words,
          .help = "subtract a column of cells at g_min from every column"),
};

const struct config_section device_section = {
    .name = "device",
    .help = "cells of the crossbars",
    .fields = device_fields,
    .n_fields = sizeof device_fields / sizeof *device_fields,
    .size = sizeof(struct device_options),
};
