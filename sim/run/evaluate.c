/* The sequence of stages of one design point, timed. */
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/run/products.h"

typedef enum status stage_function(struct evaluation *evaluation, struct diagnostic *diag);

static const struct {
    const char *name;
    stage_function *run;
} stages[RUN_STAGES] = {
    [RUN_IMPORT] = {"import", stage_import},
    [RUN_PRUNE] = {"prune", stage_prune},
    [RUN_CALIBRATE] = {"calibrate", stage_calibrate},
    [RUN_MAP] = {"map", stage_map},
    [RUN_FIT] = {"fit", stage_fit},
    [RUN_FLOAT] = {"float", stage_float},
    [RUN_IDEAL] = {"ideal", stage_ideal},
    [RUN_SIMULATE] = {"simulate", stage_simulate},
    [RUN_COST] = {"cost", stage_cost},
    [RUN_BASELINE] = {"baseline", stage_baseline},
};

const char *run_stage_name(enum run_stage stage) {
    return stages[stage].name;
}

static double clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Processors this process may run on: fewer than the machine's under a batch system. */
static int available_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

int run_threads(const struct config *config) {
    const struct run_options *options = config_get(config, "run");
    return options->threads > 0 ? options->threads : available_processors();
}

void evaluation_progress(void *context, int done, int total) {
    const struct evaluation *evaluation = context;
    const struct run_step step = {
        .stage = evaluation->stage,
        .trial = evaluation->trial,
        .trials = evaluation->trials,
        .done = evaluation->trial * total + done,
        .total = evaluation->trials * total,
    };
    if (evaluation->hooks->progress != NULL)
        evaluation->hooks->progress(evaluation->hooks->context, &step);
}

static enum status run_stages(struct evaluation *evaluation, struct diagnostic *diag) {
    for (int stage = 0; stage < RUN_STAGES; stage++) {
        evaluation->stage = (enum run_stage)stage;
        const atomic_bool *stop = evaluation->hooks->stop;
        if (stop != NULL && atomic_load(stop))
            return FAIL(diag, STATUS_INTERRUPTED, "interrupted");
        double start_s = clock_s();
        TRY(stages[stage].run(evaluation, diag));
        evaluation->result->stage_s[stage] = clock_s() - start_s;
    }
    return STATUS_OK;
}

enum { OWN_CACHE_BYTES = 0 }; /* a single evaluation keeps what its result holds, nothing else */

enum status evaluation_begin(struct evaluation *evaluation, struct diagnostic *diag) {
    struct run_result *result = evaluation->result;
    *result = (struct run_result){.config = evaluation->config, .accuracy.correct_float = -1};
    evaluation->cache = evaluation->hooks->cache;
    if (evaluation->cache == NULL)
        evaluation->cache = result->own_cache = run_cache_create(OWN_CACHE_BYTES);
    if (evaluation->cache == NULL)
        return FAIL_MEMORY(diag, "an evaluation");
    evaluation->options = config_get(evaluation->config, "run");
    evaluation->threads = evaluation->hooks->threads > 0 ? evaluation->hooks->threads
                                                         : run_threads(evaluation->config);
    return STATUS_OK;
}

enum status evaluate_stages(struct evaluation *evaluation, struct diagnostic *diag) {
    double start_s = clock_s();
    struct run_result *result = evaluation->result;
    enum status status = evaluation_begin(evaluation, diag);
    if (status == STATUS_OK)
        status = run_stages(evaluation, diag);
    if (status != STATUS_OK)
        run_result_free(result);
    else
        result->wall_s = clock_s() - start_s;
    return status;
}

enum status run_evaluate(const struct config *config, const struct run_hooks *hooks,
                         struct run_result *result, struct diagnostic *diag) {
    static const struct run_hooks no_hooks = {0};
    struct evaluation evaluation = {
        .config = config,
        .hooks = hooks != NULL ? hooks : &no_hooks,
        .trials = 1,
        .unpruned = hooks != NULL && hooks->unpruned,
        .result = result,
    };
    return evaluate_stages(&evaluation, diag);
}

void run_result_free(struct run_result *result) {
    if (result == NULL)
        return;
    run_result_free(result->baseline);
    config_free(result->own_config);
    cost_report_free(&result->cost);
    for (struct held_share *held = result->held; held != NULL; held = held->next)
        run_share_release(held->share);
    run_cache_free(result->own_cache);
    arena_free(&result->arena);
    memset(result, 0, sizeof *result);
}
