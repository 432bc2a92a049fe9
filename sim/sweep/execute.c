/* The thread that makes points and stores what comes out of them. */
#include "sim/sweep/execute.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "results/store_read.h"
#include "sim/sweep/crew.h"

enum { BATCH_POINTS = 256 };
static const double batch_s = 0.1, tick_s = 0.05;
static const size_t cache_bytes = (size_t)512 << 20U;

struct execution {
    const struct sweep_request *request;
    struct sweep_outcome *outcome;
    struct crew *crew;
    struct run_cache *cache;
    struct run_source source;
    struct sweep_job *unstored, **last; /* finished, not stored yet; first in, first out */
    int n_unstored;
    double oldest_s; /* when the first of them came */
    double start_s;
    bool exhausted; /* the source has no more points */
    struct sweep_failure failures[SWEEP_FAILURES_MAX];
};

static double clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool stopped(const struct execution *execution) {
    return execution->request->stop != NULL && atomic_load(execution->request->stop);
}

static void report(const struct execution *execution) {
    const struct sweep_request *request = execution->request;
    const struct sweep_outcome *outcome = execution->outcome;
    if (request->progress == NULL)
        return;
    long now = outcome->done + outcome->failed;
    double elapsed_s = clock_s() - execution->start_s;
    const struct sweep_progress progress = {
        .total = request->total,
        .finished = now + outcome->before,
        .before = outcome->before,
        .failed = outcome->failed,
        .elapsed_s = elapsed_s,
        .left_s = now > 0
                      ? elapsed_s * (double)(request->total - now - outcome->before) / (double)now
                      : NAN,
    };
    request->progress(request->progress_context, &progress);
}

/* --- failures --- */

static enum status count_failure(struct execution *execution, const struct sweep_job *job,
                                 struct diagnostic *diag) {
    struct sweep_outcome *outcome = execution->outcome;
    int at = 0;
    outcome->failed++;
    while (at < outcome->n_failures &&
           strcmp(execution->failures[at].message, job->why.message) != 0)
        at++;
    if (at == SWEEP_FAILURES_MAX)
        return STATUS_OK;
    struct sweep_failure *failure = &execution->failures[at];
    if (at == outcome->n_failures) {
        failure->message = arena_strdup(&outcome->arena, job->why.message);
        failure->first = LONG_MAX;
        if (failure->message == NULL)
            return FAIL_MEMORY(diag, "the failures of a sweep");
        outcome->n_failures++;
    }
    failure->count++;
    if (job->point.number > failure->first)
        return STATUS_OK;
    failure->first = job->point.number;
    failure->example = sweep_point_text(&job->point, &outcome->arena);
    return failure->example != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the failures of a sweep");
}

static int by_first(const void *a, const void *b) {
    const struct sweep_failure *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

/* --- storing --- */

static enum status store_batch(struct execution *execution, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int n = 0;
    for (struct sweep_job *job = execution->unstored; job != NULL; job = job->next)
        n += job->n_records;
    struct store_run *records = ARENA_NEW(&arena, n, struct store_run);
    struct store_written *written = ARENA_NEW(&arena, n, struct store_written);
    enum status status =
        records != NULL && written != NULL ? STATUS_OK : FAIL_MEMORY(diag, "results");
    n = 0;
    for (struct sweep_job *job = execution->unstored; status == STATUS_OK && job != NULL;
         job = job->next)
        for (int i = 0; i < job->n_records; i++)
            records[n++] = job->records[i];
    if (status == STATUS_OK && n > 0)
        status = store_write_all(execution->request->store, records, n, written, diag);
    while (execution->unstored != NULL) {
        struct sweep_job *job = execution->unstored;
        execution->unstored = job->next;
        sweep_job_free(job);
    }
    execution->last = &execution->unstored;
    execution->n_unstored = 0;
    arena_free(&arena);
    return status;
}

/* Takes a finished point in; frees it unless it is to be stored. */
static enum status receive(struct execution *execution, struct sweep_job *job,
                           struct diagnostic *diag) {
    const struct sweep_request *request = execution->request;
    enum status status = STATUS_OK;
    if (job->status == STATUS_INTERRUPTED) {
        execution->outcome->interrupted = true;
        sweep_job_free(job);
        return STATUS_OK;
    }
    if (job->status == STATUS_OK)
        execution->outcome->done++;
    else
        status = count_failure(execution, job, diag);
    if (status == STATUS_OK && request->finished != NULL && job->n_records > 0)
        status = request->finished(request->finished_context, job->point.number, job->records,
                                   job->n_records, diag);
    if (request->store == NULL || job->n_records == 0 || status != STATUS_OK) {
        sweep_job_free(job);
        return status;
    }
    if (execution->n_unstored++ == 0)
        execution->oldest_s = clock_s();
    job->next = NULL;
    *execution->last = job;
    execution->last = &job->next;
    return STATUS_OK;
}

static enum status collect(struct execution *execution, double wait_s, struct diagnostic *diag) {
    struct sweep_job *jobs = crew_take(execution->crew, wait_s);
    enum status status = STATUS_OK;
    while (jobs != NULL) {
        struct sweep_job *next = jobs->next;
        if (status == STATUS_OK)
            status = receive(execution, jobs, diag);
        else
            sweep_job_free(jobs);
        jobs = next;
    }
    bool full = execution->n_unstored >= BATCH_POINTS;
    bool old = execution->n_unstored > 0 && clock_s() - execution->oldest_s >= batch_s;
    if (status == STATUS_OK && (full || old))
        status = store_batch(execution, diag);
    return status;
}

/* --- points --- */

/* A point that was done before, by the same version. */
static enum status look_up(struct execution *execution, struct sweep_job *job, bool *done,
                           struct diagnostic *diag) {
    const struct sweep_request *request = execution->request;
    const struct run_hooks hooks = {.cache = execution->cache, .threads = 1};
    struct diagnostic why = {0};
    *done = false;
    if (request->store == NULL)
        return STATUS_OK;
    /* What cannot be read is reported by the evaluation. */
    enum status status = run_read_contents(job->config, &hooks, &job->contents, &why);
    if (status == STATUS_MEMORY)
        return FAIL(diag, status, "%s", why.message);
    const char *hash =
        run_point_hash(job->config, &job->contents, sweep_name(request->sweep), &job->arena);
    if (hash == NULL)
        return FAIL_MEMORY(diag, "a design point");
    struct store_run *records;
    int n = 0;
    TRY(store_find_done(request->store, hash, request->version, done, diag));
    if (!*done || request->finished == NULL)
        return STATUS_OK;
    TRY(store_read_point(request->store, hash, request->version, &job->arena, &records, &n, diag));
    return request->finished(request->finished_context, job->point.number, records, n, diag);
}

/* Makes the next point a job; `job` NULL when there is none, or it was done before. */
static enum status next_job(struct execution *execution, struct sweep_job **out,
                            struct diagnostic *diag) {
    const struct sweep_request *request = execution->request;
    struct sweep_job *job = calloc(1, sizeof *job);
    bool found = false, done = false;
    *out = NULL;
    if (job == NULL)
        return FAIL_MEMORY(diag, "a design point");
    enum status status = request->source(request->source_context, &job->point, &found, diag);
    execution->exhausted = status == STATUS_OK && !found;
    if (status == STATUS_OK && found)
        status = sweep_config(request->sweep, &job->point, &job->config, diag);
    if (status == STATUS_OK && found)
        status = look_up(execution, job, &done, diag);
    execution->outcome->before += done;
    if (status == STATUS_OK && found && !done)
        *out = job;
    else
        sweep_job_free(job);
    return status;
}

static enum status run_all(struct execution *execution, struct diagnostic *diag) {
    while (!stopped(execution) && !execution->exhausted) {
        while (!stopped(execution) && !execution->exhausted && crew_has_room(execution->crew)) {
            struct sweep_job *job;
            TRY(next_job(execution, &job, diag));
            if (job != NULL)
                crew_give(execution->crew, job);
            report(execution);
        }
        TRY(collect(execution, tick_s, diag));
        report(execution);
    }
    while (crew_pending(execution->crew) > 0) {
        TRY(collect(execution, tick_s, diag));
        report(execution);
    }
    execution->outcome->interrupted = execution->outcome->interrupted || !execution->exhausted;
    return STATUS_OK;
}

static void finish(struct execution *execution) {
    struct sweep_outcome *outcome = execution->outcome;
    crew_end(execution->crew);
    if (execution->cache != NULL) {
        struct run_cache_use use = run_cache_use(execution->cache);
        outcome->made = use.made;
        outcome->found = use.found;
    }
    if (execution->request->cache == NULL)
        run_cache_free(execution->cache);
    outcome->wall_s = clock_s() - execution->start_s;
}

enum status sweep_execute(const struct sweep_request *request, struct sweep_outcome *outcome,
                          struct diagnostic *diag) {
    *outcome = (struct sweep_outcome){0};
    struct execution *execution = calloc(1, sizeof *execution);
    if (execution == NULL)
        return FAIL_MEMORY(diag, "a sweep");
    execution->request = request;
    execution->outcome = outcome;
    execution->start_s = clock_s();
    execution->last = &execution->unstored;
    execution->source = (struct run_source){.config_path = sweep_path(request->sweep),
                                            .experiment = sweep_name(request->sweep),
                                            .base = sweep_base(request->sweep),
                                            .version = request->version,
                                            .commit = request->commit};
    execution->cache = request->cache != NULL ? request->cache : run_cache_create(cache_bytes);
    const bool few = request->total > 0 && request->total < request->jobs;
    const struct crew_options options = {
        .jobs = few ? (int)request->total : request->jobs,
        .threads = few ? request->jobs / (int)request->total : 1,
        .check_only = request->check_only,
        .source = &execution->source,
        .cache = execution->cache,
        .stop = request->stop,
    };
    enum status status = execution->cache != NULL ? crew_begin(&options, &execution->crew, diag)
                                                  : FAIL_MEMORY(diag, "a sweep");
    if (status == STATUS_OK)
        status = run_all(execution, diag);
    /* What is finished is kept whatever has gone wrong elsewhere. */
    struct diagnostic late = {0};
    if (execution->unstored != NULL && store_batch(execution, &late) != STATUS_OK &&
        status == STATUS_OK) {
        status = late.status;
        *diag = late;
    }
    finish(execution);
    struct sweep_failure *failures =
        ARENA_NEW(&outcome->arena, outcome->n_failures, struct sweep_failure);
    if (failures != NULL)
        memcpy(failures, execution->failures, (size_t)outcome->n_failures * sizeof *failures);
    else
        outcome->n_failures = 0;
    if (failures != NULL)
        qsort(failures, (size_t)outcome->n_failures, sizeof *failures, by_first);
    outcome->failures = failures;
    free(execution);
    return status;
}

void sweep_outcome_free(struct sweep_outcome *outcome) {
    arena_free(&outcome->arena);
    *outcome = (struct sweep_outcome){0};
}
