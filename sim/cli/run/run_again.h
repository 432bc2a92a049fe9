/* `mho run --from ID`: a stored point once more, and whether its figures are the same. */
#ifndef MHO_CLI_RUN_RUN_AGAIN_H
#define MHO_CLI_RUN_RUN_AGAIN_H

#include "results/store_read.h"
#include "sim/screen/screen.h"

struct again_request {
    const char *id;       /* a number, or "last" */
    const char *database; /* only read */
    const char *threads;  /* "run.threads=N", or NULL */
    bool json, quiet;
};

/* Runs the point again from its stored configuration and prints what differs; `same`: nothing does.
 * STATUS_USAGE where a file that it reads is missing or holds something else today. */
enum status run_again(const struct again_request *request, bool *same, struct diagnostic *diag);

/* --- figures of two records, by name --- */

struct again_difference {
    const char *of, *name; /* "run", a scope or "layer NAME"; the figure */
    double stored, now;    /* NAN: there is none */
};

/* Figures of `stored` and `now` that are not the same double, in `arena`; `compared`: how many
 * there are in either. Times of stages are left out: they belong to the machine. */
enum status again_compare(const struct store_run *stored, const struct store_run *now,
                          struct arena *arena, struct again_difference **differences, int *n,
                          int *compared, struct diagnostic *diag);

#endif
