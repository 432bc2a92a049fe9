/* Every view over 10,000 runs of a sweep. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "results/store.h"
#include "tests/bench/bench.h"
#include "tests/support/points.h"
#include "tests/support/random.h"

enum { RUNS = 10000, BATCH = 500, ROW_BYTES = 4096 };

/* Complete reads, as of a notebook; of `param`, which has 90 rows a run, one key. */
static const struct query {
    const char *name, *sql;
} queries[] = {
    {"run_summary of 10,000 runs", "SELECT * FROM run_summary"},
    {"layer_summary of 10,000 runs of 4 layers", "SELECT * FROM layer_summary"},
    {"param of 10,000 runs, one key", "SELECT run_id, value FROM param WHERE key = 'adc.bits'"},
    {"pareto of 10,000 runs", "SELECT * FROM pareto"},
    {"best_per of 10,000 runs", "SELECT * FROM best_per"},
};
enum { QUERIES = sizeof queries / sizeof *queries };

struct reader {
    sqlite3 *db;
    const char *sql;
    uint64_t hash;
};

/* A sweep whose accuracy rises and whose cost falls with what was spent, and some chance. */
static struct point draw_point(int index, struct test_random *random) {
    static const char *const bits[] = {"3", "4", "5", "6", "7", "8", "9", "lossless"};
    double area = exp(2 * (test_random_below(random, 1 << 20) / 1048576.0) - 1);
    double chance = test_random_below(random, 1 << 20) / 1048576.0;
    return (struct point){
        .experiment = "sweep",
        .rows = 32 << index % 5,
        .bits = bits[index / 5 % 8],
        .accuracy = 95 - 4 / area - 2 * chance,
        .area_m2 = 1e-6 * area,
        .energy_j = 1e-6 * area * (0.5 + test_random_below(random, 1 << 20) / 1048576.0),
    };
}

static enum status fill(const char *path, struct diagnostic *diag) {
    static struct point_rows rows[BATCH];
    static struct store_run runs[BATCH];
    static struct store_written written[BATCH];
    struct store *store;
    struct test_random random = {7};
    TRY(store_open(path, &store, diag));
    enum status status = STATUS_OK;
    for (int first = 0; first < RUNS && status == STATUS_OK; first += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            struct point point = draw_point(first + i, &random);
            runs[i] = point_run(&point, first + i, true, &rows[i]);
        }
        status = store_write_all(store, runs, BATCH, written, diag);
    }
    store_close(store);
    return status;
}

static enum status read_all(void *context, struct diagnostic *diag) {
    struct reader *reader = context;
    sqlite3_stmt *row;
    reader->hash = 0;
    if (sqlite3_prepare_v2(reader->db, reader->sql, -1, &row, NULL) != SQLITE_OK)
        return FAIL(diag, STATUS_STORE, "%s", sqlite3_errmsg(reader->db));
    int n = sqlite3_column_count(row), code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        for (int i = 0; i < n; i++)
            if (sqlite3_column_type(row, i) == SQLITE_TEXT) {
                const unsigned char *text = sqlite3_column_text(row, i);
                reader->hash ^=
                    XXH3_64bits_withSeed(text, (size_t)sqlite3_column_bytes(row, i), reader->hash);
            } else {
                double value = sqlite3_column_double(row, i);
                reader->hash = XXH3_64bits_withSeed(&value, sizeof value, reader->hash);
            }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? STATUS_OK
                               : FAIL(diag, STATUS_STORE, "%s", sqlite3_errmsg(reader->db));
}

static uint64_t hash(const void *context) {
    return ((const struct reader *)context)->hash;
}

static enum status time_views(struct bench *bench, const char *path, struct diagnostic *diag) {
    struct reader readers[QUERIES];
    struct bench_task tasks[QUERIES];
    sqlite3 *db;
    /* Not for reading alone: the last one to close such a database leaves the log's files. */
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return FAIL(diag, STATUS_STORE, "%s cannot be opened", path);
    for (int i = 0; i < QUERIES; i++) {
        readers[i] = (struct reader){.db = db, .sql = queries[i].sql};
        tasks[i] = (struct bench_task){.run = read_all, .hash = hash, .context = &readers[i]};
    }
    enum status status = bench_time(bench, tasks, QUERIES, diag);
    for (int i = 0; i < QUERIES && status == STATUS_OK; i++) {
        struct bench_row row =
            bench_row_of(queries[i].name, "ms", -1e-3, &tasks[i].cpu, tasks[i].result);
        row.target_kind = TARGET_AT_MOST;
        row.target = 200;
        bench_report(&row);
    }
    sqlite3_close(db);
    return status;
}

enum status bench_views(struct bench *bench, struct diagnostic *diag) {
    char folder[] = "/tmp/mho-bench-XXXXXX", path[sizeof folder + 16];
    if (mkdtemp(folder) == NULL)
        return FAIL(diag, STATUS_IO, "no folder in /tmp");
    snprintf(path, sizeof path, "%s/views.db", folder);
    enum status status = fill(path, diag);
    if (status == STATUS_OK)
        status = time_views(bench, path, diag);
    unlink(path);
    rmdir(folder);
    return status;
}
