/* Papers: published rows as data, and the recipe of what stands beside each (configs/papers/
 * *.yaml, docs/repro.md).
 *
 * A file names chips, runs, data tables, fits and definitions; the rows of its tables are
 * expressions over them (sim/expression/expression.h). Nothing is loaded or run here but the file.
 */
#ifndef MHO_REPRO_PAPER_H
#define MHO_REPRO_PAPER_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/expression/expression.h"

/* A unit that a value is printed in. Values are in SI units elsewhere (operations a second, areas
 * in m2, shares of 1). */
struct paper_unit {
    const char *text;
    double si; /* one of it */
};
extern const struct paper_unit paper_units[];
extern const size_t n_paper_units;

enum paper_band_kind {
    BAND_CLAIM,    /* shown beside ours, without a limit */
    BAND_RELATIVE, /* within `value` (a share) of what is published */
    BAND_ROUNDING, /* what rounds to the published digits */
    BAND_AT_MOST,  /* at most, at least `value`, in the row's unit */
    BAND_AT_LEAST
};
struct paper_band {
    enum paper_band_kind kind;
    double value;
};

struct paper_chip {
    const char *name, *preset; /* as chip_load takes it */
};

/* A configuration, evaluated when a row asks for it. */
struct paper_run {
    const char *name, *config; /* path */
    const char **overrides;    /* "section.key=value" */
    int n_overrides;
    const char *needs; /* a path without which the run is left out; NULL: none */
    bool is_long;      /* left out unless long runs are asked for */
    const struct yaml_node *node;
};

/* Figures that rows are made from or fits are made to. */
struct paper_data {
    const char *name;
    const char **columns;
    int n_columns, n_rows;
    const char **cells; /* [n_rows][n_columns] as written; NULL where the paper has none */
    double *values;     /* the same as numbers; NAN for texts and gaps */
};

struct paper_parameter {
    const char *name, *what;
    double start; /* SI */
    const struct paper_unit *unit;
};

/* Least squares: the parameters that make the residuals smallest over rows of a data table. */
struct paper_fit {
    const char *name;
    int data;                       /* index of the table */
    const struct expression *where; /* rows used: where it is not 0; NULL: all */
    const struct expression **residuals;
    int n_residuals;
    const struct paper_parameter *parameters;
    int n_parameters;
    const struct yaml_node *node;
};

/* A name for an expression. */
struct paper_define {
    const char *name;
    const struct expression *expression;
};

struct paper_row {
    const char *what; /* with {column} where the row stands for those of a data table */
    const struct expression *published;
    const char *published_text; /* digits as printed; NULL where it is an expression */
    const struct paper_unit *unit;
    const struct expression *ours; /* NULL: there is no model of it */
    struct paper_band band;
    const char *note;               /* may be NULL */
    int data;                       /* index of the table this row is repeated for; -1: none */
    const struct expression *where; /* of its rows; NULL: all */
    const struct yaml_node *node;
};

/* A note that says that the one before holds here, too. */
#define PAPER_AS_ABOVE "As above."

struct paper_table {
    const char *title, *source;
    const struct paper_row *rows;
    int n_rows;
};

/* Runs side by side, without published figures: a row for each run, in which `run` names it and
 * `reference` the run that all of them are compared with. */
struct paper_comparison {
    const char *title, *source;
    int reference; /* index of a run */
    struct paper_column {
        const char *name;
        const struct paper_unit *unit;
        const struct expression *ours;
    } * columns;
    struct paper_entry {
        const char *what;
        int run; /* index */
    } * entries;
    int n_columns, n_entries;
};

struct paper {
    const char *path, *name, *title;
    const char *text; /* the file */
    const char *only; /* what paper_select was given; NULL: all of the paper */
    struct paper_chip *chips;
    struct paper_run *runs;
    struct paper_data *data;
    struct paper_fit *fits;
    struct paper_define *defines;
    struct paper_comparison *comparisons;
    struct paper_table *tables;
    int n_chips, n_runs, n_data, n_fits, n_defines, n_comparisons, n_tables;
    bool on_request; /* evaluated only where it is named: it takes minutes */
    struct arena arena;
};

/* Loads a file. Whatever is wrong is refused as file:line:column. On failure `paper` is empty. */
enum status paper_load(const char *path, struct paper *paper, struct diagnostic *diag);
void paper_free(struct paper *paper);

/* Leaves out comparisons and tables whose titles do not contain `text`, in letters of either case.
 * Returns how many are left. `text` must outlive the paper: a part is stored as another point than
 * the whole. */
int paper_select(struct paper *paper, const char *text);

#endif
