/* Bench: what the hot paths cost, each beside a reference that is timed in the same run.
 *
 * A benchmark fills tasks, has them timed together (their runs take turns, so that a busy moment of
 * the machine strikes all of them) and reports rows. A task's result is hashed after every run;
 * hashes that differ are the only failure, slowness never is. */
#ifndef MHO_TESTS_BENCH_BENCH_H
#define MHO_TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crossbar/simd.h"
#include "sim/base/base.h"

struct bench {
    int runs;             /* timed runs of every task, after one that warms up */
    bool long_runs;       /* also what takes minutes */
    bool differ;          /* some hash differed: exit code 1 */
    const char *build;    /* directory of build/mho */
    double wall_s, cpu_s; /* of all timed runs on one thread */
};

/* Seconds of one call. */
struct timing {
    double median_s, low_s, high_s;
};

struct bench_task {
    enum status (*run)(void *context, struct diagnostic *diag);
    uint64_t (*hash)(const void *context); /* of the last run's result */
    void *context;
    /* Filled by bench_time. */
    int calls;                        /* in one timed run: short tasks are repeated */
    struct timing cpu, process, wall; /* time of this thread, of all threads, of the clock */
    uint64_t result;
};

/* Times `n` tasks in turns. */
enum status bench_time(struct bench *bench, struct bench_task *tasks, size_t n,
                       struct diagnostic *diag);

enum target_kind { TARGET_NONE, TARGET_AT_LEAST, TARGET_AT_MOST, TARGET_RATIO };

struct bench_row {
    const char *name, *unit;
    double figure, low, high;
    double reference; /* in the same unit; 0: none */
    const char *reference_name;
    enum target_kind target_kind;
    double target;
    enum simd_level level;
    uint64_t hash;
};

/* A row whose figure is a rate: `work` units in each call, or, with work < 0, the time of a call in
 * units of -work seconds. */
struct bench_row bench_row_of(const char *name, const char *unit, double work,
                              const struct timing *timing, uint64_t hash);

/* Prints the head of the table, a row, or a line that says why rows are missing. */
void bench_head(const struct bench *bench);
void bench_report(const struct bench_row *row);
void bench_skip(const char *name, const char *why);

/* Notes when two results that must be the same are not. */
void bench_same(struct bench *bench, const char *what, uint64_t a, uint64_t b);

/* The benchmarks, by file. */
typedef enum status bench_run(struct bench *bench, struct diagnostic *diag);
bench_run bench_integer;                                          /* integer.c */
bench_run bench_bitline;                                          /* bitline.c */
bench_run bench_lossless, bench_clip, bench_analog, bench_pruned; /* networks.c */
bench_run bench_skip_count;                                       /* networks.c */
bench_run bench_threads, bench_levels;                            /* variants.c */
bench_run bench_stages;                                           /* stages.c */
bench_run bench_mappings;                                         /* mappings.c */
bench_run bench_cost;                                             /* cost.c */
bench_run bench_views;                                            /* views.c */
bench_run bench_sweeps;                                           /* sweeps.c */
bench_run bench_programs;                                         /* programs.c */

#endif
