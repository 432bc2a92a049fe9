/* Layers that compete (pruning.scope = global): one ranking over the units of all layers. */
#include <stdlib.h>
#include <string.h>

#include "pruning/pruning_internal.h"

/* One unit of one layer. */
struct contender {
    double density; /* score per entry */
    int layer, size;
};

static int by_density(const void *a, const void *b) {
    const struct contender *x = a, *y = b;
    if (x->density != y->density)
        return x->density > y->density ? -1 : 1;
    return x->layer - y->layer; /* of one layer any order: only their number counts */
}

struct contest {
    struct contender *list;
    long n;
    long budget; /* entries that may be kept in all */
    long *kept;  /* [layers] units */
};

static void decide(struct contest *contest) {
    qsort(contest->list, (size_t)contest->n, sizeof *contest->list, by_density);
    /* Every layer keeps its best unit: without any the network would be cut in two. */
    for (long i = 0; i < contest->n; i++)
        if (contest->kept[contest->list[i].layer] == 0) {
            contest->kept[contest->list[i].layer] = 1;
            contest->budget -= contest->list[i].size;
            contest->list[i].size = 0;
        }
    for (long i = 0; i < contest->n; i++)
        if (contest->list[i].size > 0 && contest->list[i].size <= contest->budget) {
            contest->kept[contest->list[i].layer]++;
            contest->budget -= contest->list[i].size;
        }
}

/* Whether step `step` of the plan competes with those of other layers. */
static bool competes(const struct prune_plan *plan, int step, const struct prune_scheme *scheme) {
    return step < plan->n_steps && plan->steps[step].scheme == scheme && scheme->global;
}

/* The units of all layers whose plans have `scheme` at `step`. */
static enum status gather(const struct prune_layer *layers, int n_layers, int step,
                          const struct prune_scheme *scheme, struct arena *arena,
                          struct contest *contest, struct diagnostic *diag) {
    struct prune_unit_scores *units = ARENA_NEW(arena, n_layers, struct prune_unit_scores);
    enum status status = units != NULL ? STATUS_OK : FAIL_MEMORY(diag, "pruning");
    for (int i = 0; i < n_layers && status == STATUS_OK; i++)
        if (competes(layers[i].plan, step, scheme)) {
            const struct prune_settings *settings = &layers[i].plan->steps[step].settings;
            status = prune_units_score(scheme, &layers[i].matrix, layers[i].scores, settings,
                                       layers[i].mask, &units[i], diag);
            contest->budget += prune_kept((long)prune_size(&layers[i].matrix), settings->rate);
            contest->n += units[i].n;
        }
    contest->list = status == STATUS_OK ? ARENA_NEW(arena, contest->n, struct contender) : NULL;
    contest->kept = ARENA_NEW(arena, n_layers, long);
    if (status == STATUS_OK && (contest->list == NULL || contest->kept == NULL))
        status = FAIL_MEMORY(diag, "pruning");
    contest->n = 0;
    for (int i = 0; units != NULL && i < n_layers; i++) {
        for (int u = 0; status == STATUS_OK && u < units[i].n; u++)
            if (units[i].size[u] > 0)
                contest->list[contest->n++] =
                    (struct contender){.density = units[i].score[u] / units[i].size[u],
                                       .layer = i,
                                       .size = units[i].size[u]};
        arena_free(&units[i].arena);
    }
    return status;
}

static enum status compete(struct prune_layer *layers, int n_layers, int step,
                           const struct prune_scheme *scheme, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct contest contest = {0};
    enum status status = gather(layers, n_layers, step, scheme, &arena, &contest, diag);
    if (status == STATUS_OK) {
        decide(&contest);
        for (int i = 0; i < n_layers; i++)
            if (competes(layers[i].plan, step, scheme))
                layers[i].plan->steps[step].settings.keep = contest.kept[i];
    }
    arena_free(&arena);
    return status;
}

enum status prune_globalise(struct prune_layer *layers, int n_layers, struct diagnostic *diag) {
    for (int i = 0; i < n_layers; i++)
        memset(layers[i].mask, 1, prune_size(&layers[i].matrix));
    for (int step = 0; step < PRUNE_MAX_STEPS; step++) {
        for (size_t s = 0; s < n_prune_schemes; s++)
            for (int i = 0; i < n_layers; i++)
                if (competes(layers[i].plan, step, prune_schemes[s])) {
                    TRY(compete(layers, n_layers, step, prune_schemes[s], diag));
                    break;
                }
        for (int i = 0; i < n_layers; i++)
            if (step < layers[i].plan->n_steps)
                TRY(prune_project_step(&layers[i].plan->steps[step], &layers[i].matrix,
                                       layers[i].scores, layers[i].mask, diag));
    }
    return STATUS_OK;
}
