/* Cost: estimates of an existing mapping, an image by events, and a run without images from start
 * to exit. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/run/run.h"
#include "sim/time/events.h"
#include "tests/bench/bench.h"
#include "tests/bench/model.h"

struct estimates {
    struct model model;
    struct chip chip;
    struct cost_report report;
    struct event_report events;
};

static enum status estimate(void *context, struct diagnostic *diag) {
    struct estimates *e = context;
    const struct cost_inputs inputs = {.chip = &e->chip,
                                       .network = &e->model.network,
                                       .mapping = &e->model.mapping,
                                       .layers = e->model.layers,
                                       .config = e->model.config};
    cost_report_free(&e->report);
    e->report = (struct cost_report){0};
    return cost_estimate(&inputs, &e->report, diag);
}

static uint64_t hash_totals(const void *context) {
    const struct cost_report *report = &((const struct estimates *)context)->report;
    const double totals[] = {report->area_used_m2, report->area_chip_m2, report->power_peak_w,
                             report->energy_j, report->latency_s};
    return XXH3_64bits(totals, sizeof totals);
}

/* One image whose layers overlap by rows; of the report that the estimates have left. */
static enum status run_events(void *context, struct diagnostic *diag) {
    struct estimates *e = context;
    return pipeline_events(&e->chip, &e->model.network, &e->model.mapping, NULL, e->report.timings,
                           PIPELINE_ROWS, 1, &e->events, diag);
}

static uint64_t hash_events(const void *context) {
    const struct event_report *events = &((const struct estimates *)context)->events;
    const double figures[] = {events->latency_s, (double)events->events};
    return XXH3_64bits(figures, sizeof figures);
}

/* Every layer, component and total; the layers a second that this is; and an image. */
static enum status bench_estimates(struct bench *bench, struct diagnostic *diag) {
    const struct model_spec spec = {
        .network = "resnet18_int8", .settings = {"adc.bits=5"}, .images = 1};
    struct arena arena = ARENA_INIT;
    struct estimates e = {.report = {0}};
    struct bench_task task = {.run = estimate, .hash = hash_totals, .context = &e};
    struct bench_task image = {.run = run_events, .hash = hash_events, .context = &e};
    enum status status = STATUS_OK;
    if (model_path(spec.network, &arena, NULL) == NULL) {
        bench_skip("cost estimates", "ResNet-18 is in ../shared, which is absent");
    } else if ((status = model_open(&spec, &e.model, diag)) == STATUS_OK &&
               (status = chip_load("isaac", &e.chip, diag)) == STATUS_OK &&
               (status = bench_time(bench, &task, 1, diag)) == STATUS_OK &&
               (status = bench_time(bench, &image, 1, diag)) == STATUS_OK) {
        struct bench_row row =
            bench_row_of("ResNet-18, cost estimate", "us", -1e-6, &task.cpu, task.result);
        row.target_kind = TARGET_AT_MOST;
        row.target = 100;
        bench_report(&row);
        row = bench_row_of("  its layers, components and all", "/s", e.model.mapping.n_layers,
                           &task.cpu, task.result);
        row.target_kind = TARGET_AT_LEAST;
        row.target = 200000;
        bench_report(&row);
        row = bench_row_of("ResNet-18, one image by events", "s", -1, &image.cpu, image.result);
        row.target_kind = TARGET_AT_MOST;
        row.target = 1;
        bench_report(&row);
    }
    cost_report_free(&e.report);
    chip_free(&e.chip);
    model_close(&e.model);
    arena_free(&arena);
    return status;
}

/* A process of mho, again and again. */
struct process {
    char *command[8];
    const char *database;
    double processor_s; /* of the last one */
};

static enum status run_process(void *context, struct diagnostic *diag) {
    struct process *process = context;
    struct rusage usage;
    int outcome;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0)
            dup2(null, STDOUT_FILENO);
        execv(process->command[0], process->command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &outcome, 0, &usage) != child)
        return FAIL(diag, STATUS_IO, "cannot start %s", process->command[0]);
    process->processor_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    return outcome == 0 ? STATUS_OK : FAIL(diag, STATUS_USAGE, "%s failed", process->command[0]);
}

/* Of the metrics that the last process stored, but for what it took; 0: they cannot be read. */
static uint64_t hash_stored(const void *context) {
    static const char query[] =
        "SELECT scope || name || value FROM metric "
        "WHERE run_id = (SELECT max(id) FROM run) AND name NOT LIKE 'time%' "
        "ORDER BY scope, name";
    const struct process *process = context;
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    uint64_t hash = 0;
    if (sqlite3_open_v2(process->database, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, query, -1, &rows, NULL) == SQLITE_OK)
        while (sqlite3_step(rows) == SQLITE_ROW)
            hash = XXH3_64bits_withSeed(sqlite3_column_text(rows, 0),
                                        (size_t)sqlite3_column_bytes(rows, 0), hash);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return hash;
}

/* VGG-8 is for Fashion-MNIST; the pruned one of configs/ has as many arrays. */
static const char *vgg8_path(void) {
    static const char *const paths[] = {"../shared/models/fashion-mnist/vgg8_int8.onnx",
                                        "configs/networks/vgg8_cp16_int8.onnx"};
    return access(paths[0], R_OK) == 0 ? paths[0] : paths[1];
}

/* mho run of VGG-8 without images, database row included. Timed by the clock: its reference is the
 * processor time of the last one. */
static enum status bench_process(struct bench *bench, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    char folder[] = "/tmp/mho-bench-XXXXXX";
    if (mkdtemp(folder) == NULL)
        return FAIL(diag, STATUS_IO, "no folder for a run");
    char *mho = arena_printf(&arena, "%s/mho", bench->build);
    char *config = arena_printf(&arena, "%s/run.yaml", folder);
    char *database = arena_printf(&arena, "%s/run.db", folder);
    char *model = file_absolute(vgg8_path(), &arena);
    char *text = arena_printf(&arena, "network: {model: %s}\nrun: {accuracy: false}\n", model);
    char run[] = "run", quiet[] = "--quiet", db[] = "--db";
    struct process process = {.command = {mho, run, config, quiet, db, database, NULL},
                              .database = database};
    struct bench_task task = {.run = run_process, .hash = hash_stored, .context = &process};
    enum status status = mho != NULL && config != NULL && database != NULL && text != NULL
                             ? file_write(config, text, strlen(text), diag)
                             : FAIL_MEMORY(diag, "paths");
    if (status == STATUS_OK)
        status = bench_time(bench, &task, 1, diag);
    if (status == STATUS_OK) {
        struct bench_row row =
            bench_row_of("mho run, VGG-8, without images", "ms", -1e-3, &task.wall, task.result);
        row.reference = process.processor_s * 1e3;
        row.reference_name = "processor ms";
        row.target_kind = TARGET_AT_MOST;
        row.target = 60;
        bench_report(&row);
    }
    unlink(database);
    unlink(config);
    rmdir(folder);
    arena_free(&arena);
    return status;
}

enum status bench_cost(struct bench *bench, struct diagnostic *diag) {
    TRY(bench_estimates(bench, diag));
    return bench_process(bench, diag);
}
