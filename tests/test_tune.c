/* Tune: the point found by bisection against a slow scan of the same numbers, and its ends. */
#include <math.h>
#include <string.h>

#include "sim/tune/tune.h"
#include "tests/support/configs.h"
#include "tests/test.h"

static const char *const one_shot[] = {
    "network.as=float",         "dataset.count=200",           "adc.bits=lossless",
    "run.float_accuracy=false", "pruning.scheme=unstructured", NULL};

static struct tune_request request_of(const struct config *config) {
    return (struct tune_request){.config = config,
                                 .vary = "pruning.rate=%",
                                 .least = 1,
                                 .most = 32,
                                 .loss = 7,
                                 .within = 0.7,
                                 .evaluations = 16};
}

/* Percent of the images that the network gets right at a rate, the long way round. */
static double accuracy_at(const struct config *config, const char *assignment) {
    struct config *own;
    struct run_result run;
    struct diagnostic diag = {0};
    ASSERT_OK(config_copy(config, &own, &diag), diag);
    ASSERT_OK(config_override(own, assignment, &diag), diag);
    ASSERT_OK(run_evaluate(own, NULL, &run, &diag), diag);
    double percent = 100.0 * run.accuracy.trial[0].correct / run.accuracy.images;
    run_result_free(&run);
    config_free(own);
    return percent;
}

static void bisection_ends_where_a_scan_does(void) {
    struct config *config = config_of(LENET_CONFIG, one_shot);
    struct tune_request request = request_of(config);
    struct tune_result result;
    struct diagnostic diag = {0};
    char text[64];
    ASSERT_OK(tune_search(&request, &result, &diag), diag);
    CU_ASSERT_FATAL(result.best >= 0);
    const struct tune_point *best = &result.points[result.best];
    double dense = accuracy_at(config, "pruning.scheme=none");
    CU_ASSERT_EQUAL(result.images, 200);
    CU_ASSERT_DOUBLE_EQUAL(result.reference, dense, 1e-9);
    CU_ASSERT(fabs(best->lost - 7) <= 0.7 + 1e-9);
    snprintf(text, sizeof text, "pruning.rate=%.4g", best->number);
    CU_ASSERT_DOUBLE_EQUAL(best->lost, dense - accuracy_at(config, text), 1e-9);
    /* A scan in steps of 30 %: the number lies between the last that loses less than asked and the
     * first that loses more. */
    double last = 1, first = 32;
    for (double rate = 1.3; rate < 32; rate *= 1.3) {
        snprintf(text, sizeof text, "pruning.rate=%.4g", rate);
        double lost = dense - accuracy_at(config, text);
        if (lost < 7 - 0.7 && rate > last)
            last = rate;
        if (lost > 7 + 0.7 && rate < first)
            first = rate;
    }
    CU_ASSERT(last < best->number && best->number < first);
    config_free(config);
}

static void count_points(void *context, int index, const struct tune_point *point) {
    int *calls = context;
    CU_ASSERT_EQUAL(index, *calls);
    CU_ASSERT_EQUAL(point == NULL, index == 0);
    (*calls)++;
}

/* Where nothing is lost enough, the end is the answer; where all lose too much, there is none. */
static void ends_of_the_range(void) {
    struct config *config = config_of(LENET_CONFIG, one_shot);
    struct tune_request request = request_of(config);
    struct tune_result result;
    struct diagnostic diag = {0};
    int calls = 0;
    request.progress = count_points;
    request.context = &calls;
    request.most = 1.04;
    ASSERT_OK(tune_search(&request, &result, &diag), diag);
    CU_ASSERT_EQUAL(calls, result.n_points + 1);
    CU_ASSERT_FATAL(result.best >= 0);
    CU_ASSERT_DOUBLE_EQUAL(result.points[result.best].number, 1.04, 0);
    CU_ASSERT_EQUAL(result.best, result.n_points - 1);
    request.progress = NULL;
    request.least = 28;
    request.most = 32;
    ASSERT_OK(tune_search(&request, &result, &diag), diag);
    CU_ASSERT_EQUAL(result.best, -1);
    CU_ASSERT_DOUBLE_EQUAL(result.points[result.n_points - 1].number, 28, 0);
    request.evaluations = 1;
    ASSERT_OK(tune_search(&request, &result, &diag), diag);
    CU_ASSERT_EQUAL(result.n_points, 1);
    /* The middle of 28 and 32 on a logarithmic scale is 29.933. */
    CU_ASSERT_DOUBLE_EQUAL(result.points[0].number, 29.93, 1e-9);
    config_free(config);
}

static void overrides(void) {
    struct arena arena = ARENA_INIT;
    CU_ASSERT_STRING_EQUAL(tune_override("pruning.rate=%", 2.3854, &arena), "pruning.rate=2.385");
    CU_ASSERT_STRING_EQUAL(tune_override("pruning.rate=[%, 2, %]", 3, &arena),
                           "pruning.rate=[3, 2, 3]");
    CU_ASSERT_STRING_EQUAL(tune_override("none", 3, &arena), "none");
    arena_free(&arena);
}

static void refusals(void) {
    struct config *config = config_of(LENET_CONFIG, one_shot);
    struct tune_request request = request_of(config);
    struct tune_result result;
    struct diagnostic diag = {0};
    request.vary = "pruning.rate=2";
    CU_ASSERT_EQUAL(tune_search(&request, &result, &diag), STATUS_USAGE);
    CU_ASSERT(strstr(diag.message, "has no % to put a number in") != NULL);
    request.vary = "pruning.rat=%";
    CU_ASSERT_EQUAL(tune_search(&request, &result, &diag), STATUS_USAGE);
    CU_ASSERT(strstr(diag.message, "rate") != NULL);
    request.vary = "pruning.rate=%";
    request.least = 33;
    CU_ASSERT_EQUAL(tune_search(&request, &result, &diag), STATUS_USAGE);
    CU_ASSERT(strstr(diag.message, "expected 0 < from < to") != NULL);
    config_free(config);
}

static const struct test_case cases[] = {
    {"bisection ends where a scan does", bisection_ends_where_a_scan_does},
    {"ends of the range", ends_of_the_range},
    {"overrides", overrides},
    {"refusals", refusals},
    {NULL, NULL},
};

const struct test_suite suite_tune = {"tune", cases};
