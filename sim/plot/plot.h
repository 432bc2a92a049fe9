/* Plots of stored runs, drawn by the program gnuplot.
 *
 * Each kind is a file of its own: a query that gives plain arrays, then a script from them alone.
 * Order of calls: store_open_reading; plot_draw. Nothing is written where anything fails.
 *
 * A quantity is asked for by name: a parameter ("crossbar.rows"), a metric of scope `run`
 * ("latency_s"), a column of the view run_summary ("area_mm2"), or arithmetic over such numbers,
 * which may have a name ("delay = latency_s * energy_per_inference_j"). Runs that failed, and
 * trials after the first, are left out. */
#ifndef MHO_PLOT_PLOT_H
#define MHO_PLOT_PLOT_H

#include "results/store_read.h"

enum plot_kind {
    PLOT_PARETO,    /* y (accuracy) against x, and the front */
    PLOT_LINES,     /* y against x, a line for each value of `by` */
    PLOT_HEATMAP,   /* `value` over x and y */
    PLOT_BREAKDOWN, /* area and energy of runs, stacked by component */
    PLOT_LAYERS,    /* energy, time and utilisation of each layer of a run */
    PLOT_HISTOGRAM, /* partial sums of a layer, and the levels of its converters */
    PLOT_KINDS
};
extern const char *const plot_kind_names[PLOT_KINDS];

/* What stands for several runs that fall onto one place. */
enum plot_statistic { PLOT_ONLY, PLOT_MEAN, PLOT_LEAST, PLOT_MOST, PLOT_STATISTICS };
extern const char *const plot_statistic_names[PLOT_STATISTICS]; /* NULL for PLOT_ONLY */

enum { PLOT_WHERE_MOST = 16, PLOT_RUNS_MOST = 12 };

struct plot_request {
    enum plot_kind kind;
    const char *output;                 /* *.svg, *.png, *.pdf */
    const char *title;                  /* NULL: made from what is drawn */
    const char *x, *y, *value, *by;     /* quantities; NULL: the kind's own (by: no series) */
    bool minimize;                      /* pareto: a small y is good, not a large one */
    enum plot_statistic statistic;      /* PLOT_ONLY: more runs than one are refused */
    const char *where[PLOT_WHERE_MOST]; /* "QUANTITY=VALUE", also with != >= <= > < */
    int n_where;
    int64_t runs[PLOT_RUNS_MOST]; /* of breakdown, layers and histogram */
    int n_runs;
    const char *layer; /* of histogram: a name or its end; NULL: the first that loses something */
};

/* STATUS_USAGE where a name is unknown, nothing is left to draw, or too much to tell apart. */
enum status plot_draw(struct store *store, const struct plot_request *request,
                      struct diagnostic *diag);

#endif
