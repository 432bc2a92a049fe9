/* Ranks and crowding of fronts. */
#include "sim/search/pareto.h"

#include <math.h>

bool pareto_dominates(const struct pareto_point *a, const struct pareto_point *b,
                      int n_objectives) {
    if (a->violation > 0 || b->violation > 0)
        return a->violation < b->violation;
    bool better = false;
    for (int i = 0; i < n_objectives; i++) {
        if (a->value[i] > b->value[i])
            return false;
        better = better || a->value[i] < b->value[i];
    }
    return better;
}

void pareto_rank(const struct pareto_point *points, int n, int n_objectives, int *rank) {
    enum { UNRANKED = -1 };
    for (int i = 0; i < n; i++)
        rank[i] = UNRANKED;
    for (int front = 0, left = n; left > 0; front++)
        for (int i = 0; i < n; i++) {
            bool dominated = rank[i] != UNRANKED;
            /* Points of this front still count: they may be better than this one. */
            for (int k = 0; k < n && !dominated; k++)
                dominated = (rank[k] == UNRANKED || rank[k] == front) &&
                            pareto_dominates(&points[k], &points[i], n_objectives);
            if (dominated)
                continue;
            rank[i] = front;
            left--;
        }
}

/* Insertion sort: fronts are short, and equal points keep their order. */
static void sort_by(const struct pareto_point *points, int *members, double *distance, int n,
                    int objective) {
    for (int i = 1; i < n; i++) {
        int member = members[i], k = i;
        double own = distance[i];
        for (; k > 0 && points[members[k - 1]].value[objective] > points[member].value[objective];
             k--) {
            members[k] = members[k - 1];
            distance[k] = distance[k - 1];
        }
        members[k] = member;
        distance[k] = own;
    }
}

void pareto_crowding(const struct pareto_point *points, int *members, int n, int n_objectives,
                     double *distance) {
    for (int i = 0; i < n; i++)
        distance[i] = 0;
    for (int objective = 0; n > 0 && objective < n_objectives; objective++) {
        sort_by(points, members, distance, n, objective);
        double low = points[members[0]].value[objective];
        double extent = points[members[n - 1]].value[objective] - low;
        distance[0] = distance[n - 1] = INFINITY;
        for (int i = 1; i < n - 1 && extent > 0; i++)
            distance[i] += (points[members[i + 1]].value[objective] -
                            points[members[i - 1]].value[objective]) /
                           extent;
    }
}
