#include "tests/support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/test.h"

void scratch_open(struct scratch *scratch) {
    *scratch = (struct scratch){.folder = "/tmp/mho-test-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(scratch->folder));
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void scratch_close(struct scratch *scratch) {
    nftw(scratch->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(&scratch->arena);
}

const char *scratch_path(struct scratch *scratch, const char *name) {
    const char *path = arena_printf(&scratch->arena, "%s/%s", scratch->folder, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(path);
    return path;
}

const char *scratch_write(struct scratch *scratch, const char *name, const void *data,
                          size_t bytes) {
    const char *path = scratch_path(scratch, name);
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(fwrite(data, 1, bytes, file), bytes);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    return path;
}

const char *scratch_gzip(struct scratch *scratch, const char *name, const void *data,
                         size_t bytes) {
    const char *path = scratch_path(scratch, name);
    gzFile file = gzopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(gzfwrite(data, 1, bytes, file), bytes);
    CU_ASSERT_EQUAL_FATAL(gzclose(file), Z_OK);
    return path;
}

void scratch_cut(const char *path, size_t bytes) {
    CU_ASSERT_EQUAL_FATAL(truncate(path, (off_t)bytes), 0);
}

void scratch_append(const char *path, size_t bytes) {
    FILE *file = fopen(path, "ab");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (size_t i = 0; i < bytes; i++)
        fputc('x', file);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
}

size_t scratch_size(const char *path) {
    struct stat info;
    CU_ASSERT_EQUAL_FATAL(stat(path, &info), 0);
    return (size_t)info.st_size;
}
