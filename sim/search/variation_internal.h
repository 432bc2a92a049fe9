/* New points from old ones: draws, tournament, crossover, mutation. Private to the search. */
#ifndef MHO_SEARCH_VARIATION_H
#define MHO_SEARCH_VARIATION_H

#include "sim/base/random.h"

#include "sim/search/nsga2.h"

struct variation {
    const struct nsga2_gene *genes;
    int n_genes;
    gsl_rng *random;
};

/* A point drawn evenly: genes [n_genes]. */
void variation_random(const struct variation *variation, double *genes);

/* A child of two parents, each the better of two drawn ones (less rank, then more crowding), of
 * `n` with genes [n][n_genes]. */
void variation_child(const struct variation *variation, const double *parents, const int *rank,
                     const double *crowding, int n, double *genes);

#endif
