/* Papers: bands on both sides, claims, rows of data, fits, what is absent, and wrong files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/repro/repro.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static const char head[] = "name: p\ntitle: T\n";

/* Writes a paper of these lines after its name and loads it. */
static enum status load(struct scratch *scratch, const char *lines, struct paper *paper,
                        struct diagnostic *diag) {
    char text[8192];
    snprintf(text, sizeof text, "%s%s", head, lines);
    return paper_load(scratch_write(scratch, "p.yaml", text, strlen(text)), paper, diag);
}

/* Rows as text: "what published ours verdict; ...". */
static void expect_rows(const struct repro_result *result, const char *expected) {
    char text[4096] = "";
    size_t used = 0;
    for (int i = 0; i < result->n_rows; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s %s %.6g %s", i > 0 ? "; " : "",
                             result->rows[i].what, result->rows[i].published_text,
                             result->rows[i].ours, repro_verdict_names[result->rows[i].verdict]);
    if (strcmp(text, expected) != 0) {
        fprintf(stderr, "\nexpected %s\ngot      %s\n", expected, text);
        CU_FAIL("rows differ");
    }
}

static void check(const char *lines, const char *expected) {
    struct scratch scratch;
    struct paper paper;
    struct repro_result result;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch, lines, &paper, &diag), diag);
    ASSERT_OK(repro_evaluate(&paper, NULL, &result, &diag), diag);
    expect_rows(&result, expected);
    repro_result_free(&result);
    paper_free(&paper);
    scratch_close(&scratch);
}

static void bands_on_both_sides(void) {
    check("tables:\n- title: t\n  source: s\n  rows:\n"
          "  - {what: a, published: 0.157, ours: 0.15749, band: rounding}\n"
          "  - {what: b, published: 0.157, ours: 0.15751, band: rounding}\n"
          "  - {what: c, published: 0.157, ours: 0.15651, band: rounding}\n"
          "  - {what: d, published: 0.157, ours: 0.15649, band: rounding}\n"
          "  - {what: e, published: 330, ours: 330.49, band: rounding}\n"
          "  - {what: f, published: 330, ours: 330.51, band: rounding}\n"
          "  - {what: g, published: 1.2e3, ours: 1249, band: rounding}\n"
          "  - {what: h, published: 1.2e3, ours: 1251, band: rounding}\n"
          "  - {what: i, published: -40, ours: -40.79, band: 2 %}\n"
          "  - {what: j, published: -40, ours: -40.81, band: 2 %}\n"
          "  - {what: k, published: -40, ours: -39.19, band: 2%}\n"
          "  - {what: l, published: 1, ours: 4, band: at most 4}\n"
          "  - {what: m, published: 1, ours: 4.01, band: at most 4}\n"
          "  - {what: n, published: 9, ours: 4, band: at least 4}\n"
          "  - {what: o, published: 9, ours: 3.99, band: at least 4}\n"
          "  - {what: p, published: 9, ours: 1, band: claim, note: why}\n"
          "  - {what: q, published: 9, band: claim, note: why}\n",
          "a 0.157 0.15749 ok; b 0.157 0.15751 out; c 0.157 0.15651 ok; d 0.157 0.15649 out; "
          "e 330 330.49 ok; f 330 330.51 out; g 1.2e3 1249 ok; h 1.2e3 1251 out; "
          "i -40 -40.79 ok; j -40 -40.81 out; k -40 -39.19 out; l 1 4 ok; m 1 4.01 out; "
          "n 9 4 ok; o 9 3.99 out; p 9 1 claim; q 9 nan claim");
}

static void units_and_data(void) {
    check("data:\n  d:\n    columns: [bits, t, name]\n"
          "    rows: [[4, 1.50000, first], [6, 2.5, second], [8, ~, third]]\n"
          "define:\n  model: bits / 4 * 1.4e-9\n  worst: max_over(d, bits)\n"
          "tables:\n- title: t\n  source: s\n  rows:\n"
          "  - {what: w, published: 50, unit: \"%\", ours: 0.5, band: rounding}\n"
          "  - {what: x, published: 2, unit: TOPS, ours: 2e12, band: rounding}\n"
          "  - {what: most, published: 8, ours: worst, band: rounding}\n"
          "  - {each: d, where: bits < 8, what: \"{name} of {bits}\", published: t, unit: ns,\n"
          "     ours: model, band: 10 %}\n",
          "w 50 50 ok; x 2 2 ok; most 8 8 ok; first of 4 1.50000 1.4 ok; second of 6 2.5 2.1 out");
}

/* By hand from the preset's rows: 12 * (16 + 4 + .01 + 2.4 + .2 + 1.24 + .23) + 20.7 + 7 + 42 / 4 +
 * .52 + .05 + .4 + 1.68 mW. */
static void chips_as_quantities(void) {
    check("chips: {c: isaac}\ntables:\n- title: t\n  source: s\n  rows:\n"
          "  - {what: tile, published: 329.81, unit: mW, ours: c.tile.power_w, band: rounding}\n"
          "  - {what: adcs, published: 192, unit: mW, ours: \"c.tile[ADC].power_w\", "
          "band: rounding}\n"
          "  - {what: router, published: 42, unit: mW, ours: \"c[router].power_w\", "
          "band: rounding}\n"
          "  - {what: share, published: 0.25, ours: \"c[router].count\", band: rounding}\n"
          "  - {what: dac, published: 0.3906, unit: pJ, ours: \"c[DAC].energy_j\", "
          "band: rounding}\n"
          "  - {what: macros, published: 12, ours: c.macros_per_tile, band: rounding}\n",
          "tile 329.81 329.81 ok; adcs 192 192 ok; router 42 42 ok; share 0.25 0.25 ok; "
          "dac 0.3906 0.390625 ok; macros 12 12 ok");
}

/* Values made with a = 3 ns and b = 0.5 ns; the row that is left out is far off. */
static const char fit_lines[] =
    "data:\n  d:\n    columns: [n, t, used]\n"
    "    rows: [[1, 3.5, 1], [4, 5, 1], [9, 7.5, 1], [2, 4, 1], [5, 99, 0]]\n"
    "define: {model: f.a + n * f.b}\n"
    "fits:\n  f:\n    data: d\n    where: used\n    residuals: [model / (t * 1e-9) - 1]\n"
    "    parameters: {a: {start: 1, unit: ns, what: A}, b: {start: 1, unit: ns, what: B}}\n"
    "tables:\n- title: t\n  source: s\n  rows:\n"
    "  - {what: a, published: 3, unit: ns, ours: f.a, band: 0.001 %}\n"
    "  - {what: b, published: 0.5, unit: ns, ours: f.b, band: 0.001 %}\n"
    "  - {what: rows, published: 4, ours: f.rows, band: rounding}\n"
    "  - {what: off, published: 0, ours: \"mean_over(d, t / (model * 1e9) > 2)\", "
    "band: at most 0.2}\n";

static void fits_find_their_parameters(void) {
    check(fit_lines, "a 3 3 ok; b 0.5 0.5 ok; rows 4 4 ok; off 0 0.2 ok");
}

static void parameters_are_listed_and_recorded(void) {
    struct scratch scratch;
    struct paper paper;
    struct repro_result result;
    struct store_run record;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch, fit_lines, &paper, &diag), diag);
    ASSERT_OK(repro_evaluate(&paper, NULL, &result, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(result.n_parameters, 2);
    CU_ASSERT_STRING_EQUAL(result.parameters[1].name, "b");
    CU_ASSERT_DOUBLE_EQUAL(result.parameters[1].value, 0.5, 1e-6);
    CU_ASSERT_EQUAL(result.parameters[1].rows, 4);
    CU_ASSERT_EQUAL(result.parameters[1].of, 5);
    ASSERT_OK(repro_record(&result, "v", "c", 1.5, &arena, &record, &diag), diag);
    CU_ASSERT_STRING_EQUAL(record.experiment, "repro-p");
    CU_ASSERT_EQUAL_FATAL(record.n_claims, 4);
    CU_ASSERT_STRING_EQUAL(record.claims[0].unit, "ns");
    CU_ASSERT_STRING_EQUAL(record.claims[0].verdict, "ok");
    CU_ASSERT_DOUBLE_EQUAL(record.claims[0].low, 3 - 3e-5, 1e-8);
    CU_ASSERT(isnan(record.claims[3].low));
    CU_ASSERT_STRING_EQUAL(record.metrics[0].name, "rows_ok");
    CU_ASSERT_DOUBLE_EQUAL(record.metrics[0].value, 4, 0);
    struct store *store = NULL;
    int64_t id = 0;
    ASSERT_OK(store_open(scratch_path(&scratch, "mho.db"), &store, &diag), diag);
    ASSERT_OK(store_write(store, &record, &id, &diag), diag);
    store_close(store);
    arena_free(&arena);
    repro_result_free(&result);
    paper_free(&paper);
    scratch_close(&scratch);
}

static void what_is_absent_is_skipped(void) {
    struct scratch scratch;
    struct paper paper;
    struct repro_result result;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch,
                   "runs: {r: {config: c.yaml, needs: far/model.onnx}}\n"
                   "tables:\n- title: t\n  source: s\n  rows:\n"
                   "  - {what: a, published: 5, ours: r.area_m2, band: 1 %}\n"
                   "  - {what: b, published: 5, ours: 5, band: 1 %}\n",
                   &paper, &diag),
              diag);
    ASSERT_OK(repro_evaluate(&paper, NULL, &result, &diag), diag);
    expect_rows(&result, "a 5 nan skipped; b 5 5 ok");
    CU_ASSERT_PTR_NOT_NULL(strstr(result.rows[0].note, "far/model.onnx"));
    CU_ASSERT_EQUAL(result.count[REPRO_SKIPPED], 1);
    repro_result_free(&result);
    paper_free(&paper);
    scratch_close(&scratch);
}

/* Every allocation fails once, from the file to the record. */
static void short_memory(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct paper paper;
    bool failed = malloc_fail_works();
    long n = 0;
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch, fit_lines, &paper, &diag), diag); /* writes the file */
    const char *path = scratch_path(&scratch, "p.yaml");
    paper_free(&paper);
    while (failed) {
        struct repro_result result = {0};
        struct store_run record = {0};
        struct arena arena = ARENA_INIT;
        malloc_fail_at(++n);
        enum status status = paper_load(path, &paper, &diag);
        if (status == STATUS_OK)
            status = repro_evaluate(&paper, NULL, &result, &diag);
        if (status == STATUS_OK)
            status = repro_record(&result, "v", "c", 0, &arena, &record, &diag);
        failed = malloc_fail_end();
        /* The JSON library does without some of what it asks for. */
        bool recorded = status == STATUS_OK && strstr(record.libraries, "gsl") != NULL;
        CU_ASSERT(recorded || (failed && status == STATUS_MEMORY));
        repro_result_free(&result);
        arena_free(&arena);
        paper_free(&paper);
    }
    CU_ASSERT(n > 10 || !malloc_fail_works());
    scratch_close(&scratch);
}

#define ROW "tables:\n- title: t\n  source: s\n  rows:\n  - "

static void wrong_files_are_refused(void) {
    static const struct {
        const char *lines, *message;
    } files[] = {
        {"", "\"tables\" is missing here"},
        {"chip: {a: b}\n", "did you mean \"chips\""},
        {"tables: 3\n", "tables: expected a list"},
        {ROW "{published: 3, ours: 3, band: 1 %}", "\"what\" is missing here"},
        {ROW "{what: a, ours: 3, band: 1 %}", "\"published\" is missing here"},
        {ROW "{what: a, published: 3, ours: 3}", "p.yaml:7:5: \"band\" is missing here"},
        {ROW "{what: a, published: 3, ours: 3, band: claim}", "its \"note\" must say why"},
        {ROW "{what: a, published: 3, ours: 3, band: claim, note: As above.}", "no note above"},
        {ROW "{what: a, published: 3, band: 1 %}", "\"a\" has a band and no \"ours\""},
        {ROW "{what: a, published: 1 + 2, ours: 3, band: rounding}", "needs the published digits"},
        {ROW "{what: a, published: 3, ours: 3, band: roundin}", "did you mean \"rounding\""},
        {ROW "{what: a, published: 3, ours: 3, band: at most}", "band: expected"},
        {ROW "{what: a, published: 3, ours: 3, band: -1 %}", "band: expected"},
        {ROW "{what: a, published: 3, unit: GOP, ours: 3, band: 1 %}", "did you mean \"GOPS\""},
        {ROW "{what: a, published: 3, ours: 3, band: 1 %, where: 1}", "\"where\" needs \"each\""},
        {ROW "{what: a, published: 3, ours: 3, band: 1 %, each: d}", "data table \"d\" is unknown"},
        {ROW "{what: a, published: 3, ours: 3 +, band: 1 %}", "p.yaml:7:38: ours: expected"},
        {"data: {d: {columns: [a, b], rows: [[1]]}}\n", "a row of 1 values, where there are 2"},
        {"data: {d: {columns: [a]}}\n", "\"rows\" is missing here"},
        {"fits: {f: {data: d, residuals: [1], parameters: {}}}\n", "data table \"d\" is unknown"},
        {"data: {d: {columns: [a], rows: [[1]]}}\n"
         "fits: {f: {data: d, residuals: [1], parameters: {x: {start: 0, what: X}}}}\n",
         "start is 0: it must be above 0"},
        {"runs: {r: {config: a, sett: [b]}}\n", "did you mean \"set\""},
        {"chips: {forms-8: forms-8}\n", "p.yaml:3:9: \"forms-8\" is no name for expressions"},
        {"data: {d: {columns: [2n], rows: [[1]]}}\n", "\"2n\" is no name for expressions"},
        {"chips: {c: isaac}\ndefine: {c: 1}\n", "p.yaml:4:10: \"c\" is in chips already"},
        {"data: {d: {columns: [n], rows: [[1]]}}\ndefine: {n: 1}\n",
         "p.yaml:4:10: \"n\" is in a column of data already"},
    };
    struct scratch scratch;
    scratch_open(&scratch);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct paper paper;
        struct diagnostic diag = {0};
        CU_ASSERT_EQUAL(load(&scratch, files[i].lines, &paper, &diag), STATUS_USAGE);
        if (strstr(diag.message, files[i].message) == NULL) {
            fprintf(stderr, "\nfile %zu: %s\n", i, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
    }
    scratch_close(&scratch);
}

static void wrong_names_are_refused(void) {
    static const struct {
        const char *lines, *message;
    } files[] = {
        {ROW "{what: a, published: 3, ours: x, band: 1 %}", "p.yaml:7:35: name \"x\" is unknown"},
        {"chips: {c: isaac}\n" ROW "{what: a, published: 3, ours: c.tils, band: 1 %}",
         "p.yaml:8:37: figure of a chip \"tils\" is unknown (did you mean \"tiles\"?)"},
        {"chips: {c: isaac}\n" ROW "{what: a, published: 3, ours: d.tiles, band: 1 %}",
         "p.yaml:8:35: name \"d\" is unknown; there is: c"},
        {"chips: {c: isaac}\n" ROW "{what: a, published: 3, ours: \"c[DAK].area_m2\", band: 1 %}",
         "component \"DAK\" is unknown (did you mean \"DAC\"?)"},
        {"chips: {c: isaac}\n" ROW "{what: a, published: 3, ours: \"c[DAC].area\", band: 1 %}",
         "figure of a component \"area\" is unknown"},
        {"chips: {c: isaac}\n" ROW "{what: a, published: 3, ours: \"c[DAC]\", band: 1 %}",
         "expected c[PART].FIGURE"},
        {"chips: {c: isaac}\n" ROW
         "{what: a, published: 3, ours: \"c.macro[router].area_m2\", band: 1 %}",
         "component \"router\" is unknown"},
        {"chips: {c: isaac}\n" ROW "{what: a, published: 3, ours: c.tile.aera_m2, band: 1 %}",
         "figure of a level \"aera_m2\" is unknown (did you mean \"area_m2\"?)"},
        {"chips: {c: isac}\n" ROW "{what: a, published: 3, ours: c.tiles, band: 1 %}",
         "no shipped chip is called \"isac\""},
        {"define: {x: y + 1, y: x}\n" ROW "{what: a, published: 3, ours: x, band: 1 %}",
         "refers to itself"},
        {"data: {d: {columns: [n], rows: [[2], [word]]}}\n" ROW
         "{what: a, published: 3, ours: \"sum_over(d, n)\", band: 1 %}",
         "row 2 of d has no number in column \"n\""},
        {"data: {d: {columns: [n], rows: [[2]]}}\n" ROW
         "{what: \"{m}\", published: 3, ours: n, band: 1 %, each: d}",
         "d has no column for what stands in braces"},
        {"data: {d: {columns: [n], rows: [[2]]}}\n"
         "fits: {f: {data: d, residuals: [n - f.a], parameters: {a: {start: 1, what: A}}}}\n" ROW
         "{what: a, published: 3, ours: f.a, band: 1 %}",
         "fit f has 1 parameters for 1 residuals"},
        {"data: {d: {columns: [n], rows: [[-2], [-3]]}}\n"
         "fits: {f: {data: d, residuals: [n - f.a], parameters: {a: {start: 1, what: A}}}}\n" ROW
         "{what: a, published: 3, ours: f.a, band: 1 %}",
         "fit f gives a = -2.5"},
        {"runs: {r: {config: none.yaml}}\n" ROW
         "{what: a, published: 3, ours: r.area_m2, band: 1 %}",
         "p.yaml:3:11: run r: "},
    };
    struct scratch scratch;
    scratch_open(&scratch);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct paper paper;
        struct repro_result result;
        struct diagnostic diag = {0};
        ASSERT_OK(load(&scratch, files[i].lines, &paper, &diag), diag);
        CU_ASSERT_EQUAL(repro_evaluate(&paper, NULL, &result, &diag), STATUS_USAGE);
        if (strstr(diag.message, files[i].message) == NULL) {
            fprintf(stderr, "\nfile %zu: %s\n", i, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
        paper_free(&paper);
    }
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"bands on both sides", bands_on_both_sides},
    {"units and rows of data", units_and_data},
    {"chips as quantities", chips_as_quantities},
    {"fits find their parameters", fits_find_their_parameters},
    {"parameters are listed and recorded", parameters_are_listed_and_recorded},
    {"what is absent is left out", what_is_absent_is_skipped},
    {"short memory", short_memory},
    {"wrong files are refused", wrong_files_are_refused},
    {"wrong names are refused", wrong_names_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_repro = {"repro", cases};
