/* Gzip through zlib's inflate: unlike gzread, it tells trailing garbage and a missing checksum. */
#include "sim/network/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { INPUT_BYTES = 64 * 1024, GZIP_WINDOW = 15 + 16 };

struct gzip {
    FILE *file;
    z_stream z;
    bool member_done; /* at the end of a gzip member: the end, or another one follows */
    bool first_member;
    unsigned char input[INPUT_BYTES];
};

static enum status refill(struct stream *stream, struct gzip *gzip, struct diagnostic *diag) {
    if (gzip->z.avail_in > 0)
        return STATUS_OK;
    gzip->z.next_in = gzip->input;
    gzip->z.avail_in = (uInt)fread(gzip->input, 1, sizeof gzip->input, gzip->file);
    if (ferror(gzip->file))
        return FAIL(diag, STATUS_USAGE, "%s: cannot read: %s", stream->name, strerror(errno));
    return STATUS_OK;
}

static enum status inflate_failed(const struct stream *stream, const struct gzip *gzip, int code,
                                  struct diagnostic *diag) {
    if (code == Z_MEM_ERROR)
        return FAIL_MEMORY(diag, "unpacking gzip");
    if (!gzip->first_member && gzip->z.total_out == 0)
        return FAIL(diag, STATUS_USAGE, "%s: garbage after the end of the gzip data", stream->name);
    return FAIL(diag, STATUS_USAGE, "%s: damaged gzip data (%s)", stream->name,
                gzip->z.msg != NULL ? gzip->z.msg : "unknown reason");
}

static enum status gzip_read(struct stream *stream, void *buffer, size_t wanted, size_t *got,
                             struct diagnostic *diag) {
    struct gzip *gzip = stream->handle;
    *got = 0;
    while (*got < wanted) {
        TRY(refill(stream, gzip, diag));
        if (gzip->z.avail_in == 0 && gzip->member_done)
            return STATUS_OK;
        if (gzip->z.avail_in == 0)
            return FAIL(diag, STATUS_USAGE, "%s: truncated gzip data", stream->name);
        if (gzip->member_done) {
            inflateReset(&gzip->z);
            gzip->member_done = gzip->first_member = false;
        }
        size_t room = wanted - *got;
        uInt part = room > INPUT_BYTES ? INPUT_BYTES : (uInt)room;
        gzip->z.next_out = (unsigned char *)buffer + *got;
        gzip->z.avail_out = part;
        int code = inflate(&gzip->z, Z_NO_FLUSH);
        *got += part - gzip->z.avail_out;
        if (code == Z_STREAM_END)
            gzip->member_done = true;
        else if (code != Z_OK)
            return inflate_failed(stream, gzip, code, diag);
    }
    return STATUS_OK;
}

static void gzip_close(struct stream *stream) {
    struct gzip *gzip = stream->handle;
    inflateEnd(&gzip->z);
    fclose(gzip->file);
    free(gzip);
}

static const struct stream_type gzip_type = {gzip_read, NULL, gzip_close};

static void gzip_rewind(struct gzip *gzip) {
    rewind(gzip->file);
    inflateReset(&gzip->z);
    gzip->z.avail_in = 0;
    gzip->member_done = false;
    gzip->first_member = true;
}

enum status stream_open_gzip(FILE *file, const char *path, struct stream *stream,
                             struct diagnostic *diag) {
    struct gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip == NULL || inflateInit2(&gzip->z, GZIP_WINDOW) != Z_OK) {
        free(gzip);
        fclose(file);
        return FAIL_MEMORY(diag, "unpacking gzip");
    }
    gzip->file = file;
    *stream = (struct stream){.type = &gzip_type, .handle = gzip, .name = path};
    gzip_rewind(gzip);
    enum status status = stream_measure(stream, diag);
    if (status == STATUS_OK)
        gzip_rewind(gzip);
    else
        stream_close(stream);
    return status;
}
