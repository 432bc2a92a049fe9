/* Sizes of arrays for each layer: choices against all assignments there are, and what is refused.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/run.h"
#include "sim/run/share.h"
#include "tests/support/configs.h"
#include "tests/test.h"

enum { LAYERS = 4, SIZES = 3, ASSIGNMENTS = 81, SETTINGS = 5, TEXT = 96 };

static const char *const lists[] = {"64x64, 128x128, 256x256", "128x24, 100x200, 19x41"};
static const struct crossbar_size sizes[2][SIZES] = {{{64, 64}, {128, 128}, {256, 256}},
                                                     {{128, 24}, {100, 200}, {19, 41}}};

/* Costs of the image that no one measured: nothing is simulated. */
static void evaluate(const char *const *settings, const char *const *more, struct run_cache *cache,
                     struct config **config, struct run_result *result) {
    const char *all[32] = {"run.accuracy=false"};
    const struct run_hooks hooks = {.cache = cache};
    struct diagnostic diag = {0};
    int n = 1;
    for (; *settings != NULL; settings++)
        all[n++] = *settings;
    for (; *more != NULL; more++)
        all[n++] = *more;
    all[n] = NULL;
    *config = config_of(LENET_CONFIG, all);
    ASSERT_OK(run_evaluate(*config, &hooks, result, &diag), diag);
}

/* The least area and energy over all assignments of list `l`, each a run with its sizes under
 * `layers:`. */
static void search_all(const char *const *settings, int l, struct run_cache *cache, double *area,
                       double *energy) {
    static const char *const names[LAYERS] = {"/c1/*", "/c2/*", "/f1/*", "/f2/*"};
    *area = *energy = INFINITY;
    for (int a = 0; a < ASSIGNMENTS; a++) {
        char text[2 * LAYERS][TEXT];
        const char *more[2 * LAYERS + 1] = {NULL};
        for (int i = 0, rest = a; i < LAYERS; i++, rest /= SIZES) {
            const struct crossbar_size *size = &sizes[l][rest % SIZES];
            snprintf(text[2 * i], TEXT, "layers.%s.crossbar.rows=%d", names[i], size->rows);
            snprintf(text[2 * i + 1], TEXT, "layers.%s.crossbar.columns=%d", names[i],
                     size->columns);
            more[2 * i] = text[2 * i];
            more[2 * i + 1] = text[2 * i + 1];
        }
        struct config *config;
        struct run_result result;
        evaluate(settings, more, cache, &config, &result);
        *area = fmin(*area, result.cost.area_used_m2);
        *energy = fmin(*energy, result.cost.energy_j);
        run_result_free(&result);
        config_free(config);
    }
}

static void choose(const char *const *settings, int l, const char *by, struct run_cache *cache,
                   struct run_result *result, struct config **config) {
    char choice[TEXT], list[TEXT];
    const char *more[] = {choice, list, NULL};
    snprintf(choice, sizeof choice, "crossbar.choose=%s", by);
    snprintf(list, sizeof list, "crossbar.sizes=%s", lists[l]);
    evaluate(settings, more, cache, config, result);
}

static void equal_the_best_of_all(void) {
    static const char *const settings[][8] = {
        {"adc.bits=lossless", NULL},
        {"adc.bits=lossless", "adc.allocation=layer", "mapping.encoding=offset", NULL},
        {"adc.bits=lossless", "adc.allocation=array", "pruning.scheme=column_proportional",
         "pruning.rate=4", "pruning.rows=128", "pruning.columns=16", "mapping.compaction=mixed",
         NULL},
        /* A converter for every column: their bits, which all layers share, decide. */
        {"adc.bits=lossless", "adc.columns_per_adc=1", NULL},
        {"adc.bits=6", "chip.preset=puma", "mapping.replication=isaac", "crossbar.cell_bits=1",
         "adc.columns_per_adc=1024", NULL},
    };
    for (int s = 0; s < SETTINGS; s++)
        for (int l = 0; l < 2; l++) {
            struct run_cache *cache = run_cache_create(100000000);
            struct run_result result;
            struct config *config;
            double area, energy;
            search_all(settings[s], l, cache, &area, &energy);
            choose(settings[s], l, "area", cache, &result, &config);
            CU_ASSERT_DOUBLE_EQUAL(result.cost.area_used_m2, area, 1e-12 * area);
            run_result_free(&result);
            config_free(config);
            choose(settings[s], l, "energy", cache, &result, &config);
            CU_ASSERT_DOUBLE_EQUAL(result.cost.energy_j, energy, 1e-12 * energy);
            run_result_free(&result);
            config_free(config);
            run_cache_free(cache);
        }
}

/* With converters that lose nothing the classes are those of any one size, whatever is chosen. */
static void classes_stay(void) {
    static const char *const chosen[] = {"crossbar.choose=energy",
                                         "crossbar.sizes=32x64, 37x128,256x64",
                                         "layers./f1/*.crossbar.sizes=128x40",
                                         "layers./f2/*.crossbar.sizes=~",
                                         "adc.bits=lossless",
                                         "dataset.count=100",
                                         "mapping.compaction=blocks",
                                         "mapping.replication=balanced",
                                         NULL};
    static const char *const plain[] = {"adc.bits=lossless", "dataset.count=100", NULL};
    struct config *configs[2] = {config_of(LENET_CONFIG, chosen), config_of(LENET_CONFIG, plain)};
    struct run_result results[2];
    struct diagnostic diag = {0};
    for (int i = 0; i < 2; i++)
        ASSERT_OK(run_evaluate(configs[i], NULL, &results[i], &diag), diag);
    const struct mapped_layer *layers = results[0].mapping.layers;
    CU_ASSERT_EQUAL(layers[2].crossbar.rows, 128); /* a list of one */
    CU_ASSERT_EQUAL(layers[2].crossbar.columns, 40);
    CU_ASSERT_EQUAL(layers[3].crossbar.rows, 128); /* no list: rows x columns */
    CU_ASSERT_EQUAL(layers[3].crossbar.columns, 128);
    CU_ASSERT(layers[0].crossbar.rows != layers[1].crossbar.rows);
    CU_ASSERT_EQUAL(memcmp(results[0].classes, results[1].classes, 100 * sizeof(int32_t)), 0);
    for (int i = 0; i < 2; i++) {
        run_result_free(&results[i]);
        config_free(configs[i]);
    }
}

static void lists_are_read(void) {
    struct crossbar_size read[CROSSBAR_SIZES_MAX];
    struct diagnostic diag = {0};
    int n = 0;
    ASSERT_OK(crossbar_sizes_read("  37x41,128x24 ,37x41 , 4096x1", read, &n, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_EQUAL(read[0].rows, 37);
    CU_ASSERT_EQUAL(read[0].columns, 41);
    CU_ASSERT_EQUAL(read[1].rows, 128);
    CU_ASSERT_EQUAL(read[1].columns, 24);
    CU_ASSERT_EQUAL(read[2].rows, 4096);
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"64", "\"64\" is no size of an array: write rows x columns, as 64x64, 128x32"},
        {"64x64,", "\"\" is no size of an array: write rows x columns, as 64x64, 128x32"},
        {"64x64 32x32",
         "\"64x64 32x32\" is no size of an array: write rows x columns, as 64x64, 128x32"},
        {"64x64, 64x5000", "arrays of 64x5000: expected 1 to 4096 rows and columns"},
        {"0x8", "arrays of 0x8: expected 1 to 4096 rows and columns"},
        {"1x1,1x2,1x3,1x4,1x5,1x6,1x7,1x8,1x9,1x10,1x11,1x12,1x13,1x14,1x15,1x16,1x17",
         "more than 16 sizes of arrays"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT_EQUAL(crossbar_sizes_read(wrong[i].text, read, &n, &diag), STATUS_USAGE);
        CU_ASSERT_STRING_EQUAL(diag.message, wrong[i].message);
    }
}

static void refuse(const char *const *settings, const char *message) {
    struct config *config = config_of(LENET_CONFIG, settings);
    struct run_result result;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(run_evaluate(config, NULL, &result, &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, message);
    config_free(config);
}

static void what_cannot_be_chosen(void) {
    static const char *const no_choice[] = {"crossbar.sizes=64x64", NULL};
    refuse(no_choice, "crossbar.sizes is for a choice, and crossbar.choose is none: set it to area "
                      "or energy");
    static const char *const no_sizes[] = {"crossbar.choose=area", NULL};
    refuse(no_sizes, "crossbar.choose has nothing to choose from: set crossbar.sizes, as \"64x64, "
                     "128x128\"");
    static const char *const no_size[] = {"crossbar.choose=area", "crossbar.sizes=64x64",
                                          "layers./f1/*.crossbar.sizes=64y64", NULL};
    refuse(no_size, "crossbar.sizes of layer /f1/Gemm: \"64y64\" is no size of an array: write "
                    "rows x columns, as 64x64, 128x32");
    static const char *const too_narrow[] = {"crossbar.choose=area", "crossbar.sizes=64x6, 64x7",
                                             NULL};
    refuse(too_narrow, "no size of crossbar.sizes will do: layer /c1/Conv: crossbar.columns = 7 "
                       "cannot hold one 8-bit weight, which "
                       "takes 8 columns of 2-bit cells (differential); use more columns or more "
                       "bits per cell");
    /* A size whose converters do not exist is left out; alone, it is refused. */
    static const char *const no_bits[] = {"crossbar.choose=area", "crossbar.sizes=4096x64",
                                          "adc.bits=worst", "crossbar.cell_bits=8", NULL};
    refuse(no_bits, "no size of crossbar.sizes will do: layer /f2/Gemm needs an ADC of 20 bits to "
                    "lose nothing, and 16 is the most: give adc.bits a number, or lower "
                    "crossbar.rows, crossbar.cell_bits or dac.bits");
}

static void sizes_without_converters_are_left_out(void) {
    static const char *const settings[] = {
        "run.accuracy=false", "crossbar.choose=energy", "crossbar.sizes=4096x128,64x64",
        "adc.bits=worst",     "crossbar.cell_bits=8",   NULL};
    struct config *config = config_of(LENET_CONFIG, settings);
    struct run_result result;
    struct diagnostic diag = {0};
    ASSERT_OK(run_evaluate(config, NULL, &result, &diag), diag);
    for (int i = 0; i < LAYERS; i++)
        CU_ASSERT_EQUAL(result.mapping.layers[i].crossbar.rows, 64);
    run_result_free(&result);
    config_free(config);
}

/* Of three sizes each layer may have one: 4 rows are less than a fragment of 8, and 6 columns less
 * than a weight's 7. One layer has fragments of 4. */
static void sizes_that_layers_cannot_have_are_left_out(void) {
    static const char *const settings[] = {"run.accuracy=false",
                                           "crossbar.choose=area",
                                           "crossbar.sizes=4x64, 64x6, 64x64",
                                           "crossbar.cell_bits=1",
                                           "pruning.scheme=polarization",
                                           "pruning.skip_first=false",
                                           "mapping.encoding=polarized",
                                           "mapping.fragment_rows=8",
                                           "layers./f2/*.mapping.fragment_rows=4",
                                           NULL};
    struct config *config = config_of(LENET_CONFIG, settings);
    struct run_result result, plain;
    struct diagnostic diag = {0};
    ASSERT_OK(run_evaluate(config, NULL, &result, &diag), diag);
    CU_ASSERT_EQUAL(result.sizes_left_out.count, 3 * 2 + 1);
    CU_ASSERT_STRING_EQUAL(result.sizes_left_out.first,
                           "layer /c1/Conv: a fragment of mapping.fragment_rows = 8 is more than "
                           "the 4 rows of the crossbar");
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(result.mapping.layers[i].crossbar.rows, 64);
    config_free(config);
    config = config_of(LENET_CONFIG, (const char *const[]){"run.accuracy=false", NULL});
    ASSERT_OK(run_evaluate(config, NULL, &plain, &diag), diag);
    CU_ASSERT_EQUAL(plain.sizes_left_out.count, 0);
    run_result_free(&result);
    run_result_free(&plain);
    config_free(config);
}

static const struct test_case cases[] = {
    {"equal the best of all assignments", equal_the_best_of_all},
    {"classes stay as they are", classes_stay},
    {"lists are read", lists_are_read},
    {"what cannot be chosen is refused", what_cannot_be_chosen},
    {"sizes without converters are left out", sizes_without_converters_are_left_out},
    {"sizes that layers cannot have are left out", sizes_that_layers_cannot_have_are_left_out},
    {NULL, NULL},
};
const struct test_suite suite_sizes = {"sizes", cases};
