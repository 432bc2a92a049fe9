#include "sim/network/network.h"

static const char *const op_names[OP_COUNT] = {
    [OP_CONV] = "conv",
    [OP_GEMM] = "gemm",
    [OP_MATRIX] = "matrix",
    [OP_QUANTIZE] = "quantize",
    [OP_DEQUANTIZE] = "dequantize",
    [OP_RELU] = "relu",
    [OP_CLIP] = "clip",
    [OP_LEAKY_RELU] = "leaky_relu",
    [OP_SIGMOID] = "sigmoid",
    [OP_TANH] = "tanh",
    [OP_MAX_POOL] = "max_pool",
    [OP_AVERAGE_POOL] = "average_pool",
    [OP_GLOBAL_AVERAGE_POOL] = "global_average_pool",
    [OP_ADD] = "add",
    [OP_MUL] = "mul",
    [OP_CONCAT] = "concat",
    [OP_RESHAPE] = "reshape",
    [OP_TRANSPOSE] = "transpose",
    [OP_SOFTMAX] = "softmax",
    [OP_PAD] = "pad",
};

const char *op_name(enum op op) {
    return op_names[op];
}

bool op_keeps_channels(enum op op) {
    switch (op) {
    case OP_RELU:
    case OP_CLIP:
    case OP_LEAKY_RELU:
    case OP_SIGMOID:
    case OP_TANH:
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
    case OP_GLOBAL_AVERAGE_POOL:
        return true;
    default:
        return false;
    }
}

void network_free(struct network *network) {
    if (network == NULL)
        return;
    arena_free(&network->arena);
    *network = (struct network){0};
}
