/* What sweeps stand on: how fast rows are stored, and ten thousand points without images. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "results/store.h"
#include "tests/bench/bench.h"

/* --- storing --- */

enum { RUNS = 250, METRICS = 97, PARAMETERS = 94, VARIED = 5 }; /* as of the sweep below */

struct writer {
    const char *path;
    struct store_run runs[RUNS];
    struct store_written written[RUNS];
    struct arena arena;
};

static enum status make_runs(struct writer *writer, struct diagnostic *diag) {
    struct store_metric *metrics = ARENA_NEW(&writer->arena, METRICS, struct store_metric);
    if (metrics == NULL)
        return FAIL_MEMORY(diag, "runs");
    for (int m = 0; m < METRICS; m++)
        metrics[m] = (struct store_metric){
            "run", arena_printf(&writer->arena, "metric_of_a_run_%d", m * 37 % METRICS), "m2",
            1.2385e-7 * (m + 1)};
    for (int i = 0; i < RUNS; i++) {
        struct store_parameter *parameters =
            ARENA_NEW(&writer->arena, PARAMETERS, struct store_parameter);
        if (parameters == NULL)
            return FAIL_MEMORY(diag, "runs");
        for (int p = 0; p < PARAMETERS; p++)
            parameters[p] =
                (struct store_parameter){arena_printf(&writer->arena, "section.key_%d", p),
                                         arena_printf(&writer->arena, "%d", p < VARIED ? i + p : p),
                                         PARAMETER_INTEGER, p < VARIED};
        writer->runs[i] = (struct store_run){
            .experiment = "bench",
            .base_yaml = "",
            .base_hash = "0",
            .config_yaml = "",
            .point_hash = arena_printf(&writer->arena, "%032x", (unsigned)i * 2654435761U),
            .version = "v",
            .commit = "c",
            .host = "h",
            .libraries = "{}",
            .model_hash = "m",
            .status = "done",
            .parameters = parameters,
            .n_parameters = PARAMETERS,
            .metrics = metrics,
            .n_metrics = METRICS,
        };
    }
    return STATUS_OK;
}

/* Into a new file each time, as a sweep's batches are. */
static enum status write_runs(void *context, struct diagnostic *diag) {
    struct writer *writer = context;
    struct store *store;
    unlink(writer->path);
    TRY(store_open(writer->path, &store, diag));
    enum status status = store_write_all(store, writer->runs, RUNS, writer->written, diag);
    store_close(store);
    return status;
}

static uint64_t hash_of_sql(const char *path, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    uint64_t hash = 0;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK)
        while (sqlite3_step(row) == SQLITE_ROW)
            for (int i = 0; i < sqlite3_column_count(row); i++)
                hash = XXH3_64bits_withSeed(sqlite3_column_text(row, i),
                                            (size_t)sqlite3_column_bytes(row, i), hash);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return hash;
}

static uint64_t hash_written(const void *context) {
    return hash_of_sql(((const struct writer *)context)->path,
                       "SELECT count(*), sum(value) FROM metric UNION ALL "
                       "SELECT count(*), sum(value) FROM param");
}

static enum status bench_storing(struct bench *bench, const char *folder, struct diagnostic *diag) {
    struct writer *writer = calloc(1, sizeof *writer);
    char path[64];
    if (writer == NULL)
        return FAIL_MEMORY(diag, "runs");
    snprintf(path, sizeof path, "%s/written.db", folder);
    writer->path = path;
    struct bench_task task = {.run = write_runs, .hash = hash_written, .context = writer};
    enum status status = make_runs(writer, diag);
    if (status == STATUS_OK)
        status = bench_time(bench, &task, 1, diag);
    if (status == STATUS_OK) {
        struct bench_row row = bench_row_of("storing runs of 97 metrics", "k rows/s",
                                            1e-3 * RUNS * METRICS, &task.cpu, task.result);
        row.target_kind = TARGET_AT_LEAST;
        row.target = 300;
        bench_report(&row);
    }
    unlink(path);
    arena_free(&writer->arena);
    free(writer);
    return status;
}

/* --- ten thousand points --- */

struct sweeping {
    char *command[9];
    const char *database;
    double processor_s, resident_mb; /* of the last one */
};

static enum status run_sweep(void *context, struct diagnostic *diag) {
    struct sweeping *sweeping = context;
    struct rusage usage;
    int outcome;
    unlink(sweeping->database);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0)
            dup2(null, STDOUT_FILENO);
        execv(sweeping->command[0], sweeping->command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &outcome, 0, &usage) != child)
        return FAIL(diag, STATUS_IO, "cannot start %s", sweeping->command[0]);
    sweeping->processor_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                            1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    sweeping->resident_mb = (double)usage.ru_maxrss / 1024;
    return outcome == 0 ? STATUS_OK : FAIL(diag, STATUS_USAGE, "mho sweep failed");
}

static uint64_t hash_swept(const void *context) {
    return hash_of_sql(((const struct sweeping *)context)->database,
                       "SELECT r.point_hash, m.name, m.value FROM run AS r JOIN metric AS m "
                       "ON m.run_id = r.id AND m.name IN ('area_m2', 'energy_per_inference_j', "
                       "'latency_s') ORDER BY 1, 2");
}

static void report_swept(const struct bench_task *task, const struct sweeping *sweeping) {
    struct stat info = {0};
    struct bench_row row =
        bench_row_of("10,000 points of ResNet-18", "s", -1, &task->wall, task->result);
    row.reference = sweeping->processor_s;
    row.reference_name = "processor s";
    row.target_kind = TARGET_AT_MOST;
    row.target = 60;
    bench_report(&row);
    (void)stat(sweeping->database, &info);
    double megabytes = 1e-6 * (double)info.st_size;
    row = (struct bench_row){.name = "their database", .unit = "MB", .figure = megabytes};
    row.low = row.high = megabytes;
    row.target_kind = TARGET_AT_MOST;
    row.target = 100;
    row.hash = task->result;
    bench_report(&row);
    row.name = "memory of the process";
    row.figure = row.low = row.high = sweeping->resident_mb;
    row.target_kind = TARGET_NONE;
    bench_report(&row);
}

static enum status bench_points(struct bench *bench, const char *folder, struct diagnostic *diag) {
    static const char model[] = "../shared/models/cifar10/resnet18_int8.onnx";
    struct arena arena = ARENA_INIT;
    if (!bench->long_runs || access(model, R_OK) != 0) {
        bench_skip("10,000 points of ResNet-18", bench->long_runs
                                                     ? "ResNet-18 is in ../shared, which is absent"
                                                     : "minutes: --long asks for it");
        return STATUS_OK;
    }
    char sweep[] = "sweep", file[] = "configs/sweeps/cost_10000.yaml", set[] = "--set";
    char database[64], db[] = "--db", quiet[] = "--quiet";
    snprintf(database, sizeof database, "%s/swept.db", folder);
    char *mho = arena_printf(&arena, "%s/mho", bench->build);
    char *network = arena_printf(&arena, "network.model=%s", model);
    struct sweeping sweeping = {.command = {mho, sweep, file, set, network, db, database, quiet},
                                .database = database};
    struct bench_task task = {.run = run_sweep, .hash = hash_swept, .context = &sweeping};
    enum status status = mho != NULL && network != NULL ? bench_time(bench, &task, 1, diag)
                                                        : FAIL_MEMORY(diag, "a sweep");
    if (status == STATUS_OK)
        report_swept(&task, &sweeping);
    unlink(database);
    arena_free(&arena);
    return status;
}

enum status bench_sweeps(struct bench *bench, struct diagnostic *diag) {
    char folder[] = "/tmp/mho-bench-XXXXXX";
    if (mkdtemp(folder) == NULL)
        return FAIL(diag, STATUS_IO, "no folder in /tmp");
    enum status status = bench_storing(bench, folder, diag);
    if (status == STATUS_OK)
        status = bench_points(bench, folder, diag);
    rmdir(folder);
    return status;
}
