/* Execution of points: in parallel, with what they share computed once, stored as they finish.
 *
 * One thread makes points, looks up which are done, and stores results; `jobs` others evaluate. A
 * result is committed within a fifth of a second, many to a transaction where they come fast, so a
 * process that is killed loses the points in flight: those being evaluated, and what the last fifth
 * of a second gave. Results
 * do not depend on `jobs`, on the order in which points finish, or on what was done before.
 *
 * Points come from a function, so that searches can decide on the next ones by what came out. */
#ifndef MHO_SWEEP_EXECUTE_H
#define MHO_SWEEP_EXECUTE_H

#include <stdatomic.h>

#include "results/store.h"
#include "sim/run/share.h"
#include "sim/sweep/sweep.h"

struct sweep_progress {
    long total, finished; /* points; of those finished: */
    long before;          /* done in an earlier call */
    long failed;
    double elapsed_s, left_s; /* left_s NAN: not known yet */
};

/* Gives the next point, which the execution frees. */
typedef enum status sweep_source(void *context, struct sweep_point *point, bool *found,
                                 struct diagnostic *diag);

/* A point is there: `records` [n], one for each trial, of status "done" or "failed"; those of a
 * point that was done before are read from the database where `wanted_before` asks for it. */
typedef enum status sweep_finished(void *context, long number, const struct store_run *records,
                                   int n, struct diagnostic *diag);

struct sweep_request {
    const struct sweep *sweep;
    sweep_source *source;
    void *source_context;
    long total;          /* points that the source gives, for progress */
    struct store *store; /* NULL: nothing is looked up or stored */
    bool check_only;     /* import, map and estimate, but run no images, and make no records */
    const char *version, *commit;
    int jobs;                 /* threads, >= 1 */
    struct run_cache *cache;  /* what earlier calls computed (sim/run/share.h); NULL: nothing */
    sweep_finished *finished; /* may be NULL */
    void *finished_context;
    void (*progress)(void *context, const struct sweep_progress *progress); /* may be NULL */
    void *progress_context;
    const atomic_bool *stop; /* may be NULL */
};

/* Points that failed for one reason. */
struct sweep_failure {
    const char *message;
    long count, first;   /* first: the lowest number of a point */
    const char *example; /* what that point varies */
};

struct sweep_outcome {
    long done, before, failed; /* points evaluated now, done earlier, failed now */
    bool interrupted;          /* asked to stop: the rest is still to do */
    double wall_s;
    const struct sweep_failure *failures; /* [n_failures], by `first` */
    int n_failures;
    long made, found; /* products computed, and found where points share them */
    struct arena arena;
};
enum { SWEEP_FAILURES_MAX = 100 }; /* reasons told apart */

/* Evaluates all points of the source. A point that fails is stored as failed, and is no failure of
 * this function. The outcome is there in every case. */
enum status sweep_execute(const struct sweep_request *request, struct sweep_outcome *outcome,
                          struct diagnostic *diag);
void sweep_outcome_free(struct sweep_outcome *outcome);

/* What `n` points would take, from pairs of neighbours that are timed: at least, if all share as
 * the second of a pair does with the first, and at most, if none do. */
struct sweep_estimate {
    int probes;             /* points timed */
    double least_s, most_s; /* of all by `jobs` threads */
};
enum status sweep_estimate(const struct sweep_request *request, int shard, int shards,
                           struct sweep_estimate *estimate, struct diagnostic *diag);

/* A source: share `shard` of `shards` (1 <= shard <= shards) of the points of a sweep, a run of
 * neighbours; the shares of all are the whole. */
struct sweep_shard {
    struct sweep_walk *walk;
    long skip, left;
};
enum status sweep_shard_begin(const struct sweep *sweep, int shard, int shards,
                              struct sweep_shard *share, struct diagnostic *diag);
enum status sweep_shard_next(void *share, struct sweep_point *point, bool *found,
                             struct diagnostic *diag);
void sweep_shard_end(struct sweep_shard *share);

#endif
