/* Lloyd-Max levels against every partition of small histograms, and against the two conditions. */
#include "peripherals/lloyd_max.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/random.h"
#include "tests/test.h"

static void levels_of(const struct sum_histogram *h, int64_t largest, int n, double *levels) {
    struct diagnostic diag = {0};
    ASSERT_OK(lloyd_max_levels(h, largest, n, levels, &diag), diag);
}

/* Squared error with each sum at its nearest level. */
static double error_of(const struct sum_histogram *h, int n, const double *levels) {
    double error = 0;
    for (int64_t s = 0; s < h->size; s++) {
        double least = INFINITY;
        for (int i = 0; i < n; i++)
            least = fmin(least, ((double)s - levels[i]) * ((double)s - levels[i]));
        if (h->counts[s] > 0)
            error += (double)h->counts[s] * least;
    }
    return error;
}

/* Least squared error of sums first.. in n cells of consecutive sums, by trying all. The cell that
 * sum 0 is in has level 0. */
static double brute_force(const struct sum_histogram *h, int64_t first, int n) {
    if (first == h->size)
        return 0;
    if (n == 0)
        return INFINITY;
    double best = INFINITY, count = 0, moment = 0;
    for (int64_t end = first + 1; end <= h->size; end++) {
        double error = 0;
        count += (double)h->counts[end - 1];
        moment += (double)h->counts[end - 1] * (double)(end - 1);
        double mean = count > 0 && first > 0 ? moment / count : 0;
        for (int64_t s = first; s < end; s++)
            error += (double)h->counts[s] * ((double)s - mean) * ((double)s - mean);
        best = fmin(best, error + brute_force(h, end, n - 1));
    }
    return best;
}

/* 10 x 0, 2 x 1, 1 x 5, 1 x 8, at 2 levels of which one is 0: {0, 1} and {5, 8} leave 2 + 4.5;
 * {0, 1, 5} and {8} leave 27, {0} and {1, 5, 8} 26. */
static void by_hand(void) {
    uint64_t counts[] = {10, 2, 0, 0, 0, 1, 0, 0, 1};
    double levels[2];
    levels_of(&(struct sum_histogram){9, counts}, 8, 2, levels);
    CU_ASSERT_EQUAL(levels[0], 0);
    CU_ASSERT_DOUBLE_EQUAL(levels[1], 6.5, 1e-15);
}

/* Among them histograms on which Lloyd's iteration from equal cells ends in a poorer optimum. */
static void small_histograms_are_cut_at_best(void) {
    struct test_random random = {5};
    for (int trial = 0; trial < 300; trial++) {
        uint64_t counts[11];
        int64_t size = 3 + test_random_below(&random, 9);
        for (int64_t s = 0; s < size; s++) {
            uint32_t scale = 1u << test_random_below(&random, 12);
            counts[s] = test_random_below(&random, 4) == 0 ? 0 : test_random_below(&random, scale);
        }
        struct sum_histogram h = {size, counts};
        for (int n = 2; n < size; n *= 2) {
            double levels[16], least = brute_force(&h, 0, n);
            levels_of(&h, size - 1, n, levels);
            double error = error_of(&h, n, levels);
            CU_ASSERT(fabs(error - least) <= 1e-9 * (1 + least));
            for (int i = 1; i < n; i++)
                CU_ASSERT(levels[i - 1] < levels[i]);
        }
    }
}

/* Each level the mean of its cell, but for 0, and thresholds midway: nothing that Lloyd's iteration
 * would move. */
static void expect_conditions(const struct sum_histogram *h, int n, const double *levels) {
    int64_t s = 0;
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        double end = i + 1 < n ? (levels[i] + levels[i + 1]) / 2 : INFINITY, count = 0, moment = 0;
        for (; s < h->size && (double)s <= end; s++) {
            count += (double)h->counts[s];
            moment += (double)h->counts[s] * (double)s;
        }
        wrong += i > 0 && count > 0 && fabs(levels[i] - moment / count) > 1e-6 * (1 + levels[i]);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(levels[0], 0);
}

static double uniform_error(const struct sum_histogram *h, int n, double high) {
    double *levels = calloc((size_t)n, sizeof *levels);
    for (int i = 0; i < n; i++)
        levels[i] = high * i / (n - 1);
    double error = error_of(h, n, levels);
    free(levels);
    return error;
}

/* 5,000 different sums, falling off as partial sums do: above the size where the optimum is found
 * directly. A geometric density of mean 400 cut into 64 cells. */
static void large_histograms_meet_both_conditions(void) {
    enum { SIZE = 5000, LEVELS = 64 };
    uint64_t *counts = calloc(SIZE, sizeof *counts);
    double levels[LEVELS];
    for (int s = 0; s < SIZE; s++)
        counts[s] = (uint64_t)(1e9 * exp(-s / 400.0)) + (s % 7 == 0);
    struct sum_histogram h = {SIZE, counts};
    levels_of(&h, SIZE - 1, LEVELS, levels);
    expect_conditions(&h, LEVELS, levels);
    CU_ASSERT(error_of(&h, LEVELS, levels) < 0.2 * uniform_error(&h, LEVELS, SIZE - 1));
    /* Panter and Dite (1951): (integral of p^(1/3))^3 / (12 n^2) = 27 * 400^2 / (12 n^2) each. */
    double expected = 1e9 * 400 * 27 * 400.0 * 400 / (12.0 * LEVELS * LEVELS);
    CU_ASSERT_DOUBLE_EQUAL(error_of(&h, LEVELS, levels) / expected, 1, 0.1);
    free(counts);
}

/* More levels than the runs that the optimum is found over. */
static void many_levels(void) {
    enum { SIZE = 9000, LEVELS = 4096 };
    uint64_t *counts = calloc(SIZE, sizeof *counts);
    double *levels = calloc(LEVELS, sizeof *levels);
    for (int s = 0; s < SIZE; s++)
        counts[s] = (uint64_t)(SIZE - s);
    struct sum_histogram h = {SIZE, counts};
    levels_of(&h, SIZE - 1, LEVELS, levels);
    expect_conditions(&h, LEVELS, levels);
    for (int i = 1; i < LEVELS; i++)
        if (!(levels[i - 1] < levels[i])) {
            CU_FAIL("levels do not rise");
            break;
        }
    free(levels);
    free(counts);
}

static void expect_levels(uint64_t *counts, int64_t size, int64_t largest, int n,
                          const double *expected) {
    double levels[8];
    levels_of(&(struct sum_histogram){size, counts}, largest, n, levels);
    for (int i = 0; i < n; i++)
        CU_ASSERT_EQUAL(levels[i], expected[i]);
}

/* Sums that were seen keep a level each; spare ones go upwards first, then downwards. */
static void spare_levels(void) {
    uint64_t counts[] = {4, 0, 0, 9, 0, 1, 0, 0, 0};
    expect_levels(counts, 9, 8, 4, (const double[]){0, 3, 5, 6});
    expect_levels(counts, 9, 6, 4, (const double[]){0, 3, 5, 6});
    expect_levels(counts, 6, 5, 4, (const double[]){0, 3, 4, 5});
    expect_levels(counts, 9, 8, 8, (const double[]){0, 2, 3, 4, 5, 6, 7, 8});
    uint64_t nothing[6] = {0};
    expect_levels(nothing, 6, 5, 4, (const double[]){0, 1, 2, 3});
    expect_levels(NULL, 0, 3, 4, (const double[]){0, 1, 2, 3});
    uint64_t top[] = {0, 0, 0, 0, 8};
    expect_levels(top, 5, 4, 2, (const double[]){0, 4});
    expect_levels(top, 5, 4, 4, (const double[]){0, 2, 3, 4});
}

static const struct test_case cases[] = {
    {"by hand", by_hand},
    {"small histograms are cut at best", small_histograms_are_cut_at_best},
    {"large histograms meet both conditions", large_histograms_meet_both_conditions},
    {"many levels", many_levels},
    {"spare levels", spare_levels},
    {NULL, NULL},
};
const struct test_suite suite_lloyd_max = {"lloyd_max", cases};
