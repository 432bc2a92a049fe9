#include "tests/support/prune_brute.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/random.h"
#include "tests/test.h"

void prune_sample_make(struct prune_sample *sample, int channels, int kernel, int columns,
                       int groups, int levels, uint64_t seed) {
    struct test_random random = {seed};
    sample->matrix = (struct prune_matrix){
        .name = "sample",
        .rows = channels * kernel * kernel,
        .columns = columns,
        .groups = groups,
        .kernel = {kernel, kernel},
        .weights = sample->weights,
    };
    CU_ASSERT_FATAL(prune_size(&sample->matrix) <= PRUNE_TEST_SIZE);
    for (size_t i = 0; i < prune_size(&sample->matrix); i++) {
        int magnitude = 1 + (int)test_random_below(&random, (uint32_t)levels);
        sample->weights[i] = (float)(test_random_below(&random, 2) ? magnitude : -magnitude);
    }
    prune_magnitude_scores(&sample->matrix, sample->scores);
}

static enum status make_plan(const char *const *settings, int rows, struct prune_plan *plan,
                             struct diagnostic *diag) {
    static const struct config_section *const sections[] = {&pruning_section};
    struct config *config;
    char text[256];
    TRY(config_create(sections, 1, &config, diag));
    enum status status = STATUS_OK;
    for (; *settings != NULL && status == STATUS_OK; settings++) {
        snprintf(text, sizeof text, "pruning.%s", *settings);
        status = config_override(config, text, diag);
    }
    const struct prune_array array = {.rows = rows, .filters = 16};
    if (status == STATUS_OK)
        status = prune_plan_make(config_get(config, "pruning"), &array, plan, diag);
    config_free(config);
    return status;
}

struct prune_plan prune_test_plan(const char *const *settings, int rows) {
    struct prune_plan plan;
    struct diagnostic diag = {0};
    ASSERT_OK(make_plan(settings, rows, &plan, &diag), diag);
    return plan;
}

const char *prune_test_refusal(const char *const *settings, int rows) {
    static struct diagnostic diag;
    struct prune_plan plan;
    diag = (struct diagnostic){0};
    CU_ASSERT_EQUAL(make_plan(settings, rows, &plan, &diag), STATUS_USAGE);
    return diag.message;
}

double prune_sample_project(struct prune_sample *sample, const struct prune_plan *plan) {
    static uint8_t again[PRUNE_TEST_SIZE];
    struct diagnostic diag = {0};
    double kept = 0;
    ASSERT_OK(prune_project(plan, &sample->matrix, sample->scores, sample->mask, &diag), diag);
    for (size_t i = 0; i < prune_size(&sample->matrix); i++) {
        kept += sample->mask[i] ? sample->scores[i] : 0;
        if (!sample->mask[i]) {
            sample->weights[i] = 0;
            sample->scores[i] = 0;
        }
    }
    ASSERT_OK(prune_check(plan, &sample->matrix, &diag), diag);
    double left = 0;
    ASSERT_OK(prune_project(plan, &sample->matrix, sample->scores, again, &diag), diag);
    for (size_t i = 0; i < prune_size(&sample->matrix); i++)
        left += again[i] ? sample->scores[i] : 0;
    CU_ASSERT_EQUAL(left, kept); /* whole numbers: sums are exact */
    return kept;
}

double prune_brute_force(const struct prune_sample *sample, const struct prune_plan *plan) {
    float weights[20];
    struct prune_matrix matrix = sample->matrix;
    matrix.weights = weights;
    size_t size = prune_size(&matrix);
    CU_ASSERT_FATAL(size <= 20);
    double best = -1;
    for (uint32_t mask = 0; mask < 1U << size; mask++) {
        double kept = 0;
        for (size_t i = 0; i < size; i++) {
            weights[i] = mask >> i & 1 ? sample->weights[i] : 0;
            kept += mask >> i & 1 ? sample->scores[i] : 0;
        }
        if (kept > best && prune_check(plan, &matrix, NULL) == STATUS_OK)
            best = kept;
    }
    return best;
}

long prune_sample_kept(const struct prune_sample *sample) {
    long kept = 0;
    for (size_t i = 0; i < prune_size(&sample->matrix); i++)
        kept += sample->mask[i];
    return kept;
}
