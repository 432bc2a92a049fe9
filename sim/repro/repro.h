/* Repro: published | ours | ratio, row by row, and whether each row is within its band.
 *
 * Order of calls: paper_load (sim/repro/paper.h), repro_evaluate, repro_record; repro_result_free
 * before paper_free. */
#ifndef MHO_REPRO_REPRO_H
#define MHO_REPRO_REPRO_H

#include "results/store.h"
#include "sim/repro/paper.h"

enum repro_verdict {
    REPRO_WITHIN,  /* its band */
    REPRO_OUTSIDE, /* its band */
    REPRO_CLAIM,   /* no band: shown beside ours, or alone where `ours` is NAN */
    REPRO_SKIPPED, /* needs a file that is not there */
    REPRO_VERDICTS
};
extern const char *const repro_verdict_names[]; /* "ok", "out", "claim", "skipped" */

struct repro_row {
    int table; /* of the paper */
    const char *what;
    const char *published_text;    /* as printed, without the unit */
    const struct paper_unit *unit; /* of the values here */
    double published, ours; /* ours: NAN for a claim that nothing models, and where skipped */
    double ratio;           /* ours / published; NAN where published is 0 */
    double low, high;       /* the band; NAN where it has no such side */
    const char *band;       /* "1 %", "rounding", "<= 4", "" */
    enum repro_verdict verdict;
    const char *note; /* why it is as it is, or what is missing; may be NULL */
};

/* A parameter that was calibrated. */
struct repro_parameter {
    const char *fit, *name, *what;
    const struct paper_unit *unit;
    double value; /* in its unit */
    int rows, of; /* rows of the data table that the fit used, and all of them */
    const char *data;
};

/* Of a comparison of the paper. */
struct repro_comparison {
    double *values;       /* [n_entries][n_columns] in the columns' units; NAN where skipped */
    const char **skipped; /* [n_entries] why; NULL: it was evaluated */
};

struct repro_result {
    const struct paper *paper;
    struct repro_comparison *comparisons; /* [paper->n_comparisons] */
    int n_comparisons;
    struct repro_row *rows;
    int n_rows;
    struct repro_parameter *parameters;
    int n_parameters;
    int count[REPRO_VERDICTS];
    bool long_runs; /* some were evaluated: stored as another point than without them */
    double wall_s;
    struct arena arena;
};

struct repro_hooks {
    void (*progress)(void *context, const char *text); /* may be NULL: a run begins */
    void *context;
    bool long_runs; /* also those of which the paper says that they take long */
};

/* Evaluates all rows. A row outside its band is no failure: it is in result->count. */
enum status repro_evaluate(const struct paper *paper, const struct repro_hooks *hooks,
                           struct repro_result *result, struct diagnostic *diag);
void repro_result_free(struct repro_result *result);

/* The result as a run of the experiment "repro-NAME", with a claim for each row. What it points to
 * lies in `arena`, the result and the paper. */
enum status repro_record(const struct repro_result *result, const char *version, const char *commit,
                         double started_unix_s, struct arena *arena, struct store_run *record,
                         struct diagnostic *diag);

/* The paper's name in that of such an experiment. */
const char *repro_paper_of(const char *experiment);

#endif
