#include "sim/sweep/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct crew {
    struct crew_options options;
    pthread_mutex_t lock;
    pthread_cond_t given, finished;
    struct sweep_job *waiting, **last_waiting; /* first in, first out */
    struct sweep_job *done, **last_done;       /* the same */
    int n_waiting, n_running, n_done;
    bool closed;
    int n_threads;
    pthread_t threads[];
};

void sweep_job_free(struct sweep_job *job) {
    if (job == NULL)
        return;
    run_result_free(&job->result);
    config_free(job->config);
    sweep_point_free(&job->point);
    arena_free(&job->arena);
    free(job);
}

static enum status make_records(struct sweep_job *job, const struct run_source *source,
                                struct diagnostic *diag) {
    int trials = job->result.accuracy.trials, n = trials > 0 ? trials : 1;
    job->records = ARENA_NEW(&job->arena, n, struct store_run);
    if (job->records == NULL)
        return FAIL_MEMORY(diag, "the records of a run");
    TRY(run_record(&job->result, source, &job->arena, &job->records[0], diag));
    for (int i = 1; i < n; i++)
        TRY(run_record_trial(&job->result, i, &job->records[0], &job->arena, &job->records[i],
                             diag));
    job->n_records = n;
    return STATUS_OK;
}

static double unix_time_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A failed point has a record too, unless the failure is ours or was asked for. */
static void evaluate(const struct crew *crew, struct sweep_job *job) {
    const struct crew_options *options = &crew->options;
    const struct run_hooks hooks = {
        .stop = options->stop,
        .check_only = options->check_only,
        .threads = options->threads,
        .cache = options->cache,
    };
    struct run_source source = {0};
    if (options->source != NULL)
        source = *options->source;
    source.started_unix_s = unix_time_s();
    job->status = run_evaluate(job->config, &hooks, &job->result, &job->why);
    if (job->status == STATUS_OK && !options->check_only)
        job->status = make_records(job, &source, &job->why);
    if (job->status == STATUS_OK || job->status == STATUS_INTERRUPTED || options->check_only)
        return;
    struct diagnostic ignored = {0};
    job->n_records = 0;
    job->records = ARENA_NEW(&job->arena, 1, struct store_run);
    if (job->records != NULL &&
        run_record_failure(job->config, &job->contents, &source, job->why.message, &job->arena,
                           job->records, &ignored) == STATUS_OK)
        job->n_records = 1;
}

static void *work(void *context) {
    struct crew *crew = context;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->waiting == NULL && !crew->closed)
            pthread_cond_wait(&crew->given, &crew->lock);
        struct sweep_job *job = crew->waiting;
        if (job == NULL)
            break;
        crew->waiting = job->next;
        if (crew->waiting == NULL)
            crew->last_waiting = &crew->waiting;
        crew->n_waiting--;
        crew->n_running++;
        pthread_mutex_unlock(&crew->lock);
        evaluate(crew, job);
        pthread_mutex_lock(&crew->lock);
        crew->n_running--;
        crew->n_done++;
        job->next = NULL;
        *crew->last_done = job;
        crew->last_done = &job->next;
        pthread_cond_signal(&crew->finished);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

enum status crew_begin(const struct crew_options *options, struct crew **out,
                       struct diagnostic *diag) {
    size_t n = (size_t)options->jobs;
    struct crew *crew = calloc(1, sizeof *crew + n * sizeof *crew->threads);
    *out = NULL;
    if (crew == NULL)
        return FAIL_MEMORY(diag, "the threads of a sweep");
    crew->options = *options;
    crew->last_waiting = &crew->waiting;
    crew->last_done = &crew->done;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->given, NULL);
    pthread_cond_init(&crew->finished, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (size_t i = 0; i < n; i++) {
        int code = pthread_create(&crew->threads[i], NULL, work, crew);
        if (code != 0) {
            crew_end(crew);
            return FAIL(diag, STATUS_MEMORY, "cannot start %d threads: %s; lower --jobs",
                        options->jobs, strerror(code));
        }
        crew->n_threads++;
    }
    *out = crew;
    return STATUS_OK;
}

enum { WAITING_PER_THREAD = 4, DONE_MAX = 256 };

bool crew_has_room(struct crew *crew) {
    pthread_mutex_lock(&crew->lock);
    bool room = crew->n_waiting < WAITING_PER_THREAD * crew->n_threads && crew->n_done < DONE_MAX;
    pthread_mutex_unlock(&crew->lock);
    return room;
}

void crew_give(struct crew *crew, struct sweep_job *job) {
    job->next = NULL;
    pthread_mutex_lock(&crew->lock);
    *crew->last_waiting = job;
    crew->last_waiting = &job->next;
    crew->n_waiting++;
    pthread_cond_signal(&crew->given);
    pthread_mutex_unlock(&crew->lock);
}

struct sweep_job *crew_take(struct crew *crew, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    long nanoseconds = until.tv_nsec + (long)(1e9 * seconds);
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&crew->lock);
    int code = 0;
    while (crew->done == NULL && crew->n_waiting + crew->n_running > 0 && code == 0)
        code = pthread_cond_timedwait(&crew->finished, &crew->lock, &until);
    struct sweep_job *jobs = crew->done;
    crew->done = NULL;
    crew->last_done = &crew->done;
    crew->n_done = 0;
    pthread_mutex_unlock(&crew->lock);
    return jobs;
}

int crew_pending(struct crew *crew) {
    pthread_mutex_lock(&crew->lock);
    int pending = crew->n_waiting + crew->n_running + crew->n_done;
    pthread_mutex_unlock(&crew->lock);
    return pending;
}

void crew_end(struct crew *crew) {
    if (crew == NULL)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->closed = true;
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->n_threads; i++)
        pthread_join(crew->threads[i], NULL);
    while (crew->done != NULL) {
        struct sweep_job *job = crew->done;
        crew->done = job->next;
        sweep_job_free(job);
    }
    pthread_mutex_destroy(&crew->lock);
    pthread_cond_destroy(&crew->given);
    pthread_cond_destroy(&crew->finished);
    free(crew);
}
