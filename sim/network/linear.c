#include <string.h>

#include "sim/network/import.h"

/* Codes [out][rows] as 16-bit integers. `transposed`: they lie as [rows][out]. */
static enum status draft_codes(struct importer *importer, const struct constant *weights,
                               bool transposed, struct linear_draft *draft) {
    const struct constant *codes = weights->codes;
    if (codes->element != ELEMENT_INT8)
        return IMPORT_FAIL(importer, "its quantised weights are not int8: quantise weights to "
                                     "symmetric int8");
    size_t out = (size_t)draft->shape.out_channels, rows = codes->count / out;
    const int8_t *from = codes->data;
    int16_t *to = ARENA_NEW(&importer->network->arena, codes->count, int16_t);
    if (to == NULL)
        return IMPORT_MEMORY(importer);
    bool lowest = false;
    for (size_t i = 0; i < codes->count; i++)
        lowest |= from[i] == INT8_MIN;
    if (lowest)
        return IMPORT_FAIL(importer, "a weight is -128: quantise weights to the symmetric range "
                                     "-127..127");
    if (transposed)
        for (size_t o = 0; o < out; o++)
            for (size_t r = 0; r < rows; r++)
                to[o * rows + r] = from[r * out + o];
    else
        for (size_t i = 0; i < codes->count; i++)
            to[i] = from[i];
    draft->codes = to;
    return STATUS_OK;
}

/* One scale per filter; `factor` is Gemm's alpha. */
static enum status draft_scales(struct importer *importer, const struct constant *weights,
                                bool transposed, float factor, struct linear_draft *draft) {
    int out = draft->shape.out_channels;
    int out_axis = transposed ? 1 : 0;
    if (weights->n_scale != 1 && weights->axis != out_axis)
        return IMPORT_FAIL(importer, "its weights have one scale per input channel: quantise per "
                                     "output channel or per tensor");
    if (!(factor > 0))
        return IMPORT_FAIL(importer, "alpha must be positive in a quantised Gemm: export it with "
                                     "alpha 1");
    float *scale = ARENA_NEW(&importer->network->arena, out, float);
    if (scale == NULL)
        return IMPORT_MEMORY(importer);
    for (int o = 0; o < out; o++)
        scale[o] = weights->scale[weights->n_scale == 1 ? 0 : o] * factor;
    draft->scale = scale;
    return STATUS_OK;
}

static enum status draft_floats(struct importer *importer, struct constant *weights,
                                bool transposed, float factor, struct linear_draft *draft) {
    if (weights->asymmetric)
        return IMPORT_FAIL(importer, "its weights have a zero point other than 0: quantise "
                                     "weights symmetrically to int8");
    const float *from;
    TRY(constant_floats(importer, weights, &from));
    if (!transposed && factor == 1) {
        draft->weights = from;
        return STATUS_OK;
    }
    size_t out = (size_t)draft->shape.out_channels, rows = weights->count / out;
    float *to = ARENA_NEW(&importer->network->arena, weights->count, float);
    if (to == NULL)
        return IMPORT_MEMORY(importer);
    for (size_t o = 0; o < out; o++)
        for (size_t r = 0; r < rows; r++)
            to[o * rows + r] = factor * from[transposed ? r * out + o : o * rows + r];
    draft->weights = to;
    return STATUS_OK;
}

static enum status draft_weights(struct importer *importer, struct constant *weights,
                                 bool transposed, float factor, struct linear_draft *draft) {
    if (weights->codes == NULL)
        return draft_floats(importer, weights, transposed, factor, draft);
    TRY(draft_codes(importer, weights, transposed, draft));
    return draft_scales(importer, weights, transposed, factor, draft);
}

/* A bias of one value, or one per filter in its last dimension. */
static enum status draft_bias(struct importer *importer, float factor, struct linear_draft *draft) {
    draft->bias_factor = factor;
    if (!input_present(importer, 2))
        return STATUS_OK;
    struct constant *bias;
    TRY(input_constant(importer, 2, &bias));
    size_t out = (size_t)draft->shape.out_channels;
    bool per_filter = bias->shape.rank > 0 && (size_t)bias->shape.dims[bias->shape.rank - 1] == out;
    if (bias->count != 1 && !(bias->count == out && per_filter))
        return IMPORT_FAIL(importer,
                           "its bias holds %zu values for %zu filters: export the model "
                           "again",
                           bias->count, out);
    draft->bias = bias;
    return STATUS_OK;
}

static enum status output_linear(struct importer *importer, enum op op, int x,
                                 const struct shape *out, struct linear_draft *draft) {
    draft->source = importer->current;
    importer->linear[importer->n_linear] = *draft;
    struct node node = {.op = op, .matrix = importer->n_linear++};
    return output_node(importer, &node, &x, 1, out, NULL);
}

/* Checks Conv's weights (filters, channels/groups, kernel...) against its input. */
static enum status conv_channels(struct importer *importer, const struct shape *in,
                                 const struct constant *weights, struct matrix_shape *shape) {
    int64_t groups;
    TRY(attribute_int(importer, "group", 1, &groups));
    if (weights->shape.rank != in->rank || weights->count == 0)
        return IMPORT_FAIL(importer, "its weights do not fit its input: export the model again");
    if (groups < 1 || groups > in->dims[1] || in->dims[1] % groups != 0 ||
        weights->shape.dims[0] % groups != 0 || weights->shape.dims[1] != in->dims[1] / (int)groups)
        return IMPORT_FAIL(importer,
                           "its weights (%d filters of %d channels, %lld groups) do not "
                           "fit an input of %d channels: export the model again",
                           weights->shape.dims[0], weights->shape.dims[1], (long long)groups,
                           in->dims[1]);
    shape->groups = (int)groups;
    shape->in_channels = in->dims[1];
    shape->out_channels = weights->shape.dims[0];
    return STATUS_OK;
}

enum status import_conv(struct importer *importer) {
    int x;
    struct constant *weights;
    struct linear_draft draft = {0};
    TRY(input_float_activation(importer, 0, &x));
    TRY(input_constant(importer, 1, &weights));
    struct shape in = tensor_shape(&importer->graph.tensors[x]), out;
    struct matrix_shape *shape = &draft.shape;
    if (in.rank < 3)
        return IMPORT_FAIL(importer,
                           "its input has %d dimensions, too few for a convolution: "
                           "export the model again",
                           in.rank);
    TRY(conv_channels(importer, &in, weights, shape));
    TRY(import_window(importer, &in, &weights->shape.dims[2], &shape->window, &out));
    out.dims[1] = shape->out_channels;
    shape->in_height = in.rank == 4 ? in.dims[2] : 1;
    shape->in_width = in.dims[in.rank - 1];
    shape->out_height = out.rank == 4 ? out.dims[2] : 1;
    shape->out_width = out.dims[out.rank - 1];
    TRY(draft_weights(importer, weights, false, 1, &draft));
    TRY(draft_bias(importer, 1, &draft));
    return output_linear(importer, OP_CONV, x, &out, &draft);
}

/* Fully connected: weights [rows][out], or [out][rows] with `transposed` false. */
static enum status import_product(struct importer *importer, int x, bool transposed, float alpha,
                                  float beta) {
    struct constant *weights;
    struct linear_draft draft = {0};
    struct shape in = tensor_shape(&importer->graph.tensors[x]);
    TRY(input_constant(importer, 1, &weights));
    const int *dims = weights->shape.dims;
    if (weights->shape.rank != 2 || weights->count == 0 ||
        dims[transposed ? 0 : 1] != in.dims[in.rank - 1])
        return IMPORT_FAIL(importer,
                           "its weights do not fit an input of %d values: export the "
                           "model again",
                           in.dims[in.rank - 1]);
    int positions = 1;
    for (int d = 1; d + 1 < in.rank; d++)
        positions *= in.dims[d];
    draft.shape = (struct matrix_shape){
        .fully_connected = true,
        .in_channels = in.dims[in.rank - 1],
        .in_height = 1,
        .in_width = positions,
        .out_channels = dims[transposed ? 1 : 0],
        .out_height = 1,
        .out_width = positions,
        .groups = 1,
        .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}},
    };
    TRY(draft_weights(importer, weights, transposed, alpha, &draft));
    TRY(draft_bias(importer, beta, &draft));
    struct shape out = in;
    out.dims[out.rank - 1] = draft.shape.out_channels;
    return output_linear(importer, OP_GEMM, x, &out, &draft);
}

enum status import_gemm(struct importer *importer) {
    int x;
    int64_t trans_a, trans_b;
    float alpha, beta;
    TRY(input_float_activation(importer, 0, &x));
    TRY(attribute_int(importer, "transA", 0, &trans_a));
    TRY(attribute_int(importer, "transB", 0, &trans_b));
    TRY(attribute_float(importer, "alpha", 1, &alpha));
    TRY(attribute_float(importer, "beta", 1, &beta));
    if (trans_a != 0 || importer->graph.tensors[x].rank != 2)
        return IMPORT_FAIL(importer, "mho takes Gemm of a (batch, values) input without transA: "
                                     "export it so");
    return import_product(importer, x, trans_b == 0, alpha, beta);
}

enum status import_matmul(struct importer *importer) {
    int x;
    TRY(input_float_activation(importer, 0, &x));
    if (!input_is_constant(importer, 1))
        return IMPORT_FAIL(importer, "both inputs are computed: mho takes products with constant "
                                     "weights only");
    return import_product(importer, x, true, 1, 1);
}

struct linear_draft *linear_before(struct importer *importer, int index) {
    if (input_is_constant(importer, index) || !input_is_sole_use(importer, index))
        return NULL;
    int tensor;
    if (input_activation(importer, index, &tensor) != STATUS_OK)
        return NULL;
    int producer = importer->graph.producer[tensor];
    if (producer < 0)
        return NULL;
    const struct node *node = &importer->graph.nodes[producer];
    return node->op == OP_CONV || node->op == OP_GEMM ? &importer->linear[node->matrix] : NULL;
}

enum status linear_bias(struct importer *importer, const struct linear_draft *draft,
                        const float **bias) {
    if (draft->folded_bias != NULL) {
        *bias = draft->folded_bias;
        return STATUS_OK;
    }
    int out = draft->shape.out_channels;
    float *values = ARENA_NEW(&importer->network->arena, out, float);
    const float *floats = NULL;
    if (values == NULL)
        return IMPORT_MEMORY(importer);
    if (draft->bias != NULL)
        TRY(constant_floats(importer, draft->bias, &floats));
    for (int o = 0; floats != NULL && o < out; o++)
        values[o] = draft->bias_factor * floats[draft->bias->count == 1 ? 0 : o];
    *bias = values;
    return STATUS_OK;
}
