/* Whose database a file is, and which schema it has. */
#include "results/store_internal.h"

struct identity {
    int64_t application_id, schema_version, objects;
};

/* In one statement, so that another process cannot create the schema in between. */
static enum status read_identity(struct store *store, struct identity *identity,
                                 struct diagnostic *diag) {
    static const char sql[] = "SELECT (SELECT count(*) FROM sqlite_schema), "
                              "(SELECT application_id FROM pragma_application_id), "
                              "(SELECT user_version FROM pragma_user_version)";
    *identity = (struct identity){0};
    sqlite3_stmt *statement = NULL;
    TRY(store_prepare(store, sql, &statement, diag));
    enum status status = STATUS_OK;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        identity->objects = sqlite3_column_int64(statement, 0);
        identity->application_id = sqlite3_column_int64(statement, 1);
        identity->schema_version = sqlite3_column_int64(statement, 2);
    } else {
        status = store_failed(store, diag);
    }
    sqlite3_finalize(statement);
    return status;
}

enum status store_check_identity(struct store *store, bool *empty, struct diagnostic *diag) {
    struct identity identity;
    TRY(read_identity(store, &identity, diag));
    *empty = identity.objects == 0 && identity.application_id == 0 && identity.schema_version == 0;
    if (*empty)
        return STATUS_OK;
    if (identity.application_id != STORE_APPLICATION_ID)
        return FAIL(diag, STATUS_STORE,
                    "%s is another program's database; choose another file with --db", store->path);
    if (identity.schema_version > STORE_SCHEMA_VERSION)
        return FAIL(diag, STATUS_STORE,
                    "%s was written by a newer mho (schema %lld, this one knows %d): use that "
                    "version, or another file with --db",
                    store->path, (long long)identity.schema_version, STORE_SCHEMA_VERSION);
    if (identity.schema_version < STORE_SCHEMA_VERSION)
        return FAIL(diag, STATUS_STORE,
                    "%s was written by an older mho (schema %lld, this one writes %d): give "
                    "another file with --db; the old one stays readable",
                    store->path, (long long)identity.schema_version, STORE_SCHEMA_VERSION);
    return STATUS_OK;
}

enum status store_create_schema(struct store *store, struct diagnostic *diag) {
    TRY(store_begin(store, diag));
    bool empty = false; /* another process may have been faster */
    enum status status = store_check_identity(store, &empty, diag);
    if (status == STATUS_OK && empty)
        status = store_exec(store, store_schema_sql, diag);
    return store_end(store, status, diag);
}
