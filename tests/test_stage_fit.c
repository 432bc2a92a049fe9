/* Converters fitted to calibration images, and their histograms, on the shipped LeNet. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/record.h"
#include "tests/support/configs.h"
#include "tests/support/runs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

struct evaluated {
    struct config *config;
    struct run_result result;
};

static void evaluate(const char *const *overrides, struct evaluated *e) {
    struct diagnostic diag = {0};
    e->config = config_of(LENET_CONFIG, overrides);
    ASSERT_OK(run_evaluate(e->config, NULL, &e->result, &diag), diag);
}

static void discard(struct evaluated *e) {
    run_result_free(&e->result);
    config_free(e->config);
}

static void expect_refusal(const char *const *overrides, const char *text) {
    struct diagnostic diag = {0};
    struct run_result result;
    struct config *config = config_of(LENET_CONFIG, overrides);
    CU_ASSERT_EQUAL(run_evaluate(config, NULL, &result, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, text));
    config_free(config);
}

static void fits_need_images(void) {
    expect_refusal(
        (const char *[]){"adc.bits=4", "adc.transfer=nonuniform", "dataset.calibration=null", NULL},
        "layer /c1/Conv: adc.transfer is fitted to calibration images: set "
        "dataset.calibration to a file");
    expect_refusal((const char *[]){"adc.bits=4", "layers./f2/Gemm.adc.transfer=calibrated",
                                    "adc.calibration_images=0", NULL},
                   "layer /f2/Gemm: adc.transfer is fitted to calibration images, and "
                   "adc.calibration_images is 0");
}

/* Where nothing can be lost there is nothing to fit: the same classes without any image. */
static void lossless_bits_need_no_fit(void) {
    struct evaluated fitted, clip;
    evaluate((const char *[]){"adc.bits=lossless", "adc.transfer=calibrated", "dataset.count=20",
                              "dataset.calibration=null", NULL},
             &fitted);
    evaluate((const char *[]){"adc.bits=lossless", "dataset.count=20", NULL}, &clip);
    CU_ASSERT_EQUAL(memcmp(fitted.result.classes, clip.result.classes, 20 * sizeof(int32_t)), 0);
    CU_ASSERT_PTR_NULL(fitted.result.histograms);
    CU_ASSERT_PTR_NULL(clip.result.histograms);
    discard(&fitted);
    discard(&clip);
}

static void histograms_are_taken_where_they_are_kept(void) {
    struct evaluated e;
    evaluate((const char *[]){"adc.bits=4", "dataset.count=5", "run.detail=totals", NULL}, &e);
    CU_ASSERT_PTR_NULL(e.result.histograms);
    discard(&e);
    evaluate((const char *[]){"adc.bits=4", "dataset.count=5", "adc.calibration_images=0", NULL},
             &e);
    CU_ASSERT_PTR_NULL(e.result.histograms);
    discard(&e);
    evaluate((const char *[]){"adc.bits=4", "run.accuracy=false", NULL}, &e);
    CU_ASSERT_PTR_NULL(e.result.histograms);
    discard(&e);
    evaluate((const char *[]){"adc.bits=4", "dataset.count=5", "run.detail=totals",
                              "adc.transfer=calibrated", NULL},
             &e);
    CU_ASSERT_PTR_NOT_NULL(e.result.histograms);
    discard(&e);
}

/* Every conversion of the images is in the histograms; c1 has 25 rows, one block. */
static void histograms_count_every_conversion(void) {
    struct evaluated e;
    evaluate((const char *[]){"adc.bits=4", "dataset.count=5", "adc.calibration_images=3", NULL},
             &e);
    for (int i = 0; i < e.result.mapping.n_layers; i++) {
        double count = histogram_moments(&e.result.histograms[i]).count;
        CU_ASSERT_EQUAL(count, 3 * e.result.cost.layers[i].conversions);
        CU_ASSERT_EQUAL(e.result.histograms[i].size,
                        e.result.mapping.layers[i].lossless.largest_sum + 1);
    }
    discard(&e);
}

/* By the definitions: min(S, 15) over the counts. */
static void quality_of_clipping(void) {
    struct evaluated e;
    evaluate((const char *[]){"adc.bits=4", "dataset.count=5", "adc.calibration_images=3", NULL},
             &e);
    for (int i = 0; i < e.result.mapping.n_layers; i++) {
        const struct sum_histogram *h = &e.result.histograms[i];
        double total = 0, above = 0, signal = 0, noise = 0;
        for (int64_t s = 0; s < h->size; s++) {
            double count = (double)h->counts[s], lost = s > 15 ? (double)s - 15 : 0;
            total += count;
            above += s > 15 ? count : 0;
            signal += count * (double)(s * s);
            noise += count * lost * lost;
        }
        CU_ASSERT(above > 0);
        CU_ASSERT_DOUBLE_EQUAL(e.result.conversions[i].clipping_rate, above / total, 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(e.result.conversions[i].sqnr_db, 10 * log10(signal / noise), 1e-9);
    }
    discard(&e);
}

/* 3 bits where 7 or 8 lose nothing: in every layer Lloyd-Max keeps more than an even range, and
 * that more than clipping; so do the classes of 200 images. */
static void fitted_converters_beat_clipping(void) {
    static const char *const transfers[] = {"adc.transfer=clip", "adc.transfer=calibrated",
                                            "adc.transfer=nonuniform"};
    struct evaluated e[3];
    for (int t = 0; t < 3; t++)
        evaluate((const char *[]){"adc.bits=3", "dataset.count=200", transfers[t], NULL}, &e[t]);
    for (int i = 0; i < e[0].result.mapping.n_layers; i++) {
        double db[3];
        for (int t = 0; t < 3; t++)
            db[t] = e[t].result.conversions[i].sqnr_db;
        CU_ASSERT(db[0] < db[1] && db[1] < db[2]);
        CU_ASSERT_PTR_NULL(e[0].result.layers[i].fit);
        CU_ASSERT_PTR_NOT_NULL(e[1].result.layers[i].fit);
    }
    for (int t = 1; t < 3; t++)
        CU_ASSERT(e[t - 1].result.accuracy.trial->correct + 10 <
                  e[t].result.accuracy.trial->correct);
    for (int t = 0; t < 3; t++)
        discard(&e[t]);
}

static void threads_change_nothing(void) {
    struct evaluated one, three;
    evaluate((const char *[]){"adc.bits=3", "adc.transfer=nonuniform", "dataset.count=20",
                              "run.threads=1", NULL},
             &one);
    evaluate((const char *[]){"adc.bits=3", "adc.transfer=nonuniform", "dataset.count=20",
                              "run.threads=3", NULL},
             &three);
    CU_ASSERT_EQUAL(memcmp(one.result.classes, three.result.classes, 20 * sizeof(int32_t)), 0);
    for (int i = 0; i < one.result.mapping.n_layers; i++)
        CU_ASSERT_EQUAL(memcmp(one.result.layers[i].fit->levels, three.result.layers[i].fit->levels,
                               8 * sizeof(int32_t)),
                        0);
    discard(&one);
    discard(&three);
}

/* Images that are only looked at are no part of the point, those that decide a transfer are. */
static void calibration_images_are_hashed_where_they_count(void) {
    struct evaluated looked, fitted, fewer;
    evaluate((const char *[]){"adc.bits=4", "dataset.count=2", NULL}, &looked);
    evaluate((const char *[]){"adc.bits=4", "adc.transfer=calibrated", "dataset.count=2", NULL},
             &fitted);
    evaluate((const char *[]){"adc.bits=4", "adc.transfer=calibrated", "dataset.count=2",
                              "dataset.calibration_count=3", NULL},
             &fewer);
    CU_ASSERT_STRING_EQUAL(looked.result.contents.calibration, "");
    CU_ASSERT_EQUAL(strlen(fitted.result.contents.calibration), 32);
    CU_ASSERT_STRING_NOT_EQUAL(fitted.result.contents.calibration,
                               fewer.result.contents.calibration);
    discard(&looked);
    discard(&fitted);
    discard(&fewer);
}

static void a_check_reads_the_images_only(void) {
    struct diagnostic diag = {0};
    struct run_result result;
    const struct run_hooks hooks = {.check_only = true};
    struct config *config =
        config_of(LENET_CONFIG, (const char *[]){"adc.bits=4", "adc.transfer=calibrated", NULL});
    ASSERT_OK(run_evaluate(config, &hooks, &result, &diag), diag);
    CU_ASSERT_PTR_NULL(result.histograms);
    CU_ASSERT_EQUAL(strlen(result.contents.calibration), 32);
    run_result_free(&result);
    config_free(config);
}

/* Table and view against the functions over the histograms in memory. */
static void the_database_tells_the_same(void) {
    struct scratch scratch;
    struct evaluated e;
    struct arena arena = ARENA_INIT;
    struct store_run record;
    struct store *store = NULL;
    struct diagnostic diag = {0};
    char sql[256];
    scratch_open(&scratch);
    evaluate((const char *[]){"adc.bits=4", "dataset.count=2", "adc.calibration_images=1", NULL},
             &e);
    const struct run_source source = {.config_path = LENET_CONFIG,
                                      .base = e.config,
                                      .version = "1.2.3",
                                      .commit = "abc",
                                      .started_unix_s = 1e9};
    const char *path = scratch_path(&scratch, "r.db");
    ASSERT_OK(run_record(&e.result, &source, &arena, &record, &diag), diag);
    ASSERT_OK(store_open(path, &store, &diag), diag);
    ASSERT_OK(store_write(store, &record, NULL, &diag), diag);
    store_close(store);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM clipping"),
                    16 * e.result.mapping.n_layers);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT sum(exact) FROM clipping WHERE position = 0"), 16);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT sum(exact) FROM clipping WHERE position > 0"), 0);
    CU_ASSERT_EQUAL(query_integer(path, "SELECT count(*) FROM histogram WHERE count = 0"), 0);
    for (int i = 0; i < e.result.mapping.n_layers; i++) {
        double rates[HISTOGRAM_RESOLUTIONS];
        histogram_clipping(&e.result.histograms[i], rates);
        for (int bits = 1; bits <= 16; bits++) {
            snprintf(sql, sizeof sql, "SELECT rate FROM clipping WHERE layer = '%s' AND bits = %d",
                     e.result.mapping.layers[i].layer->name, bits);
            CU_ASSERT_DOUBLE_EQUAL(query_real(path, sql), rates[bits], 1e-15);
        }
        snprintf(sql, sizeof sql, "SELECT clipping_rate FROM layer_summary WHERE position = %d", i);
        CU_ASSERT_DOUBLE_EQUAL(query_real(path, sql), rates[4], 1e-15);
        snprintf(sql, sizeof sql, "SELECT sqnr_db FROM layer_summary WHERE position = %d", i);
        CU_ASSERT_DOUBLE_EQUAL(query_real(path, sql), e.result.conversions[i].sqnr_db, 1e-9);
    }
    arena_free(&arena);
    discard(&e);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"fits need images", fits_need_images},
    {"lossless bits need no fit", lossless_bits_need_no_fit},
    {"histograms are taken where they are kept", histograms_are_taken_where_they_are_kept},
    {"histograms count every conversion", histograms_count_every_conversion},
    {"quality of clipping", quality_of_clipping},
    {"fitted converters beat clipping", fitted_converters_beat_clipping},
    {"threads change nothing", threads_change_nothing},
    {"calibration images are hashed where they count",
     calibration_images_are_hashed_where_they_count},
    {"a check reads the images only", a_check_reads_the_images_only},
    {"the database tells the same", the_database_tells_the_same},
    {NULL, NULL},
};
const struct test_suite suite_stage_fit = {"stage_fit", cases};
