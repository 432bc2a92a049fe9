/* The threads that evaluate points: jobs go in, and come out evaluated, in any order. Private.
 *
 * Order of calls: crew_begin; crew_give, crew_take; crew_end, which waits for what is running. */
#ifndef MHO_SWEEP_CREW_H
#define MHO_SWEEP_CREW_H

#include "sim/run/record.h"
#include "sim/run/share.h"
#include "sim/sweep/execute.h"

/* One point on its way. */
struct sweep_job {
    struct sweep_point point;
    struct config *config;
    struct run_contents contents;
    struct run_result result;
    struct store_run *records; /* [n_records] in `arena`; of what failed too */
    int n_records;
    enum status status;    /* of the evaluation */
    struct diagnostic why; /* where it is not STATUS_OK */
    struct arena arena;
    struct sweep_job *next;
};
void sweep_job_free(struct sweep_job *job);

struct crew; /* opaque */

struct crew_options {
    int jobs;    /* threads */
    int threads; /* of each evaluation */
    bool check_only;
    const struct run_source *source; /* of records; NULL with check_only */
    struct run_cache *cache;
    const atomic_bool *stop;
};

enum status crew_begin(const struct crew_options *options, struct crew **crew,
                       struct diagnostic *diag);
/* Whether another job fits: a few more than there are threads. */
bool crew_has_room(struct crew *crew);
void crew_give(struct crew *crew, struct sweep_job *job);
/* Those that are finished, a list; waits up to `seconds` for one unless there are some or nothing
 * is running. */
struct sweep_job *crew_take(struct crew *crew, double seconds);
/* Jobs given and not taken back. */
int crew_pending(struct crew *crew);
void crew_end(struct crew *crew);

#endif
