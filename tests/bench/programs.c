/* Whole runs of mho, as a user starts them: seconds and peak memory. They take minutes in all. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "tests/bench/bench.h"
#include "tests/bench/images.h"
#include "tests/bench/model.h"

struct program {
    const char *name, *network, *bits, *images, *threads;
    double seconds, megabytes; /* targets; 0: none */
};

struct outcome {
    int status;
    double wall_s, cpu_s, peak_mb;
    uint64_t hash; /* of the predicted classes */
};

/* The child is a fork: it starts with the pages that this process has at the moment, which count
 * as its own, so nothing large must be in memory here. */
static enum status run_command(char *const command[], struct outcome *outcome,
                               struct diagnostic *diag) {
    struct timespec start, end;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &start);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0)
            dup2(null, STDOUT_FILENO);
        execv(command[0], command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &outcome->status, 0, &usage) != child)
        return FAIL(diag, STATUS_IO, "cannot start %s", command[0]);
    clock_gettime(CLOCK_MONOTONIC, &end);
    outcome->wall_s =
        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    outcome->cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    outcome->peak_mb = (double)usage.ru_maxrss * 1024 * 1e-6;
    if (outcome->status != 0)
        return FAIL(diag, STATUS_USAGE, "%s failed", command[0]);
    return STATUS_OK;
}

static enum status write_config(const char *path, const char *folder, const struct program *program,
                                struct arena *arena, struct diagnostic *diag) {
    const char *network = model_path(program->network, arena, NULL);
    char *model = file_absolute(network, arena);
    FILE *file = model == NULL ? NULL : fopen(path, "w");
    if (file == NULL)
        return FAIL(diag, STATUS_IO, "cannot write %s", path);
    fprintf(file,
            "network: {model: %s}\n"
            "dataset: {format: cifar10, images: %s/images.bin, count: %s,\n"
            "          mean: [.4914, .4822, .4465], std: [.2470, .2435, .2616]}\n"
            "adc: {bits: %s}\n"
            "run: {threads: %s, predictions: %s/classes.npy}\n",
            model, folder, program->images, program->bits, program->threads, folder);
    return fclose(file) == 0 ? STATUS_OK : FAIL(diag, STATUS_IO, "cannot write %s", path);
}

static void report(const struct program *program, const struct outcome *outcome) {
    struct timing wall = {outcome->wall_s, outcome->wall_s, outcome->wall_s};
    struct bench_row row = bench_row_of(program->name, "s", -1, &wall, outcome->hash);
    row.target = program->seconds;
    row.target_kind = program->seconds > 0 ? TARGET_AT_MOST : TARGET_NONE;
    row.reference = outcome->cpu_s;
    row.reference_name = "processor s";
    bench_report(&row);
    struct bench_row memory = {.name = "  its peak memory",
                               .unit = "MB",
                               .figure = outcome->peak_mb,
                               .low = outcome->peak_mb,
                               .high = outcome->peak_mb,
                               .target_kind = TARGET_AT_MOST,
                               .target = program->megabytes,
                               .level = row.level,
                               .hash = outcome->hash};
    bench_report(&memory);
}

static enum status run_program(const struct bench *bench, const char *folder,
                               const struct program *program, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT, file = ARENA_INIT;
    struct outcome outcome = {0};
    char *mho = arena_printf(&arena, "%s/mho", bench->build);
    char *config = arena_printf(&arena, "%s/run.yaml", folder);
    char *database = arena_printf(&arena, "%s/run.db", folder);
    char *classes = arena_printf(&arena, "%s/classes.npy", folder), *data;
    size_t bytes;
    enum status status = STATUS_OK;
    if (mho == NULL || config == NULL || database == NULL || classes == NULL)
        status = FAIL_MEMORY(diag, "paths");
    if (status == STATUS_OK)
        status = write_config(config, folder, program, &arena, diag);
    if (status == STATUS_OK) {
        char run[] = "run", quiet[] = "--quiet", db[] = "--db";
        char *const command[] = {mho, run, config, quiet, db, database, NULL};
        status = run_command(command, &outcome, diag);
    }
    if (status == STATUS_OK)
        status = file_read(classes, &file, &data, &bytes, diag);
    if (status == STATUS_OK) {
        outcome.hash = XXH3_64bits(data, bytes);
        report(program, &outcome);
    }
    arena_free(&file);
    arena_free(&arena);
    return status;
}

/* Unpacks the test images and runs all programs in `folder`. */
static enum status run_all(const struct bench *bench, const char *folder, struct diagnostic *diag) {
    static const struct program programs[] = {
        {"mho run, ResNet-20, 10,000 images, 5 bits", "resnet20_int8", "5", "10000", "2", 20, 300},
        {"mho run, ResNet-18, 1,000 images, 5 bits", "resnet18_int8", "5", "1000", "2", 0, 600},
    };
    char command[256];
    snprintf(command, sizeof command, "xz -dc " IMAGES_CIFAR " > %s/images.bin", folder);
    if (system(command) != 0)
        return FAIL(diag, STATUS_USAGE, "%s cannot be unpacked: is xz installed?", IMAGES_CIFAR);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        TRY(run_program(bench, folder, &programs[i], diag));
    return STATUS_OK;
}

enum status bench_programs(struct bench *bench, struct diagnostic *diag) {
    static const char *const files[] = {"images.bin", "classes.npy", "run.yaml",
                                        "run.db",     "run.db-wal",  "run.db-shm"};
    char folder[] = "/tmp/mho-bench-XXXXXX", path[64];
    if (!bench->long_runs) {
        bench_skip("mho run", "minutes: --long asks for it");
        return STATUS_OK;
    }
    if (access(IMAGES_CIFAR, R_OK) != 0) {
        bench_skip("mho run", "its images are in ../shared, which is absent");
        return STATUS_OK;
    }
    if (mkdtemp(folder) == NULL)
        return FAIL(diag, STATUS_IO, "cannot make a folder in /tmp");
    enum status status = run_all(bench, folder, diag);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
    return status;
}
