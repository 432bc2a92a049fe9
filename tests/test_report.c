/* What `mho report` makes of a stored run: sums by hand, screens and JSON. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/runs.h"
#include "tests/test.h"

/* Two layers on a chip with a part at each level; figures in eighths add exactly. */
static const struct store_component components[] = {
    {"conv1", "array", "ADC", "isaac", "source A", 2, 10, 1.0, 4.0, 0.5, 0.25},
    {"conv1", "macro", "register", "printed", "source B", 1, 10, 0.5, 1.0, 0.5, 0},
    {"conv1", "tile", "buffer", "printed", "source B", 0.125, 10, 2.0, 0.5, 0.5, 0},
    {"fc", "array", "ADC", "isaac", "source A", 1, 10, 0.5, 2.0, 0.5, 0.25},
    {"fc", "macro", "register", "printed", "source B", 1, 10, 0.5, 0.25, 0.5, 0},
    {"fc", "tile", "buffer", "printed", "source B", 0.125, 10, 2.0, 0.125, 0.5, 0},
    {NULL, "chip", "link", "printed", "source C", 0.25, 10, 1.5, 0.125, 0.5, 0},
};

static struct store_run stored_run(void) {
    struct store_run run = sample_run();
    run.components = components;
    run.n_components = sizeof components / sizeof *components;
    return run;
}

static void a_level_holds_what_lies_inside(void) {
    struct store_run run = stored_run();
    struct arena arena = ARENA_INIT;
    struct report_tree tree;
    struct diagnostic diag = {0};
    ASSERT_OK(report_tree_make(&run, &arena, &tree, &diag), diag);
    CU_ASSERT_EQUAL(tree.level[0].area_m2, 8);
    CU_ASSERT_EQUAL(tree.level[1].area_m2, 6.5);
    CU_ASSERT_EQUAL(tree.level[2].area_m2, 2.5);
    CU_ASSERT_EQUAL(tree.level[3].area_m2, 1.5);
    CU_ASSERT_EQUAL(tree.level[0].energy_j, 8);
    CU_ASSERT_EQUAL(tree.level[3].energy_j, 6);
    CU_ASSERT_EQUAL(tree.level[0].leakage_w, 0.5);
    CU_ASSERT_EQUAL_FATAL(tree.n_parts, 4);
    CU_ASSERT_STRING_EQUAL(tree.parts[0].name, "link");
    CU_ASSERT_STRING_EQUAL(tree.parts[3].name, "ADC");
    CU_ASSERT_EQUAL(tree.parts[3].level, 3);
    CU_ASSERT_EQUAL(tree.parts[3].sum.count, 3);
    CU_ASSERT_EQUAL(tree.parts[3].sum.energy_j, 6);
    CU_ASSERT_EQUAL(tree.parts[3].weight, 1.5 / 8 + 6.0 / 8);
    arena_free(&arena);
}

enum { NARROW = 80 };

/* What `print` writes to a screen without colours. */
typedef enum status print_to(const struct store_run *run, const struct screen *screen,
                             struct diagnostic *diag);

static char *printed(print_to *print, const struct store_run *run, int width) {
    char *text = NULL;
    size_t length = 0;
    struct diagnostic diag = {0};
    const struct screen screen = {.out = open_memstream(&text, &length), .width = width};
    CU_ASSERT_PTR_NOT_NULL_FATAL(screen.out);
    ASSERT_OK(print(run, &screen, &diag), diag);
    fclose(screen.out);
    return text;
}

static void expect_in(const char *text, const char *line) {
    if (strstr(text, line) == NULL) {
        fprintf(stderr, "\nexpected \"%s\" in:\n%s", line, text);
        CU_FAIL("text");
    }
}

static enum status print_run(const struct store_run *run, const struct screen *screen,
                             struct diagnostic *diag) {
    const struct report_request request = {.run_id = 7, .database = "r.db", .layers = true};
    return report_screen(run, &request, screen, diag);
}

static void the_screen_shows_shares_and_sources(void) {
    struct store_run run = stored_run();
    char *text = printed(print_run, &run, NARROW);
    expect_in(text, "Run 7 of experiment `quickstart`:");
    expect_in(text, "\nwith crossbar.rows=37, adc.bits=lossless, adc.f_s=1.28e9\n");
    expect_in(text, "\nchip         8000000 mm2  100.0  ########     8 J  100.0  ########\n");
    expect_in(text,
              "\n link        1500000 mm2   18.8  ##        125 mJ    1.6  #              1\n");
    expect_in(text, "\n  macro      2500000 mm2   31.2  ###       7.25 J   90.6  #######\n");
    expect_in(text,
              "\n    ADC      1500000 mm2   18.8  ##           6 J   75.0  ######         3\n");
    expect_in(text, "\n  3  source A (model isaac)\n");
    expect_in(text, "\n  ADC       1000000 mm2  12.5  #       4 J  50.0  ####\n");
    expect_in(text, "\n(shared)    1500000 mm2  18.8  ##   125 mJ   1.6  #\n");
    free(text);
}

static enum status print_pair(const struct store_run *run, const struct screen *screen,
                              struct diagnostic *diag) {
    struct report_pair pair = {.id = {3, 9}, .run = {run[0], run[1]}};
    return report_compare_screen(&pair, screen, diag);
}

/* The second run has half the ADCs' energy, another resolution and no link. */
static void compared_runs_have_ratios(void) {
    struct store_component changed[6];
    struct store_parameter parameters[3];
    struct store_run runs[2] = {stored_run(), stored_run()};
    memcpy(changed, components, sizeof changed);
    memcpy(parameters, runs[0].parameters, sizeof parameters);
    changed[0].energy_j = 2;
    changed[3].energy_j = 1;
    parameters[1].text = "5";
    runs[1].components = changed;
    runs[1].n_components = 6;
    runs[1].parameters = parameters;
    runs[1].n_parameters = 3; /* the fourth, adc.f_s, is gone */
    char *text = printed(print_pair, runs, 100);
    expect_in(text, "\nadc.bits   lossless      5\n");
    expect_in(text, "\nadc.f_s      1.28e9      -\n");
    expect_in(text, "\nArea used                 0.372 mm2       0.372 mm2      =\n");
    expect_in(text, "\nADC        1500000 mm2  1500000 mm2       =     6 J     3 J    0.5x\n");
    expect_in(text, "\nlink       1500000 mm2            -       -  125 mJ       -       -\n");
    expect_in(text, "\ntotal      8000000 mm2  6500000 mm2  0.812x     8 J  4.88 J  0.609x\n");
    CU_ASSERT_PTR_NULL(strstr(text, "crossbar.rows"));
    free(text);
}

static void json_is_the_tree(void) {
    struct store_run run = stored_run();
    const struct report_request request = {.run_id = 7, .database = "r.db"};
    struct diagnostic diag = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    ASSERT_OK(report_json(&run, &request, out, &diag), diag);
    fclose(out);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    const json_t *level = json_object_get(object, "tree");
    CU_ASSERT_EQUAL(json_number_value(json_object_get(level, "area_m2")), 8);
    for (int i = 0; i < 3; i++)
        level = json_object_get(level, "inside");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(level, "name")), "array");
    const json_t *adc = json_array_get(json_object_get(level, "parts"), 0);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(adc, "source")), "source A");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(adc, "layers")), 2);
    json_decref(object);
    free(text);
}

static void runs_without_components_say_why(void) {
    struct store_run run = sample_run();
    run.n_components = 0;
    char *text = printed(print_run, &run, NARROW);
    expect_in(text, "No components were kept (run.detail: totals).");
    free(text);
    run.n_metrics = 0;
    text = printed(print_run, &run, NARROW);
    expect_in(text, "No costs were estimated (run.cost: false).");
    free(text);
}

static enum status print_json(const struct store_run *run, const struct screen *screen,
                              struct diagnostic *diag) {
    const struct report_request request = {.run_id = 7, .database = "r.db"};
    return report_json(run, &request, screen->out, diag);
}

static enum status print_pair_json(const struct store_run *run, const struct screen *screen,
                                   struct diagnostic *diag) {
    struct report_pair pair = {.id = {3, 9}, .run = {run[0], run[1]}};
    return report_compare_json(&pair, screen->out, diag);
}

/* Every allocation that fails is told: nothing incomplete counts as printed. */
static void short_memory(void) {
    static print_to *const prints[] = {print_run, print_pair, print_json, print_pair_json};
    struct store_run runs[2] = {stored_run(), stored_run()};
    char buffer[BUFSIZ], time[64];
    if (!malloc_fail_works()) {
        fprintf(stderr, " skipped: allocations cannot be made to fail");
        return;
    }
    report_time(0, time, sizeof time); /* reads the time zone once */
    FILE *nowhere = fopen("/dev/null", "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(nowhere);
    setvbuf(nowhere, buffer, _IOFBF, sizeof buffer);
    const struct screen screen = {.out = nowhere, .width = NARROW};
    for (size_t p = 0; p < sizeof prints / sizeof *prints; p++) {
        bool failed = true;
        long n = 1;
        for (; failed && n < 10000; n++) {
            struct diagnostic diag = {0};
            malloc_fail_at(n);
            enum status status = prints[p](runs, &screen, &diag);
            failed = malloc_fail_end();
            CU_ASSERT_EQUAL(failed, status != STATUS_OK);
        }
        CU_ASSERT(n > 3 && !failed);
    }
    fclose(nowhere);
}

static const struct test_case cases[] = {
    {"a level holds what lies inside", a_level_holds_what_lies_inside},
    {"the screen shows shares and sources", the_screen_shows_shares_and_sources},
    {"compared runs have ratios", compared_runs_have_ratios},
    {"json is the tree", json_is_the_tree},
    {"runs without components say why", runs_without_components_say_why},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_report = {"report", cases};
