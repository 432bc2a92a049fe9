#include "tests/support/datasets.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

size_t make_idx(unsigned char *buffer, int rank, const int *sizes, int step, int below) {
    size_t at = 0, values = 1;
    buffer[at++] = 0;
    buffer[at++] = 0;
    buffer[at++] = 8;
    buffer[at++] = (unsigned char)rank;
    for (int i = 0; i < rank; i++) {
        for (int shift = 24; shift >= 0; shift -= 8)
            buffer[at++] = (unsigned char)(sizes[i] >> shift & 255);
        values *= (size_t)sizes[i];
    }
    for (size_t i = 0; i < values; i++)
        buffer[at++] = (unsigned char)((i * (size_t)step + i / 256) % 256 % (size_t)below);
    return at;
}

size_t make_npy(unsigned char *buffer, int version, const char *dictionary, const void *data,
                size_t bytes) {
    size_t length = strlen(dictionary), at = 0;
    memcpy(buffer, "\x93NUMPY", 6);
    buffer[6] = (unsigned char)version;
    buffer[7] = 0;
    buffer[8] = (unsigned char)(length & 255);
    buffer[9] = (unsigned char)(length >> 8);
    at = 10;
    if (version > 1) {
        buffer[at++] = 0;
        buffer[at++] = 0;
    }
    memcpy(buffer + at, dictionary, length);
    memcpy(buffer + at + length, data, bytes);
    return at + length + bytes;
}

void expect_refused(const struct dataset_options *options, enum dataset_part part,
                    const int shape[3], const char *text) {
    struct dataset dataset;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(dataset_load(options, part, shape, 10, &dataset, &diag), STATUS_USAGE);
    CU_ASSERT_EQUAL(diag.status, STATUS_USAGE);
    if (strstr(diag.message, text) == NULL) {
        fprintf(stderr, "\nexpected \"%s\" in \"%s\"\n", text, diag.message);
        CU_FAIL("message");
    }
    CU_ASSERT_PTR_NULL(strchr(diag.message, '\n'));
    CU_ASSERT_PTR_NULL(dataset.arena.last);
    CU_ASSERT_EQUAL(dataset.count, 0);
    dataset_free(&dataset);
}
