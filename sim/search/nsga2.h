/* NSGA-II: an elitist genetic search for the front of several objectives (Deb, Pratap, Agarwal and
 * Meyarivan, DOI 10.1109/4235.996017).
 *
 * A point is a list of genes, each in 0 <= g < 1; a gene of `levels` values stands for value
 * floor(g * levels). Ordered and real genes are crossed by simulated binary crossover and mutated
 * by polynomial mutation (of the same authors, both with index 15), or moved to a neighbouring
 * value; others are swapped and drawn anew. No point is asked for twice, so a small space is simply
 * enumerated. The same problem, options and answers give the same search: all draws are from one
 * stream of `seed`. */
#ifndef MHO_SEARCH_NSGA2_H
#define MHO_SEARCH_NSGA2_H

#include <stdint.h>

#include "sim/base/base.h"
#include "sim/search/pareto.h"

struct nsga2_gene {
    long levels;  /* 0: a real number */
    bool ordered; /* neighbouring values are alike: numbers, not words */
};

/* The value of a gene with levels. */
long nsga2_level(const struct nsga2_gene *gene, double value);

struct nsga2_problem {
    const struct nsga2_gene *genes;
    int n_genes, n_objectives;
    /* Evaluates `n` points, genes [n][n_genes], all of one generation. A failure ends the search;
     * a point that cannot be evaluated gets the violation INFINITY instead. */
    enum status (*evaluate)(void *context, const double *genes, int n, struct pareto_point *points,
                            struct diagnostic *diag);
    void *context;
};

struct nsga2_options {
    int population;  /* even, 4 or more */
    int generations; /* after the first, which is drawn at random; 0 or more */
    uint64_t seed;
};

/* The survivors of a generation, the best first; valid during the report. */
struct nsga2_generation {
    int number;                        /* 0: the first */
    int n;                             /* survivors */
    const double *genes;               /* [n][n_genes] */
    const struct pareto_point *points; /* [n] */
    const int *rank;                   /* [n] */
    long evaluated;                    /* points asked for so far */
    bool exhausted; /* no point is left that was not asked for: the search is over */
};
typedef enum status nsga2_report(void *context, const struct nsga2_generation *generation,
                                 struct diagnostic *diag);

/* Runs the search; `report` is called once for each generation and may end it by a failure. Cost,
 * evaluations aside: O(population^2) a generation, and a look through all points asked for. */
enum status nsga2_search(const struct nsga2_problem *problem, const struct nsga2_options *options,
                         nsga2_report *report, void *context, struct diagnostic *diag);

#endif
