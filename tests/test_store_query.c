/* Questions in SQL: values, what is refused and with which words, units of every column. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/store_query.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static struct store *open_sample(struct scratch *scratch) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    struct store_run run = sample_run();
    scratch_open(scratch);
    const char *path = scratch_path(scratch, "mho.db");
    ASSERT_OK(store_open(path, &store, &diag), diag);
    ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    store_close(store);
    ASSERT_OK(store_open_reading(path, &store, &diag), diag);
    return store;
}

static void test_values(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct store_query *query = NULL;
    bool row = false;
    struct store *store = open_sample(&scratch);
    ASSERT_OK(store_query_open(store,
                               "SELECT energy_per_inference_j, 9007199254740993 AS big, NULL, "
                               "'a''b' AS t, x'00ff1a' AS bytes FROM run_summary "
                               "UNION ALL SELECT 2.0, 1, 'x', 2.385, '' ; -- the end",
                               &query, &diag),
              diag);
    CU_ASSERT_EQUAL_FATAL(store_query_columns(query), 5);
    CU_ASSERT_STRING_EQUAL(store_query_name(query, 0), "energy_per_inference_j");
    CU_ASSERT_STRING_EQUAL(store_query_name(query, 1), "big");
    ASSERT_OK(store_query_next(query, &row, &diag), diag);
    CU_ASSERT_FATAL(row);
    struct store_value value = store_query_value(query, 0);
    CU_ASSERT(value.type == STORE_REAL && value.real == 1.67e-6);
    value = store_query_value(query, 1);
    CU_ASSERT(value.type == STORE_INTEGER && value.integer == 9007199254740993);
    value = store_query_value(query, 2);
    CU_ASSERT(value.type == STORE_NULL && isnan(store_value_number(&value)));
    value = store_query_value(query, 3);
    CU_ASSERT_FATAL(value.type == STORE_TEXT);
    CU_ASSERT_STRING_EQUAL(value.text, "a'b");
    value = store_query_value(query, 4);
    CU_ASSERT_FATAL(value.type == STORE_TEXT);
    CU_ASSERT_STRING_EQUAL(value.text, "00ff1a");
    ASSERT_OK(store_query_next(query, &row, &diag), diag);
    CU_ASSERT_FATAL(row);
    value = store_query_value(query, 1);
    CU_ASSERT_EQUAL(store_value_number(&value), 1);
    value = store_query_value(query, 4);
    CU_ASSERT(value.type == STORE_TEXT && value.text[0] == '\0');
    ASSERT_OK(store_query_next(query, &row, &diag), diag);
    CU_ASSERT(!row);
    store_query_close(query);
    store_query_close(NULL);
    store_close(store);
    scratch_close(&scratch);
}

static void test_refusals(void) {
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"", "the query is empty"},
        {" ; -- nothing", "the query is empty"},
        {"SELECT", "ends too early, after `SELECT`"},
        {"SELECT * FORM run", "wrong at character 10, near \"FORM\": syntax error"},
        {"SELECT nofun(run_id) FROM run_summary", "near \"nofun\": no such function: nofun"},
        {"SELECT * FROM run_sumary", "no view or table `run_sumary` (did you mean `run_summary`?)"},
        {"SELECT * FROM xyz", "`xyz`; views: best_per, clipping, layer_summary, param, pareto, "
                              "run_summary (`mho query --schema` has all)"},
        {"SELECT crosbars FROM run_summary", "no column `crosbars` (did you mean `crossbars`?)"},
        {"SELECT r.throughput FROM run_summary AS r",
         "no column `r.throughput` (there is throughput_ips)"},
        {"SELECT 1 FROM run WHERE status = \"done\"", "a text stands in single quotes"},
        {"DELETE FROM run", "`DELETE` is not possible: a query only reads"},
        {"WITH x AS (SELECT 1) UPDATE run SET trial = 1", "`WITH` is not possible"},
        {"DELETE FROM run RETURNING id", "`DELETE` is not possible"},
        {"PRAGMA user_version = 9", "`PRAGMA` is not possible"},
        {"PRAGMA journal_mode", "`PRAGMA` is not possible"},
        {"ATTACH 'other.db' AS other", "`ATTACH` is not possible"},
        {"BEGIN", "`BEGIN` is not possible"},
        {"SELECT 1; SELECT 2", "one query at a time: `SELECT 2` is too many"},
        {"SELECT 1; nonsense", "one query at a time: `nonsense` is too many"},
    };
    struct scratch scratch;
    struct store *store = open_sample(&scratch);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diagnostic diag = {0};
        struct store_query *query = NULL;
        CU_ASSERT_EQUAL(store_query_open(store, cases[i].sql, &query, &diag), STATUS_USAGE);
        CU_ASSERT_PTR_NULL(query);
        if (strstr(diag.message, cases[i].message) == NULL) {
            fprintf(stderr, "\n%s: %s", cases[i].sql, diag.message);
            CU_FAIL("message");
        }
        store_query_close(query);
    }
    struct diagnostic diag = {0};
    struct store_query *query = NULL;
    bool row;
    ASSERT_OK(store_query_open(store, "SELECT abs(-9223372036854775807 - 1)", &query, &diag), diag);
    CU_ASSERT_EQUAL(store_query_next(query, &row, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "the query fails: integer overflow"));
    store_query_close(query);
    store_close(store);
    scratch_close(&scratch);
}

static void test_views_by_name(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    const char *sql = NULL;
    struct store *store = open_sample(&scratch);
    ASSERT_OK(store_view_sql(store, "pareto", &arena, &sql, &diag), diag);
    CU_ASSERT_STRING_EQUAL(sql, "SELECT * FROM pareto");
    CU_ASSERT_EQUAL(store_view_sql(store, "pareto; DROP TABLE run", &arena, &sql, &diag),
                    STATUS_USAGE);
    CU_ASSERT_EQUAL(store_view_sql(store, "paretto", &arena, &sql, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "did you mean `pareto`?"));
    store_close(store);
    arena_free(&arena);
    scratch_close(&scratch);
}

/* A new column has to say its unit, or that it has none. */
static void test_units(void) {
    static const struct {
        const char *column, *unit;
    } known[] = {
        {"energy_j", "J"},
        {"area_mm2", "mm2"},
        {"gops_per_mm2", "GOPS/mm2"},
        {"accuracy_top1", "%"},
        {"throughput_ips", "1/s"},
        {"adc_bits_mean", "bits"},
        {"energy_best_accuracy", "%"},
        {"buffer_bytes", "B"},
        {"sqnr_db", "dB"},
        {"accuracy_best_energy_j", "J"},
        {"largest_sum", ""},
        {"power_w", "W"},
    };
    struct store *store = NULL;
    struct store_query *query = NULL;
    struct diagnostic diag = {0};
    bool row = true;
    int n = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *unit = store_column_unit(known[i].column);
        CU_ASSERT_STRING_EQUAL(unit != NULL ? unit : "NULL", known[i].unit);
    }
    CU_ASSERT_PTR_NULL(store_column_unit("avg(x)"));
    ASSERT_OK(store_open_memory(&store, &diag), diag);
    ASSERT_OK(store_query_open(store,
                               "SELECT DISTINCT c.name FROM sqlite_schema AS t, "
                               "pragma_table_info(t.name) AS c WHERE t.type IN ('table', 'view')",
                               &query, &diag),
              diag);
    ASSERT_OK(store_query_next(query, &row, &diag), diag);
    for (; row; n++) {
        struct store_value name = store_query_value(query, 0);
        if (store_column_unit(name.text) == NULL) {
            fprintf(stderr, "\n%s has no unit", name.text);
            CU_FAIL("unit");
        }
        ASSERT_OK(store_query_next(query, &row, &diag), diag);
    }
    CU_ASSERT(n > 100);
    store_query_close(query);
    store_close(store);
}

static void test_digits(void) {
    static const struct {
        double real;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {2, "2.0"},
                 {1.67e-6, "1.67e-06"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e22, "1e+22"},
                 {-2.385, "-2.385"},
                 {5e-324, "4.94065645841247e-324"}};
    char buffer[STORE_REAL_DIGITS];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(store_real_text(cases[i].real, buffer), cases[i].text);
}

static const struct test_case cases[] = {
    {"values of every type", test_values},         {"what is refused, and how", test_refusals},
    {"views by name", test_views_by_name},         {"every column has its unit", test_units},
    {"digits give the number again", test_digits}, {NULL, NULL},
};
const struct test_suite suite_store_query = {"store_query", cases};
