/* Counts of non-zero weights by column and row block, against patterns made for the purpose. */
#include <stdlib.h>

#include "sim/network/network.h"
#include "tests/test.h"

/* A product of `rows` x 3: column c of a block holds `count[c]` non-zeros in full blocks of 37 and
 * `last[c]` in the short one. */
static struct weight_statistics pattern(int rows, const int count[3], const int last[3],
                                        bool quantised) {
    static int16_t codes[3 * 200];
    static float floats[3 * 200];
    for (int c = 0; c < 3; c++)
        for (int r = 0; r < rows; r++) {
            bool full = r / 37 * 37 + 37 <= rows;
            bool nonzero = r % 37 < (full ? count[c] : last[c]);
            codes[c * rows + r] = nonzero ? (int16_t)(r % 2 ? -1 : 1) : 0;
            floats[c * rows + r] = nonzero ? -0.5F : 0;
        }
    struct matrix_shape shape = {.in_channels = rows,
                                 .in_height = 1,
                                 .in_width = 1,
                                 .out_channels = 3,
                                 .out_height = 1,
                                 .out_width = 1,
                                 .groups = 1,
                                 .window = {.kernel = {1, 1}}};
    struct matrix_layer matrix = {.shape = shape, .weights = codes};
    struct linear_layer linear = {.shape = shape, .weights = floats};
    struct network network = {.quantised = quantised, .matrix = &matrix, .linear = &linear};
    return network_weight_statistics(&network, 0, 37);
}

static void blocks(void) {
    for (int quantised = 0; quantised < 2; quantised++) {
        struct weight_statistics s =
            pattern(37 * 2 + 20, (const int[]){5, 9, 0}, (const int[]){20, 1, 2}, quantised != 0);
        CU_ASSERT_EQUAL(s.weights, 3 * 94);
        CU_ASSERT_EQUAL(s.nonzero, 2 * 14 + 23);
        CU_ASSERT_EQUAL(s.max_block_nonzero, 20); /* in the short block */
        CU_ASSERT_DOUBLE_EQUAL(s.column_rate, 37.0 / 9, 1e-12);
    }
}

/* A dense layer of one short block is dense; one without weights has the highest rate. */
static void short_layers(void) {
    struct weight_statistics s =
        pattern(20, (const int[]){0, 0, 0}, (const int[]){20, 20, 20}, true);
    CU_ASSERT_EQUAL(s.max_block_nonzero, 20);
    CU_ASSERT_EQUAL(s.column_rate, 1);
    s = pattern(74, (const int[]){0, 0, 0}, (const int[]){0, 0, 0}, true);
    CU_ASSERT_EQUAL(s.nonzero, 0);
    CU_ASSERT_EQUAL(s.column_rate, 37);
}

static const struct test_case cases[] = {
    {"row blocks", blocks},
    {"short and empty layers", short_layers},
    {NULL, NULL},
};

const struct test_suite suite_weight_statistics = {"weight_statistics", cases};
