/* Merging databases: the runs of one into another, with all that belongs to them.
 *
 * A run is known by (point hash, version, trial) and an experiment by (name, hash); ids are given
 * anew, so that merging again, in any order, changes nothing.
 *
 * Order of calls: store_open of the one, store_open_reading of the other, store_merge; both stay
 * open. */
#ifndef MHO_RESULTS_STORE_MERGE_H
#define MHO_RESULTS_STORE_MERGE_H

#include "results/store_read.h"

/* A run that both databases have done, with other figures (times aside). */
struct store_conflict {
    int64_t run_id, from_id; /* in the one that is merged into, which keeps its own; in the other */
    const char *experiment;
    int trial;
    const char *where; /* the first difference: table, key and column, and both values */
};
typedef void store_conflict_seen(void *context, const struct store_conflict *conflict);

/* What became of the runs of the other database; `added` to `conflicts` add up to `runs`. */
struct store_merged {
    int64_t runs;
    int64_t added;
    int64_t same;     /* known, with the same figures */
    int64_t replaced; /* failed here, done there: took the other's */
    int64_t kept;     /* failed there: whatever is here stays */
    int64_t conflicts;
    int64_t holds; /* runs of the database that was merged into, afterwards */
};

/* All in one transaction, in which the number of rows of every table is checked at the end: on
 * failure nothing is changed. `seen` (may be NULL) is called for each conflict. */
enum status store_merge(struct store *into, struct store *from, store_conflict_seen *seen,
                        void *context, struct store_merged *merged, struct diagnostic *diag);

#endif
