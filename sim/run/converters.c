/* Resolution of every layer's converters. */
#include "peripherals/adc.h"
#include "sim/run/run_internal.h"

/* S_bound of full_range: every row of a nominal array or operation unit, full cells, full digits
 * (DESIGN "ADC transfer"). At most 2^31 * 2^8 * 2^8, so no overflow. */
static int64_t largest_possible_sum(const struct mapped_layer *layer) {
    int64_t cell = (INT64_C(1) << layer->crossbar.cell_bits) - 1;
    int64_t digit = (INT64_C(1) << layer->dac_bits) - 1;
    return (int64_t)layer->unit_rows * cell * digit;
}

static int bits_of_word(int word, enum adc_transfer_choice choice, int64_t bound,
                        const struct lossless_bits *lossless) {
    if (choice == ADC_TRANSFER_FULL_RANGE)
        return adc_bits_for_sum(bound);
    switch (word) {
    case ADC_LOSSLESS_STRUCTURAL:
        return lossless->structural;
    case ADC_WORST:
        return lossless->worst;
    default:
        return lossless->exact;
    }
}

/* Only the exact rule knows the sums of an array or a slice, and only a clipping converter loses
 * nothing by fewer bits: finer allocation asked of anything else would silently act as `layer`. A
 * layer with a number of its own is built so under any allocation. */
static enum status check_allocation(const struct config *config, const struct adc_options *layer,
                                    const char *name, struct diagnostic *diag) {
    const struct adc_options *adc = config_get(config, "adc");
    if (adc->allocation < ADC_PER_ARRAY || (layer->bits > 0 && adc->bits < 0) ||
        (layer->bits == ADC_LOSSLESS && layer->transfer == ADC_TRANSFER_CLIP))
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE,
                "layer %s: adc.allocation %s needs adc.bits: lossless and adc.transfer: clip; give "
                "it these, or set adc.allocation: layer",
                name, adc_allocation_names[adc->allocation]);
}

enum status run_resolve_layer(const struct config *config, const struct mapped_layer *mapped,
                              struct engine_layer *layer, bool *word, struct diagnostic *diag) {
    struct adc_options adc;
    TRY(config_get_layer(config, "adc", mapped->layer->name, &adc, diag));
    TRY(check_allocation(config, &adc, mapped->layer->name, diag));
    layer->choice = (enum adc_transfer_choice)adc.transfer;
    layer->bound = largest_possible_sum(mapped);
    *word = adc.bits < 0;
    layer->adc_bits =
        *word ? bits_of_word(adc.bits, layer->choice, layer->bound, &mapped->lossless) : adc.bits;
    if (layer->adc_bits > ADC_BITS_MAX)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s needs an ADC of %d bits to lose nothing, and %d is the most: give "
                    "adc.bits a number, or lower crossbar.rows, crossbar.cell_bits or dac.bits",
                    mapped->layer->name, layer->adc_bits, ADC_BITS_MAX);
    return STATUS_OK;
}

enum status run_resolve_converters(const struct config *config, const struct mapping *mapping,
                                   struct engine_layer *layers, struct diagnostic *diag) {
    const struct adc_options *adc = config_get(config, "adc");
    int largest = 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        bool word = false;
        TRY(run_resolve_layer(config, &mapping->layers[i], &layers[i], &word, diag));
        if (word && layers[i].adc_bits > largest)
            largest = layers[i].adc_bits;
    }
    for (int i = 0; i < mapping->n_layers; i++) {
        bool word = false;
        struct engine_layer *layer = &layers[i];
        const struct mapped_layer *mapped = &mapping->layers[i];
        TRY(run_resolve_layer(config, mapped, layer, &word, diag));
        if (word && adc->allocation == ADC_UNIFORM)
            layer->adc_bits = largest;
        layer->lossless = adc_is_lossless(layer->choice, layer->adc_bits,
                                          mapped->lossless.largest_sum, layer->bound);
        layer->path = layer->lossless ? ENGINE_INTEGER : ENGINE_BIT_SERIAL;
    }
    return STATUS_OK;
}

enum status run_bits_without_first_layer(const struct config *config, const struct mapping *mapping,
                                         int *bits, struct diagnostic *diag) {
    const struct adc_options *adc = config_get(config, "adc");
    struct engine_layer layer = {0};
    bool word = false;
    *bits = 0;
    if (adc->allocation != ADC_UNIFORM)
        return STATUS_OK;
    TRY(run_resolve_layer(config, &mapping->layers[0], &layer, &word, diag));
    int first = layer.adc_bits, others = 0;
    for (int i = 1; i < mapping->n_layers; i++) {
        bool ignored;
        TRY(run_resolve_layer(config, &mapping->layers[i], &layer, &ignored, diag));
        others = layer.adc_bits > others ? layer.adc_bits : others;
    }
    if (word && first > others)
        *bits = others;
    return STATUS_OK;
}
