#include "sim/engine/requantise.h"

#include <math.h>

/* DESIGN, "Quantised layer": float32 throughout, rint is half to even. */
static uint8_t quantised(const struct matrix_layer *layer, float value) {
    float q = rintf(value) + (float)layer->output.zero_point;
    q = q < (float)layer->low ? (float)layer->low : q;
    q = q > (float)layer->high ? (float)layer->high : q;
    return (uint8_t)q;
}

void requantise(const struct matrix_layer *layer, int first, int filters, const int32_t *acc,
                const int64_t *offset, void *y) {
    const float *multiplier = layer->multiplier + first;
    if (layer->quantised_output) {
        uint8_t *out = y;
        for (int f = 0; f < filters; f++)
            out[f] = quantised(layer, (float)(acc[f] + (int32_t)offset[f]) * multiplier[f]);
    } else {
        float *out = y;
        for (int f = 0; f < filters; f++)
            out[f] = (float)(acc[f] + (int32_t)offset[f]) * multiplier[f];
    }
}

void requantise_wide(const struct matrix_layer *layer, int first, int filters, const int64_t *acc,
                     const int64_t *offset, void *y) {
    const float *multiplier = layer->multiplier + first;
    for (int f = 0; f < filters; f++) {
        float value = (float)(acc[f] + offset[f]) * multiplier[f];
        if (layer->quantised_output)
            ((uint8_t *)y)[f] = quantised(layer, value);
        else
            ((float *)y)[f] = value;
    }
}
