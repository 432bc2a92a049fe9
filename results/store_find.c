/* Points by what they are known by: hash and version. */
#include <string.h>

#include "results/store_internal.h"
#include "results/store_read.h"

static enum status prepare_point(struct store *store, const char *sql, const char *point_hash,
                                 const char *version, sqlite3_stmt **statement,
                                 struct diagnostic *diag) {
    TRY(store_prepare(store, sql, statement, diag));
    sqlite3_bind_text(*statement, 1, point_hash, -1, SQLITE_STATIC);
    sqlite3_bind_text(*statement, 2, version, -1, SQLITE_STATIC);
    return STATUS_OK;
}

enum status store_find_done(struct store *store, const char *point_hash, const char *version,
                            bool *done, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    int64_t found = 0;
    TRY(prepare_point(store,
                      "SELECT 1 FROM run WHERE point_hash = ?1 AND version = ?2 AND trial = 0 AND "
                      "status = 'done'",
                      point_hash, version, &statement, diag));
    TRY(store_finish(store, statement, &found, diag));
    *done = found != 0;
    return STATUS_OK;
}

/* Ids [*n] of the point's trials. */
static enum status find_trials(struct store *store, const char *point_hash, const char *version,
                               struct arena *arena, int64_t **ids, int *n,
                               struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    int64_t count = 0;
    TRY(prepare_point(store, "SELECT count(*) FROM run WHERE point_hash = ?1 AND version = ?2",
                      point_hash, version, &statement, diag));
    TRY(store_finish(store, statement, &count, diag));
    *ids = ARENA_NEW(arena, count, int64_t);
    if (*ids == NULL)
        return FAIL_MEMORY(diag, "stored runs");
    TRY(prepare_point(store,
                      "SELECT id FROM run WHERE point_hash = ?1 AND version = ?2 ORDER BY trial",
                      point_hash, version, &statement, diag));
    int code = SQLITE_DONE;
    for (*n = 0; *n < count && (code = sqlite3_step(statement)) == SQLITE_ROW; (*n)++)
        (*ids)[*n] = sqlite3_column_int64(statement, 0);
    enum status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? STATUS_OK : store_failed(store, diag);
    sqlite3_finalize(statement);
    return status;
}

enum status store_read_point(struct store *store, const char *point_hash, const char *version,
                             struct arena *arena, struct store_run **runs, int *n,
                             struct diagnostic *diag) {
    int64_t *ids;
    TRY(find_trials(store, point_hash, version, arena, &ids, n, diag));
    *runs = ARENA_NEW(arena, *n, struct store_run);
    if (*runs == NULL)
        return FAIL_MEMORY(diag, "stored runs");
    for (int i = 0; i < *n; i++)
        TRY(store_read(store, ids[i], arena, &(*runs)[i], diag));
    return STATUS_OK;
}
