/* Goals of searches: values and limits by hand, over trials; refusals with their place. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/search/goals.h"
#include "tests/test.h"

static struct store_metric first[] = {{"run", "area_m2", "m2", 2.5e-6},
                                      {"run", "accuracy_mean", "percent", 91},
                                      {"layer", "area_m2", "m2", 1},
                                      {"run", "accuracy_ideal", "percent", 93}};
static struct store_metric second[] = {{"run", "area_m2", "m2", 2.5e-6},
                                       {"run", "accuracy_mean", "percent", 90},
                                       {"run", "accuracy_ideal", "percent", 93}};

static enum status read(const char *text, struct arena *arena, struct goals *goals,
                        struct diagnostic *diag) {
    const struct yaml_node *root;
    ASSERT_OK(yaml_parse(text, strlen(text), "s.yaml", arena, &root, diag), *diag);
    return goals_read(yaml_get(root, "search"), "s.yaml", arena, goals, diag);
}

static void values(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct goals goals;
    struct pareto_point point;
    const struct store_run trials[] = {{.status = "done", .metrics = first, .n_metrics = 4},
                                       {.status = "done", .metrics = second, .n_metrics = 3}};
    ASSERT_OK(read("search:\n  minimize: [area_m2 * 1e6]\n  maximize: accuracy_mean\n"
                   "  subject_to: [accuracy_ideal - accuracy_mean <= 2, area_m2 >= 5e-6, "
                   "accuracy_mean < 90.5, 0 <= area_m2]\n  population: 8\n  seed: 37\n",
                   &arena, &goals, &diag),
              diag);
    CU_ASSERT_EQUAL(goals.population, 8);
    CU_ASSERT_EQUAL(goals.generations, 20);
    CU_ASSERT_EQUAL(goals.seed, 37);
    ASSERT_OK(goals_value(&goals, trials, 2, &point, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(point.value[0], 2.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(point.value[1], -90.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(goals_shown(&goals, 1, point.value[1]), 90.5, 1e-12);
    /* (2.5 - 2) / 2, (5 - 2.5) / 5, a strict limit met exactly */
    CU_ASSERT_DOUBLE_EQUAL(point.violation, 0.25 + 0.5, 1e-9);
    CU_ASSERT_TRUE(point.violation > 0.75);
    /* the first trial alone keeps 93 - 91 <= 2 */
    ASSERT_OK(goals_value(&goals, trials, 1, &point, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(point.violation, 0.5 + 0.5 / 90.5, 1e-9);
    arena_free(&arena);
}

static void failed_points(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct goals goals;
    struct pareto_point point;
    const struct store_run run = {.status = "failed"};
    ASSERT_OK(read("search: {minimize: area_m2}", &arena, &goals, &diag), diag);
    ASSERT_OK(goals_value(&goals, &run, 1, &point, &diag), diag);
    CU_ASSERT_EQUAL(point.violation, INFINITY);
    arena_free(&arena);
}

static void refusals(void) {
    static const struct {
        const char *text, *message;
    } refused[] = {
        {"other: 1", "s.yaml: \"search\" is missing: say there what to minimize or maximize "
                     "(docs/search.md)"},
        {"search: 3", "s.yaml:1:9: search: expected keys such as minimize below it"},
        {"search: {seed: 1}", "s.yaml:1:9: search: nothing to minimize or maximize"},
        {"search: {minimize: [a, b, c, d, e]}", "s.yaml:1:33: more than 4 objectives"},
        {"search: {minimize: a, population: 3}", "s.yaml:1:35: population: expected 4 to 1000, "
                                                 "got 3"},
        {"search: {minimize: a, subject_to: b == 3}",
         "s.yaml:1:35: subject_to: expected a comparison, such as accuracy_mean >= 90"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct arena arena = ARENA_INIT;
        struct diagnostic diag = {0};
        struct goals goals;
        CU_ASSERT_EQUAL(read(refused[i].text, &arena, &goals, &diag), STATUS_USAGE);
        CU_ASSERT_STRING_EQUAL(diag.message, refused[i].message);
        if (strcmp(diag.message, refused[i].message) != 0)
            fprintf(stderr, "\n%s\n", diag.message);
        arena_free(&arena);
    }
}

static void unknown_metrics(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct goals goals;
    struct pareto_point point;
    const struct store_run run = {.status = "done", .metrics = first, .n_metrics = 4};
    ASSERT_OK(read("search: {minimize: 2 * area_mm2}", &arena, &goals, &diag), diag);
    CU_ASSERT_EQUAL(goals_value(&goals, &run, 1, &point, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, "s.yaml:1:24: metric \"area_mm2\" is unknown (did you "
                                         "mean \"area_m2\"?)");
    arena_free(&arena);
}

static const struct test_case cases[] = {
    {"values and limits by hand, over trials", values},
    {"failed points miss everything", failed_points},
    {"refusals say where", refusals},
    {"unknown metrics", unknown_metrics},
    {NULL, NULL},
};
const struct test_suite suite_goals = {"goals", cases};
