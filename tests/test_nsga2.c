/* Search: fronts against every comparison, volumes against counted cells, and known fronts found.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search/nsga2.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { POINTS = 23, SIDE = 7 };

/* Whole numbers below SIDE, so that ties and equal points are common; a fifth breaks a constraint.
 */
static void draw_points(struct pareto_point *points, int n_objectives, uint64_t seed) {
    struct test_random random = {seed};
    for (int i = 0; i < POINTS; i++) {
        points[i] = (struct pareto_point){.violation = test_random_below(&random, 5) == 0
                                                           ? (double)test_random_below(&random, 3)
                                                           : 0};
        for (int k = 0; k < n_objectives; k++)
            points[i].value[k] = (double)test_random_below(&random, SIDE);
    }
}

/* By definition: the rank is the length of the longest chain of ever better points. */
static int chain(const struct pareto_point *points, int i, int n_objectives) {
    int longest = 0;
    for (int k = 0; k < POINTS; k++)
        if (pareto_dominates(&points[k], &points[i], n_objectives)) {
            int length = 1 + chain(points, k, n_objectives);
            longest = length > longest ? length : longest;
        }
    return longest;
}

static void ranks(void) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct pareto_point points[POINTS];
        int rank[POINTS], n_objectives = 1 + (int)(seed % PARETO_OBJECTIVES_MAX);
        draw_points(points, n_objectives, seed);
        pareto_rank(points, POINTS, n_objectives, rank);
        for (int i = 0; i < POINTS; i++)
            CU_ASSERT_EQUAL(rank[i], chain(points, i, n_objectives));
    }
}

static void constraints_come_first(void) {
    const struct pareto_point dear = {{9, 9}, 0}, cheap = {{1, 1}, 0.5}, worse = {{0, 0}, 2},
                              failed = {{0, 0}, INFINITY};
    CU_ASSERT_TRUE(pareto_dominates(&dear, &cheap, 2));
    CU_ASSERT_TRUE(pareto_dominates(&cheap, &worse, 2));
    CU_ASSERT_TRUE(pareto_dominates(&worse, &failed, 2));
    CU_ASSERT_FALSE(pareto_dominates(&failed, &failed, 2));
    CU_ASSERT_FALSE(pareto_dominates(&dear, &dear, 2));
}

/* Unit cells of the grid that some point is no worse than everywhere. */
static int counted_volume(const struct pareto_point *points, int n_objectives, int reference) {
    int cells = 1, count = 0;
    for (int k = 0; k < n_objectives; k++)
        cells *= reference;
    for (int cell = 0; cell < cells; cell++) {
        bool covered = false;
        for (int i = 0; i < POINTS && !covered; i++) {
            covered = points[i].violation == 0;
            for (int k = 0, rest = cell; k < n_objectives; k++, rest /= reference)
                covered = covered && points[i].value[k] <= rest % reference;
        }
        count += covered;
    }
    return count;
}

static void volumes(void) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct pareto_point points[POINTS];
        int n_objectives = 1 + (int)(seed % PARETO_OBJECTIVES_MAX), side = SIDE - (int)(seed % 3);
        double reference[PARETO_OBJECTIVES_MAX] = {side, side, side, side};
        draw_points(points, n_objectives, seed);
        CU_ASSERT_EQUAL(pareto_hypervolume(points, POINTS, n_objectives, reference),
                        counted_volume(points, n_objectives, side));
    }
}

static void crowding(void) {
    const struct pareto_point points[] = {{{4, 0}, 0}, {{0, 10}, 0}, {{1, 8}, 0}, {{3, 2}, 0}};
    int members[] = {0, 1, 2, 3};
    double distance[4];
    pareto_crowding(points, members, 4, 2, distance);
    for (int i = 0; i < 4; i++) {
        double by_hand = members[i] == 2   ? 3 / 4.0 + 8 / 10.0
                         : members[i] == 3 ? 3 / 4.0 + 8 / 10.0
                                           : INFINITY;
        CU_ASSERT_DOUBLE_EQUAL(distance[i] < by_hand ? by_hand - distance[i] : 0, 0, 1e-12);
        CU_ASSERT_TRUE(distance[i] >= by_hand - 1e-12);
    }
}

/* ZDT1 (Zitzler, Deb, Thiele 2000), with 8 variables: the front is f2 = 1 - sqrt(f1). */
enum { VARIABLES = 8 };

static enum status zdt1(void *context, const double *genes, int n, struct pareto_point *points,
                        struct diagnostic *diag) {
    (void)diag;
    *(long *)context += n;
    for (int i = 0; i < n; i++) {
        const double *x = genes + i * VARIABLES;
        double g = 1;
        for (int k = 1; k < VARIABLES; k++)
            g += 9 * x[k] / (VARIABLES - 1);
        points[i] = (struct pareto_point){{x[0], g * (1 - sqrt(x[0] / g))}, 0};
    }
    return STATUS_OK;
}

struct seen {
    double volume;
    int generations;
    bool falls; /* the volume fell from one generation to the next */
};

static enum status keep_volume(void *context, const struct nsga2_generation *generation,
                               struct diagnostic *diag) {
    struct seen *seen = context;
    const double reference[] = {1.1, 1.1};
    double volume = pareto_hypervolume(generation->points, generation->n, 2, reference);
    (void)diag;
    seen->falls = seen->falls || volume < seen->volume - 0.01;
    seen->volume = volume;
    seen->generations++;
    return STATUS_OK;
}

static void known_front(void) {
    struct nsga2_gene genes[VARIABLES] = {{0}};
    long evaluated = 0;
    double volumes[3];
    for (int i = 0; i < 3; i++) {
        struct seen seen = {0};
        struct diagnostic diag = {0};
        const struct nsga2_problem problem = {genes, VARIABLES, 2, zdt1, &evaluated};
        const struct nsga2_options options = {40, 100, i == 2 ? 8 : 7};
        ASSERT_OK(nsga2_search(&problem, &options, keep_volume, &seen, &diag), diag);
        CU_ASSERT_EQUAL(seen.generations, 101);
        CU_ASSERT_FALSE(seen.falls);
        volumes[i] = seen.volume;
        /* 0.1 + 2/3 + 0.11 is the whole volume; 40 evenly spaced points miss 1.3 % of it. */
        CU_ASSERT_TRUE(seen.volume > 0.97 * 0.87667 && seen.volume < 0.87667);
    }
    CU_ASSERT_EQUAL(evaluated, 3 * 101 * 40);
    CU_ASSERT_EQUAL(volumes[0], volumes[1]); /* the same seed, the same search */
    CU_ASSERT_NOT_EQUAL(volumes[0], volumes[2]);
}

/* A space of words and numbers, small enough to be searched whole: 3 * 5 * 4 points. */
static enum status small_space(void *context, const double *genes, int n,
                               struct pareto_point *points, struct diagnostic *diag) {
    static const struct nsga2_gene levels[] = {{3, false}, {5, true}, {4, true}};
    int *asked = context; /* how often each point was */
    (void)diag;
    for (int i = 0; i < n; i++, genes += 3) {
        int a = (int)nsga2_level(&levels[0], genes[0]), b = (int)nsga2_level(&levels[1], genes[1]),
            c = (int)nsga2_level(&levels[2], genes[2]);
        asked[(a * 5 + b) * 4 + c]++;
        points[i] = (struct pareto_point){{(a + 1) * (5 - b), b + c}, b > 3 ? b - 3 : 0};
    }
    return STATUS_OK;
}

static enum status keep_front(void *context, const struct nsga2_generation *generation,
                              struct diagnostic *diag) {
    struct nsga2_generation *last = context;
    (void)diag;
    last->evaluated = generation->evaluated;
    last->exhausted = generation->exhausted;
    last->n = 0;
    for (int i = 0; i < generation->n; i++)
        last->n += generation->rank[i] == 0;
    return STATUS_OK;
}

static void small_space_is_enumerated(void) {
    static const struct nsga2_gene levels[] = {{3, false}, {5, true}, {4, true}};
    int asked[60] = {0};
    struct nsga2_generation last = {0};
    struct diagnostic diag = {0};
    const struct nsga2_problem problem = {levels, 3, 2, small_space, asked};
    const struct nsga2_options options = {8, 1000, 37};
    ASSERT_OK(nsga2_search(&problem, &options, keep_front, &last, &diag), diag);
    CU_ASSERT_TRUE(last.exhausted);
    for (int i = 0; i < 60; i++)
        CU_ASSERT_TRUE(asked[i] <= 1);
    CU_ASSERT_TRUE(last.evaluated >= 55 && last.evaluated <= 60);
    CU_ASSERT_EQUAL(last.n, 4); /* a = 0, c = 0, b = 0 to 3 */
}

static enum status refuse(void *context, const double *genes, int n, struct pareto_point *points,
                          struct diagnostic *diag) {
    (void)context, (void)genes, (void)n, (void)points;
    return FAIL(diag, STATUS_STORE, "no room for the 37th point");
}

static void failure_ends_it(void) {
    static const struct nsga2_gene genes[] = {{3, false}};
    struct diagnostic diag = {0};
    const struct nsga2_problem problem = {genes, 1, 1, refuse, NULL};
    const struct nsga2_options options = {4, 10, 1};
    CU_ASSERT_EQUAL(nsga2_search(&problem, &options, keep_front, NULL, &diag), STATUS_STORE);
    CU_ASSERT_STRING_EQUAL(diag.message, "no room for the 37th point");
}

static const struct test_case cases[] = {
    {"ranks are the longest chains of better points", ranks},
    {"constraints come before objectives", constraints_come_first},
    {"volumes are those of counted cells", volumes},
    {"crowding by hand", crowding},
    {"the front of ZDT1 is found, the same for a seed", known_front},
    {"a small space is enumerated, no point twice", small_space_is_enumerated},
    {"a failure ends the search", failure_ends_it},
    {NULL, NULL},
};
const struct test_suite suite_nsga2 = {"nsga2", cases};
