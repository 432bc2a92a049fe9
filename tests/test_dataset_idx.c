/* IDX datasets: small files made here, and the real Fashion-MNIST; every refusal provoked. */
#include <float.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/datasets.h"
#include "tests/test.h"

#define FASHION "/usr/share/datasets/fashion-mnist/"

enum { IMAGES = 11, HEIGHT = 3, WIDTH = 5, PIXELS = HEIGHT * WIDTH };
static const int shape[3] = {1, HEIGHT, WIDTH};
static unsigned char buffer[4096];

/* 11 images of 1x3x5 and their labels, as plain files. */
static struct dataset_options small(struct scratch *scratch) {
    struct dataset_options options = {.format = DATASET_IDX};
    size_t bytes = make_idx(buffer, 3, (const int[]){IMAGES, HEIGHT, WIDTH}, 7, 256);
    options.images = scratch_write(scratch, "images", buffer, bytes);
    bytes = make_idx(buffer, 1, (const int[]){IMAGES}, 3, 10);
    options.labels = scratch_write(scratch, "labels", buffer, bytes);
    return options;
}

static void test_reads_all(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    struct dataset_options options = small(&scratch);
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, IMAGES);
    CU_ASSERT_EQUAL(dataset.channels, 1);
    CU_ASSERT_EQUAL(dataset.height, HEIGHT);
    CU_ASSERT_EQUAL(dataset.width, WIDTH);
    CU_ASSERT_PTR_NULL(dataset.floats);
    for (int i = 0; i < IMAGES * PIXELS; i++)
        CU_ASSERT_EQUAL(dataset.pixels[i], 7 * i % 256);
    for (int i = 0; i < IMAGES; i++)
        CU_ASSERT_EQUAL(dataset.labels[i], 3 * i % 10);
    CU_ASSERT_EQUAL(strspn(dataset.content_hash, "0123456789abcdef"), 32);
    dataset_free(&dataset);
    scratch_close(&scratch);
}

static void test_offset_count_and_hash(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    struct dataset_options options = small(&scratch);
    struct dataset part, other;
    struct diagnostic diag = {0};
    options.offset = 4;
    options.count = 3;
    ASSERT_OK(dataset_load(&options, DATASET_TEST, shape, 10, &part, &diag), diag);
    CU_ASSERT_EQUAL(part.count, 3);
    for (int i = 0; i < 3 * PIXELS; i++)
        CU_ASSERT_EQUAL(part.pixels[i], 7 * (i + 4 * PIXELS) % 256);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(part.labels[i], 3 * (i + 4) % 10);

    /* The hash sees images, labels and shape, not where in a file they lie. */
    unsigned char cut[3 * PIXELS + 16];
    make_idx(cut, 3, (const int[]){3, HEIGHT, WIDTH}, 0, 256);
    memcpy(cut + 16, part.pixels, 3 * PIXELS);
    unsigned char labels[8 + 3];
    make_idx(labels, 1, (const int[]){3}, 0, 10);
    for (int i = 0; i < 3; i++)
        labels[8 + i] = (unsigned char)part.labels[i];
    struct dataset_options same = {.images = scratch_gzip(&scratch, "cut.gz", cut, sizeof cut),
                                   .labels = scratch_gzip(&scratch, "l.gz", labels, sizeof labels)};
    ASSERT_OK(dataset_load(&same, DATASET_TEST, shape, 10, &other, &diag), diag);
    CU_ASSERT_STRING_EQUAL(part.content_hash, other.content_hash);
    dataset_free(&other);
    same.labels = NULL;
    ASSERT_OK(dataset_load(&same, DATASET_TEST, shape, 10, &other, &diag), diag);
    CU_ASSERT_PTR_NULL(other.labels);
    CU_ASSERT_STRING_NOT_EQUAL(part.content_hash, other.content_hash);
    dataset_free(&other);
    dataset_free(&part);
    scratch_close(&scratch);
}

/* Expected values from numpy: (float32(pixel)/float32(255) - float32(.2860))/float32(.3530). */
static void test_normalisation(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    unsigned char file[16 + 4];
    make_idx(file, 3, (const int[]){1, 1, 4}, 0, 256);
    memcpy(file + 16, (const unsigned char[]){69, 128, 100, 120}, 4);
    double mean = 0.2860, std = 0.3530;
    struct dataset_options options = {.images = scratch_write(&scratch, "i", file, sizeof file),
                                      .mean = {&mean, 1},
                                      .std = {&std, 1}};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, (const int[]){1, 1, 4}, 10, &dataset, &diag),
              diag);
    float image[4];
    dataset_image(&dataset, 0, image);
    CU_ASSERT_EQUAL(image[0], -0x1.65a862p-5f);
    CU_ASSERT_EQUAL(image[1], 0x1.393c26p-1f);
    CU_ASSERT_EQUAL(image[2], 0x1.33f1f2p-2f);
    CU_ASSERT_EQUAL(image[3], 0x1.0bbb3cp-1f);
    dataset_free(&dataset);
    scratch_close(&scratch);
}

/* (n,c,h,w) with a mean of each channel, and a flat network input. */
static void test_channels_and_flat_input(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    size_t bytes = make_idx(buffer, 4, (const int[]){2, 3, 2, 2}, 1, 256);
    double mean[] = {0, 0.5, 1}, std[] = {1, 2, 4};
    struct dataset_options options = {
        .images = scratch_write(&scratch, "i", buffer, bytes), .mean = {mean, 3}, .std = {std, 3}};
    const int flat[3] = {1, 1, 12};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, flat, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.channels, 3);
    float image[12];
    dataset_image(&dataset, 1, image);
    CU_ASSERT_EQUAL(image[0], 12.0f / 255.0f);
    CU_ASSERT_EQUAL(image[4], (16.0f / 255.0f - 0.5f) / 2.0f);
    CU_ASSERT_EQUAL(image[11], (23.0f / 255.0f - 1.0f) / 4.0f);
    dataset_free(&dataset);
    options.mean.count = 2;
    expect_refused(&options, DATASET_TEST, (const int[]){3, 2, 2},
                   "dataset.mean: 2 values, but the images have 3 channels");
    expect_refused(&options, DATASET_TEST, (const int[]){3, 2, 3},
                   "images are 3x2x2 but the network's input is 3x2x3");
    scratch_close(&scratch);
}

static void test_calibration(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    struct dataset_options options = small(&scratch);
    options.calibration = options.images;
    options.offset = 9; /* of the test images only */
    options.calibration_count = 4;
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_CALIBRATION, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, 4);
    CU_ASSERT_EQUAL(dataset.pixels[1], 7);
    CU_ASSERT_PTR_NULL(dataset.labels);
    dataset_free(&dataset);
    options.calibration_count = 1024;
    ASSERT_OK(dataset_load(&options, DATASET_CALIBRATION, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, IMAGES);
    dataset_free(&dataset);
    options.calibration = NULL;
    expect_refused(&options, DATASET_CALIBRATION, shape, "dataset.calibration is not set");
    scratch_close(&scratch);
}

static void test_refuses_requests(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const struct dataset_options good = small(&scratch);
    struct dataset_options options = good;
    options.images = NULL;
    expect_refused(&options, DATASET_TEST, shape, "dataset.images is not set");
    options.images = "/nowhere/images.gz";
    expect_refused(&options, DATASET_TEST, shape, "/nowhere/images.gz: cannot open: No such file");
    options.images = scratch.folder;
    expect_refused(&options, DATASET_TEST, shape, "is not a regular file");
    options = good;
    options.offset = IMAGES;
    expect_refused(&options, DATASET_TEST, shape,
                   "dataset.offset is 11 but the file holds 11 images (0 to 10)");
    options.offset = 6;
    options.count = 6;
    expect_refused(&options, DATASET_TEST, shape,
                   "dataset.count is 6 but the file holds 5 images from image 6 on");
    options = good;
    expect_refused(&options, DATASET_TEST, (const int[]){3, 32, 32},
                   "images are 1x3x5 but the network's input is 3x32x32");
    expect_refused(&options, DATASET_TEST, (const int[]){1, 5, 3}, /* as many values, not flat */
                   "images are 1x3x5 but the network's input is 1x5x3");
    double zero = 0, tiny = DBL_MIN, huge = 1e300;
    options.std = (struct config_reals){&zero, 1};
    expect_refused(&options, DATASET_TEST, shape, "dataset.std: must be above 0");
    options.std = (struct config_reals){&tiny, 1};
    expect_refused(&options, DATASET_TEST, shape, "dataset.std: must be above 0");
    options.mean = (struct config_reals){&huge, 1};
    expect_refused(&options, DATASET_TEST, shape, "dataset.mean: not a finite");
    scratch_close(&scratch);
}

static void test_refuses_labels(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    struct dataset_options options = small(&scratch);
    size_t bytes = make_idx(buffer, 1, (const int[]){IMAGES - 1}, 3, 10);
    options.labels = scratch_gzip(&scratch, "labels.gz", buffer, bytes);
    expect_refused(&options, DATASET_TEST, shape, "labels.gz: 10 labels for 11 images");
    bytes = make_idx(buffer, 1, (const int[]){IMAGES}, 3, 10);
    buffer[8 + 7] = 10;
    options.labels = scratch_write(&scratch, "labels", buffer, bytes);
    expect_refused(&options, DATASET_TEST, shape,
                   "labels: label 10 of image 7, but the network tells 10 classes");
    options.labels = options.images;
    expect_refused(&options, DATASET_TEST, shape, "labels in 3 dimensions");
    scratch_close(&scratch);
}

static void refuse_header(struct scratch *scratch, const char *header, size_t bytes,
                          const char *text) {
    struct dataset_options options = {.images = scratch_write(scratch, "bad", header, bytes)};
    expect_refused(&options, DATASET_TEST, shape, text);
}

static void test_refuses_headers(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    refuse_header(&scratch, "", 0, "truncated after 0 bytes");
    refuse_header(&scratch, "\0\0\x08", 3, "truncated after 3 bytes");
    refuse_header(&scratch, "\0\0\x08\x03\0\0", 6, "truncated after 6 bytes");
    refuse_header(&scratch, "PNG\x03", 4, "not an IDX file");
    refuse_header(&scratch, "\0\0\x0d\x03", 4, "IDX values of type 0x0d");
    refuse_header(&scratch, "\0\0\x08\0", 4, "IDX array of 0 dimensions");
    refuse_header(&scratch, "\0\0\x08\x05", 4, "IDX array of 5 dimensions");
    refuse_header(&scratch, "\0\0\x08\x01\0\0\0\0", 8, "an array of 1 dimensions holds no images");
    refuse_header(&scratch, "\0\0\x08\x03\0\0\0\0\0\0\0\x03\0\0\0\x05", 16, "holds no images");
    refuse_header(&scratch, "\0\0\x08\x03\0\0\0\x02\0\0\0\0\0\0\0\x05", 16, "images are 1x0x5");
    /* 2^31 images of 3x5: refused by the length of the file, before anything is allocated. */
    refuse_header(&scratch, "\0\0\x08\x03\x80\0\0\0\0\0\0\x03\0\0\0\x05", 16,
                  "truncated: its header promises 32212254720 bytes of data, there are 0");
    refuse_header(&scratch,
                  "\0\0\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                  20, "its header promises an impossible size");
    scratch_close(&scratch);
}

/* Every length of a plain and a packed file but the right one. */
static void test_refuses_truncation(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    size_t bytes = make_idx(buffer, 3, (const int[]){IMAGES, HEIGHT, WIDTH}, 7, 256);
    struct dataset_options options = {.count = 1};
    for (size_t cut = 0; cut < bytes; cut++) {
        options.images = scratch_write(&scratch, "plain", buffer, cut);
        expect_refused(&options, DATASET_TEST, shape, "truncated");
    }
    options.images = scratch_write(&scratch, "plain", buffer, bytes);
    scratch_append(options.images, 2);
    expect_refused(&options, DATASET_TEST, shape, "2 bytes follow the data");
    options.images = scratch_gzip(&scratch, "packed.gz", buffer, bytes);
    for (size_t cut = scratch_size(options.images); cut-- > 2;) {
        scratch_cut(options.images, cut);
        expect_refused(&options, DATASET_TEST, shape, "truncated gzip data");
    }
    scratch_close(&scratch);
}

static void test_refuses_damaged_gzip(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    size_t bytes = make_idx(buffer, 3, (const int[]){IMAGES, HEIGHT, WIDTH}, 7, 256);
    struct dataset_options options = {.count = 1};
    options.images = scratch_gzip(&scratch, "garbage.gz", buffer, bytes);
    scratch_append(options.images, 3);
    expect_refused(&options, DATASET_TEST, shape, "garbage after the end of the gzip data");
    options.images = scratch_gzip(&scratch, "sum.gz", buffer, bytes);
    scratch_cut(options.images, scratch_size(options.images) - 8);
    scratch_append(options.images, 8);
    expect_refused(&options, DATASET_TEST, shape, "damaged gzip data (incorrect data check)");
    options.images = scratch_write(&scratch, "head.gz", "\x1f\x8b\x07\0\0\0\0\0\0\0", 10);
    expect_refused(&options, DATASET_TEST, shape, "damaged gzip data (unknown compression method)");
    scratch_close(&scratch);
}

/* Two gzip members in a row are one file, as for gunzip. */
static void test_two_gzip_members(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    size_t bytes = make_idx(buffer, 3, (const int[]){IMAGES, HEIGHT, WIDTH}, 7, 256);
    const char *half = scratch_gzip(&scratch, "half", buffer, 20);
    unsigned char packed[1024];
    FILE *file = fopen(half, "rb");
    size_t length = fread(packed, 1, sizeof packed, file);
    fclose(file);
    const char *rest = scratch_gzip(&scratch, "rest", buffer + 20, bytes - 20);
    file = fopen(rest, "rb");
    length += fread(packed + length, 1, sizeof packed - length, file);
    fclose(file);
    struct dataset_options options = {.images = scratch_write(&scratch, "both.gz", packed, length),
                                      .offset = 10};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.pixels[PIXELS - 1], 7 * (IMAGES * PIXELS - 1) % 256);
    dataset_free(&dataset);
    scratch_close(&scratch);
}

/* Sums and labels as numpy reads them. */
static void test_fashion_mnist(void) {
    struct dataset_options options = {.images = FASHION "t10k-images-idx3-ubyte.gz",
                                      .labels = FASHION "t10k-labels-idx1-ubyte.gz"};
    if (access(options.images, R_OK) != 0) {
        printf("skipped: no Fashion-MNIST; install dataset-fashion-mnist ");
        return;
    }
    const int input[3] = {1, 28, 28};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, input, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(dataset.count, 10000);
    long sum = 0, last = 0;
    for (size_t i = 0; i < (size_t)10000 * 784; i++) {
        sum += dataset.pixels[i];
        last = i % 784 == 0 ? dataset.pixels[i] : last + dataset.pixels[i];
    }
    CU_ASSERT_EQUAL(sum, 573469082);
    CU_ASSERT_EQUAL(last, 24390);
    static const int first[] = {9, 2, 1, 1, 6}, end[] = {9, 1, 8, 1, 5};
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(dataset.labels[i], first[i]);
        CU_ASSERT_EQUAL(dataset.labels[9995 + i], end[i]);
    }
    dataset_free(&dataset);
}

static const struct test_case cases[] = {
    {"all images and labels", test_reads_all},
    {"offset, count, and the content hash", test_offset_count_and_hash},
    {"normalisation equals numpy's in float32", test_normalisation},
    {"channels, and a flat input", test_channels_and_flat_input},
    {"calibration images", test_calibration},
    {"refuses wrong requests", test_refuses_requests},
    {"refuses wrong labels", test_refuses_labels},
    {"refuses wrong headers", test_refuses_headers},
    {"refuses every truncation", test_refuses_truncation},
    {"refuses damaged gzip", test_refuses_damaged_gzip},
    {"reads two gzip members", test_two_gzip_members},
    {"real Fashion-MNIST", test_fashion_mnist},
    {NULL, NULL},
};
const struct test_suite suite_dataset_idx = {"dataset_idx", cases};
