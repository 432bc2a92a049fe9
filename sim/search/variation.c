/* Draws, tournament, simulated binary crossover and polynomial mutation. */
#include "sim/search/variation_internal.h"

#include <math.h>

/* Distribution index of both (Deb and Agrawal 1995; Deb and Goyal 1996): most children lie within
 * some percent of the range from a parent. */
static const double index_of_spread = 15;

static double inside(double gene) {
    const double largest = 1 - 0x1p-53;
    return gene < 0 ? 0 : gene > largest ? largest : gene;
}

/* The middle of a level, so that a gene's value does not hang on where in its level it lies. */
static double centred(const struct nsga2_gene *gene, double value) {
    if (gene->levels == 0)
        return value;
    return ((double)nsga2_level(gene, value) + 0.5) / (double)gene->levels;
}

void variation_random(const struct variation *variation, double *genes) {
    for (int i = 0; i < variation->n_genes; i++)
        genes[i] = centred(&variation->genes[i], gsl_rng_uniform(variation->random));
}

static int tournament(const struct variation *variation, const int *rank, const double *crowding,
                      int n) {
    int a = (int)gsl_rng_uniform_int(variation->random, (unsigned long)n);
    int b = (int)gsl_rng_uniform_int(variation->random, (unsigned long)n);
    if (rank[a] != rank[b])
        return rank[a] < rank[b] ? a : b;
    return crowding[b] > crowding[a] ? b : a;
}

/* One of the two children of simulated binary crossover. */
static double cross(const struct variation *variation, double a, double b) {
    double u = gsl_rng_uniform(variation->random), exponent = 1 / (index_of_spread + 1);
    double spread = u < 0.5 ? pow(2 * u, exponent) : pow(1 / (2 * (1 - u)), exponent);
    double side = gsl_rng_uniform(variation->random) < 0.5 ? 1 : -1;
    return inside(0.5 * (a + b + side * spread * (a - b)));
}

static double mutate(const struct variation *variation, const struct nsga2_gene *gene,
                     double value) {
    double u = gsl_rng_uniform(variation->random);
    if (gene->levels > 0 && (!gene->ordered || u < 0.5))
        return gsl_rng_uniform(variation->random);
    if (gene->levels > 0)
        return inside(value + (u < 0.75 ? 1 : -1) / (double)gene->levels);
    double exponent = 1 / (index_of_spread + 1);
    return inside(value + (u < 0.5 ? pow(2 * u, exponent) - 1 : 1 - pow(2 * (1 - u), exponent)));
}

void variation_child(const struct variation *variation, const double *parents, const int *rank,
                     const double *crowding, int n, double *genes) {
    const double *a = parents + tournament(variation, rank, crowding, n) * variation->n_genes;
    const double *b = parents + tournament(variation, rank, crowding, n) * variation->n_genes;
    for (int i = 0; i < variation->n_genes; i++) {
        const struct nsga2_gene *gene = &variation->genes[i];
        bool near = gene->levels == 0 || gene->ordered;
        double value = gsl_rng_uniform(variation->random) < 0.5 ? a[i] : b[i];
        if (near && gsl_rng_uniform(variation->random) < 0.5)
            value = cross(variation, a[i], b[i]);
        if (gsl_rng_uniform(variation->random) * variation->n_genes < 1)
            value = mutate(variation, gene, value);
        genes[i] = centred(gene, value);
    }
}
