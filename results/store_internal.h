/* Inside the results store: the connection, its errors, and rows as tables of columns. Private. */
#ifndef MHO_RESULTS_STORE_INTERNAL_H
#define MHO_RESULTS_STORE_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/store.h"

enum {
    STORE_APPLICATION_ID = 1835560753, /* "mho1"; both as in schema.sql */
    STORE_SCHEMA_VERSION = 5,
    STORE_SCHEMA_OLDEST = 3, /* its tables are those of today but for base_parameter */
    STORE_BUSY_MS = 5000
};

extern const char store_schema_sql[],
    store_views_sql[]; /* results/{schema,views}.sql, compiled in */

struct store {
    sqlite3 *db;
    char *path; /* for messages */
};

/* A store that is not connected yet; NULL on short memory. */
struct store *store_allocate(const char *path);

/* store_open that gives up on a lock after `busy_ms`. */
enum status store_open_waiting(const char *path, int busy_ms, struct store **store,
                               struct diagnostic *diag);

/* Whether there is anything to do before a database can be written or read; refuses those of newer
 * schemas, of schemas too old, and other programs'. */
enum store_state { STORE_CURRENT, STORE_EMPTY, STORE_OLDER };
enum status store_check_identity(struct store *store, enum store_state *state,
                                 struct diagnostic *diag);

/* Creates the schema in an empty database, or brings an older one to it: in one transaction. */
enum status store_complete_schema(struct store *store, struct diagnostic *diag);

/* Today's views over an older database that is only read: they last as long as the connection. */
enum status store_add_views(struct store *store, struct diagnostic *diag);

/* Makes the folder that is to hold `path`, with those above it. */
enum status store_make_folder(const char *path, struct diagnostic *diag);

/* The folder of a database, as store_open promises; and whether it could be had, without doing it.
 */
enum status store_prepare_folder(const char *path, struct diagnostic *diag);
enum status store_check_folder(const char *path, struct diagnostic *diag);

/* Why no file can be made in the folder of `path`; ENOENT when nothing speaks against it. */
int store_folder_errno(const char *path);

/* Whether a file lies on a local disk, where a write-ahead log can be shared between processes. */
bool store_is_local(const char *path);
bool store_filesystem_is_local(uint32_t magic); /* f_type of statfs */

/* The connection's last error as one line that says what to do. */
enum status store_failed(const struct store *store, struct diagnostic *diag);

/* Statements without parameters, without result. */
enum status store_exec(struct store *store, const char *sql, struct diagnostic *diag);
enum status store_prepare(struct store *store, const char *sql, sqlite3_stmt **statement,
                          struct diagnostic *diag);
/* Steps a statement that gives one row at most, sets `value` to its first column (as it was without
 * a row), and finalizes the statement in every case. `value` may be NULL. */
enum status store_finish(struct store *store, sqlite3_stmt *statement, int64_t *value,
                         struct diagnostic *diag);

/* A transaction that writes. store_end commits when `status` is STATUS_OK, else rolls back; what
 * comes back is `status`, or why the commit failed. */
enum status store_begin(struct store *store, struct diagnostic *diag);
enum status store_end(struct store *store, enum status status, struct diagnostic *diag);

enum column_type {
    COLUMN_TEXT,
    COLUMN_INT,
    COLUMN_LONG,
    COLUMN_INT64,
    COLUMN_UINT64,
    COLUMN_REAL,
    COLUMN_REAL_OR_NULL /* NAN is NULL */
};

struct column {
    const char *name;
    enum column_type type;
    size_t offset; /* in the record's struct */
};

/* How records become rows of a table: up to two integer keys, then columns. */
struct table {
    const char *name;
    const char *keys[2]; /* the second may be NULL */
    const struct column *columns;
    int n_columns;
    size_t size;         /* of a record */
    size_t label_offset; /* const char * that names a record in messages */
};

/* Inserts `n` records; record i gets the keys `first` and `second` + i. Reals must be finite. */
enum status store_insert(struct store *store, const struct table *table, int64_t first,
                         int64_t second, const void *records, int n, struct diagnostic *diag);

/* Inserts the parameters of a run, typed: those that differ from the base in `parameter`, the
 * others, which its experiment's runs share, in `base_parameter`. */
enum status store_insert_parameters(struct store *store, int64_t run_id, int64_t experiment_id,
                                    const struct store_run *run, struct diagnostic *diag);

extern const struct table store_run_table, store_metric_table, store_layer_table, store_sum_table,
    store_component_table, store_claim_table;

#endif
