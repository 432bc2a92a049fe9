/* CIFAR-10 binary batches made here: 1 label byte and 3072 pixels a record. */
#include <string.h>

#include "tests/support/datasets.h"
#include "tests/test.h"

enum { RECORDS = 7, RECORD = 3073 };
static const int shape[3] = {3, 32, 32};
static unsigned char batch[RECORDS * RECORD];

static unsigned char pixel(int record, int i) {
    return (unsigned char)((record * 31 + i * 11 + i / 1024) % 251);
}

static void make_batch(void) {
    for (int r = 0; r < RECORDS; r++) {
        batch[r * RECORD] = (unsigned char)(9 - r);
        for (int i = 0; i < RECORD - 1; i++)
            batch[r * RECORD + 1 + i] = pixel(r, i);
    }
}

static void check_batch(const char *path) {
    double mean[] = {.4914, .4822, .4465}, std[] = {.2470, .2435, .2616};
    struct dataset_options options = {.format = DATASET_CIFAR10,
                                      .images = path,
                                      .offset = 2,
                                      .count = 4,
                                      .mean = {mean, 3},
                                      .std = {std, 3}};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, 4);
    CU_ASSERT_EQUAL(dataset.channels, 3);
    static float image[3072];
    for (int r = 0; r < 4; r++) {
        CU_ASSERT_EQUAL(dataset.labels[r], 7 - r);
        dataset_image(&dataset, r, image);
        for (int i = 0; i < 3072; i += 89) {
            int c = i / 1024;
            float scaled = (float)pixel(r + 2, i) / 255.0f;
            CU_ASSERT_EQUAL(image[i], (scaled - (float)mean[c]) / (float)std[c]);
        }
    }
    dataset_free(&dataset);
}

static void test_reads(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    make_batch();
    check_batch(scratch_write(&scratch, "batch.bin", batch, sizeof batch));
    check_batch(scratch_gzip(&scratch, "batch.bin.gz", batch, sizeof batch));
    scratch_close(&scratch);
}

static void test_calibration_needs_no_labels(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    make_batch();
    batch[0] = 77; /* a label that no class has */
    struct dataset_options options = {.format = DATASET_CIFAR10,
                                      .calibration =
                                          scratch_write(&scratch, "batch.bin", batch, sizeof batch),
                                      .calibration_count = 2};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_CALIBRATION, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, 2);
    CU_ASSERT_PTR_NULL(dataset.labels);
    CU_ASSERT_EQUAL(dataset.pixels[3072], pixel(1, 0));
    dataset_free(&dataset);
    options.images = options.calibration;
    expect_refused(&options, DATASET_TEST, shape, "label 77 of image 0");
    scratch_close(&scratch);
}

static void test_refusals(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    make_batch();
    struct dataset_options options = {
        .format = DATASET_CIFAR10,
        .images = scratch_write(&scratch, "batch.bin", batch, sizeof batch)};
    expect_refused(&options, DATASET_TEST, (const int[]){1, 28, 28},
                   "images are 3x32x32 but the network's input is 1x28x28");
    options.labels = options.images;
    expect_refused(&options, DATASET_TEST, shape, "dataset.labels: a CIFAR-10 batch holds its own");
    options.labels = NULL;
    options.offset = 7;
    expect_refused(&options, DATASET_TEST, shape, "dataset.offset is 7 but the file holds 7");
    options.offset = 0;
    options.count = 8;
    expect_refused(&options, DATASET_TEST, shape, "dataset.count is 8 but the file holds 7");
    scratch_cut(options.images, sizeof batch - 1);
    expect_refused(&options, DATASET_TEST, shape, "21510 bytes are not whole records of 3073");
    scratch_cut(options.images, 0);
    expect_refused(&options, DATASET_TEST, shape, "0 bytes are not whole records of 3073");
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"reads plain and packed batches", test_reads},
    {"calibration ignores labels", test_calibration_needs_no_labels},
    {"refuses wrong files and requests", test_refusals},
    {NULL, NULL},
};
const struct test_suite suite_dataset_cifar10 = {"dataset_cifar10", cases};
