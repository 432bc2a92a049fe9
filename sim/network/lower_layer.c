#include <math.h>

#include "sim/network/lower.h"
#include "sim/network/matrix_layer.h"

/* True when the bias is an integer in the accumulator's unit, but for rounding in its scale. */
static bool bias_in_units(const struct constant *bias, int filter, double unit, int64_t *code) {
    if (bias->codes == NULL || bias->codes->element != ELEMENT_INT32)
        return false;
    double scale = bias->scale[bias->n_scale == 1 ? 0 : filter];
    *code = constant_int(bias->codes, bias->count == 1 ? 0 : (size_t)filter);
    return fabs(scale - unit) <= 1e-5 * unit;
}

static enum status lower_bias(struct importer *importer, const struct linear_draft *draft,
                              struct matrix_layer *layer) {
    int out = draft->shape.out_channels;
    int64_t *bias = ARENA_NEW(&importer->network->arena, out, int64_t);
    const float *reals;
    if (bias == NULL)
        return IMPORT_MEMORY(importer);
    TRY(linear_bias(importer, draft, &reals));
    for (int o = 0; o < out; o++) {
        double unit = (double)layer->input.scale * layer->weight_scale[o];
        bool exact = draft->bias != NULL && draft->bias_factor == 1 &&
                     bias_in_units(draft->bias, o, unit, &bias[o]);
        if (exact)
            continue;
        double units = rint(reals[o] / unit);
        if (!(fabs(units) <= INT32_MAX))
            return IMPORT_FAIL(importer,
                               "the bias of filter %d is too large for its scale: "
                               "quantise the model again",
                               o);
        bias[o] = (int64_t)units;
    }
    layer->bias = bias;
    return STATUS_OK;
}

enum status lower_layer(struct importer *importer, const struct linear_draft *draft,
                        const struct matrix_output *output, struct matrix_layer *layer) {
    layer->name = draft->source->label;
    layer->shape = draft->shape;
    layer->weight_bits = 8;
    layer->weights = draft->codes;
    layer->weight_scale = draft->scale;
    layer->quantised_output = output->quantised;
    TRY(lower_bias(importer, draft, layer));
    if (!matrix_layer_scale(layer, output->low, output->high, &importer->network->arena))
        return IMPORT_MEMORY(importer);
    int filter = matrix_layer_overflow(layer);
    if (filter >= 0)
        return IMPORT_FAIL(importer,
                           "the sum of filter %d may not fit 32 bits: quantise the model "
                           "again with a smaller bias",
                           filter);
    return STATUS_OK;
}
