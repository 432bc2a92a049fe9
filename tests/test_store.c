/* The results store: what is written comes back through the tables and views. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "results/store.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

enum { TEXT = 1024 };

/* Opens `name` in the folder, writes the run, closes; returns the run's id. */
static int64_t write_run(const char *path, const struct store_run *run) {
    struct store *store = NULL;
    struct diagnostic diag = {0};
    int64_t id = -1;
    ASSERT_OK(store_open(path, &store, &diag), diag);
    ASSERT_OK(store_write(store, run, &id, &diag), diag);
    store_close(store);
    return id;
}

static void check_text(const char *path, const char *sql, const char *expected) {
    char text[TEXT];
    query_text(path, sql, text, TEXT);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\n%s: %s\n", sql, text);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void test_creates(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "b c.db");
    struct store *store = NULL;
    struct diagnostic diag = {0};
    ASSERT_OK(store_open(path, &store, &diag), diag);
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "PRAGMA user_version"), 5);
    CU_ASSERT_EQUAL(query_integer(path, "PRAGMA application_id"), 0x6d686f31);
    check_text(path, "PRAGMA journal_mode", "wal");
    check_text(path,
               "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = "
               "'table' ORDER BY name)",
               "base_parameter claim component experiment histogram layer metric parameter run "
               "run_config");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run_summary"), 0);
    ASSERT_OK(store_open(path, &store, &diag), diag); /* and again, as it is */
    store_close(store);
    store_close(NULL);
    scratch_close(&scratch);
}

/* The columns that DESIGN.md promises, in its order, and after them those of trials. */
static void test_summary_columns(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    write_run(path, &run);
    check_text(path, "SELECT group_concat(name, ' ') FROM pragma_table_info('run_summary')",
               "run_id experiment params status accuracy_top1 accuracy_ideal images area_mm2 "
               "area_chip_mm2 power_w power_average_w energy_per_inference_j latency_s "
               "throughput_ips gops gops_per_w gops_per_mm2 crossbars crossbars_dense "
               "crossbar_saving compression_ratio nonzero_weights adc_bits_max adc_bits_mean "
               "wall_s trial accuracy_mean accuracy_std");
    check_text(path, "SELECT group_concat(name, ' ') FROM pragma_table_info('param')",
               "run_id key value");
    scratch_close(&scratch);
}

static void test_summary_values(void) {
    static const struct {
        const char *column;
        double value;
    } reals[] = {{"accuracy_top1", 90.25},
                 {"accuracy_ideal", 91.5},
                 {"area_mm2", 0.372},
                 {"area_chip_mm2", 85.4},
                 {"power_w", 65.8},
                 {"power_average_w", 2.385},
                 {"energy_per_inference_j", 1.67e-6},
                 {"latency_s", 3.7e-4},
                 {"throughput_ips", 12345.5},
                 {"gops", 1012.75},
                 {"gops_per_w", 627.5},
                 {"gops_per_mm2", 478.95},
                 {"crossbar_saving", 0.5},
                 {"compression_ratio", 15.75},
                 {"adc_bits_mean", 5.125},
                 {"wall_s", 6.27}};
    static const struct {
        const char *column;
        int64_t value;
    } integers[] = {{"images", 400},
                    {"crossbars", 37},
                    {"crossbars_dense", 74},
                    {"nonzero_weights", 4321},
                    {"adc_bits_max", 7}};
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    int64_t id = write_run(path, &run);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT run_id FROM run_summary"), id);
    check_text(path, "SELECT experiment FROM run_summary", "quickstart");
    check_text(path, "SELECT status FROM run_summary", "done");
    check_text(path, "SELECT params FROM run_summary",
               "{\"adc.bits\":\"lossless\",\"adc.f_s\":1280000000.0,\"crossbar.rows\":37}");
    char sql[TEXT];
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        snprintf(sql, sizeof sql, "SELECT %s FROM run_summary", reals[i].column);
        CU_ASSERT_DOUBLE_EQUAL(query_real(path, sql), reals[i].value, 1e-12 * reals[i].value);
    }
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        snprintf(sql, sizeof sql, "SELECT %s FROM run_summary", integers[i].column);
        CU_ASSERT_EQUAL(query_integer(path, sql), integers[i].value);
    }
    scratch_close(&scratch);
}

static void test_tables(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    write_run(path, &run);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT seed FROM run"), INT64_MAX);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT trial FROM run"), 2);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT started_unix_s FROM run"), 1.75e9, 0);
    check_text(path, "SELECT \"commit\" || host || libraries || model_hash FROM run",
               "abchost x86_64{\"sqlite\":\"3.40.1\"}fedcba9876543210fedcba9876543210");
    check_text(path, "SELECT point_hash || version FROM run",
               "0123456789abcdef0123456789abcdef0.1.0+abc-dirty");
    check_text(path, "SELECT coalesce(data_hash, error) FROM run", "NULL");
    check_text(path, "SELECT yaml FROM run_config", "crossbar: {rows: 37}\n");
    check_text(path, "SELECT config || hash FROM experiment",
               "crossbar: {rows: 128}\n00112233445566778899aabbccddeeff");
    check_text(path, "SELECT unit FROM metric WHERE scope = 'run' AND name = 'gops'", "GOPS");
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT value FROM metric WHERE scope = 'conv1'"), 1e-4,
                           0);
    check_text(path, "SELECT group_concat(key || '=' || typeof(value)) FROM param",
               "adc.bits=text,adc.f_s=real,crossbar.rows=integer,dac.bits=integer");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT value FROM param WHERE key = 'dac.bits'"), 1);
    scratch_close(&scratch);
}

/* What runs have of their base is stored once, and still shown with each of them. */
static void test_base_parameters(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run(), other = run;
    const struct store_parameter own[] = {{"crossbar.rows", "64", PARAMETER_INTEGER, false},
                                          {"adc.bits", "lossless", PARAMETER_TEXT, true},
                                          {"dac.bits", "2", PARAMETER_INTEGER, true}};
    other.point_hash = "another";
    other.parameters = own;
    other.n_parameters = 3;
    write_run(path, &run);
    write_run(path, &other);
    check_text(path, "SELECT group_concat(key || '=' || value, ' ') FROM base_parameter",
               "crossbar.rows=64 dac.bits=1");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM parameter"), 5);
    check_text(path,
               "SELECT group_concat(run_id || key || '=' || value, ' ') FROM (SELECT * FROM param "
               "WHERE key <> 'adc.f_s' ORDER BY run_id, key)",
               "1adc.bits=lossless 1crossbar.rows=37 1dac.bits=1 "
               "2adc.bits=lossless 2crossbar.rows=64 2dac.bits=2");
    execute(path, "PRAGMA foreign_keys = ON; DELETE FROM experiment");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM base_parameter"), 0);
    scratch_close(&scratch);
}

static void test_layers_and_components(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    write_run(path, &run);
    check_text(path, "SELECT group_concat(layer) FROM layer_summary", "conv1,fc");
    check_text(path,
               "SELECT concat FROM (SELECT rows || ' ' || columns || ' ' || groups || ' ' || "
               "positions || ' ' || macs || ' ' || weights || ' ' || nonzero_weights || ' ' || "
               "sparsity || ' ' || crossbars || ' ' || row_blocks || ' ' || utilisation || ' ' || "
               "adc_bits || lossless_bits || structural_bits || worst_bits || ' ' || largest_sum "
               "|| ' ' || bits_set_by || ' ' || path || ' ' || activity || ' ' || conversions AS "
               "concat FROM layer_summary WHERE position = 0)",
               "27 16 1 1024 442368.0 432 108 0.75 2 1 0.625 7678 61 slice 0 of array 1, 27 rows "
               "bit-serial 0.375 131072.0");
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT area_mm2 FROM layer_summary WHERE position=0"),
                           0.25, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT energy_j FROM layer_summary WHERE position=0"),
                           1.5e-6, 0);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT time_s FROM layer_summary WHERE position=0"),
                           8.192e-4, 0);
    check_text(path, "SELECT sparsity FROM layer_summary WHERE layer = 'fc'", "NULL");
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT sum(area_m2) FROM component"), 1.534e-7, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT sum(energy_j) FROM component"), 2.31e-7, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT sum(power_peak_w) FROM component"), 0.046,
                           1e-12);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT sum(leakage_w) FROM component"), 2e-5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT sum(count * actions) FROM component"),
                           2 * 131072 + 80 + 2.25, 0);
    check_text(path,
               "SELECT component || coalesce(layer, model, source, '') FROM component "
               "WHERE position = 2",
               "router");
    check_text(path, "SELECT layer || model || source FROM component WHERE position = 1",
               "fcisaacISAAC table 6");
    scratch_close(&scratch);
}

/* The same point, version and trial: one row, of the last writing, under the old id. */
static void test_replaces(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    run.trial = 1;
    int64_t other = write_run(path, &run);
    run.trial = 2;
    int64_t first = write_run(path, &run);
    CU_ASSERT_NOT_EQUAL(first, other);
    run.wall_s = 1.5;
    run.n_metrics = 1;
    run.n_layers = run.n_components = 0;
    run.experiment = "renamed";
    CU_ASSERT_EQUAL(write_run(path, &run), first);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 2);
    CU_ASSERT_DOUBLE_EQUAL(query_real(path, "SELECT wall_s FROM run WHERE trial = 2"), 1.5, 0);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM metric"), 22 + 1);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM layer"), 2);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM component"), 3);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run_config"), 2);
    check_text(path, "SELECT latency_s FROM run_summary WHERE experiment = 'renamed'", "NULL");

    /* The last run of an experiment takes it along; another version is another run. */
    run.trial = 1;
    write_run(path, &run);
    check_text(path, "SELECT group_concat(name) FROM experiment", "renamed");
    run.version = "0.2.0";
    write_run(path, &run);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 3);
    scratch_close(&scratch);
}

/* What was written says which rows were there before. */
static void test_tells_replacement(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    struct diagnostic diag = {0};
    struct store *store = NULL;
    struct store_run runs[] = {sample_run(), sample_run(), sample_run()};
    struct store_written written[3] = {{0}};
    for (int i = 0; i < 3; i++)
        runs[i].trial = i;
    ASSERT_OK(store_open(scratch_path(&scratch, "mho.db"), &store, &diag), diag);
    ASSERT_OK(store_write_all(store, runs, 2, written, &diag), diag);
    CU_ASSERT_FALSE(written[0].replaced || written[1].replaced);
    int64_t first = written[0].run_id;
    ASSERT_OK(store_write_all(store, runs, 3, written, &diag), diag);
    CU_ASSERT_TRUE(written[0].replaced && written[1].replaced);
    CU_ASSERT_FALSE(written[2].replaced);
    CU_ASSERT_EQUAL(written[0].run_id, first);
    store_close(store);
    scratch_close(&scratch);
}

static void test_failed_run_and_cascade(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    write_run(path, &run);
    run.status = "failed";
    run.error = "out of memory for images";
    run.data_hash = "d";
    run.point_hash = "another";
    run.n_parameters = run.n_metrics = run.n_layers = run.n_components = 0;
    write_run(path, &run);
    check_text(path, "SELECT error || data_hash FROM run WHERE status = 'failed'",
               "out of memory for imagesd");
    check_text(path, "SELECT params FROM run_summary WHERE status = 'failed'", "{}");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run_summary"), 2);
    execute(path, "PRAGMA foreign_keys = ON; DELETE FROM experiment");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM "
                                        "metric) + (SELECT count(*) FROM parameter) + (SELECT "
                                        "count(*) FROM layer) + (SELECT count(*) FROM component) + "
                                        "(SELECT count(*) FROM run_config)"),
                    0);
    scratch_close(&scratch);
}

/* Every metric of the summary is found by its primary key. */
static void test_summary_uses_the_key(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "mho.db");
    struct store_run run = sample_run();
    write_run(path, &run);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, "EXPLAIN QUERY PLAN SELECT * FROM run_summary", -1,
                                             &statement, NULL),
                          SQLITE_OK);
    int searches = 0, scans = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(statement, 3);
        searches += strstr(detail, "USING PRIMARY KEY (run_id=? AND scope=? AND name=?)") != NULL;
        scans += strncmp(detail, "SCAN", 4) == 0;
    }
    CU_ASSERT_EQUAL(searches, 22);
    CU_ASSERT_EQUAL(scans, 1);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"creates schema and journal", test_creates},
    {"run_summary has the promised columns", test_summary_columns},
    {"run_summary gives the values written", test_summary_values},
    {"run, metric and parameter rows", test_tables},
    {"parameters of the base are stored once", test_base_parameters},
    {"layer and component rows", test_layers_and_components},
    {"replaces the same point", test_replaces},
    {"tells which rows it replaced", test_tells_replacement},
    {"failed runs, and deleting an experiment", test_failed_run_and_cascade},
    {"run_summary searches by key", test_summary_uses_the_key},
    {NULL, NULL},
};
const struct test_suite suite_store = {"store", cases};
