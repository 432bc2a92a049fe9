#include "sim/engine/analog_layer.h"

#include <math.h>

#include "sim/base/random.h"

/* Streams of one array. */
enum { STREAM_CELLS, STREAM_CONVERTERS, STREAM_READS };

/* Levels of a fitted converter: evenly spaced ones make a step, others midpoints. */
static enum status use_fit(const struct adc_fit *fit, struct arena *arena,
                           struct analog_layer *layer, struct diagnostic *diag) {
    int codes = 1 << fit->bits;
    double unit = ldexp(1.0, -fit->fraction_bits);
    double *midpoints = ARENA_NEW(arena, codes, double);
    if (midpoints == NULL)
        return FAIL_MEMORY(diag, "the levels of a converter");
    layer->low = fit->levels[0] * unit;
    layer->lsb = (fit->levels[codes - 1] - fit->levels[0]) * unit / (codes - 1);
    if (!(layer->lsb > 0))
        layer->lsb = 1;
    for (int k = 0; k + 1 < codes; k++)
        midpoints[k] = ((double)fit->levels[k] + fit->levels[k + 1]) / 2 * unit;
    layer->midpoints = midpoints;
    layer->codes.values = fit->levels;
    layer->transfer.scale_denominator = (int64_t)1 << fit->fraction_bits;
    return STATUS_OK;
}

enum status analog_layer_make(const struct mapped_layer *mapped, const struct engine_layer *how,
                              struct arena *arena, struct analog_layer *layer,
                              struct diagnostic *diag) {
    int64_t top = ((int64_t)1 << how->adc_bits) - 1;
    *layer = (struct analog_layer){
        .analog = how->analog,
        .mapped = mapped,
        .bits = how->adc_bits,
        .lsb = 1,
        .codes = {.codes = (int)top + 1},
        .transfer = {.kind = ADC_TABLE, .scale_numerator = 1, .scale_denominator = 1},
    };
    if (how->fit != NULL)
        TRY(use_fit(how->fit, arena, layer, diag));
    if (how->choice == ADC_TRANSFER_FULL_RANGE && how->bound > top) {
        layer->lsb = (double)how->bound / (double)top;
        layer->transfer.scale_numerator = how->bound;
        layer->transfer.scale_denominator = top;
    }
    layer->codes.noise = (float)(how->analog->errors->thermal_noise * layer->lsb);
    return STATUS_OK;
}

/* One converter as the kernels use it. Gain, offset and non-linearity are in LSB at the input
 * (peripherals/adc_errors.h); uneven levels move with them. */
static enum status make_converter(const struct analog_layer *layer, uint64_t array, int number,
                                  struct arena *arena, struct analog_converter *out,
                                  struct diagnostic *diag) {
    const struct engine_analog *a = layer->analog;
    struct adc_error error;
    uint64_t key =
        RANDOM_KEY(a->seed, a->trial, a->layer, array, STREAM_CONVERTERS, (uint64_t)number);
    TRY(adc_errors_draw(a->errors, layer->bits, key, arena, &error, diag));
    if (error.even && layer->midpoints == NULL) {
        out->scale = (float)(error.gain / layer->lsb);
        out->offset = (float)(error.offset - error.gain * layer->low / layer->lsb);
        return STATUS_OK;
    }
    out->scale = (float)(1 / layer->lsb);
    out->offset = (float)(-layer->low / layer->lsb);
    out->thresholds = error.threshold;
    if (layer->midpoints == NULL)
        return STATUS_OK;
    float *thresholds = ARENA_NEW(arena, error.n_thresholds, float);
    if (thresholds == NULL)
        return FAIL_MEMORY(diag, "the thresholds of a converter");
    for (int k = 0; k < error.n_thresholds; k++)
        thresholds[k] = (float)((layer->midpoints[k] - layer->low) / layer->lsb +
                                ((double)error.threshold[k] - (k + 0.5)));
    out->thresholds = thresholds;
    return STATUS_OK;
}

/* The stream of a part of an array; of the first, that of the array. */
static uint64_t part_key(uint64_t key, int part) {
    uint64_t number = (uint64_t)part;
    return part == 0 ? key : random_key(key, &number, 1);
}

enum status analog_layer_equip(const struct analog_layer *layer, int first_array, int part,
                               struct arena *arena, struct analog_spec *spec,
                               struct diagnostic *diag) {
    const struct engine_analog *a = layer->analog;
    int arrays = (spec->filters + spec->filters_per_array - 1) / spec->filters_per_array;
    int columns = layer->mapped->crossbar.columns;
    int per_array = (columns + a->columns_per_adc - 1) / a->columns_per_adc;
    uint64_t *keys = ARENA_NEW(arena, arrays, uint64_t);
    struct analog_converter *converters =
        ARENA_NEW(arena, arrays * per_array, struct analog_converter);
    if (keys == NULL || converters == NULL)
        return FAIL_MEMORY(diag, "the converters of an array");
    for (int i = 0; i < arrays; i++) {
        uint64_t array = (uint64_t)(first_array + i);
        keys[i] = part_key(RANDOM_KEY(a->seed, a->trial, a->layer, array, STREAM_CELLS), part);
        for (int c = 0; c < per_array; c++)
            TRY(make_converter(layer, array, c, arena, &converters[i * per_array + c], diag));
    }
    spec->device = a->device;
    spec->array_keys = keys;
    spec->noise_key = part_key(
        RANDOM_KEY(a->seed, a->trial, a->layer, (uint64_t)first_array, STREAM_READS), part);
    spec->columns_per_adc = a->columns_per_adc;
    spec->converters_per_array = per_array;
    spec->converters = converters;
    spec->codes = layer->codes;
    return STATUS_OK;
}
