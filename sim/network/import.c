#include "sim/network/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status import_fail(const struct importer *importer, const char *file, int line,
                        const char *format, ...) {
    char text[DIAGNOSTIC_LENGTH / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct import_node *node = importer->current;
    if (node == NULL)
        return diagnostic_set(importer->diag, STATUS_USAGE, file, line, "%s: %s", importer->path,
                              text);
    char type[32]; /* as written in the file, so made printable first */
    snprintf(type, sizeof type, "%s", node->proto->op_type);
    for (char *c = type; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    return diagnostic_set(importer->diag, STATUS_USAGE, file, line, "%s: node '%.160s' (%s): %s",
                          importer->path, node->label, type, text);
}

/* Before anything else, so that the first message is about the operator and not a consequence. */
static enum status check_operators(struct importer *importer) {
    for (int i = 0; i < importer->n_order; i++) {
        struct import_node *node = &importer->nodes[importer->order[i]];
        const char *domain = node->proto->domain;
        importer->current = node;
        node->row = operator_find(node->proto->op_type);
        if (node->row == NULL || (domain[0] != '\0' && strcmp(domain, "ai.onnx") != 0))
            return IMPORT_FAIL(importer,
                               "mho does not know this operator: export the network "
                               "without it (docs/models.md and man mho list those it knows)");
        if (node->n_inputs < node->row->min_inputs || node->n_inputs > node->row->max_inputs)
            return IMPORT_FAIL(importer,
                               "the node has %d inputs, not %d to %d: export the model "
                               "again",
                               node->n_inputs, node->row->min_inputs, node->row->max_inputs);
        for (int k = 0; k < node->row->min_inputs; k++)
            if (node->inputs[k] < 0)
                return IMPORT_FAIL(importer, "input %d is left out: export the model again", k);
        if (node->output < 0)
            return IMPORT_FAIL(importer, "the node has no first output: export the model again");
    }
    importer->current = NULL;
    return STATUS_OK;
}

static enum status import_one(struct importer *importer) {
    const struct import_node *node = importer->current;
    bool constant = true;
    for (int i = 0; i < node->n_inputs; i++) {
        int value = node->inputs[i];
        if (value >= 0 && importer->values[value].output_slot > 0)
            return IMPORT_FAIL(importer, "the node reads a further output of another node: mho "
                                         "has first outputs only, export for inference");
        constant = constant && (value < 0 || input_is_constant(importer, i));
    }
    if (!constant)
        return node->row->import(importer);
    if (node->row->evaluate == NULL)
        return IMPORT_FAIL(importer, "all inputs are constants: export with constant folding");
    return node->row->evaluate(importer);
}

/* A small file may ask for large constants again and again. */
static enum status check_memory(struct importer *importer) {
    if (importer->scratch.bytes + importer->network->arena.bytes > importer->memory_limit)
        return IMPORT_FAIL(importer,
                           "the constants computed up to here take %zu times the file's "
                           "size: export with constant folding",
                           importer->memory_limit / importer->file_bytes);
    return STATUS_OK;
}

static enum status import_nodes(struct importer *importer) {
    importer->linear = ARENA_NEW(&importer->scratch, importer->n_order, struct linear_draft);
    importer->folded = ARENA_NEW(&importer->network->arena, importer->n_nodes, int);
    if (importer->linear == NULL || importer->folded == NULL)
        return IMPORT_MEMORY(importer);
    importer->network->n_source = importer->n_nodes;
    importer->network->folded = importer->folded;
    for (int i = 0; i < importer->n_order; i++) {
        importer->current = &importer->nodes[importer->order[i]];
        TRY(import_one(importer));
        TRY(check_memory(importer));
    }
    importer->current = NULL;
    return STATUS_OK;
}

static enum status set_output(struct importer *importer) {
    const struct value *value = &importer->values[importer->output];
    while (value->alias >= 0)
        value = &importer->values[value->alias];
    if (value->tensor < 0 || value->output_slot > 0 || value->constant != NULL ||
        value->initializer != NULL)
        return IMPORT_FAIL(importer, "the output does not depend on the input: export the model "
                                     "again");
    const struct tensor *tensor = &importer->graph.tensors[value->tensor];
    if (tensor->type != TENSOR_FLOAT)
        return IMPORT_FAIL(importer,
                           "output '%s' is quantised: let the model end with a "
                           "DequantizeLinear",
                           tensor->name);
    if (value->tensor == importer->graph.input)
        return IMPORT_FAIL(importer, "the output is the input itself: export the model again");
    importer->graph.output = value->tensor;
    return STATUS_OK;
}

static enum status import(struct importer *importer) {
    TRY(import_read(importer));
    TRY(import_values(importer));
    TRY(import_order(importer));
    TRY(check_operators(importer));
    TRY(import_nodes(importer));
    TRY(set_output(importer));
    TRY(lower(importer));
    return graph_finish(&importer->graph, importer->diag);
}

enum status network_import(const char *path, struct network *network, struct diagnostic *diag) {
    return network_import_as(path, NETWORK_AS_MODEL, network, diag);
}

enum status network_import_as(const char *path, enum network_as as, struct network *network,
                              struct diagnostic *diag) {
    *network = (struct network){0};
    struct importer importer = {.path = path, .as = as, .network = network, .diag = diag};
    importer.graph.network = network;
    network->path = arena_strdup(&network->arena, path);
    enum status status = network->path == NULL ? IMPORT_MEMORY(&importer) : import(&importer);
    arena_free(&importer.scratch);
    if (status != STATUS_OK)
        network_free(network);
    return status;
}
