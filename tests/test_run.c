/* Whole design points on the shipped LeNet, 20 images. */
#include <stdio.h>
#include <string.h>

#include "tests/support/configs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

#define TEST_IMAGES "configs/data/fashion-mnist/test-1000-images-idx3-ubyte.gz"
#define LENET_FLOAT "../shared/models/fashion-mnist/lenet.onnx"

/* Evaluates LeNet with overrides; the configuration goes with the result. */
static void evaluate(const char *const *overrides, const struct run_hooks *hooks,
                     struct config **config, struct run_result *result) {
    struct diagnostic diag = {0};
    *config = config_of(LENET_CONFIG, overrides);
    ASSERT_OK(run_evaluate(*config, hooks, result, &diag), diag);
}

static void finish(struct config *config, struct run_result *result) {
    run_result_free(result);
    config_free(config);
}

/* Expects a failure with `text` in its message, and an empty result. */
static void expect_failure(const char *const *overrides, const struct run_hooks *hooks,
                           enum status status, const char *text) {
    struct diagnostic diag = {0};
    struct run_result result;
    struct config *config = config_of(LENET_CONFIG, overrides);
    CU_ASSERT_EQUAL(run_evaluate(config, hooks, &result, &diag), status);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, text));
    if (strstr(diag.message, text) == NULL)
        fprintf(stderr, "\nexpected `%s`, got `%s`\n", text, diag.message);
    CU_ASSERT_PTR_NULL(result.config);
    CU_ASSERT_PTR_NULL(result.mapping.layers);
    CU_ASSERT_PTR_NULL(strchr(diag.message, '\n'));
    config_free(config);
}

static void lossless_is_the_ideal(void) {
    struct run_result result;
    struct config *config;
    evaluate((const char *[]){"dataset.count=20", "adc.bits=lossless", NULL}, NULL, &config,
             &result);
    CU_ASSERT_EQUAL(result.accuracy.images, 20);
    CU_ASSERT_EQUAL(result.accuracy.classes, 10);
    CU_ASSERT_EQUAL(result.accuracy.trial->correct, result.accuracy.correct_ideal);
    CU_ASSERT_EQUAL(result.accuracy.trial->differing, 0);
    CU_ASSERT_EQUAL(result.accuracy.correct_float, -1);
    CU_ASSERT(result.accuracy.trial->correct >= 15);
    CU_ASSERT_FALSE(result.float_model);
    CU_ASSERT_PTR_NULL(result.ideal_classes);
    CU_ASSERT_EQUAL(strlen(result.contents.data), 32);
    CU_ASSERT_STRING_EQUAL(result.contents.calibration, "");
    finish(config, &result);
}

/* One bit loses nearly everything; the ideal pass must not be touched by it. */
static void coarse_converters_are_compared_with_the_ideal(void) {
    struct run_result lossless, coarse;
    struct config *lossless_config, *coarse_config;
    evaluate((const char *[]){"dataset.count=20", "adc.bits=lossless", NULL}, NULL,
             &lossless_config, &lossless);
    evaluate((const char *[]){"dataset.count=20", "adc.bits=1", NULL}, NULL, &coarse_config,
             &coarse);
    CU_ASSERT_EQUAL(coarse.accuracy.correct_ideal, lossless.accuracy.trial->correct);
    CU_ASSERT(coarse.accuracy.trial->correct < coarse.accuracy.correct_ideal);
    int differing = 0, correct_of_ideal = 0;
    for (int i = 0; i < 20; i++) {
        differing += coarse.classes[i] != lossless.classes[i];
        correct_of_ideal += coarse.ideal_classes[i] == lossless.classes[i];
    }
    CU_ASSERT_EQUAL(coarse.accuracy.trial->differing, differing);
    CU_ASSERT_EQUAL(correct_of_ideal, 20);
    finish(lossless_config, &lossless);
    finish(coarse_config, &coarse);
}

static void threads_change_nothing(void) {
    struct run_result one, three;
    struct config *config_one, *config_three;
    evaluate((const char *[]){"dataset.count=11", "adc.bits=5", "run.threads=1", NULL}, NULL,
             &config_one, &one);
    evaluate((const char *[]){"dataset.count=11", "adc.bits=5", "run.threads=3", NULL}, NULL,
             &config_three, &three);
    for (int i = 0; i < 11; i++)
        CU_ASSERT_EQUAL(one.classes[i], three.classes[i]);
    for (int i = 0; i < one.mapping.n_layers; i++)
        CU_ASSERT_EQUAL(one.activity[i].digits_nonzero, three.activity[i].digits_nonzero);
    CU_ASSERT_EQUAL(one.cost.energy_j, three.cost.energy_j);
    finish(config_one, &one);
    finish(config_three, &three);
}

static void measured_activity_reaches_the_energy(void) {
    struct run_result measured, assumed;
    struct config *config_measured, *config_assumed;
    evaluate((const char *[]){"dataset.count=5", NULL}, NULL, &config_measured, &measured);
    evaluate((const char *[]){"run.accuracy=false", "dac.activity=1", NULL}, NULL, &config_assumed,
             &assumed);
    CU_ASSERT_TRUE(measured.cost.activity_measured);
    CU_ASSERT_FALSE(assumed.cost.activity_measured);
    CU_ASSERT(measured.cost.energy_j < assumed.cost.energy_j);
    CU_ASSERT_EQUAL(assumed.accuracy.images, 0);
    CU_ASSERT_PTR_NULL(assumed.activity);
    CU_ASSERT_STRING_EQUAL(assumed.contents.data, "");
    /* c1: 25 rows x 8 cycles x 24*24 positions x 5 images */
    CU_ASSERT_EQUAL(measured.activity[0].digits, 25ULL * 8 * 576 * 5);
    finish(config_measured, &measured);
    finish(config_assumed, &assumed);
}

static void without_cost_there_is_no_report(void) {
    struct run_result result;
    struct config *config;
    evaluate((const char *[]){"run.accuracy=false", "run.cost=false", NULL}, NULL, &config,
             &result);
    CU_ASSERT_EQUAL(result.cost.n_rows, 0);
    CU_ASSERT(result.mapping.crossbars > 0);
    finish(config, &result);
}

static void a_check_runs_no_test_image(void) {
    struct run_result result;
    struct config *config;
    const struct run_hooks hooks = {.check_only = true};
    evaluate((const char *[]){"dataset.count=20", NULL}, &hooks, &config, &result);
    CU_ASSERT_EQUAL(result.accuracy.images, 0);
    CU_ASSERT_EQUAL(strlen(result.contents.data), 32); /* but the data were read */
    CU_ASSERT(result.cost.n_rows > 0);
    finish(config, &result);
}

/* NPY version 1 of 7 int32: a header of 128 bytes, then the classes. */
static void predictions_are_the_classes(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct run_result result;
    struct config *config;
    char *data, override[128];
    size_t bytes;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "predictions.npy");
    snprintf(override, sizeof override, "run.predictions=%s", path);
    evaluate((const char *[]){"dataset.count=7", override, NULL}, NULL, &config, &result);
    ASSERT_OK(file_read(path, &arena, &data, &bytes, &diag), diag);
    CU_ASSERT_FATAL(bytes > 7 * sizeof(int32_t));
    CU_ASSERT_EQUAL(memcmp(data, "\x93NUMPY", 6), 0);
    CU_ASSERT_EQUAL(memcmp(data + bytes - 7 * sizeof(int32_t), result.classes, 7 * sizeof(int32_t)),
                    0);
    arena_free(&arena);
    scratch_close(&scratch);
    finish(config, &result);
}

static void a_float_model_is_calibrated(void) {
    struct arena arena = ARENA_INIT;
    char *model;
    size_t bytes;
    if (file_read(LENET_FLOAT, &arena, &model, &bytes, NULL) != STATUS_OK) {
        fprintf(stderr, " skipped: no " LENET_FLOAT);
        return;
    }
    arena_free(&arena);
    struct run_result result;
    struct config *config;
    evaluate((const char *[]){"dataset.count=50", "adc.bits=lossless", "network.model=" LENET_FLOAT,
                              "dataset.calibration_count=64", NULL},
             NULL, &config, &result);
    CU_ASSERT_TRUE(result.float_model);
    CU_ASSERT_TRUE(result.network.quantised);
    CU_ASSERT_EQUAL(strlen(result.contents.calibration), 32);
    CU_ASSERT(result.accuracy.correct_float >= 40);
    CU_ASSERT(result.accuracy.trial->correct >= result.accuracy.correct_float - 2);
    finish(config, &result);
    evaluate((const char *[]){"dataset.count=5", "network.model=" LENET_FLOAT,
                              "run.float_accuracy=false", "dataset.calibration_count=64", NULL},
             NULL, &config, &result);
    CU_ASSERT_EQUAL(result.accuracy.correct_float, -1);
    finish(config, &result);
    expect_failure((const char *[]){"network.model=" LENET_FLOAT, "dataset.calibration=null", NULL},
                   NULL, STATUS_USAGE, "is a float model: set dataset.calibration");
    /* Costs alone need no calibration images, and are the same. */
    double area_m2 = 0;
    for (int i = 0; i < 2; i++) {
        evaluate((const char *[]){"network.model=" LENET_FLOAT, "run.accuracy=false",
                                  "dataset.calibration_count=16",
                                  i == 0 ? NULL : "dataset.calibration=null", NULL},
                 NULL, &config, &result);
        CU_ASSERT(i == 0 || result.cost.area_used_m2 == area_m2);
        CU_ASSERT(result.cost.area_used_m2 > 0);
        area_m2 = result.cost.area_used_m2;
        finish(config, &result);
    }
}

struct watcher {
    int calls[RUN_STAGES];
    atomic_bool stop;
};

static void stop_when_simulating(void *context, const struct run_step *step) {
    struct watcher *watcher = context;
    CU_ASSERT(step->done <= step->total);
    CU_ASSERT_EQUAL(step->trials, 1);
    watcher->calls[step->stage]++;
    if (step->stage == RUN_SIMULATE)
        atomic_store(&watcher->stop, true);
}

static void a_stop_interrupts_the_simulation(void) {
    struct watcher watcher = {0};
    const struct run_hooks hooks = {
        .progress = stop_when_simulating, .context = &watcher, .stop = &watcher.stop};
    expect_failure((const char *[]){"run.threads=1", "dataset.count=500", "adc.bits=4", NULL},
                   &hooks, STATUS_INTERRUPTED, "interrupted");
    CU_ASSERT(watcher.calls[RUN_IDEAL] > 0);
    CU_ASSERT(watcher.calls[RUN_SIMULATE] > 0);
    atomic_store(&watcher.stop, true);
    expect_failure((const char *[]){NULL}, &hooks, STATUS_INTERRUPTED, "interrupted");
}

static void wrong_input_is_refused(void) {
    expect_failure((const char *[]){"network.model=nothing.onnx", NULL}, NULL, STATUS_USAGE,
                   "nothing.onnx");
    expect_failure((const char *[]){"quantization.weight_bits=4", NULL}, NULL, STATUS_USAGE,
                   "quantization.weight_bits is 4 (--set), but layer /c1/Conv");
    expect_failure((const char *[]){"quantization.activation_bits=5", NULL}, NULL, STATUS_USAGE,
                   "quantization.activation_bits is 5 (--set), but the input of layer /c1/Conv");
    expect_failure((const char *[]){"layers.c9.adc.bits=4", NULL}, NULL, STATUS_USAGE,
                   "matches no layer");
    expect_failure((const char *[]){"dataset.labels=null", NULL}, NULL, STATUS_USAGE, "labels");
    expect_failure((const char *[]){"adc.bits=3", "dataset.count=20",
                                    "dataset.calibration=" TEST_IMAGES, NULL},
                   NULL, STATUS_USAGE, "calibration images of " TEST_IMAGES " are test images");
    expect_failure((const char *[]){"chip.preset=nothing", NULL}, NULL, STATUS_USAGE,
                   "chip.preset: no shipped chip is called \"nothing\" (there is: forms-16, ");
    expect_failure((const char *[]){"run.predictions=/nowhere/at/all.npy", "dataset.count=2", NULL},
                   NULL, STATUS_IO, "/nowhere/at/all.npy");
}

static void stages_have_names(void) {
    CU_ASSERT_STRING_EQUAL(run_stage_name(RUN_IMPORT), "import");
    CU_ASSERT_STRING_EQUAL(run_stage_name(RUN_SIMULATE), "simulate");
    CU_ASSERT_STRING_EQUAL(run_stage_name(RUN_COST), "cost");
}

static const struct test_case cases[] = {
    {"lossless is the ideal", lossless_is_the_ideal},
    {"coarse converters are compared with the ideal",
     coarse_converters_are_compared_with_the_ideal},
    {"threads change nothing", threads_change_nothing},
    {"measured activity reaches the energy", measured_activity_reaches_the_energy},
    {"without cost there is no report", without_cost_there_is_no_report},
    {"a check runs no test image", a_check_runs_no_test_image},
    {"predictions are the classes", predictions_are_the_classes},
    {"a float model is calibrated", a_float_model_is_calibrated},
    {"a stop interrupts the simulation", a_stop_interrupts_the_simulation},
    {"wrong input is refused", wrong_input_is_refused},
    {"stages have names", stages_have_names},
    {NULL, NULL},
};
const struct test_suite suite_run = {"run", cases};
