/* Copies of layers for a number of arrays, against every other way to spend them. */
#include <string.h>

#include "sim/base/random.h"
#include "sim/cost/cost.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

enum { LAYERS = 4 };

/* Layers of so many arrays and positions; nothing else of them counts. */
struct bench {
    struct matrix_layer matrix[LAYERS];
    struct mapped_layer layers[LAYERS];
    double position_s[LAYERS];
    struct mapping mapping;
};

static void set_layer(struct bench *bench, int index, int arrays, int positions,
                      double position_s) {
    bench->matrix[index].shape =
        (struct matrix_shape){.out_height = 1, .out_width = positions, .groups = 1};
    bench->layers[index] = (struct mapped_layer){.layer = &bench->matrix[index],
                                                 .n_arrays = arrays,
                                                 .n_arrays_dense = 2 * arrays,
                                                 .copies = 1};
    bench->position_s[index] = position_s;
    bench->mapping.layers = bench->layers;
    bench->mapping.n_layers = index + 1;
}

static enum status balance(struct bench *bench, long arrays, int arrays_per_macro,
                           struct diagnostic *diag) {
    const struct balance asked = {bench->position_s, arrays, arrays_per_macro};
    return mapping_balance(&bench->mapping, &asked, diag);
}

static double slowest_s(const struct bench *bench, const int *copies) {
    double slowest = 0;
    for (int i = 0; i < bench->mapping.n_layers; i++) {
        int positions = bench->matrix[i].shape.out_width;
        double own = (positions + copies[i] - 1) / copies[i] * bench->position_s[i];
        slowest = own > slowest ? own : slowest;
    }
    return slowest;
}

static long arrays_of(const struct bench *bench, const int *copies, int macro) {
    long arrays = 0;
    for (int i = 0; i < bench->mapping.n_layers; i++)
        arrays += (copies[i] * bench->layers[i].n_arrays + macro - 1) / macro * macro;
    return arrays;
}

/* Least time over all copies that fit, and the least arrays that reach it. */
struct best {
    double slowest_s;
    long arrays;
};

static void try_all(const struct bench *bench, int layer, int *copies, long budget, int macro,
                    struct best *best) {
    if (layer == bench->mapping.n_layers || layer == LAYERS) {
        long arrays = arrays_of(bench, copies, macro);
        double time_s = slowest_s(bench, copies);
        if (arrays > budget || time_s > best->slowest_s)
            return;
        if (time_s < best->slowest_s || arrays < best->arrays)
            *best = (struct best){time_s, arrays};
        return;
    }
    for (copies[layer] = 1; copies[layer] <= bench->matrix[layer].shape.out_width; copies[layer]++)
        try_all(bench, layer + 1, copies, budget, macro, best);
}

static void best_of_all(void) {
    struct diagnostic diag = {0};
    struct random_stream stream;
    gsl_rng *random = random_open(&stream, RANDOM_KEY(385, 0));
    int spent = 0;
    for (int trial = 0; trial < 400; trial++) {
        struct bench bench = {0};
        int n = 1 + (int)gsl_rng_uniform_int(random, LAYERS), macro = trial % 3 == 0 ? 3 : 1;
        int one[LAYERS] = {1, 1, 1, 1}, copies[LAYERS];
        for (int i = 0; i < n; i++)
            set_layer(&bench, i, (int)gsl_rng_uniform_int(random, 6),
                      1 + (int)gsl_rng_uniform_int(random, 9),
                      0.7 * (double)(1 + gsl_rng_uniform_int(random, 4)));
        long least = arrays_of(&bench, one, macro);
        long budget = least + (long)gsl_rng_uniform_int(random, 40);
        struct best best = {1e9, 0};
        try_all(&bench, 0, copies, budget, macro, &best);
        ASSERT_OK(balance(&bench, budget, macro, &diag), diag);
        for (int i = 0; i < n; i++)
            copies[i] = bench.layers[i].copies;
        long arrays = arrays_of(&bench, copies, macro);
        CU_ASSERT_EQUAL(slowest_s(&bench, copies), best.slowest_s);
        CU_ASSERT_EQUAL(arrays, best.arrays); /* nothing is spent that does not help */
        spent += arrays > least;
    }
    CU_ASSERT(spent > 200);
}

/* Layers of 3, 2 and 5 arrays with 37, 11 and 4 positions of 1, 2 and 5 s: 37, 22 and 20 s. One
 * more copy of the first (3 arrays) gives 19 and leaves the second the slowest, at 22; one of that
 * (2) gives 12 and leaves the third, at 20 s; one of that (5) 10 s, and the first again, at 19. */
static void by_hand(void) {
    static const struct {
        long arrays;
        int copies[3];
        double slowest_s;
    } steps[] = {{10, {1, 1, 1}, 37}, {12, {1, 1, 1}, 37}, {13, {2, 1, 1}, 22}, {15, {2, 2, 1}, 20},
                 {19, {2, 2, 1}, 20}, {20, {2, 2, 2}, 19}, {23, {3, 2, 2}, 13}};
    struct diagnostic diag = {0};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct bench bench = {0};
        set_layer(&bench, 0, 3, 37, 1);
        set_layer(&bench, 1, 2, 11, 2);
        set_layer(&bench, 2, 5, 4, 5);
        ASSERT_OK(balance(&bench, steps[i].arrays, 1, &diag), diag);
        for (int k = 0; k < 3; k++)
            CU_ASSERT_EQUAL(bench.layers[k].copies, steps[i].copies[k]);
        CU_ASSERT_EQUAL(slowest_s(&bench, steps[i].copies), steps[i].slowest_s);
        CU_ASSERT_EQUAL(bench.mapping.crossbars, arrays_of(&bench, steps[i].copies, 1));
        CU_ASSERT_EQUAL(bench.mapping.crossbars_dense, 2 * bench.mapping.crossbars);
    }
}

static void equally_slow_layers_go_together(void) {
    struct diagnostic diag = {0};
    struct bench bench = {0};
    set_layer(&bench, 0, 3, 8, 1);
    set_layer(&bench, 1, 4, 8, 1);
    ASSERT_OK(balance(&bench, 13, 1, &diag), diag); /* one of them alone would help nobody */
    CU_ASSERT(bench.layers[0].copies == 1 && bench.layers[1].copies == 1);
    ASSERT_OK(balance(&bench, 14, 1, &diag), diag);
    CU_ASSERT(bench.layers[0].copies == 2 && bench.layers[1].copies == 2);
    ASSERT_OK(balance(&bench, 1000, 1, &diag), diag);
    CU_ASSERT(bench.layers[0].copies == 8 && bench.layers[1].copies == 8);
    CU_ASSERT_EQUAL(balance(&bench, 6, 1, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message,
                           "mapping.array_budget: 6 arrays are too few for one copy of each layer, "
                           "which takes 7: set at least that, or 0 for those of the chip");
}

/* ISAAC's way to balance (section VI): a layer before a stride of 2 x 2 has four copies for each of
 * the layer behind it. With the arrays of those copies, balanced finds the same, for the times of
 * all layers are then equal; so it does with whole IMAs of the chip. */
static void as_isaac_where_that_is_balanced(void) {
    static const char *const isaac[] = {"mapping.replication=isaac", NULL};
    static const char *const budget[] = {"mapping.replication=balanced", "mapping.array_budget=24",
                                         NULL};
    static const char *const chip[] = {"mapping.replication=balanced", NULL};
    const char *const *const settings[] = {isaac, budget, chip};
    static const int copies[] = {16, 4, 1};
    for (int i = 0; i < 3; i++) {
        struct diagnostic diag = {0};
        struct timed_net timed;
        timed_open(&timed, "1x3x16x16");
        int map = timed_conv(&timed, 0, 5, 3, 1); /* 16 x 16 positions, 8 x 8, 4 x 4 */
        map = timed_conv(&timed, map, 5, 3, 2);
        map = timed_conv(&timed, map, 5, 3, 2);
        timed_map(&timed, "isaac", settings[i]);
        const struct cost_inputs inputs = timed_inputs(&timed);
        ASSERT_OK(cost_balance(&inputs, &timed.mapping, &diag), diag);
        const struct cost_report *report = timed_estimate(&timed);
        for (int k = 0; k < 3; k++) {
            /* The chip has arrays for each position of its own: 256, 64 and 16. */
            int expected = i < 2 ? copies[k] : 16 * copies[k];
            CU_ASSERT_EQUAL(timed.mapping.layers[k].copies, expected);
            CU_ASSERT_DOUBLE_EQUAL(report->layers[k].time_s, i < 2 ? 16 * 0.8e-6 : 0.8e-6, 1e-12);
        }
        timed_close(&timed);
    }
}

static const struct test_case cases[] = {
    {"the best of all ways", best_of_all},
    {"by hand", by_hand},
    {"equally slow layers go together", equally_slow_layers_go_together},
    {"as ISAAC where that is balanced", as_isaac_where_that_is_balanced},
    {NULL, NULL},
};
const struct test_suite suite_replication = {"replication", cases};
