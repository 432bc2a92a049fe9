/* Lloyd-Max levels: J. Max, IRE Trans. Inf. Theory 6 (1960); S. P. Lloyd, IEEE Trans. Inf. Theory
 * 28 (1982). The optimum over few points is found by dynamic programming (J. D. Bruce, MIT RLE TR
 * 429, 1965) with the split points' monotony (X. Wu, J. Algorithms 12, 1991). */
#include "peripherals/lloyd_max.h"

#include <math.h>

enum { RUNS = 1024, MAX_ITERATIONS = 1000 };

/* The sums above 0 that were seen, ascending, with totals over those before each. */
struct points {
    int n;
    double *value;                    /* [n] */
    double *count, *moment, *squares; /* [n+1]: sums of c, c S, c S^2 over points before */
};

/* Cells of consecutive points: cell i is first[i] .. first[i+1]-1. Cell 0 is that of level 0 and
 * may be empty. */
struct cells {
    int n;
    int *first; /* [n+1] */
};

static enum status gather_points(const struct sum_histogram *histogram, int64_t largest_sum,
                                 struct arena *arena, struct points *p, struct diagnostic *diag) {
    int64_t size = histogram->size <= largest_sum ? histogram->size : largest_sum + 1, n = 0;
    for (int64_t s = 1; s < size; s++)
        n += histogram->counts[s] != 0;
    *p = (struct points){.n = (int)n,
                         .value = ARENA_NEW(arena, n, double),
                         .count = ARENA_NEW(arena, n + 1, double),
                         .moment = ARENA_NEW(arena, n + 1, double),
                         .squares = ARENA_NEW(arena, n + 1, double)};
    if (p->value == NULL || p->count == NULL || p->moment == NULL || p->squares == NULL)
        return FAIL_MEMORY(diag, "fitting an ADC");
    int i = 0;
    for (int64_t s = 1; s < size; s++) {
        if (histogram->counts[s] == 0)
            continue;
        double count = (double)histogram->counts[s], value = (double)s;
        p->value[i] = value;
        p->count[i + 1] = p->count[i] + count;
        p->moment[i + 1] = p->moment[i] + count * value;
        p->squares[i + 1] = p->squares[i] + count * value * value;
        i++;
    }
    return STATUS_OK;
}

static double centroid(const struct points *p, int first, int end) {
    return (p->moment[end] - p->moment[first]) / (p->count[end] - p->count[first]);
}

/* Squared error of the points first..end-1 about their centroid. */
static double cell_error(const struct points *p, int first, int end) {
    double moment = p->moment[end] - p->moment[first];
    return p->squares[end] - p->squares[first] - moment * centroid(p, first, end);
}

/* One row of the dynamic programme: the best partition of the first j runs with one cell more than
 * `before` tells of. */
struct row {
    const struct points *points;
    const int *run;       /* [runs+1]: first point of each run */
    const double *before; /* [runs+1]: least error of the first j runs with a cell less */
    double *error;        /* [runs+1] */
    uint16_t *split;      /* [runs+1]: where the last cell begins */
};

/* Fills the row for low..high, whose splits lie within first..last: they grow with j. */
static void fill_row(const struct row *row, int low, int high, int first, int last) {
    if (low > high)
        return;
    int middle = low + (high - low) / 2, best = first;
    double least = INFINITY;
    for (int k = first; k <= last && k < middle; k++) {
        double error = row->before[k] + cell_error(row->points, row->run[k], row->run[middle]);
        if (error < least) {
            least = error;
            best = k;
        }
    }
    row->error[middle] = least;
    row->split[middle] = (uint16_t)best;
    fill_row(row, low, middle - 1, first, best);
    fill_row(row, middle + 1, high, best, last);
}

/* The partition of `runs` >= n runs into n cells of least error, that of cell 0 about 0. */
static enum status best_cells(const struct points *p, const int *run, int runs, struct cells *cells,
                              struct arena *arena, struct diagnostic *diag) {
    size_t width = (size_t)runs + 1;
    double *errors[2] = {ARENA_NEW(arena, width, double), ARENA_NEW(arena, width, double)};
    uint16_t *split = ARENA_NEW(arena, (size_t)cells->n * width, uint16_t);
    if (errors[0] == NULL || errors[1] == NULL || split == NULL)
        return FAIL_MEMORY(diag, "fitting an ADC");
    for (int j = 0; j <= runs; j++)
        errors[0][j] = p->squares[run[j]];
    for (int cell = 1; cell < cells->n; cell++) {
        struct row row = {p, run, errors[(cell + 1) % 2], errors[cell % 2],
                          split + (size_t)cell * width};
        fill_row(&row, cell, runs, cell - 1, runs - 1);
    }
    int end = runs;
    for (int cell = cells->n - 1; cell >= 0; cell--) {
        end = cell == 0 ? 0 : split[(size_t)cell * width + (size_t)end];
        cells->first[cell] = run[end];
    }
    cells->first[cells->n] = p->n;
    return STATUS_OK;
}

/* Where Lloyd's iteration begins: the optimum of at most 1024 runs of consecutive points; for more
 * levels than that, cells of equally many points. */
static enum status first_cells(const struct points *p, struct cells *cells, struct arena *arena,
                               struct diagnostic *diag) {
    bool many = p->n > RUNS && cells->n >= RUNS;
    int runs = many ? cells->n - 1 : p->n < RUNS ? p->n : RUNS;
    int *run = ARENA_NEW(arena, runs + 1, int);
    if (run == NULL)
        return FAIL_MEMORY(diag, "fitting an ADC");
    for (int i = 0; i <= runs; i++)
        run[i] = (int)((int64_t)i * p->n / runs);
    if (!many)
        return best_cells(p, run, runs, cells, arena, diag);
    for (int i = 0; i <= runs; i++)
        cells->first[i + 1] = run[i];
    return STATUS_OK;
}

/* Levels at the centroids, but for level 0; a cell that has lost its points keeps its level. */
static void centre_levels(const struct points *p, const struct cells *cells, double *levels) {
    levels[0] = 0;
    for (int i = 1; i < cells->n; i++)
        if (cells->first[i] < cells->first[i + 1])
            levels[i] = centroid(p, cells->first[i], cells->first[i + 1]);
}

/* Thresholds midway between levels; true when one has moved past a point. */
static bool move_thresholds(const struct points *p, struct cells *cells, const double *levels) {
    bool moved = false;
    int at = 0;
    for (int i = 1; i < cells->n; i++) {
        double threshold = (levels[i - 1] + levels[i]) / 2;
        while (at < p->n && p->value[at] <= threshold)
            at++;
        moved = moved || cells->first[i] != at;
        cells->first[i] = at;
    }
    return moved;
}

/* A level for 0 and for each point, then for sums that were not seen. */
static void place_spare_levels(const struct points *p, int64_t largest_sum, int n, double *levels) {
    int64_t top = p->n > 0 ? (int64_t)p->value[p->n - 1] : 0;
    int spare = n - 1 - p->n, out = n - 1, at = p->n - 1;
    for (int64_t s = top + spare < largest_sum ? top + spare : largest_sum; s > top; s--, spare--)
        levels[out--] = (double)s;
    for (int64_t s = top; s > 0; s--) {
        if (at >= 0 && p->value[at] == (double)s)
            at--;
        else if (spare > 0)
            spare--;
        else
            continue;
        levels[out--] = (double)s;
    }
    levels[0] = 0;
}

enum status lloyd_max_levels(const struct sum_histogram *histogram, int64_t largest_sum, int n,
                             double *levels, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct points points;
    struct cells cells = {.n = n, .first = ARENA_NEW(&arena, n + 1, int)};
    enum status status = cells.first != NULL ? STATUS_OK : FAIL_MEMORY(diag, "fitting an ADC");
    if (status == STATUS_OK)
        status = gather_points(histogram, largest_sum, &arena, &points, diag);
    if (status == STATUS_OK && points.n < n) {
        place_spare_levels(&points, largest_sum, n, levels);
    } else if (status == STATUS_OK) {
        status = first_cells(&points, &cells, &arena, diag);
        bool moved = status == STATUS_OK;
        for (int i = 0; i < MAX_ITERATIONS && moved; i++) {
            centre_levels(&points, &cells, levels);
            moved = move_thresholds(&points, &cells, levels);
        }
    }
    arena_free(&arena);
    return status;
}
