#include <string.h>

#include "sim/network/network.h"

int matrix_rows(const struct matrix_shape *shape) {
    return shape->in_channels / shape->groups * shape->window.kernel[0] * shape->window.kernel[1];
}

int matrix_columns(const struct matrix_shape *shape) {
    return shape->out_channels / shape->groups;
}

long matrix_positions(const struct matrix_shape *shape) {
    return (long)shape->out_height * shape->out_width;
}

long matrix_weights(const struct matrix_shape *shape) {
    return (long)matrix_rows(shape) * shape->out_channels;
}

double matrix_macs(const struct matrix_shape *shape) {
    return (double)matrix_positions(shape) * matrix_rows(shape) * shape->out_channels;
}

struct matrix_shape matrix_unpurified(const struct matrix_shape *shape) {
    struct matrix_shape before = *shape;
    before.in_channels += shape->removed.in_channels;
    before.out_channels += shape->removed.out_channels;
    before.groups += shape->removed.groups;
    memset(&before.removed, 0, sizeof before.removed);
    return before;
}

const char *matrix_kind(const struct matrix_shape *shape) {
    if (shape->fully_connected)
        return "fc";
    if (shape->groups > 1 && shape->groups == shape->in_channels)
        return "depthwise";
    return shape->groups > 1 ? "grouped" : "conv";
}
