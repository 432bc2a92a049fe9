/* Selection: quickselect over items with a total order (larger score first, then lower index), and
 * over plain values where no list of the best is wanted, which is faster. */
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

/* Moves a pivot to items[better], those before it to the left; returns `better`. Without branches
 * (Lomuto's scheme), since which way an item goes cannot be foreseen. */
static long partition(const double *scores, int *items, long n) {
    choose_pivot(scores, items, n);
    int pivot = items[0];
    double limit = scores[pivot];
    long better = 0; /* items[1..better] come before the pivot */
    for (long i = 1; i < n; i++) {
        int item = items[i];
        double score = scores[item];
        items[i] = items[better + 1];
        items[better + 1] = item;
        better += (score > limit) | ((score == limit) & (item < pivot));
    }
    swap(&items[0], &items[better]);
    return better;
}

void prune_select(const double *scores, int *items, long n, long keep) {
    while (keep > 0 && keep < n) {
        long better = partition(scores, items, n);
        if (keep <= better)
            n = better;
        else {
            items += better + 1;
            n -= better + 1;
            keep -= better + 1;
        }
    }
}

static void swap_values(double *a, double *b) {
    double c = *a;
    *a = *b;
    *b = c;
}

static double median(double a, double b, double c) {
    double low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* The `rank`-th largest of n values, rank 1..n; reorders them (Hoare's FIND, 1961). */
static double find_largest(double *values, long n, long rank) {
    long first = 0, last = n - 1, wanted = rank - 1;
    while (first < last) {
        double pivot = median(values[first], values[first + (last - first) / 2], values[last]);
        long i = first, j = last;
        while (i <= j) {
            while (values[i] > pivot)
                i++;
            while (values[j] < pivot)
                j--;
            if (i <= j)
                swap_values(&values[i++], &values[j--]);
        }
        if (wanted <= j)
            last = j;
        else if (wanted >= i)
            first = i;
        else
            break;
    }
    return values[wanted];
}

void prune_keep_best(const double *scores, uint8_t *mask, long n, long keep, double *work) {
    long live = 0, above = 0;
    for (long i = 0; i < n; i++)
        if (mask[i])
            work[live++] = scores[i];
    if (live <= keep)
        return;
    double least = find_largest(work, live, keep);
    for (long i = 0; i < n; i++)
        above += mask[i] && scores[i] > least;
    for (long i = 0, equal = keep - above; i < n; i++)
        if (mask[i] && scores[i] <= least && !(scores[i] == least && equal-- > 0))
            mask[i] = 0;
}

enum { SHORT_RUN = 12 };

void prune_sort(const double *scores, int *items, long n) {
    while (n > SHORT_RUN) {
        long better = partition(scores, items, n);
        prune_sort(scores, items, better);
        items += better + 1;
        n -= better + 1;
    }
    for (long i = 1; i < n; i++) {
        int item = items[i];
        long j = i;
        for (; j > 0 && before(scores, item, items[j - 1]); j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}
