/* Data behind plots: quantities, filters, cells, labels, places of texts. Pictures are looked at by
 * tests/cli/plots.sh. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/plot/plot_internal.h"
#include "tests/support/points.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static struct store *open_points(struct scratch *scratch, const struct point *points, int n) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    scratch_open(scratch);
    const char *path = scratch_path(scratch, "mho.db");
    ASSERT_OK(store_open(path, &store, &diag), diag);
    for (int i = 0; i < n; i++) {
        struct point_rows rows;
        struct store_run run = point_run(&points[i], i, false, &rows);
        ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    }
    store_close(store);
    ASSERT_OK(store_open_reading(path, &store, &diag), diag);
    return store;
}

static const struct point sweep[] = {
    {"a", 128, "5", 91.5, 2e-6, 3e-6, NULL, 0},
    {"a", 64, "5", 90.25, 3e-6, 4e-6, NULL, 0},
    {"a", 64, "lossless", 92, 5e-6, 8e-6, NULL, 0},
    {"a", 128, "lossless", NAN, 4e-6, 6e-6, NULL, 0},
    {"a", 32, "4", 50, 1e-6, 1e-6, "failed", 0},
    {"a", 32, "4", 50, 1e-6, 1e-6, NULL, 1},
};
enum { SWEEP = sizeof sweep / sizeof *sweep };

static void check_refusal(struct store *store, const char *where, const char *quantity,
                          const char *message) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct plot_rows rows;
    struct plot_request request = {.where = {where}, .n_where = where != NULL};
    const char *names[] = {"crossbar.rows", quantity};
    CU_ASSERT_EQUAL(rows_read(store, &request, names, 2, &arena, &rows, &diag), STATUS_USAGE);
    if (strstr(diag.message, message) == NULL) {
        fprintf(stderr, "\n%s", diag.message);
        CU_FAIL("message");
    }
    arena_free(&arena);
}

static void test_rows(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct plot_rows rows;
    struct store *store = open_points(&scratch, sweep, SWEEP);
    struct plot_request request = {.kind = PLOT_LINES};
    const char *names[] = {"crossbar.rows", "adc.bits", "energy_per_inference_j"};
    ASSERT_OK(rows_read(store, &request, names, 3, &arena, &rows, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(rows.n, 4); /* neither the failed one nor the second trial */
    CU_ASSERT_EQUAL(rows.rows[1].run_id, 2);
    CU_ASSERT_EQUAL(rows.rows[1].values[0].number, 64);
    CU_ASSERT_EQUAL(rows.rows[1].values[1].number, 5);
    CU_ASSERT_EQUAL(rows.rows[1].values[2].number, 4e-6);
    CU_ASSERT_STRING_EQUAL(rows.rows[2].values[1].word, "lossless");
    /* What has no accuracy is left out; a view's column is a quantity, too. */
    names[2] = "accuracy_mean";
    ASSERT_OK(rows_read(store, &request, names, 3, &arena, &rows, &diag), diag);
    CU_ASSERT_EQUAL(rows.n, 3);
    names[2] = "area_mm2";
    request.where[0] = "accuracy_mean>=91";
    request.where[1] = "adc.bits!=lossless";
    request.n_where = 2;
    ASSERT_OK(rows_read(store, &request, names, 3, &arena, &rows, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(rows.n, 1);
    CU_ASSERT_DOUBLE_EQUAL(rows.rows[0].values[2].number, 2, 1e-12);
    CU_ASSERT_STRING_EQUAL(rows.quantities[2].unit, "mm2");
    request.where[0] = "adc.bits=lossless";
    request.where[1] = "crossbar.rows<100";
    ASSERT_OK(rows_read(store, &request, names, 3, &arena, &rows, &diag), diag);
    CU_ASSERT(rows.n == 1 && rows.rows[0].run_id == 3);
    check_refusal(store, NULL, "area_mm3", "did you mean `area_mm2`?");
    check_refusal(store, NULL, "x'y", "`x'y` is no name of a parameter or metric");
    check_refusal(store, "adc.bits=7", "area_mm2", "--where leaves none of the 5 done runs");
    check_refusal(store, "adc.bits", "area_mm2", "--where adc.bits: expected a parameter");
    check_refusal(store, "=3", "area_mm2", "--where =3: expected a parameter");
    check_refusal(store, "adc.bitz=3", "area_mm2", "did you mean `adc.bits`?");
    check_refusal(store, NULL, "latency_s", "none of 4 runs has a value of `latency_s`");
    store_close(store);
    execute(scratch_path(&scratch, "mho.db"), "DELETE FROM run");
    ASSERT_OK(store_open_reading(scratch_path(&scratch, "mho.db"), &store, &diag), diag);
    check_refusal(store, NULL, "area_mm2", "nothing to draw: the database has no done runs");
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

/* Formulas against the figures they are made of; area 2, 3, 5 um2 and energy 3, 4, 8 uJ. */
static void test_formulas(void) {
    static const struct {
        const char *text, *label;
        double values[3];
    } formulas[] = {
        {"area_mm2 / energy_per_inference_j",
         "area_mm2 / energy_per_inference_j",
         {2 / 3e-6, 3 / 4e-6, 5 / 8e-6}},
        {"rows left = crossbar.rows / 3 - 1",
         "rows left",
         {128 / 3.0 - 1, 64 / 3.0 - 1, 64 / 3.0 - 1}},
        {"-(1 + area_mm2) ^ 2", NULL, {-9, -16, -36}},
        {"tall=(crossbar.rows >= 100)", "tall", {1, 0, 0}},
    };
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct plot_rows rows;
    struct store *store = open_points(&scratch, sweep, 3);
    struct plot_request request = {.kind = PLOT_PARETO};
    for (size_t f = 0; f < sizeof formulas / sizeof *formulas; f++) {
        ASSERT_OK(rows_read(store, &request, &formulas[f].text, 1, &arena, &rows, &diag), diag);
        CU_ASSERT_EQUAL_FATAL(rows.n, 3);
        for (int i = 0; i < 3; i++)
            CU_ASSERT_DOUBLE_EQUAL(rows.rows[i].values[0].number, formulas[f].values[i],
                                   1e-9 * fabs(formulas[f].values[i]));
        if (formulas[f].label != NULL)
            CU_ASSERT_STRING_EQUAL(rows.quantities[0].label, formulas[f].label);
    }
    request.where[0] = "2 * area_mm2 < 7.5";
    request.n_where = 1;
    ASSERT_OK(rows_read(store, &request, &formulas[0].text, 1, &arena, &rows, &diag), diag);
    CU_ASSERT(rows.n == 2 && rows.rows[1].run_id == 2);
    /* A word is no number: the run is left out, as is what is divided by 0. */
    const char *words = "crossbar.rows / adc.bits", *none = "1 / (crossbar.rows - 64)";
    request.n_where = 0;
    ASSERT_OK(rows_read(store, &request, &words, 1, &arena, &rows, &diag), diag);
    CU_ASSERT(rows.n == 2 && rows.rows[1].values[0].number == 12.8);
    ASSERT_OK(rows_read(store, &request, &none, 1, &arena, &rows, &diag), diag);
    CU_ASSERT(rows.n == 1 && rows.rows[0].run_id == 1);
    check_refusal(store, NULL, "area_mm2 *", "formula:1:11: a formula: expected a number");
    check_refusal(store, NULL, "area_mm3 * 2", "did you mean `area_mm2`?");
    check_refusal(store, NULL, "max(area_mm2, 1)", "formula:1:1: max is nothing for a plot");
    check_refusal(store, NULL, "= 2", "expected a number, a name or \"(\", got \"= 2\"");
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

static void test_grid(void) {
    static const struct point points[] = {
        {"a", 128, "5", 91, 2e-6, 3e-6, NULL, 0},       {"a", 64, "5", 90, 3e-6, 4e-6, NULL, 0},
        {"a", 64, "lossless", 92, 5e-6, 8e-6, NULL, 0}, {"b", 64, "10", 80, 5e-6, 8e-6, NULL, 0},
        {"b", 64, "10", 86, 6e-6, 8e-6, NULL, 0},
    };
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct plot_rows rows;
    struct plot_grid grid;
    char note[PLOT_LABEL];
    struct store *store = open_points(&scratch, points, 5);
    struct plot_request request = {.kind = PLOT_HEATMAP};
    const char *names[] = {"crossbar.rows", "adc.bits", "accuracy_mean"};
    ASSERT_OK(rows_read(store, &request, names, 3, &arena, &rows, &diag), diag);
    ASSERT_OK(grid_make(store, &rows, PLOT_MEAN, &arena, &grid, &diag), diag);
    CU_ASSERT(grid.nx == 2 && grid.ny == 3 && grid.most == 2);
    CU_ASSERT(grid.x[0].number == 64 && grid.x[1].number == 128);
    CU_ASSERT(grid.y[0].number == 5 && grid.y[1].number == 10); /* numbers, not texts */
    CU_ASSERT_STRING_EQUAL(grid.y[2].word, "lossless");
    CU_ASSERT(grid.cells[0] == 90 && grid.cells[1] == 91);
    CU_ASSERT(grid.cells[2] == 83 && isnan(grid.cells[3]));
    CU_ASSERT(grid.cells[4] == 92 && isnan(grid.cells[5]));
    CU_ASSERT_STRING_EQUAL(grid_note(&grid, PLOT_MEAN, note), "mean of up to 2 runs");
    ASSERT_OK(grid_make(store, &rows, PLOT_LEAST, &arena, &grid, &diag), diag);
    CU_ASSERT_EQUAL(grid.cells[2], 80);
    ASSERT_OK(grid_make(store, &rows, PLOT_MOST, &arena, &grid, &diag), diag);
    CU_ASSERT_EQUAL(grid.cells[2], 86);
    /* Equal parameters: the newest, said so. */
    ASSERT_OK(grid_make(store, &rows, PLOT_ONLY, &arena, &grid, &diag), diag);
    CU_ASSERT_EQUAL(grid.cells[2], 86);
    CU_ASSERT_STRING_EQUAL(grid_note(&grid, PLOT_ONLY, note),
                           "the newest of up to 2 runs of the same point");
    /* Different ones: refused, with what differs. */
    names[1] = NULL;
    ASSERT_OK(rows_read(store, &request, names, 3, &arena, &rows, &diag), diag);
    CU_ASSERT_EQUAL(grid_make(store, &rows, PLOT_ONLY, &arena, &grid, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        diag.message,
        "4 runs have crossbar.rows = 64: they differ in "
        "adc.bits; draw a line for each with --by adc.bits, choose with --where, or say --stat"));
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

static void test_labels(void) {
    static const struct point points[] = {{"a", 128, "5", 91, 2e-6, 3e-6, NULL, 0},
                                          {"a", 64, "lossless", 90, 3e-6, 4e-6, NULL, 0},
                                          {"a", 64, "5", 90, 3e-6, 4e-6, NULL, 0}};
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct plot_keys keys;
    const char *label = NULL;
    int64_t ids[] = {1, 2, 3}, two[] = {2, 3};
    struct store *store = open_points(&scratch, points, 3);
    ASSERT_OK(labels_differing(store, ids, 3, &arena, &keys, &diag), diag);
    CU_ASSERT_STRING_EQUAL(labels_list(&keys, &arena), "crossbar.rows, adc.bits");
    ASSERT_OK(labels_of_run(store, &keys, 1, &arena, &label, &diag), diag);
    CU_ASSERT_STRING_EQUAL(label, "128 rows, 5 bits");
    ASSERT_OK(labels_of_run(store, &keys, 2, &arena, &label, &diag), diag);
    CU_ASSERT_STRING_EQUAL(label, "64 rows, lossless");
    const struct plot_value unset = {.number = NAN, .word = "~"}, four = {.number = 4};
    CU_ASSERT_STRING_EQUAL(labels_say("pruning.rate", &four, &arena), "4x");
    CU_ASSERT_STRING_EQUAL(labels_say("pruning.rate", &unset, &arena), "dense");
    CU_ASSERT_STRING_EQUAL(labels_say("big = crossbar.rows >= 128", &four, &arena), "big: 4");
    CU_ASSERT_STRING_EQUAL(labels_say("2 * crossbar.rows", &four, &arena), "2 * crossbar.rows: 4");
    CU_ASSERT_STRING_EQUAL(labels_say("chip.node", &unset, &arena), "unset");
    ASSERT_OK(labels_differing(store, two, 2, &arena, &keys, &diag), diag);
    CU_ASSERT_STRING_EQUAL(labels_list(&keys, &arena), "adc.bits");
    ASSERT_OK(labels_differing(store, ids, 1, &arena, &keys, &diag), diag);
    ASSERT_OK(labels_of_run(store, &keys, 1, &arena, &label, &diag), diag);
    CU_ASSERT_STRING_EQUAL(label, "run 1");
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

static void test_scales(void) {
    static const struct {
        const char *unit;
        double largest, factor;
        const char *written;
    } cases[] = {
        {"J", 7.8e-6, 1e6, "\u00b5J"},
        {"J", 2.3, 1, "J"},
        {"s", 9.9e-10, 1e12, "ps"},
        {"W", 65800, 1e-3, "kW"},
        {"m2", 5e-6, 1e6, "mm\u00b2"},
        {"m2", 5e-10, 1e12, "\u00b5m\u00b2"},
        {"%", 93, 1, "%"},
        {"mm2", 4.7, 1, "mm\u00b2"},
        {"", 12, 1, ""},
        {"J", 0, 1, "J"},
        {"GOPS/mm2", 5, 1, "GOPS/mm\u00b2"},
        {"J", 9.99e-4, 1e6, "\u00b5J"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plot_scale scale = scale_for(cases[i].unit, cases[i].largest);
        CU_ASSERT_EQUAL(scale.factor, cases[i].factor);
        CU_ASSERT_STRING_EQUAL(scale.unit, cases[i].written);
    }
}

static void test_axes(void) {
    static const double wide[] = {2, 200}, narrow[] = {90, 94.5}, costs[] = {3, NAN, 8},
                        one[] = {5};
    struct plot_axis axis = axis_for(wide, 2, 0.5, 30, false);
    CU_ASSERT(axis.log);
    CU_ASSERT_DOUBLE_EQUAL(axis.low, 0.2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(axis.high, 2000, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(axis_place(&axis, 20), 0.5, 1e-12);
    axis = axis_for(narrow, 2, 0.1, 30, true);
    CU_ASSERT(!axis.log);
    CU_ASSERT_DOUBLE_EQUAL(axis.low, 89.55, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(axis_place(&axis, 92.25), 0.5, 1e-12);
    axis = axis_for(costs, 3, 0.1, 30, true);
    CU_ASSERT(axis.low == 0 && axis.high == 8.5);
    axis = axis_for(one, 1, 0.1, 30, false);
    CU_ASSERT(axis.low < 5 && axis.high > 5);
}

static void test_places(void) {
    struct place place = {.width = 300, .height = 100};
    CU_ASSERT(place_text(&place, 100, 50, "12345", true));
    CU_ASSERT(!place_text(&place, 90, 55, "12345", true)); /* over the first */
    CU_ASSERT(place_text(&place, 90, 65, "12345", true));
    CU_ASSERT(!place_text(&place, 20, 20, "12345", true)); /* beyond the left edge */
    CU_ASSERT(place_text(&place, 20, 20, "12345", false));
    CU_ASSERT(!place_text(&place, 290, 20, "12345", false));
    CU_ASSERT(!place_text(&place, 100, 98, "1", false));
    double heights[] = {50, 52, 10, 98, 99};
    place_spread(heights, 5, 15, 100);
    CU_ASSERT(heights[2] == 10 && heights[0] == 50 && heights[1] == 65);
    CU_ASSERT(heights[4] == 100 && heights[3] == 85);
}

static const struct test_case cases[] = {
    {"runs, filters, and what is missing", test_rows},
    {"formulas", test_formulas},
    {"cells", test_grid},
    {"labels are what differs", test_labels},
    {"units of a size", test_scales},
    {"axes", test_axes},
    {"texts that do not lie on each other", test_places},
    {NULL, NULL},
};
const struct test_suite suite_plot = {"plot", cases};
