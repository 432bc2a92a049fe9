/* Sections `adc` and `dac` of the configuration. */
#include <stddef.h>

#include "peripherals/adc.h"
#include "peripherals/adc_internal.h"

static const char *const bits_words[] = {"lossless", "lossless_structural", "worst", NULL};
const char *const adc_transfer_names[] = {"clip", "full_range", "calibrated", "nonuniform", NULL};
const char *const adc_allocation_names[] = {"uniform", "layer", "array", "slice", NULL};

static const struct config_field adc_fields[] = {
    {.name = "bits",
     .type = FIELD_INT_WORD,
     .offset = offsetof(struct adc_options, bits),
     .default_text = "lossless",
     .minimum = 1,
     .maximum = ADC_BITS_MAX,
     .words = bits_words,
     .flags = FIELD_PER_LAYER,
     .help = "resolution, or the rule that sets it: lossless (programmed cells), "
             "lossless_structural (non-zeros per column), worst (rows)"},
    {.name = "transfer",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct adc_options, transfer),
     .default_text = "clip",
     .words = adc_transfer_names,
     .flags = FIELD_PER_LAYER,
     .help = "clip: one code per unit, saturating; full_range: codes spread over the largest "
             "possible sum; calibrated: over the layer's range on calibration images; nonuniform: "
             "Lloyd-Max levels on them"},
    {.name = "percentile",
     .type = FIELD_REAL,
     .offset = offsetof(struct adc_options, percentile),
     .default_text = "99.9",
     .minimum = 50,
     .maximum = 100,
     .unit = UNIT_PERCENT,
     .flags = FIELD_PER_LAYER,
     .help = "transfer calibrated: share of the sums inside the range"},
    {.name = "calibration_images",
     .type = FIELD_INT,
     .offset = offsetof(struct adc_options, calibration_images),
     .default_text = "8",
     .minimum = 0,
     .maximum = 65536,
     .help =
         "calibration images whose sums fit the transfer and fill the table histogram; 0: none"},
    {.name = "model",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct adc_options, model),
     .default_text = "isaac",
     .words = adc_model_names,
     .help = "cost model: area and energy of a converter of a given resolution"},
    {.name = "allocation",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct adc_options, allocation),
     .default_text = "uniform",
     .words = adc_allocation_names,
     .help = "how finely converters may differ: uniform (layers whose adc.bits is a word share the "
             "largest; a number is built as asked), layer, or, with adc.bits lossless and clip, "
             "array or slice"},
    {.name = "columns_per_adc",
     .type = FIELD_INT,
     .offset = offsetof(struct adc_options, columns_per_adc),
     .default_text = "128",
     .minimum = 1,
     .maximum = 4096,
     .help = "bit lines that share one converter"},
    {.name = "offset_sigma",
     .type = FIELD_REAL,
     .offset = offsetof(struct adc_options, errors.offset_sigma),
     .default_text = "0",
     .maximum = 1e6,
     .flags = FIELD_PER_LAYER,
     .help = "standard deviation of the converters' offsets, in LSB"},
    {.name = "gain_sigma",
     .type = FIELD_REAL,
     .offset = offsetof(struct adc_options, errors.gain_sigma),
     .default_text = "0",
     .maximum = 0.2,
     .flags = FIELD_PER_LAYER,
     .help = "standard deviation of the converters' gains, around 1"},
    {.name = "thermal_noise",
     .type = FIELD_REAL,
     .offset = offsetof(struct adc_options, errors.thermal_noise),
     .default_text = "0",
     .maximum = 1e6,
     .flags = FIELD_PER_LAYER,
     .help = "noise of each conversion, in LSB rms"},
    {.name = "inl",
     .type = FIELD_REAL,
     .offset = offsetof(struct adc_options, errors.inl),
     .default_text = "0",
     .minimum = -1e6,
     .maximum = 1e6,
     .flags = FIELD_PER_LAYER,
     .help = "bow of every converter's thresholds at mid scale, in LSB; positive: codes too low"},
    {.name = "dnl_sigma",
     .type = FIELD_REAL,
     .offset = offsetof(struct adc_options, errors.dnl_sigma),
     .default_text = "0",
     .maximum = 1e3,
     .flags = FIELD_PER_LAYER,
     .help = "standard deviation of the widths of codes, in LSB"},
};

const struct config_section adc_section = {
    .name = "adc",
    .help = "analog-to-digital converters of the bit lines",
    .fields = adc_fields,
    .n_fields = sizeof adc_fields / sizeof *adc_fields,
    .size = sizeof(struct adc_options),
};

static const struct config_field dac_fields[] = {
    {.name = "bits",
     .type = FIELD_INT,
     .offset = offsetof(struct dac_options, bits),
     .default_text = "1",
     .minimum = 1,
     .maximum = 8,
     .flags = FIELD_PER_LAYER,
     .help = "input bits driven on a word line per cycle"},
    {.name = "activity",
     .type = FIELD_REAL,
     .offset = offsetof(struct dac_options, activity),
     .default_text = "0.5",
     .minimum = 0,
     .maximum = 1,
     .help = "share of word lines driven in a cycle, where no inference measured it"},
};

const struct config_section dac_section = {
    .name = "dac",
    .help = "digital-to-analog converters of the word lines",
    .fields = dac_fields,
    .n_fields = sizeof dac_fields / sizeof *dac_fields,
    .size = sizeof(struct dac_options),
};
