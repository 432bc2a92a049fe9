/* Search: the best design points of a sweep's space, by NSGA-II (nsga2.h).
 *
 * The space is what the sweep file varies (sweep_variables); what is wanted is its key `search`
 * (goals.h). Every point that is evaluated is stored as a sweep stores it, and points that this
 * version has done are taken from the database, so a search that was stopped continues with the
 * same command, and comes to the same result: it depends on the file and the seed alone.
 *
 * Order of calls: goals_read, search_run, reading, search_outcome_free. */
#ifndef MHO_SEARCH_SEARCH_H
#define MHO_SEARCH_SEARCH_H

#include "sim/search/goals.h"
#include "sim/search/nsga2.h"
#include "sim/sweep/execute.h"

struct search_request {
    const struct sweep *sweep;
    const struct goals *goals;
    struct store *store;
    const char *version, *commit;
    int jobs;
    void (*progress)(void *context, const struct sweep_progress *progress); /* may be NULL */
    void *progress_context;
    const atomic_bool *stop; /* may be NULL */
};

/* A point of the front. */
struct search_member {
    struct sweep_point point;
    double value[PARETO_OBJECTIVES_MAX]; /* of each objective, as its expression has it */
};

struct search_generation {
    int number;     /* 0: the one drawn at random */
    long evaluated; /* points so far, those left out by `where` aside */
    int front;      /* points that keep all limits and are not beaten */
    double volume;  /* share that they dominate of the box from the best to the worst value of each
                       objective among the fronts of all generations, 0..1; NAN: the box is flat */
};

struct search_outcome {
    long done, before, failed,
        left_out;   /* points evaluated now, done earlier, failed; by `where` */
    bool exhausted; /* all points of the space were asked for */
    double wall_s;
    const struct search_generation *generations; /* [n_generations] */
    int n_generations;
    struct search_member *front; /* [n_front], by the first objective */
    int n_front;
    struct arena arena;
};

/* On STATUS_INTERRUPTED too, what is evaluated is stored. */
enum status search_run(const struct search_request *request, struct search_outcome *outcome,
                       struct diagnostic *diag);
void search_outcome_free(struct search_outcome *outcome);

#endif
