/* Storage of pruned matrices, counted by hand, and the conclusion of ADMM-NN-S on our networks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
    /* Weights of 3 bits: 2 bits: 8 x 5 = 40; 3 bits: 6 x 6 = 36; 4 bits: 5 x 7 = 35. */
    relative = count(STORAGE_RELATIVE, none, 3);
    expect(relative, 5, 15, 20);
    /* Of 2 bits: 8 x 4 = 32, 6 x 5 = 30, and without a zero signs will do: 5 x (1 + 4) = 25. */
    relative = count(STORAGE_RELATIVE, none, 2);
    expect(relative, 5, 5, 20);
    CU_ASSERT(relative.index_width == 4 && relative.padding == 0);
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
    /* Rows 0, 1, 3, 5, 6 and 2 columns: of 10 weights 5, and a bit for each. As numbers rows take 5
     * x 3 bits and how many (0..7: 3), columns 2 x 2 and 2: a bit each is shorter. */
    expect(count(STORAGE_LISTS, none, 8), 5, 40, 7 + 3 + 10);
    /* Sub-matrices (rows x columns used of size): 1 x 1 of 4 x 2, 1 x 1 of 3 x 2, 2 x 1 of 4 x 1,
     * 1 x 1 of 3 x 1. A bit each for 4 + 3 + 4 + 3 rows (numbers: 2 each, how many 3 (0..4) or 2
     * (0..3): 5 + 4 + 7 + 4) and 2 + 2 + 1 + 1 columns (1 or 0, and 2 or 1: 3 + 3 + 1 + 1). */
    expect(count(STORAGE_BLOCKS, blocks, 8), 1 + 1 + 2 + 1, 40, 14 + 6);
    /* Rows 8 and 21 of 37: numbers of 6 bits and how many (0..37: 6), for fewer than 37; both of 2
     * columns: a bit each. */
    fill(37, 1, 2, 1,
         "........1............................ ........3............2...............");
    expect(count(STORAGE_LISTS, none, 3), 4, 12, 2 * 6 + 6 + 2);
    /* 8 bits: 3 non-zeros and a bit for each of the 4 are shorter; of 2 bits signs do. */
    expect(count(STORAGE_LISTS, none, 8), 3, 24, 2 * 6 + 6 + 2 + 4);
    expect(count(STORAGE_LISTS, none, 2), 3, 3, 2 * 6 + 6 + 2 + 4);
    /* Two channels of 2 x 2, four filters in two groups: of the first both channels and a filter,
     * of the second one channel and both filters. */
    fill(2, 2, 4, 2, "1.....2. ........ ..3..... ...4....");
    expect(count(STORAGE_CHANNELS, none, 8), 4, 32, (2 + 2) + (2 + 2) + (8 + 8));
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

/* All formats of a matrix and the one of the fewest bits. */
static enum storage_format smallest(const struct prune_plan *plan,
                                    const struct prune_matrix *matrix, int weight_bits,
                                    struct storage *storage) {
    struct storage formats[STORAGE_FORMATS];
    struct diagnostic diag = {0};
    ASSERT_OK(storage_count(plan, matrix, weight_bits, formats, &diag), diag);
    enum storage_format format = storage_smallest(formats);
    for (int f = 0; f < STORAGE_FORMATS; f++)
        CU_ASSERT(!formats[f].possible ||
                  formats[f].weight_bits + formats[f].index_bits >=
                      formats[format].weight_bits + formats[format].index_bits);
    CU_ASSERT_EQUAL(formats[STORAGE_CLASSES].possible,
                    plan->n_steps > 0 &&
                        strcmp(plan->steps[0].scheme->name, "mixed_granularity") == 0);
    *storage = formats[format];
    return format;
}

/* The format of the fewest bits of what each scheme leaves. */
static void plans(void) {
    static const struct {
        const char *scheme, *rate;
        enum storage_format format;
    } cases[] = {
        {"scheme=none", NULL, STORAGE_DENSE},
        {"scheme=unstructured", "rate=2", STORAGE_MASK},
        {"scheme=unstructured", "rate=16", STORAGE_RELATIVE},
        {"scheme=filter", "rate=4", STORAGE_LISTS},
        {"scheme=filter+column_proportional", "rate=[2,32]", STORAGE_RELATIVE},
        {"scheme=crossbar_row", "rate=4", STORAGE_LISTS}, /* one sub-matrix */
        {"scheme=polarization", NULL, STORAGE_MASK},
        {"scheme=mixed_granularity", "rate=2", STORAGE_MASK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prune_plan plan =
            prune_test_plan((const char *[]){cases[i].scheme, cases[i].rate, NULL}, 128);
        struct storage storage;
        prune_sample_make(&sample, 128, 1, 16, 1, 1000, 1);
        prune_sample_project(&sample, &plan);
        enum storage_format format = smallest(&plan, &sample.matrix, 8, &storage);
        CU_ASSERT_EQUAL(format, cases[i].format);
        CU_ASSERT(storage.values >= prune_sample_kept(&sample));
    }
}

/* 2-bit weights are -1, 0 and 1: signs are enough where no zero is stored. */
static void two_bits(void) {
    const struct prune_plan plan = {.base = {.rate = 1,
                                             .rows = 4,
                                             .columns = 2,
                                             .block_filters = 1,
                                             .block_channels = 1,
                                             .patterns = 1,
                                             .fragment_rows = 1}};
    struct storage formats[STORAGE_FORMATS];
    struct diagnostic diag = {0};
    fill(4, 1, 2, 1, "1--1 11-1");
    ASSERT_OK(storage_count(&plan, &sample.matrix, 2, formats, &diag), diag);
    expect(formats[STORAGE_DENSE], 8, 8, 0);
    expect(formats[STORAGE_MASK], 8, 8, 8);
    fill(4, 1, 2, 1, "1--1 1.-1");
    ASSERT_OK(storage_count(&plan, &sample.matrix, 2, formats, &diag), diag);
    expect(formats[STORAGE_DENSE], 8, 16, 0);
    expect(formats[STORAGE_MASK], 7, 7, 8);
    ASSERT_OK(storage_count(&plan, &sample.matrix, 3, formats, &diag), diag);
    expect(formats[STORAGE_MASK], 7, 21, 8);
}

enum { MANY = 32 };

/* Bits of a network's layers after pruning 4x, and how many weights that leaves. */
static double stored_bits(const char *model, const char *scheme, const char *rate, int weight_bits,
                          long *kept) {
    struct diagnostic diag = {0};
    struct network network;
    struct arena arena = ARENA_INIT;
    struct prune_plan plan = prune_test_plan((const char *[]){scheme, rate, NULL}, 128);
    struct prune_plan plans[MANY];
    double bits = 0;
    *kept = 0;
    for (int i = 0; i < MANY; i++)
        plans[i] = plan;
    ASSERT_OK(network_import(model, &network, &diag), diag);
    ASSERT_OK(prune_network(&network, plans, PRUNE_LAYER, &diag), diag);
    for (int i = 0; i < network.n_matrix; i++) {
        struct storage storage;
        struct prune_matrix matrix =
            prune_matrix_of("", prune_shape_of(&network, i), prune_weights_of(&network, i, &arena));
        smallest(&plan, &matrix, weight_bits, &storage);
        bits += storage.weight_bits + storage.index_bits;
        for (size_t w = 0; w < prune_size(&matrix); w++)
            *kept += matrix.weights[w] != 0;
    }
    network_free(&network);
    arena_free(&arena);
    return bits;
}

/* Distances as a decoder reads them, one value after another, at the best of all widths; or a bit a
 * weight. */
static long slow_single(const struct prune_matrix *matrix, int bits) {
    long size = (long)prune_size(matrix), nonzero = 0;
    for (long i = 0; i < size; i++)
        nonzero += matrix->weights[i] != 0;
    long best = nonzero * bits + size;
    for (int width = 1; width <= 16; width++) {
        long stored = 0, at = -1, last = -1;
        for (long i = 0; i < size; i++)
            last = matrix->weights[i] != 0 ? i : last;
        while (at < last) {
            long next = at + 1;
            while (matrix->weights[next] == 0 && next - at < 1L << width)
                next++;
            at = next;
            stored++;
        }
        best = stored * (bits + width) < best ? stored * (bits + width) : best;
    }
    return best;
}

/* Used units of `unit` rows x used columns, whole or the non-zeros and a bit each, and for units
 * and columns a bit each or numbers with their count. */
static long slow_lines(const struct prune_matrix *matrix, int unit, int bits) {
    long units[1024] = {0}, columns[1024] = {0}, nonzero = 0, inside = 0, sum = 0;
    long of[2] = {matrix->rows / unit, matrix->columns}, used[2] = {0};
    for (int i = 0; i < matrix->rows * matrix->columns; i++)
        if (matrix->weights[i] != 0) {
            units[i % matrix->rows / unit] = columns[i / matrix->rows] = 1;
            nonzero++;
        }
    for (int i = 0; i < 1024; i++) {
        used[0] += units[i];
        used[1] += columns[i];
    }
    inside = used[0] * unit * used[1];
    sum = inside * bits < nonzero * bits + inside ? inside * bits : nonzero * bits + inside;
    for (int lines = 0; lines < 2; lines++) {
        long numbers = (long)ceil(log2((double)of[lines])) * used[lines] +
                       (long)ceil(log2((double)of[lines] + 1));
        sum += numbers < of[lines] ? numbers : of[lines];
    }
    return sum;
}

static long least(long a, long b) {
    return a < b ? a : b;
}

/* As many weights of LeNet-5 kept by single weights and by filters and rows, to the bit. */
static void lenet_to_the_bit(void) {
    static const char *const schemes[][2] = {{"scheme=unstructured", "rate=4"},
                                             {"scheme=filter+shape", "rate=2"}};
    static const int bits[] = {8, 4, 3};
    struct diagnostic diag = {0};
    for (int b = 0; b < 3; b++) {
        double totals[2];
        long kept;
        for (int s = 0; s < 2; s++) {
            struct network network;
            struct arena arena = ARENA_INIT;
            struct prune_plan plan = prune_test_plan(
                                  (const char *[]){schemes[s][0], schemes[s][1], NULL}, 128),
                              plans[MANY];
            long slow = 0;
            for (int i = 0; i < MANY; i++)
                plans[i] = plan;
            ASSERT_OK(network_import("configs/networks/lenet_int8.onnx", &network, &diag), diag);
            ASSERT_OK(prune_network(&network, plans, PRUNE_LAYER, &diag), diag);
            for (int i = 0; i < network.n_matrix; i++) {
                struct prune_matrix matrix = prune_matrix_of("", prune_shape_of(&network, i),
                                                             prune_weights_of(&network, i, &arena));
                long lines = slow_lines(&matrix, 1, bits[b]);
                long channels = slow_lines(&matrix, matrix.kernel[0] * matrix.kernel[1], bits[b]);
                /* Each layer its best, whatever pruned it. */
                slow += least(slow_single(&matrix, bits[b]), least(lines, channels));
            }
            totals[s] = stored_bits("configs/networks/lenet_int8.onnx", schemes[s][0],
                                    schemes[s][1], bits[b], &kept);
            CU_ASSERT_EQUAL(totals[s], (double)slow);
            network_free(&network);
            arena_free(&arena);
        }
        CU_ASSERT(totals[1] < 0.7 * totals[0]);
    }
}

/* ADMM-NN-S (arXiv 1907.02124): of as many weights kept, structured ones take less once indices are
 * counted, and the more so the fewer bits a weight has; both in their smallest formats. */
static void structured_beats_unstructured(void) {
    static const char *const models[] = {"configs/networks/resnet20_int8.onnx",
                                         "configs/networks/lenet_int8.onnx"};
    static const char *const structured[][2] = {
        {"scheme=filter", "rate=4"},        {"scheme=shape", "rate=4"},
        {"scheme=crossbar_row", "rate=4"},  {"scheme=bcr", "rate=4"},
        {"scheme=block_punched", "rate=4"}, {"scheme=row_and_column", "rate=4"},
        {"scheme=filter+shape", "rate=2"},
    };
    for (int m = 0; m < 2; m++)
        for (size_t s = 0; s < sizeof structured / sizeof *structured; s++) {
            double share[2]; /* of what unstructured weights take, at 8 and 3 bits */
            long kept, others;
            for (int i = 0; i < 2; i++) {
                int bits = i == 0 ? 8 : 3;
                share[i] = stored_bits(models[m], structured[s][0], structured[s][1], bits, &kept) /
                           stored_bits(models[m], "scheme=unstructured", "rate=4", bits, &others);
                CU_ASSERT(labs(kept - others) < others / 10);
            }
            CU_ASSERT(share[0] < 0.70);
            CU_ASSERT(share[1] < 0.48);
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
    {"two bits", two_bits},
    {"LeNet to the bit", lenet_to_the_bit},
    {"structured beats unstructured", structured_beats_unstructured},
    {NULL, NULL},
};

const struct test_suite suite_storage = {"storage", cases};
