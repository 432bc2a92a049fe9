/* NPZ archives, made with libzip as numpy.savez and savez_compressed make them. */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "tests/support/datasets.h"
#include "tests/test.h"

enum { IMAGES = 4, PIXELS = 6 };
static const int shape[3] = {1, 2, 3};

struct entry {
    const char *name;
    const void *data;
    size_t bytes;
};

static const char *make_zip(struct scratch *scratch, const char *name, const struct entry *entries,
                            size_t count, int method) {
    const char *path = scratch_path(scratch, name);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(archive);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *source = zip_source_buffer(archive, entries[i].data, entries[i].bytes, 0);
        zip_int64_t at = zip_file_add(archive, entries[i].name, source, 0);
        CU_ASSERT_FATAL(at >= 0);
        zip_set_file_compression(archive, (zip_uint64_t)at, method, 0);
    }
    CU_ASSERT_EQUAL_FATAL(zip_close(archive), 0);
    return path;
}

static unsigned char x[256], y[256];
static size_t x_bytes, y_bytes;

static void make_arrays(void) {
    unsigned char pixels[IMAGES * PIXELS];
    for (int i = 0; i < IMAGES * PIXELS; i++)
        pixels[i] = (unsigned char)(10 * i);
    static const int64_t labels[IMAGES] = {3, 1, 2, 0};
    x_bytes = make_npy(x, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 2, 3), }\n",
                       pixels, sizeof pixels);
    y_bytes = make_npy(y, 1, "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }\n", labels,
                       sizeof labels);
}

static void check(const struct dataset_options *options) {
    struct dataset dataset;
    struct diagnostic diag = {0};
    ASSERT_OK(dataset_load(options, DATASET_TEST, shape, 10, &dataset, &diag), diag);
    CU_ASSERT_EQUAL(dataset.count, 3);
    for (int i = 0; i < 3 * PIXELS; i++)
        CU_ASSERT_EQUAL(dataset.pixels[i], 10 * (PIXELS + i));
    CU_ASSERT_PTR_NOT_NULL_FATAL(dataset.labels);
    CU_ASSERT_EQUAL(dataset.labels[0], 1);
    CU_ASSERT_EQUAL(dataset.labels[1], 2);
    CU_ASSERT_EQUAL(dataset.labels[2], 0);
    dataset_free(&dataset);
}

static void test_reads(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    make_arrays();
    const struct entry short_names[] = {{"x.npy", x, x_bytes}, {"y.npy", y, y_bytes}};
    const struct entry long_names[] = {
        {"more.npy", "?", 1}, {"labels.npy", y, y_bytes}, {"images.npy", x, x_bytes}};
    struct dataset_options options = {.format = DATASET_NPZ, .offset = 1};
    options.images = make_zip(&scratch, "stored.npz", short_names, 2, ZIP_CM_STORE);
    check(&options);
    options.images = make_zip(&scratch, "packed.npz", long_names, 3, ZIP_CM_DEFLATE);
    check(&options);
    options.images = make_zip(&scratch, "x.npz", short_names, 1, ZIP_CM_DEFLATE);
    options.labels = make_zip(&scratch, "y.npz", long_names, 2, ZIP_CM_STORE);
    check(&options);
    scratch_close(&scratch);
}

static void test_refusals(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    make_arrays();
    const struct entry both[] = {{"x.npy", x, x_bytes}, {"y.npy", y, y_bytes}};
    struct dataset_options options = {.format = DATASET_NPZ};
    options.images = make_zip(&scratch, "only_y.npz", both + 1, 1, ZIP_CM_STORE);
    expect_refused(&options, DATASET_TEST, shape, "only_y.npz: has no array x or images");
    options.images = make_zip(&scratch, "only_x.npz", both, 1, ZIP_CM_STORE);
    expect_refused(&options, DATASET_TEST, shape, "only_x.npz: has no array y or labels");
    const struct entry text = {"x.npy", "no array at all", 15};
    options.images = make_zip(&scratch, "text.npz", &text, 1, ZIP_CM_STORE);
    expect_refused(&options, DATASET_TEST, shape, "text.npz:x.npy: not an NPY file");
    const struct entry cut = {"x.npy", x, x_bytes - 1};
    options.images = make_zip(&scratch, "cut.npz", &cut, 1, ZIP_CM_DEFLATE);
    expect_refused(&options, DATASET_TEST, shape, "cut.npz:x.npy: truncated");
    options.images = scratch_write(&scratch, "x.npy", x, x_bytes);
    expect_refused(&options, DATASET_TEST, shape, "x.npy: cannot open as a zip archive");
    options.images = "/nowhere/x.npz";
    expect_refused(&options, DATASET_TEST, shape, "/nowhere/x.npz: cannot open");
    scratch_close(&scratch);
}

/* A pixel changed in the archive: found by its CRC, although only the first image is asked for. */
static void test_refuses_damage(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    make_arrays();
    const struct entry entry = {"x.npy", x, x_bytes};
    struct dataset_options options = {.format = DATASET_NPZ, .count = 1};
    options.images = make_zip(&scratch, "damaged.npz", &entry, 1, ZIP_CM_STORE);
    unsigned char bytes[1024];
    FILE *file = fopen(options.images, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    unsigned char *pixel = memmem(bytes, length, x + x_bytes - 5, 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pixel);
    *pixel ^= 1;
    options.images = scratch_write(&scratch, "damaged.npz", bytes, length);
    expect_refused(&options, DATASET_TEST, shape, "damaged zip data: CRC error");
    for (size_t cut = 1; cut < length; cut++) {
        options.images = scratch_write(&scratch, "cut.npz", bytes, cut);
        expect_refused(&options, DATASET_TEST, shape, "cut.npz");
    }
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"reads stored and packed archives", test_reads},
    {"refuses wrong archives", test_refusals},
    {"refuses damaged archives", test_refuses_damage},
    {NULL, NULL},
};
const struct test_suite suite_npz = {"npz", cases};
