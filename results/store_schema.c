/* Whose database a file is, and which schema it has. */
#include <stdio.h>
#include <string.h>

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

enum status store_check_identity(struct store *store, enum store_state *state,
                                 struct diagnostic *diag) {
    struct identity identity;
    TRY(read_identity(store, &identity, diag));
    *state = STORE_EMPTY;
    if (identity.objects == 0 && identity.application_id == 0 && identity.schema_version == 0)
        return STATUS_OK;
    if (identity.application_id != STORE_APPLICATION_ID)
        return FAIL(diag, STATUS_STORE,
                    "%s is another program's database; choose another file with --db", store->path);
    if (identity.schema_version > STORE_SCHEMA_VERSION)
        return FAIL(diag, STATUS_STORE,
                    "%s was written by a newer mho (schema %lld, this one knows %d): use that "
                    "version, or another file with --db",
                    store->path, (long long)identity.schema_version, STORE_SCHEMA_VERSION);
    if (identity.schema_version < STORE_SCHEMA_OLDEST)
        return FAIL(diag, STATUS_STORE,
                    "%s was written by an older mho (schema %lld, this one reads %d to %d): give "
                    "another file with --db; that version and sqlite3 still read the old one",
                    store->path, (long long)identity.schema_version, STORE_SCHEMA_OLDEST,
                    STORE_SCHEMA_VERSION);
    *state = identity.schema_version == STORE_SCHEMA_VERSION ? STORE_CURRENT : STORE_OLDER;
    return STATUS_OK;
}

/* The statement that drops the first view there is, to be freed by sqlite3_free; NULL without any.
 */
static enum status next_view(struct store *store, char **drop, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    *drop = NULL;
    TRY(store_prepare(store, "SELECT name FROM sqlite_schema WHERE type = 'view'", &statement,
                      diag));
    enum status status = STATUS_OK;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *drop = sqlite3_mprintf("DROP VIEW \"%w\"", sqlite3_column_text(statement, 0));
        if (*drop == NULL)
            status = FAIL_MEMORY(diag, "the results database");
    } else if (code != SQLITE_DONE) {
        status = store_failed(store, diag);
    }
    sqlite3_finalize(statement);
    return status;
}

/* The statement of schema.sql that makes a table, with other words for CREATE TABLE. */
static enum status create_table(struct store *store, const char *name, const char *create,
                                struct diagnostic *diag) {
    static const char plain[] = "CREATE TABLE ";
    sqlite3_str *sql = sqlite3_str_new(store->db);
    const char *at = store_schema_sql;
    size_t length = strlen(name);
    while ((at = strstr(at, plain)) != NULL && strncmp(at + sizeof plain - 1, name, length) != 0)
        at++;
    if (at != NULL)
        sqlite3_str_appendf(sql, "%s %.*s", create, (int)strcspn(at + sizeof plain - 1, ";"),
                            at + sizeof plain - 1);
    char *text = sqlite3_str_finish(sql);
    enum status status =
        text != NULL ? store_exec(store, text, diag) : FAIL_MEMORY(diag, "the results database");
    sqlite3_free(text);
    return status;
}

/* From any schema since STORE_SCHEMA_OLDEST: views are made anew, and the one table that is new. */
static enum status migrate(struct store *store, struct diagnostic *diag) {
    char *drop, version[64];
    TRY(next_view(store, &drop, diag));
    while (drop != NULL) {
        enum status status = store_exec(store, drop, diag);
        sqlite3_free(drop);
        if (status != STATUS_OK)
            return status;
        TRY(next_view(store, &drop, diag));
    }
    TRY(create_table(store, "base_parameter", "CREATE TABLE IF NOT EXISTS", diag));
    TRY(store_exec(store, store_views_sql, diag));
    snprintf(version, sizeof version, "PRAGMA user_version = %d", STORE_SCHEMA_VERSION);
    return store_exec(store, version, diag);
}

static enum status create(struct store *store, struct diagnostic *diag) {
    TRY(store_exec(store, store_schema_sql, diag));
    return store_exec(store, store_views_sql, diag);
}

enum status store_complete_schema(struct store *store, struct diagnostic *diag) {
    TRY(store_begin(store, diag));
    enum store_state state = STORE_CURRENT; /* another process may have been faster */
    enum status status = store_check_identity(store, &state, diag);
    if (status == STATUS_OK && state == STORE_EMPTY)
        status = create(store, diag);
    else if (status == STATUS_OK && state == STORE_OLDER)
        status = migrate(store, diag);
    return store_end(store, status, diag);
}

enum status store_add_views(struct store *store, struct diagnostic *diag) {
    static const char create_view[] = "\nCREATE VIEW ";
    TRY(store_exec(store, "PRAGMA foreign_keys = OFF", diag));
    TRY(create_table(store, "base_parameter", "CREATE TEMP TABLE", diag));
    sqlite3_str *sql = sqlite3_str_new(store->db);
    const char *rest = store_views_sql, *found;
    while ((found = strstr(rest, create_view)) != NULL) {
        sqlite3_str_append(sql, rest, (int)(found - rest));
        sqlite3_str_appendall(sql, "\nCREATE TEMP VIEW ");
        rest = found + sizeof create_view - 1;
    }
    sqlite3_str_appendall(sql, rest);
    char *text = sqlite3_str_finish(sql);
    enum status status =
        text != NULL ? store_exec(store, text, diag) : FAIL_MEMORY(diag, "the results database");
    sqlite3_free(text);
    return status;
}
