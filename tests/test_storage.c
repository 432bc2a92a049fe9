/* Storage of pruned matrices, counted by hand, and the conclusion of ADMM-NN-S on our networks. */
#include <stdio.h>
#include <string.h>

#include "pruning/storage.h"
#include "tests/support/prune_brute.h"
#include "tests/test.h"

static struct prune_sample sample;

/* Weights of the sample from text, column after column: digits, '.' is 0, others are skipped. */
static void fill(int channels, int kernel, int columns, int groups, const char *text) {
    prune_sample_make(&sample, channels, kernel, columns, groups, 1, 1);
    for (size_t i = 0; i < prune_size(&sample.matrix); text++)
        if (*text == '.' || (*text >= '1' && *text <= '9') || *text == '-')
            sample.weights[i++] = *text == '.' ? 0 : *text == '-' ? -1 : (float)(*text - '0');
}

static struct storage count(enum storage_format format, struct prune_settings settings, int bits) {
    struct storage storage;
    struct diagnostic diag = {0};
    if (settings.rate == 0)
        settings.rate = 1;
    ASSERT_OK(storage_formats[format].count(&sample.matrix, &settings, bits, &storage, &diag),
              diag);
    return storage;
}

static void expect(struct storage storage, long values, double weight_bits, double index_bits) {
    CU_ASSERT_TRUE(storage.possible);
    CU_ASSERT_EQUAL(storage.values, values);
    CU_ASSERT_EQUAL(storage.weight_bits, weight_bits);
    CU_ASSERT_EQUAL(storage.index_bits, index_bits);
}

static void widths(void) {
    const long counts[] = {1, 2, 3, 4, 5, 128, 129};
    const int expected[] = {0, 1, 2, 2, 3, 7, 8};
    for (int i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(storage_width(counts[i]), expected[i]);
}

/* Seven rows, three columns. */
static void single_weights(void) {
    const struct prune_settings none = {0};
    fill(7, 1, 3, 1, "1.....2 ....... .3.4.5.");
    expect(count(STORAGE_DENSE, none, 8), 21, 168, 0);
    expect(count(STORAGE_MASK, none, 8), 5, 40, 21);
    /* Rows of 3 bits for 5 weights, 4 pointers of 0..5. */
    expect(count(STORAGE_CSR, none, 8), 5, 40, 5 * 3 + 4 * 3);
    /* Distances 1, 6, 9, 2, 2. With 2 bits (1..4) a zero before the second and two before the third
     * (8 values of 10 bits); with 3 bits (1..8) one before the third: 6 of 11. 4 bits: 5 of 12. */
    struct storage relative = count(STORAGE_RELATIVE, none, 8);
    expect(relative, 5, 40, 20);
    CU_ASSERT(relative.index_width == 4 && relative.padding == 0);
    /* Weights of 2 bits: 2 bits: 8 x 4 = 32; 3 bits: 6 x 5 = 30; 4 bits: 5 x 6 = 30. */
    relative = count(STORAGE_RELATIVE, none, 2);
    expect(relative, 6, 12, 18);
    CU_ASSERT(relative.index_width == 3 && relative.padding == 1);
    /* Of 1 bit, 1-bit distances (1, 2): 0 + 2 + 4 + 0 + 0 zeros, 11 x 2; 2 bits 8 x 3; 3 bits 6 x
     * 4; 4 bits 5 x 5. */
    relative = count(STORAGE_RELATIVE, none, 1);
    expect(relative, 11, 11, 11);
    CU_ASSERT_EQUAL(relative.padding, 6);
}

/* Blocks of 4 and 3 rows. l = 2: 2 a column of either; offsets of 2 bits, and l as 0..4. */
static void offsets(void) {
    fill(7, 1, 3, 1, "1.....2 ....... .3.4.5.");
    expect(count(STORAGE_OFFSETS, (struct prune_settings){.rows = 4, .columns = 3}, 8), 12, 96,
           12 * 2 + 3);
    /* Powers: 1, 1; 0, 0; 2, 1 weights; exponents 0..2 and none: 2 bits for 6 columns. */
    expect(
        count(STORAGE_OFFSETS,
              (struct prune_settings){.rows = 4, .columns = 3, .column_budget = PRUNE_POWER_OF_TWO},
              8),
        5, 40, 5 * 2 + 6 * 2);
}

static void lists(void) {
    const struct prune_settings none = {0}, blocks = {.rows = 4, .columns = 2};
    fill(7, 1, 3, 1, "1.....2 ....... .3.4.5.");
    /* Rows 0, 1, 3, 5, 6 and 2 columns: 10 weights; rows of 3 bits and how many (0..7: 3), columns
     * of 2 bits and how many (0..3: 2). */
    expect(count(STORAGE_LISTS, none, 8), 10, 80, 5 * 3 + 3 + 2 * 2 + 2);
    /* Sub-matrices (rows x columns used of size): 1 x 1 of 4 x 2, 1 x 1 of 3 x 2, 2 x 1 of 4 x 1,
     * 1 x 1 of 3 x 1. Bits: rows 2 each, how many 3 (0..4) or 2 (0..3); columns 1 or 0, how many 2
     * (0..2) or 1 (0..1). */
    expect(count(STORAGE_BLOCKS, blocks, 8), 1 + 1 + 2 + 1, 40,
           (2 + 3 + 1 + 2) + (2 + 2 + 1 + 2) + (4 + 3 + 0 + 1) + (2 + 2 + 0 + 1));
    /* Two channels of 2 x 2, four filters in two groups: of the first both channels and a filter,
     * of the second one channel and both filters. */
    fill(2, 2, 4, 2, "1.....2. ........ ..3..... ...4....");
    expect(count(STORAGE_CHANNELS, none, 8), 8 + 8, 128, (2 + 2 + 1 + 2) + (1 + 2 + 2 + 2));
    expect(count(STORAGE_KERNELS, none, 8), 4 * 4, 128, 8);
    /* Blocks of 1 channel x 2 filters: positions 0; 2; 2 and 3; none: 2 weights each. */
    expect(count(STORAGE_POSITIONS,
                 (struct prune_settings){.block_filters = 2, .block_channels = 1}, 8),
           8, 64, 4 * 4);
}

static void patterns_and_signs(void) {
    const struct prune_settings six = {.patterns = 6};
    fill(2, 3, 2, 1, "1.1.1.1.. ......... 1...1.... ...111...");
    /* 3 kernels of 4 weights and a pattern of 0..5, 4 bits of which kernels, 6 patterns of 9. */
    expect(count(STORAGE_PATTERNS, six, 8), 12, 96, 3 * 3 + 4 + 54);
    sample.weights[1] = 1;
    CU_ASSERT_FALSE(count(STORAGE_PATTERNS, six, 8).possible);
    fill(2, 1, 2, 1, "12 34"); /* no 3 x 3 kernels: dense */
    expect(count(STORAGE_PATTERNS, six, 8), 4, 32, 0);
    /* 7 rows in blocks of 4 with fragments of 3: 2 + 1 fragments a column. */
    const struct prune_settings fragments = {.rows = 4, .fragment_rows = 3};
    fill(7, 1, 2, 1, "11.---. 1..1111");
    expect(count(STORAGE_SIGNS, fragments, 8), 14, 14 * 7, 6);
    sample.weights[1] = -1;
    CU_ASSERT_FALSE(count(STORAGE_SIGNS, fragments, 8).possible);
}

/* One sub-matrix of 8 x 4: a column without weights, two that share rows 0, 2, 4, one of its own.
 */
static void classes(void) {
    fill(8, 1, 4, 1, "........ 1.2.3... 4.5.6... .1.....1");
    /* Row list 3 x 3 bits and its length (0..8: 4), 2 bits a column; 3 + 3 weights; 2 weights with
     * offsets of 3 bits, and how many. */
    expect(count(STORAGE_CLASSES, (struct prune_settings){.rows = 8, .columns = 4}, 8), 8, 64,
           9 + 4 + 8 + (2 * 3 + 4));
}

/* Plans: the format of the scheme, of a sequence the smaller; none is dense. */
static void plans(void) {
    static const struct {
        const char *scheme, *rate;
        enum storage_format format;
    } cases[] = {
        {"scheme=none", NULL, STORAGE_DENSE},
        {"scheme=unstructured", "rate=4", STORAGE_RELATIVE},
        {"scheme=filter", "rate=4", STORAGE_LISTS},
        {"scheme=column_proportional+filter", "rate=[2,8]", STORAGE_LISTS},
        {"scheme=filter+column_proportional", "rate=[2,32]", STORAGE_OFFSETS},
        {"scheme=polarization", NULL, STORAGE_SIGNS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prune_plan plan =
            prune_test_plan((const char *[]){cases[i].scheme, cases[i].rate, NULL}, 128);
        enum storage_format format;
        struct storage storage;
        struct diagnostic diag = {0};
        prune_sample_make(&sample, 128, 1, 16, 1, 1000, 1);
        prune_sample_project(&sample, &plan);
        ASSERT_OK(storage_of_plan(&plan, &sample.matrix, 8, &format, &storage, &diag), diag);
        CU_ASSERT_EQUAL(format, cases[i].format);
        CU_ASSERT(storage.values >= prune_sample_kept(&sample));
    }
}

/* Bits of a network's layers after pruning 4x, in the format of the scheme. */
static double stored_bits(const char *model, const char *scheme, int weight_bits) {
    struct diagnostic diag = {0};
    struct network network;
    struct arena arena = ARENA_INIT;
    struct prune_plan plan = prune_test_plan((const char *[]){scheme, "rate=4", NULL}, 128);
    struct prune_plan plans[32];
    double bits = 0;
    for (int i = 0; i < 32; i++)
        plans[i] = plan;
    ASSERT_OK(network_import(model, &network, &diag), diag);
    ASSERT_OK(prune_network(&network, plans, PRUNE_LAYER, &diag), diag);
    for (int i = 0; i < network.n_matrix; i++) {
        enum storage_format format;
        struct storage storage;
        struct prune_matrix matrix =
            prune_matrix_of("", prune_shape_of(&network, i), prune_weights_of(&network, i, &arena));
        ASSERT_OK(storage_of_plan(&plan, &matrix, weight_bits, &format, &storage, &diag), diag);
        bits += storage.weight_bits + storage.index_bits;
    }
    network_free(&network);
    arena_free(&arena);
    return bits;
}

/* ADMM-NN-S (arXiv 1907.02124): of as many weights kept, structured ones take less once indices are
 * counted, and the more so the fewer bits a weight has. */
static void structured_beats_unstructured(void) {
    static const char *const models[] = {"configs/networks/resnet20_int8.onnx",
                                         "configs/networks/lenet_int8.onnx"};
    static const char *const structured[] = {"scheme=filter",        "scheme=shape",
                                             "scheme=crossbar_row",  "scheme=bcr",
                                             "scheme=block_punched", "scheme=row_and_column"};
    for (int m = 0; m < 2; m++)
        for (size_t s = 0; s < sizeof structured / sizeof *structured; s++) {
            double share[2]; /* of what unstructured weights take, at 8 and 2 bits */
            for (int i = 0; i < 2; i++)
                share[i] = stored_bits(models[m], structured[s], i == 0 ? 8 : 2) /
                           stored_bits(models[m], "scheme=unstructured", i == 0 ? 8 : 2);
            CU_ASSERT(share[0] < 0.73);
            CU_ASSERT(share[1] < 0.53);
        }
}

static const struct test_case cases[] = {
    {"widths", widths},
    {"single weights", single_weights},
    {"offsets", offsets},
    {"lists", lists},
    {"patterns and signs", patterns_and_signs},
    {"classes", classes},
    {"plans", plans},
    {"structured beats unstructured", structured_beats_unstructured},
    {NULL, NULL},
};

const struct test_suite suite_storage = {"storage", cases};
