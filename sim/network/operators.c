#include <string.h>

#include "sim/network/import.h"

/* Concat takes any number of inputs that a file can hold. */
enum { ANY = 1 << 30 };

static const struct operator_row operators[] = {
    {"Add", 2, 2, import_add, evaluate_add_mul, OP_ADD},
    {"AveragePool", 1, 1, import_average_pool, NULL, OP_AVERAGE_POOL},
    {"BatchNormalization", 5, 5, import_normalisation, NULL, OP_MUL},
    {"Clip", 1, 3, import_clip, NULL, OP_CLIP},
    {"Concat", 1, ANY, import_concat, evaluate_concat, OP_CONCAT},
    {"Constant", 0, 0, NULL, evaluate_constant, OP_COUNT},
    {"Conv", 2, 3, import_conv, NULL, OP_CONV},
    {"DequantizeLinear", 2, 3, import_dequantize, evaluate_dequantize, OP_DEQUANTIZE},
    {"Dropout", 1, 3, import_identity, evaluate_identity, OP_RESHAPE},
    {"Flatten", 1, 1, import_reshape, evaluate_reshape, OP_RESHAPE},
    {"Gemm", 2, 3, import_gemm, NULL, OP_GEMM},
    {"GlobalAveragePool", 1, 1, import_global_pool, NULL, OP_GLOBAL_AVERAGE_POOL},
    {"Identity", 1, 1, import_identity, evaluate_identity, OP_RESHAPE},
    {"LeakyRelu", 1, 1, import_unary, NULL, OP_LEAKY_RELU},
    {"MatMul", 2, 2, import_matmul, NULL, OP_GEMM},
    {"MaxPool", 1, 1, import_max_pool, NULL, OP_MAX_POOL},
    {"Mul", 2, 2, import_mul, evaluate_add_mul, OP_MUL},
    {"Pad", 1, 4, import_pad, NULL, OP_PAD},
    {"QuantizeLinear", 2, 3, import_quantize, evaluate_quantize, OP_QUANTIZE},
    {"Relu", 1, 1, import_unary, NULL, OP_RELU},
    {"Reshape", 1, 2, import_reshape, evaluate_reshape, OP_RESHAPE},
    {"Sigmoid", 1, 1, import_unary, NULL, OP_SIGMOID},
    {"Softmax", 1, 1, import_softmax, NULL, OP_SOFTMAX},
    {"Squeeze", 1, 2, import_reshape, evaluate_reshape, OP_RESHAPE},
    {"Tanh", 1, 1, import_unary, NULL, OP_TANH},
    {"Transpose", 1, 1, import_transpose, evaluate_transpose, OP_TRANSPOSE},
    {"Unsqueeze", 1, 2, import_reshape, evaluate_reshape, OP_RESHAPE},
};

const struct operator_row *operator_find(const char *name) {
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(operators[i].name, name) == 0)
            return &operators[i];
    return NULL;
}
