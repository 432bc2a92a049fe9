/* Pareto: fronts of points with several objectives and a constraint. Pure functions.
 *
 * Every objective is to be small. A point with `violation` 0 keeps the constraints; of two that do
 * not, the one that violates less is better, whatever the objectives (Deb's constrained domination,
 * DOI 10.1109/4235.996017, section VI). */
#ifndef MHO_SEARCH_PARETO_H
#define MHO_SEARCH_PARETO_H

#include <stdbool.h>

enum { PARETO_OBJECTIVES_MAX = 4 };

struct pareto_point {
    double value[PARETO_OBJECTIVES_MAX]; /* finite where violation is */
    double violation;                    /* >= 0; INFINITY: the point could not be evaluated */
};

/* Whether `a` is better than `b`: no worse in any objective and better in one. */
bool pareto_dominates(const struct pareto_point *a, const struct pareto_point *b, int n_objectives);

/* rank [n]: 0 where no point is better, 1 where none is once those are gone, and so on. Cost:
 * O(n^2 * fronts) comparisons at worst. */
void pareto_rank(const struct pareto_point *points, int n, int n_objectives, int *rank);

/* Distance of the neighbours along each objective, summed, in units of the front's extent: how
 * alone a point of the front `members` [n] (indices of points) is. INFINITY at its ends. Sorts
 * `members`; distance [n] is in the order that they then have. */
void pareto_crowding(const struct pareto_point *points, int *members, int n, int n_objectives,
                     double *distance);

/* Volume between the feasible points and `reference` [n_objectives], a point that is worse in every
 * objective; points that are not better than it everywhere add nothing. Exact, by slices along the
 * last objective: O(n^(n_objectives - 1) log n). NAN on short memory. */
double pareto_hypervolume(const struct pareto_point *points, int n, int n_objectives,
                          const double *reference);

#endif
