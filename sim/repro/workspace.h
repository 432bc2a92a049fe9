/* Workspace: the quantities that a paper's expressions name, found when they are first asked for.
 *
 *   CHIP.FIGURE              tiles, rows, peak_ops, cycle_s, ...          (workspace_chips.c)
 *   CHIP.LEVEL.FIGURE        area_m2, power_w of one chip, tile, macro or array, with all in it
 *   CHIP.LEVEL[PART].FIGURE  of all parts of one component in one of that level
 *   CHIP[PART].FIGURE        of one part: area_m2, power_w, energy_j, leakage_w, count (per parent)
 *   RUN.METRIC               a metric by its name in the database         (workspace_runs.c)
 *   RUN[PART].FIGURE         sums over a component's rows: area_m2, energy_j, power_peak_w, ...
 *   FIT.PARAMETER            calibrated; FIT.rows: how many rows it used  (fit.c)
 *   run, reference           in comparisons: the run of the row, and the one for all rows
 *   COLUMN                   of the selected row of a data table
 *   NAME                     a definition of the paper
 *
 * Order of calls: workspace_open, workspace_scope, expression_value any number of times,
 * workspace_close. */
#ifndef MHO_REPRO_WORKSPACE_H
#define MHO_REPRO_WORKSPACE_H

#include "sim/repro/paper.h"
#include "sim/run/record.h"

struct workspace_chip {
    bool loaded;
    struct chip chip;
};

struct workspace_run {
    bool done;
    struct config *config, *base;
    struct run_result result;
    struct store_run record;
};

struct workspace_fit {
    enum { FIT_UNTOUCHED, FIT_RUNNING, FIT_DONE } state;
    double *values; /* [n_parameters] SI */
    int rows;       /* of the data table that were used */
};

struct workspace {
    const struct paper *paper;
    struct workspace_chip *chips; /* [paper->n_chips] */
    struct workspace_run *runs;   /* [paper->n_runs] */
    struct workspace_fit *fits;   /* [paper->n_fits] */
    bool long_runs;               /* whether they are evaluated */
    const char *absent;           /* set when a value was asked for that cannot be had: why */
    void (*progress)(void *context, const char *text); /* may be NULL: what runs now */
    void *progress_context;
    struct arena arena;
};

enum status workspace_open(const struct paper *paper, struct workspace *workspace,
                           struct diagnostic *diag);
void workspace_close(struct workspace *workspace);

/* Names as above; `row` of data table `table`, or -1, 0 for none. */
struct expression_scope workspace_scope(struct workspace *workspace, int table, int row);

/* Values by kind of name; each refuses what it does not know, with the closest name. */
enum status workspace_chip_value(struct workspace *workspace, int chip,
                                 const struct expression *name, double *value,
                                 struct diagnostic *diag);
enum status workspace_run_value(struct workspace *workspace, int run, const struct expression *name,
                                double *value, struct diagnostic *diag);
enum status workspace_fit_value(struct workspace *workspace, int fit, const struct expression *name,
                                double *value, struct diagnostic *diag);

/* Calibrates a fit of the paper, once. */
enum status workspace_fit_make(struct workspace *workspace, int fit, struct diagnostic *diag);

#endif
