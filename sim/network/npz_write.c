#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "sim/network/npy.h"
#include "sim/network/npz.h"

enum { PREFIX_BYTES = 10, DATA_START = 128 }; /* as in npy_write.c */
enum { ZIP_EPOCH = 315532800 };               /* 1980-01-01, the first time a zip archive knows */

static size_t count_of(const struct npz_array *array) {
    size_t count = 1;
    for (int d = 0; d < array->rank; d++)
        count *= array->shape[d];
    return count;
}

/* The array as an NPY file, from malloc. */
static char *npy_of(const struct npz_array *array, size_t *bytes) {
    char shape[96] = "", header[DATA_START + 1];
    int length = 0;
    for (int d = 0; d < array->rank; d++)
        length += snprintf(shape + length, sizeof shape - (size_t)length, "%zu%s", array->shape[d],
                           array->rank == 1      ? ","
                           : d + 1 < array->rank ? ", "
                                                 : "");
    size_t count = count_of(array);
    *bytes = DATA_START + count;
    char *file = malloc(*bytes);
    if (file == NULL)
        return NULL;
    memset(file, ' ', DATA_START);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = DATA_START - PREFIX_BYTES;
    file[9] = 0;
    length = snprintf(header, sizeof header,
                      "{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", shape);
    memcpy(file + PREFIX_BYTES, header, (size_t)length);
    file[DATA_START - 1] = '\n';
    if (count > 0)
        memcpy(file + DATA_START, array->values, count);
    return file;
}

static bool add_array(zip_t *archive, const struct npz_array *array) {
    char name[512];
    size_t bytes;
    char *file = npy_of(array, &bytes);
    if (file == NULL)
        return false;
    snprintf(name, sizeof name, "%s.npy", array->name);
    zip_source_t *source = zip_source_buffer(archive, file, bytes, 1); /* frees it */
    if (source == NULL) {
        free(file);
        return false;
    }
    zip_int64_t index = zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    /* The fastest level: masks of LeNet-5 take 62 instead of 39 kB, in less than an eighth of the
     * time. */
    return zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_DEFLATE, 1) == 0 &&
           zip_file_set_mtime(archive, (zip_uint64_t)index, ZIP_EPOCH, 0) == 0;
}

/* The bytes of a source that an archive was written to, into malloc. */
static char *source_bytes(zip_source_t *source, size_t *bytes) {
    zip_stat_t stat;
    if (zip_source_open(source) < 0)
        return NULL;
    char *data = NULL;
    if (zip_source_stat(source, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) != 0) {
        *bytes = stat.size;
        data = malloc(stat.size + 1);
        if (data != NULL && zip_source_read(source, data, stat.size) != (zip_int64_t)stat.size) {
            free(data);
            data = NULL;
        }
    }
    zip_source_close(source);
    return data;
}

/* The whole archive in memory, from malloc; NULL: memory is short. */
static char *pack(const struct npz_array *arrays, size_t n, size_t *bytes) {
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (source == NULL)
        return NULL;
    zip_source_keep(source);
    zip_t *archive = zip_open_from_source(source, ZIP_TRUNCATE, NULL);
    bool fine = archive != NULL;
    for (size_t i = 0; i < n && fine; i++)
        fine = add_array(archive, &arrays[i]);
    if (archive != NULL && (!fine || zip_close(archive) != 0)) {
        zip_discard(archive);
        fine = false;
    }
    char *data = fine ? source_bytes(source, bytes) : NULL;
    zip_source_free(source);
    return data;
}

enum status npz_write(const char *path, const struct npz_array *arrays, size_t n,
                      struct diagnostic *diag) {
    size_t bytes = 0;
    char *data = pack(arrays, n, &bytes);
    if (data == NULL)
        return FAIL_MEMORY(diag, "an NPZ file");
    enum status status = file_write(path, data, bytes, diag);
    free(data);
    return status;
}

static enum status check_array(const struct array *found, const struct npz_array *wanted,
                               struct diagnostic *diag) {
    bool fits = found->element == ELEMENT_U8 && found->rank == wanted->rank;
    for (int d = 0; fits && d < wanted->rank; d++)
        fits = found->shape[d] == wanted->shape[d];
    if (fits)
        return STATUS_OK;
    char shape[96] = "";
    int length = 0;
    for (int d = 0; d < wanted->rank; d++)
        length += snprintf(shape + length, sizeof shape - (size_t)length, "%s%zu",
                           d > 0 ? " x " : "", wanted->shape[d]);
    return FAIL(diag, STATUS_USAGE,
                "%s: the mask must be uint8 or bool of shape %s, as the weights",
                found->stream.name, shape);
}

enum status npz_read(const char *path, const struct npz_array *array, uint8_t *values,
                     bool *missing, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct array found = {0};
    const char *names[] = {arena_printf(&arena, "%s.npy", array->name), NULL};
    enum status status = STATUS_OK;
    bool there = false;
    if (names[0] == NULL)
        status = FAIL_MEMORY(diag, "an array's name");
    if (status == STATUS_OK)
        status = stream_zip_has(path, names[0], &there, diag);
    if (missing != NULL)
        *missing = !there;
    if (status == STATUS_OK && (there || missing == NULL)) {
        status = stream_open_zip(path, names, &arena, &found.stream, diag);
        if (status == STATUS_OK)
            status = npy_read_header(&found, &arena, diag);
        if (status == STATUS_OK)
            status = check_array(&found, array, diag);
        if (status == STATUS_OK)
            status = stream_read(&found.stream, values, count_of(array), diag);
        stream_close(&found.stream);
    }
    arena_free(&arena);
    return status;
}
