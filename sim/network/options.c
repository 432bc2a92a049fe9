#include <stddef.h>

#include "sim/network/network.h"

static const char *const as_words[] = {"model", "float", NULL};

static const struct config_field network_fields[] = {
    {.name = "model",
     .type = FIELD_PATH,
     .offset = offsetof(struct network_options, model),
     .flags = FIELD_REQUIRED,
     .help = "ONNX file: float32, or quantised in the QDQ form"},
    {.name = "as",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct network_options, as),
     .default_text = "model",
     .words = as_words,
     .help = "float: a QDQ model as the float one it was made from, weights dequantised and "
             "activations not quantised; model: as it is"},
};

const struct config_section network_section = {
    .name = "network",
    .help = "the trained network",
    .fields = network_fields,
    .n_fields = sizeof network_fields / sizeof *network_fields,
    .size = sizeof(struct network_options),
};

static const char *const bits_words[] = {"model", NULL};
static const char *const grid_words[] = {"uniform", "power_of_two", "ternary", "binary", NULL};

static const struct config_field quantization_fields[] = {
    {.name = "weight_bits",
     .type = FIELD_INT_WORD,
     .offset = offsetof(struct quantization_options, weight_bits),
     .default_text = "model",
     .minimum = 2,
     .maximum = 16,
     .words = bits_words,
     .flags = FIELD_PER_LAYER,
     .help = "bits of a weight, sign included; model: what a QDQ model has, 8 for a float model"},
    {.name = "activation_bits",
     .type = FIELD_INT_WORD,
     .offset = offsetof(struct quantization_options, activation_bits),
     .default_text = "model",
     .minimum = 2,
     .maximum = 8,
     .words = bits_words,
     .help = "bits of an activation; model: what a QDQ model has, 8 for a float model"},
    {.name = "percentile",
     .type = FIELD_REAL,
     .offset = offsetof(struct quantization_options, percentile),
     .default_text = "100",
     .minimum = 90,
     .maximum = 100,
     .unit = UNIT_PERCENT,
     .help = "share of the calibration activations that lie inside the range (float models)"},
    {.name = "weights",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct quantization_options, weights),
     .default_text = "uniform",
     .words = grid_words,
     .flags = FIELD_PER_LAYER,
     .help = "integers that weights become (float models): all of weight_bits, 0 and powers of "
             "two up to 2^(weight_bits-2), or -1, 0, 1 (binary: 0 only where a weight is 0)"},
};

const struct config_section quantization_section = {
    .name = "quantization",
    .help = "how a float model becomes integers",
    .fields = quantization_fields,
    .n_fields = sizeof quantization_fields / sizeof *quantization_fields,
    .size = sizeof(struct quantization_options),
};
