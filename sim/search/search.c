/* Generations of points through the execution of sweeps, and what comes out. */
#include "sim/search/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/share.h"

static const size_t cache_bytes = (size_t)512 << 20U;

/* The front of a generation, for the volumes, whose box is known only at the end. */
struct front {
    struct pareto_point *points;
    int n;
};

struct running {
    const struct search_request *request;
    struct search_outcome *outcome;
    struct nsga2_gene *genes;
    int n_genes;
    struct run_cache *cache;
    struct front *fronts;                  /* [generations + 1] */
    struct search_generation *generations; /* the same */
    double *last_genes;                    /* [population][n_genes] of the last generation */
    long asked_before;                     /* points of earlier generations, for progress */
};

/* --- one generation --- */

struct batch {
    struct running *running;
    const double *genes;
    struct pareto_point *points;
    int n, next;
};

static enum status next_point(void *context, struct sweep_point *point, bool *found,
                              struct diagnostic *diag) {
    struct batch *batch = context;
    struct running *running = batch->running;
    *found = false;
    while (!*found && batch->next < batch->n) {
        int i = batch->next++;
        TRY(sweep_point_of(running->request->sweep,
                           batch->genes + (size_t)i * (size_t)running->n_genes, point, found,
                           diag));
        point->number = i;
        if (*found)
            continue;
        running->outcome->left_out++;
        sweep_point_free(point);
    }
    return STATUS_OK;
}

static enum status finished(void *context, long number, const struct store_run *records, int n,
                            struct diagnostic *diag) {
    struct batch *batch = context;
    return goals_value(batch->running->request->goals, records, n, &batch->points[number], diag);
}

static void forward_progress(void *context, const struct sweep_progress *progress) {
    const struct running *running = context;
    const struct search_request *request = running->request;
    const struct goals *goals = request->goals;
    struct sweep_progress whole = *progress;
    if (request->progress == NULL)
        return;
    whole.total = (long)goals->population * (goals->generations + 1);
    whole.finished += running->asked_before;
    whole.before += running->asked_before; /* the rate is that of this generation */
    long now = progress->finished - progress->before;
    whole.left_s =
        now > 0 ? progress->elapsed_s * (double)(whole.total - whole.finished) / (double)now : NAN;
    request->progress(request->progress_context, &whole);
}

static enum status evaluate(void *context, const double *genes, int n, struct pareto_point *points,
                            struct diagnostic *diag) {
    struct running *running = context;
    const struct search_request *request = running->request;
    struct search_outcome *outcome = running->outcome;
    struct batch batch = {running, genes, points, n, 0};
    struct sweep_outcome swept;
    for (int i = 0; i < n; i++)
        points[i] = (struct pareto_point){.violation = INFINITY};
    const struct sweep_request sweep = {
        .sweep = request->sweep,
        .source = next_point,
        .source_context = &batch,
        .total = n,
        .store = request->store,
        .version = request->version,
        .commit = request->commit,
        .jobs = request->jobs,
        .cache = running->cache,
        .finished = finished,
        .finished_context = &batch,
        .progress = forward_progress,
        .progress_context = running,
        .stop = request->stop,
    };
    enum status status = sweep_execute(&sweep, &swept, diag);
    outcome->done += swept.done;
    outcome->before += swept.before;
    outcome->failed += swept.failed;
    outcome->wall_s += swept.wall_s;
    running->asked_before += n;
    if (status == STATUS_OK && swept.interrupted)
        status = FAIL(diag, STATUS_INTERRUPTED, "interrupted");
    sweep_outcome_free(&swept);
    return status;
}

static enum status keep(void *context, const struct nsga2_generation *generation,
                        struct diagnostic *diag) {
    struct running *running = context;
    struct search_outcome *outcome = running->outcome;
    struct front *front = &running->fronts[generation->number];
    front->points = ARENA_NEW(&outcome->arena, generation->n, struct pareto_point);
    if (front->points == NULL)
        return FAIL_MEMORY(diag, "a generation");
    /* The best come first, so the front is the beginning. */
    for (int i = 0; i < generation->n; i++)
        if (generation->rank[i] == 0 && generation->points[i].violation == 0)
            front->points[front->n++] = generation->points[i];
    memcpy(running->last_genes, generation->genes,
           (size_t)generation->n * (size_t)running->n_genes * sizeof *running->last_genes);
    struct search_generation *kept = &running->generations[generation->number];
    *kept = (struct search_generation){.number = generation->number,
                                       .evaluated = generation->evaluated - outcome->left_out,
                                       .front = front->n};
    outcome->n_generations = generation->number + 1;
    outcome->exhausted = generation->exhausted;
    return STATUS_OK;
}

/* --- what came out --- */

/* Volumes as shares of the box that all fronts lie in. */
static enum status measure(struct running *running, struct diagnostic *diag) {
    int n_objectives = running->request->goals->n_objectives;
    double best[PARETO_OBJECTIVES_MAX], worst[PARETO_OBJECTIVES_MAX], box = 1;
    for (int k = 0; k < n_objectives; k++) {
        best[k] = INFINITY;
        worst[k] = -INFINITY;
        for (int g = 0; g < running->outcome->n_generations; g++)
            for (int i = 0; i < running->fronts[g].n; i++) {
                const struct pareto_point *point = &running->fronts[g].points[i];
                best[k] = fmin(best[k], point->value[k]);
                worst[k] = fmax(worst[k], point->value[k]);
            }
        box *= worst[k] - best[k];
    }
    for (int g = 0; g < running->outcome->n_generations; g++) {
        double volume = pareto_hypervolume(running->fronts[g].points, running->fronts[g].n,
                                           n_objectives, worst);
        if (isnan(volume))
            return FAIL_MEMORY(diag, "a hypervolume");
        running->generations[g].volume = box > 0 && isfinite(box) ? volume / box : NAN;
    }
    return STATUS_OK;
}

static int by_first_objective(const void *a, const void *b) {
    const struct search_member *x = a, *y = b;
    if (x->value[0] < y->value[0] || x->value[0] > y->value[0])
        return x->value[0] < y->value[0] ? -1 : 1;
    return x->value[1] < y->value[1] ? -1 : x->value[1] > y->value[1];
}

static enum status take_front(struct running *running, struct diagnostic *diag) {
    const struct goals *goals = running->request->goals;
    struct search_outcome *outcome = running->outcome;
    const struct front *last = &running->fronts[outcome->n_generations - 1];
    outcome->front = ARENA_NEW(&outcome->arena, last->n, struct search_member);
    if (outcome->front == NULL)
        return FAIL_MEMORY(diag, "the front");
    for (int i = 0; i < last->n; i++) {
        struct search_member *member = &outcome->front[outcome->n_front];
        bool kept;
        TRY(sweep_point_of(running->request->sweep,
                           running->last_genes + (size_t)i * (size_t)running->n_genes,
                           &member->point, &kept, diag));
        outcome->n_front++;
        for (int k = 0; k < goals->n_objectives; k++)
            member->value[k] = goals_shown(goals, k, last->points[i].value[k]);
    }
    qsort(outcome->front, (size_t)outcome->n_front, sizeof *outcome->front, by_first_objective);
    return STATUS_OK;
}

static enum status begin(struct running *running, struct diagnostic *diag) {
    const struct sweep_variable *variables;
    const struct goals *goals = running->request->goals;
    struct arena *arena = &running->outcome->arena;
    int generations = goals->generations + 1;
    TRY(sweep_variables(running->request->sweep, &variables, &running->n_genes, diag));
    if (running->n_genes == 0)
        return FAIL(diag, STATUS_USAGE, "%s: nothing varies, so there is nothing to search",
                    sweep_path(running->request->sweep));
    running->genes = ARENA_NEW(arena, running->n_genes, struct nsga2_gene);
    running->fronts = ARENA_NEW(arena, generations, struct front);
    running->generations = ARENA_NEW(arena, generations, struct search_generation);
    running->last_genes =
        ARENA_NEW(arena, (size_t)goals->population * (size_t)running->n_genes, double);
    running->cache = run_cache_create(cache_bytes);
    if (running->genes == NULL || running->fronts == NULL || running->generations == NULL ||
        running->last_genes == NULL || running->cache == NULL)
        return FAIL_MEMORY(diag, "a search");
    for (int i = 0; i < running->n_genes; i++)
        running->genes[i] = (struct nsga2_gene){variables[i].levels, variables[i].ordered};
    running->outcome->generations = running->generations;
    return STATUS_OK;
}

enum status search_run(const struct search_request *request, struct search_outcome *outcome,
                       struct diagnostic *diag) {
    struct running running = {.request = request, .outcome = outcome};
    *outcome = (struct search_outcome){0};
    enum status status = begin(&running, diag);
    if (status == STATUS_OK) {
        const struct nsga2_problem problem = {running.genes, running.n_genes,
                                              request->goals->n_objectives, evaluate, &running};
        const struct nsga2_options options = {request->goals->population,
                                              request->goals->generations, request->goals->seed};
        status = nsga2_search(&problem, &options, keep, &running, diag);
    }
    if (status == STATUS_OK)
        status = measure(&running, diag);
    if (status == STATUS_OK)
        status = take_front(&running, diag);
    run_cache_free(running.cache);
    return status;
}

void search_outcome_free(struct search_outcome *outcome) {
    for (int i = 0; i < outcome->n_front; i++)
        sweep_point_free(&outcome->front[i].point);
    arena_free(&outcome->arena);
    *outcome = (struct search_outcome){0};
}
