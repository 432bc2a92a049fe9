/* One transaction: run by run, what to do with it, and its rows table by table. */
#include "results/store_merge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "results/store_merge_internal.h"

/* A merge at work. */
struct merge {
    struct store *into, *from;
    struct merge_tables tables;
    struct merge_base base;
    sqlite3_stmt *runs, *known, *experiment, *add_experiment, *next_id, *remove_run;
    store_conflict_seen *seen;
    void *context;
    struct store_merged *merged;
};

/* Columns of `runs`. */
enum {
    RUN_ID,
    RUN_HASH,
    RUN_VERSION,
    RUN_TRIAL,
    RUN_STATUS,
    EXPERIMENT_NAME,
    EXPERIMENT_HASH,
    EXPERIMENT_CONFIG,
    EXPERIMENT_ID
};

static enum status prepare(struct merge *m, struct diagnostic *diag) {
    TRY(store_prepare(m->from,
                      "SELECT run.id, point_hash, version, trial, status, name, hash, config, "
                      "experiment_id "
                      "FROM run JOIN experiment ON experiment.id = experiment_id ORDER BY run.id",
                      &m->runs, diag));
    TRY(store_prepare(m->into,
                      "SELECT id, status FROM run WHERE point_hash = ? AND version = ? AND "
                      "trial = ?",
                      &m->known, diag));
    TRY(store_prepare(m->into, "SELECT id FROM experiment WHERE name = ? AND hash = ?",
                      &m->experiment, diag));
    TRY(store_prepare(m->into,
                      "INSERT INTO experiment (name, hash, config) VALUES (?, ?, ?) "
                      "ON CONFLICT (name, hash) DO NOTHING",
                      &m->add_experiment, diag));
    TRY(store_prepare(m->into, "SELECT coalesce(max(id), 0) + 1 FROM run", &m->next_id, diag));
    TRY(store_prepare(m->into, "DELETE FROM run WHERE id = ?", &m->remove_run, diag));
    TRY(merge_base_open(m->into, m->from, &m->base, diag));
    return merge_tables_open(m->into, m->from, &m->tables, diag);
}

static void finish(struct merge *m) {
    sqlite3_stmt *const statements[] = {m->runs,           m->known,   m->experiment,
                                        m->add_experiment, m->next_id, m->remove_run};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        sqlite3_finalize(statements[i]);
    merge_tables_close(&m->tables);
    merge_base_close(&m->base);
}

/* Steps a statement of `into` that gives one row at most, and resets it; `id` (may be NULL) gets
 * the first column. */
static enum status step_once(struct merge *m, sqlite3_stmt *statement, int64_t *id,
                             struct diagnostic *diag) {
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW && id != NULL)
        *id = sqlite3_column_int64(statement, 0);
    enum status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? STATUS_OK : store_failed(m->into, diag);
    sqlite3_reset(statement);
    return status;
}

/* Binds values `first`.. of the current run of `from` to the parameters 1.. */
static void bind_from_run(struct merge *m, sqlite3_stmt *statement, int first, int n) {
    for (int i = 0; i < n; i++)
        sqlite3_bind_value(statement, i + 1, sqlite3_column_value(m->runs, first + i));
}

/* The experiment of the current run, made where it is not there. */
static enum status find_experiment(struct merge *m, int64_t *id, struct diagnostic *diag) {
    bind_from_run(m, m->add_experiment, EXPERIMENT_NAME, 3);
    TRY(step_once(m, m->add_experiment, NULL, diag));
    bind_from_run(m, m->experiment, EXPERIMENT_NAME, 2);
    return step_once(m, m->experiment, id, diag);
}

static enum status add(struct merge *m, int64_t id, struct diagnostic *diag) {
    int64_t experiment = 0;
    TRY(find_experiment(m, &experiment, diag));
    if (id == 0)
        TRY(step_once(m, m->next_id, &id, diag));
    TRY(merge_tables_copy(&m->tables, sqlite3_column_int64(m->runs, RUN_ID), id, experiment, diag));
    return merge_base_copy(&m->base, sqlite3_column_int64(m->runs, EXPERIMENT_ID), experiment, id,
                           &merge_tables_find(&m->tables, "parameter")->rows, diag);
}

static enum status replace(struct merge *m, int64_t id, struct diagnostic *diag) {
    TRY(merge_tables_forget(&m->tables, id, diag));
    sqlite3_bind_int64(m->remove_run, 1, id);
    TRY(step_once(m, m->remove_run, NULL, diag));
    return add(m, id, diag);
}

static enum status compare(struct merge *m, int64_t id, struct diagnostic *diag) {
    int64_t from_id = sqlite3_column_int64(m->runs, RUN_ID);
    char where[MERGE_WHERE] = "";
    TRY(merge_tables_compare(&m->tables, from_id, id, where, diag));
    if (where[0] == '\0') {
        m->merged->same++;
        return STATUS_OK;
    }
    m->merged->conflicts++;
    const struct store_conflict conflict = {
        .run_id = id,
        .from_id = from_id,
        .experiment = (const char *)sqlite3_column_text(m->runs, EXPERIMENT_NAME),
        .trial = sqlite3_column_int(m->runs, RUN_TRIAL),
        .where = where,
    };
    if (m->seen != NULL)
        m->seen(m->context, &conflict);
    return STATUS_OK;
}

static bool is_done(sqlite3_stmt *row, int column) {
    const unsigned char *status = sqlite3_column_text(row, column);
    return status != NULL && strcmp((const char *)status, "done") == 0;
}

/* The current run of `from`. */
static enum status merge_run(struct merge *m, struct diagnostic *diag) {
    struct store_merged *merged = m->merged;
    bind_from_run(m, m->known, RUN_HASH, 3);
    int code = sqlite3_step(m->known);
    int64_t id = code == SQLITE_ROW ? sqlite3_column_int64(m->known, 0) : 0;
    bool here = code == SQLITE_ROW && is_done(m->known, 1), there = is_done(m->runs, RUN_STATUS);
    enum status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? STATUS_OK : store_failed(m->into, diag);
    sqlite3_reset(m->known);
    TRY(status);
    merged->runs++;
    if (id == 0) {
        merged->added++;
        return add(m, 0, diag);
    }
    if (here && there)
        return compare(m, id, diag);
    if (!there) {
        merged->kept++;
        return STATUS_OK;
    }
    merged->replaced++;
    return replace(m, id, diag);
}

static enum status merge_all(struct merge *m, struct diagnostic *diag) {
    int code;
    TRY(prepare(m, diag));
    TRY(merge_tables_count(&m->tables, diag));
    while ((code = sqlite3_step(m->runs)) == SQLITE_ROW)
        TRY(merge_run(m, diag));
    if (code != SQLITE_DONE)
        return store_failed(m->from, diag);
    TRY(merge_tables_verify(&m->tables, diag));
    TRY(merge_base_verify(&m->base, diag));
    m->merged->holds = m->tables.table[0].rows;
    /* A replaced run may have been the last of an earlier base of its experiment. */
    return store_exec(m->into,
                      "DELETE FROM experiment WHERE NOT EXISTS "
                      "(SELECT 1 FROM run WHERE experiment_id = experiment.id)",
                      diag);
}

enum status store_merge(struct store *into, struct store *from, store_conflict_seen *seen,
                        void *context, struct store_merged *merged, struct diagnostic *diag) {
    struct merge m = {
        .into = into, .from = from, .seen = seen, .context = context, .merged = merged};
    *merged = (struct store_merged){0};
    TRY(store_exec(from, "BEGIN", diag)); /* one state of it, whoever else writes there */
    enum status status = store_begin(into, diag);
    if (status == STATUS_OK)
        status = merge_all(&m, diag);
    finish(&m);
    if (sqlite3_get_autocommit(into->db) == 0)
        status = store_end(into, status, diag);
    sqlite3_exec(from->db, "COMMIT", NULL, NULL, NULL);
    return status;
}
