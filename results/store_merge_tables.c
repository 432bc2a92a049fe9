/* Tables as the schema has them, so that a table that is added to it is merged, too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "results/store_merge_internal.h"

/* Rows of these are settings, not figures. */
static bool is_figure(const struct merge_table *table) {
    return strcmp(table->name, "run") != 0 && strcmp(table->name, "run_config") != 0 &&
           strcmp(table->name, "parameter") != 0;
}

static bool is_run(const struct merge_table *table) {
    return strcmp(table->name, "run") == 0;
}

/* `columns` of a table: its primary key first, without ids. */
static enum status read_columns(struct store *store, struct merge_table *table,
                                struct diagnostic *diag) {
    sqlite3_stmt *row = NULL;
    sqlite3_str *text = sqlite3_str_new(NULL);
    int code = SQLITE_ERROR;
    enum status status = store_prepare(store,
                                       "SELECT name, pk FROM pragma_table_info(?) WHERE name NOT "
                                       "IN ('id', 'run_id', 'experiment_id') "
                                       "ORDER BY pk = 0, pk, cid",
                                       &row, diag);
    if (status == STATUS_OK) {
        sqlite3_bind_text(row, 1, table->name, -1, SQLITE_STATIC);
        while ((code = sqlite3_step(row)) == SQLITE_ROW) {
            sqlite3_str_appendf(text, "%s\"%w\"", table->n_columns > 0 ? ", " : "",
                                sqlite3_column_text(row, 0));
            table->n_columns++;
            table->n_keys += sqlite3_column_int(row, 1) > 0;
        }
        if (code != SQLITE_DONE)
            status = store_failed(store, diag);
    }
    sqlite3_finalize(row);
    table->columns = sqlite3_str_finish(text);
    return status != STATUS_OK || table->columns != NULL ? status : FAIL_MEMORY(diag, "the merge");
}

/* Prepares the statement in `sql`, which is freed. */
static enum status prepare(struct store *store, char *sql, sqlite3_stmt **statement,
                           struct diagnostic *diag) {
    if (sql == NULL)
        return FAIL_MEMORY(diag, "the merge");
    enum status status = store_prepare(store, sql, statement, diag);
    sqlite3_free(sql);
    return status;
}

static enum status prepare_rows(struct store *store, const struct merge_table *table,
                                sqlite3_stmt **statement, struct diagnostic *diag) {
    sqlite3_str *sql = sqlite3_str_new(NULL);
    sqlite3_str_appendf(sql, "SELECT %s FROM \"%w\" WHERE %s = ?1 ORDER BY 1", table->columns,
                        table->name, is_run(table) ? "id" : "run_id");
    for (int i = 1; i < table->n_keys; i++)
        sqlite3_str_appendf(sql, ", %d", i + 1);
    return prepare(store, sqlite3_str_finish(sql), statement, diag);
}

static enum status prepare_table(struct merge_tables *tables, struct merge_table *table,
                                 struct diagnostic *diag) {
    sqlite3_str *sql = sqlite3_str_new(NULL);
    TRY(read_columns(tables->into, table, diag));
    TRY(prepare_rows(tables->from, table, &table->there, diag));
    TRY(prepare_rows(tables->into, table, &table->here, diag));
    /* ?1, ?2: the run and its experiment. */
    sqlite3_str_appendf(sql, "INSERT INTO \"%w\" (%s, %s) VALUES (%s", table->name,
                        is_run(table) ? "id, experiment_id" : "run_id", table->columns,
                        is_run(table) ? "?1, ?2" : "?1");
    for (int i = 0; i < table->n_columns; i++)
        sqlite3_str_appendf(sql, ", ?%d", i + 3);
    sqlite3_str_appendall(sql, ")");
    TRY(prepare(tables->into, sqlite3_str_finish(sql), &table->insert, diag));
    return prepare(tables->into, sqlite3_mprintf("SELECT count(*) FROM \"%w\"", table->name),
                   &table->count, diag);
}

/* Names of the tables: rows of one are added after those of the tables before it, which they may
 * refer to. */
static enum status read_names(struct merge_tables *tables, struct diagnostic *diag) {
    sqlite3_stmt *row = NULL;
    int code;
    TRY(store_prepare(tables->into,
                      "SELECT name FROM sqlite_schema AS s WHERE type = 'table' AND (name = 'run' "
                      "OR EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE name = 'run_id')) "
                      "ORDER BY name <> 'run', rowid",
                      &row, diag));
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (code = sqlite3_step(row)) != SQLITE_DONE) {
        if (code != SQLITE_ROW)
            status = store_failed(tables->into, diag);
        else if (tables->n == MERGE_TABLES)
            status = FAIL(diag, STATUS_INTERNAL, "more than %d tables to merge", MERGE_TABLES);
        else if ((tables->table[tables->n].name =
                      sqlite3_mprintf("%s", sqlite3_column_text(row, 0))) == NULL)
            status = FAIL_MEMORY(diag, "the merge");
        else
            tables->n++;
    }
    sqlite3_finalize(row);
    return status;
}

enum status merge_tables_open(struct store *into, struct store *from, struct merge_tables *tables,
                              struct diagnostic *diag) {
    *tables = (struct merge_tables){.into = into, .from = from};
    TRY(read_names(tables, diag));
    for (int i = 0; i < tables->n; i++)
        TRY(prepare_table(tables, &tables->table[i], diag));
    return STATUS_OK;
}

void merge_tables_close(struct merge_tables *tables) {
    for (int i = 0; i < tables->n; i++) {
        struct merge_table *table = &tables->table[i];
        sqlite3_finalize(table->there);
        sqlite3_finalize(table->here);
        sqlite3_finalize(table->insert);
        sqlite3_finalize(table->count);
        sqlite3_free(table->name);
        sqlite3_free(table->columns);
    }
}

struct merge_table *merge_tables_find(struct merge_tables *tables, const char *name) {
    for (int i = 0; i < tables->n; i++)
        if (strcmp(tables->table[i].name, name) == 0)
            return &tables->table[i];
    return NULL;
}

static enum status count(struct merge_tables *tables, struct merge_table *table, int64_t *rows,
                         struct diagnostic *diag) {
    enum status status = STATUS_OK;
    if (sqlite3_step(table->count) == SQLITE_ROW)
        *rows = sqlite3_column_int64(table->count, 0);
    else
        status = store_failed(tables->into, diag);
    sqlite3_reset(table->count);
    return status;
}

enum status merge_tables_count(struct merge_tables *tables, struct diagnostic *diag) {
    for (int i = 0; i < tables->n; i++)
        TRY(count(tables, &tables->table[i], &tables->table[i].rows, diag));
    return STATUS_OK;
}

enum status merge_tables_verify(struct merge_tables *tables, struct diagnostic *diag) {
    for (int i = 0; i < tables->n; i++) {
        struct merge_table *table = &tables->table[i];
        int64_t rows = 0;
        TRY(count(tables, table, &rows, diag));
        if (rows != table->rows)
            return FAIL(diag, STATUS_INTERNAL,
                        "merging %s into %s: table %s would have %" PRId64 " rows instead of "
                        "%" PRId64 "; nothing was merged",
                        tables->from->path, tables->into->path, table->name, rows, table->rows);
    }
    return STATUS_OK;
}

static enum status copy_rows(struct merge_tables *tables, struct merge_table *table,
                             struct diagnostic *diag) {
    int code;
    while ((code = sqlite3_step(table->there)) == SQLITE_ROW) {
        for (int c = 0; c < table->n_columns; c++)
            sqlite3_bind_value(table->insert, c + 3, sqlite3_column_value(table->there, c));
        if (sqlite3_step(table->insert) != SQLITE_DONE || sqlite3_reset(table->insert) != SQLITE_OK)
            return store_failed(tables->into, diag);
        table->rows++;
    }
    return code == SQLITE_DONE ? STATUS_OK : store_failed(tables->from, diag);
}

enum status merge_tables_copy(struct merge_tables *tables, int64_t from_id, int64_t id,
                              int64_t experiment, struct diagnostic *diag) {
    for (int i = 0; i < tables->n; i++) {
        struct merge_table *table = &tables->table[i];
        sqlite3_bind_int64(table->there, 1, from_id);
        sqlite3_bind_int64(table->insert, 1, id);
        if (is_run(table))
            sqlite3_bind_int64(table->insert, 2, experiment);
        enum status status = copy_rows(tables, table, diag);
        sqlite3_reset(table->there);
        TRY(status);
    }
    return STATUS_OK;
}

enum status merge_tables_forget(struct merge_tables *tables, int64_t id, struct diagnostic *diag) {
    for (int i = 0; i < tables->n; i++) {
        struct merge_table *table = &tables->table[i];
        int code;
        sqlite3_bind_int64(table->here, 1, id);
        while ((code = sqlite3_step(table->here)) == SQLITE_ROW)
            table->rows--;
        sqlite3_reset(table->here);
        if (code != SQLITE_DONE)
            return store_failed(tables->into, diag);
    }
    return STATUS_OK;
}

/* Values of the same type and contents; reals to the bit but for -0. */
static bool same_value(sqlite3_stmt *a, sqlite3_stmt *b, int column) {
    int type = sqlite3_column_type(a, column);
    if (type != sqlite3_column_type(b, column))
        return false;
    if (type == SQLITE_NULL)
        return true;
    if (type == SQLITE_INTEGER)
        return sqlite3_column_int64(a, column) == sqlite3_column_int64(b, column);
    if (type == SQLITE_FLOAT)
        return sqlite3_column_double(a, column) == sqlite3_column_double(b, column);
    /* An empty text has no address. */
    int bytes = sqlite3_column_bytes(a, column);
    return bytes == sqlite3_column_bytes(b, column) &&
           (bytes == 0 || memcmp(sqlite3_column_blob(a, column), sqlite3_column_blob(b, column),
                                 (size_t)bytes) == 0);
}

static const char *shown(sqlite3_stmt *row, int column) {
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "nothing";
}

/* "metric run accuracy_top1: value 92.5 here, 91 there". */
static void describe(const struct merge_table *table, int column, char *where) {
    size_t used = (size_t)snprintf(where, MERGE_WHERE, "%s", table->name);
    for (int k = 0; k < table->n_keys && used < MERGE_WHERE; k++)
        used += (size_t)snprintf(where + used, MERGE_WHERE - used, " %s", shown(table->here, k));
    if (used < MERGE_WHERE)
        snprintf(where + used, MERGE_WHERE - used, ": %s %s here, %s there",
                 sqlite3_column_name(table->here, column), shown(table->here, column),
                 shown(table->there, column));
}

/* How long a stage took on the machine. */
static bool is_time(const struct merge_table *table, sqlite3_stmt *row) {
    return strcmp(table->name, "metric") == 0 && strcmp(shown(row, 0), "run") == 0 &&
           strncmp(shown(row, 1), "time_", 5) == 0;
}

/* The next row that is a figure: SQLITE_ROW, or what else the step gave. */
static int next_figure(const struct merge_table *table, sqlite3_stmt *row) {
    int code;
    do
        code = sqlite3_step(row);
    while (code == SQLITE_ROW && is_time(table, row));
    return code;
}

static enum status compare_rows(struct merge_tables *tables, const struct merge_table *table,
                                char *where, struct diagnostic *diag) {
    for (;;) {
        int there = next_figure(table, table->there), here = next_figure(table, table->here);
        if (there != SQLITE_ROW && there != SQLITE_DONE)
            return store_failed(tables->from, diag);
        if (here != SQLITE_ROW && here != SQLITE_DONE)
            return store_failed(tables->into, diag);
        if (here == SQLITE_DONE && there == SQLITE_DONE)
            return STATUS_OK;
        if (here != there) {
            snprintf(where, MERGE_WHERE, "%s: more rows %s", table->name,
                     here == SQLITE_ROW ? "here" : "there");
            return STATUS_OK;
        }
        for (int c = 0; c < table->n_columns; c++)
            if (!same_value(table->here, table->there, c)) {
                describe(table, c, where);
                return STATUS_OK;
            }
    }
}

enum status merge_tables_compare(struct merge_tables *tables, int64_t from_id, int64_t id,
                                 char *where, struct diagnostic *diag) {
    where[0] = '\0';
    for (int i = 0; i < tables->n && where[0] == '\0'; i++) {
        struct merge_table *table = &tables->table[i];
        if (!is_figure(table))
            continue;
        sqlite3_bind_int64(table->there, 1, from_id);
        sqlite3_bind_int64(table->here, 1, id);
        enum status status = compare_rows(tables, table, where, diag);
        sqlite3_reset(table->there);
        sqlite3_reset(table->here);
        TRY(status);
    }
    return STATUS_OK;
}
