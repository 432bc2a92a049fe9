/* Timing: medians of several runs, by the clock and by processor time. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/bench.h"

/* Short tasks are repeated until a run lasts about this long. */
static const double least_s = 0.02;

struct sample {
    double cpu_s, process_s, wall_s;
};

static double clock_s(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct sample clocks(void) {
    return (struct sample){.cpu_s = clock_s(CLOCK_THREAD_CPUTIME_ID),
                           .process_s = clock_s(CLOCK_PROCESS_CPUTIME_ID),
                           .wall_s = clock_s(CLOCK_MONOTONIC)};
}

static enum status run_once(const struct bench_task *task, struct sample *sample,
                            struct diagnostic *diag) {
    struct sample start = clocks();
    for (int i = 0; i < task->calls; i++)
        TRY(task->run(task->context, diag));
    struct sample end = clocks();
    double calls = task->calls;
    *sample = (struct sample){.cpu_s = (end.cpu_s - start.cpu_s) / calls,
                              .process_s = (end.process_s - start.process_s) / calls,
                              .wall_s = (end.wall_s - start.wall_s) / calls};
    return STATUS_OK;
}

/* Fills caches, starts threads, and finds how many calls make a run. */
static enum status warm_up(struct bench_task *task, struct diagnostic *diag) {
    struct sample sample;
    task->calls = 1;
    TRY(run_once(task, &sample, diag));
    task->result = task->hash(task->context);
    while (sample.cpu_s * task->calls < least_s && task->calls < 1 << 24) {
        task->calls *= 4;
        TRY(run_once(task, &sample, diag));
    }
    return STATUS_OK;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Orders `seconds` [n], n >= 1. */
static struct timing summary(double *seconds, int n) {
    qsort(seconds, (size_t)n, sizeof *seconds, compare);
    return (struct timing){
        .median_s = (seconds[(n - 1) / 2] + seconds[n / 2]) / 2,
        .low_s = seconds[0],
        .high_s = seconds[n - 1],
    };
}

static void summarise(struct bench *bench, struct bench_task *task, const struct sample *samples,
                      double *scratch) {
    int n = bench->runs;
    for (int i = 0; i < n; i++)
        scratch[i] = samples[i].cpu_s;
    task->cpu = summary(scratch, n);
    for (int i = 0; i < n; i++)
        scratch[i] = samples[i].process_s;
    task->process = summary(scratch, n);
    for (int i = 0; i < n; i++)
        scratch[i] = samples[i].wall_s;
    task->wall = summary(scratch, n);
    bench->wall_s += task->wall.median_s * task->calls * n;
    bench->cpu_s += task->process.median_s * task->calls * n;
}

enum status bench_time(struct bench *bench, struct bench_task *tasks, size_t n,
                       struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    size_t runs = (size_t)bench->runs;
    struct sample *samples = ARENA_NEW(&arena, n * runs, struct sample);
    double *scratch = ARENA_NEW(&arena, runs, double);
    enum status status = STATUS_OK;
    if (samples == NULL || scratch == NULL)
        status = FAIL_MEMORY(diag, "times");
    for (size_t i = 0; status == STATUS_OK && i < n; i++)
        status = warm_up(&tasks[i], diag);
    for (size_t run = 0; status == STATUS_OK && run < runs; run++)
        for (size_t i = 0; status == STATUS_OK && i < n; i++) {
            status = run_once(&tasks[i], &samples[i * runs + run], diag);
            if (status == STATUS_OK)
                bench_same(bench, "two runs of one task", tasks[i].result,
                           tasks[i].hash(tasks[i].context));
        }
    for (size_t i = 0; status == STATUS_OK && i < n; i++)
        summarise(bench, &tasks[i], samples + i * runs, scratch);
    arena_free(&arena);
    return status;
}
