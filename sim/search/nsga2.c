/* Generations: selection, survival, and the points that were asked for. */
#include "sim/search/nsga2.h"

#include <math.h>
#include <string.h>

#include "sim/search/variation_internal.h"

enum { TRIES = 64 }; /* to find a point that was not asked for, before it is taken as the last */

struct population {
    double *genes; /* [n][n_genes] */
    struct pareto_point *points;
    int *rank;
    double *crowding;
    int n;
};

struct search {
    const struct nsga2_problem *problem;
    int size;                  /* of a population */
    struct population parents; /* survivors, best first */
    struct population all;     /* survivors and their children; room for 2 * size */
    double *asked;             /* [n_asked][n_genes] */
    long n_asked;
    bool exhausted;
    int *members;     /* of a front, [2 * size] */
    double *distance; /* the same */
    struct variation variation;
    struct arena arena;
};

long nsga2_level(const struct nsga2_gene *gene, double value) {
    long level = (long)(value * (double)gene->levels);
    return level >= gene->levels ? gene->levels - 1 : level;
}

static size_t width(const struct search *search) {
    return (size_t)search->problem->n_genes;
}

static bool same_point(const struct nsga2_problem *problem, const double *a, const double *b) {
    for (int i = 0; i < problem->n_genes; i++) {
        const struct nsga2_gene *gene = &problem->genes[i];
        bool same = gene->levels > 0 ? nsga2_level(gene, a[i]) == nsga2_level(gene, b[i])
                                     : a[i] >= b[i] && a[i] <= b[i];
        if (!same)
            return false;
    }
    return true;
}

static bool was_asked(const struct search *search, const double *genes) {
    for (long i = 0; i < search->n_asked; i++)
        if (same_point(search->problem, search->asked + (size_t)i * width(search), genes))
            return true;
    return false;
}

static bool allocate(struct population *population, size_t n, size_t genes, struct arena *arena) {
    population->genes = ARENA_NEW(arena, n * genes, double);
    population->points = ARENA_NEW(arena, n, struct pareto_point);
    population->rank = ARENA_NEW(arena, n, int);
    population->crowding = ARENA_NEW(arena, n, double);
    return population->genes != NULL && population->points != NULL && population->rank != NULL &&
           population->crowding != NULL;
}

/* A new point from `make`, or from nowhere once that finds only known ones. False: none found. */
static bool new_point(struct search *search, bool random, double *genes) {
    const struct population *parents = &search->parents;
    for (int i = 0; i < 2 * TRIES; i++) {
        if (random || i >= TRIES)
            variation_random(&search->variation, genes);
        else
            variation_child(&search->variation, parents->genes, parents->rank, parents->crowding,
                            parents->n, genes);
        if (!was_asked(search, genes))
            return true;
    }
    return false;
}

/* Adds `size` new points to `all` and has them evaluated. */
static enum status add_points(struct search *search, bool random, struct diagnostic *diag) {
    struct population *all = &search->all;
    int first = all->n;
    for (int i = 0; i < search->size && !search->exhausted; i++) {
        double *genes = all->genes + (size_t)all->n * width(search);
        search->exhausted = !new_point(search, random, genes);
        if (search->exhausted)
            break;
        memcpy(search->asked + (size_t)search->n_asked++ * width(search), genes,
               width(search) * sizeof *genes);
        all->n++;
    }
    if (all->n == first)
        return STATUS_OK;
    return search->problem->evaluate(search->problem->context,
                                     all->genes + (size_t)first * width(search), all->n - first,
                                     all->points + first, diag);
}

static void copy_member(struct search *search, int from, int rank, double crowding) {
    struct population *parents = &search->parents;
    memcpy(parents->genes + (size_t)parents->n * width(search),
           search->all.genes + (size_t)from * width(search), width(search) * sizeof(double));
    parents->points[parents->n] = search->all.points[from];
    parents->rank[parents->n] = rank;
    parents->crowding[parents->n++] = crowding;
}

/* Takes the most alone of a front, as many as there is room for. */
static void take_front(struct search *search, int n, int rank) {
    int *members = search->members;
    double *distance = search->distance;
    pareto_crowding(search->all.points, members, n, search->problem->n_objectives, distance);
    for (int taken = 0; taken < n && search->parents.n < search->size; taken++) {
        int best = taken;
        for (int i = taken + 1; i < n; i++)
            if (distance[i] > distance[best])
                best = i;
        copy_member(search, members[best], rank, distance[best]);
        members[best] = members[taken];
        distance[best] = distance[taken];
    }
}

/* The best of `all` become the parents: front by front, then the most alone of the last one. */
static void survive(struct search *search) {
    struct population *all = &search->all;
    pareto_rank(all->points, all->n, search->problem->n_objectives, all->rank);
    search->parents.n = 0;
    for (int rank = 0, n = 1; search->parents.n < search->size && n > 0; rank++) {
        n = 0;
        for (int i = 0; i < all->n; i++)
            if (all->rank[i] == rank)
                search->members[n++] = i;
        take_front(search, n, rank);
    }
    memcpy(all->genes, search->parents.genes,
           (size_t)search->parents.n * width(search) * sizeof(double));
    memcpy(all->points, search->parents.points, (size_t)search->parents.n * sizeof *all->points);
    all->n = search->parents.n;
}

static enum status run(struct search *search, const struct nsga2_options *options,
                       nsga2_report *report, void *context, struct diagnostic *diag) {
    for (int i = 0; i <= options->generations && !search->exhausted; i++) {
        TRY(add_points(search, i == 0, diag));
        survive(search);
        const struct nsga2_generation generation = {
            .number = i,
            .n = search->parents.n,
            .genes = search->parents.genes,
            .points = search->parents.points,
            .rank = search->parents.rank,
            .evaluated = search->n_asked,
            .exhausted = search->exhausted,
        };
        TRY(report(context, &generation, diag));
    }
    return STATUS_OK;
}

enum status nsga2_search(const struct nsga2_problem *problem, const struct nsga2_options *options,
                         nsga2_report *report, void *context, struct diagnostic *diag) {
    struct search search = {.problem = problem, .size = options->population};
    size_t genes = (size_t)problem->n_genes, size = (size_t)options->population;
    size_t asked = size * ((size_t)options->generations + 1);
    struct random_stream stream;
    search.variation = (struct variation){
        problem->genes, problem->n_genes,
        random_open(&stream, RANDOM_KEY(options->seed, (uint64_t)problem->n_genes))};
    search.asked = ARENA_NEW(&search.arena, asked * genes, double);
    search.members = ARENA_NEW(&search.arena, 2 * size, int);
    search.distance = ARENA_NEW(&search.arena, 2 * size, double);
    enum status status = STATUS_OK;
    if (search.asked == NULL || search.members == NULL || search.distance == NULL ||
        !allocate(&search.parents, size, genes, &search.arena) ||
        !allocate(&search.all, 2 * size, genes, &search.arena))
        status = FAIL_MEMORY(diag, "the search");
    else
        status = run(&search, options, report, context, diag);
    arena_free(&search.arena);
    return status;
}
