/* NPY arrays as images and as predictions. Headers are written as numpy writes them. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/datasets.h"
#include "tests/test.h"

#define PREDICTIONS "../shared/models/fashion-mnist/lenet_int8.pred.npy"

enum { IMAGES = 5, PIXELS = 6 };
static const int shape[3] = {1, 2, 3};
static unsigned char buffer[8192];

static const char *write_npy(struct scratch *scratch, const char *name, int version,
                             const char *dictionary, const void *data, size_t bytes) {
    return scratch_write(scratch, name, buffer, make_npy(buffer, version, dictionary, data, bytes));
}

/* The images 0, 1/8, 2/8, ... under the given header and shape. */
static void check_floats(struct scratch *scratch, int version, const char *dictionary,
                         const void *data, size_t bytes) {
    struct dataset_options options = {.format = DATASET_NPY,
                                      .images =
                                          write_npy(scratch, "x", version, dictionary, data, bytes),
                                      .offset = 2,
                                      .count = 2};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, 2);
    CU_ASSERT_EQUAL(dataset.channels, 1);
    CU_ASSERT_PTR_NULL(dataset.pixels);
    float image[PIXELS];
    dataset_image(&dataset, 1, image);
    for (int i = 0; i < PIXELS; i++)
        CU_ASSERT_EQUAL(image[i], (float)(3 * PIXELS + i) / 8.0f);
    dataset_free(&dataset);
}

static void test_floats(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    float f4[IMAGES * PIXELS];
    double f8[IMAGES * PIXELS];
    for (int i = 0; i < IMAGES * PIXELS; i++) {
        f4[i] = (float)i / 8.0f;
        f8[i] = i / 8.0;
    }
    check_floats(&scratch, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 2, 3), }\n",
                 f4, sizeof f4);
    check_floats(&scratch, 2, "{'descr': '<f8', 'fortran_order': False, 'shape': (5, 1, 2, 3), }\n",
                 f8, sizeof f8);
    /* features only; another order of keys, double quotes, no spaces and no last comma */
    check_floats(&scratch, 1, "{\"shape\":(5,6),\"fortran_order\":False,\"descr\":\"<f4\"}", f4,
                 sizeof f4);
    scratch_close(&scratch);
}

/* Pixels, with labels of each integer type. */
static void test_pixels_and_labels(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    unsigned char pixels[IMAGES * PIXELS];
    for (int i = 0; i < IMAGES * PIXELS; i++)
        pixels[i] = (unsigned char)(255 - 8 * i);
    struct dataset_options options = {
        .format = DATASET_NPY,
        .images = write_npy(&scratch, "x", 1,
                            "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 2, 3), }\n",
                            pixels, sizeof pixels)};
    static const uint8_t u1[] = {9, 0, 3, 7, 2};
    static const int32_t i4[] = {9, 0, 3, 7, 2};
    static const int64_t i8[] = {9, 0, 3, 7, 2};
    const struct {
        const char *dictionary;
        const void *data;
        size_t bytes;
    } types[] = {
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }\n", u1, sizeof u1},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (5,), }\n", i4, sizeof i4},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (5,), }\n", i8, sizeof i8},
    };
    char hash[33] = "";
    for (size_t t = 0; t < 3; t++) {
        options.labels =
            write_npy(&scratch, "y", 1, types[t].dictionary, types[t].data, types[t].bytes);
        struct dataset dataset;
        struct diagnostic diag = {0};
        ASSERT_OK(dataset_load(&options, DATASET_TEST, shape, 10, &dataset, &diag), diag);
        for (int i = 0; i < IMAGES; i++)
            CU_ASSERT_EQUAL(dataset.labels[i], u1[i]);
        CU_ASSERT_EQUAL(dataset.pixels[7], 199);
        CU_ASSERT(t == 0 || strcmp(hash, dataset.content_hash) == 0);
        strcpy(hash, dataset.content_hash);
        dataset_free(&dataset);
    }
    scratch_close(&scratch);
}

static void test_refuses_labels(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    static const unsigned char zeros[24];
    struct dataset_options options = {
        .format = DATASET_NPY,
        .images =
            write_npy(&scratch, "x", 1,
                      "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }", zeros, 12)};
    options.labels = write_npy(
        &scratch, "y", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", zeros, 8);
    expect_refused(&options, DATASET_TEST, shape, "labels of type float32; uint8, int32 or int64");
    options.labels = write_npy(
        &scratch, "y", 1, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }", zeros, 8);
    expect_refused(&options, DATASET_TEST, shape, "labels in 2 dimensions");
    static const int64_t wild[] = {0, INT64_C(0x100000003)}, negative[] = {-1, 0};
    options.labels = write_npy(
        &scratch, "y", 1, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", wild, 16);
    expect_refused(&options, DATASET_TEST, shape, "label 4294967299 of image 1");
    options.labels =
        write_npy(&scratch, "y", 1, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
                  negative, 16);
    expect_refused(&options, DATASET_TEST, shape, "label -1 of image 0");
    scratch_close(&scratch);
}

static void test_refuses_dictionaries(void) {
    static const struct {
        const char *dictionary, *text;
    } wrong[] = {
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2, 3), }", "in Fortran order"},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2, 3), }", "of type '>f4'"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2, 3), }", "of type '<f2'"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 2, 3), }", "of type '|O'"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "structured array"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 2, 2), }",
         "more than 4 dimensions"},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2, 3), }", "images of type int32"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "bytes follow the data"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (48,), }", "of 1 dimensions holds no"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 12), }",
         "images have 12 values but the network's input is 1x2x3"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 4), }",
         "promises 64 bytes of data, there are 48"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2, 3), }",
         "impossible size"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2, 3), }",
         "malformed"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 2, 3), }", "malformed"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3, }", "malformed"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 2), }", "malformed"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2, 3), }", "malformed"},
        {"{'descr': '<f4', 'fortran_order': False, }", "malformed"},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "malformed"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3)", "malformed"},
        {"{'descr': '<f4' 'fortran_order': False, 'shape': (2, 2, 3)}", "malformed"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3)} x", "malformed"},
        {"{'descr: <f4", "malformed"},
        {"{'a key that is far too long for any NPY': 1}", "malformed"},
        {"", "malformed"},
    };
    struct scratch scratch;
    scratch_open(&scratch);
    static const unsigned char data[48];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct dataset_options options = {
            .format = DATASET_NPY,
            .images = write_npy(&scratch, "x", 1, wrong[i].dictionary, data, sizeof data)};
        expect_refused(&options, DATASET_TEST, shape, wrong[i].text);
    }
    scratch_close(&scratch);
}

static void test_refuses_files(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    static const float values[PIXELS] = {0, 1, NAN};
    static const double large[PIXELS] = {1e300};
    const char *f4 = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }\n";
    const char *f8 = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2, 3), }\n";
    struct dataset_options options = {.format = DATASET_NPY};
    options.images = write_npy(&scratch, "x", 1, f4, values, sizeof values);
    expect_refused(&options, DATASET_TEST, shape, "not finite float32 numbers");
    options.images = write_npy(&scratch, "x", 1, f8, large, sizeof large);
    expect_refused(&options, DATASET_TEST, shape, "not finite float32 numbers");
    options.images = write_npy(&scratch, "x", 3, f4, values, sizeof values);
    expect_refused(&options, DATASET_TEST, shape, "NPY version 3.0; 1.0 and 2.0 are read");
    size_t bytes = make_npy(buffer, 1, f4, values, sizeof values);
    for (size_t cut = 0; cut < bytes; cut++) {
        options.images = scratch_write(&scratch, "cut", buffer, cut);
        expect_refused(&options, DATASET_TEST, shape, cut < 8 ? "not an NPY file" : "truncated");
    }
    memcpy(buffer + 6, "\2\0\xff\xff\xff\xff", 6);
    options.images = scratch_write(&scratch, "long", buffer, bytes);
    expect_refused(&options, DATASET_TEST, shape, "NPY header of 4294967295 bytes");
    make_npy(buffer, 1, f4, values, sizeof values);
    buffer[20] = 0;
    options.images = scratch_write(&scratch, "zero", buffer, bytes);
    expect_refused(&options, DATASET_TEST, shape, "malformed NPY header");
    scratch_close(&scratch);
}

/* What numpy.save writes for the same int32 array but for the spaces that pad the header. */
static void test_write(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    const char *path = scratch_path(&scratch, "out.npy");
    static const int32_t values[] = {7, -1, INT32_MAX};
    struct diagnostic diag = {0};
    ASSERT_OK(npy_write_int32(path, values, 1, 3, &diag), diag);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t bytes = fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    CU_ASSERT_EQUAL(bytes, 128 + 12);
    static const char start[] = "\x93NUMPY\1\0v\0{'descr': '<i4', 'fortran_order': False, "
                                "'shape': (3,), }";
    CU_ASSERT_EQUAL(memcmp(buffer, start, sizeof start - 1), 0);
    for (size_t i = sizeof start - 1; i < 127; i++)
        CU_ASSERT_EQUAL(buffer[i], ' ');
    CU_ASSERT_EQUAL(buffer[127], '\n');
    CU_ASSERT_EQUAL(memcmp(buffer + 128, "\7\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f", 12), 0);

    CU_ASSERT_EQUAL(npy_write_int32("/proc/none/out.npy", values, 1, 3, &diag), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "/proc/none/out.npy"));
    CU_ASSERT_EQUAL(npy_write_int32(path, values, 2, SIZE_MAX / 8, &diag), STATUS_MEMORY);
    scratch_close(&scratch);
}

/* A file that numpy wrote, of 10,000 classes, as labels of as many one-pixel images. */
static void test_real_predictions(void) {
    if (access(PREDICTIONS, R_OK) != 0) {
        printf("skipped: no " PREDICTIONS " ");
        return;
    }
    struct scratch scratch;
    scratch_open(&scratch);
    static unsigned char pixels[20000];
    size_t bytes =
        make_npy(pixels, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (10000, 1), }\n",
                 buffer, 0) +
        10000;
    struct dataset_options options = {.format = DATASET_NPY,
                                      .images = scratch_write(&scratch, "x", pixels, bytes),
                                      .labels = PREDICTIONS};
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(&options, DATASET_TEST, (const int[]){1, 1, 1}, 10, &dataset, &diag),
              diag);
    int histogram[10] = {0};
    for (int i = 0; i < dataset.count; i++)
        histogram[dataset.labels[i]]++;
    static const int expected[] = {1034, 989, 1035, 1005, 1006, 982, 923, 1026, 1003, 997};
    CU_ASSERT_EQUAL(memcmp(histogram, expected, sizeof expected), 0);
    dataset_free(&dataset);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"float images of both widths and versions", test_floats},
    {"pixels, labels of three types", test_pixels_and_labels},
    {"refuses wrong labels", test_refuses_labels},
    {"refuses wrong dictionaries", test_refuses_dictionaries},
    {"refuses wrong and cut files", test_refuses_files},
    {"writes int32 as numpy does", test_write},
    {"reads numpy's own files", test_real_predictions},
    {NULL, NULL},
};
const struct test_suite suite_npy = {"npy", cases};
