/* Every compaction strategy on every convolutional network of ../shared/models: with every read
 * converted and nothing lost, the logits are those of ideal integers, and the cells in use are the
 * same. MHO_TEST_IMAGES=100 takes so many images whatever the time (make test-models). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/configs.h"
#include "tests/test.h"

#define MODELS  "../shared/models/"
#define FASHION "/usr/share/datasets/fashion-mnist/t10k-"
#define CIFAR   "../shared/data/cifar10/test_batch.bin.xz"

enum { IMAGES = 100, CLASSES = 10 };

/* Multiply-accumulates spent on one network and strategy. */
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
static const double mac_budget = 0.05e9;
#else
static const double mac_budget = 0.25e9;
#endif

static int affordable(const struct network *network) {
    const char *text = getenv("MHO_TEST_IMAGES");
    double macs = 0;
    if (text != NULL)
        return (int)fmin(IMAGES, atoi(text));
    for (int i = 0; i < network->n_matrix; i++)
        macs += matrix_macs(&network->matrix[i].shape);
    return (int)fmax(1, fmin(IMAGES, mac_budget / macs));
}

static void infer(const struct network *network, const struct mapping *mapping,
                  struct engine_layer *layers, const struct dataset *images, int count,
                  float *logits) {
    struct engine *engine;
    struct diagnostic diag = {0};
    const struct engine_request request = {.dataset = images, .count = count, .threads = 2};
    struct engine_result result = {.logits = logits};
    ASSERT_OK(engine_create(network, mapping, layers, &engine, &diag), diag);
    ASSERT_OK(engine_run(engine, &request, &result, &diag), diag);
    engine_free(engine);
}

/* Converters whose codes stand for the sums themselves, as a table, so that every read is made. */
static void make_layers(const struct mapping *mapping, struct engine_layer *layers,
                        struct adc_fit *fits, struct arena *arena) {
    for (int i = 0; i < mapping->n_layers; i++) {
        int bits = mapping->layers[i].lossless.exact;
        int32_t *levels = ARENA_NEW(arena, 1 << bits, int32_t);
        for (int k = 0; k < 1 << bits; k++)
            levels[k] = k;
        fits[i] = (struct adc_fit){.bits = bits, .levels = levels};
        layers[i] = (struct engine_layer){.adc_bits = bits - 1, /* so not proven to lose nothing */
                                          .choice = ADC_TRANSFER_NONUNIFORM,
                                          .fit = &fits[i]};
    }
}

/* Returns the cells in use. */
static long check_strategy(const struct network *network, const char *path, int compaction,
                           const struct dataset *images, int count, const float *ideal) {
    static float logits[IMAGES * CLASSES];
    char setting[64], model[300];
    snprintf(setting, sizeof setting, "mapping.compaction=%s", compaction_names[compaction]);
    snprintf(model, sizeof model, "network.model=%s", path);
    bool units = compaction == COMPACTION_OU;
    struct config *config =
        config_of(NULL, (const char *const[]){model, setting, units ? "mapping.ou_rows=64" : NULL,
                                              "mapping.ou_columns=64", NULL});
    struct arena arena = ARENA_INIT;
    struct mapping mapping;
    struct diagnostic diag = {0};
    ASSERT_OK(config_finish(config, &diag), diag);
    ASSERT_OK(mapping_create(network, config, &mapping, &diag), diag);
    struct engine_layer *layers = ARENA_NEW(&arena, mapping.n_layers, struct engine_layer);
    make_layers(&mapping, layers, ARENA_NEW(&arena, mapping.n_layers, struct adc_fit), &arena);
    infer(network, &mapping, layers, images, count, logits);
    int differing = 0, serial = 0;
    long cells = 0;
    for (int i = 0; i < count * CLASSES; i++)
        differing += memcmp(&logits[i], &ideal[i], sizeof *logits) != 0;
    for (int i = 0; i < mapping.n_layers; i++) {
        cells += mapping.layers[i].sums.cells_nonzero;
        serial += layers[i].path == ENGINE_BIT_SERIAL;
    }
    CU_ASSERT_EQUAL(differing, 0);
    CU_ASSERT_EQUAL(serial, mapping.n_layers);
    CU_ASSERT(mapping.crossbars <= mapping.crossbars_dense);
    if (differing > 0)
        printf("%s %s: %d logits of %d images differ\n", path, setting, differing, count);
    mapping_free(&mapping);
    config_free(config);
    arena_free(&arena);
    return cells;
}

static void check_models(const char *directory, const char *const *names,
                         const struct dataset *images) {
    static float ideal[IMAGES * CLASSES];
    for (; *names != NULL; names++) {
        char path[256];
        struct diagnostic diag = {0};
        struct network network;
        snprintf(path, sizeof path, "%s%s.onnx", directory, *names);
        ASSERT_OK(network_import(path, &network, &diag), diag);
        int count = affordable(&network);
        infer(&network, NULL, NULL, images, count, ideal);
        long cells = 0;
        for (int c = 0; compaction_names[c] != NULL; c++) {
            long own = check_strategy(&network, path, c, images, count, ideal);
            cells = c == COMPACTION_NONE ? own : cells;
            CU_ASSERT_EQUAL(own, cells);
        }
        network_free(&network);
    }
}

static bool absent(const char *path) {
    if (access(path, R_OK) == 0)
        return false;
    printf("skipped: no %s ", path);
    return true;
}

static void fashion_mnist(void) {
    static const char *const names[] = {
        "lenet_int8",        "lenet_cp8_int8", "mobilenet_int8", "resnet20_int8",
        "resnet20_cp4_int8", "vgg8_int8",      "vgg8_cp16_int8", NULL};
    static const double zero = 0.0, one = 1.0;
    const struct dataset_options options = {.format = DATASET_IDX,
                                            .images = FASHION "images-idx3-ubyte.gz",
                                            .labels = FASHION "labels-idx1-ubyte.gz",
                                            .count = IMAGES,
                                            .mean = {&zero, 1},
                                            .std = {&one, 1}};
    struct dataset images;
    struct diagnostic diag = {0};
    if (absent(MODELS) || absent(options.images))
        return;
    ASSERT_OK(
        dataset_load(&options, DATASET_TEST, (const int[]){1, 28, 28}, CLASSES, &images, &diag),
        diag);
    check_models(MODELS "fashion-mnist/", names, &images);
    dataset_free(&images);
}

static void cifar10(void) {
    static const char *const names[] = {"resnet20_int8", "resnet20_cp4_int8",  "vgg16_int8",
                                        "resnet18_int8", "resnet18_cp16_int8", NULL};
    static const double mean[] = {.4914, .4822, .4465}, std[] = {.2470, .2435, .2616};
    const struct dataset_options options = {.format = DATASET_CIFAR10,
                                            .images = CIFAR,
                                            .count = IMAGES,
                                            .mean = {mean, 3},
                                            .std = {std, 3}};
    struct dataset images;
    struct diagnostic diag = {0};
    if (absent(MODELS) || absent(CIFAR))
        return;
    ASSERT_OK(
        dataset_load(&options, DATASET_TEST, (const int[]){3, 32, 32}, CLASSES, &images, &diag),
        diag);
    check_models(MODELS "cifar10/", names, &images);
    dataset_free(&images);
}

static const struct test_case cases[] = {
    {"Fashion-MNIST", fashion_mnist},
    {"CIFAR-10", cifar10},
    {NULL, NULL},
};
const struct test_suite suite_compaction_models = {"compaction_models", cases};
