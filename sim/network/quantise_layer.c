#include <float.h>
#include <math.h>

#include "sim/network/matrix_layer.h"
#include "sim/network/quantise.h"

/* Codes and scale of one filter. One whose bias would not fit the 32-bit accumulator beside the
 * products (a pruned one, say) gets a coarser scale. */
static enum status quantise_filter(const struct weight_format *format, const float *weights,
                                   size_t rows, double bias, float input_scale, int16_t *codes,
                                   float *scale, struct diagnostic *diag) {
    const double bias_limit = 1 << 30;
    float least = fmaxf((float)(fabs(bias) / input_scale / bias_limit), FLT_MIN);
    TRY(network_weight_codes(format, weights, rows, codes, scale, diag));
    if (*scale >= least)
        return STATUS_OK;
    *scale = least > FLT_MIN ? least : 1;
    for (size_t r = 0; r < rows; r++)
        codes[r] = (int16_t)rintf(weights[r] / *scale);
    return STATUS_OK;
}

static enum status check_finite(const struct linear_layer *linear, size_t out, size_t rows,
                                struct diagnostic *diag) {
    for (size_t o = 0; o < out; o++) {
        bool finite = isfinite(linear->bias[o]);
        for (size_t r = 0; r < rows; r++)
            finite &= isfinite(linear->weights[o * rows + r]) != 0;
        if (!finite)
            return FAIL(diag, STATUS_USAGE,
                        "layer '%s': filter %zu holds a weight or bias that is no finite number: "
                        "export the model again",
                        linear->name, o);
    }
    return STATUS_OK;
}

enum status quantise_layer(const struct linear_layer *linear, const struct weight_format *format,
                           const struct chain *chain, struct arena *arena,
                           struct matrix_layer *layer, struct diagnostic *diag) {
    size_t out = (size_t)layer->shape.out_channels, rows = (size_t)matrix_rows(&layer->shape);
    int16_t *codes = ARENA_NEW(arena, out * rows, int16_t);
    float *scale = ARENA_NEW(arena, out, float);
    int64_t *bias = ARENA_NEW(arena, out, int64_t);
    if (codes == NULL || scale == NULL || bias == NULL)
        return FAIL_MEMORY(diag, "quantised weights");
    TRY(check_finite(linear, out, rows, diag));
    for (size_t o = 0; o < out; o++) {
        TRY(quantise_filter(format, linear->weights + o * rows, rows, linear->bias[o],
                            layer->input.scale, codes + o * rows, &scale[o], diag));
        bias[o] = (int64_t)rint(linear->bias[o] / ((double)layer->input.scale * scale[o]));
    }
    layer->weights = codes;
    layer->weight_scale = scale;
    layer->bias = bias;
    if (!matrix_layer_scale(layer, chain->low, chain->high, arena))
        return FAIL_MEMORY(diag, "quantised weights");
    int filter = matrix_layer_overflow(layer);
    if (filter >= 0)
        return FAIL(diag, STATUS_USAGE,
                    "layer '%s': the sum of filter %d may not fit 32 bits: set "
                    "quantization.weight_bits lower",
                    layer->name, filter);
    return STATUS_OK;
}
