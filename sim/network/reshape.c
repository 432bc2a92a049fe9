#include <string.h>

#include "sim/network/import.h"

static enum status flatten_target(struct importer *importer, const struct shape *in,
                                  struct shape *out) {
    int64_t axis;
    TRY(attribute_int(importer, "axis", 1, &axis));
    if (axis < 0)
        axis += in->rank;
    if (axis < 1 || axis > in->rank)
        return IMPORT_FAIL(importer, "axis %lld would flatten the batch away: export with axis 1",
                           (long long)axis);
    *out = (struct shape){.rank = 2, .dims = {1, 1}};
    for (int d = 0; d < in->rank; d++)
        out->dims[d < axis ? 0 : 1] *= in->dims[d];
    return STATUS_OK;
}

/* Marks the dimensions named by `axes` of a shape of `rank` dimensions. */
static enum status mark_axes(struct importer *importer, const int64_t *axes, size_t n, int rank,
                             bool marked[NETWORK_MAX_RANK]) {
    for (size_t i = 0; i < n; i++) {
        int axis = shape_axis(axes[i], rank);
        if (axis < 0 || marked[axis])
            return IMPORT_FAIL(importer, "axis %lld is not valid here: export the model again",
                               (long long)axes[i]);
        marked[axis] = true;
    }
    return STATUS_OK;
}

static enum status squeeze_target(struct importer *importer, const struct shape *in,
                                  bool activation, struct shape *out) {
    const int64_t *axes;
    size_t n;
    bool drop[NETWORK_MAX_RANK] = {false};
    TRY(attribute_or_input(importer, "axes", 1, &axes, &n));
    TRY(mark_axes(importer, axes, n, in->rank, drop));
    *out = (struct shape){0};
    for (int d = 0; d < in->rank; d++) {
        if (n == 0)
            drop[d] = in->dims[d] == 1 && !(activation && d == 0);
        if (drop[d] && in->dims[d] != 1)
            return IMPORT_FAIL(importer,
                               "dimension %d has size %d and cannot be squeezed: export "
                               "the model again",
                               d, in->dims[d]);
        if (drop[d] && activation && d == 0)
            return IMPORT_FAIL(importer, "it squeezes the batch away: keep the batch as "
                                         "dimension 0");
        if (!drop[d])
            out->dims[out->rank++] = in->dims[d];
    }
    return STATUS_OK;
}

static enum status unsqueeze_target(struct importer *importer, const struct shape *in,
                                    bool activation, struct shape *out) {
    const int64_t *axes;
    size_t n;
    bool fresh[NETWORK_MAX_RANK] = {false};
    TRY(attribute_or_input(importer, "axes", 1, &axes, &n));
    if (n > (size_t)(NETWORK_MAX_RANK - in->rank))
        return IMPORT_FAIL(importer, "its output has more than %d dimensions", NETWORK_MAX_RANK);
    out->rank = in->rank + (int)n;
    TRY(mark_axes(importer, axes, n, out->rank, fresh));
    if (activation && fresh[0])
        return IMPORT_FAIL(importer, "it puts a dimension before the batch: keep the batch as "
                                     "dimension 0");
    for (int d = 0, from = 0; d < out->rank; d++)
        out->dims[d] = fresh[d] ? 1 : in->dims[from++];
    return STATUS_OK;
}

static enum status explicit_target(struct importer *importer, const struct shape *in,
                                   bool activation, struct shape *out) {
    const int64_t *target;
    size_t n;
    int64_t allow_zero;
    if (!input_present(importer, 1) && attribute_find(importer, "shape") == NULL)
        return IMPORT_FAIL(importer, "it has no target shape: export the model again");
    TRY(attribute_or_input(importer, "shape", 1, &target, &n));
    TRY(attribute_int(importer, "allowzero", 0, &allow_zero));
    if (n > NETWORK_MAX_RANK)
        return IMPORT_FAIL(importer, "its output has more than %d dimensions", NETWORK_MAX_RANK);
    int64_t dims[NETWORK_MAX_RANK];
    for (size_t i = 0; i < n; i++) {
        dims[i] = target[i];
        if (allow_zero != 0 && dims[i] == 0)
            return IMPORT_FAIL(importer, "its output has a dimension of 0: export the model again");
    }
    /* A file with a fixed batch N writes N where mho runs one image at a time. */
    if (activation && n > 0 && dims[0] == importer->batch)
        dims[0] = 1;
    const char *problem = shape_reshape(in, dims, n, out);
    if (problem != NULL)
        return IMPORT_FAIL(importer, "%s: export the model again", problem);
    return STATUS_OK;
}

enum status reshape_target(struct importer *importer, const struct shape *in, bool activation,
                           struct shape *out) {
    const char *name = importer->current->row->name;
    if (strcmp(name, "Flatten") == 0)
        return flatten_target(importer, in, out);
    if (strcmp(name, "Squeeze") == 0)
        return squeeze_target(importer, in, activation, out);
    if (strcmp(name, "Unsqueeze") == 0)
        return unsqueeze_target(importer, in, activation, out);
    return explicit_target(importer, in, activation, out);
}

enum status import_reshape(struct importer *importer) {
    int x;
    TRY(input_activation(importer, 0, &x));
    struct shape in = tensor_shape(&importer->graph.tensors[x]), out = {0};
    TRY(reshape_target(importer, &in, true, &out));
    if (out.rank < 1 || out.dims[0] != 1)
        return IMPORT_FAIL(importer, "it moves other dimensions into the batch: keep the batch as "
                                     "dimension 0");
    struct node node = {.op = OP_RESHAPE};
    return output_node(importer, &node, &x, 1, &out, &importer->graph.tensors[x]);
}

/* Identity and Dropout, which does nothing at inference, give their input another name. */
enum status import_identity(struct importer *importer) {
    if (input_present(importer, 2)) {
        struct constant *training;
        TRY(input_constant(importer, 2, &training));
    }
    output_alias(importer, 0);
    return STATUS_OK;
}
