/* Quickselect over items with a total order: larger score first, then lower index. */
#include "pruning/pruning_internal.h"

static bool before(const double *scores, int a, int b) {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
}

static void swap(int *a, int *b) {
    int c = *a;
    *a = *b;
    *b = c;
}

/* The median of the first, middle and last item, moved to the front. */
static void choose_pivot(const double *scores, int *items, long n) {
    int *first = items, *middle = items + n / 2, *last = items + n - 1;
    if (before(scores, *middle, *first))
        swap(middle, first);
    if (before(scores, *last, *first))
        swap(last, first);
    if (before(scores, *last, *middle))
        swap(last, middle);
    swap(first, middle);
}

void prune_select(const double *scores, int *items, long n, long keep) {
    while (keep > 0 && keep < n) {
        choose_pivot(scores, items, n);
        long better = 0; /* items[1..better] come before the pivot, items[0] */
        for (long i = 1; i < n; i++)
            if (before(scores, items[i], items[0]))
                swap(&items[i], &items[++better]);
        swap(&items[0], &items[better]);
        if (keep <= better)
            n = better;
        else {
            items += better + 1;
            n -= better + 1;
            keep -= better + 1;
        }
    }
}
