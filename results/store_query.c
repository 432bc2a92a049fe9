#include "results/store_query.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/store_internal.h"

struct store_query {
    struct store *store;
    sqlite3_stmt *statement;
    char **hex; /* [columns] of bytes in the present row */
};

enum { WORD = 40, LIST = 500 };

/* The word of `sql` at `offset`, or that before the end. */
static const char *word_at(const char *sql, int offset, char word[WORD]) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    size_t length = strspn(sql + offset, letters);
    snprintf(word, WORD, "%.*s", (int)(length > 0 ? length : 1), sql + offset);
    return word;
}

/* Names of a kind ("SELECT ..."): the nearest to `word` ("" without) and all, by commas. */
static void names_of(struct store *store, const char *sql, const char *word, char nearest[WORD],
                     char all[LIST]) {
    enum { NAMES = 400 };
    const char *names[NAMES];
    struct arena arena = ARENA_INIT;
    sqlite3_stmt *row = NULL;
    size_t n = 0, used = 0;
    nearest[0] = all[0] = '\0';
    if (sqlite3_prepare_v2(store->db, sql, -1, &row, NULL) == SQLITE_OK)
        while (n < NAMES && sqlite3_step(row) == SQLITE_ROW) {
            names[n] = arena_strdup(&arena, (const char *)sqlite3_column_text(row, 0));
            if (names[n] == NULL)
                break;
            if (used < LIST - WORD)
                used += (size_t)snprintf(all + used, LIST - used, "%s%.30s", n > 0 ? ", " : "",
                                         names[n]);
            n++;
        }
    sqlite3_finalize(row);
    const char *found = text_closest(word, names, n);
    if (found != NULL)
        snprintf(nearest, WORD, "%s", found);
    arena_free(&arena);
}

static const char view_names[] = "SELECT name FROM sqlite_schema WHERE type = 'view' UNION "
                                 "SELECT name FROM sqlite_temp_schema WHERE type = 'view'";
static const char object_names[] = "SELECT name FROM sqlite_schema WHERE type IN ('view', 'table') "
                                   "UNION SELECT name FROM sqlite_temp_schema";
static const char column_names[] =
    "SELECT DISTINCT c.name FROM (SELECT name FROM sqlite_schema WHERE type IN ('view', 'table') "
    "UNION SELECT name FROM sqlite_temp_schema) AS t, pragma_table_info(t.name) AS c";

static enum status fail_table(struct store *store, const char *name, struct diagnostic *diag) {
    char nearest[WORD], all[LIST], unused[WORD];
    names_of(store, object_names, name, nearest, all);
    if (nearest[0] != '\0')
        return FAIL(diag, STATUS_USAGE, "there is no view or table `%s` (did you mean `%s`?)", name,
                    nearest);
    names_of(store, view_names, "", unused, all);
    return FAIL(diag, STATUS_USAGE,
                "there is no view or table `%s`; views: %s (`mho query --schema` has all)", name,
                all);
}

/* Columns are often asked for by half of their name: "energy" by `energy_per_inference_j`. */
static enum status fail_column(struct store *store, const char *name, struct diagnostic *diag) {
    char nearest[WORD], all[LIST], sql[2 * LIST];
    const char *dot = strrchr(name, '.');
    names_of(store, column_names, dot != NULL ? dot + 1 : name, nearest, all);
    if (nearest[0] != '\0')
        return FAIL(diag, STATUS_USAGE, "there is no column `%s` (did you mean `%s`?)", name,
                    nearest);
    sqlite3_snprintf(sizeof sql, sql, "%s WHERE instr(c.name, substr(%Q, 1, 5)) = 1", column_names,
                     dot != NULL ? dot + 1 : name);
    names_of(store, sql, "", nearest, all);
    if (all[0] != '\0')
        return FAIL(diag, STATUS_USAGE, "there is no column `%s` (there is %s)", name, all);
    return FAIL(diag, STATUS_USAGE,
                "there is no column `%s` in what is asked (`mho query --schema` lists them)", name);
}

/* Why `sql` cannot be prepared. */
static enum status fail_sql(struct store *store, const char *sql, struct diagnostic *diag) {
    static const char no_table[] = "no such table: ", no_column[] = "no such column: ";
    char message[LIST], word[WORD];
    if ((sqlite3_extended_errcode(store->db) & 0xff) != SQLITE_ERROR)
        return store_failed(store, diag);
    snprintf(message, sizeof message, "%s", sqlite3_errmsg(store->db));
    int offset = sqlite3_error_offset(store->db);
    if (strncmp(message, no_table, strlen(no_table)) == 0)
        return fail_table(store, message + strlen(no_table), diag);
    if (strncmp(message, no_column, strlen(no_column)) == 0 && offset >= 0 && sql[offset] == '"')
        return FAIL(diag, STATUS_USAGE, "there is no column `%s`: a text stands in single quotes",
                    message + strlen(no_column));
    if (strncmp(message, no_column, strlen(no_column)) == 0)
        return fail_column(store, message + strlen(no_column), diag);
    if (strcmp(message, "incomplete input") == 0)
        return FAIL(diag, STATUS_USAGE, "the query ends too early, after `%s`", sql);
    if (offset < 0 || (size_t)offset >= strlen(sql))
        return FAIL(diag, STATUS_USAGE, "the query is wrong: %s", message);
    if (strncmp(message, "near ", strlen("near ")) == 0)
        return FAIL(diag, STATUS_USAGE, "the query is wrong at character %d, %s", offset + 1,
                    message);
    return FAIL(diag, STATUS_USAGE, "the query is wrong at character %d, near \"%s\": %s",
                offset + 1, word_at(sql, offset, word), message);
}

/* What a statement that writes no table may not do all the same: reach other files, or change
 * settings. A denied action is remembered. */
static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *trigger) {
    (void)second;
    (void)database;
    (void)trigger;
    bool *denied = context;
    bool looks = action == SQLITE_PRAGMA &&
                 (strcmp(first, "table_info") == 0 || strcmp(first, "table_list") == 0 ||
                  strcmp(first, "foreign_key_list") == 0);
    if (looks || (action != SQLITE_PRAGMA && action != SQLITE_ATTACH && action != SQLITE_DETACH))
        return SQLITE_OK;
    *denied = true;
    return SQLITE_DENY;
}

static enum status fail_action(const char *sql, struct diagnostic *diag) {
    char word[WORD];
    return FAIL(diag, STATUS_USAGE, "`%s` is not possible: a query only reads (SELECT ...)",
                word_at(sql, (int)strspn(sql, " \t\r\n;"), word));
}

/* One statement, and nothing behind it but blanks and comments. */
static enum status prepare(struct store_query *query, const char *sql, struct diagnostic *diag) {
    const char *tail;
    bool denied = false;
    sqlite3 *db = query->store->db;
    /* "a" is a column, never a text. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_set_authorizer(db, authorize, &denied);
    int code = sqlite3_prepare_v2(db, sql, -1, &query->statement, &tail);
    sqlite3_stmt *second = NULL;
    int behind = SQLITE_OK;
    if (code == SQLITE_OK && query->statement != NULL)
        behind = sqlite3_prepare_v2(db, tail, -1, &second, NULL);
    sqlite3_set_authorizer(db, NULL, NULL);
    bool more = second != NULL || behind != SQLITE_OK;
    sqlite3_finalize(second);
    if (denied)
        return fail_action(more ? tail : sql, diag);
    if (code != SQLITE_OK)
        return fail_sql(query->store, sql, diag);
    if (query->statement == NULL)
        return FAIL(diag, STATUS_USAGE, "the query is empty: `SELECT * FROM run_summary` is one");
    if (more)
        return FAIL(diag, STATUS_USAGE, "one query at a time: `%s` is too many",
                    tail + strspn(tail, " \t\r\n;"));
    if (!sqlite3_stmt_readonly(query->statement) || sqlite3_column_count(query->statement) == 0)
        return fail_action(sql, diag);
    return STATUS_OK;
}

enum status store_query_open(struct store *store, const char *sql, struct store_query **query,
                             struct diagnostic *diag) {
    *query = NULL;
    struct store_query *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return FAIL_MEMORY(diag, "a query");
    opened->store = store;
    enum status status = prepare(opened, sql, diag);
    if (status == STATUS_OK) {
        opened->hex = calloc((size_t)store_query_columns(opened), sizeof *opened->hex);
        if (opened->hex == NULL)
            status = FAIL_MEMORY(diag, "a query");
    }
    if (status == STATUS_OK)
        *query = opened;
    else
        store_query_close(opened);
    return status;
}

static void free_hex(struct store_query *query) {
    for (int i = 0; query->hex != NULL && i < store_query_columns(query); i++) {
        free(query->hex[i]);
        query->hex[i] = NULL;
    }
}

void store_query_close(struct store_query *query) {
    if (query == NULL)
        return;
    free_hex(query);
    free(query->hex);
    sqlite3_finalize(query->statement);
    free(query);
}

int store_query_columns(const struct store_query *query) {
    return sqlite3_column_count(query->statement);
}

const char *store_query_name(const struct store_query *query, int column) {
    const char *name = sqlite3_column_name(query->statement, column);
    return name != NULL ? name : "?";
}

enum status store_query_next(struct store_query *query, bool *row, struct diagnostic *diag) {
    free_hex(query);
    int code = sqlite3_step(query->statement);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return STATUS_OK;
    if ((code & 0xff) == SQLITE_ERROR)
        return FAIL(diag, STATUS_USAGE, "the query fails: %s", sqlite3_errmsg(query->store->db));
    return store_failed(query->store, diag);
}

static const char *hex_of(struct store_query *query, int column) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = sqlite3_column_blob(query->statement, column);
    int n = sqlite3_column_bytes(query->statement, column);
    char *text = query->hex[column] == NULL ? calloc(2 * (size_t)n + 1, 1) : NULL;
    for (int i = 0; text != NULL && i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    if (text != NULL)
        query->hex[column] = text;
    return query->hex[column];
}

struct store_value store_query_value(struct store_query *query, int column) {
    sqlite3_stmt *row = query->statement;
    struct store_value value = {.type = STORE_NULL};
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        value.type = STORE_INTEGER;
        value.integer = sqlite3_column_int64(row, column);
        break;
    case SQLITE_FLOAT:
        value.type = STORE_REAL;
        value.real = sqlite3_column_double(row, column);
        break;
    case SQLITE_TEXT:
        value.text = (const char *)sqlite3_column_text(row, column);
        break;
    case SQLITE_BLOB:
        value.text = hex_of(query, column);
        break;
    default:
        break;
    }
    if (value.text != NULL)
        value.type = STORE_TEXT;
    return value;
}

double store_value_number(const struct store_value *value) {
    return value->type == STORE_INTEGER ? (double)value->integer
           : value->type == STORE_REAL  ? value->real
                                        : NAN;
}

char *store_real_text(double real, char buffer[STORE_REAL_DIGITS]) {
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, STORE_REAL_DIGITS - 2, "%.*g", digits, real);
        if (strtod(buffer, NULL) == real)
            break;
    }
    if (isfinite(real) && strpbrk(buffer, ".e") == NULL)
        strcat(buffer, ".0");
    return buffer;
}

enum status store_view_sql(struct store *store, const char *view, struct arena *arena,
                           const char **sql, struct diagnostic *diag) {
    int64_t known = 0;
    sqlite3_stmt *row = NULL;
    TRY(store_prepare(store,
                      "SELECT ?1 IN (SELECT name FROM sqlite_schema WHERE type IN ('view', "
                      "'table') UNION SELECT name FROM sqlite_temp_schema)",
                      &row, diag));
    sqlite3_bind_text(row, 1, view, -1, SQLITE_STATIC);
    TRY(store_finish(store, row, &known, diag));
    if (!known)
        return fail_table(store, view, diag);
    *sql = arena_printf(arena, "SELECT * FROM %s", view);
    return *sql != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a query");
}
