/* Checks of what was asked for against what a file holds, common to all formats. */
#include <limits.h>

#include "sim/network/dataset_internal.h"

enum status request_range(const struct dataset_request *request, uint64_t available,
                          const char *file, int *count, struct diagnostic *diag) {
    if (available == 0)
        return FAIL(diag, STATUS_USAGE, "%s: holds no images", file);
    if (available > INT_MAX)
        return FAIL(diag, STATUS_USAGE, "%s: %llu images; at most %d can be read", file,
                    (unsigned long long)available, INT_MAX);
    int there = (int)available;
    if (request->offset < 0 || request->offset >= there)
        return FAIL(diag, STATUS_USAGE,
                    "%s: dataset.offset is %d but the file holds %d images (0 to %d)", file,
                    request->offset, there, there - 1);
    int left = there - request->offset;
    if (request->count < 0 || (request->count > left && !request->at_most))
        return FAIL(diag, STATUS_USAGE,
                    "%s: dataset.count is %d but the file holds %d images from image %d on", file,
                    request->count, left, request->offset);
    *count = request->count == 0 || request->count > left ? left : request->count;
    return STATUS_OK;
}

bool shape_values(const uint64_t shape[3], uint64_t *values) {
    *values = 1;
    for (int i = 0; i < 3; i++)
        if (shape[i] == 0 || shape[i] > INT_MAX ||
            __builtin_mul_overflow(*values, shape[i], values))
            return false;
    return true;
}

static bool is_flat(const uint64_t shape[3]) {
    return (shape[0] == 1) + (shape[1] == 1) + (shape[2] == 1) >= 2;
}

enum status request_shape(const struct dataset_request *request, const uint64_t shape[3],
                          const char *file, struct dataset *dataset, struct diagnostic *diag) {
    const uint64_t *input = request->shape;
    uint64_t values, wanted;
    bool valid = shape_values(shape, &values) && shape_values(input, &wanted);
    bool same = shape[0] == input[0] && shape[1] == input[1] && shape[2] == input[2];
    if (!valid || !(same || (is_flat(input) && values == wanted)))
        return FAIL(diag, STATUS_USAGE,
                    "%s: images are %llux%llux%llu but the network's input is %llux%llux%llu", file,
                    (unsigned long long)shape[0], (unsigned long long)shape[1],
                    (unsigned long long)shape[2], (unsigned long long)input[0],
                    (unsigned long long)input[1], (unsigned long long)input[2]);
    dataset->channels = (int)shape[0];
    dataset->height = (int)shape[1];
    dataset->width = (int)shape[2];
    return STATUS_OK;
}

enum status request_label(const struct dataset_request *request, int64_t label, int index,
                          const char *file, struct diagnostic *diag) {
    if (label < 0 || label >= request->classes)
        return FAIL(diag, STATUS_USAGE,
                    "%s: label %lld of image %d, but the network tells %d classes (0 to %d)", file,
                    (long long)label, index, request->classes, request->classes - 1);
    return STATUS_OK;
}
