#include "results/store_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/store_internal.h"

/* SQLite says little of why it cannot open a file. */
static enum status check_file(const char *path, struct diagnostic *diag) {
    struct stat info;
    if (stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return FAIL(diag, STATUS_USAGE,
                    "there is no database %s: `mho run` makes one, or name another", path);
    if (access(path, R_OK) != 0)
        return FAIL(diag, STATUS_STORE, "database %s cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return FAIL(diag, STATUS_STORE, "%s is a folder; give a database with --db", path);
    return STATUS_OK;
}

static enum status connect(struct store *store, struct diagnostic *diag) {
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    enum store_state state;
    int code = sqlite3_open_v2(store->path, &store->db, flags, NULL);
    if (store->db == NULL)
        return FAIL_MEMORY(diag, "the results database");
    if (code != SQLITE_OK)
        return store_failed(store, diag);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
    TRY(store_check_identity(store, &state, diag));
    if (state == STORE_EMPTY)
        return FAIL(diag, STATUS_USAGE,
                    "database %s is empty: `mho run --db %s` stores a run in it", store->path,
                    store->path);
    return state == STORE_OLDER ? store_add_views(store, diag) : STATUS_OK;
}

enum status store_open_reading(const char *path, struct store **store, struct diagnostic *diag) {
    *store = NULL;
    TRY(check_file(path, diag));
    struct store *opened = store_allocate(path);
    if (opened == NULL)
        return FAIL_MEMORY(diag, "the results database");
    enum status status = connect(opened, diag);
    if (status == STATUS_OK)
        *store = opened;
    else
        store_close(opened);
    return status;
}

/* A text that cannot be had for want of memory clears *complete. */
static const char *column_text(sqlite3_stmt *row, int column, struct arena *arena, bool *complete) {
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return NULL;
    const char *text = (const char *)sqlite3_column_text(row, column);
    if (text == NULL) {
        *complete = false;
        return NULL;
    }
    const char *copy = arena_strdup(arena, text);
    *complete = *complete && copy != NULL;
    return copy;
}

static double column_real(sqlite3_stmt *row, int column) {
    return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN
                                                           : sqlite3_column_double(row, column);
}

/* One value into the member that the column was written from. */
static void take_column(sqlite3_stmt *row, int at, const struct column *column, void *record,
                        struct arena *arena, bool *complete) {
    void *member = (char *)record + column->offset;
    switch (column->type) {
    case COLUMN_TEXT:
        *(const char **)member = column_text(row, at, arena, complete);
        break;
    case COLUMN_INT:
        *(int *)member = sqlite3_column_int(row, at);
        break;
    case COLUMN_LONG:
        *(long *)member = (long)sqlite3_column_int64(row, at);
        break;
    case COLUMN_INT64:
        *(int64_t *)member = sqlite3_column_int64(row, at);
        break;
    case COLUMN_UINT64:
        *(uint64_t *)member = (uint64_t)sqlite3_column_int64(row, at);
        break;
    case COLUMN_REAL:
    case COLUMN_REAL_OR_NULL:
        *(double *)member = column_real(row, at);
        break;
    }
}

static char *select_sql(const struct table *table, const char *order) {
    sqlite3_str *sql = sqlite3_str_new(NULL);
    sqlite3_str_appendall(sql, "SELECT ");
    for (int i = 0; i < table->n_columns; i++)
        sqlite3_str_appendf(sql, "%s\"%w\"", i > 0 ? ", " : "", table->columns[i].name);
    sqlite3_str_appendf(sql, " FROM \"%w\" WHERE \"%w\" = ?1 ORDER BY %s", table->name,
                        table->keys[0], order);
    return sqlite3_str_finish(sql);
}

static enum status prepare_for_run(struct store *store, const char *sql, int64_t run_id,
                                   sqlite3_stmt **statement, struct diagnostic *diag) {
    TRY(store_prepare(store, sql, statement, diag));
    sqlite3_bind_int64(*statement, 1, run_id);
    return STATUS_OK;
}

static enum status count_rows(struct store *store, const char *table, const char *key,
                              int64_t run_id, int64_t *count, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\" WHERE \"%w\" = ?1", table, key);
    if (sql == NULL)
        return FAIL_MEMORY(diag, "the results database");
    enum status status = prepare_for_run(store, sql, run_id, &statement, diag);
    sqlite3_free(sql);
    return status == STATUS_OK ? store_finish(store, statement, count, diag) : status;
}

/* Ends a statement whose last step gave `code`. */
static enum status end_rows(struct store *store, sqlite3_stmt *row, int code, bool complete,
                            struct diagnostic *diag) {
    enum status status = STATUS_OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = store_failed(store, diag);
    sqlite3_finalize(row);
    return status == STATUS_OK && !complete ? FAIL_MEMORY(diag, "the results database") : status;
}

/* The records of a run in one table, the opposite of store_insert. */
static enum status select_records(struct store *store, const struct table *table, const char *order,
                                  int64_t run_id, struct arena *arena, void **records, int *n,
                                  struct diagnostic *diag) {
    int64_t count = 0;
    sqlite3_stmt *statement = NULL;
    TRY(count_rows(store, table->name, table->keys[0], run_id, &count, diag));
    *records = arena_alloc(arena, (size_t)count, table->size);
    char *sql = select_sql(table, order);
    if (*records == NULL || sql == NULL) {
        sqlite3_free(sql);
        return FAIL_MEMORY(diag, "the results database");
    }
    enum status status = prepare_for_run(store, sql, run_id, &statement, diag);
    sqlite3_free(sql);
    if (status != STATUS_OK)
        return status;
    bool complete = true;
    int code = SQLITE_DONE;
    for (*n = 0; *n < count && (code = sqlite3_step(statement)) == SQLITE_ROW; (*n)++)
        for (int i = 0; i < table->n_columns; i++)
            take_column(statement, i, &table->columns[i],
                        (char *)*records + (size_t)*n * table->size, arena, &complete);
    return end_rows(store, statement, code, complete, diag);
}

static enum status read_parameters(struct store *store, int64_t run_id, struct arena *arena,
                                   struct store_run *run, struct diagnostic *diag) {
    int64_t count = 0;
    sqlite3_stmt *row = NULL;
    TRY(count_rows(store, "param", "run_id", run_id, &count, diag));
    struct store_parameter *parameters = ARENA_NEW(arena, count, struct store_parameter);
    if (parameters == NULL)
        return FAIL_MEMORY(diag, "the results database");
    TRY(prepare_for_run(store,
                        "SELECT a.key, a.value, coalesce(p.differs, 0) FROM param AS a LEFT JOIN "
                        "parameter AS p ON p.run_id = a.run_id AND p.key = a.key WHERE a.run_id = "
                        "?1 ORDER BY a.key",
                        run_id, &row, diag));
    bool complete = true;
    int n = 0, code = SQLITE_DONE;
    for (; n < count && (code = sqlite3_step(row)) == SQLITE_ROW; n++) {
        int type = sqlite3_column_type(row, 1);
        parameters[n].key = column_text(row, 0, arena, &complete);
        parameters[n].type = type == SQLITE_INTEGER ? PARAMETER_INTEGER
                             : type == SQLITE_FLOAT ? PARAMETER_REAL
                                                    : PARAMETER_TEXT;
        parameters[n].differs = sqlite3_column_int(row, 2) != 0;
        parameters[n].text = column_text(row, 1, arena, &complete);
        if (parameters[n].text == NULL)
            parameters[n].text = "";
    }
    run->parameters = parameters;
    run->n_parameters = n;
    return end_rows(store, row, code, complete, diag);
}

/* "1 to 3, 7" of the ids that exist, as many as fit. */
static enum status fail_unknown(struct store *store, int64_t run_id, struct diagnostic *diag) {
    char ids[200] = "";
    sqlite3_stmt *row = NULL;
    TRY(store_prepare(store,
                      "SELECT min(id), max(id) FROM (SELECT id, id - row_number() OVER (ORDER BY "
                      "id) AS island FROM run) GROUP BY island ORDER BY 1",
                      &row, diag));
    size_t used = 0;
    bool more = sqlite3_step(row) == SQLITE_ROW;
    while (more && used < 160) {
        long long first = sqlite3_column_int64(row, 0), last = sqlite3_column_int64(row, 1);
        used += (size_t)snprintf(ids + used, sizeof ids - used,
                                 first == last ? "%s%lld" : "%s%lld to %lld", used > 0 ? ", " : "",
                                 first, last);
        more = sqlite3_step(row) == SQLITE_ROW;
    }
    sqlite3_finalize(row);
    if (used == 0)
        return FAIL(diag, STATUS_USAGE, "%s has no runs yet: `mho run` stores one", store->path);
    return FAIL(diag, STATUS_USAGE, "%s has no run %lld (it has %s%s)", store->path,
                (long long)run_id, ids, more ? ", ..." : "");
}

static enum status read_experiment(struct store *store, int64_t run_id, struct arena *arena,
                                   struct store_run *run, struct diagnostic *diag) {
    sqlite3_stmt *row = NULL;
    bool complete = true;
    TRY(prepare_for_run(store,
                        "SELECT e.name FROM run AS r JOIN experiment AS e ON e.id = "
                        "r.experiment_id WHERE r.id = ?1",
                        run_id, &row, diag));
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        run->experiment = column_text(row, 0, arena, &complete);
    return end_rows(store, row, code, complete && run->experiment != NULL, diag);
}

enum status store_read_config(struct store *store, int64_t run_id, struct arena *arena,
                              const char **yaml, struct diagnostic *diag) {
    sqlite3_stmt *row = NULL;
    bool complete = true;
    *yaml = NULL;
    TRY(prepare_for_run(store, "SELECT yaml FROM run_config WHERE run_id = ?1", run_id, &row,
                        diag));
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *yaml = column_text(row, 0, arena, &complete);
    TRY(end_rows(store, row, code, complete, diag));
    return *yaml != NULL ? STATUS_OK : fail_unknown(store, run_id, diag);
}

/* All tables as they were at one moment. */
static enum status read_rows(struct store *store, int64_t run_id, struct arena *arena,
                             struct store_run *run, struct diagnostic *diag) {
    void *records;
    int n;
    TRY(select_records(store, &store_run_table, "id", run_id, arena, &records, &n, diag));
    if (n == 0)
        return fail_unknown(store, run_id, diag);
    *run = *(struct store_run *)records;
    TRY(read_experiment(store, run_id, arena, run, diag));
    TRY(read_parameters(store, run_id, arena, run, diag));
    TRY(select_records(store, &store_metric_table, "scope, name", run_id, arena, &records,
                       &run->n_metrics, diag));
    run->metrics = records;
    TRY(select_records(store, &store_layer_table, "position", run_id, arena, &records,
                       &run->n_layers, diag));
    run->layers = records;
    TRY(select_records(store, &store_component_table, "position", run_id, arena, &records,
                       &run->n_components, diag));
    run->components = records;
    TRY(select_records(store, &store_claim_table, "position", run_id, arena, &records,
                       &run->n_claims, diag));
    run->claims = records;
    return STATUS_OK;
}

enum status store_read(struct store *store, int64_t run_id, struct arena *arena,
                       struct store_run *run, struct diagnostic *diag) {
    *run = (struct store_run){0};
    TRY(store_exec(store, "BEGIN", diag));
    return store_end(store, read_rows(store, run_id, arena, run, diag), diag);
}

enum status store_last_run(struct store *store, int64_t *run_id, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    *run_id = 0;
    TRY(store_prepare(store,
                      "SELECT id FROM run ORDER BY EXISTS (SELECT 1 FROM claim WHERE run_id = "
                      "run.id), started_unix_s DESC, id DESC LIMIT 1",
                      &statement, diag));
    TRY(store_finish(store, statement, run_id, diag));
    return *run_id > 0 ? STATUS_OK : fail_unknown(store, 0, diag);
}

#define SUMMARY_COLUMNS                                                                            \
    "s.run_id, s.trial, s.experiment, s.params, s.status, r.started_unix_s, s.accuracy_top1, "     \
    "s.area_mm2 * 1e-6, s.power_w, s.energy_per_inference_j, s.throughput_ips, "                   \
    "EXISTS (SELECT 1 FROM claim WHERE claim.run_id = s.run_id)"

static void take_summary(sqlite3_stmt *row, struct arena *arena, struct store_summary *run,
                         bool *complete) {
    double *reals[] = {&run->started_unix_s, &run->accuracy_top1,          &run->area_m2,
                       &run->power_peak_w,   &run->energy_per_inference_j, &run->throughput_ips};
    run->run_id = sqlite3_column_int64(row, 0);
    run->trial = sqlite3_column_int(row, 1);
    run->experiment = column_text(row, 2, arena, complete);
    run->params = column_text(row, 3, arena, complete);
    run->status = column_text(row, 4, arena, complete);
    for (int i = 0; i < (int)(sizeof reals / sizeof *reals); i++)
        *reals[i] = column_real(row, 5 + i);
    run->has_claims = sqlite3_column_int(row, 11) != 0;
}

static enum status take_summaries(struct store *store, int limit, struct arena *arena,
                                  struct store_summary *runs, int count, int *n,
                                  struct diagnostic *diag) {
    sqlite3_stmt *row = NULL;
    TRY(store_prepare(store,
                      "SELECT " SUMMARY_COLUMNS " FROM run_summary AS s JOIN run AS r ON r.id = "
                      "s.run_id WHERE s.run_id IN (SELECT id FROM run ORDER BY id DESC LIMIT ?1) "
                      "ORDER BY s.run_id",
                      &row, diag));
    sqlite3_bind_int(row, 1, limit > 0 ? limit : -1);
    bool complete = true;
    int code = SQLITE_DONE;
    for (*n = 0; *n < count && (code = sqlite3_step(row)) == SQLITE_ROW; (*n)++)
        take_summary(row, arena, &runs[*n], &complete);
    return end_rows(store, row, code, complete, diag);
}

enum status store_list(struct store *store, int limit, struct arena *arena,
                       const struct store_summary **runs, int *n, int64_t *total,
                       struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    *total = 0;
    TRY(store_exec(store, "BEGIN", diag));
    enum status status = store_prepare(store, "SELECT count(*) FROM run", &statement, diag);
    if (status == STATUS_OK)
        status = store_finish(store, statement, total, diag);
    int count = (int)(limit > 0 && *total > limit ? limit : *total);
    struct store_summary *rows = ARENA_NEW(arena, count, struct store_summary);
    if (status == STATUS_OK && rows == NULL)
        status = FAIL_MEMORY(diag, "the list of runs");
    if (status == STATUS_OK)
        status = take_summaries(store, limit, arena, rows, count, n, diag);
    *runs = rows;
    return store_end(store, status, diag);
}

enum status store_best(struct store *store, const char *experiment, const char *column,
                       bool largest, double lost, struct arena *arena, struct store_summary *best,
                       bool *found, struct diagnostic *diag) {
    sqlite3_stmt *row = NULL;
    char *sql = sqlite3_mprintf(
        "SELECT " SUMMARY_COLUMNS " FROM run_summary AS s JOIN run AS r ON r.id = s.run_id "
        "WHERE s.experiment = ?1 AND s.status = 'done' AND s.\"%w\" IS NOT NULL AND "
        "(?2 IS NULL OR s.accuracy_mean >= (SELECT max(accuracy_mean) FROM run_summary WHERE "
        "experiment = ?1 AND status = 'done') - ?2) "
        "ORDER BY s.\"%w\" %s, s.area_mm2, s.energy_per_inference_j, s.run_id LIMIT 1",
        column, column, largest ? "DESC" : "ASC");
    if (sql == NULL)
        return FAIL_MEMORY(diag, "the results database");
    enum status status = store_prepare(store, sql, &row, diag);
    sqlite3_free(sql);
    if (status != STATUS_OK)
        return status;
    sqlite3_bind_text(row, 1, experiment, -1, SQLITE_STATIC);
    sqlite3_bind_double(row, 2, lost); /* NAN is NULL */
    bool complete = true;
    int code = sqlite3_step(row);
    *found = code == SQLITE_ROW;
    if (*found)
        take_summary(row, arena, best, &complete);
    return end_rows(store, row, code, complete, diag);
}
