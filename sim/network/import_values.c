#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "sim/network/import.h"

const char *import_printable(struct importer *importer, const char *text) {
    char *copy = arena_strdup(&importer->network->arena, text);
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    return copy;
}

static enum status add_value(struct importer *importer, const char *name, int producer, int slot,
                             int *index) {
    if (!names_add(&importer->names, name, importer->n_values))
        return IMPORT_FAIL(importer,
                           "tensor '%s' is defined twice: the model is not valid, export it again",
                           import_printable(importer, name));
    importer->values[importer->n_values] = (struct value){
        .name = name, .producer = producer, .output_slot = slot, .alias = -1, .tensor = -1};
    *index = importer->n_values++;
    return STATUS_OK;
}

static enum status count_values(struct importer *importer, size_t *count) {
    const Onnx__GraphProto *graph = importer->proto;
    *count = graph->n_initializer + graph->n_input;
    size_t inputs = 0;
    for (size_t i = 0; i < graph->n_node; i++) {
        *count += graph->node[i]->n_output;
        inputs += graph->node[i]->n_input;
    }
    if (*count > INT_MAX / 2 || inputs > INT_MAX / 2 || graph->n_node > INT_MAX / 2)
        return IMPORT_FAIL(importer, "the graph has too many nodes");
    return STATUS_OK;
}

static enum status add_initializers(struct importer *importer) {
    for (size_t i = 0; i < importer->proto->n_initializer; i++) {
        const Onnx__TensorProto *tensor = importer->proto->initializer[i];
        int index = -1;
        TRY(add_value(importer, tensor->name, -1, 0, &index));
        importer->values[index].initializer = tensor;
    }
    return STATUS_OK;
}

/* Fills in the node but for its inputs, whose names may be defined further down in the file. */
static enum status add_node(struct importer *importer, const Onnx__NodeProto *proto,
                            struct names *labels) {
    int index = importer->n_nodes;
    struct import_node *node = &importer->nodes[index];
    node->proto = proto;
    node->output = -1;
    /* Per-layer results go by node name, so a name given twice yields to the output's. */
    const char *label = proto->name;
    if (label[0] == '\0' || !names_add(labels, label, index))
        label = proto->n_output > 0 && proto->output[0][0] != '\0' ? proto->output[0] : "?";
    node->label = import_printable(importer, label);
    if (node->label == NULL)
        return IMPORT_MEMORY(importer);
    importer->current = node;
    importer->n_nodes++;
    if (proto->n_output == 0)
        return IMPORT_FAIL(importer, "the node has no output: export the model again");
    for (size_t slot = 0; slot < proto->n_output; slot++) {
        int value = -1;
        if (proto->output[slot][0] == '\0')
            continue;
        TRY(add_value(importer, proto->output[slot], index, (int)slot, &value));
        if (slot == 0)
            node->output = value;
    }
    return STATUS_OK;
}

static enum status resolve_inputs(struct importer *importer, struct import_node *node) {
    const Onnx__NodeProto *proto = node->proto;
    importer->current = node;
    node->n_inputs = (int)proto->n_input;
    while (node->n_inputs > 0 && proto->input[node->n_inputs - 1][0] == '\0')
        node->n_inputs--;
    node->inputs = ARENA_NEW(&importer->scratch, node->n_inputs, int);
    if (node->inputs == NULL)
        return IMPORT_MEMORY(importer);
    for (int i = 0; i < node->n_inputs; i++) {
        node->inputs[i] = -1;
        if (proto->input[i][0] == '\0')
            continue;
        node->inputs[i] = names_find(&importer->names, proto->input[i]);
        if (node->inputs[i] < 0)
            return IMPORT_FAIL(importer,
                               "input '%s' is defined nowhere in the file: export the model again",
                               import_printable(importer, proto->input[i]));
    }
    return STATUS_OK;
}

static enum status find_output(struct importer *importer) {
    importer->current = NULL;
    if (importer->proto->n_output != 1)
        return IMPORT_FAIL(importer,
                           "the graph has %zu outputs: export a model with one, the class scores",
                           importer->proto->n_output);
    const char *name = importer->proto->output[0]->name;
    importer->output = names_find(&importer->names, name);
    if (importer->output < 0)
        return IMPORT_FAIL(importer, "output '%s' is computed by no node: export the model again",
                           import_printable(importer, name));
    return STATUS_OK;
}

enum status import_values(struct importer *importer) {
    const Onnx__GraphProto *graph = importer->proto;
    struct arena *scratch = &importer->scratch;
    struct names labels = {0};
    size_t count;
    TRY(count_values(importer, &count));
    importer->values = ARENA_NEW(scratch, count, struct value);
    importer->nodes = ARENA_NEW(scratch, graph->n_node, struct import_node);
    if (importer->values == NULL || importer->nodes == NULL ||
        !names_init(&importer->names, count, scratch) ||
        !names_init(&labels, graph->n_node, scratch))
        return IMPORT_MEMORY(importer);
    TRY(add_initializers(importer));
    TRY(import_input(importer));
    for (size_t i = 0; i < graph->n_node; i++)
        TRY(add_node(importer, graph->node[i], &labels));
    for (int i = 0; i < importer->n_nodes; i++)
        TRY(resolve_inputs(importer, &importer->nodes[i]));
    return find_output(importer);
}
