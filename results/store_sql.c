/* Statements, transactions, and what their errors mean to the user. */
#include <errno.h>
#include <string.h>

#include "results/store_internal.h"

/* Where a file can be neither opened nor made, SQLite tells why it could not read one. */
static int open_errno(const struct store *store) {
    int reason = sqlite3_system_errno(store->db);
    return reason == ENOENT ? store_folder_errno(store->path) : reason;
}

static enum status cannot_write(const struct store *store, struct diagnostic *diag) {
    int reason = open_errno(store);
    return FAIL(diag, STATUS_STORE,
                "database %s cannot be written: %s; make the file and its folder writable, or use "
                "--db OTHER",
                store->path, reason != 0 ? strerror(reason) : sqlite3_errmsg(store->db));
}

enum status store_failed(const struct store *store, struct diagnostic *diag) {
    switch (sqlite3_extended_errcode(store->db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FAIL(diag, STATUS_STORE,
                    "database %s is locked by another program; wait for it or use --db OTHER",
                    store->path);
    case SQLITE_FULL:
        return FAIL(diag, STATUS_STORE,
                    "database %s: the disk is full, nothing was stored; free some space or use "
                    "--db OTHER",
                    store->path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return cannot_write(store, diag);
    case SQLITE_IOERR:
        return FAIL(diag, STATUS_STORE,
                    "database %s: the disk failed, nothing was stored (%s); use --db OTHER",
                    store->path, sqlite3_errmsg(store->db));
    case SQLITE_NOTADB:
        return FAIL(diag, STATUS_STORE, "%s is not an SQLite database; choose another with --db",
                    store->path);
    case SQLITE_CORRUPT:
        return FAIL(diag, STATUS_STORE,
                    "database %s is damaged; restore it from a copy, or use --db OTHER",
                    store->path);
    case SQLITE_NOMEM:
        return FAIL_MEMORY(diag, "the results database");
    default:
        return FAIL(diag, STATUS_STORE, "database %s: %s", store->path, sqlite3_errmsg(store->db));
    }
}

enum status store_exec(struct store *store, const char *sql, struct diagnostic *diag) {
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_failed(store, diag);
    return STATUS_OK;
}

enum status store_prepare(struct store *store, const char *sql, sqlite3_stmt **statement,
                          struct diagnostic *diag) {
    if (sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) != SQLITE_OK)
        return store_failed(store, diag);
    return STATUS_OK;
}

enum status store_finish(struct store *store, sqlite3_stmt *statement, int64_t *value,
                         struct diagnostic *diag) {
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW && value != NULL)
        *value = sqlite3_column_int64(statement, 0);
    enum status status = STATUS_OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = store_failed(store, diag);
    sqlite3_finalize(statement);
    return status;
}

enum status store_begin(struct store *store, struct diagnostic *diag) {
    return store_exec(store, "BEGIN IMMEDIATE", diag);
}

enum status store_end(struct store *store, enum status status, struct diagnostic *diag) {
    if (status == STATUS_OK)
        status = store_exec(store, "COMMIT", diag);
    if (status != STATUS_OK && sqlite3_get_autocommit(store->db) == 0)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
