/* Section `pruning` of the configuration. */
#include <math.h>
#include <stddef.h>

#include "pruning/pruning.h"

static const char *const crossbar_words[] = {"crossbar", NULL};

static const struct config_field fields[] = {
    {.name = "scheme",
     .type = FIELD_STRING,
     .offset = offsetof(struct pruning_options, scheme),
     .default_text = "none",
     .flags = FIELD_PER_LAYER,
     .help = "which weights are removed (docs/pruning.md); several in sequence joined by +"},
    {.name = "rate",
     .type = FIELD_REALS,
     .offset = offsetof(struct pruning_options, rate),
     .minimum = 1,
     .maximum = INFINITY,
     .flags = FIELD_PER_LAYER,
     .help = "weights to kept weights; one for all schemes of a sequence, or one for each"},
    {.name = "rows",
     .type = FIELD_INT_WORD,
     .offset = offsetof(struct pruning_options, rows),
     .default_text = "crossbar",
     .minimum = 1,
     .maximum = 65536,
     .words = crossbar_words,
     .flags = FIELD_PER_LAYER,
     .help = "rows of a block or sub-matrix; crossbar: crossbar.rows"},
    {.name = "skip_first",
     .type = FIELD_BOOL,
     .offset = offsetof(struct pruning_options, skip_first),
     .default_text = "true",
     .help = "leave the first layer of the network dense"},
    {.name = "skip_last",
     .type = FIELD_BOOL,
     .offset = offsetof(struct pruning_options, skip_last),
     .default_text = "false",
     .help = "leave the last layer of the network dense"},
};

const struct config_section pruning_section = {
    .name = "pruning",
    .help = "which weights are removed before mapping",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(struct pruning_options),
};
