/* Files packed with xz: read whole and in parts, concatenated, truncated, damaged. */
#include <lzma.h>
#include <stdio.h>
#include <string.h>

#include "sim/network/stream.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

enum { BYTES = 5003, PACKED_MAX = 8192 };

static void fill(unsigned char data[BYTES]) {
    for (int i = 0; i < BYTES; i++)
        data[i] = (unsigned char)((i * 7919 + i / 13) % 251);
}

static size_t pack(const unsigned char data[BYTES], unsigned char packed[PACKED_MAX]) {
    size_t used = 0;
    CU_ASSERT_EQUAL_FATAL(
        lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, data, BYTES, packed, &used, PACKED_MAX),
        LZMA_OK);
    return used;
}

static void expect_refused(const char *path, const char *text) {
    struct stream stream;
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(stream_open(path, &stream, &diag), STATUS_USAGE);
    if (strstr(diag.message, text) == NULL) {
        fprintf(stderr, "\nexpected `%s`, got `%s`\n", text, diag.message);
        CU_FAIL("message does not say what is wrong");
    }
}

static void is_read_as_it_was(void) {
    unsigned char data[BYTES], packed[2 * PACKED_MAX], back[2 * BYTES];
    struct scratch scratch;
    struct stream stream;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    fill(data);
    size_t one = pack(data, packed);
    ASSERT_OK(stream_open(scratch_write(&scratch, "a.xz", packed, one), &stream, &diag), diag);
    CU_ASSERT_EQUAL(stream.bytes, BYTES);
    ASSERT_OK(stream_read(&stream, back, 11, &diag), diag);
    ASSERT_OK(stream_skip(&stream, 4000, &diag), diag);
    ASSERT_OK(stream_read(&stream, back + 11, BYTES - 4011, &diag), diag);
    CU_ASSERT_EQUAL(memcmp(back, data, 11), 0);
    CU_ASSERT_EQUAL(memcmp(back + 11, data + 4011, BYTES - 4011), 0);
    CU_ASSERT_EQUAL(stream_read(&stream, back, 1, &diag), STATUS_USAGE);
    stream_close(&stream);
    memcpy(packed + one, packed, one); /* two in a row are one file, as for xz */
    ASSERT_OK(stream_open(scratch_write(&scratch, "b.xz", packed, 2 * one), &stream, &diag), diag);
    CU_ASSERT_EQUAL(stream.bytes, 2 * BYTES);
    ASSERT_OK(stream_read(&stream, back, 2 * BYTES, &diag), diag);
    CU_ASSERT_EQUAL(memcmp(back + BYTES, data, BYTES), 0);
    stream_close(&stream);
    scratch_close(&scratch);
}

static void damage_is_refused(void) {
    unsigned char data[BYTES], packed[PACKED_MAX];
    struct scratch scratch;
    scratch_open(&scratch);
    fill(data);
    size_t bytes = pack(data, packed);
    for (size_t cut = 6; cut < bytes; cut += cut < 100 || cut + 100 > bytes ? 1 : 97)
        expect_refused(scratch_write(&scratch, "cut.xz", packed, cut), "truncated xz data");
    packed[bytes / 2] ^= 1;
    expect_refused(scratch_write(&scratch, "bit.xz", packed, bytes), "damaged xz data");
    packed[bytes / 2] ^= 1;
    const char *path = scratch_write(&scratch, "tail.xz", packed, bytes);
    scratch_append(path, 12);
    expect_refused(path, "damaged xz data");
    scratch_close(&scratch);
}

static void short_memory(void) {
    unsigned char data[BYTES], packed[PACKED_MAX];
    struct scratch scratch;
    bool failed = malloc_fail_works();
    scratch_open(&scratch);
    fill(data);
    const char *path = scratch_write(&scratch, "a.xz", packed, pack(data, packed));
    for (long n = 1; failed; n++) {
        struct stream stream;
        struct diagnostic diag = {0};
        malloc_fail_at(n);
        enum status status = stream_open(path, &stream, &diag);
        failed = malloc_fail_end();
        /* The C library reads without a buffer where it gets none, and opens no file without its
         * own record of it. */
        bool of_file = status == STATUS_OK || (n == 1 && status == STATUS_USAGE);
        CU_ASSERT(failed ? status == STATUS_MEMORY || of_file : status == STATUS_OK);
        if (status == STATUS_OK)
            stream_close(&stream);
    }
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"is read as it was", is_read_as_it_was},
    {"damage is refused", damage_is_refused},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_stream_xz = {"stream_xz", cases};
