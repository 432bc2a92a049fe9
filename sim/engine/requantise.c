#include "sim/engine/requantise.h"

#include <math.h>

void requantise(const struct matrix_layer *layer, const struct kernels *kernels, int first,
                const struct sum_rows *sums, const int32_t *offset, void *y) {
    const float *multiplier = layer->multiplier + first;
    struct requantiser to = {.zero_point = (float)layer->output.zero_point,
                             .low = (float)layer->low,
                             .high = (float)layer->high};
    if (layer->quantised_output)
        kernels->requantise(&to, sums, offset, multiplier, y);
    else
        kernels->rescale(sums, offset, multiplier, y);
}

void requantise_wide(const struct matrix_layer *layer, int first, int filters, const int64_t *acc,
                     const int64_t *offset, void *y) {
    const float *multiplier = layer->multiplier + first;
    for (int f = 0; f < filters; f++) {
        float value = (float)(acc[f] + offset[f]) * multiplier[f];
        float q = rintf(value) + (float)layer->output.zero_point;
        if (layer->quantised_output)
            ((uint8_t *)y)[f] = (uint8_t)fminf(fmaxf(q, (float)layer->low), (float)layer->high);
        else
            ((float *)y)[f] = value;
    }
}
