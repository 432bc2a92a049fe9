/* The volume that a front dominates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search/pareto.h"

typedef double corner[PARETO_OBJECTIVES_MAX];

/* Descending in the objective that `corners` are cut along. */
static void sort_down(corner *corners, int n, int objective) {
    for (int i = 1; i < n; i++) {
        corner own;
        int k = i;
        memcpy(own, corners[i], sizeof own);
        for (; k > 0 && corners[k - 1][objective] < own[objective]; k--)
            memcpy(corners[k], corners[k - 1], sizeof own);
        memcpy(corners[k], own, sizeof own);
    }
}

/* Volume in the first `n_objectives` of boxes from each corner to the reference. `work` has room
 * for n corners for each objective but the first. */
static double volume(corner *corners, int n, int n_objectives, const double *reference,
                     corner *work) {
    int last = n_objectives - 1;
    double sum = 0, best = reference[0];
    if (last == 0) {
        for (int i = 0; i < n; i++)
            best = corners[i][0] < best ? corners[i][0] : best;
        return reference[0] - best;
    }
    sort_down(corners, n, last);
    /* From the reference inwards: each slice is dominated by the corners that are left. */
    double from = reference[last];
    for (int left = n; left > 0; left--) {
        double to = corners[n - left][last];
        if (to < from) {
            memcpy(work, &corners[n - left], (size_t)left * sizeof *corners);
            sum += (from - to) * volume(work, left, last, reference, work + left);
        }
        from = to;
    }
    return sum;
}

double pareto_hypervolume(const struct pareto_point *points, int n, int n_objectives,
                          const double *reference) {
    corner *corners = malloc(((size_t)n * PARETO_OBJECTIVES_MAX + 1) * sizeof *corners);
    int kept = 0;
    if (corners == NULL)
        return NAN;
    for (int i = 0; i < n; i++) {
        bool inside = points[i].violation == 0;
        for (int k = 0; k < n_objectives && inside; k++)
            inside = points[i].value[k] < reference[k];
        if (inside)
            memcpy(corners[kept++], points[i].value, sizeof *corners);
    }
    double sum = volume(corners, kept, n_objectives, reference, corners + kept);
    free(corners);
    return sum;
}
