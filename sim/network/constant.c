#include <limits.h>
#include <string.h>

#include "sim/network/import.h"

static const struct {
    enum element element;
    size_t size; /* bytes in raw_data */
} elements[] = {
    {ELEMENT_FLOAT, 4}, {ELEMENT_UINT8, 1}, {ELEMENT_INT8, 1},
    {ELEMENT_INT32, 4}, {ELEMENT_INT64, 8}, {ELEMENT_DOUBLE, 8},
};

size_t element_size(enum element element) {
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].element == element)
            return elements[i].size;
    return 0;
}

/* Names a tensor in messages: constants of nodes have no name of their own. */
static const char *tensor_label(struct importer *importer, const Onnx__TensorProto *proto) {
    const char *label = proto->name[0] != '\0' ? import_printable(importer, proto->name) : NULL;
    return label != NULL ? label : "constant";
}

/* Shape and number of values. The number is held against the data in the file before anything is
 * allocated, so no product can be larger than the file. */
static enum status decode_shape(struct importer *importer, const Onnx__TensorProto *proto,
                                struct shape *shape, size_t *count) {
    if (proto->n_dims > NETWORK_MAX_RANK)
        return IMPORT_FAIL(importer,
                           "tensor '%s' has %zu dimensions, more than %d: mho cannot "
                           "use it",
                           tensor_label(importer, proto), proto->n_dims, NETWORK_MAX_RANK);
    *count = 1;
    shape->rank = (int)proto->n_dims;
    for (int d = 0; d < shape->rank; d++) {
        int64_t dim = proto->dims[d];
        if (dim < 0 || dim > INT_MAX || (dim > 0 && *count > SIZE_MAX / 16 / (size_t)dim))
            return IMPORT_FAIL(importer,
                               "tensor '%s' has dimension %lld: the file is damaged, "
                               "export it again",
                               tensor_label(importer, proto), (long long)dim);
        shape->dims[d] = (int)dim;
        *count *= (size_t)dim;
    }
    return STATUS_OK;
}

/* Values that the file holds: bytes of raw data, or entries of the typed list. */
static size_t stored_values(const Onnx__TensorProto *proto, enum element element) {
    if (proto->raw_data.len > 0) {
        size_t size = element_size(element);
        return proto->raw_data.len % size == 0 ? proto->raw_data.len / size : SIZE_MAX;
    }
    switch (element) {
    case ELEMENT_FLOAT:
        return proto->n_float_data;
    case ELEMENT_INT64:
        return proto->n_int64_data;
    case ELEMENT_DOUBLE:
        return proto->n_double_data;
    default:
        return proto->n_int32_data;
    }
}

static enum status check_stored(struct importer *importer, const Onnx__TensorProto *proto,
                                enum element element, size_t count) {
    if (proto->data_location == 1 || proto->n_external_data > 0)
        return IMPORT_FAIL(importer,
                           "tensor '%s' keeps its data in another file: save the model "
                           "as a single file",
                           tensor_label(importer, proto));
    if (element_size(element) == 0)
        return IMPORT_FAIL(importer,
                           "tensor '%s' has element type %d: mho reads float32, int8, "
                           "uint8, int32 and int64; convert it",
                           tensor_label(importer, proto), proto->data_type);
    size_t stored = stored_values(proto, element);
    if (stored != count)
        return IMPORT_FAIL(importer,
                           "tensor '%s' should hold %zu values but its data does not: "
                           "the file is damaged, export it again",
                           tensor_label(importer, proto), count);
    return STATUS_OK;
}

static void narrow_doubles(const Onnx__TensorProto *proto, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        double value;
        if (proto->raw_data.len > 0)
            memcpy(&value, proto->raw_data.data + i * sizeof value, sizeof value);
        else
            value = proto->double_data[i];
        out[i] = (float)value;
    }
}

/* Small integers lie in int32_data, one entry each. */
static enum status narrow_ints(struct importer *importer, const Onnx__TensorProto *proto,
                               enum element element, size_t count, void *out) {
    int low = element == ELEMENT_INT8 ? INT8_MIN : 0;
    int high = element == ELEMENT_INT8 ? INT8_MAX : UINT8_MAX;
    uint8_t *bytes = out;
    for (size_t i = 0; i < count; i++) {
        int32_t value = proto->int32_data[i];
        if (value < low || value > high)
            return IMPORT_FAIL(importer,
                               "tensor '%s' holds %d, which its type cannot: the file "
                               "is damaged, export it again",
                               tensor_label(importer, proto), value);
        bytes[i] = (uint8_t)value;
    }
    return STATUS_OK;
}

enum status constant_new(struct importer *importer, enum element element, const struct shape *shape,
                         struct constant **constant, void **data) {
    struct constant *fresh = ARENA_NEW(&importer->scratch, 1, struct constant);
    if (fresh == NULL)
        return IMPORT_MEMORY(importer);
    fresh->element = element;
    fresh->shape = *shape;
    fresh->count = 1;
    for (int d = 0; d < shape->rank; d++)
        fresh->count *= (size_t)shape->dims[d];
    /* Floats may become weights or tensors of the network; everything else is read and converted.
     */
    struct arena *arena = element == ELEMENT_FLOAT ? &importer->network->arena : &importer->scratch;
    *data = arena_alloc(arena, fresh->count, element_size(element));
    if (*data == NULL)
        return IMPORT_MEMORY(importer);
    fresh->data = *data;
    *constant = fresh;
    return STATUS_OK;
}

enum status constant_decode(struct importer *importer, const Onnx__TensorProto *proto,
                            struct constant **constant) {
    struct shape shape = {0};
    size_t count = 0;
    enum element stored = (enum element)proto->data_type;
    TRY(decode_shape(importer, proto, &shape, &count));
    TRY(check_stored(importer, proto, stored, count));
    enum element element = stored == ELEMENT_DOUBLE ? ELEMENT_FLOAT : stored;
    bool raw = proto->raw_data.len > 0;
    if (raw && element_size(stored) == 1) { /* weights: used where they lie */
        *constant = ARENA_NEW(&importer->scratch, 1, struct constant);
        if (*constant == NULL)
            return IMPORT_MEMORY(importer);
        **constant = (struct constant){
            .element = element, .shape = shape, .count = count, .data = proto->raw_data.data};
        return STATUS_OK;
    }
    void *data;
    TRY(constant_new(importer, element, &shape, constant, &data));
    if (stored == ELEMENT_DOUBLE)
        narrow_doubles(proto, count, data);
    else if (raw)
        memcpy(data, proto->raw_data.data, count * element_size(element));
    else if (element_size(element) == 1)
        return narrow_ints(importer, proto, element, count, data);
    else if (count > 0) {
        const void *list = element == ELEMENT_FLOAT   ? (const void *)proto->float_data
                           : element == ELEMENT_INT64 ? (const void *)proto->int64_data
                                                      : (const void *)proto->int32_data;
        memcpy(data, list, count * element_size(element));
    }
    return STATUS_OK;
}

int64_t constant_int(const struct constant *constant, size_t i) {
    switch (constant->element) {
    case ELEMENT_INT8:
        return ((const int8_t *)constant->data)[i];
    case ELEMENT_UINT8:
        return ((const uint8_t *)constant->data)[i];
    case ELEMENT_INT32:
        return ((const int32_t *)constant->data)[i];
    default:
        return ((const int64_t *)constant->data)[i];
    }
}

/* Values between two steps along `axis`. */
static size_t inner_count(const struct shape *shape, int axis) {
    size_t inner = 1;
    for (int d = axis + 1; d < shape->rank; d++)
        inner *= (size_t)shape->dims[d];
    return inner;
}

enum status constant_floats(struct importer *importer, struct constant *constant,
                            const float **floats) {
    if (constant->element != ELEMENT_FLOAT)
        return IMPORT_FAIL(importer, "an input constant holds integers where floats belong: "
                                     "export the model again");
    if (constant->data == NULL) {
        struct constant *fresh;
        void *data;
        TRY(constant_new(importer, ELEMENT_FLOAT, &constant->shape, &fresh, &data));
        float *out = data;
        size_t inner = inner_count(&constant->shape, constant->axis);
        for (size_t i = 0; i < constant->count; i++) {
            size_t channel = constant->n_scale == 1 ? 0 : i / inner % (size_t)constant->n_scale;
            out[i] = (float)constant_int(constant->codes, i) * constant->scale[channel];
        }
        constant->data = data;
    }
    *floats = constant->data;
    return STATUS_OK;
}
