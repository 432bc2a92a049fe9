#include "sim/network/stream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SCRATCH_BYTES = 64 * 1024 };

static enum status plain_read(struct stream *stream, void *buffer, size_t wanted, size_t *got,
                              struct diagnostic *diag) {
    FILE *file = stream->handle;
    *got = fread(buffer, 1, wanted, file);
    if (*got < wanted && ferror(file))
        return FAIL(diag, STATUS_USAGE, "%s: cannot read: %s", stream->name, strerror(errno));
    return STATUS_OK;
}

static enum status plain_seek(struct stream *stream, uint64_t position, struct diagnostic *diag) {
    if (fseeko(stream->handle, (off_t)position, SEEK_SET) != 0)
        return FAIL(diag, STATUS_USAGE, "%s: cannot seek: %s", stream->name, strerror(errno));
    return STATUS_OK;
}

static void plain_close(struct stream *stream) {
    fclose(stream->handle);
}

static const struct stream_type plain_type = {plain_read, plain_seek, plain_close};

/* The kind is asked before opening, because to open a pipe is to wait for its other end. */
static enum status open_regular(const char *path, FILE **file, uint64_t *bytes,
                                struct diagnostic *diag) {
    struct stat info;
    if (stat(path, &info) != 0)
        return FAIL(diag, STATUS_USAGE, "%s: cannot open: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return FAIL(diag, STATUS_USAGE, "%s: is not a regular file", path);
    *file = fopen(path, "rb");
    if (*file == NULL)
        return FAIL(diag, STATUS_USAGE, "%s: cannot open: %s", path, strerror(errno));
    *bytes = (uint64_t)info.st_size;
    return STATUS_OK;
}

enum status stream_open(const char *path, struct stream *stream, struct diagnostic *diag) {
    *stream = (struct stream){0};
    FILE *file = NULL;
    uint64_t bytes = 0;
    TRY(open_regular(path, &file, &bytes, diag));
    static const unsigned char xz[6] = {0xfd, '7', 'z', 'X', 'Z', 0};
    unsigned char magic[sizeof xz];
    size_t got = fread(magic, 1, sizeof magic, file);
    rewind(file);
    if (got >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
        return stream_open_gzip(file, path, stream, diag);
    if (got == sizeof xz && memcmp(magic, xz, sizeof xz) == 0)
        return stream_open_xz(file, path, stream, diag);
    *stream = (struct stream){.type = &plain_type, .handle = file, .name = path, .bytes = bytes};
    return STATUS_OK;
}

enum status stream_read(struct stream *stream, void *buffer, size_t bytes,
                        struct diagnostic *diag) {
    size_t got = 0;
    TRY(stream->type->read(stream, buffer, bytes, &got, diag));
    stream->position += got;
    if (got < bytes)
        return FAIL(diag, STATUS_USAGE, "%s: truncated after %llu bytes", stream->name,
                    (unsigned long long)stream->position);
    return STATUS_OK;
}

enum status stream_skip(struct stream *stream, uint64_t bytes, struct diagnostic *diag) {
    if (bytes > stream->bytes - stream->position)
        return FAIL(diag, STATUS_USAGE, "%s: truncated after %llu bytes", stream->name,
                    (unsigned long long)stream->bytes);
    if (stream->type->seek != NULL) {
        TRY(stream->type->seek(stream, stream->position + bytes, diag));
        stream->position += bytes;
        return STATUS_OK;
    }
    unsigned char scratch[SCRATCH_BYTES];
    while (bytes > 0) {
        size_t part = bytes < sizeof scratch ? (size_t)bytes : sizeof scratch;
        TRY(stream_read(stream, scratch, part, diag));
        bytes -= part;
    }
    return STATUS_OK;
}

enum status stream_measure(struct stream *stream, struct diagnostic *diag) {
    unsigned char scratch[SCRATCH_BYTES];
    size_t got;
    stream->bytes = 0;
    do {
        TRY(stream->type->read(stream, scratch, sizeof scratch, &got, diag));
        stream->bytes += got;
    } while (got == sizeof scratch);
    return STATUS_OK;
}

void stream_close(struct stream *stream) {
    if (stream == NULL || stream->type == NULL)
        return;
    stream->type->close(stream);
    *stream = (struct stream){0};
}
