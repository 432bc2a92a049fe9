/* Sweeps: many design points from one file, evaluated in parallel, stored, resumed.
 *
 * A sweep file (docs/sweep.md) has a base configuration and one group of points or several. A group
 * is the product of its dimensions: every list under `grid`, every `zip` of lists in step, one
 * `sample` of ranges, and `repeat` over seeds; `where` leaves points out. Points are never listed:
 * a walk makes them one after the other, so memory does not grow with their number. Dimensions that
 * early stages depend on (network, pruning) change slowest, so that neighbours share most.
 *
 * Order of calls: sweep_load; sweep_walk_begin, sweep_walk_next until it gives none,
 * sweep_walk_end; sweep_config of a point; sweep_execute for all of it (sim/sweep/execute.h);
 * sweep_free. A sweep is read only once loaded. */
#ifndef MHO_SWEEP_SWEEP_H
#define MHO_SWEEP_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/config/config.h"
#include "sim/config/yaml.h"

struct sweep; /* opaque */

/* Loads and checks a sweep file: every key, type and range of every value. `overrides` [n] are
 * "section.key=value" over the base; one of a key that the sweep varies is refused. Errors:
 * "file:line:column: ...". */
enum status sweep_load(const char *path, const char *const *overrides, size_t n,
                       struct sweep **sweep, struct diagnostic *diag);
void sweep_free(struct sweep *sweep);

/* The experiment's name: the base's run.name, the file's key `name`, or its own name. */
const char *sweep_name(const struct sweep *sweep);
const char *sweep_path(const struct sweep *sweep);

/* The base with the file's `set`: what points differ from in the database. */
const struct config *sweep_base(const struct sweep *sweep);

/* The file's key `search`, which sweeps leave to searches; NULL: none. */
const struct yaml_node *sweep_search(const struct sweep *sweep);

/* Points before `where`. */
long sweep_size(const struct sweep *sweep);

/* One field of a point. */
struct sweep_setting {
    const char *key; /* "adc.bits", or "layers.PATTERN.adc.bits" */
    const struct yaml_node *at, *value;
};

/* What a dimension has at a point, for tables: its name ("adc.bits", or that of the dimension) and
 * value ("6", or the name of the value). */
struct sweep_label {
    const char *name, *value;
};

struct sweep_point {
    long number; /* from 0, in the order of the walk, those that `where` leaves out included */
    const struct sweep_setting
        *settings; /* [n_settings]; of two with the same key the later wins */
    int n_settings;
    const struct sweep_label *labels; /* [n_labels] */
    int n_labels;
    struct arena arena;
};

/* The point's configuration, finished; the sweep must outlive it. */
enum status sweep_config(const struct sweep *sweep, const struct sweep_point *point,
                         struct config **config, struct diagnostic *diag);
void sweep_point_free(struct sweep_point *point);

/* "adc.bits=6, pruning=cp4" in `arena`; NULL on short memory. */
char *sweep_point_text(const struct sweep_point *point, struct arena *arena);

struct sweep_walk; /* opaque */

enum status sweep_walk_begin(const struct sweep *sweep, struct sweep_walk **walk,
                             struct diagnostic *diag);
void sweep_walk_end(struct sweep_walk *walk);

/* The next point that `where` keeps, to be freed by sweep_point_free; `found` false after the last.
 */
enum status sweep_walk_next(struct sweep_walk *walk, struct sweep_point *point, bool *found,
                            struct diagnostic *diag);

/* Points that `where` keeps: O(sweep_size). */
enum status sweep_count(const struct sweep *sweep, long *count, struct diagnostic *diag);

/* --- variables, for searches over the same space --- */

/* Something that varies by itself: a list under `grid`, a `zip`, or a range of `sample`. */
struct sweep_variable {
    const char *name;
    long levels;  /* how many values; 0: a real number, or integers on a logarithmic scale */
    bool ordered; /* neighbouring values are alike: numbers, not words */
};

/* The variables of a sweep's only group (one with `groups` of several is refused), without
 * `repeat`: [*n] in the sweep's memory. The number of points of `sample` does not matter here. */
enum status sweep_variables(const struct sweep *sweep, const struct sweep_variable **variables,
                            int *n, struct diagnostic *diag);

/* The point whose variable i has the value at u[i], 0 <= u < 1: value floor(u levels) of a list or
 * of integers in a range, else that much of the way through the range, on its scale. `kept` says
 * whether `where` keeps it. */
enum status sweep_point_of(const struct sweep *sweep, const double *u, struct sweep_point *point,
                           bool *kept, struct diagnostic *diag);

#endif
