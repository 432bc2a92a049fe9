/* Records into rows. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "results/store_internal.h"

static char *insert_sql(const struct table *table) {
    sqlite3_str *sql = sqlite3_str_new(NULL);
    int n = table->n_columns + 1 + (table->keys[1] != NULL);
    sqlite3_str_appendf(sql, "INSERT INTO \"%w\" (\"%w\"", table->name, table->keys[0]);
    if (table->keys[1] != NULL)
        sqlite3_str_appendf(sql, ", \"%w\"", table->keys[1]);
    for (int i = 0; i < table->n_columns; i++)
        sqlite3_str_appendf(sql, ", \"%w\"", table->columns[i].name);
    sqlite3_str_appendall(sql, ") VALUES (?");
    for (int i = 1; i < n; i++)
        sqlite3_str_appendall(sql, ", ?");
    sqlite3_str_appendall(sql, ")");
    return sqlite3_str_finish(sql);
}

/* Where a value stands, for messages. */
struct place {
    const struct store *store;
    const struct table *table;
    const char *label;
};

static enum status bind_real(sqlite3_stmt *statement, int at, double value,
                             const struct column *column, const struct place *place,
                             struct diagnostic *diag) {
    if (!isfinite(value))
        return FAIL(diag, STATUS_STORE,
                    "%s %s: %s is %g, not a finite number; the run was not stored",
                    place->table->name, place->label, column->name, value);
    return sqlite3_bind_double(statement, at, value) == SQLITE_OK
               ? STATUS_OK
               : store_failed(place->store, diag);
}

static enum status bind_unsigned(sqlite3_stmt *statement, int at, uint64_t value,
                                 const struct column *column, const struct place *place,
                                 struct diagnostic *diag) {
    if (value > INT64_MAX)
        return FAIL(diag, STATUS_STORE,
                    "%s %s: %s %" PRIu64 " is beyond 2^63-1; the run was not stored",
                    place->table->name, place->label, column->name, value);
    return sqlite3_bind_int64(statement, at, (int64_t)value) == SQLITE_OK
               ? STATUS_OK
               : store_failed(place->store, diag);
}

static enum status bind_column(sqlite3_stmt *statement, int at, const struct column *column,
                               const void *record, const struct place *place,
                               struct diagnostic *diag) {
    const void *member = (const char *)record + column->offset;
    int code = SQLITE_OK;
    switch (column->type) {
    case COLUMN_TEXT: /* NULL stays NULL */
        code = sqlite3_bind_text(statement, at, *(const char *const *)member, -1, SQLITE_STATIC);
        break;
    case COLUMN_INT:
        code = sqlite3_bind_int(statement, at, *(const int *)member);
        break;
    case COLUMN_LONG:
        code = sqlite3_bind_int64(statement, at, *(const long *)member);
        break;
    case COLUMN_INT64:
        code = sqlite3_bind_int64(statement, at, *(const int64_t *)member);
        break;
    case COLUMN_UINT64:
        return bind_unsigned(statement, at, *(const uint64_t *)member, column, place, diag);
    case COLUMN_REAL_OR_NULL:
        if (isnan(*(const double *)member)) {
            code = sqlite3_bind_null(statement, at);
            break;
        }
        return bind_real(statement, at, *(const double *)member, column, place, diag);
    case COLUMN_REAL:
        return bind_real(statement, at, *(const double *)member, column, place, diag);
    }
    return code == SQLITE_OK ? STATUS_OK : store_failed(place->store, diag);
}

static enum status step(struct store *store, sqlite3_stmt *statement, struct diagnostic *diag) {
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK)
        return store_failed(store, diag);
    return STATUS_OK;
}

static enum status insert_record(struct store *store, const struct table *table,
                                 sqlite3_stmt *statement, const int64_t keys[2], const void *record,
                                 struct diagnostic *diag) {
    const char *label = *(const char *const *)((const char *)record + table->label_offset);
    const struct place place = {store, table, label != NULL ? label : "without a name"};
    int at = 1;
    sqlite3_bind_int64(statement, at++, keys[0]);
    if (table->keys[1] != NULL)
        sqlite3_bind_int64(statement, at++, keys[1]);
    for (int i = 0; i < table->n_columns; i++)
        TRY(bind_column(statement, at++, &table->columns[i], record, &place, diag));
    return step(store, statement, diag);
}

enum status store_insert(struct store *store, const struct table *table, int64_t first,
                         int64_t second, const void *records, int n, struct diagnostic *diag) {
    if (n == 0) /* preparing a statement takes longer than many rows */
        return STATUS_OK;
    char *sql = insert_sql(table);
    if (sql == NULL)
        return FAIL_MEMORY(diag, "the results database");
    sqlite3_stmt *statement = NULL;
    enum status status = store_prepare(store, sql, &statement, diag);
    for (int i = 0; i < n && status == STATUS_OK; i++) {
        const void *record = (const char *)records + (size_t)i * table->size;
        status = insert_record(store, table, statement, (const int64_t[2]){first, second + i},
                               record, diag);
    }
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return status;
}

static enum status bind_parameter(struct store *store, sqlite3_stmt *statement,
                                  const struct store_parameter *parameter,
                                  struct diagnostic *diag) {
    long long integer = 0;
    double real = 0;
    int code = SQLITE_MISMATCH;
    switch (parameter->type) {
    case PARAMETER_TEXT:
        code = sqlite3_bind_text(statement, 3, parameter->text, -1, SQLITE_STATIC);
        break;
    case PARAMETER_INTEGER:
        if (text_to_int(parameter->text, &integer))
            code = sqlite3_bind_int64(statement, 3, integer);
        break;
    case PARAMETER_REAL:
        if (text_to_real(parameter->text, &real))
            code = sqlite3_bind_double(statement, 3, real);
        break;
    }
    if (code == SQLITE_MISMATCH)
        return FAIL(diag, STATUS_STORE, "parameter %s: '%s' is not a number of its type",
                    parameter->key, parameter->text);
    sqlite3_bind_text(statement, 2, parameter->key, -1, SQLITE_STATIC);
    return code == SQLITE_OK ? STATUS_OK : store_failed(store, diag);
}

/* Those of the run that differ from its base, or those that do not. */
static enum status insert_some(struct store *store, const char *sql, int64_t id,
                               const struct store_run *run, bool differing,
                               struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    TRY(store_prepare(store, sql, &statement, diag));
    sqlite3_bind_int64(statement, 1, id);
    enum status status = STATUS_OK;
    for (int i = 0; i < run->n_parameters && status == STATUS_OK; i++) {
        if (run->parameters[i].differs != differing)
            continue;
        status = bind_parameter(store, statement, &run->parameters[i], diag);
        if (status == STATUS_OK)
            status = step(store, statement, diag);
    }
    sqlite3_finalize(statement);
    return status;
}

enum status store_insert_parameters(struct store *store, int64_t run_id, int64_t experiment_id,
                                    const struct store_run *run, struct diagnostic *diag) {
    TRY(insert_some(store,
                    "INSERT INTO parameter (run_id, key, value, differs) VALUES (?, ?, ?, 1)",
                    run_id, run, true, diag));
    /* With every run: what one has of the base, the runs before it may all differ in. */
    return insert_some(store,
                       "INSERT INTO base_parameter (experiment_id, key, value) VALUES (?, ?, ?) "
                       "ON CONFLICT (experiment_id, key) DO NOTHING",
                       experiment_id, run, false, diag);
}
