/* Arrays in files as images and labels. */
#include <math.h>

#include "sim/network/dataset_internal.h"

enum { CHUNK = 4096 }; /* values converted at a time */

static const struct {
    const char *name;
    size_t bytes;
} elements[] = {
    [ELEMENT_U8] = {"uint8", 1},    [ELEMENT_I32] = {"int32", 4},   [ELEMENT_I64] = {"int64", 8},
    [ELEMENT_F32] = {"float32", 4}, [ELEMENT_F64] = {"float64", 8},
};

size_t element_bytes(enum element element) {
    return elements[element].bytes;
}

const char *element_name(enum element element) {
    return elements[element].name;
}

enum status array_check_length(const struct array *array, struct diagnostic *diag) {
    const struct stream *stream = &array->stream;
    uint64_t promised = element_bytes(array->element);
    bool overflow = false;
    for (int i = 0; i < array->rank; i++)
        overflow = __builtin_mul_overflow(promised, array->shape[i], &promised) || overflow;
    uint64_t there = stream->bytes - stream->position;
    if (overflow)
        return FAIL(diag, STATUS_USAGE, "%s: its header promises an impossible size", stream->name);
    if (there < promised)
        return FAIL(diag, STATUS_USAGE,
                    "%s: truncated: its header promises %llu bytes of data, there are %llu",
                    stream->name, (unsigned long long)promised, (unsigned long long)there);
    if (there > promised)
        return FAIL(diag, STATUS_USAGE, "%s: %llu bytes follow the data that its header promises",
                    stream->name, (unsigned long long)(there - promised));
    return STATUS_OK;
}

/* (n,c,h,w), (n,h,w) with one channel, or (n,features) laid out as the network's input. */
static enum status image_shape(const struct array *array, const struct dataset_request *request,
                               struct dataset *dataset, struct diagnostic *diag) {
    const uint64_t *shape = array->shape;
    const char *file = array->stream.name;
    if (array->rank == 4)
        return request_shape(request, shape + 1, file, dataset, diag);
    if (array->rank == 3)
        return request_shape(request, (const uint64_t[3]){1, shape[1], shape[2]}, file, dataset,
                             diag);
    if (array->rank != 2)
        return FAIL(diag, STATUS_USAGE,
                    "%s: an array of %d dimensions holds no images; (n,c,h,w), (n,h,w) or "
                    "(n,features) is needed",
                    file, array->rank);
    const uint64_t *input = request->shape;
    uint64_t values;
    if (!shape_values(input, &values) || shape[1] != values)
        return FAIL(diag, STATUS_USAGE,
                    "%s: images have %llu values but the network's input is %llux%llux%llu", file,
                    (unsigned long long)shape[1], (unsigned long long)input[0],
                    (unsigned long long)input[1], (unsigned long long)input[2]);
    return request_shape(request, input, file, dataset, diag);
}

static enum status check_finite(const struct stream *stream, const float *values, size_t count,
                                struct diagnostic *diag) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return FAIL(diag, STATUS_USAGE, "%s: holds values that are not finite float32 numbers",
                        stream->name);
    return STATUS_OK;
}

static enum status read_doubles(struct stream *stream, float *out, size_t count,
                                struct diagnostic *diag) {
    double chunk[CHUNK];
    for (size_t done = 0; done < count;) {
        size_t part = count - done < CHUNK ? count - done : CHUNK;
        TRY(stream_read(stream, chunk, part * sizeof *chunk, diag));
        for (size_t i = 0; i < part; i++)
            out[done + i] = (float)chunk[i];
        done += part;
    }
    return STATUS_OK;
}

static enum status read_pixels(struct array *array, size_t count, struct dataset *dataset,
                               struct diagnostic *diag) {
    uint8_t *pixels = ARENA_NEW(&dataset->arena, count, uint8_t);
    if (pixels == NULL)
        return FAIL_MEMORY(diag, "images");
    dataset->pixels = pixels;
    return stream_read(&array->stream, pixels, count, diag);
}

static enum status read_floats(struct array *array, size_t count, struct dataset *dataset,
                               struct diagnostic *diag) {
    float *floats = ARENA_NEW(&dataset->arena, count, float);
    if (floats == NULL)
        return FAIL_MEMORY(diag, "images");
    dataset->floats = floats;
    if (array->element == ELEMENT_F32)
        TRY(stream_read(&array->stream, floats, count * sizeof *floats, diag));
    else
        TRY(read_doubles(&array->stream, floats, count, diag));
    return check_finite(&array->stream, floats, count, diag);
}

enum status array_images(struct array *array, const struct dataset_request *request,
                         struct dataset *dataset, struct diagnostic *diag) {
    const char *file = array->stream.name;
    TRY(image_shape(array, request, dataset, diag));
    TRY(request_range(request, array->shape[0], file, &dataset->count, diag));
    uint64_t values =
        (uint64_t)dataset->channels * (uint64_t)dataset->height * (uint64_t)dataset->width;
    /* No overflow: array_check_length found at least this much data in the file. */
    TRY(stream_skip(&array->stream,
                    (uint64_t)request->offset * values * element_bytes(array->element), diag));
    size_t count = (size_t)values * (size_t)dataset->count;
    switch (array->element) {
    case ELEMENT_U8:
        return read_pixels(array, count, dataset, diag);
    case ELEMENT_F32:
    case ELEMENT_F64:
        return read_floats(array, count, dataset, diag);
    case ELEMENT_I32:
    case ELEMENT_I64:
        break;
    }
    return FAIL(diag, STATUS_USAGE,
                "%s: images of type %s; uint8 pixels, float32 or float64 values are read", file,
                element_name(array->element));
}

static int64_t integer_at(const unsigned char *bytes, enum element element) {
    if (element == ELEMENT_U8)
        return bytes[0];
    uint64_t value = 0;
    for (size_t i = element_bytes(element); i-- > 0;)
        value = value << 8 | bytes[i];
    return element == ELEMENT_I32 ? (int32_t)value : (int64_t)value;
}

enum status array_labels(struct array *array, const struct dataset_request *request,
                         uint64_t images, struct dataset *dataset, struct diagnostic *diag) {
    struct stream *stream = &array->stream;
    if (array->rank != 1)
        return FAIL(diag, STATUS_USAGE, "%s: labels in %d dimensions; one is needed", stream->name,
                    array->rank);
    if (array->element == ELEMENT_F32 || array->element == ELEMENT_F64)
        return FAIL(diag, STATUS_USAGE, "%s: labels of type %s; uint8, int32 or int64 is needed",
                    stream->name, element_name(array->element));
    if (array->shape[0] != images)
        return FAIL(diag, STATUS_USAGE, "%s: %llu labels for %llu images", stream->name,
                    (unsigned long long)array->shape[0], (unsigned long long)images);
    int32_t *labels = ARENA_NEW(&dataset->arena, dataset->count, int32_t);
    if (labels == NULL)
        return FAIL_MEMORY(diag, "labels");
    size_t bytes = element_bytes(array->element);
    TRY(stream_skip(stream, (uint64_t)request->offset * bytes, diag));
    for (int i = 0; i < dataset->count; i++) {
        unsigned char value[8];
        TRY(stream_read(stream, value, bytes, diag));
        int64_t label = integer_at(value, array->element);
        TRY(request_label(request, label, request->offset + i, stream->name, diag));
        labels[i] = (int32_t)label;
    }
    dataset->labels = labels;
    return STATUS_OK;
}
