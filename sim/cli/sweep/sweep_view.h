/* What `mho sweep` shows. */
#ifndef MHO_CLI_SWEEP_SWEEP_VIEW_H
#define MHO_CLI_SWEEP_SWEEP_VIEW_H

#include "sim/screen/screen.h"
#include "sim/sweep/execute.h"

struct sweep_view {
    const struct sweep *sweep;
    const struct sweep_outcome *outcome;
    const char *database, *command; /* command: to be repeated, "mho sweep FILE ..." */
    int shard, shards, jobs;
    long points; /* of the shard */
};

/* A line on a terminal's stderr that is redrawn and removed. */
struct sweep_bar {
    struct screen screen;
    bool enabled, drawn;
    double last_drawn_s;
    const char *what; /* "points" */
};
void sweep_bar_begin(struct sweep_bar *bar, FILE *out, bool quiet, const char *what);
void sweep_bar_update(void *bar, const struct sweep_progress *progress);
void sweep_bar_end(struct sweep_bar *bar);

/* The points of a share as a table, the first `limit` (0: all), and what they would take. */
enum status sweep_points_print(const struct sweep_view *view, const struct sweep_estimate *estimate,
                               long limit, const struct screen *screen, struct diagnostic *diag);

/* "3 s", "4 min", "2.5 h" into `text`; returns it. */
char *sweep_duration(double seconds, char *text, size_t size);

/* What was done, the best points, what failed and what comes next. */
enum status sweep_screen(const struct sweep_view *view, struct store *store,
                         const struct screen *screen, struct diagnostic *diag);

#endif
