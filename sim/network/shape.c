#include "sim/network/shape.h"

#include <limits.h>

size_t shape_count(const struct shape *shape) {
    size_t count = 1;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dims[i] < 1 || (size_t)shape->dims[i] > SHAPE_MAX_COUNT / count)
            return 0;
        count *= (size_t)shape->dims[i];
    }
    return count;
}

bool shape_equal(const struct shape *a, const struct shape *b) {
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i])
            return false;
    return true;
}

struct shape tensor_shape(const struct tensor *tensor) {
    struct shape shape = {.rank = tensor->rank};
    for (int i = 0; i < tensor->rank; i++)
        shape.dims[i] = tensor->shape[i];
    return shape;
}

int shape_axis(int64_t axis, int rank) {
    if (axis < -rank || axis >= rank)
        return -1;
    return (int)(axis < 0 ? axis + rank : axis);
}

const char *shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out) {
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 0; i < out->rank; i++) {
        int ia = i - (out->rank - a->rank), ib = i - (out->rank - b->rank);
        int da = ia < 0 ? 1 : a->dims[ia], db = ib < 0 ? 1 : b->dims[ib];
        if (da != db && da != 1 && db != 1)
            return "its inputs' shapes cannot be broadcast together";
        out->dims[i] = da == 1 ? db : da;
    }
    return NULL;
}

const char *shape_reshape(const struct shape *in, const int64_t *target, size_t n,
                          struct shape *out) {
    if (n > NETWORK_MAX_RANK)
        return "the target has more than 6 dimensions";
    size_t total = shape_count(in), known = 1;
    int open = -1;
    out->rank = (int)n;
    for (int i = 0; i < out->rank; i++) {
        int64_t dim = target[i];
        if (dim == 0 && i < in->rank)
            dim = in->dims[i];
        if (dim == -1 && open < 0) {
            open = i;
            continue;
        }
        if (dim < 1 || dim > SHAPE_MAX_COUNT || known > SHAPE_MAX_COUNT / (size_t)dim)
            return "the target shape is not valid";
        out->dims[i] = (int)dim;
        known *= (size_t)dim;
    }
    if (open >= 0) {
        if (total % known != 0)
            return "the target shape does not hold as many values as its input";
        out->dims[open] = (int)(total / known);
        known = total;
    }
    return known == total && total > 0
               ? NULL
               : "the target shape does not hold as many values as its input";
}

/* One dimension of a window. All values are bounded, so 64-bit sums cannot overflow. */
static const char *resolve_dimension(const struct window_spec *spec, int d, int in,
                                     struct window *window, int *out) {
    int64_t stride = spec->stride[d], begin = spec->pad_begin[d], end = spec->pad_end[d];
    int64_t extent = (spec->kernel[d] - 1) * spec->dilation[d] + 1;
    int64_t size;
    if (spec->auto_pad == AUTO_PAD_SAME_UPPER || spec->auto_pad == AUTO_PAD_SAME_LOWER) {
        size = (in + stride - 1) / stride;
        int64_t total = (size - 1) * stride + extent - in;
        total = total < 0 ? 0 : total;
        begin = spec->auto_pad == AUTO_PAD_SAME_UPPER ? total / 2 : total - total / 2;
        end = total - begin;
    } else {
        if (spec->auto_pad == AUTO_PAD_VALID)
            begin = end = 0;
        int64_t room = in + begin + end - extent;
        if (room < 0)
            return "the window is larger than its padded input";
        size = (room + (spec->ceil_mode ? stride - 1 : 0)) / stride + 1;
        if (spec->ceil_mode && (size - 1) * stride >= in + begin)
            size--;
        int64_t overhang = (size - 1) * stride + extent - in - begin;
        end = overhang > end ? overhang : end;
    }
    if (size < 1 || size > INT_MAX || begin > INT_MAX || end > INT_MAX)
        return "the window gives an output of no valid size";
    window->kernel[d] = (int)spec->kernel[d];
    window->stride[d] = (int)stride;
    window->dilation[d] = (int)spec->dilation[d];
    window->pad_begin[d] = (int)begin;
    window->pad_end[d] = (int)end;
    *out = (int)size;
    return NULL;
}

const char *window_resolve(const struct window_spec *spec, const int in[2], struct window *window,
                           int out[2]) {
    enum { LIMIT = 1 << 20 };
    for (int d = 0; d < 2; d++) {
        if (spec->kernel[d] < 1 || spec->kernel[d] > LIMIT || spec->stride[d] < 1 ||
            spec->stride[d] > LIMIT || spec->dilation[d] < 1 || spec->dilation[d] > LIMIT)
            return "kernel, strides and dilations must be positive";
        if (spec->pad_begin[d] < 0 || spec->pad_begin[d] > LIMIT || spec->pad_end[d] < 0 ||
            spec->pad_end[d] > LIMIT)
            return "pads must not be negative";
        const char *problem = resolve_dimension(spec, d, in[d], window, &out[d]);
        if (problem != NULL)
            return problem;
    }
    return NULL;
}
