/* The encoding `polarized`: fragments by hand, refusals, limited converters against slow arrays,
 * and real networks pruned so against ideal integers and against plus and minus columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/run.h"
#include "tests/support/awkward_layers.h"
#include "tests/support/configs.h"
#include "tests/support/slow_layer.h"
#include "tests/test.h"

#define RESNET_CONFIG "configs/quickstart.yaml"

enum { ROWS = 40, FRAGMENT = 8 };

/* Every fragment of a filter gets one sign, the signs of neighbours differ; of a group that shares
 * arrays, whose fragments may be cut anywhere, every filter has one. Of each four fragments one is
 * zero. */
static void polarize(struct built_layer *b, int fragment) {
    const struct matrix_shape *s = &b->layer.shape;
    int rows = matrix_rows(s);
    int16_t *weights = (int16_t *)b->layer.weights;
    for (int f = 0; f < s->out_channels; f++)
        for (int r = 0; r < rows; r++) {
            int number = s->groups > 1 ? 0 : r / ROWS * 1000 + r % ROWS / fragment;
            int w = abs(weights[f * rows + r]);
            weights[f * rows + r] = (int16_t)((f + number) % 2 == 0 ? w : -w);
            if (s->groups == 1 && (f / 3 + r / fragment) % 4 == 0)
                weights[f * rows + r] = 0;
        }
}

/* 7 rows and 3 filters of 3-bit weights in 1-bit cells on arrays of 5 x 6: two columns a weight,
 * three filters an array. Fragments of 2 rows: 0 1, 2 3, 4, then 5 6. */
static void by_hand(void) {
    static const int picture[7][3] = {{3, 0, -1}, {1, 0, -2}, {-2, 0, 0}, {-1, 1, 0},
                                      {0, -3, 1}, {2, 0, 0},  {0, 0, 0}};
    struct matrix_shape shape = dense_shape(7, 3);
    struct built_layer b;
    build_layer(&b, shape, 3, 0, 1);
    for (int r = 0; r < 7; r++)
        for (int f = 0; f < 3; f++)
            ((int16_t *)b.layer.weights)[f * 7 + r] = (int16_t)picture[r][f];
    map_layer_as(&b, (const char *const[]){"crossbar.rows=5", "crossbar.columns=6",
                                           "crossbar.cell_bits=1", "mapping.encoding=polarized",
                                           "mapping.fragment_rows=2", NULL});
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL(m->filters_per_array, 3);
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 2); /* plus and minus columns take two arrays for each */
    CU_ASSERT_EQUAL(m->arrays[0].units, 3);
    CU_ASSERT_EQUAL(m->arrays[1].units, 1);
    CU_ASSERT_EQUAL(m->reads, 3 * 8);
    CU_ASSERT_EQUAL(m->arrays[0].signs, 3 * 3); /* fragments x filters */
    CU_ASSERT_EQUAL(m->sums.signs, 3 * 3 + 3);
    CU_ASSERT_EQUAL(m->column_reads, 4);
    /* Filter 0: 3 and 1 share their low column, 2 and 1 do not: 2 + 2 columns. Filter 1: 1, then 3:
     * 1 + 2. Filter 2: 1 and 2, then 1: 2 + 1. In the second array the 2 of filter 0. */
    CU_ASSERT_EQUAL(m->arrays[0].conversions, 4 + 3 + 3);
    CU_ASSERT_EQUAL(m->arrays[1].conversions, 1);
    CU_ASSERT_EQUAL(m->sums.cells_nonzero, 3 + 2 + 3 + 3 + 1);
    CU_ASSERT_EQUAL(m->lossless.largest_sum, 2); /* both rows of filter 0's low column */
    CU_ASSERT_EQUAL(m->lossless.rows, 2);
    CU_ASSERT_EQUAL(m->lossless.exact, 2);
    CU_ASSERT_EQUAL(m->lossless.structural, 2);
    CU_ASSERT_EQUAL(m->lossless.worst, 2);
    free_layer(&b);
}

static void expect_rows(const struct mapped_layer *m, int array, int filter, const char *expected) {
    char text[64] = "";
    int rows;
    const int *row = mapping_array_rows(m, &m->arrays[array], filter, &rows);
    for (int r = 0; r < rows; r++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", r ? " " : "", row[r]);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

/* Ten rows and two filters on arrays of 6 rows and both filters; fragments of 3: 0 1 2, 3 4 5, 6 7
 * 8, 9. Rows 3 to 5 hold nothing; row 0 neither, but its fragment does. */
static void fragments_stay_whole(void) {
    static const int picture[10][2] = {{0, 0}, {1, 0}, {1, -1}, {0, 0},  {0, 0},
                                       {0, 0}, {0, 1}, {0, 0},  {-1, 0}, {1, -1}};
    struct matrix_shape shape = dense_shape(10, 2);
    struct built_layer b;
    build_layer(&b, shape, 2, 0, 1);
    for (int r = 0; r < 10; r++)
        for (int f = 0; f < 2; f++)
            ((int16_t *)b.layer.weights)[f * 10 + r] = (int16_t)picture[r][f];
    static const char *const strategies[] = {"mapping.compaction=rows_columns",
                                             "mapping.compaction=reorder", "mapping.compaction=ou"};
    for (int i = 0; i < 3; i++) {
        map_layer_as(&b, (const char *const[]){"crossbar.rows=6", "crossbar.columns=2",
                                               "crossbar.cell_bits=1", "mapping.encoding=polarized",
                                               "mapping.fragment_rows=3", strategies[i], NULL});
        const struct mapped_layer *m = &b.mapping.layers[0];
        CU_ASSERT_EQUAL_FATAL(m->n_arrays, 2);
        expect_rows(m, 0, 0, "0 1 2 6 7 8");
        expect_rows(m, 1, 0, "9");
        CU_ASSERT_EQUAL(m->arrays[0].units, 2);
    }
    /* Units of one filter: both have a weight in each of the three fragments. */
    map_layer_as(&b, (const char *const[]){"crossbar.rows=6", "crossbar.columns=2",
                                           "crossbar.cell_bits=1", "mapping.encoding=polarized",
                                           "mapping.fragment_rows=3", "mapping.ou_columns=1",
                                           "mapping.compaction=ou", NULL});
    CU_ASSERT_EQUAL_FATAL(b.mapping.layers[0].n_arrays, 2);
    expect_rows(&b.mapping.layers[0], 0, 1, "0 1 2 6 7 8");
    CU_ASSERT_EQUAL(b.mapping.layers[0].arrays[0].units, 4);
    free_layer(&b);
}

static void refuse(struct matrix_shape shape, bool polarized, const char *const *settings,
                   const char *words) {
    static const struct config_section *const sections[] = {&crossbar_section, &mapping_section,
                                                            &dac_section};
    struct built_layer b;
    struct diagnostic diag = {0};
    struct config *config;
    build_layer(&b, shape, 8, 0, 6);
    if (polarized)
        polarize(&b, FRAGMENT);
    ASSERT_OK(config_create(sections, 3, &config, &diag), diag);
    ASSERT_OK(config_override(config, "mapping.encoding=polarized", &diag), diag);
    for (; *settings != NULL; settings++)
        ASSERT_OK(config_override(config, *settings, &diag), diag);
    CU_ASSERT_EQUAL(mapping_create(&b.network, config, &b.mapping, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, words));
    if (strstr(diag.message, words) == NULL)
        printf("%s\n", diag.message);
    config_free(config);
    free_layer(&b);
}

static void refusals(void) {
    const struct matrix_shape conv = awkward_shapes[0], depthwise = awkward_shapes[1];
    refuse(conv, false, (const char *const[]){NULL},
           "layer layer: rows 0 to 7 of filter 0 hold weights of both signs (row ");
    refuse(conv, false, (const char *const[]){NULL},
           "pruning.scheme=polarization, pruning.fragment_rows=8 (and pruning.skip_first=false, if "
           "the layer is the first), or choose another encoding");
    refuse(conv, true, (const char *const[]){"mapping.fragment_rows=16", NULL},
           "rows 16 to 29 of filter 0 hold weights of both signs (row 24)");
    refuse(depthwise, false, (const char *const[]){NULL},
           "groups of 9 rows share arrays, so take a divisor of 9");
    refuse(
        conv, true, (const char *const[]){"mapping.ou_rows=16", NULL},
        "reads a fragment of 8 rows at a time (mapping.fragment_rows), not mapping.ou_rows = 16");
    refuse(conv, true, (const char *const[]){"crossbar.rows=7", NULL},
           "a fragment of mapping.fragment_rows = 8 is more than the 7 rows of the crossbar");
    refuse(conv, true, (const char *const[]){"crossbar.rows=12", "mapping.compaction=blocks", NULL},
           "mapping.compaction blocks joins row blocks, and those of 12 rows end within a fragment "
           "of 8");
}

static void run_limited(int shape, const char *compaction, const char *columns, int transfer) {
    static uint8_t y[AWKWARD_BYTES];
    struct built_layer b;
    build_layer(&b, awkward_shapes[shape], 8, 1, (uint64_t)(shape + 1));
    polarize(&b, FRAGMENT);
    map_layer_as(&b, (const char *const[]){"crossbar.rows=40", "crossbar.columns=41", compaction,
                                           columns, "mapping.encoding=polarized", NULL});
    const struct slow_crossbar xbar = {.encoding = SLOW_POLARIZED,
                                       .nominal_rows = FRAGMENT,
                                       .unit_rows = FRAGMENT,
                                       .transfer = (enum slow_transfer)transfer,
                                       .adc_bits = 2};
    int wrong = awkward_limited(&b, xbar, (uint64_t)shape, y);
    CU_ASSERT_EQUAL(wrong, 0);
    if (wrong > 0)
        printf("shape %d %s %s transfer %d: %d wrong\n", shape, compaction, columns, transfer,
               wrong);
    free_layer(&b);
}

static void limited_converters(void) {
    for (int c = 0; compaction_names[c] != NULL; c++) {
        char compaction[64];
        snprintf(compaction, sizeof compaction, "mapping.compaction=%s", compaction_names[c]);
        for (int shape = 0; shape < AWKWARD_SHAPES - 1; shape++)
            for (int transfer = SLOW_CLIP; transfer <= SLOW_FULL_RANGE; transfer++) {
                run_limited(shape, compaction, "mapping.ou_columns=0", transfer);
                run_limited(shape, compaction, "mapping.ou_columns=9", transfer);
            }
    }
}

enum { IMAGES = 20, CLASSES = 10 };

static void infer(const struct run_result *result, const struct dataset *images, bool mapped,
                  struct engine_layer *layers, float *logits) {
    struct engine *engine;
    struct diagnostic diag = {0};
    const struct engine_request request = {.dataset = images, .count = IMAGES, .threads = 2};
    struct engine_result out = {.logits = logits};
    ASSERT_OK(engine_create(&result->network, mapped ? &result->mapping : NULL,
                            mapped ? layers : NULL, &engine, &diag),
              diag);
    ASSERT_OK(engine_run(engine, &request, &out, &diag), diag);
    engine_free(engine);
}

/* Converters whose codes stand for the sums themselves, as a table, so that every read is made. */
static void infer_serial(const struct run_result *result, const struct dataset *images,
                         float *logits) {
    struct arena arena = ARENA_INIT;
    int n = result->mapping.n_layers;
    struct engine_layer *layers = ARENA_NEW(&arena, n, struct engine_layer);
    struct adc_fit *fits = ARENA_NEW(&arena, n, struct adc_fit);
    for (int i = 0; i < n; i++) {
        int bits = result->mapping.layers[i].lossless.exact;
        int32_t *levels = ARENA_NEW(&arena, 1 << bits, int32_t);
        for (int k = 0; k < 1 << bits; k++)
            levels[k] = k;
        fits[i] = (struct adc_fit){.bits = bits, .levels = levels};
        layers[i] = (struct engine_layer){.adc_bits = bits - 1, /* so not proven to lose nothing */
                                          .choice = ADC_TRANSFER_NONUNIFORM,
                                          .fit = &fits[i]};
    }
    infer(result, images, true, layers, logits);
    for (int i = 0; i < n; i++)
        CU_ASSERT_EQUAL(layers[i].path, ENGINE_BIT_SERIAL);
    arena_free(&arena);
}

#define PRUNED "pruning.scheme=polarization", "pruning.skip_first=false", "run.cost=false"

/* Maps a pruned network as the settings say; its logits with every read made are those of ideal
 * integers. Returns the arrays. */
static long check_network(const char *path, const char *encoding, const char *compaction,
                          float *logits) {
    static float ideal[IMAGES * CLASSES];
    const struct run_hooks hooks = {.check_only = true};
    struct diagnostic diag = {0};
    struct config *config =
        config_of(path, (const char *const[]){PRUNED, encoding, compaction, NULL});
    struct run_result result;
    struct dataset images;
    ASSERT_OK(run_evaluate(config, &hooks, &result, &diag), diag);
    ASSERT_OK(dataset_load(config_get(config, "dataset"), DATASET_TEST, (const int[]){1, 28, 28},
                           CLASSES, &images, &diag),
              diag);
    infer(&result, &images, false, NULL, ideal);
    infer_serial(&result, &images, logits);
    CU_ASSERT_EQUAL(memcmp(logits, ideal, sizeof ideal), 0);
    long crossbars = result.mapping.crossbars;
    dataset_free(&images);
    run_result_free(&result);
    config_free(config);
    return crossbars;
}

static void check_lossless(const char *path, const char *model) {
    static float differential[IMAGES * CLASSES], own[IMAGES * CLASSES];
    long split = check_network(path, "mapping.encoding=differential", "mapping.compaction=none",
                               differential);
    for (int c = 0; compaction_names[c] != NULL; c++) {
        char compaction[64];
        snprintf(compaction, sizeof compaction, "mapping.compaction=%s", compaction_names[c]);
        long crossbars = check_network(path, "mapping.encoding=polarized", compaction, own);
        CU_ASSERT_EQUAL(memcmp(own, differential, sizeof own), 0);
        CU_ASSERT(crossbars < split);
        if (c == 0) /* half the columns, where layers are wider than half an array */
            printf("%s: %ld arrays, %ld polarized ", model, split, crossbars);
    }
}

static void networks_lose_nothing(void) {
    check_lossless(LENET_CONFIG, "LeNet");
    check_lossless(RESNET_CONFIG, "ResNet-20");
}

static void evaluate(const char *const *settings, struct config **config,
                     struct run_result *result) {
    struct diagnostic diag = {0};
    *config = config_of(LENET_CONFIG, settings);
    ASSERT_OK(run_evaluate(*config, NULL, result, &diag), diag);
}

/* Shorter fragments: fewer bits, more reads and conversions, other sums where converters clip. */
static void fragment_rows_matter(void) {
    static const char *const sets[2][8] = {
        {"pruning.scheme=polarization", "pruning.skip_first=false", "pruning.fragment_rows=16",
         "mapping.encoding=polarized", "mapping.fragment_rows=16", "adc.bits=3",
         "dataset.count=100", NULL},
        {"pruning.scheme=polarization", "pruning.skip_first=false", "pruning.fragment_rows=16",
         "mapping.encoding=polarized", "mapping.fragment_rows=4", "adc.bits=3", "dataset.count=100",
         NULL}};
    struct run_result results[2];
    struct config *configs[2];
    for (int i = 0; i < 2; i++)
        evaluate(sets[i], &configs[i], &results[i]);
    const struct mapped_layer *a = &results[0].mapping.layers[2],
                              *b = &results[1].mapping.layers[2];
    CU_ASSERT_EQUAL(a->lossless.worst, 6); /* 16 rows of 3 */
    CU_ASSERT_EQUAL(b->lossless.worst, 4);
    CU_ASSERT_EQUAL(b->reads, 4 * a->reads);
    CU_ASSERT_DOUBLE_EQUAL(results[1].cost.layers[2].time_s, 4 * results[0].cost.layers[2].time_s,
                           1e-12);
    CU_ASSERT(results[1].cost.layers[2].conversions > 2 * results[0].cost.layers[2].conversions);
    CU_ASSERT(b->sums.signs == 4 * a->sums.signs);
    CU_ASSERT(results[0].accuracy.trial[0].differing > results[1].accuracy.trial[0].differing);
    for (int i = 0; i < 2; i++) {
        run_result_free(&results[i]);
        config_free(configs[i]);
    }
}

static const struct test_case cases[] = {
    {"arrays by hand", by_hand},
    {"compaction keeps fragments whole", fragments_stay_whole},
    {"refusals", refusals},
    {"limited converters equal slow arrays", limited_converters},
    {"networks lose nothing", networks_lose_nothing},
    {"fragment_rows", fragment_rows_matter},
    {NULL, NULL},
};
const struct test_suite suite_polarized = {"polarized", cases};
