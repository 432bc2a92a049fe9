/* Results store: one SQLite file of experiments, runs, layers, metrics and components.
 *
 * Floor: beside mapping, below the engine; it knows records, not simulations. The schema is
 * results/schema.sql and views.sql (compiled in); PRAGMA user_version says which one a file has.
 *
 * Order of calls: store_open; store_write once per run, or store_write_all for several (one
 * transaction each); store_close. */
#ifndef MHO_RESULTS_STORE_H
#define MHO_RESULTS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/base.h"

struct store; /* opaque */

/* What store_open would say, before there is anything to store; a file that is not there yet is not
 * made, nor is its folder. */
enum status store_check(const char *path, struct diagnostic *diag);

/* Opens or creates `path`, and brings a file of schema 3 to today's. Its folder is made where it is
 * `results` of the working directory; any other must be there (STATUS_USAGE). A database of a newer
 * or an older schema, one that is no mho database, or a locked one (after 5 s) is refused with what
 * to do. WAL mode on a local disk. */
enum status store_open(const char *path, struct store **store, struct diagnostic *diag);
void store_close(struct store *store);

struct store_metric {
    const char *scope; /* "run", or a layer's name */
    const char *name, *unit;
    double value;
};
struct store_parameter {
    const char *key;  /* "crossbar.rows" */
    const char *text; /* as YAML */
    enum { PARAMETER_TEXT, PARAMETER_INTEGER, PARAMETER_REAL } type;
    bool differs; /* from the experiment's base: shown in run_summary.params */
};
struct store_layer {
    const char *name, *kind; /* "conv", "grouped", "depthwise", "fc" */
    long rows, columns, groups, positions;
    double macs;
    long weights, nonzero_weights;
    long crossbars, copies, row_blocks;
    double utilisation;
    int adc_bits, lossless_bits, structural_bits, worst_bits;
    int64_t largest_sum;
    const char *bits_set_by; /* what sets the lossless bits, as printed */
    const char *path;        /* engine path */
    const char *device;      /* name of the device of its cells */
    double activity, conversions, area_m2, energy_j, time_s;
    double buffer_bytes, map_bytes; /* input to start with; the whole input map */
    double clipping_rate, sqnr_db;  /* NAN: not known */
};
struct store_sum { /* how often the bit lines of a layer gave a sum */
    const char *layer;
    int position; /* of the layer */
    int64_t sum;
    uint64_t count;
};
struct store_component {
    const char *layer; /* NULL: shared */
    const char *level; /* "chip", "tile", "macro" or "array" */
    const char *component, *model, *source;
    double count, actions, area_m2, energy_j, power_peak_w, leakage_w;
};
struct store_claim { /* a published figure beside ours, in `unit` */
    const char *published_in, *source, *what, *unit;
    double published;
    double ours, low, high; /* NAN: none */
    const char *verdict;    /* "ok" | "out" | "claim" | "skipped" */
    const char *note;       /* NULL: none */
};

/* Everything about one run; strings and arrays are only read. */
struct store_run {
    const char *experiment, *base_yaml, *base_hash; /* experiment: base config and its hash */
    const char *config_yaml;                        /* the resolved configuration */
    const char *point_hash; /* of the experiment's name, the config, the contents of files */
    int trial;
    uint64_t seed;
    const char *version, *commit, *host, *libraries; /* libraries: JSON of name to version */
    const char *model_hash, *data_hash;              /* data_hash NULL when no data was read */
    const char *status, *error;                      /* "done" | "failed" */
    double started_unix_s, wall_s;
    const struct store_parameter *parameters;
    int n_parameters;
    const struct store_metric *metrics;
    int n_metrics;
    const struct store_layer *layers;
    int n_layers;
    const struct store_sum *histogram;
    int n_histogram;
    const struct store_component *components;
    int n_components;
    const struct store_claim *claims;
    int n_claims;
};

/* Writes the run in one transaction, replacing a run of the same (point hash, version, trial);
 * `run_id` (may be NULL) receives its id. Nothing is left behind on failure. */
enum status store_write(struct store *store, const struct store_run *run, int64_t *run_id,
                        struct diagnostic *diag);

struct store_written {
    int64_t run_id;
    bool replaced; /* the row that had this id before */
};

/* The same for `n` runs, such as the trials of a point, all in one transaction; written [n]. */
enum status store_write_all(struct store *store, const struct store_run *runs, int n,
                            struct store_written *written, struct diagnostic *diag);

#endif
