/* Comparisons of papers: `run` and `reference`, figures against runs of their own, what is left
 * out, what is recorded, wrong files. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/repro/repro.h"
#include "tests/support/configs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

#define PRUNED                                                                                     \
    "run.accuracy=false", "pruning.scheme=bcr", "pruning.rate=3", "mapping.compaction=blocks"
#define SET "[run.accuracy=false, pruning.scheme=bcr, pruning.rate=3, mapping.compaction=blocks]"
#define COLUMNS                                                                                    \
    "    columns:\n"                                                                               \
    "    - {name: saved, unit: \"%\", ours: 1 - run.crossbars / reference.crossbars}\n"            \
    "    - {name: arrays, ours: run.crossbars + run.mapping_index_area_m2 * "                      \
    "reference.crossbars / reference.area_m2}\n"

/* A paper of these lines, in which %s stands for the path of LeNet's configuration. */
static enum status load(struct scratch *scratch, const char *lines, struct paper *paper,
                        struct diagnostic *diag) {
    char folder[1024], config[1200], text[4096], whole[4200];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder, sizeof folder));
    snprintf(config, sizeof config, "%s/" LENET_CONFIG, folder);
    const char *rest = lines;
    size_t used = 0;
    for (const char *at; (at = strstr(rest, "LENET")) != NULL; rest = at + strlen("LENET"))
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s%s", (int)(at - rest), rest,
                                 config);
    snprintf(text + used, sizeof text - used, "%s", rest);
    snprintf(whole, sizeof whole, "name: p\ntitle: T\n%s", text);
    return paper_load(scratch_write(scratch, "p.yaml", whole, strlen(whole)), paper, diag);
}

static const char lines[] = "runs:\n"
                            "  dense: {config: LENET, set: [run.accuracy=false]}\n"
                            "  pruned: {config: LENET, set: " SET "}\n"
                            "  large: {config: LENET, long: true}\n"
                            "  far: {config: LENET, needs: far/model.onnx}\n"
                            "comparisons:\n"
                            "  - title: C\n"
                            "    source: S\n"
                            "    reference: dense\n" COLUMNS "    rows:\n"
                            "    - {run: dense, what: as it is}\n"
                            "    - {run: pruned, what: pruned}\n"
                            "    - {run: large, what: large}\n"
                            "    - {run: far, what: far}\n"
                            "tables: []\n";

/* Arrays and the area of index memory, gather and scatter registers, from the rows of a run. */
static void arrays_of(const char *const *overrides, double *arrays, double *area_m2,
                      double *index_m2) {
    struct config *config = config_of(LENET_CONFIG, overrides);
    struct run_result run;
    struct diagnostic diag = {0};
    ASSERT_OK(run_evaluate(config, NULL, &run, &diag), diag);
    *arrays = (double)run.mapping.crossbars;
    *area_m2 = *index_m2 = 0;
    for (int i = 0; i < run.cost.n_rows; i++) {
        const char *name = run.cost.rows[i].component;
        *area_m2 += run.cost.rows[i].area_m2;
        if (strcmp(name, "index memory") == 0 || strcmp(name, "input gather") == 0 ||
            strcmp(name, "output scatter") == 0)
            *index_m2 += run.cost.rows[i].area_m2;
    }
    run_result_free(&run);
    config_free(config);
}

static void figures_of_runs(void) {
    struct scratch scratch;
    struct paper paper;
    struct repro_result result;
    struct store_run record;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    double dense, pruned, area_m2, own_area_m2, none_m2, index_m2;
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch, lines, &paper, &diag), diag);
    ASSERT_OK(repro_evaluate(&paper, NULL, &result, &diag), diag);
    arrays_of((const char *[]){"run.accuracy=false", NULL}, &dense, &area_m2, &none_m2);
    arrays_of((const char *[]){PRUNED, NULL}, &pruned, &own_area_m2, &index_m2);
    CU_ASSERT_EQUAL_FATAL(result.n_comparisons, 1);
    const struct repro_comparison *out = &result.comparisons[0];
    CU_ASSERT(pruned < dense);
    CU_ASSERT_DOUBLE_EQUAL(none_m2, 0, 0);
    CU_ASSERT(index_m2 > 0);
    CU_ASSERT_DOUBLE_EQUAL(out->values[0], 0, 0);
    CU_ASSERT_DOUBLE_EQUAL(out->values[1], dense, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(out->values[2], 100 * (1 - pruned / dense), 1e-9);
    /* An array of the dense network with its share of everything is area_m2 / dense. */
    CU_ASSERT_DOUBLE_EQUAL(out->values[3], pruned + index_m2 / (area_m2 / dense), 1e-9);
    CU_ASSERT_PTR_NULL(out->skipped[1]);
    CU_ASSERT_STRING_EQUAL(out->skipped[2], "skipped: it takes long: ask for it with --long");
    CU_ASSERT_PTR_NOT_NULL(strstr(out->skipped[3], "far/model.onnx, which is not there"));
    CU_ASSERT(isnan(out->values[4]) && isnan(out->values[7]));
    ASSERT_OK(repro_record(&result, "v", "c", 1.5, &arena, &record, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(record.n_metrics, REPRO_VERDICTS + 4);
    CU_ASSERT_STRING_EQUAL(record.metrics[REPRO_VERDICTS + 2].scope, "C: pruned");
    CU_ASSERT_STRING_EQUAL(record.metrics[REPRO_VERDICTS + 2].name, "saved");
    CU_ASSERT_DOUBLE_EQUAL(record.metrics[REPRO_VERDICTS + 2].value, out->values[2], 0);
    arena_free(&arena);
    repro_result_free(&result);
    paper_free(&paper);
    scratch_close(&scratch);
}

static void long_runs_on_request(void) {
    struct scratch scratch;
    struct paper paper;
    struct repro_result result;
    struct diagnostic diag = {0};
    const struct repro_hooks hooks = {.long_runs = true};
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch,
                   "on_request: true\nruns: {r: {config: LENET, set: [run.accuracy=false], "
                   "long: true}}\ncomparisons:\n  - title: C\n    source: S\n    reference: r\n"
                   "    columns: [{name: c, ours: run.crossbars / reference.crossbars}]\n"
                   "    rows: [{run: r, what: w}]\ntables: []\n",
                   &paper, &diag),
              diag);
    CU_ASSERT_TRUE(paper.on_request);
    ASSERT_OK(repro_evaluate(&paper, &hooks, &result, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(result.comparisons[0].values[0], 1, 0);
    repro_result_free(&result);
    paper_free(&paper);
    scratch_close(&scratch);
}

/* The hash of the point that a paper, or the part of it titled `only`, is stored as; its claims. */
static int point_of(const char *text, const char *only, bool long_runs, char hash[64]) {
    const struct repro_hooks hooks = {.long_runs = long_runs};
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct paper paper;
    struct repro_result result;
    struct store_run record;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch, text, &paper, &diag), diag);
    if (only != NULL)
        CU_ASSERT_EQUAL(paper_select(&paper, only), 1);
    ASSERT_OK(repro_evaluate(&paper, &hooks, &result, &diag), diag);
    ASSERT_OK(repro_record(&result, "v", "c", 1.5, &arena, &record, &diag), diag);
    snprintf(hash, 64, "%s", record.point_hash);
    int claims = record.n_claims;
    arena_free(&arena);
    repro_result_free(&result);
    paper_free(&paper);
    scratch_close(&scratch);
    return claims;
}

/* A part is another point than the whole, so that a merge keeps both. */
static void a_part_is_a_point_of_its_own(void) {
    static const char two[] = "tables:\n"
                              "  - {title: First, source: S, rows: [{what: a, published: 2, "
                              "ours: 2, band: rounding}]}\n"
                              "  - {title: Second, source: S, rows: [{what: b, published: 3, "
                              "ours: 3, band: rounding}]}\n";
    char whole[64], first[64], second[64];
    CU_ASSERT_EQUAL(point_of(two, NULL, false, whole), 2);
    CU_ASSERT_EQUAL(point_of(two, "first", false, first), 1);
    CU_ASSERT_EQUAL(point_of(two, "second", false, second), 1);
    CU_ASSERT_STRING_NOT_EQUAL(whole, first);
    CU_ASSERT_STRING_NOT_EQUAL(whole, second);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
}

/* So are long runs, but only where there were some. */
static void long_runs_are_a_point_of_their_own(void) {
    static const char text[] =
        "runs: {r: {config: LENET, set: [run.accuracy=false], long: true}}\n"
        "tables:\n"
        "  - {title: Short, source: S, rows: [{what: a, published: 2, ours: 2, band: 1 %}]}\n"
        "  - {title: Slow, source: S, rows: [{what: b, published: 5, ours: r.crossbars, "
        "band: at least 1}]}\n";
    const char *const parts[] = {NULL, "slow", "short"};
    for (int i = 0; i < 3; i++) {
        char without[64], with[64];
        CU_ASSERT_EQUAL(point_of(text, parts[i], false, without), i == 0 ? 2 : 1);
        CU_ASSERT_EQUAL(point_of(text, parts[i], true, with), i == 0 ? 2 : 1);
        CU_ASSERT_EQUAL(strcmp(without, with) == 0, i == 2);
    }
}

static void parts_are_selected_by_title(void) {
    static const char three[] =
        "comparisons:\n"
        "  - {title: Net-18, source: S, reference: r, columns: [], rows: []}\n"
        "  - {title: Net-20, source: S, reference: r, columns: [], rows: []}\n"
        "runs: {r: {config: LENET}}\n"
        "tables:\n"
        "  - {title: On net-20, source: S, rows: []}\n"
        "  - {title: Other, source: S, rows: []}\n";
    struct scratch scratch;
    struct paper paper;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    ASSERT_OK(load(&scratch, three, &paper, &diag), diag);
    CU_ASSERT_EQUAL(paper_select(&paper, "nEt-20"), 2);
    CU_ASSERT_EQUAL_FATAL(paper.n_comparisons, 1);
    CU_ASSERT_EQUAL_FATAL(paper.n_tables, 1);
    CU_ASSERT_STRING_EQUAL(paper.comparisons[0].title, "Net-20");
    CU_ASSERT_STRING_EQUAL(paper.tables[0].title, "On net-20");
    CU_ASSERT_EQUAL(paper_select(&paper, "Net-18"), 0);
    CU_ASSERT_EQUAL(paper.n_comparisons + paper.n_tables, 0);
    paper_free(&paper);
    scratch_close(&scratch);
}

#define HEAD "runs: {r: {config: LENET}}\ncomparisons: [{title: C, source: S, reference: r, "

static void wrong_files_are_refused(void) {
    static const struct {
        const char *lines, *message;
    } files[] = {
        {"on_request: yes\ntables: []\n", "on_request: expected true or false, got \"yes\""},
        {"runs: {r: {config: LENET, long: 1}}\n", "long: expected true or false"},
        {"comparisons: 3\n", "comparisons: expected a list"},
        {"comparisons: [{title: C}]\n", "\"source\" is missing here"},
        {HEAD "columns: [], rows: [{run: q, what: w}]}]\n", "run \"q\" is unknown"},
        {HEAD "columns: [{name: c}], rows: []}]\n", "\"ours\" is missing here"},
        {HEAD "columns: [{name: c, unit: GOP, ours: 1}], rows: []}]\n", "did you mean \"GOPS\""},
        {HEAD "columns: [{nam: c}], rows: []}]\n", "did you mean \"name\""},
        {HEAD "columns: []}]\n", "\"rows\" is missing here"},
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

static const struct test_case cases[] = {
    {"figures of runs", figures_of_runs},
    {"long runs on request", long_runs_on_request},
    {"a part is a point of its own", a_part_is_a_point_of_its_own},
    {"long runs are a point of their own", long_runs_are_a_point_of_their_own},
    {"parts are selected by title", parts_are_selected_by_title},
    {"wrong files are refused", wrong_files_are_refused},
    {NULL, NULL},
};

const struct test_suite suite_repro_compare = {"repro_compare", cases};
