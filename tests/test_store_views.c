/* The views pareto and best_per against cases by hand and against all pairs; older schemas. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "results/store_internal.h"
#include "results/store_read.h"
#include "tests/support/points.h"
#include "tests/support/random.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

enum { TEXT = 1024, MANY = 700 };

static void write_points(const char *path, const struct point *points, int n) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open(path, &store, &diag), diag);
    for (int i = 0; i < n; i++) {
        struct point_rows rows;
        struct store_run run = point_run(&points[i], i, false, &rows);
        ASSERT_OK(store_write(store, &run, NULL, &diag), diag);
    }
    store_close(store);
}

static void check_text(const char *path, const char *sql, const char *expected) {
    char text[TEXT];
    query_text(path, sql, text, TEXT);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\n%s: %s\n", sql, text);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static const char front_ids[] =
    "SELECT group_concat(run_id, ' ') FROM (SELECT run_id FROM pareto ORDER BY run_id)";

static void test_front(void) {
    static const struct point points[] = {
        {"a", 128, "8", 91.5, 2e-6, 3e-6, NULL, 0},     /* 1 */
        {"a", 128, "7", 91.5, 2e-6, 2.5e-6, NULL, 0},   /* 2: beats 1 in energy alone */
        {"a", 128, "6", 91.5, 1.9e-6, 2.6e-6, NULL, 0}, /* 3: smaller than 2, not as frugal */
        {"a", 128, "5", 90.0, 1.9e-6, 2.6e-6, NULL, 0}, /* 4: less accurate than 3 */
        {"a", 128, "4", 80.5, 1.0e-6, 1e-6, NULL, 0},   /* 5 */
        {"a", 128, "3", 80.5, 1.0e-6, 1e-6, NULL, 0},   /* 6: equal to 5; both stay */
        {"a", 64, "3", 80.5, 1.0e-6, 1.1e-6, NULL, 0},  /* 7: beaten by 5 */
        {"a", 64, "4", 99.0, 9e-6, 9e-6, NULL, 0},      /* 8: the most accurate */
        {"a", 64, "4", 99.9, 1e-7, 1e-7, "failed", 0},  /* 9: did not come to its end */
        {"a", 64, "5", 99.8, 1e-7, 1e-7, NULL, 1},      /* 10: of another trial */
        {"a", 64, "6", NAN, 5e-7, 5e-7, NULL, 0},       /* 11: without images, among its like */
        {"a", 64, "7", NAN, 6e-7, 5e-7, NULL, 0},       /* 12 */
        {"a", 64, "8", NAN, 7e-7, 4e-7, NULL, 0},       /* 13 */
        {"b", 64, "8", 50, 7e-6, 4e-6, NULL, 0},        /* 14: alone in its experiment */
        {"b", 64, "8", 60, 7e-6, NAN, NULL, 0},         /* 15: no energy */
    };
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    write_points(path, points, sizeof points / sizeof *points);
    check_text(path, front_ids, "2 3 5 6 8 11 13 14");
    check_text(path, "SELECT group_concat(name, ' ') FROM pragma_table_info('pareto')",
               "run_id experiment params accuracy_mean area_mm2 energy_per_inference_j");
    check_text(path, "SELECT experiment || ' ' || params FROM pareto WHERE run_id = 3",
               "a {\"adc.bits\":6,\"crossbar.rows\":128}");
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT area_mm2 FROM pareto WHERE run_id = 3"), 1.9,
                           1e-12);
    scratch_close(&scratch);
}

/* Figures that are often equal, and figures that never are. */
static void front_is_that_of_all_pairs(uint32_t steps, uint64_t seed) {
    static struct point points[MANY];
    struct test_random random = {seed};
    for (int i = 0; i < MANY; i++) {
        double area = 1 + test_random_below(&random, steps) / (double)steps;
        points[i] = (struct point){
            .experiment = i % 3 == 0 ? "a" : "b",
            .rows = 32,
            .bits = "5",
            .accuracy = i % 7 == 0 ? NAN : 60 + test_random_below(&random, steps) * 30.0 / steps,
            .area_m2 = area,
            .energy_j = (1 + test_random_below(&random, steps) / (double)steps) / area,
        };
    }
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    write_points(path, points, MANY);
    char ids[8 * MANY] = "";
    size_t used = 0;
    for (int i = 0; i < MANY; i++) {
        bool beaten = false;
        const struct point *p = &points[i];
        for (int j = 0; j < MANY && !beaten; j++) {
            const struct point *o = &points[j];
            bool both = !isnan(p->accuracy) && !isnan(o->accuracy);
            bool neither = isnan(p->accuracy) && isnan(o->accuracy);
            beaten = strcmp(p->experiment, o->experiment) == 0 && (both || neither) &&
                     (neither || o->accuracy >= p->accuracy) && o->area_m2 <= p->area_m2 &&
                     o->energy_j <= p->energy_j &&
                     ((both && o->accuracy > p->accuracy) || o->area_m2 < p->area_m2 ||
                      o->energy_j < p->energy_j);
        }
        if (!beaten)
            used += (size_t)snprintf(ids + used, sizeof ids - used, used > 0 ? " %d" : "%d", i + 1);
    }
    char text[8 * MANY];
    CU_ASSERT(used > 20);
    CU_ASSERT_STRING_EQUAL(query_text(path, front_ids, text, sizeof text), ids);
    scratch_close(&scratch);
}

static void test_all_pairs(void) {
    front_is_that_of_all_pairs(7, 1);
    front_is_that_of_all_pairs(37, 2);
    front_is_that_of_all_pairs(UINT32_MAX, 3);
}

static void test_best_per(void) {
    static const struct point points[] = {
        {"a", 128, "5", 91.5, 1e-6, 3e-6, NULL, 0},     /* 1 */
        {"a", 128, "5", 91.5, 1e-6, 2.5e-6, NULL, 0},   /* 2: as accurate, more frugal */
        {"a", 128, "5", 70.25, 1e-6, 1.5e-6, NULL, 0},  /* 3: the most frugal */
        {"a", 128, "5", 71.25, 1e-6, 1.5e-6, NULL, 0},  /* 4: as frugal, more accurate */
        {"a", 128, "5", 99, 1e-6, 1e-7, "failed", 0},   /* 5 */
        {"a", 64, "lossless", 92, 1e-6, 7e-6, NULL, 0}, /* 6 */
        {"a", 64, "lossless", 93, 1e-6, NAN, NULL, 0},  /* 7: no cost */
        {"a", 64, "6", NAN, 1e-6, 3e-6, NULL, 0},       /* 8: no images */
        {"b", 128, "5", 10, 1e-6, 3e-6, NULL, 0},       /* 9 */
    };
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    write_points(path, points, sizeof points / sizeof *points);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM best_per"), 4);
    static const char row[] =
        "SELECT runs || ' ' || accuracy_best || ' ' || accuracy_best_run_id || ' ' || "
        "ifnull(accuracy_best_energy_j, 'NULL') || ' ' || energy_best_j || ' ' || "
        "energy_best_run_id || ' ' || ifnull(energy_best_accuracy, 'NULL') FROM best_per WHERE ";
    char sql[TEXT];
    snprintf(sql, sizeof sql, "%s%s", row, "experiment = 'a' AND rows = 128 AND adc_bits = 5");
    check_text(path, sql, "4 91.5 2 2.5e-06 1.5e-06 4 71.25");
    snprintf(sql, sizeof sql, "%s%s", row, "adc_bits = 'lossless'");
    check_text(path, sql, "2 93.0 7 NULL 7.0e-06 6 92.0");
    check_text(path,
               "SELECT ifnull(accuracy_best, 'none') || ifnull(accuracy_best_run_id, 'none') "
               "|| energy_best_run_id FROM best_per WHERE adc_bits = 6",
               "nonenone8");
    check_text(path, "SELECT runs FROM best_per WHERE experiment = 'b'", "1");
    scratch_close(&scratch);
}

/* What schema 3 was: the same tables, no pareto, no best_per. */
static void make_old(const char *path) {
    static const struct point points[] = {{"a", 128, "5", 91.5, 1e-6, 3e-6, NULL, 0},
                                          {"a", 64, "5", 91.5, 2e-6, 3e-6, NULL, 0}};
    write_points(path, points, 2);
    execute(path, "DROP VIEW pareto; DROP VIEW best_per; DROP VIEW run_summary;"
                  "CREATE VIEW run_summary AS SELECT id AS old FROM run; PRAGMA user_version = 3");
}

static void test_old_is_read(void) {
    struct scratch scratch;
    struct store *store = NULL;
    struct diagnostic diag = {0};
    int64_t value = 0;
    sqlite3_stmt *statement = NULL;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    make_old(path);
    ASSERT_OK(store_open_reading(path, &store, &diag), diag);
    ASSERT_OK(store_prepare(store, "SELECT run_id FROM pareto", &statement, &diag), diag);
    ASSERT_OK(store_finish(store, statement, &value, &diag), diag);
    CU_ASSERT_EQUAL(value, 1);
    ASSERT_OK(store_prepare(store, "SELECT count(energy_per_inference_j) FROM run_summary",
                            &statement, &diag),
              diag);
    ASSERT_OK(store_finish(store, statement, &value, &diag), diag);
    CU_ASSERT_EQUAL(value, 2);
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "PRAGMA user_version"), 3);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT old FROM run_summary"), 1);
    scratch_close(&scratch);
}

static void test_old_is_migrated(void) {
    struct scratch scratch;
    struct store *store = NULL;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db"), *new = scratch_path(&scratch, "new.db");
    make_old(path);
    ASSERT_OK(store_open(path, &store, &diag), diag);
    store_close(store);
    ASSERT_OK(store_open(new, &store, &diag), diag);
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT run_id FROM pareto"), 1);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 2);
    static const char schema[] =
        "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema "
        "ORDER BY type, name)";
    static char own[65536], expected[65536];
    query_text(path, schema, own, sizeof own);
    CU_ASSERT_STRING_EQUAL(own, query_text(new, schema, expected, sizeof expected));
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"pareto by hand", test_front},
    {"pareto against all pairs", test_all_pairs},
    {"best_per by hand", test_best_per},
    {"schema 3 is read with today's views, and stays as it is", test_old_is_read},
    {"schema 3 is brought to today's when it is written", test_old_is_migrated},
    {NULL, NULL},
};
const struct test_suite suite_store_views = {"store_views", cases};
