/* Record: one evaluated design point as the rows that the results store keeps.
 *
 * Pure but for the arena: nothing is written here. Metrics carry the names that the view
 * run_summary reads (results/schema.sql); strings point into the arena, the result and the source.
 */
#ifndef MHO_RUN_RECORD_H
#define MHO_RUN_RECORD_H

#include "results/store.h"
#include "sim/run/run.h"

struct run_source {
    const char *config_path;   /* file of the configuration: names the experiment */
    const struct config *base; /* the file without --set */
    const char *version, *commit;
    double started_unix_s;
    const char *experiment; /* NULL: run.name, or the file's name */
};

/* Fills `record` from a result (whose config is the resolved one): of its first trial, where images
 * were simulated. */
enum status run_record(const struct run_result *result, const struct run_source *source,
                       struct arena *arena, struct store_run *record, struct diagnostic *diag);

/* The record of another trial, 1 <= trial < result->accuracy.trials, beside the first one's, whose
 * rows it shares. They differ in accuracy_top1 and images_differing; what belongs to all trials,
 * their mean among it, is in each, but for the histograms of calibration images, which the first
 * has alone. */
enum status run_record_trial(const struct run_result *result, int trial,
                             const struct store_run *first, struct arena *arena,
                             struct store_run *record, struct diagnostic *diag);

/* The record of a point that could not be evaluated: no rows but its parameters. `contents` as far
 * as they are known. */
enum status run_record_failure(const struct config *config, const struct run_contents *contents,
                               const struct run_source *source, const char *error,
                               struct arena *arena, struct store_run *record,
                               struct diagnostic *diag);

/* The hash that a row is known by: of its experiment, how much of it is kept, its configuration and
 * the contents of every file that it reads; one experiment never replaces the rows of another. NULL
 * on short memory. */
char *run_point_hash(const struct config *config, const struct run_contents *contents,
                     const char *experiment, struct arena *arena);

/* What sets a layer's lossless bits: "slice 2 of array 0, 9 rows". NULL on short memory. */
char *run_bits_set_by(const struct mapped_layer *layer, struct arena *arena);
/* The same without the array, for tables: "slice 2, 9 rows". */
char *run_bits_set_by_brief(const struct mapped_layer *layer, struct arena *arena);

/* Largest resolution that a layer's converters are built for. */
int run_bits_built_max(const struct run_result *result);

/* Value of a metric of scope "run"; NAN when the record has none of that name. */
double run_record_metric(const struct store_run *record, const char *name);

/* Versions of the libraries in use, as a JSON object of name to version. NULL on short memory. */
char *run_libraries_json(struct arena *arena);

#endif
