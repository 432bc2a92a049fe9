/* Resolutions of converters by adc.allocation, and their cost. */
#include <math.h>

#include "sim/cost/cost_internal.h"

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* Word lines of the largest array: a model whose time grows with them is as slow as there. */
static int largest_rows(const struct mapping *mapping) {
    int rows = 1;
    for (int i = 0; i < mapping->n_layers; i++)
        if (mapping->layers[i].crossbar.rows > rows)
            rows = mapping->layers[i].crossbar.rows;
    return rows;
}

/* There is exactly one (chip_load). */
static const struct chip_component *converter_of(const struct chip *chip) {
    const struct chip_component *part = chip->components;
    while (part->scaling != SCALE_ADC)
        part++;
    return part;
}

int chip_columns_per_adc(const struct chip *chip, const struct adc_options *options) {
    return options->columns_per_adc == ADC_COLUMNS_CHIP
               ? (int)ceil(chip->columns / converter_of(chip)->count)
               : options->columns_per_adc;
}

const struct adc_model *converters_model(const struct cost_inputs *inputs) {
    const struct adc_options *options = config_get(inputs->config, "adc");
    return options->model >= ADC_MODEL_FIRST ? &adc_models[options->model - ADC_MODEL_FIRST]
                                             : adc_model_find(inputs->chip->adc_model);
}

enum status converters_make(const struct adc_model *model, const struct chip *chip,
                            const struct mapping *mapping, const struct engine_layer *layers,
                            const struct config *config, struct converters *converters,
                            struct diagnostic *diag) {
    const struct adc_options *options = config_get(config, "adc");
    double rate_hz = converter_of(chip)->actions_per_cycle / chip->cycle_s;
    *converters = (struct converters){.model = model,
                                      .options = options,
                                      .config = config,
                                      .layers = layers,
                                      .columns_per_adc = chip_columns_per_adc(chip, options),
                                      .slot_s = 1 / rate_hz};
    for (int i = 0; i < mapping->n_layers; i++) {
        int bits = layers[i].adc_bits;
        if (bits < model->minimum_bits || bits > model->maximum_bits)
            return FAIL(diag, STATUS_USAGE,
                        "layer \"%s\" has ADCs of %d bits: adc.model %s holds for %d to %d",
                        mapping->layers[i].layer->name, bits, model->name, model->minimum_bits,
                        model->maximum_bits);
        if (bits > converters->largest_bits)
            converters->largest_bits = bits;
    }
    const struct adc_conditions conditions =
        adc_conditions_of(options, rate_hz, chip->node_m, largest_rows(mapping));
    for (int bits = model->minimum_bits; bits <= converters->largest_bits; bits++)
        TRY(adc_model_cost(model, bits, &conditions, &converters->by_bits[bits], diag));
    return STATUS_OK;
}

double converters_time_s(const struct converters *converters, int layer, double conversions) {
    double own_s = converters->by_bits[converters->layers[layer].adc_bits].time_s;
    bool slower = own_s > converters->slot_s * (1 + 1e-9); /* false for NAN, too */
    return conversions * (slower ? own_s : converters->slot_s);
}

/* Energy of a conversion without the leakage that flows during it. */
static double conversion_j(const struct converters *converters, int bits) {
    const struct adc_cost *cost = &converters->by_bits[bits];
    if (cost->leakage_w == 0)
        return cost->energy_per_conversion_j;
    return cost->energy_per_conversion_j * (1 - cost->leakage_w / cost->power_w);
}

int converters_per_array(const struct converters *converters, int columns) {
    int shared = converters->columns_per_adc;
    return (columns + shared - 1) / shared;
}

/* True where each array (or slice) has the resolution of its own sums: only the exact rule knows
 * them, and only clipping converters lose nothing by it. */
static enum status is_fine_grained(const struct converters *converters,
                                   const struct mapped_layer *mapped, int index, bool *fine,
                                   struct diagnostic *diag) {
    *fine = false;
    if (converters->options->allocation < ADC_PER_ARRAY)
        return STATUS_OK;
    struct adc_options own;
    TRY(config_get_layer(converters->config, "adc", mapped->layer->name, &own, diag));
    *fine = own.bits == ADC_LOSSLESS && converters->layers[index].choice == ADC_TRANSFER_CLIP;
    return STATUS_OK;
}

/* No part is built below the range that its cost model holds for. */
static int built_bits(const struct converters *converters, int bits) {
    int minimum = converters->model->minimum_bits;
    return bits < minimum ? minimum : bits;
}

/* Mean energy of a conversion in an array whose converters have `bits`: each slice at its own
 * resolution, by its share of a weight's columns. */
static double slice_energy(const struct converters *converters, const struct mapped_layer *mapped,
                           int bits) {
    const struct encoding *encoding = &mapped->encoding;
    double energy_j = 0;
    for (int i = 0; i < encoding->columns; i++) {
        int own = mapped->lossless.bits_by_slice[encoding->column[i].slice];
        energy_j += conversion_j(converters, built_bits(converters, smaller(own, bits)));
    }
    return energy_j / encoding->columns;
}

/* Converters follow their arrays: one pass over them. Converters are shared by all columns of an
 * array, so a slice's lower resolution saves energy and no area. */
static void add_arrays(const struct converters *converters, const struct mapped_layer *mapped,
                       int layer_bits, int per_array, const struct layer_reads *reads,
                       struct layer_converters *out) {
    bool by_slice = converters->options->allocation == ADC_PER_SLICE;
    const uint64_t *needed = reads->needed != NULL ? reads->needed->needed : NULL;
    double energy_j[ADC_BITS_MAX + 1] = {0}; /* of a weight column, by the array's bits */
    for (int bits = converters->model->minimum_bits; bits <= layer_bits; bits++)
        energy_j[bits] =
            by_slice ? slice_energy(converters, mapped, bits) : conversion_j(converters, bits);
    for (int i = 0, run = 0; i < mapped->n_arrays; i++) {
        const struct mapped_array *array = &mapped->arrays[i];
        if (needed != NULL && i == mapped->runs[run].first + mapped->runs[run].count) {
            needed += mapping_array_reads(mapped, array - 1);
            run++;
        }
        struct array_conversions made = conversions_of(mapped, array, reads, needed);
        int own = smaller(adc_bits_for_sum(array->largest_sum), layer_bits);
        int bits = built_bits(converters, own);
        const struct adc_cost *cost = &converters->by_bits[bits];
        out->area_m2 += mapped->copies * per_array * cost->area_m2;
        out->power_w += mapped->copies * per_array * cost->power_w;
        out->energy_j += (made.all - made.unit_column) * energy_j[bits] +
                         made.unit_column * conversion_j(converters, bits);
        out->leakage_w += mapped->copies * per_array * cost->leakage_w;
        out->bits_mean += (double)bits / mapped->n_arrays;
        if (bits > out->bits)
            out->bits = bits;
    }
}

enum status converters_of_layer(const struct converters *converters,
                                const struct mapped_layer *mapped, int index,
                                const struct layer_reads *reads, struct layer_converters *out,
                                struct diagnostic *diag) {
    int per_array = converters_per_array(converters, mapped->crossbar.columns);
    bool fine = false;
    TRY(is_fine_grained(converters, mapped, index, &fine, diag));
    *out =
        (struct layer_converters){.count = (double)mapped->n_arrays * mapped->copies * per_array};
    if (fine) {
        add_arrays(converters, mapped, converters->layers[index].adc_bits, per_array, reads, out);
        return STATUS_OK;
    }
    out->bits = converters->layers[index].adc_bits;
    out->bits_mean = out->bits;
    const struct adc_cost *cost = &converters->by_bits[out->bits];
    out->area_m2 = out->count * cost->area_m2;
    out->power_w = out->count * cost->power_w;
    out->leakage_w = out->count * cost->leakage_w;
    out->energy_j = reads->conversions * conversion_j(converters, out->bits);
    return STATUS_OK;
}
