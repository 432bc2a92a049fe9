/* The int8 networks of ../shared/models in ideal integers, against an independent runtime's classes
 * (NAME.pred.npy) and logits (NAME.logits.npy, of the images in logits_index.npy). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/engine/engine.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

#define MODELS  "../shared/models/"
#define FASHION "/usr/share/datasets/fashion-mnist/t10k-"
#define CIFAR   "../shared/data/cifar10/test_batch.bin.xz"

enum { LISTED = 500, CLASSES = 10, ALL_IMAGES = 10000 };

/* Multiply-accumulates spent on one model: all 500 images of small ones, 36 of ResNet-18. */
#if defined(__SANITIZE_ADDRESS__)
static const double mac_budget = 3e9;
#elif defined(__OPTIMIZE__)
static const double mac_budget = 20e9;
#else
static const double mac_budget = 1e9;
#endif

/* The values of an NPY file that is known to hold `bytes` bytes. */
static void read_npy(const char *directory, const char *name, const char *suffix, void *values,
                     size_t bytes) {
    char path[256];
    snprintf(path, sizeof path, "%s%s%s", directory, name, suffix);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    unsigned char start[10];
    CU_ASSERT_EQUAL_FATAL(fread(start, 1, sizeof start, file), sizeof start);
    CU_ASSERT_EQUAL_FATAL(fseek(file, start[8] + 256L * start[9], SEEK_CUR), 0);
    CU_ASSERT_EQUAL_FATAL(fread(values, 1, bytes, file), bytes);
    CU_ASSERT_EQUAL(fgetc(file), EOF);
    fclose(file);
}

struct images {
    const char *directory;
    struct dataset data;   /* the whole test set */
    struct dataset listed; /* of it, the images in logits_index.npy */
    int32_t index[LISTED];
    uint8_t *pixels;
    int32_t labels[LISTED];
};

static void images_open(struct images *images, const char *directory,
                        const struct dataset_options *options, const int shape[3]) {
    struct diagnostic diag = {0};
    images->directory = directory;
    ASSERT_OK(dataset_load(options, DATASET_TEST, shape, CLASSES, &images->data, &diag), diag);
    read_npy(directory, "logits_index", ".npy", images->index, sizeof images->index);
    size_t bytes = (size_t)(shape[0] * shape[1] * shape[2]);
    images->pixels = malloc(LISTED * bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(images->pixels);
    for (int i = 0; i < LISTED; i++) {
        CU_ASSERT_FATAL(images->index[i] >= 0 && images->index[i] < images->data.count);
        memcpy(images->pixels + (size_t)i * bytes,
               images->data.pixels + (size_t)images->index[i] * bytes, bytes);
        images->labels[i] = images->data.labels[images->index[i]];
    }
    images->listed = images->data;
    images->listed.count = LISTED;
    images->listed.pixels = images->pixels;
    images->listed.labels = images->labels;
}

static void images_close(struct images *images) {
    free(images->pixels);
    dataset_free(&images->data);
}

static int affordable(const struct network *network) {
    double macs = 0.0;
    for (int i = 0; i < network->n_matrix; i++)
        macs += matrix_macs(&network->matrix[i].shape);
    return (int)fmin(LISTED, mac_budget / macs);
}

struct outputs {
    float logits[LISTED * CLASSES];
    int32_t classes[LISTED];
};

/* Runs the listed images, as many as there is time for; returns how many. */
static int run_model(const struct images *images, const char *name, struct outputs *out) {
    char path[256];
    struct diagnostic diag = {0};
    struct network network;
    struct engine *engine;
    snprintf(path, sizeof path, "%s%s.onnx", images->directory, name);
    ASSERT_OK(network_import(path, &network, &diag), diag);
    ASSERT_OK(engine_create(&network, NULL, NULL, &engine, &diag), diag);
    struct engine_request request = {
        .dataset = &images->listed, .count = affordable(&network), .threads = 2};
    struct engine_result result = {.logits = out->logits, .classes = out->classes};
    ASSERT_OK(engine_run(engine, &request, &result, &diag), diag);
    engine_free(engine);
    network_free(&network);
    return request.count;
}

/* All logits and all classes are those of the independent runtime. */
static void expect_exact(const struct images *images, const char *const *names) {
    static uint8_t classes[ALL_IMAGES];
    static float logits[LISTED * CLASSES];
    static struct outputs out;
    for (; *names != NULL; names++) {
        int count = run_model(images, *names, &out), wrong_classes = 0, wrong_logits = 0;
        read_npy(images->directory, *names, ".pred.npy", classes, sizeof classes);
        read_npy(images->directory, *names, ".logits.npy", logits, sizeof logits);
        for (int i = 0; i < count; i++)
            wrong_classes += out.classes[i] != classes[images->index[i]];
        /* The last digits of a float32 scale differ by the order in which a runtime rounds. */
        for (int i = 0; i < count * CLASSES; i++)
            wrong_logits += fabsf(out.logits[i] - logits[i]) > 1e-5F;
        if (wrong_classes != 0 || wrong_logits != 0)
            fprintf(stderr, "\n%s: %d classes and %d logits of %d images differ\n", *names,
                    wrong_classes, wrong_logits, count);
        CU_ASSERT_EQUAL(wrong_classes, 0);
        CU_ASSERT_EQUAL(wrong_logits, 0);
        CU_ASSERT(count > 0);
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
    static struct images images;
    static const double zero = 0.0, one = 1.0;
    struct dataset_options options = {.format = DATASET_IDX,
                                      .images = FASHION "images-idx3-ubyte.gz",
                                      .labels = FASHION "labels-idx1-ubyte.gz",
                                      .mean = {&zero, 1},
                                      .std = {&one, 1}};
    if (absent(MODELS) || absent(options.images))
        return;
    images_open(&images, MODELS "fashion-mnist/", &options, (const int[]){1, 28, 28});
    expect_exact(&images, names);
    images_close(&images);
}

static void cifar10(void) {
    static const char *const names[] = {"resnet20_int8", "resnet20_cp4_int8",  "vgg16_int8",
                                        "resnet18_int8", "resnet18_cp16_int8", NULL};
    static struct images images;
    static const double mean[] = {.4914, .4822, .4465}, std[] = {.2470, .2435, .2616};
    if (absent(MODELS) || absent(CIFAR))
        return;
    struct scratch scratch;
    scratch_open(&scratch);
    struct dataset_options options = {.format = DATASET_CIFAR10,
                                      .images = scratch_path(&scratch, "test_batch.bin"),
                                      .mean = {mean, 3},
                                      .std = {std, 3}};
    char command[256];
    snprintf(command, sizeof command, "xz -dc " CIFAR " > %s", options.images);
    if (system(command) != 0) {
        printf("skipped: no xz ");
    } else {
        images_open(&images, MODELS "cifar10/", &options, (const int[]){3, 32, 32});
        expect_exact(&images, names);
        images_close(&images);
    }
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"Fashion-MNIST", fashion_mnist},
    {"CIFAR-10", cifar10},
    {NULL, NULL},
};

const struct test_suite suite_engine_models = {"engine_models", cases};
