/* What the schemes share. Private to pruning/. */
#ifndef MHO_PRUNING_PRUNING_INTERNAL_H
#define MHO_PRUNING_PRUNING_INTERNAL_H

#include "pruning/pruning.h"

extern const struct prune_scheme prune_unstructured, prune_column_proportional;

/* How many of `count` things a rate keeps: floor(count / rate), at least 1 (0 of 0). */
long prune_kept(long count, double rate);

/* Reorders `items` [n] so that the first `keep` (<= n) have the largest scores[item], of equal ones
 * those of the lower item; the order within either part is not defined. O(n) on average. */
void prune_select(const double *scores, int *items, long n, long keep);

#endif
