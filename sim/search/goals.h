/* Goals: what a search wants of a design point, from the key `search` of a sweep file.
 *
 *   search:
 *     minimize: [area_m2, energy_per_inference_j]
 *     maximize: accuracy_mean
 *     subject_to: accuracy_ideal - accuracy_mean <= 0.5
 *     population: 24
 *     generations: 20
 *     seed: 1
 *
 * Objectives and both sides of constraints are expressions over the metrics of a run
 * (docs/database.md), each the mean over its trials. */
#ifndef MHO_SEARCH_GOALS_H
#define MHO_SEARCH_GOALS_H

#include <stdint.h>

#include "results/store.h"
#include "sim/expression/expression.h"
#include "sim/search/pareto.h"

enum { GOALS_LIMITS_MAX = 16, GOALS_POPULATION_MAX = 1000, GOALS_GENERATIONS_MAX = 1000 };

struct goal {
    const struct expression *expression;
    const char *text; /* as written */
    bool large;       /* to be maximised */
};

struct goals {
    struct goal objectives[PARETO_OBJECTIVES_MAX];
    int n_objectives;
    const struct expression *limits[GOALS_LIMITS_MAX]; /* comparisons by <, <=, > or >= */
    int n_limits;
    int population;  /* points of a generation: even, 4 or more; 24 unless given */
    int generations; /* after the first; 20 unless given */
    uint64_t seed;   /* 1 unless given */
};

/* `node` NULL: the file has no such key, which is refused; `path` names the file. Texts and trees
 * lie in `arena`. */
enum status goals_read(const struct yaml_node *node, const char *path, struct arena *arena,
                       struct goals *goals, struct diagnostic *diag);

/* What a point, whose trials are `records` [n], is worth: its objectives, small where good, and by
 * how much of their right sides it misses its limits, summed. A failed one has the violation
 * INFINITY. Refuses metrics that the records do not have. */
enum status goals_value(const struct goals *goals, const struct store_run *records, int n,
                        struct pareto_point *point, struct diagnostic *diag);

/* The objective as its expression has it, from what is small where good. */
double goals_shown(const struct goals *goals, int objective, double value);

#endif
