/* Inside a merge: the tables that hold what belongs to runs, as the schema of the database says,
 * and their rows; and what experiments have. Private.
 *
 * Order of calls: merge_tables_open, merge_tables_count, the others for each run,
 * merge_tables_verify, merge_tables_close. All within one transaction of either database. */
#ifndef MHO_RESULTS_STORE_MERGE_INTERNAL_H
#define MHO_RESULTS_STORE_MERGE_INTERNAL_H

#include "results/store_internal.h"

enum { MERGE_TABLES = 24, MERGE_WHERE = 512 };

/* A table with a column run_id, or `run` itself. */
struct merge_table {
    char *name;
    char *columns; /* names, comma-separated: first what orders the rows of a run (the primary key
                      without run_id), then the rest; ids left out */
    int n_columns, n_keys;
    sqlite3_stmt *there, *here; /* rows of a run, in order: columns */
    sqlite3_stmt *insert, *count;
    int64_t rows; /* that the table should have */
};

struct merge_tables {
    struct store *into, *from;
    struct merge_table table[MERGE_TABLES]; /* in the order of their creation, `run` first */
    int n;
};

enum status merge_tables_open(struct store *into, struct store *from, struct merge_tables *tables,
                              struct diagnostic *diag);
void merge_tables_close(struct merge_tables *tables);

/* How many rows there are before, and whether there are as many as there should be. */
enum status merge_tables_count(struct merge_tables *tables, struct diagnostic *diag);
enum status merge_tables_verify(struct merge_tables *tables, struct diagnostic *diag);

/* The table of that name; NULL: none. */
struct merge_table *merge_tables_find(struct merge_tables *tables, const char *name);

/* Copies run `from_id` with all its rows; it becomes run `id` of the experiment. */
enum status merge_tables_copy(struct merge_tables *tables, int64_t from_id, int64_t id,
                              int64_t experiment, struct diagnostic *diag);

/* The rows of run `id` will be removed. */
enum status merge_tables_forget(struct merge_tables *tables, int64_t id, struct diagnostic *diag);

/* `where` [MERGE_WHERE]: the first figure that differs between run `from_id` of the one and run
 * `id` of the other, "" where none does. Times, parameters (paths, threads) and texts of
 * configurations are no figures. */
enum status merge_tables_compare(struct merge_tables *tables, int64_t from_id, int64_t id,
                                 char *where, struct diagnostic *diag);

/* --- the base of experiments --- */

struct merge_base {
    struct store *into, *from;
    sqlite3_stmt *there, *add, *keep_own;
    int64_t last_from; /* experiment of `from` copied last; 0: none */
    bool last_same;    /* all its values are those of `into` */
    int64_t rows;      /* that base_parameter should have */
};

/* Order of calls: as above, merge_base_copy after the run's own rows. */
enum status merge_base_open(struct store *into, struct store *from, struct merge_base *base,
                            struct diagnostic *diag);
void merge_base_close(struct merge_base *base);

/* Copies what experiment `from_experiment` has; where `experiment` has another value already
 * (paths, threads), `run` gets a row of its own in `parameter`: `parameters` counts those. */
enum status merge_base_copy(struct merge_base *base, int64_t from_experiment, int64_t experiment,
                            int64_t run, int64_t *parameters, struct diagnostic *diag);
enum status merge_base_verify(struct merge_base *base, struct diagnostic *diag);

#endif
