#include "mapping/mapping.h"

#include <stddef.h>

static const char *const replication_words[] = {
    [REPLICATION_NONE] = "none",
    [REPLICATION_ISAAC] = "isaac",
    [REPLICATION_BALANCED] = "balanced",
    NULL,
};
static const char *const placement_words[] = {
    [PLACEMENT_ORDER] = "order", [PLACEMENT_SWAP] = "swap", NULL};
const char *const compaction_names[] = {
    [COMPACTION_NONE] = "none",
    [COMPACTION_ROWS_COLUMNS] = "rows_columns",
    [COMPACTION_BLOCKS] = "blocks",
    [COMPACTION_MIXED] = "mixed",
    [COMPACTION_OU] = "ou",
    [COMPACTION_REORDER] = "reorder",
    NULL,
};

static const struct config_field fields[] = {
    {.name = "encoding",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct mapping_options, encoding),
     .default_text = "differential",
     .words = encoding_names,
     .flags = FIELD_PER_LAYER,
     .help = "how a signed weight becomes cells"},
    {.name = "compaction",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct mapping_options, compaction),
     .default_text = "none",
     .words = compaction_names,
     .flags = FIELD_PER_LAYER,
     .help = "what becomes of rows and columns without weights: none keeps them; rows_columns "
             "leaves out those empty in the whole matrix; blocks those empty in a sub-matrix, and "
             "packs the rest into fewer arrays; mixed parts those blocks before, where "
             "columns share rows; ou leaves out those empty in the columns of an operation "
             "unit, and stacks the rest; reorder those of filters clustered for it"},
    {.name = "ou_rows",
     .type = FIELD_INT,
     .offset = offsetof(struct mapping_options, ou_rows),
     .default_text = "0",
     .minimum = 0,
     .maximum = 4096,
     .flags = FIELD_PER_LAYER,
     .help = "word lines driven in one read: those of an operation unit; 0: all of an array"},
    {.name = "ou_columns",
     .type = FIELD_INT,
     .offset = offsetof(struct mapping_options, ou_columns),
     .default_text = "0",
     .minimum = 0,
     .maximum = 4096,
     .flags = FIELD_PER_LAYER,
     .help = "bit lines converted in one read, whole weights of them: those of an operation unit; "
             "0: all of an array"},
    {.name = "fragment_rows",
     .type = FIELD_INT,
     .offset = offsetof(struct mapping_options, fragment_rows),
     .default_text = "8",
     .minimum = 1,
     .maximum = 4096,
     .flags = FIELD_PER_LAYER,
     .help = "polarized encoding: word lines whose weights have one sign in each column, which is "
             "kept beside the array; they are read as an operation unit"},
    {.name = "flip",
     .type = FIELD_BOOL,
     .offset = offsetof(struct mapping_options, flip),
     .default_text = "false",
     .flags = FIELD_PER_LAYER,
     .help = "offset encoding: store a column inverted where that lowers its largest sum"},
    {.name = "replication",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct mapping_options, replication),
     .default_text = "none",
     .words = replication_words,
     .help = "copies of layers that work on different positions: none; isaac: from the last layer "
             "back, as many as the strides after a layer ask for; balanced: those that make the "
             "slowest layer as fast as array_budget allows"},
    {.name = "array_budget",
     .type = FIELD_INT,
     .offset = offsetof(struct mapping_options, array_budget),
     .default_text = "0",
     .minimum = 0,
     .maximum = 100000000,
     .help = "replication balanced: arrays of all copies of all layers; 0: those of the chips that "
             "one copy of each takes"},
    {.name = "placement",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct mapping_options, placement),
     .default_text = "order",
     .words = placement_words,
     .help = "where tiles lie on a chip's mesh: order: as layers fill them; swap: two tiles change "
             "places as long as bits pass fewer routers by it"},
};

const struct config_section mapping_section = {
    .name = "mapping",
    .help = "how weights are laid onto arrays",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(struct mapping_options),
};
