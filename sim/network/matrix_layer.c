#include "sim/network/matrix_layer.h"

#include <math.h>
#include <stdlib.h>

int quantise_value(const struct quantisation *quant, float real) {
    float code = rintf(real / quant->scale) + (float)quant->zero_point;
    float highest = (float)((1 << quant->bits) - 1);
    return code <= 0 ? 0 : code >= highest ? (int)highest : (int)code;
}

bool matrix_layer_scale(struct matrix_layer *layer, float low, float high, struct arena *arena) {
    int out = layer->shape.out_channels;
    float *multiplier = ARENA_NEW(arena, out, float);
    if (multiplier == NULL)
        return false;
    /* The order in which ONNX runtimes compute it: a float product, then a float quotient. */
    for (int o = 0; o < out; o++) {
        float product = layer->input.scale * layer->weight_scale[o];
        multiplier[o] = layer->quantised_output ? product / layer->output.scale : product;
    }
    layer->multiplier = multiplier;
    if (layer->quantised_output) {
        layer->low = quantise_value(&layer->output, low);
        layer->high = quantise_value(&layer->output, high);
    }
    return true;
}

int matrix_layer_overflow(const struct matrix_layer *layer) {
    if (layer->weight_bits > 8)
        return -1;
    size_t rows = (size_t)matrix_rows(&layer->shape);
    int64_t largest_input = (1 << layer->input.bits) - 1;
    for (int o = 0; o < layer->shape.out_channels; o++) {
        const int16_t *weights = layer->weights + (size_t)o * rows;
        int64_t magnitude = 0;
        for (size_t r = 0; r < rows; r++)
            magnitude += abs(weights[r]);
        /* Both x*w and (x - z)*w stay within largest_input * |w|. */
        if (llabs(layer->bias[o]) + largest_input * magnitude > INT32_MAX)
            return o;
    }
    return -1;
}
