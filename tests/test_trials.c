/* Imperfect devices and converters in whole runs of the shipped LeNet: what is drawn anew, what is
 * not, and on what results may depend. */
#include <stdio.h>
#include <string.h>

#include "tests/support/configs.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* Programming error of a device whose off cells conduct. Convolutions only: the first dense layer
 * has nine tenths of the cells, and so of the time. */
#define CONV  "layers.*Conv."
#define NOISY CONV "device.preset=neurosim", CONV "device.programming_model=normal"

struct run {
    struct config *config;
    struct run_result result;
};

static void evaluate(const char *const *overrides, struct run *run) {
    struct diagnostic diag = {0};
    run->config = config_of(LENET_CONFIG, overrides);
    ASSERT_OK(run_evaluate(run->config, NULL, &run->result, &diag), diag);
}
#define EVALUATE(run, ...) evaluate((const char *const[]){__VA_ARGS__, NULL}, (run))

static void discard(struct run *run) {
    run_result_free(&run->result);
    config_free(run->config);
}

/* Classes and, layer by layer, every input value's digits (as sums): the whole inference. */
static bool same_results(const struct run *a, const struct run *b) {
    const struct run_accuracy *one = &a->result.accuracy, *two = &b->result.accuracy;
    size_t n = (size_t)one->trials * (size_t)one->images;
    if (one->trials != two->trials || one->images != two->images)
        return false;
    size_t layers = (size_t)a->result.mapping.n_layers;
    return memcmp(a->result.classes, b->result.classes, n * sizeof(int32_t)) == 0 &&
           memcmp(a->result.activity, b->result.activity, layers * sizeof(struct layer_activity)) ==
               0;
}

static void zero_strength_is_ideal(void) {
    struct run ideal, zero;
    EVALUATE(&ideal, "dataset.count=20", "adc.bits=5");
    EVALUATE(&zero, "dataset.count=20", "adc.bits=5", NOISY, CONV "device.programming_sigma=0",
             "device.stuck_on=0", "device.read_noise=0", "device.drift_time=0",
             "adc.offset_sigma=0", "adc.thermal_noise=0", "adc.dnl_sigma=0");
    CU_ASSERT_TRUE(same_results(&ideal, &zero));
    CU_ASSERT_FALSE(zero.result.random);
    for (int i = 0; i < zero.result.mapping.n_layers; i++) {
        CU_ASSERT_PTR_NULL(zero.result.layers[i].analog);
        CU_ASSERT_EQUAL(zero.result.layers[i].path, ideal.result.layers[i].path);
    }
    discard(&zero);

    /* Errors too small to move a sum over a threshold take the analog path to the same end. */
    EVALUATE(&zero, "dataset.count=20", "adc.bits=5", NOISY, CONV "device.programming_sigma=1e-7",
             CONV "adc.offset_sigma=1e-6", CONV "adc.thermal_noise=1e-6",
             CONV "adc.dnl_sigma=1e-6");
    CU_ASSERT_TRUE(same_results(&ideal, &zero));
    CU_ASSERT_TRUE(zero.result.random);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(zero.result.layers[i].path, ENGINE_ANALOG);
    discard(&ideal);
    discard(&zero);
}

static void accuracy_falls_with_the_error(void) {
    static const char *const sigmas[] = {CONV "device.programming_sigma=0.02",
                                         CONV "device.programming_sigma=0.1",
                                         CONV "device.programming_sigma=0.3"};
    struct run runs[3];
    for (int i = 0; i < 3; i++)
        EVALUATE(&runs[i], "dataset.count=40", "adc.bits=lossless", NOISY, sigmas[i],
                 "run.trials=2");
    CU_ASSERT(runs[0].result.accuracy.mean > 0.8);
    CU_ASSERT(runs[1].result.accuracy.mean < runs[0].result.accuracy.mean);
    CU_ASSERT(runs[2].result.accuracy.mean < runs[1].result.accuracy.mean);
    CU_ASSERT(runs[2].result.accuracy.mean < 0.3);        /* one class in ten is chance */
    CU_ASSERT_PTR_NOT_NULL(runs[0].result.ideal_classes); /* lossless converters, but not ideal */
    CU_ASSERT(runs[0].result.accuracy.correct_ideal >= 33);
    for (int i = 0; i < 3; i++)
        discard(&runs[i]);
}

/* Everything that is drawn at once; noise of reads, which takes time, in two layers. */
#define EVERYTHING                                                                                 \
    NOISY, "dataset.count=7", "adc.bits=6", CONV "device.programming_sigma=0.15",                  \
        CONV "device.stuck_off=0.01", CONV "adc.offset_sigma=0.3",                                 \
        "layers.*c2*.adc.dnl_sigma=0.2", "layers.*c1*.device.read_noise=0.05",                     \
        "layers.*f2*.adc.thermal_noise=0.5"

static void draws_belong_to_seed_and_trial(void) {
    struct run run, again, fewer;
    EVALUATE(&run, EVERYTHING, "run.trials=3", "run.threads=1");
    const int32_t *classes = run.result.classes;
    CU_ASSERT_EQUAL(run.result.accuracy.trials, 3);
    CU_ASSERT(memcmp(classes, classes + 7, 7 * sizeof *classes) != 0);
    CU_ASSERT(memcmp(classes, classes + 14, 7 * sizeof *classes) != 0);
    CU_ASSERT(memcmp(classes + 7, classes + 14, 7 * sizeof *classes) != 0);
    for (int t = 0; t < 3; t++) {
        int differing = 0;
        for (int i = 0; i < 7; i++)
            differing += classes[7 * t + i] != run.result.ideal_classes[i];
        CU_ASSERT_EQUAL(run.result.accuracy.trial[t].differing, differing);
    }

    EVALUATE(&again, EVERYTHING, "run.trials=3", "run.threads=2");
    CU_ASSERT_TRUE(same_results(&run, &again));
    discard(&again);
    EVALUATE(&again, EVERYTHING, "run.trials=3", "run.threads=3");
    CU_ASSERT_TRUE(same_results(&run, &again));
    discard(&again);

    /* How many trials follow does not matter to one. */
    EVALUATE(&fewer, EVERYTHING, "run.trials=2");
    CU_ASSERT_EQUAL(memcmp(classes, fewer.result.classes, 14 * sizeof *classes), 0);
    discard(&fewer);

    EVALUATE(&again, EVERYTHING, "run.trials=3", "run.seed=2");
    CU_ASSERT_FALSE(same_results(&run, &again));
    discard(&again);
    discard(&run);
}

static void nothing_random_runs_once(void) {
    struct run ideal, bowed;
    EVALUATE(&ideal, "dataset.count=5", "run.trials=7");
    CU_ASSERT_EQUAL(ideal.result.accuracy.trials, 1);
    CU_ASSERT_FALSE(ideal.result.random);
    discard(&ideal);
    /* Drift without spread and off cells without a reference err, but the same in every trial. */
    EVALUATE(&bowed, "dataset.count=5", "run.trials=7", "adc.inl=2", "device.drift_time=100",
             "device.drift_nu=0.1", "device.on_off_ratio=10", "device.reference_column=false");
    CU_ASSERT_EQUAL(bowed.result.accuracy.trials, 1);
    CU_ASSERT_FALSE(bowed.result.random);
    CU_ASSERT_EQUAL(bowed.result.layers[0].path, ENGINE_ANALOG);
    CU_ASSERT(bowed.result.accuracy.trial[0].differing > 0);
    discard(&bowed);
    EVALUATE(&bowed, "dataset.count=2", "run.trials=2", CONV "adc.dnl_sigma=0.1");
    CU_ASSERT_EQUAL(bowed.result.accuracy.trials, 2);
    discard(&bowed);
}

static void layers_have_devices_of_their_own(void) {
    struct run run;
    EVALUATE(&run, "dataset.count=5", "adc.bits=lossless", "layers.*f1*.device.preset=neurram_1s",
             "layers.*f2*.adc.gain_sigma=0.01", "run.trials=2", "adc.columns_per_adc=37",
             "run.seed=5");
    static const enum engine_path paths[] = {ENGINE_INTEGER, ENGINE_INTEGER, ENGINE_ANALOG,
                                             ENGINE_ANALOG};
    static const char *const names[] = {"ideal", "ideal", "neurram_1s", "ideal"};
    CU_ASSERT_EQUAL_FATAL(run.result.mapping.n_layers, 4);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(run.result.layers[i].path, paths[i]);
        CU_ASSERT_STRING_EQUAL(run.result.devices[i].device.name, names[i]);
        CU_ASSERT_EQUAL(run.result.devices[i].errors.gain_sigma, i == 3 ? 0.01 : 0);
        CU_ASSERT_EQUAL(run.result.devices[i].analog.layer, (uint64_t)i);
        CU_ASSERT_EQUAL(run.result.devices[i].analog.seed, 5);
        CU_ASSERT_EQUAL(run.result.devices[i].analog.columns_per_adc, 37);
    }
    CU_ASSERT_EQUAL(run.result.accuracy.trials, 2);
    discard(&run);
}

static void expect_refusal(const char *const *overrides, const char *text) {
    struct diagnostic diag = {0};
    struct run_result result;
    struct config *config = config_of(LENET_CONFIG, overrides);
    CU_ASSERT_EQUAL(run_evaluate(config, NULL, &result, &diag), STATUS_USAGE);
    if (strstr(diag.message, text) == NULL)
        fprintf(stderr, "\nexpected `%s`, got `%s`\n", text, diag.message);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, text));
    CU_ASSERT_PTR_NULL(result.devices);
    config_free(config);
}
#define EXPECT_REFUSAL(text, ...) expect_refusal((const char *const[]){__VA_ARGS__, NULL}, (text))

static void wrong_devices_are_refused(void) {
    EXPECT_REFUSAL("no shipped device is called \"nothing\"", "device.preset=nothing");
    EXPECT_REFUSAL("device.programming_sigma has no effect", CONV "device.programming_sigma=0.1");
    EXPECT_REFUSAL("layer /f1/Gemm: device.drift_nu has no effect: set device.drift_time",
                   "layers.*f1*.device.drift_nu=0.1");
    EXPECT_REFUSAL("layer /c2/Conv: device.stuck_on 0.7", "layers.*c2*.device.stuck_on=0.7",
                   "layers.*c2*.device.stuck_off=0.5");
}

/* NPY: a header of 128 bytes, then a row of classes for each trial. */
static void predictions_have_a_row_for_each_trial(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct run run;
    char *data, override[128];
    size_t bytes;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "predictions.npy");
    snprintf(override, sizeof override, "run.predictions=%s", path);
    EVALUATE(&run, EVERYTHING, "run.trials=3", override);
    ASSERT_OK(file_read(path, &arena, &data, &bytes, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(bytes, 128 + 21 * sizeof(int32_t));
    CU_ASSERT_PTR_NOT_NULL(strstr(data + 10, "'shape': (3, 7), }"));
    CU_ASSERT_EQUAL(memcmp(data + 128, run.result.classes, 21 * sizeof(int32_t)), 0);
    arena_free(&arena);
    scratch_close(&scratch);
    discard(&run);
}

struct steps {
    int last_done, last_trial, total, trials;
};

static void watch(void *context, const struct run_step *step) {
    struct steps *steps = context;
    if (step->stage != RUN_SIMULATE) {
        CU_ASSERT_EQUAL(step->trials, 1);
        return;
    }
    CU_ASSERT(step->done >= steps->last_done && step->trial >= steps->last_trial);
    *steps = (struct steps){step->done, step->trial, step->total, step->trials};
}

static void progress_counts_over_trials(void) {
    struct diagnostic diag = {0};
    struct steps steps = {0};
    struct run run;
    const struct run_hooks hooks = {.progress = watch, .context = &steps};
    run.config = config_of(LENET_CONFIG, (const char *const[]){EVERYTHING, "run.trials=3", NULL});
    ASSERT_OK(run_evaluate(run.config, &hooks, &run.result, &diag), diag);
    CU_ASSERT_EQUAL(steps.last_done, 21);
    CU_ASSERT_EQUAL(steps.total, 21);
    CU_ASSERT_EQUAL(steps.last_trial, 2);
    CU_ASSERT_EQUAL(steps.trials, 3);
    discard(&run);
}

/* Every product of the stages, devices among them, is let go where the next one does not fit. The
 * first allocations are the model's, whose reader takes a failed one for a damaged file. */
static void short_memory(void) {
    long n = 0;
    bool failed = malloc_fail_works();
    struct config *config =
        config_of(LENET_CONFIG, (const char *const[]){"run.accuracy=false", NOISY,
                                                      CONV "device.programming_sigma=0.1", NULL});
    while (failed) {
        struct diagnostic diag = {0};
        struct run_result made;
        malloc_fail_at(n += 41);
        enum status status = run_evaluate(config, NULL, &made, &diag);
        failed = malloc_fail_end();
        CU_ASSERT_EQUAL(status, failed ? STATUS_MEMORY : STATUS_OK);
        if (status == STATUS_OK)
            run_result_free(&made);
    }
    CU_ASSERT(n > 400 || !malloc_fail_works());
    config_free(config);
}

static const struct test_case cases[] = {
    {"zero strength is ideal", zero_strength_is_ideal},
    {"accuracy falls with the error", accuracy_falls_with_the_error},
    {"draws belong to seed and trial", draws_belong_to_seed_and_trial},
    {"nothing random runs once", nothing_random_runs_once},
    {"layers have devices of their own", layers_have_devices_of_their_own},
    {"wrong devices are refused", wrong_devices_are_refused},
    {"predictions have a row for each trial", predictions_have_a_row_for_each_trial},
    {"progress counts over trials", progress_counts_over_trials},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_trials = {"trials", cases};
