/* XZ through liblzma. */
#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/stream.h"

enum { INPUT_BYTES = 64 * 1024 };

/* Memory that a file may ask its decoder for: the highest preset of xz takes 65 MiB. */
static const uint64_t memory_limit = UINT64_C(256) << 20;

struct xz {
    FILE *file;
    lzma_stream lzma;
    bool at_end; /* of the data, trailing garbage looked for */
    unsigned char input[INPUT_BYTES];
};

static enum status decode_failed(const struct stream *stream, lzma_ret code,
                                 struct diagnostic *diag) {
    switch (code) {
    case LZMA_MEM_ERROR:
        return FAIL_MEMORY(diag, "unpacking xz");
    case LZMA_MEMLIMIT_ERROR:
        return FAIL(diag, STATUS_USAGE, "%s: unpacking it would take more than %llu MiB",
                    stream->name, (unsigned long long)(memory_limit >> 20));
    case LZMA_BUF_ERROR:
        return FAIL(diag, STATUS_USAGE, "%s: truncated xz data", stream->name);
    default:
        return FAIL(diag, STATUS_USAGE, "%s: damaged xz data", stream->name);
    }
}

static enum status xz_read(struct stream *stream, void *buffer, size_t wanted, size_t *got,
                           struct diagnostic *diag) {
    struct xz *xz = stream->handle;
    xz->lzma.next_out = buffer;
    xz->lzma.avail_out = wanted;
    while (xz->lzma.avail_out > 0 && !xz->at_end) {
        if (xz->lzma.avail_in == 0 && !feof(xz->file)) {
            xz->lzma.next_in = xz->input;
            xz->lzma.avail_in = fread(xz->input, 1, sizeof xz->input, xz->file);
            if (ferror(xz->file))
                return FAIL(diag, STATUS_USAGE, "%s: cannot read: %s", stream->name,
                            strerror(errno));
        }
        lzma_ret code = lzma_code(&xz->lzma, feof(xz->file) ? LZMA_FINISH : LZMA_RUN);
        xz->at_end = code == LZMA_STREAM_END;
        if (code != LZMA_OK && code != LZMA_STREAM_END)
            return decode_failed(stream, code, diag);
    }
    *got = wanted - xz->lzma.avail_out;
    return STATUS_OK;
}

static void xz_close(struct stream *stream) {
    struct xz *xz = stream->handle;
    lzma_end(&xz->lzma);
    fclose(xz->file);
    free(xz);
}

static const struct stream_type xz_type = {xz_read, NULL, xz_close};

static bool xz_rewind(struct xz *xz) {
    rewind(xz->file);
    xz->lzma.avail_in = 0;
    xz->at_end = false;
    return lzma_stream_decoder(&xz->lzma, memory_limit, LZMA_CONCATENATED) == LZMA_OK;
}

enum status stream_open_xz(FILE *file, const char *path, struct stream *stream,
                           struct diagnostic *diag) {
    struct xz *xz = calloc(1, sizeof *xz);
    if (xz == NULL) {
        fclose(file);
        return FAIL_MEMORY(diag, "unpacking xz");
    }
    *xz = (struct xz){.file = file, .lzma = LZMA_STREAM_INIT};
    *stream = (struct stream){.type = &xz_type, .handle = xz, .name = path};
    enum status status =
        xz_rewind(xz) ? stream_measure(stream, diag) : FAIL_MEMORY(diag, "unpacking xz");
    if (status == STATUS_OK && !xz_rewind(xz))
        status = FAIL_MEMORY(diag, "unpacking xz");
    if (status != STATUS_OK)
        stream_close(stream);
    return status;
}
