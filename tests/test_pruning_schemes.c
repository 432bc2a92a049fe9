/* Every scheme: the best kept score against brute force, its own check, exact counts on awkward
 * shapes. prune_sample_project holds each result against its check and projects it again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/prune_brute.h"
#include "tests/test.h"

static struct prune_sample sample;

struct shape {
    int channels, kernel, columns, groups;
};

static struct prune_plan plan_of(const char *scheme, const char *a, const char *b, const char *c) {
    char text[64];
    snprintf(text, sizeof text, "scheme=%s", scheme);
    return prune_test_plan((const char *[]){text, a, b, c, NULL}, 128);
}

/* Smallest share of the best kept score over 10 matrices. */
static double worst_share(const struct prune_plan *plan, struct shape shape, int levels) {
    double worst = 1;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        prune_sample_make(&sample, shape.channels, shape.kernel, shape.columns, shape.groups,
                          levels, seed);
        double best = prune_brute_force(&sample, plan);
        double kept = prune_sample_project(&sample, plan);
        CU_ASSERT(kept <= best);
        worst = kept / best < worst ? kept / best : worst;
    }
    return worst;
}

/* Schemes whose projection is exact. */
static void exact(void) {
    static const struct {
        const char *scheme, *a, *b, *c;
        struct shape shape;
    } cases[] = {
        {"filter", "rate=2", NULL, NULL, {3, 1, 5, 1}},
        {"filter", "rate=1.6", NULL, NULL, {2, 1, 6, 2}},
        {"channel", "rate=2", NULL, NULL, {3, 1, 4, 2}},
        {"channel", "rate=1.5", NULL, NULL, {3, 2, 1, 1}},
        {"shape", "rate=2.5", NULL, NULL, {5, 1, 3, 1}},
        {"shape", "rate=3", NULL, NULL, {1, 2, 4, 2}},
        {"kernel", "rate=2", NULL, NULL, {2, 2, 2, 1}},
        {"crossbar_row", "rate=2", "rows=4", "columns=2", {5, 1, 3, 1}},
        {"crossbar_row", "rate=1.5", "rows=3", "columns=2", {4, 1, 4, 2}},
        {"crossbar_column", "rate=2", "rows=3", "columns=4", {4, 1, 4, 1}},
        {"crossbar_column", "rate=1.5", "rows=2", "columns=3", {4, 1, 4, 2}},
        {"polarization", "fragment_rows=2", "rows=3", NULL, {5, 1, 3, 1}},
        {"pattern", "patterns=8", NULL, NULL, {1, 3, 1, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prune_plan plan = plan_of(cases[i].scheme, cases[i].a, cases[i].b, cases[i].c);
        for (int levels = 2; levels <= 100; levels += 98)
            if (worst_share(&plan, cases[i].shape, levels) < 1) {
                fprintf(stderr, "\n%s is not optimal\n", cases[i].scheme);
                CU_FAIL("a projection keeps the most");
            }
    }
}

/* Heuristics, with the share of the optimum that they reached on these matrices at worst. */
static void heuristic(void) {
    static const struct {
        const char *scheme, *a, *b, *c;
        struct shape shape;
        double share;
    } cases[] = {
        {"row_and_column", "rate=4", NULL, NULL, {4, 1, 4, 1}, 0.9},
        {"row_and_column", "rate=2.25", "rows=3", NULL, {5, 1, 3, 1}, 0.9},
        {"bcr", "rate=2", NULL, NULL, {4, 1, 4, 1}, 0.9},
        {"bcr", "rate=3", "rows=3", "columns=3", {5, 1, 3, 1}, 0.9},
        {"column_proportional", "rate=2", "column_budget=power_of_two", NULL, {4, 1, 4, 1}, 0.9},
        {"column_proportional",
         "rate=2",
         "column_budget=power_of_two",
         "rows=5",
         {7, 1, 2, 1},
         0.9},
        {"pattern", "patterns=1", NULL, NULL, {1, 3, 2, 1}, 0.8},
        {"mixed_granularity", "rate=2", NULL, NULL, {4, 1, 4, 1}, 0.8},
        {"mixed_granularity", "rate=2", "mixed_class3=kept", NULL, {4, 1, 4, 1}, 0.7},
        {"mixed_granularity", "rate=3", "mixed_thresholds=[0.5,1]", NULL, {5, 1, 3, 1}, 0.8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prune_plan plan = plan_of(cases[i].scheme, cases[i].a, cases[i].b, cases[i].c);
        double share = worst_share(&plan, cases[i].shape, 100);
        CU_ASSERT(share >= cases[i].share);
    }
}

/* Distinct groups of the sample that hold a kept entry: group = row / height + column / width. */
static int groups_used(int height, int width, int row_groups) {
    bool used[PRUNE_TEST_SIZE] = {false};
    int n = 0;
    for (int c = 0; c < sample.matrix.columns; c++)
        for (int r = 0; r < sample.matrix.rows; r++)
            if (sample.mask[c * sample.matrix.rows + r])
                used[c / width * row_groups + r / height] = true;
    for (int i = 0; i < PRUNE_TEST_SIZE; i++)
        n += used[i];
    return n;
}

static void project(const char *scheme, const char *a, const char *b, const char *c,
                    struct shape shape) {
    struct prune_plan plan = plan_of(scheme, a, b, c);
    prune_sample_make(&sample, shape.channels, shape.kernel, shape.columns, shape.groups, 1000, 7);
    prune_sample_project(&sample, &plan);
}

/* 7 channels of 3 x 3 (63 rows), 10 filters in 2 groups; 37 rows x 5 filters. */
static void counts(void) {
    const struct shape conv = {7, 3, 10, 2}, product = {37, 1, 5, 1};
    project("unstructured", "rate=3.3", NULL, NULL, conv);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 190); /* 630 / 3.3 = 190.9 */
    project("filter", "rate=3", NULL, NULL, conv);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 3 * 63);
    CU_ASSERT_EQUAL(groups_used(63, 1, 1), 3);
    project("filter", "rate=2", NULL, NULL, product);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 2 * 37);
    project("channel", "rate=4", NULL, NULL, conv); /* 14 channels: 3 */
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 3 * 9 * 5);
    CU_ASSERT_EQUAL(groups_used(9, 5, 7), 3);
    project("shape", "rate=5", NULL, NULL, conv); /* 126 rows: 25 */
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 25 * 5);
    CU_ASSERT_EQUAL(groups_used(1, 5, 63), 25);
    project("kernel", "rate=6", NULL, NULL, conv); /* 70 kernels: 11 */
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 11 * 9);
    CU_ASSERT_EQUAL(groups_used(9, 1, 7), 11);
    /* Blocks of 20 + 17 rows, 2 + 2 + 1 filters: 6 and 5 rows of each. */
    project("crossbar_row", "rate=3", "rows=20", "columns=2", product);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), (6 + 5) * 5);
    /* 1 of 2, 1 of 2, 1 of 1 filters. */
    project("crossbar_column", "rate=2", "rows=20", "columns=2", product);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 37 * 3);
    /* At 4x half of the rows and half of the columns: (10 + 8) rows, 1 + 1 + 1 columns. */
    project("row_and_column", "rate=4", "rows=20", "columns=2", product);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 18 * 3);
    project("pattern", "patterns=5", NULL, NULL, conv);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 70 * 4);
    project("pattern", "patterns=5", NULL, NULL, product); /* no 3 x 3 kernels */
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 37 * 5);
    /* In sequence, each rate counts from the dense matrix: 2 of 5 filters, 12 and 12 of 37. */
    project("filter+column_proportional", "rate=[2,3]", "rows=37", NULL, product);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 2 * 12);
    project("column_proportional+filter", "rate=[3,2]", "rows=37", NULL, product);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 2 * 12);
}

/* Block-punched: the positions of 3 x 2 blocks of 3 x 3 kernels, scored one by one. */
static void block_punched(void) {
    enum { DOWN = 3, ACROSS = 4, UNITS = DOWN * ACROSS * 9, KEPT = UNITS / 4 };
    double score[UNITS] = {0}, sorted[UNITS];
    struct prune_plan plan =
        plan_of("block_punched", "rate=4", "block_filters=3", "block_channels=3");
    prune_sample_make(&sample, 7, 3, 10, 2, 1000, 11);
    for (int u = 0; u < UNITS; u++) {
        int across = u / (DOWN * 9), down = u / 9 % DOWN, position = u % 9;
        int from = across / 2 * 5 + across % 2 * 3, to = across % 2 ? across / 2 * 5 + 5 : from + 3;
        for (int channel = 3 * down; channel < 7 && channel < 3 * down + 3; channel++) {
            double squares = 0;
            for (int filter = from; filter < to; filter++)
                squares += sample.scores[filter * 63 + channel * 9 + position];
            score[u] += sqrt(squares);
        }
    }
    memcpy(sorted, score, sizeof sorted);
    for (int i = 0; i < UNITS; i++)
        for (int j = i + 1; j < UNITS; j++)
            if (sorted[j] > sorted[i]) {
                double swap = sorted[i];
                sorted[i] = sorted[j];
                sorted[j] = swap;
            }
    prune_sample_project(&sample, &plan);
    for (int c = 0; c < 10; c++)
        for (int r = 0; r < 63; r++) {
            int u = ((c / 5 * 2 + c % 5 / 3) * DOWN + r / 27) * 9 + r % 9;
            CU_ASSERT_EQUAL(sample.mask[c * 63 + r], score[u] >= sorted[KEPT - 1]);
        }
}

/* Options that decide what is kept, where the tests above hold them fixed. */
static void options(void) {
    const struct shape shape = {40, 1, 16, 1};
    double kept[4];
    const char *const fates[4][2] = {{"mixed_class1=removed", "mixed_class2=row_segments"},
                                     {"mixed_class1=as_class2", "mixed_class2=row_segments"},
                                     {"mixed_class1=removed", "mixed_class2=as_class3"},
                                     {"mixed_class1=as_class2", "mixed_class2=as_class3"}};
    for (int i = 0; i < 4; i++) {
        struct prune_plan plan = prune_test_plan(
            (const char *[]){"scheme=mixed_granularity", "rate=3", "mixed_thresholds=[0.9, 1.05]",
                             fates[i][0], fates[i][1], NULL},
            128);
        prune_sample_make(&sample, shape.channels, 1, shape.columns, 1, 1000, 5);
        kept[i] = prune_sample_project(&sample, &plan);
        int removed = 16 - groups_used(40, 1, 1);
        CU_ASSERT_EQUAL(removed > 0, i % 2 == 0);
        for (int j = 0; j < i; j++)
            CU_ASSERT_NOT_EQUAL(kept[i], kept[j]);
    }
    /* One class of columns, column-proportional: 640 / 3 = 213, 13 a column. */
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 13 * 16);
    /* Whole columns: as many as fit, 5 of 40 rows; what is left are row segments of the others. */
    project("mixed_granularity", "rate=3", "mixed_class3=kept", NULL, shape);
    int whole = 0;
    for (int c = 0; c < 16; c++)
        whole += memchr(sample.mask + c * 40, 0, 40) == NULL;
    CU_ASSERT_EQUAL(whole, 5);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 5 * 40 + 11); /* 13 left: one row of 11 */
}

/* Rows that go first: the sub-matrix has no more of them; where all columns are of class 3, the
 * mask is that of block rows, then column-proportional. */
static void rows_of_all_columns(void) {
    static uint8_t sequence[74 * 16];
    const char *const plans[2][6] = {
        {"scheme=crossbar_row+column_proportional", "rate=[2.3, 4]", "rows=37", "columns=16", NULL},
        {"scheme=mixed_granularity", "rate=4.11", "mixed_row_rate=2.3", "mixed_thresholds=[0, 0]",
         "rows=37", NULL}};
    for (int i = 0; i < 2; i++) {
        struct prune_plan plan = prune_test_plan(plans[i], 37);
        prune_sample_make(&sample, 74, 1, 16, 1, 1000, 7);
        prune_sample_project(&sample, &plan);
        if (i == 0)
            memcpy(sequence, sample.mask, sizeof sequence);
    }
    /* floor(37 / 4) = floor(37 * 16 / 4.11) / 16 = 9 of the 16 rows that stay of 37. */
    CU_ASSERT_EQUAL(memcmp(sequence, sample.mask, 74 * 16), 0);
    CU_ASSERT_EQUAL(prune_sample_kept(&sample), 2 * 16 * 9);
    struct prune_plan plan =
        prune_test_plan((const char *[]){"scheme=mixed_granularity", "rate=3", "mixed_row_rate=2.3",
                                         "mixed_thresholds=[0.9, 1.05]", NULL},
                        37);
    prune_sample_make(&sample, 74, 1, 16, 1, 1000, 7);
    prune_sample_project(&sample, &plan);
    for (int block = 0; block < 2; block++) {
        int rows = 0;
        for (int r = block * 37; r < block * 37 + 37; r++) {
            bool used = false;
            for (int c = 0; c < 16; c++)
                used |= sample.mask[c * 74 + r] != 0;
            rows += used;
        }
        CU_ASSERT(rows <= 16 && rows > 8);
    }
}

/* Of equal units the first ones stay. */
static void ties(void) {
    struct prune_plan plan = plan_of("filter", "rate=2.5", NULL, NULL);
    prune_sample_make(&sample, 37, 1, 5, 1, 1, 1);
    prune_sample_project(&sample, &plan);
    for (int i = 0; i < 185; i++)
        CU_ASSERT_EQUAL(sample.mask[i], i < 74);
}

/* Fragments start anew in each row block: rows 0 and 1, 2; 3 and 4. */
static void fragments(void) {
    static const float signs[] = {1, 2, 3, -4, -5};
    struct diagnostic diag = {0};
    struct prune_plan plan = plan_of("polarization", "fragment_rows=2", "rows=3", NULL);
    prune_sample_make(&sample, 5, 1, 1, 1, 1, 1);
    memcpy(sample.weights, signs, sizeof signs);
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_OK);
    sample.weights[4] = 5;
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_USAGE);
}

static void powers_of_two(void) {
    const struct shape shape = {37, 1, 5, 1};
    project("column_proportional", "rate=4", "column_budget=power_of_two", "rows=37", shape);
    long spent = 0;
    for (int c = 0; c < 5; c++) {
        int n = 0;
        for (int r = 0; r < 37; r++)
            n += sample.mask[c * 37 + r];
        CU_ASSERT((n & (n - 1)) == 0 && n >= 1);
        spent += n;
    }
    CU_ASSERT(spent <= 45 && spent > 45 - 8); /* 9 a column */
}

static void check_message(const char *scheme, const char *a, const char *b, const char *message) {
    struct diagnostic diag = {0};
    struct prune_plan plan = plan_of(scheme, a, b, NULL);
    prune_sample_make(&sample, 2, 3, 4, 2, 5, 1);
    for (int i = 0; i < 72; i++)
        sample.weights[i] = i % 2 ? -1 : 1;
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, message));
    if (strstr(diag.message, message) == NULL)
        fprintf(stderr, "\n%s: %s\n", scheme, diag.message);
}

static void messages(void) {
    check_message("filter", "rate=4", NULL,
                  "row 0 of column 1 lies in one filter more than the 1 of 4");
    check_message("channel", "rate=2", NULL,
                  "row 0 of column 2 lies in one channel more than the 2 of 4");
    check_message("shape", "rate=9", NULL, "row 4 of column 0 lies in one row more than the 4");
    check_message("kernel", "rate=8", NULL, "row 9 of column 0 lies in one kernel more than the 1");
    check_message("crossbar_row", "rate=6", "rows=12", "row 2 of column 0 lies in one block row");
    check_message("crossbar_column", "rate=2", NULL, "row 0 of column 1 lies in one block column");
    check_message("block_punched", "rate=3", NULL, "row 6 of column 0 lies in one block position");
    check_message("row_and_column", "rate=4", NULL,
                  "rows 0 to 17 of columns 0 to 1: 18 rows and 2 columns hold non-zero weights, 9 "
                  "and 1 are allowed");
    check_message("bcr", "rate=4", "rows=12",
                  "rows 0 to 11 of columns 0 to 1: 12 rows x 2 columns hold non-zero weights, a "
                  "product of 6 is");
    check_message("column_proportional", "rate=18", "column_budget=power_of_two",
                  "rows 0 to 17 of columns 0 to 1: non-zero weights, rounded up to powers of two "
                  "in each column, make 36; 14 are");
    check_message("pattern", NULL, NULL,
                  "the kernel in rows 0 to 8 of column 0 holds 9 non-zero weights");
    check_message("polarization", NULL, NULL,
                  "rows 0 to 7 of column 0 hold 4 positive and 4 negative weights");
    check_message("mixed_granularity", "rate=2", NULL,
                  "rows 0 to 17 of columns 0 to 1: no classes of columns fit");
}

/* Patterns: too many of them, and kernels with fewer entries that patterns cover. */
static void pattern_sets(void) {
    struct diagnostic diag = {0};
    struct prune_plan plan = plan_of("pattern", "patterns=1", NULL, NULL);
    prune_sample_make(&sample, 1, 3, 3, 1, 1, 1);
    memset(sample.weights, 0, sizeof sample.weights);
    for (int i = 0; i < 3; i++)
        sample.weights[9 + i] = sample.weights[18 + i] = 1; /* top row; centre may be zero */
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_OK);
    sample.weights[18 + 8] = sample.weights[18 + 4] = 1;
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_USAGE);
    sample.weights[18 + 2] = 0;
    CU_ASSERT_EQUAL(prune_check(&plan, &sample.matrix, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "its kernels have 2 patterns, 1 are allowed"));
}

/* Two layers, the second with weights three times as large, compete for half of all weights. */
static void global(void) {
    static struct prune_sample other;
    struct diagnostic diag = {0};
    const char *const schemes[] = {"unstructured", "filter", "filter+column_proportional"};
    for (int i = 0; i < 3; i++) {
        struct prune_plan plan[2];
        plan[0] = plan[1] = plan_of(schemes[i], "rate=2", "scope=global", NULL);
        prune_sample_make(&sample, 20, 1, 10, 1, 100, 1);
        prune_sample_make(&other, 20, 1, 6, 1, 100, 2);
        for (int k = 0; k < 120; k++)
            other.scores[k] *= 9;
        struct prune_layer layers[] = {
            {&plan[0], sample.matrix, sample.scores, sample.mask},
            {&plan[1], other.matrix, other.scores, other.mask},
        };
        ASSERT_OK(prune_globalise(layers, 2, &diag), diag);
        long kept[2] = {prune_sample_kept(&sample), prune_sample_kept(&other)};
        if (i == 0) { /* exactly half, and no removed score above a kept one */
            double least = INFINITY, most = 0;
            CU_ASSERT_EQUAL(kept[0] + kept[1], 160);
            for (int k = 0; k < 200; k++)
                if (sample.mask[k])
                    least = fmin(least, sample.scores[k]);
            for (int k = 0; k < 120; k++)
                if (!other.mask[k])
                    most = fmax(most, other.scores[k]);
            CU_ASSERT(kept[1] > 60 && least >= most);
        } else /* 160 entries: 6 filters of the second, then 2; 64 of 128 rows is no bound */
            CU_ASSERT(kept[0] == 2 * 20 && kept[1] == 6 * 20);
        /* The plans keep to it. */
        struct prune_matrix matrix = other.matrix;
        for (int k = 0; k < 120; k++)
            other.weights[k] *= other.mask[k];
        CU_ASSERT_EQUAL(prune_check(&plan[1], &matrix, &diag), STATUS_OK);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(
        prune_test_refusal((const char *[]){"scheme=bcr", "rate=2", "scope=global", NULL}, 128),
        "pruning.scope = global has no effect on bcr"));
}

static void refusals(void) {
    CU_ASSERT_PTR_NOT_NULL(
        strstr(prune_test_refusal((const char *[]){"scheme=mixed_granularity", "rate=2",
                                                   "mixed_thresholds=[0.5,0.1]", NULL},
                                  128),
               "the first must not be above the second"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(prune_test_refusal((const char *[]){"scheme=mixed_granularity", "rate=2",
                                                   "mixed_thresholds=0.5", NULL},
                                  128),
               "expected two numbers, got 1"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(prune_test_refusal(
                   (const char *[]){"scheme=mixed_granularity+polarization", "rate=2", NULL}, 128),
               "mixed_granularity stands alone"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(prune_test_refusal((const char *[]){"scheme=polarization", "rate=2", NULL}, 128),
               "pruning.scheme polarization has no rate"));
    prune_test_plan((const char *[]){"scheme=filter+mixed_granularity", "rate=2", NULL}, 128);
}

static const struct test_case cases[] = {
    {"exact projections", exact},
    {"heuristic projections", heuristic},
    {"counts", counts},
    {"block-punched", block_punched},
    {"options", options},
    {"rows of all columns", rows_of_all_columns},
    {"ties", ties},
    {"fragments", fragments},
    {"powers of two", powers_of_two},
    {"messages", messages},
    {"sets of patterns", pattern_sets},
    {"global", global},
    {"refusals", refusals},
    {NULL, NULL},
};

const struct test_suite suite_pruning_schemes = {"pruning_schemes", cases};
