#include <math.h>
#include <string.h>

#include "sim/network/import.h"

/* Scale and zero point of an activation, per tensor; int8 is shifted to 0..255. */
static enum status read_quantisation(struct importer *importer, struct quantisation *quant) {
    const float *scale;
    TRY(input_floats(importer, 1, 1, &scale));
    if (!(*scale > 0) || !isfinite(*scale))
        return IMPORT_FAIL(importer,
                           "its scale %g is not a positive number: quantise the model "
                           "again",
                           (double)*scale);
    *quant = (struct quantisation){.scale = *scale, .bits = 8};
    if (!input_present(importer, 2))
        return STATUS_OK;
    struct constant *zero;
    TRY(input_constant(importer, 2, &zero));
    if ((zero->element != ELEMENT_UINT8 && zero->element != ELEMENT_INT8) || zero->count != 1)
        return IMPORT_FAIL(importer, "its zero point is not one int8 or uint8 value: quantise "
                                     "activations to 8 bits per tensor");
    quant->zero_point = (int)constant_int(zero, 0) + (zero->element == ELEMENT_INT8 ? 128 : 0);
    return STATUS_OK;
}

enum status import_quantize(struct importer *importer) {
    int x;
    struct tensor like = {.type = TENSOR_U8};
    struct node node = {.op = OP_QUANTIZE};
    TRY(input_float_activation(importer, 0, &x));
    TRY(read_quantisation(importer, &like.quant));
    struct shape shape = tensor_shape(&importer->graph.tensors[x]);
    return output_node(importer, &node, &x, 1, &shape, &like);
}

enum status import_dequantize(struct importer *importer) {
    int x;
    struct quantisation quant;
    struct node node = {.op = OP_DEQUANTIZE};
    TRY(input_activation(importer, 0, &x));
    TRY(read_quantisation(importer, &quant));
    const struct tensor *tensor = &importer->graph.tensors[x];
    if (tensor->type != TENSOR_U8)
        return IMPORT_FAIL(importer, "its input is not quantised: export the model again");
    if (tensor->quant.scale != quant.scale || tensor->quant.zero_point != quant.zero_point)
        return IMPORT_FAIL(importer, "its scale or zero point differs from the QuantizeLinear "
                                     "before it: quantise the model again");
    struct shape shape = tensor_shape(tensor);
    return output_node(importer, &node, &x, 1, &shape, NULL);
}

/* Scales of a constant: one, or one for each index along an axis. */
static enum status read_scales(struct importer *importer, const struct shape *shape,
                               const float **scale, int *n_scale, int *axis) {
    struct constant *scales;
    int64_t given, block;
    TRY(input_constant(importer, 1, &scales));
    TRY(constant_floats(importer, scales, scale));
    TRY(attribute_int(importer, "axis", 1, &given));
    TRY(attribute_int(importer, "block_size", 0, &block));
    *n_scale = 1;
    *axis = 0;
    if (scales->count != 1) {
        *axis = shape_axis(given, shape->rank);
        if (*axis < 0 || scales->shape.rank != 1 || block != 0 ||
            scales->count != (size_t)shape->dims[*axis])
            return IMPORT_FAIL(importer,
                               "its scales do not fit its input along axis %lld: "
                               "quantise per channel or per tensor",
                               (long long)given);
        *n_scale = (int)scales->count;
    }
    for (int i = 0; i < *n_scale; i++)
        if (!((*scale)[i] > 0) || !isfinite((*scale)[i]))
            return IMPORT_FAIL(importer,
                               "scale %d is %g, not a positive number: quantise the "
                               "model again",
                               i, (double)(*scale)[i]);
    return STATUS_OK;
}

/* The zero points, or NULL when all are 0. */
static enum status read_zero_points(struct importer *importer, const struct constant *codes,
                                    int n_scale, const struct constant **zeros) {
    struct constant *given;
    *zeros = NULL;
    if (!input_present(importer, 2))
        return STATUS_OK;
    TRY(input_constant(importer, 2, &given));
    if (given->element != codes->element || given->count != (size_t)n_scale)
        return IMPORT_FAIL(importer, "its zero points do not fit its input: quantise the model "
                                     "again");
    for (size_t i = 0; i < given->count; i++)
        if (constant_int(given, i) != 0)
            *zeros = given;
    return STATUS_OK;
}

static enum status dequantise_asymmetric(struct importer *importer,
                                         const struct constant *symmetric,
                                         const struct constant *zeros) {
    struct constant *fresh;
    void *data;
    TRY(constant_new(importer, ELEMENT_FLOAT, &symmetric->shape, &fresh, &data));
    float *out = data;
    size_t inner = 1;
    for (int d = symmetric->axis + 1; d < symmetric->shape.rank; d++)
        inner *= (size_t)symmetric->shape.dims[d];
    for (size_t i = 0; i < fresh->count; i++) {
        size_t c = symmetric->n_scale == 1 ? 0 : i / inner % (size_t)symmetric->n_scale;
        int64_t centred = constant_int(symmetric->codes, i) - constant_int(zeros, c);
        out[i] = (float)centred * symmetric->scale[c];
    }
    fresh->asymmetric = true;
    output_constant(importer, fresh);
    return STATUS_OK;
}

enum status evaluate_dequantize(struct importer *importer) {
    struct constant *codes;
    const struct constant *zeros;
    TRY(input_constant(importer, 0, &codes));
    if (codes->element != ELEMENT_INT8 && codes->element != ELEMENT_UINT8 &&
        codes->element != ELEMENT_INT32)
        return IMPORT_FAIL(importer, "its input is not int8, uint8 or int32: quantise the model "
                                     "to 8 bits");
    struct constant *out = ARENA_NEW(&importer->scratch, 1, struct constant);
    if (out == NULL)
        return IMPORT_MEMORY(importer);
    *out = (struct constant){
        .element = ELEMENT_FLOAT, .shape = codes->shape, .count = codes->count, .codes = codes};
    TRY(read_scales(importer, &codes->shape, &out->scale, &out->n_scale, &out->axis));
    TRY(read_zero_points(importer, codes, out->n_scale, &zeros));
    if (zeros != NULL)
        return dequantise_asymmetric(importer, out, zeros);
    output_constant(importer, out);
    return STATUS_OK;
}

/* Weights that the file keeps as floats and quantises itself. */
enum status evaluate_quantize(struct importer *importer) {
    struct constant *reals, *out, *zero = NULL;
    const float *scale, *floats;
    int n_scale, axis;
    void *data;
    TRY(input_constant(importer, 0, &reals));
    TRY(constant_floats(importer, reals, &floats));
    TRY(read_scales(importer, &reals->shape, &scale, &n_scale, &axis));
    if (input_present(importer, 2))
        TRY(input_constant(importer, 2, &zero));
    enum element element = zero == NULL ? ELEMENT_UINT8 : zero->element;
    if ((element != ELEMENT_INT8 && element != ELEMENT_UINT8) ||
        (zero != NULL && zero->count != (size_t)n_scale))
        return IMPORT_FAIL(importer, "its zero points are not int8 or uint8, one per scale: "
                                     "quantise the model again");
    TRY(constant_new(importer, element, &reals->shape, &out, &data));
    float low = element == ELEMENT_INT8 ? -128 : 0, high = element == ELEMENT_INT8 ? 127 : 255;
    size_t inner = 1;
    for (int d = axis + 1; d < reals->shape.rank; d++)
        inner *= (size_t)reals->shape.dims[d];
    for (size_t i = 0; i < out->count; i++) {
        size_t c = n_scale == 1 ? 0 : i / inner % (size_t)n_scale;
        float code =
            rintf(floats[i] / scale[c]) + (zero == NULL ? 0 : (float)constant_int(zero, c));
        code = code > low ? code : low; /* also where it is no number */
        ((uint8_t *)data)[i] = (uint8_t)(int)(code < high ? code : high);
    }
    output_constant(importer, out);
    return STATUS_OK;
}
