/* IDX (the MNIST family): magic 0 0 TYPE RANK, then big-endian sizes, then the values.
 * Format: http://yann.lecun.com/exdb/mnist/ */
#include "sim/network/dataset_internal.h"

enum { IDX_U8 = 0x08 };

static enum status read_header(struct array *array, struct diagnostic *diag) {
    struct stream *stream = &array->stream;
    unsigned char magic[4];
    TRY(stream_read(stream, magic, sizeof magic, diag));
    if (magic[0] != 0 || magic[1] != 0)
        return FAIL(diag, STATUS_USAGE, "%s: not an IDX file; check dataset.format", stream->name);
    if (magic[2] != IDX_U8)
        return FAIL(diag, STATUS_USAGE, "%s: IDX values of type 0x%02x; only uint8 (0x08) is read",
                    stream->name, magic[2]);
    if (magic[3] < 1 || magic[3] > ARRAY_MAX_RANK)
        return FAIL(diag, STATUS_USAGE, "%s: IDX array of %d dimensions; 1 to 4 are read",
                    stream->name, magic[3]);
    array->element = ELEMENT_U8;
    array->rank = magic[3];
    for (int i = 0; i < array->rank; i++) {
        unsigned char size[4];
        TRY(stream_read(stream, size, sizeof size, diag));
        array->shape[i] = (uint64_t)size[0] << 24 | (uint64_t)size[1] << 16 |
                          (uint64_t)size[2] << 8 | (uint64_t)size[3];
    }
    return array_check_length(array, diag);
}

enum status idx_open(const char *path, enum array_role role, struct arena *arena,
                     struct array *array, struct diagnostic *diag) {
    (void)role;
    (void)arena;
    *array = (struct array){0};
    TRY(stream_open(path, &array->stream, diag));
    enum status status = read_header(array, diag);
    if (status != STATUS_OK)
        stream_close(&array->stream);
    return status;
}
