#include <string.h>

#include "sim/network/import.h"

/* One value, or a list with `shape` of rank 1, from a Constant's attribute. */
static enum status attribute_constant(struct importer *importer, enum element element,
                                      const struct shape *shape, const void *values) {
    struct constant *constant;
    void *data;
    TRY(constant_new(importer, element, shape, &constant, &data));
    if (constant->count > 0)
        memcpy(data, values, constant->count * element_size(element));
    output_constant(importer, constant);
    return STATUS_OK;
}

enum status evaluate_constant(struct importer *importer) {
    const Onnx__AttributeProto *found;
    struct shape scalar = {0};
    if ((found = attribute_find(importer, "value")) != NULL && found->t != NULL) {
        struct constant *constant;
        TRY(constant_decode(importer, found->t, &constant));
        output_constant(importer, constant);
        return STATUS_OK;
    }
    if ((found = attribute_find(importer, "value_float")) != NULL)
        return attribute_constant(importer, ELEMENT_FLOAT, &scalar, &found->f);
    if ((found = attribute_find(importer, "value_int")) != NULL)
        return attribute_constant(importer, ELEMENT_INT64, &scalar, &found->i);
    if ((found = attribute_find(importer, "value_floats")) != NULL && found->n_floats < INT32_MAX) {
        struct shape list = {.rank = 1, .dims = {(int)found->n_floats}};
        return attribute_constant(importer, ELEMENT_FLOAT, &list, found->floats);
    }
    if ((found = attribute_find(importer, "value_ints")) != NULL && found->n_ints < INT32_MAX) {
        struct shape list = {.rank = 1, .dims = {(int)found->n_ints}};
        return attribute_constant(importer, ELEMENT_INT64, &list, found->ints);
    }
    return IMPORT_FAIL(importer, "its value is not a tensor, a number or a list of numbers: "
                                 "export the model again");
}

enum status evaluate_identity(struct importer *importer) {
    struct constant *constant;
    TRY(input_constant(importer, 0, &constant));
    output_constant(importer, constant);
    return STATUS_OK;
}

/* Copy of a constant's description, to be given another shape. */
static enum status copy_constant(struct importer *importer, const struct constant *constant,
                                 struct constant **copy) {
    *copy = ARENA_NEW(&importer->scratch, 1, struct constant);
    if (*copy == NULL)
        return IMPORT_MEMORY(importer);
    **copy = *constant;
    return STATUS_OK;
}

enum status evaluate_reshape(struct importer *importer) {
    struct constant *constant, *out;
    struct shape target = {0};
    const float *floats;
    TRY(input_constant(importer, 0, &constant));
    TRY(reshape_target(importer, &constant->shape, false, &target));
    if (constant->element == ELEMENT_FLOAT)
        TRY(constant_floats(importer, constant, &floats));
    TRY(copy_constant(importer, constant, &out));
    out->shape = target;
    out->codes = NULL; /* scales per channel need not survive a reshape: the floats do */
    output_constant(importer, out);
    return STATUS_OK;
}

/* Moves values of `size` bytes from `in` to the permuted `out`. */
static void permute(const struct shape *in, const struct shape *out, const int *perm,
                    const char *from, char *to, size_t count, size_t size) {
    size_t stride[NETWORK_MAX_RANK] = {0}, step = 1;
    int index[NETWORK_MAX_RANK] = {0};
    for (int d = in->rank - 1; d >= 0; d--) {
        stride[d] = step;
        step *= (size_t)in->dims[d];
    }
    for (size_t i = 0; i < count; i++) {
        size_t source = 0;
        for (int d = 0; d < out->rank; d++)
            source += (size_t)index[d] * stride[perm[d]];
        memcpy(to + i * size, from + source * size, size);
        for (int d = out->rank - 1; d >= 0 && ++index[d] == out->dims[d]; d--)
            index[d] = 0;
    }
}

static enum status transposed(struct importer *importer, const struct constant *in, const int *perm,
                              struct constant **out) {
    struct shape shape = in->shape;
    void *data;
    for (int d = 0; d < shape.rank; d++)
        shape.dims[d] = in->shape.dims[perm[d]];
    TRY(constant_new(importer, in->element, &shape, out, &data));
    permute(&in->shape, &shape, perm, in->data, data, in->count, element_size(in->element));
    return STATUS_OK;
}

/* Quantised weights keep their codes, with the channels' axis where it went. */
enum status evaluate_transpose(struct importer *importer) {
    struct constant *constant, *moved, *out;
    int perm[NETWORK_MAX_RANK] = {0};
    TRY(input_constant(importer, 0, &constant));
    TRY(transpose_perm(importer, constant->shape.rank, perm));
    if (constant->codes == NULL) {
        TRY(transposed(importer, constant, perm, &out));
        out->asymmetric = constant->asymmetric;
        output_constant(importer, out);
        return STATUS_OK;
    }
    TRY(transposed(importer, constant->codes, perm, &moved));
    TRY(copy_constant(importer, constant, &out));
    out->codes = moved;
    out->data = NULL;
    out->shape = moved->shape;
    for (int d = 0; d < out->shape.rank; d++)
        if (perm[d] == constant->axis)
            out->axis = d;
    output_constant(importer, out);
    return STATUS_OK;
}

/* Lists of numbers, as exporters build target shapes of them. */
enum status evaluate_concat(struct importer *importer) {
    struct constant *part, *out;
    size_t total = 0;
    int n = importer->current->n_inputs;
    for (int i = 0; i < n; i++) {
        TRY(input_constant(importer, i, &part));
        if (part->element != ELEMENT_INT64 || part->shape.rank != 1)
            return IMPORT_FAIL(importer, "mho joins constants only when they are lists of int64: "
                                         "export with constant folding");
        total += part->count;
    }
    if (total > SHAPE_MAX_COUNT)
        return IMPORT_FAIL(importer, "its constant is too long: export the model again");
    struct shape shape = {.rank = 1, .dims = {(int)total}};
    void *data;
    TRY(constant_new(importer, ELEMENT_INT64, &shape, &out, &data));
    int64_t *to = data;
    for (int i = 0; i < n; i++) {
        TRY(input_constant(importer, i, &part));
        if (part->count > 0)
            memcpy(to, part->data, part->count * sizeof *to);
        to += part->count;
    }
    output_constant(importer, out);
    return STATUS_OK;
}

/* Index into a constant of `shape` for position `index` of the broadcast `out`. */
static size_t broadcast_index(const struct shape *shape, const struct shape *out,
                              const int *index) {
    size_t at = 0;
    for (int d = 0; d < shape->rank; d++) {
        int position = index[d + out->rank - shape->rank];
        at = at * (size_t)shape->dims[d] + (shape->dims[d] == 1 ? 0 : (size_t)position);
    }
    return at;
}

enum { MAX_COUNT = 1 << 24 };

enum status evaluate_add_mul(struct importer *importer) {
    struct constant *a, *b, *constant;
    const float *x, *y;
    struct shape out;
    void *data;
    TRY(input_constant(importer, 0, &a));
    TRY(input_constant(importer, 1, &b));
    TRY(constant_floats(importer, a, &x));
    TRY(constant_floats(importer, b, &y));
    const char *problem = shape_broadcast(&a->shape, &b->shape, &out);
    if (problem == NULL && (shape_count(&out) == 0 || shape_count(&out) > MAX_COUNT))
        problem = "its constant is empty or larger than mho computes";
    if (problem != NULL)
        return IMPORT_FAIL(importer, "%s: export the model again", problem);
    TRY(constant_new(importer, ELEMENT_FLOAT, &out, &constant, &data));
    float *to = data;
    bool add = importer->current->row->op == OP_ADD;
    int index[NETWORK_MAX_RANK] = {0};
    for (size_t i = 0; i < constant->count; i++) {
        float u = x[broadcast_index(&a->shape, &out, index)];
        float v = y[broadcast_index(&b->shape, &out, index)];
        to[i] = add ? u + v : u * v;
        for (int d = out.rank - 1; d >= 0 && ++index[d] == out.dims[d]; d--)
            index[d] = 0;
    }
    output_constant(importer, constant);
    return STATUS_OK;
}
