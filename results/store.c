#include "results/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/store_internal.h"
#include "results/store_query.h"

static enum status connect(struct store *store, int busy_ms, struct diagnostic *diag) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(store->path, &store->db, flags, NULL);
    if (store->db == NULL)
        return FAIL_MEMORY(diag, "the results database");
    if (code != SQLITE_OK)
        return store_failed(store, diag);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, busy_ms);
    /* SQLite falls back to reading alone, in silence. */
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return FAIL(diag, STATUS_STORE,
                    "database %s is read-only; make it writable or use --db OTHER", store->path);
    /* Of a new file alone: three configurations of some 2,100 bytes fit a page, not one of two. */
    return store_exec(store, "PRAGMA page_size = 8192; PRAGMA foreign_keys = ON", diag);
}

/* A write-ahead log lets others read while a run is stored, but only processes of one machine can
 * share it. On a local disk a database in use keeps the journal that it has. */
static enum status choose_journal(struct store *store, struct diagnostic *diag) {
    bool local = store_is_local(store->path);
    const char *sql = local ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE";
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    if (code == SQLITE_OK || (local && (code & 0xff) == SQLITE_BUSY))
        return STATUS_OK;
    return store_failed(store, diag);
}

static enum status open_database(struct store *store, int busy_ms, struct diagnostic *diag) {
    TRY(store_prepare_folder(store->path, diag));
    TRY(connect(store, busy_ms, diag));
    enum store_state state;
    TRY(store_check_identity(store, &state, diag));
    TRY(choose_journal(store, diag));
    return state != STORE_CURRENT ? store_complete_schema(store, diag) : STATUS_OK;
}

struct store *store_allocate(const char *path) {
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        free(store);
        return NULL;
    }
    return store;
}

enum status store_open_memory(struct store **store, struct diagnostic *diag) {
    *store = store_allocate(":memory:");
    if (*store == NULL)
        return FAIL_MEMORY(diag, "the results database");
    enum status status = connect(*store, STORE_BUSY_MS, diag);
    if (status == STATUS_OK)
        status = store_complete_schema(*store, diag);
    if (status != STATUS_OK) {
        store_close(*store);
        *store = NULL;
    }
    return status;
}

enum status store_open_waiting(const char *path, int busy_ms, struct store **store,
                               struct diagnostic *diag) {
    *store = NULL;
    if (path[0] == '\0')
        return FAIL(diag, STATUS_STORE, "--db needs the name of a file");
    struct store *opened = store_allocate(path);
    if (opened == NULL)
        return FAIL_MEMORY(diag, "the results database");
    enum status status = open_database(opened, busy_ms, diag);
    if (status == STATUS_OK)
        *store = opened;
    else
        store_close(opened);
    return status;
}

enum status store_open(const char *path, struct store **store, struct diagnostic *diag) {
    return store_open_waiting(path, STORE_BUSY_MS, store, diag);
}

enum status store_check(const char *path, struct diagnostic *diag) {
    struct stat info;
    struct store *store = NULL;
    bool named = path[0] != '\0', found = named && stat(path, &info) == 0;
    if (named && !found && (errno == ENOENT || errno == ENOTDIR))
        return store_check_folder(path, diag);
    /* An empty file is not made a database before there is something to keep. */
    if (found && S_ISREG(info.st_mode) && info.st_size == 0 && eaccess(path, W_OK) == 0)
        return STATUS_OK;
    TRY(store_open(path, &store, diag));
    store_close(store);
    return STATUS_OK;
}

void store_close(struct store *store) {
    if (store == NULL)
        return;
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}
