/* Histograms of whole layers against slow ones: shapes, encodings, digits, in one thread or more.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/engine/matrix_count.h"
#include "sim/engine/patches.h"
#include "tests/support/awkward_layers.h"
#include "tests/support/random.h"
#include "tests/support/slow_histogram.h"
#include "tests/test.h"

enum { IMAGES = 2 };

/* An awkward convolution, a depthwise and a fully connected layer. */
static const int shapes[] = {0, 1, 4};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static void fast_histogram(const struct built_layer *b, const uint8_t *x,
                           struct sum_histogram *histogram) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct matrix_counter *counter;
    ASSERT_OK(matrix_counter_create(&b->layer, &b->mapping.layers[0], simd_choose(), &arena,
                                    &counter, &diag),
              diag);
    void *workspace = aligned_alloc(64, matrix_counter_workspace(counter));
    matrix_counter_run(counter, IMAGES, x, histogram->counts, workspace);
    free(workspace);
    arena_free(&arena);
}

/* Weights of which `zero_share` of 8 are zero: with 7, whole columns are not programmed. */
static void compare(int shape, const char *const *settings, int zero_share) {
    struct built_layer b;
    build_layer(&b, awkward_shapes[shapes[shape]], 8, zero_share, (uint64_t)(shape + zero_share));
    map_layer_as(&b, settings);
    const struct matrix_shape *s = &b.layer.shape;
    size_t bytes = (size_t)(s->in_height * s->in_width * s->in_channels);
    size_t size = (size_t)b.mapping.layers[0].lossless.largest_sum + 1;
    struct test_random random = {(uint64_t)zero_share};
    uint8_t *x = malloc(IMAGES * bytes + PATCH_SLACK);
    for (size_t i = 0; i < IMAGES * bytes; i++) /* dark images: whole reads without a digit */
        x[i] = (uint8_t)(test_random_below(&random, 2) * test_random_below(&random, 32));
    struct sum_histogram fast = {(int64_t)size, calloc(size, sizeof(uint64_t))};
    struct sum_histogram slow = {(int64_t)size, calloc(size, sizeof(uint64_t))};
    fast_histogram(&b, x, &fast);
    for (size_t i = 0; i < IMAGES; i++)
        slow_histogram(&b.mapping.layers[0], x + i * bytes, &slow);
    CU_ASSERT_EQUAL(memcmp(fast.counts, slow.counts, size * sizeof(uint64_t)), 0);
    free(fast.counts);
    free(slow.counts);
    free(x);
    free_layer(&b);
}

static void layers(void) {
    static const char *const encodings[] = {"mapping.encoding=differential",
                                            "mapping.encoding=offset",
                                            "mapping.encoding=twos_complement"};
    static const char *const digits[] = {"dac.bits=1", "dac.bits=3", "dac.bits=8"};
    for (int shape = 0; shape < N_SHAPES; shape++)
        for (int e = 0; e < 3; e++)
            for (int d = 0; d < 3; d++) {
                const char *settings[] = {"crossbar.rows=37",
                                          "crossbar.columns=41",
                                          "crossbar.cell_bits=2",
                                          encodings[e],
                                          digits[d],
                                          NULL};
                compare(shape, settings, 2);
                compare(shape, settings, 7);
            }
    for (int shape = 0; shape < N_SHAPES; shape++) {
        const char *settings[] = {"crossbar.rows=37",     "crossbar.columns=41",
                                  "crossbar.cell_bits=2", "mapping.encoding=offset",
                                  "mapping.flip=true",    NULL};
        compare(shape, settings, 0);
    }
}

static const struct test_case cases[] = {
    {"layers equal the slow histogram", layers},
    {NULL, NULL},
};
const struct test_suite suite_sum_counts = {"sum_counts", cases};
