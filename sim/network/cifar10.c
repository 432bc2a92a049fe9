/* CIFAR-10 binary batches: records of one label byte and 3x32x32 pixels, planes red, green, blue.
 * Format: https://www.cs.toronto.edu/~kriz/cifar.html */
#include "sim/network/dataset_internal.h"

enum { PIXELS = 3 * 32 * 32, RECORD = 1 + PIXELS };

static enum status read_records(struct stream *stream, const struct dataset_request *request,
                                struct dataset *dataset, struct diagnostic *diag) {
    uint8_t *pixels = ARENA_NEW(&dataset->arena, (size_t)dataset->count * PIXELS, uint8_t);
    int32_t *labels = ARENA_NEW(&dataset->arena, dataset->count, int32_t);
    if (pixels == NULL || labels == NULL)
        return FAIL_MEMORY(diag, "images");
    for (int i = 0; i < dataset->count; i++) {
        uint8_t label;
        TRY(stream_read(stream, &label, 1, diag));
        TRY(stream_read(stream, pixels + (size_t)i * PIXELS, PIXELS, diag));
        if (request->with_labels)
            TRY(request_label(request, label, request->offset + i, stream->name, diag));
        labels[i] = label;
    }
    dataset->pixels = pixels;
    if (request->with_labels)
        dataset->labels = labels;
    return STATUS_OK;
}

static enum status read_batch(struct stream *stream, const struct dataset_request *request,
                              struct dataset *dataset, struct diagnostic *diag) {
    if (stream->bytes == 0 || stream->bytes % RECORD != 0)
        return FAIL(diag, STATUS_USAGE,
                    "%s: %llu bytes are not whole records of %d; truncated, or not a CIFAR-10 "
                    "binary batch",
                    stream->name, (unsigned long long)stream->bytes, RECORD);
    TRY(request_shape(request, (const uint64_t[3]){3, 32, 32}, stream->name, dataset, diag));
    TRY(request_range(request, stream->bytes / RECORD, stream->name, &dataset->count, diag));
    TRY(stream_skip(stream, (uint64_t)request->offset * RECORD, diag));
    return read_records(stream, request, dataset, diag);
}

enum status cifar10_load(const struct dataset_request *request, struct dataset *dataset,
                         struct diagnostic *diag) {
    if (request->labels != NULL)
        return FAIL(diag, STATUS_USAGE,
                    "dataset.labels: a CIFAR-10 batch holds its own labels; leave it out");
    struct stream stream;
    TRY(stream_open(request->images, &stream, diag));
    enum status status = read_batch(&stream, request, dataset, diag);
    stream_close(&stream);
    return status;
}
