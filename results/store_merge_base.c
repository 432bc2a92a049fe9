/* What experiments' runs have of their base: stored once an experiment, so merged with its runs. */
#include <inttypes.h>

#include "results/store_merge_internal.h"

static enum status count(struct merge_base *base, int64_t *rows, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    TRY(store_prepare(base->into, "SELECT count(*) FROM base_parameter", &statement, diag));
    return store_finish(base->into, statement, rows, diag);
}

enum status merge_base_open(struct store *into, struct store *from, struct merge_base *base,
                            struct diagnostic *diag) {
    *base = (struct merge_base){.into = into, .from = from};
    TRY(count(base, &base->rows, diag));
    TRY(store_prepare(from, "SELECT key, value FROM base_parameter WHERE experiment_id = ?",
                      &base->there, diag));
    TRY(store_prepare(into,
                      "INSERT INTO base_parameter (experiment_id, key, value) VALUES (?, ?, ?) "
                      "ON CONFLICT (experiment_id, key) DO NOTHING",
                      &base->add, diag));
    /* ?4: the run, which gets for itself what its experiment has otherwise here. */
    return store_prepare(
        into,
        "INSERT INTO parameter (run_id, key, value, differs) SELECT ?4, ?2, ?3, 0 WHERE EXISTS "
        "(SELECT 1 FROM base_parameter WHERE experiment_id = ?1 AND key = ?2 AND value IS NOT ?3) "
        "AND NOT EXISTS (SELECT 1 FROM parameter WHERE run_id = ?4 AND key = ?2)",
        &base->keep_own, diag);
}

void merge_base_close(struct merge_base *base) {
    sqlite3_finalize(base->there);
    sqlite3_finalize(base->add);
    sqlite3_finalize(base->keep_own);
}

/* Steps with the current row's key and value; `changes` rows came of it. */
static enum status apply(struct merge_base *base, sqlite3_stmt *statement, int64_t experiment,
                         int64_t *changes, struct diagnostic *diag) {
    sqlite3_bind_int64(statement, 1, experiment);
    sqlite3_bind_value(statement, 2, sqlite3_column_value(base->there, 0));
    sqlite3_bind_value(statement, 3, sqlite3_column_value(base->there, 1));
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK)
        return store_failed(base->into, diag);
    *changes += sqlite3_changes(base->into->db);
    return STATUS_OK;
}

enum status merge_base_copy(struct merge_base *base, int64_t from_experiment, int64_t experiment,
                            int64_t run, int64_t *parameters, struct diagnostic *diag) {
    int64_t own = 0;
    int code = SQLITE_DONE;
    enum status status = STATUS_OK;
    if (base->last_from == from_experiment && base->last_same)
        return STATUS_OK;
    sqlite3_bind_int64(base->there, 1, from_experiment);
    sqlite3_bind_int64(base->keep_own, 4, run);
    while (status == STATUS_OK && (code = sqlite3_step(base->there)) == SQLITE_ROW) {
        status = apply(base, base->add, experiment, &base->rows, diag);
        if (status == STATUS_OK)
            status = apply(base, base->keep_own, experiment, &own, diag);
    }
    if (status == STATUS_OK && code != SQLITE_DONE)
        status = store_failed(base->from, diag);
    sqlite3_reset(base->there);
    base->last_from = from_experiment;
    base->last_same = own == 0;
    *parameters += own;
    return status;
}

enum status merge_base_verify(struct merge_base *base, struct diagnostic *diag) {
    int64_t rows = 0;
    TRY(count(base, &rows, diag));
    if (rows != base->rows)
        return FAIL(diag, STATUS_INTERNAL,
                    "merging %s into %s: table base_parameter would have %" PRId64
                    " rows instead of %" PRId64 "; nothing was merged",
                    base->from->path, base->into->path, rows, base->rows);
    return STATUS_OK;
}
