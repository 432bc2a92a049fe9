#include "sim/network/lower.h"

/* The weights behind codes; NULL on short memory. */
static const float *dequantised(const struct importer *importer, const struct linear_draft *draft) {
    size_t out = (size_t)draft->shape.out_channels, rows = (size_t)matrix_rows(&draft->shape);
    float *weights = ARENA_NEW(&importer->network->arena, out * rows, float);
    for (size_t i = 0; weights != NULL && i < out * rows; i++)
        weights[i] = (float)draft->codes[i] * draft->scale[i / rows];
    return weights;
}

/* Matrix layers of a model without quantisation. */
static enum status finish_float(struct importer *importer) {
    struct network *network = importer->network;
    network->linear = ARENA_NEW(&network->arena, importer->n_linear, struct linear_layer);
    if (network->linear == NULL)
        return IMPORT_MEMORY(importer);
    for (int i = 0; i < importer->n_linear; i++) {
        const struct linear_draft *draft = &importer->linear[i];
        importer->current = draft->source;
        const float *weights = draft->weights;
        if (weights == NULL && importer->as == NETWORK_AS_FLOAT)
            weights = dequantised(importer, draft);
        else if (weights == NULL)
            return IMPORT_FAIL(importer, "its weights are quantised but no activation is: quantise "
                                         "weights and activations (QDQ form), or neither");
        struct linear_layer *layer = &network->linear[network->n_linear++];
        if (weights == NULL)
            return IMPORT_MEMORY(importer);
        *layer = (struct linear_layer){.name = draft->source->label,
                                       .source = (int)(draft->source - importer->nodes),
                                       .shape = draft->shape,
                                       .weights = weights};
        TRY(linear_bias(importer, draft, &layer->bias));
    }
    importer->current = NULL;
    return STATUS_OK;
}

static bool is_quantised(const struct graph *graph) {
    for (int i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].op == OP_QUANTIZE || graph->nodes[i].op == OP_DEQUANTIZE)
            return true;
    return false;
}

/* The quantisation behind a float tensor that is DequantizeLinear of codes, or such values moved or
 * selected only; NULL for others. `codes` is set in the first case, else -1. */
static const struct quantisation *grid_of(const struct graph *graph, int tensor, int *codes) {
    *codes = -1;
    for (int first = tensor;;) {
        int producer = graph->producer[tensor];
        if (producer < 0)
            return NULL;
        const struct node *node = &graph->nodes[producer];
        tensor = node->inputs[0];
        if (node->op == OP_DEQUANTIZE) {
            *codes = graph->nodes[producer].output == first ? tensor : -1;
            return &graph->tensors[tensor].quant;
        }
        if (node->op != OP_RESHAPE && node->op != OP_TRANSPOSE && node->op != OP_MAX_POOL)
            return NULL;
    }
}

/* The codes that a matrix layer reads. Values that were only moved since they were dequantised lie
 * on the same grid, so that quantising them again is exact. */
static enum status input_codes(struct lowering *lowering, int x, int *codes) {
    struct graph *graph = lowering->graph;
    const struct quantisation *quant = grid_of(graph, x, codes);
    if (quant == NULL)
        return IMPORT_FAIL(lowering->importer, "its input is not quantised though the model is: "
                                               "quantise every matrix layer (QDQ form), or none");
    if (*codes >= 0)
        return STATUS_OK;
    struct tensor tensor = graph->tensors[x];
    tensor.type = TENSOR_U8;
    tensor.quant = *quant;
    *codes = graph_add_tensor(graph, &tensor);
    if (*codes < 0)
        return IMPORT_MEMORY(lowering->importer);
    struct node node = {
        .op = OP_QUANTIZE, .name = graph->tensors[x].name, .output = *codes, .matrix = -1};
    return graph_add_node(graph, &node, &x, 1) < 0 ? IMPORT_MEMORY(lowering->importer) : STATUS_OK;
}

/* Follows the output of `node` through Relu and Clip to QuantizeLinear. Without one at the end,
 * nothing is absorbed and the layer's output is float. */
static void find_output(struct lowering *lowering, const struct node *node,
                        struct matrix_output *output) {
    struct chain chain = chain_follow(lowering->nodes, &lowering->readers, node->output);
    int last = reader_alone(&lowering->readers, chain.end);
    *output = (struct matrix_output){.tensor = node->output};
    if (last < 0 || lowering->nodes[last].op != OP_QUANTIZE)
        return;
    chain_mark(lowering->nodes, &lowering->readers, node->output, chain.end, lowering->absorbed);
    lowering->absorbed[last] = true;
    *output = (struct matrix_output){.tensor = lowering->nodes[last].output,
                                     .quantised = true,
                                     .low = chain.low,
                                     .high = chain.high};
}

static enum status lower_linear(struct lowering *lowering, const struct node *node) {
    struct importer *importer = lowering->importer;
    const struct linear_draft *draft = &importer->linear[node->matrix];
    struct network *network = importer->network;
    importer->current = draft->source;
    if (draft->codes == NULL)
        return IMPORT_FAIL(importer, "its weights are not quantised though the model is: quantise "
                                     "every matrix layer (QDQ form), or none");
    int codes;
    struct matrix_output output;
    TRY(input_codes(lowering, node->inputs[0], &codes));
    find_output(lowering, node, &output);
    struct matrix_layer *layer = &network->matrix[network->n_matrix];
    layer->input = lowering->graph->tensors[codes].quant;
    if (output.quantised)
        layer->output = lowering->graph->tensors[output.tensor].quant;
    TRY(lower_layer(importer, draft, &output, layer));
    struct node lowered = {.op = OP_MATRIX,
                           .name = node->name,
                           .output = output.tensor,
                           .matrix = network->n_matrix++};
    return graph_add_node(lowering->graph, &lowered, &codes, 1) < 0 ? IMPORT_MEMORY(importer)
                                                                    : STATUS_OK;
}

/* Writes the node list anew, matrix layers in the place of what they absorb. */
static enum status lower_nodes(struct lowering *lowering) {
    struct graph *graph = lowering->graph;
    int n_nodes = graph->n_nodes;
    lowering->nodes = graph->nodes;
    graph->nodes = NULL;
    graph->n_nodes = graph->node_capacity = 0;
    for (int i = 0; i < n_nodes; i++) {
        const struct node *node = &lowering->nodes[i];
        if (lowering->absorbed[i])
            continue;
        if (node->op == OP_CONV || node->op == OP_GEMM)
            TRY(lower_linear(lowering, node));
        else if (graph_add_node(graph, node, node->inputs, node->n_inputs) < 0)
            return IMPORT_MEMORY(lowering->importer);
    }
    lowering->importer->current = NULL;
    return STATUS_OK;
}

static enum status lower_quantised(struct importer *importer) {
    struct graph *graph = &importer->graph;
    struct network *network = importer->network;
    struct lowering lowering = {.importer = importer, .graph = graph};
    lowering.absorbed = ARENA_NEW(&importer->scratch, graph->n_nodes, bool);
    network->matrix = ARENA_NEW(&network->arena, importer->n_linear, struct matrix_layer);
    if (lowering.absorbed == NULL || network->matrix == NULL ||
        !readers_find(&lowering.readers, graph->nodes, graph->n_nodes, graph->n_tensors,
                      graph->output, &importer->scratch))
        return IMPORT_MEMORY(importer);
    network->quantised = true;
    return lower_nodes(&lowering);
}

enum status lower(struct importer *importer) {
    return is_quantised(&importer->graph) ? lower_quantised(importer) : finish_float(importer);
}
