/* Section `run`, and the table of all sections. */
#include <stddef.h>

#include "crossbar/device.h"
#include "sim/network/dataset.h"
#include "sim/run/run.h"

static const char *const detail_words[] = {"totals", "layers", NULL};

static const struct config_field run_fields[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .offset = offsetof(struct run_options, name),
     .flags = FIELD_UNHASHED,
     .help = "experiment in the database; the configuration file's name when unset"},
    {.name = "seed",
     .type = FIELD_UINT64,
     .offset = offsetof(struct run_options, seed),
     .default_text = "1",
     .help = "seed of every random stream; kept with the results"},
    {.name = "trials",
     .type = FIELD_INT,
     .offset = offsetof(struct run_options, trials),
     .default_text = "1",
     .minimum = 1,
     .maximum = RUN_TRIALS_MAX,
     .help = "evaluations with cells, converters and noise drawn anew, each a row of the database; "
             "one where nothing is random"},
    {.name = "threads",
     .type = FIELD_INT,
     .offset = offsetof(struct run_options, threads),
     .default_text = "0",
     .minimum = 0,
     .maximum = 1024,
     .flags = FIELD_UNHASHED,
     .help = "threads that simulate images; 0: one for each processor. Never changes a result"},
    {.name = "accuracy",
     .type = FIELD_BOOL,
     .offset = offsetof(struct run_options, accuracy),
     .default_text = "true",
     .help = "simulate the test images; without, costs use dac.activity"},
    {.name = "float_accuracy",
     .type = FIELD_BOOL,
     .offset = offsetof(struct run_options, float_accuracy),
     .default_text = "true",
     .help = "with accuracy, also that of a float model itself, which takes longer than the rest"},
    {.name = "cost",
     .type = FIELD_BOOL,
     .offset = offsetof(struct run_options, cost),
     .default_text = "true",
     .help = "estimate area, power, energy and time on chip.preset"},
    {.name = "predictions",
     .type = FIELD_PATH,
     .offset = offsetof(struct run_options, predictions),
     .flags = FIELD_UNHASHED,
     .help = "NPY file to write the predicted classes to (int32, one for each image, or one row "
             "of them for each trial)"},
    {.name = "detail",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct run_options, detail),
     .default_text = "layers",
     .words = detail_words,
     .flags = FIELD_UNHASHED,
     .help = "what the database keeps: totals, or also a row for each layer and component"},
    {.name = "baseline",
     .type = FIELD_STRING,
     .offset = offsetof(struct run_options, baseline),
     .default_text = "none",
     .flags = FIELD_NAME_OR_PATH,
     .help =
         "what the run is compared with, on the same chip without compaction: none; dense (this "
         "network with no weight zero, converters for all rows; costs alone); or a model file "
         "(*.onnx; converters that lose nothing; images too)"},
};

const struct config_section run_section = {
    .name = "run",
    .help = "what is evaluated, and what is kept",
    .fields = run_fields,
    .n_fields = sizeof run_fields / sizeof *run_fields,
    .size = sizeof(struct run_options),
};

const struct config_section *const run_sections[] = {
    &network_section, &dataset_section,  &quantization_section, &pruning_section,
    &mapping_section, &crossbar_section, &device_section,       &dac_section,
    &adc_section,     &chip_section,     &run_section,
};
const size_t n_run_sections = sizeof run_sections / sizeof *run_sections;
