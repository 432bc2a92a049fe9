/* Reading the results store: lists of runs, and one run as it was written.
 *
 * Order of calls: store_open_reading; any number of reads; store_close. Nothing is written or made:
 * texts and arrays lie in the caller's arena. */
#ifndef MHO_RESULTS_STORE_READ_H
#define MHO_RESULTS_STORE_READ_H

#include "results/store.h"

/* Opens an existing database. STATUS_USAGE when there is none, STATUS_STORE when it is not mho's,
 * of another schema, unreadable or locked (after 5 s). */
enum status store_open_reading(const char *path, struct store **store, struct diagnostic *diag);

/* A line of the list of runs; NAN: not computed. */
struct store_summary {
    int64_t run_id;
    int trial;
    const char *experiment, *params, *status; /* params: JSON of what differs from the base */
    double started_unix_s;
    double accuracy_top1, area_m2, power_peak_w, energy_per_inference_j, throughput_ips;
    bool has_claims; /* published figures beside ours (`mho repro`), no design point */
};

/* The last `limit` runs by id (0: all), in the order of ids; `total`: how many there are. */
enum status store_list(struct store *store, int limit, struct arena *arena,
                       const struct store_summary **runs, int *n, int64_t *total,
                       struct diagnostic *diag);

/* The id of the run that was started last; one with claims only where there are no others.
 * STATUS_USAGE in a database without any. */
enum status store_last_run(struct store *store, int64_t *run_id, struct diagnostic *diag);

/* The resolved configuration of a run as YAML. */
enum status store_read_config(struct store *store, int64_t run_id, struct arena *arena,
                              const char **yaml, struct diagnostic *diag);

/* Everything about one run but its histograms and YAML (NULL). STATUS_USAGE with the ids that exist
 * when there is no such run. */
enum status store_read(struct store *store, int64_t run_id, struct arena *arena,
                       struct store_run *run, struct diagnostic *diag);

/* Whether a point was stored as done by this version. */
enum status store_find_done(struct store *store, const char *point_hash, const char *version,
                            bool *done, struct diagnostic *diag);

/* Everything about a point's trials, runs [*n], 0 when there are none: store_read of each. */
enum status store_read_point(struct store *store, const char *point_hash, const char *version,
                             struct arena *arena, struct store_run **runs, int *n,
                             struct diagnostic *diag);

/* Of an experiment's runs that are done, the one with the largest (else the smallest) value of a
 * column of run_summary; of equal ones the smaller, then the one with less energy. Only runs
 * count that lose at most `lost` points of the best mean accuracy; NAN: all. found is false where
 * none has a value. */
enum status store_best(struct store *store, const char *experiment, const char *column,
                       bool largest, double lost, struct arena *arena, struct store_summary *best,
                       bool *found, struct diagnostic *diag);

#endif
