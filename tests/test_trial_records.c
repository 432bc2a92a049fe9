/* Statistics of trials, and their rows in the database, read back through SQL. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/record.h"
#include "tests/support/configs.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

enum { MAX_TRIALS = 4 };

static struct run_accuracy summary(int images, const struct run_trial *trial, int trials) {
    struct run_accuracy accuracy = {.images = images, .trial = trial, .trials = trials};
    run_summarise_trials(&accuracy);
    return accuracy;
}

static void statistics_by_hand(void) {
    /* 6, 8 and 7 of 10: mean 0.7, deviation sqrt(2 * 0.1^2 / 2). At 2 degrees of freedom the
     * distribution has a closed form: t of p is (2p - 1) sqrt(2 / (4 p (1 - p))), 4.30265 here. */
    const double t = 0.95 * sqrt(2 / 0.0975);
    static const struct run_trial three[] = {{6, 9}, {8, 1}, {7, 5}};
    struct run_accuracy a = summary(10, three, 3);
    CU_ASSERT_DOUBLE_EQUAL(a.mean, 0.7, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(a.deviation, 0.1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(a.trials_low, 0.7 - t * 0.1 / sqrt(3), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(a.trials_high, 0.7 + t * 0.1 / sqrt(3), 1e-12);
    /* At 1 degree of freedom t is tan(0.475 pi) = 12.7062: 36 and 37 of 37 would reach beyond 1. */
    static const struct run_trial two[] = {{36, 0}, {37, 0}};
    a = summary(37, two, 2);
    CU_ASSERT_DOUBLE_EQUAL(a.mean, 73.0 / 74, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(a.deviation, sqrt(0.5) / 37, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(a.trials_low, 73.0 / 74 - 12.706204736174698 / 74, 1e-12);
    CU_ASSERT_EQUAL(a.trials_high, 1);
    static const struct run_trial equal[] = {{3, 0}, {3, 0}, {3, 0}, {3, 0}};
    a = summary(7, equal, 4);
    CU_ASSERT_EQUAL(a.deviation, 0);
    CU_ASSERT(a.trials_low == a.mean && a.trials_high == a.mean);
    CU_ASSERT_DOUBLE_EQUAL(a.mean, 3.0 / 7, 1e-15);
}

static void one_trial_has_the_interval_of_its_images(void) {
    static const struct run_trial one[] = {{80, 3}};
    double low, high;
    run_wilson_interval(80, 100, &low, &high);
    struct run_accuracy a = summary(100, one, 1);
    CU_ASSERT_EQUAL(a.mean, 0.8);
    CU_ASSERT_TRUE(isnan(a.deviation));
    CU_ASSERT(isnan(a.trials_low) && isnan(a.trials_high));
    CU_ASSERT_DOUBLE_EQUAL(low, 0.7112, 5e-5); /* as printed in textbooks */
    CU_ASSERT_DOUBLE_EQUAL(high, 0.8666, 5e-5);
}

/* A run with its records. */
struct recorded {
    struct config *base, *config;
    struct run_result result;
    struct store_run records[MAX_TRIALS];
    struct arena arena;
};

static void record(struct recorded *r, const char *const *overrides) {
    struct diagnostic diag = {0};
    *r = (struct recorded){.base = config_of(LENET_CONFIG, NULL),
                           .config = config_of(LENET_CONFIG, overrides)};
    const struct run_source source = {.config_path = LENET_CONFIG,
                                      .base = r->base,
                                      .version = "1.2.3",
                                      .commit = "abc",
                                      .started_unix_s = 1e9};
    ASSERT_OK(run_evaluate(r->config, NULL, &r->result, &diag), diag);
    ASSERT_OK(run_record(&r->result, &source, &r->arena, &r->records[0], &diag), diag);
    for (int i = 1; i < r->result.accuracy.trials && i < MAX_TRIALS; i++)
        ASSERT_OK(run_record_trial(&r->result, i, &r->records[0], &r->arena, &r->records[i], &diag),
                  diag);
}
#define RECORD(r, ...) record((r), (const char *const[]){__VA_ARGS__, NULL})

static void discard(struct recorded *r) {
    run_result_free(&r->result);
    config_free(r->config);
    config_free(r->base);
    arena_free(&r->arena);
}

static enum status store(const char *path, struct recorded *r, int64_t ids[MAX_TRIALS]) {
    struct store *store = NULL;
    struct store_written written[MAX_TRIALS] = {{0}};
    struct diagnostic diag = {0};
    ASSERT_OK(store_open(path, &store, &diag), diag);
    enum status status =
        store_write_all(store, r->records, r->result.accuracy.trials, written, &diag);
    for (int i = 0; i < MAX_TRIALS; i++)
        ids[i] = written[i].run_id;
    store_close(store);
    return status;
}

#define NOISY                                                                                      \
    "dataset.count=20", "layers.*Conv.device.preset=neurosim",                                     \
        "layers.*Conv.device.programming_model=normal",                                            \
        "layers.*Conv.device.programming_sigma=0.1"

static void every_trial_is_a_row(void) {
    struct scratch scratch;
    struct recorded r;
    int64_t ids[MAX_TRIALS] = {0};
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    RECORD(&r, NOISY, "run.trials=3", "layers.*f2*.device.preset=vlsi2014_180nm",
           "layers.*f2*.device.programming_sigma=0.01",
           "layers.*f2*.device.programming_model=lognormal");
    CU_ASSERT_EQUAL(store(path, &r, ids), STATUS_OK);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 3);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(DISTINCT point_hash) FROM run"), 1);
    for (int t = 0; t < 3; t++) {
        char sql[160];
        snprintf(sql, sizeof sql, "SELECT accuracy_top1 FROM run_summary WHERE trial = %d", t);
        CU_ASSERT_DOUBLE_EQUAL(query_real(path, sql), 5.0 * r.result.accuracy.trial[t].correct,
                               1e-12);
        snprintf(sql, sizeof sql, "SELECT run_id FROM run_summary WHERE trial = %d", t);
        CU_ASSERT_EQUAL(query_integer(path, sql), ids[t]);
    }
    /* What each row says of all of them is what SQL finds over all of them. */
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(DISTINCT accuracy_mean) FROM run_summary"),
                    1);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(DISTINCT accuracy_std) FROM run_summary"), 1);
    CU_ASSERT_DOUBLE_EQUAL(
        query_real(path, "SELECT max(accuracy_mean) - avg(accuracy_top1) FROM run_summary"), 0,
        1e-12);
    CU_ASSERT_DOUBLE_EQUAL(
        query_real(path,
                   "SELECT 2.0 * max(accuracy_std) * max(accuracy_std) - sum((accuracy_top1 - "
                   "accuracy_mean) * (accuracy_top1 - accuracy_mean)) FROM run_summary"),
        0, 1e-9);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT CAST(min(value) AS INTEGER) FROM metric WHERE name "
                                        "= 'trials'"),
                    3);
    char text[160];
    CU_ASSERT_STRING_EQUAL(query_text(path,
                                      "SELECT group_concat(device, ' ') FROM (SELECT device FROM "
                                      "layer_summary WHERE run_id = 1 ORDER BY position)",
                                      text, sizeof text),
                           "neurosim neurosim ideal vlsi2014_180nm");
    CU_ASSERT_STRING_EQUAL(query_text(path,
                                      "SELECT group_concat(path, ' ') FROM (SELECT path FROM "
                                      "layer_summary WHERE run_id = 1 ORDER BY position)",
                                      text, sizeof text),
                           "analog analog bit-serial analog");
    CU_ASSERT_STRING_EQUAL(query_text(path,
                                      "SELECT value FROM param WHERE key = "
                                      "'layers.*Conv.device.programming_model' AND run_id = 2",
                                      text, sizeof text),
                           "normal");
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(DISTINCT run_id) FROM component"), 3);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(DISTINCT run_id) FROM histogram"), 1);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT max(run_id) FROM histogram"), ids[0]);
    /* One interval for all, about trials; one for each, about its images. */
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM metric WHERE name = 'trials_low'"),
                    3);
    CU_ASSERT_DOUBLE_EQUAL(
        query_real(path, "SELECT max(value) FROM metric WHERE name = 'trials_high'"),
        100 * r.result.accuracy.trials_high, 1e-12);
    for (int t = 0; t < 3; t++) {
        double low, high;
        run_wilson_interval(r.result.accuracy.trial[t].correct, 20, &low, &high);
        CU_ASSERT_EQUAL(run_record_metric(&r.records[t], "accuracy_low"), 100 * low);
        CU_ASSERT_EQUAL(run_record_metric(&r.records[t], "accuracy_high"), 100 * high);
    }
    /* Again: the same rows in the same places. */
    int64_t again[MAX_TRIALS] = {0};
    CU_ASSERT_EQUAL(store(path, &r, again), STATUS_OK);
    CU_ASSERT_EQUAL(memcmp(ids, again, sizeof ids), 0);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 3);
    scratch_close(&scratch);
    discard(&r);
}

static void all_rows_or_none(void) {
    struct scratch scratch;
    struct recorded r;
    int64_t ids[MAX_TRIALS] = {0};
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    RECORD(&r, NOISY, "run.trials=3");
    r.records[1].wall_s = INFINITY;
    CU_ASSERT_EQUAL(store(path, &r, ids), STATUS_STORE);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM run"), 0);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM experiment"), 0);
    scratch_close(&scratch);
    discard(&r);
}

static void one_trial_has_no_deviation(void) {
    struct scratch scratch;
    struct recorded r;
    int64_t ids[MAX_TRIALS];
    char text[32];
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "r.db");
    RECORD(&r, NOISY, "run.trials=1");
    CU_ASSERT_EQUAL(store(path, &r, ids), STATUS_OK);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT accuracy_mean = accuracy_top1 FROM run_summary"),
                    1);
    query_text(path, "SELECT accuracy_std FROM run_summary", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "NULL");
    scratch_close(&scratch);
    discard(&r);
}

/* The contents of a device's file are part of the point, its comments in the configuration are not.
 */
static void the_point_hash_takes_in_devices(void) {
    static const char first[] = "name: x\nsource: nowhere\ng_max: 50 uS\ng_min: 5 uS\n"
                                "programming: {model: normal, sigma: 0.01}\n";
    static const char second[] = "name: x\nsource: nowhere\ng_max: 50 uS\ng_min: 5 uS\n"
                                 "programming: {model: normal, sigma: 0.02}\n";
    struct scratch scratch;
    struct recorded a, b, c;
    char override[128];
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "x.yaml", first, sizeof first - 1);
    snprintf(override, sizeof override, "layers.*c1*.device.preset=%s", path);
    RECORD(&a, "dataset.count=2", override);
    RECORD(&b, "dataset.count=2", override);
    scratch_write(&scratch, "x.yaml", second, sizeof second - 1);
    RECORD(&c, "dataset.count=2", override);
    CU_ASSERT_STRING_EQUAL(a.records[0].point_hash, b.records[0].point_hash);
    CU_ASSERT_STRING_NOT_EQUAL(a.records[0].point_hash, c.records[0].point_hash);
    scratch_close(&scratch);
    discard(&a);
    discard(&b);
    discard(&c);
}

static const struct test_case cases[] = {
    {"statistics by hand", statistics_by_hand},
    {"one trial has the interval of its images", one_trial_has_the_interval_of_its_images},
    {"every trial is a row", every_trial_is_a_row},
    {"all rows or none", all_rows_or_none},
    {"one trial has no deviation", one_trial_has_no_deviation},
    {"the point hash takes in devices", the_point_hash_takes_in_devices},
    {NULL, NULL},
};
const struct test_suite suite_trial_records = {"trial_records", cases};
