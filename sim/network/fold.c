#include <math.h>

#include "sim/network/import.h"

/* True when `constant` adds one value per filter to the layer's output of rank `rank`. */
static bool adds_per_filter(const struct constant *constant, const struct linear_draft *draft,
                            int rank) {
    int trailing = draft->shape.fully_connected ? 0 : rank - 2; /* spatial dimensions */
    int channel = constant->shape.rank - trailing - 1;
    return constant->element == ELEMENT_FLOAT && constant->shape.rank <= rank && channel >= 0 &&
           constant->count == (size_t)draft->shape.out_channels &&
           constant->shape.dims[channel] == draft->shape.out_channels;
}

/* The current node is part of the layer from now on. */
static void note_folded(struct importer *importer, const struct linear_draft *draft) {
    importer->folded[importer->current - importer->nodes] = 1 + (int)(draft - importer->linear);
}

enum status fold_bias(struct importer *importer, int index, bool *folded) {
    *folded = false;
    struct linear_draft *draft = linear_before(importer, 1 - index);
    if (draft == NULL || draft->bias != NULL || draft->folded_bias != NULL)
        return STATUS_OK;
    int tensor;
    struct constant *constant;
    TRY(input_activation(importer, 1 - index, &tensor));
    TRY(input_constant(importer, index, &constant));
    if (!adds_per_filter(constant, draft, importer->graph.tensors[tensor].rank))
        return STATUS_OK;
    draft->bias = constant;
    draft->bias_factor = 1;
    note_folded(importer, draft);
    output_tensor(importer, tensor);
    *folded = true;
    return STATUS_OK;
}

/* BatchNormalization as y = factor * x + offset per channel. */
struct normalisation {
    int channels;
    float *factor, *offset; /* [channels], in the network's arena */
};

static enum status read_normalisation(struct importer *importer, int channels,
                                      struct normalisation *norm) {
    const float *scale, *shift, *mean, *variance;
    float epsilon;
    int64_t training;
    size_t n = (size_t)channels;
    TRY(input_floats(importer, 1, n, &scale));
    TRY(input_floats(importer, 2, n, &shift));
    TRY(input_floats(importer, 3, n, &mean));
    TRY(input_floats(importer, 4, n, &variance));
    TRY(attribute_float(importer, "epsilon", 1e-5F, &epsilon));
    TRY(attribute_int(importer, "training_mode", 0, &training));
    if (training != 0)
        return IMPORT_FAIL(importer, "the model is in training mode: export it for inference");
    norm->channels = channels;
    norm->factor = ARENA_NEW(&importer->network->arena, channels, float);
    norm->offset = ARENA_NEW(&importer->network->arena, channels, float);
    if (norm->factor == NULL || norm->offset == NULL)
        return IMPORT_MEMORY(importer);
    for (int c = 0; c < channels; c++) {
        double factor = scale[c] / sqrt((double)variance[c] + epsilon);
        norm->factor[c] = (float)factor;
        norm->offset[c] = (float)(shift[c] - mean[c] * factor);
        if (!isfinite(norm->factor[c]) || !isfinite(norm->offset[c]))
            return IMPORT_FAIL(importer,
                               "channel %d has no finite scale (variance %g): the model "
                               "is damaged, export it again",
                               c, (double)variance[c]);
    }
    return STATUS_OK;
}

static enum status fold_normalisation(struct importer *importer, struct linear_draft *draft,
                                      const struct normalisation *norm) {
    const float *bias;
    TRY(linear_bias(importer, draft, &bias));
    size_t out = (size_t)draft->shape.out_channels, rows = (size_t)matrix_rows(&draft->shape);
    float *weights = ARENA_NEW(&importer->network->arena, out * rows, float);
    float *folded = ARENA_NEW(&importer->network->arena, out, float);
    if (weights == NULL || folded == NULL)
        return IMPORT_MEMORY(importer);
    for (size_t o = 0; o < out; o++) {
        for (size_t r = 0; r < rows; r++)
            weights[o * rows + r] = draft->weights[o * rows + r] * norm->factor[o];
        folded[o] = bias[o] * norm->factor[o] + norm->offset[o];
    }
    draft->weights = weights;
    draft->folded_bias = folded;
    note_folded(importer, draft);
    return STATUS_OK;
}

/* A constant [1][channels][1]... of the graph. */
static enum status channel_tensor(struct importer *importer, int rank, int channels,
                                  const float *values, int *tensor) {
    struct tensor fresh = {.name = importer->current->label,
                           .type = TENSOR_FLOAT,
                           .rank = rank,
                           .count = (size_t)channels,
                           .floats = values};
    for (int d = 0; d < rank; d++)
        fresh.shape[d] = d == 1 ? channels : 1;
    *tensor = graph_add_tensor(&importer->graph, &fresh);
    return *tensor < 0 ? IMPORT_MEMORY(importer) : STATUS_OK;
}

/* y = x * factor + offset as two nodes. */
static enum status express_normalisation(struct importer *importer, int x,
                                         const struct normalisation *norm) {
    struct shape shape = tensor_shape(&importer->graph.tensors[x]);
    int factor, offset, scaled;
    TRY(channel_tensor(importer, shape.rank, norm->channels, norm->factor, &factor));
    TRY(channel_tensor(importer, shape.rank, norm->channels, norm->offset, &offset));
    struct node mul = {.op = OP_MUL}, add = {.op = OP_ADD};
    TRY(output_hidden(importer, &mul, (int[]){x, factor}, 2, &shape, &scaled));
    return output_node(importer, &add, (int[]){scaled, offset}, 2, &shape, NULL);
}

enum status import_normalisation(struct importer *importer) {
    int x;
    struct normalisation norm;
    TRY(input_float_activation(importer, 0, &x));
    if (importer->graph.tensors[x].rank < 2)
        return IMPORT_FAIL(importer, "its input has no channels: export the model again");
    TRY(read_normalisation(importer, importer->graph.tensors[x].shape[1], &norm));
    struct linear_draft *draft = linear_before(importer, 0);
    bool per_filter = draft != NULL && draft->weights != NULL &&
                      draft->shape.out_channels == norm.channels &&
                      (!draft->shape.fully_connected || importer->graph.tensors[x].rank == 2);
    if (!per_filter)
        return express_normalisation(importer, x, &norm);
    TRY(fold_normalisation(importer, draft, &norm));
    output_tensor(importer, x);
    return STATUS_OK;
}
