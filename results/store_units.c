/* Units of columns, by their names. */
#include <string.h>

#include "results/store_query.h"

/* Names whose endings do not tell, or would tell something else. */
static const struct {
    const char *name, *unit;
} names[] = {
    {"gops", "GOPS"},       {"gops_per_w", "GOPS/W"},   {"gops_per_mm2", "GOPS/mm2"},
    {"gops_peak", "GOPS"},  {"gops_effective", "GOPS"}, {"energy_best_accuracy", "%"},
    {"accuracy_best", "%"}, {"bits", "bits"},           {"clipping_rate", ""},
    {"params", ""},         {"bits_set_by", ""},
};

/* How units are written at the end of a name. The first that fits. */
static const struct {
    const char *ending, *unit;
} endings[] = {
    {"_mm2", "mm2"},
    {"_m2", "m2"},
    {"_unix_s", "s"},
    {"_s", "s"},
    {"_j", "J"},
    {"_w", "W"},
    {"_ips", "1/s"},
    {"_db", "dB"},
    {"_hz", "Hz"},
    {"_v", "V"},
    {"_bits", "bits"},
    {"_bytes", "B"},
    {"_bits_max", "bits"},
    {"_bits_mean", "bits"},
    {"_bits_uncompacted", "bits"},
};

/* Columns that are plain numbers or texts. */
static const char *const plain[] = {
    "id",
    "run_id",
    "experiment_id",
    "experiment",
    "name",
    "hash",
    "config",
    "point_hash",
    "version",
    "trial",
    "seed",
    "commit",
    "host",
    "libraries",
    "model_hash",
    "data_hash",
    "status",
    "error",
    "yaml",
    "key",
    "value",
    "differs",
    "scope",
    "unit",
    "position",
    "kind",
    "rows",
    "columns",
    "groups",
    "positions",
    "macs",
    "weights",
    "nonzero_weights",
    "crossbars",
    "copies",
    "row_blocks",
    "utilisation",
    "largest_sum",
    "path",
    "device",
    "activity",
    "conversions",
    "sum",
    "count",
    "layer",
    "level",
    "component",
    "model",
    "source",
    "actions",
    "published_in",
    "what",
    "published",
    "ours",
    "low",
    "high",
    "verdict",
    "note",
    "images",
    "crossbars_dense",
    "crossbar_saving",
    "compression_ratio",
    "sparsity",
    "rate",
    "exact",
    "runs",
    "accuracy_best_run_id",
    "energy_best_run_id",
};

static bool ends_with(const char *text, const char *ending) {
    size_t length = strlen(text), own = strlen(ending);
    return length > own && strcmp(text + length - own, ending) == 0;
}

const char *store_column_unit(const char *column) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, column) == 0)
            return names[i].unit;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i], column) == 0)
            return "";
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(column, endings[i].ending))
            return endings[i].unit;
    return strncmp(column, "accuracy_", strlen("accuracy_")) == 0 ? "%" : NULL;
}
