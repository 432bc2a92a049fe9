/* Section `pruning` of the configuration. */
#include <math.h>
#include <stddef.h>

#include "pruning/pruning.h"

static const char *const crossbar_words[] = {"crossbar", NULL};
static const char *const scope_words[] = {"layer", "global", NULL};
static const char *const budget_words[] = {"equal", "power_of_two", NULL};
static const char *const class1_words[] = {"removed", "as_class2", NULL};
static const char *const class2_words[] = {"row_segments", "as_class3", NULL};
static const char *const class3_words[] = {"column_proportional", "kept", NULL};

/* A whole number, one for each layer. */
#define COUNT(text, member, ...)                                                                   \
    {                                                                                              \
        .name = (text), .type = FIELD_INT, .offset = offsetof(struct pruning_options, member),     \
        .minimum = 1, .flags = FIELD_PER_LAYER, __VA_ARGS__                                        \
    }
#define CHOICE(text, member, list, ...)                                                            \
    {                                                                                              \
        .name = (text), .type = FIELD_CHOICE, .offset = offsetof(struct pruning_options, member),  \
        .words = (list), __VA_ARGS__                                                               \
    }

static const char *const reconstruct_words[] = {"none", "least_squares", "admm", NULL};
static const char *const round_words[] = {"nearest", "fitted", NULL};
static const char *const score_words[] = {"auto", "magnitude", "gram", "obs", NULL};

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
    {.name = "columns",
     .type = FIELD_INT_WORD,
     .offset = offsetof(struct pruning_options, columns),
     .default_text = "crossbar",
     .minimum = 1,
     .maximum = 65536,
     .words = crossbar_words,
     .flags = FIELD_PER_LAYER,
     .help = "filters of a block or sub-matrix; crossbar: as many as an array holds"},
    CHOICE("column_budget", column_budget, budget_words, .default_text = "equal",
           .flags = FIELD_PER_LAYER,
           .help = "column_proportional: the same for all columns, or powers of two that the "
                   "columns of a sub-matrix share"),
    COUNT("block_filters", block_filters, .default_text = "8", .maximum = 65536,
          .help = "block_punched: filters of a block"),
    COUNT("block_channels", block_channels, .default_text = "4", .maximum = 65536,
          .help = "block_punched: channels of a block"),
    COUNT("patterns", patterns, .default_text = "8", .maximum = 56,
          .help = "pattern: patterns that a layer may use"),
    COUNT("fragment_rows", fragment_rows, .default_text = "8", .maximum = 65536,
          .help = "polarization: rows whose weights have one sign"),
    {.name = "mixed_thresholds",
     .type = FIELD_REALS,
     .offset = offsetof(struct pruning_options, mixed_thresholds),
     .default_text = "[0.3, 0.8]",
     .minimum = 0,
     .maximum = INFINITY,
     .flags = FIELD_PER_LAYER,
     .help = "mixed_granularity: columns whose score, over their sub-matrix's mean, is below the "
             "first are of class 1, below the second of class 2"},
    {.name = "mixed_row_rate",
     .type = FIELD_REAL,
     .offset = offsetof(struct pruning_options, mixed_row_rate),
     .default_text = "1",
     .minimum = 1,
     .maximum = 1e9,
     .flags = FIELD_PER_LAYER,
     .help = "mixed_granularity: rows to kept rows of each sub-matrix, over all columns that stay, "
             "before classes 2 and 3 lose theirs"},
    CHOICE("mixed_class1", mixed_class1, class1_words, .default_text = "removed",
           .flags = FIELD_PER_LAYER,
           .help = "mixed_granularity: what happens to redundant columns"),
    CHOICE("mixed_class2", mixed_class2, class2_words, .default_text = "row_segments",
           .flags = FIELD_PER_LAYER, .help = "mixed_granularity: what columns of class 2 lose"),
    CHOICE("mixed_class3", mixed_class3, class3_words, .default_text = "column_proportional",
           .flags = FIELD_PER_LAYER, .help = "mixed_granularity: how the other columns are pruned"),
    CHOICE("scope", scope, scope_words, .default_text = "layer",
           .help = "whether each layer keeps its own share, or layers compete (schemes that "
                   "remove units of a layer)"),
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
    CHOICE("reconstruct", reconstruct, reconstruct_words, .default_text = "none",
           .help = "weights that stay: as they were, or fitted layer by layer on "
                   "dataset.calibration, by least squares, or admm for the mask too (float)"),
    CHOICE("score", score, score_words, .default_text = "auto",
           .help = "what masks go by: magnitude, times the input's variance (gram), or the damage "
                   "after the others adapt (obs); auto: gram with reconstruct, else magnitude"),
    CHOICE("round", round, round_words, .default_text = "nearest",
           .help = "fitted weights onto the levels of quantization: each to the nearest, or each "
                   "rounding made up for by the weights that follow, in all layers (fitted; needs "
                   "reconstruct)"),
    {.name = "samples",
     .type = FIELD_INT,
     .offset = offsetof(struct pruning_options, samples),
     .default_text = "20000",
     .minimum = 1,
     .maximum = 1e8,
     .help = "output positions that a layer is fitted on, over all calibration images"},
    {.name = "masks",
     .type = FIELD_PATH,
     .offset = offsetof(struct pruning_options, masks),
     .help = "NPZ file of masks, as mho prune --masks writes, instead of a scheme (float models)"},
    {.name = "purify",
     .type = FIELD_BOOL,
     .offset = offsetof(struct pruning_options, purify),
     .default_text = "false",
     .help = "remove filters that are empty or that nothing reads, with the rows that read them: "
             "layers get smaller, outputs stay (float models)"},
};

const struct config_section pruning_section = {
    .name = "pruning",
    .help = "which weights are removed before mapping",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(struct pruning_options),
};
