/* Sliding windows over channels-last images. */
#ifndef MHO_ENGINE_SPATIAL_H
#define MHO_ENGINE_SPATIAL_H

#include <stddef.h>

#include "sim/network/network.h"

/* Height, width and channels of a rank 3 (height 1) or rank 4 tensor. */
struct spatial {
    size_t height, width, channels;
};

static inline struct spatial spatial_of(const struct tensor *tensor) {
    int d = tensor->rank;
    return (struct spatial){.height = d == 4 ? (size_t)tensor->shape[2] : 1,
                            .width = (size_t)tensor->shape[d - 1],
                            .channels = (size_t)tensor->shape[1]};
}

/* Taps k = first .. last-1 of a window along `axis` (0 height, 1 width) at output position
 * `position` that lie inside 0..size-1, and the input coordinate of tap 0 (may be negative). */
struct taps {
    int first, last;
    long origin;
    int dilation;
};

static inline struct taps window_taps(const struct window *window, int axis, size_t position,
                                      size_t size) {
    struct taps taps = {.origin = (long)position * window->stride[axis] - window->pad_begin[axis],
                        .dilation = window->dilation[axis],
                        .last = window->kernel[axis]};
    while (taps.first < taps.last && taps.origin + (long)taps.first * taps.dilation < 0)
        taps.first++;
    while (taps.last > taps.first &&
           taps.origin + (long)(taps.last - 1) * taps.dilation >= (long)size)
        taps.last--;
    return taps;
}

/* Input coordinate of tap `k`, which is inside. */
static inline size_t tap_at(const struct taps *taps, int k) {
    return (size_t)(taps->origin + (long)k * taps->dilation);
}

#endif
