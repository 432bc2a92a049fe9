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

double matrix_macs(const struct matrix_shape *shape) {
    return (double)matrix_positions(shape) * matrix_rows(shape) * shape->out_channels;
}

const char *matrix_kind(const struct matrix_shape *shape) {
    if (shape->fully_connected)
        return "fc";
    if (shape->groups > 1 && shape->groups == shape->in_channels)
        return "depthwise";
    return shape->groups > 1 ? "grouped" : "conv";
}
