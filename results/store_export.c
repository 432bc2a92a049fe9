#include "results/store_export.h"

#include <string.h>

#include "results/store_internal.h"
#include "results/store_query.h"
#include "sim/base/csv.h"
#include "sim/base/file_stream.h"

static const char metrics_sql[] =
    "SELECT m.run_id, e.name AS experiment, m.scope, m.name AS metric, m.value, m.unit "
    "FROM metric AS m JOIN run AS r ON r.id = m.run_id JOIN experiment AS e ON e.id = "
    "r.experiment_id ORDER BY m.run_id, m.scope, m.name";
static const char layers_sql[] = "SELECT * FROM layer_summary ORDER BY run_id, position";
static const char components_sql[] =
    "SELECT c.run_id, e.name AS experiment, c.position, c.layer, c.level, c.component, c.model, "
    "c.count, c.actions, c.area_m2, c.energy_j, c.power_peak_w, c.leakage_w, c.source "
    "FROM component AS c JOIN run AS r ON r.id = c.run_id JOIN experiment AS e ON e.id = "
    "r.experiment_id ORDER BY c.run_id, c.position";
static const char runs_sql[] =
    "SELECT r.id AS run_id, e.name AS experiment, r.status, r.error, r.trial, r.version, "
    "r.point_hash FROM run AS r JOIN experiment AS e ON e.id = r.experiment_id ORDER BY r.id";

/* What makes the other columns of runs.csv: names, and (run, name, value) in the order of runs and
 * names. */
static const struct pivot {
    const char *names, *values;
} pivots[] = {
    {"SELECT DISTINCT key FROM param ORDER BY key",
     "SELECT run_id, key, value FROM param ORDER BY run_id, key"},
    {"SELECT DISTINCT name FROM metric WHERE scope = 'run' ORDER BY name",
     "SELECT run_id, name, value FROM metric WHERE scope = 'run' ORDER BY run_id, name"},
};
enum { PIVOTS = sizeof pivots / sizeof *pivots };

/* Columns of a pivot, and the rows that fill them, of which one has been read. */
struct columns {
    const char **names; /* [n] */
    int n;
    struct store_query *values;
    bool row;
};

static enum status read_names(struct store *store, const char *sql, struct arena *arena,
                              struct columns *columns, struct diagnostic *diag) {
    struct store_query *query;
    bool row = true;
    int capacity = 0;
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_next(query, &row, diag);
    while (status == STATUS_OK && row) {
        if (columns->n == capacity) {
            capacity = capacity == 0 ? 64 : 2 * capacity;
            const char **names = ARENA_NEW(arena, capacity, const char *);
            if (names != NULL && columns->n > 0)
                memcpy(names, columns->names, (size_t)columns->n * sizeof *names);
            columns->names = names;
        }
        struct store_value name = store_query_value(query, 0);
        if (columns->names == NULL ||
            (columns->names[columns->n++] = arena_strdup(arena, name.text)) == NULL)
            status = FAIL_MEMORY(diag, "an export");
        else
            status = store_query_next(query, &row, diag);
    }
    store_query_close(query);
    return status;
}

/* The run's values under their names; what it has not is empty. */
static enum status write_pivot(struct columns *columns, int64_t run_id, FILE *out,
                               struct diagnostic *diag) {
    for (int i = 0; i < columns->n; i++) {
        fputc(',', out);
        if (!columns->row || store_query_value(columns->values, 0).integer != run_id ||
            strcmp(store_query_value(columns->values, 1).text, columns->names[i]) != 0)
            continue;
        char buffer[STORE_REAL_DIGITS];
        struct store_value value = store_query_value(columns->values, 2);
        csv_field(out, store_value_text(&value, buffer));
        TRY(store_query_next(columns->values, &columns->row, diag));
    }
    return STATUS_OK;
}

static enum status write_run(struct store_query *runs, struct columns columns[PIVOTS], FILE *out,
                             struct diagnostic *diag) {
    for (int i = 0; i < store_query_columns(runs); i++) {
        char buffer[STORE_REAL_DIGITS];
        struct store_value value = store_query_value(runs, i);
        if (i > 0)
            fputc(',', out);
        csv_field(out, store_value_text(&value, buffer));
    }
    int64_t run_id = store_query_value(runs, 0).integer;
    for (int p = 0; p < PIVOTS; p++)
        TRY(write_pivot(&columns[p], run_id, out, diag));
    fputc('\n', out);
    return STATUS_OK;
}

static enum status write_runs(struct store *store, struct store_query *runs,
                              struct columns columns[PIVOTS], struct arena *arena, FILE *out,
                              int64_t *rows, struct diagnostic *diag) {
    bool row = true;
    for (int p = 0; p < PIVOTS; p++) {
        TRY(read_names(store, pivots[p].names, arena, &columns[p], diag));
        TRY(store_query_open(store, pivots[p].values, &columns[p].values, diag));
        TRY(store_query_next(columns[p].values, &columns[p].row, diag));
    }
    for (int i = 0; i < store_query_columns(runs); i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", store_query_name(runs, i));
    for (int p = 0; p < PIVOTS; p++)
        for (int i = 0; i < columns[p].n; i++) {
            fputc(',', out);
            csv_field(out, columns[p].names[i]);
        }
    fputc('\n', out);
    TRY(store_query_next(runs, &row, diag));
    for (; row && !ferror(out); (*rows)++) {
        TRY(write_run(runs, columns, out, diag));
        TRY(store_query_next(runs, &row, diag));
    }
    return STATUS_OK;
}

static enum status export_runs(struct store *store, FILE *out, int64_t *rows,
                               struct diagnostic *diag) {
    struct columns columns[PIVOTS] = {0};
    struct arena arena = ARENA_INIT;
    struct store_query *runs;
    TRY(store_query_open(store, runs_sql, &runs, diag));
    enum status status = write_runs(store, runs, columns, &arena, out, rows, diag);
    for (int p = 0; p < PIVOTS; p++)
        store_query_close(columns[p].values);
    store_query_close(runs);
    arena_free(&arena);
    return status;
}

static enum status export_rows(struct store *store, const char *sql, FILE *out, int64_t *rows,
                               struct diagnostic *diag) {
    struct store_query *query;
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_csv(query, out, rows, diag);
    store_query_close(query);
    return status;
}

static enum status write_files(struct store *store, const char *folder,
                               struct file_stream streams[STORE_EXPORTED],
                               struct store_exported files[STORE_EXPORTED], struct arena *arena,
                               struct diagnostic *diag) {
    static const struct {
        const char *name, *sql; /* NULL: export_runs */
    } kinds[STORE_EXPORTED] = {{"runs.csv", NULL},
                               {"metrics.csv", metrics_sql},
                               {"layers.csv", layers_sql},
                               {"components.csv", components_sql}};
    for (int i = 0; i < STORE_EXPORTED; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, kinds[i].name);
        if (path == NULL)
            return FAIL_MEMORY(diag, "an export");
        if (i == 0)
            TRY(store_make_folder(path, diag));
        files[i] = (struct store_exported){.name = kinds[i].name};
        TRY(file_stream_open(path, &streams[i], diag));
        TRY(kinds[i].sql != NULL
                ? export_rows(store, kinds[i].sql, streams[i].out, &files[i].rows, diag)
                : export_runs(store, streams[i].out, &files[i].rows, diag));
    }
    for (int i = 0; i < STORE_EXPORTED; i++)
        TRY(file_stream_commit(&streams[i], diag));
    return STATUS_OK;
}

static enum status check_runs(struct store *store, struct diagnostic *diag) {
    sqlite3_stmt *statement = NULL;
    int64_t runs = 0;
    TRY(store_prepare(store, "SELECT count(*) FROM run", &statement, diag));
    TRY(store_finish(store, statement, &runs, diag));
    if (runs == 0)
        return FAIL(diag, STATUS_USAGE, "%s has no runs yet: `mho run` stores one", store->path);
    return STATUS_OK;
}

enum status store_export(struct store *store, const char *folder,
                         struct store_exported files[STORE_EXPORTED], struct diagnostic *diag) {
    struct file_stream streams[STORE_EXPORTED] = {0};
    struct arena arena = ARENA_INIT;
    TRY(store_exec(store, "BEGIN", diag));
    enum status status = check_runs(store, diag);
    if (status == STATUS_OK)
        status = write_files(store, folder, streams, files, &arena, diag);
    for (int i = 0; i < STORE_EXPORTED; i++)
        file_stream_abandon(&streams[i]);
    arena_free(&arena);
    return store_end(store, status, diag);
}
