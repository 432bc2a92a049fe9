/* Plans, and the schemes that keep single weights: against brute force, exact counts, ties. */
#include <math.h>
#include <string.h>

#include "tests/support/prune_brute.h"
#include "tests/test.h"

static struct prune_sample sample;

static const char *refusal(const char *scheme, const char *rate, int rows) {
    return prune_test_refusal((const char *[]){scheme, rate, NULL}, rows);
}

static void plans(void) {
    struct prune_plan plan = prune_test_plan((const char *[]){"scheme=none", NULL}, 128);
    CU_ASSERT_EQUAL(plan.n_steps, 0);
    plan = prune_test_plan((const char *[]){"scheme=unstructured+column_proportional",
                                            "rate=[2.5, 8]", "rows=37", NULL},
                           128);
    CU_ASSERT_EQUAL(plan.n_steps, 2);
    CU_ASSERT_STRING_EQUAL(plan.steps[0].scheme->name, "unstructured");
    CU_ASSERT_EQUAL(plan.steps[0].settings.rate, 2.5);
    CU_ASSERT_STRING_EQUAL(plan.steps[1].scheme->name, "column_proportional");
    CU_ASSERT_EQUAL(plan.steps[1].settings.rate, 8);
    CU_ASSERT_EQUAL(plan.steps[1].settings.rows, 37);
    plan = prune_test_plan((const char *[]){"scheme=unstructured+unstructured", "rate=3", NULL}, 9);
    CU_ASSERT_EQUAL(plan.steps[1].settings.rate, 3);
    CU_ASSERT_EQUAL(plan.steps[1].settings.rows, 9);
}

static void refusals(void) {
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("scheme=unstructred", "rate=2", 128),
                                  "\"unstructred\" (did you mean \"unstructured\"?)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("scheme=lottery", "rate=2", 128),
                                  "unknown scheme \"lottery\": one of those"));
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("scheme=unstructured+", "rate=2", 128), "scheme \"\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("scheme=unstructured", NULL, 128), "needs pruning.rate"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(refusal("scheme=unstructured", "rate=[2,3]", 128), "has 2 values, but 1 of"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(refusal("scheme=column_proportional", "rate=38", 37), "at most 37"));
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("scheme=unstructured+unstructured+unstructured+"
                                          "unstructured+unstructured+unstructured+unstructured+"
                                          "unstructured+unstructured",
                                          "rate=2", 37),
                                  "more than 8"));
    struct diagnostic diag = {0};
    struct prune_plan plan =
        prune_test_plan((const char *[]){"scheme=unstructured", "rate=2", NULL}, 128);
    prune_sample_make(&sample, 5, 1, 3, 1, 9, 1);
    sample.scores[7] = NAN;
    CU_ASSERT_EQUAL(prune_project(&plan, &sample.matrix, sample.scores, sample.mask, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "row 2 of column 1 has no score"));
}

/* Every rate that keeps another number of the 15 entries. */
static void unstructured(void) {
    for (int keep = 1; keep <= 15; keep++) {
        struct prune_plan plan = {
            .n_steps = 1,
            .steps = {{.scheme = prune_schemes[0], .settings = {.rate = 15.0 / keep}}}};
        prune_sample_make(&sample, 5, 1, 3, 1, 4, (uint64_t)keep);
        double best = prune_brute_force(&sample, &plan);
        CU_ASSERT_EQUAL(prune_sample_project(&sample, &plan), best);
        CU_ASSERT_EQUAL(prune_sample_kept(&sample), keep);
    }
}

static void column_proportional(void) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct prune_plan plan = prune_test_plan(
            (const char *[]){"scheme=column_proportional", "rate=2", "rows=4", NULL}, 128);
        prune_sample_make(&sample, 6, 1, 3, 1, 4, seed); /* blocks of 4 and 2 rows */
        double best = prune_brute_force(&sample, &plan);
        CU_ASSERT_EQUAL(prune_sample_project(&sample, &plan), best);
        CU_ASSERT_EQUAL(prune_sample_kept(&sample), 3 * (2 + 2));
    }
    /* 7 channels of 3x3 in blocks of 37 rows at 5x: 7 of 37, 7 of 26; two groups change nothing. */
    struct prune_plan plan =
        prune_test_plan((const char *[]){"scheme=column_proportional", "rate=5", NULL}, 37);
    prune_sample_make(&sample, 7, 3, 10, 2, 1000, 3);
    prune_sample_project(&sample, &plan);
    for (int c = 0; c < 10; c++) {
        int kept[2] = {0};
        for (int r = 0; r < 63; r++)
            kept[r / 37] += sample.mask[c * 63 + r];
        CU_ASSERT(kept[0] == 7 && kept[1] == 7);
    }
    /* 144 rows at 4x on 128 keep (32 + 16) of 144 (DESIGN). */
    plan = prune_test_plan((const char *[]){"scheme=column_proportional", "rate=4", NULL}, 128);
    prune_sample_make(&sample, 16, 3, 1, 1, 1000, 3);
    prune_sample_project(&sample, &plan);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 48);
}

/* Equal scores: the lower index stays; zeros are kept like anything else. */
static void ties(void) {
    struct diagnostic diag = {0};
    prune_sample_make(&sample, 37, 1, 5, 1, 1, 1);
    struct prune_plan plan =
        prune_test_plan((const char *[]){"scheme=unstructured", "rate=3.7", NULL}, 128);
    for (int zero = 0; zero < 2; zero++) {
        if (zero)
            memset(sample.scores, 0, sizeof sample.scores);
        ASSERT_OK(prune_project(&plan, &sample.matrix, sample.scores, sample.mask, &diag), diag);
        for (int i = 0; i < 185; i++)
            CU_ASSERT_EQUAL(sample.mask[i], i < 50);
    }
}

/* What is gone stays gone, and the rest makes up the number. */
static void narrowing(void) {
    struct diagnostic diag = {0};
    prune_sample_make(&sample, 37, 1, 5, 1, 4, 3);
    struct prune_plan plan =
        prune_test_plan((const char *[]){"scheme=unstructured", "rate=3.7", NULL}, 128);
    for (int i = 0; i < 185; i++)
        sample.mask[i] = i % 3 != 0;
    ASSERT_OK(prune_narrow(&plan, &sample.matrix, sample.scores, sample.mask, &diag), diag);
    for (int i = 0; i < 185; i += 3)
        CU_ASSERT_EQUAL(sample.mask[i], 0);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 50);
}

static void checks(void) {
    struct diagnostic diag = {0};
    prune_sample_make(&sample, 6, 1, 3, 1, 4, 1);
    struct prune_plan plan = prune_test_plan(
        (const char *[]){"scheme=column_proportional", "rate=2", "rows=4", NULL}, 128);
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, "layer sample is not pruned by column_proportional: rows "
                                         "0 to 3 of column 0 hold 4 non-zero weights, 2 are "
                                         "allowed");
    plan = prune_test_plan((const char *[]){"scheme=unstructured", "rate=2", NULL}, 128);
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message,
                                  "row 3 of column 1 lies in one weight more than the "
                                  "9 of 18 that may hold non-zero weights"));
}

static void selected_layers(void) {
    struct pruning_options options = {.skip_first = true};
    CU_ASSERT_FALSE(prune_selects(&options, 0, 3));
    CU_ASSERT_TRUE(prune_selects(&options, 2, 3));
    options = (struct pruning_options){.skip_last = true};
    CU_ASSERT_TRUE(prune_selects(&options, 0, 3));
    CU_ASSERT_FALSE(prune_selects(&options, 2, 3));
}

static const struct test_case cases[] = {
    {"plans", plans},
    {"refusals", refusals},
    {"unstructured", unstructured},
    {"column-proportional", column_proportional},
    {"ties", ties},
    {"narrowing", narrowing},
    {"checks", checks},
    {"first and last layer", selected_layers},
    {NULL, NULL},
};

const struct test_suite suite_pruning = {"pruning", cases};
