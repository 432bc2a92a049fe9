#include "sim/network/export.h"

#include <stdlib.h>
#include <string.h>

#include "sim/network/dequantise.h"
#include "sim/network/onnx_file.h"

enum { TYPE_FLOAT = 1, TYPE_INT64 = 7 }; /* TensorProto.DataType */
enum { FREE_INITIALIZERS = 4 }; /* first IR version whose initializers need not be graph inputs */

struct export {
    const char *path;
    Onnx__ModelProto *model;
    Onnx__GraphProto *graph;
    struct arena arena;
    Onnx__NodeProto **layers; /* [n_linear] once export_layers is through */
    struct diagnostic *diag;  /* of the running call */
};

#define EXPORT_MEMORY(file) FAIL_MEMORY((file)->diag, "the exported model")

enum status export_open(const char *path, enum network_as as, struct export **file,
                        struct diagnostic *diag) {
    struct onnx_file read;
    *file = calloc(1, sizeof **file);
    if (*file == NULL)
        return FAIL_MEMORY(diag, "the exported model");
    (*file)->path = arena_strdup(&(*file)->arena, path);
    enum status status = (*file)->path != NULL ? onnx_read(path, &(*file)->arena, &read, diag)
                                               : FAIL_MEMORY(diag, "the exported model");
    if (status == STATUS_OK && as == NETWORK_AS_FLOAT)
        status = onnx_dequantise(read.model->graph, &(*file)->arena, diag);
    if (status != STATUS_OK) {
        export_close(*file);
        *file = NULL;
        return status;
    }
    (*file)->model = read.model;
    (*file)->graph = read.model->graph;
    return STATUS_OK;
}

void export_close(struct export *file) {
    if (file == NULL)
        return;
    arena_free(&file->arena);
    free(file);
}

/* --- names and who reads them --- */

static int reads(const struct export *file, const char *name) {
    int count = 0;
    for (size_t i = 0; i < file->graph->n_node; i++)
        for (size_t k = 0; k < file->graph->node[i]->n_input; k++)
            count += strcmp(file->graph->node[i]->input[k], name) == 0;
    for (size_t i = 0; i < file->graph->n_output; i++)
        count += strcmp(file->graph->output[i]->name, name) == 0;
    return count;
}

static Onnx__TensorProto *initializer(const struct export *file, const char *name) {
    for (size_t i = 0; i < file->graph->n_initializer; i++)
        if (strcmp(file->graph->initializer[i]->name, name) == 0)
            return file->graph->initializer[i];
    return NULL;
}

static bool is_input(const struct export *file, const char *name) {
    for (size_t i = 0; i < file->graph->n_input; i++)
        if (strcmp(file->graph->input[i]->name, name) == 0)
            return true;
    return false;
}

static bool is_defined(const struct export *file, const char *name) {
    if (initializer(file, name) != NULL || is_input(file, name))
        return true;
    for (size_t i = 0; i < file->graph->n_node; i++)
        for (size_t k = 0; k < file->graph->node[i]->n_output; k++)
            if (strcmp(file->graph->node[i]->output[k], name) == 0)
                return true;
    return false;
}

/* `stem`, or the first of stem_1, stem_2... that nothing is called yet; NULL on short memory. */
static char *free_name(struct export *file, const char *stem) {
    char *name = arena_strdup(&file->arena, stem);
    for (int n = 1; name != NULL && is_defined(file, name); n++)
        name = arena_printf(&file->arena, "%s_%d", stem, n);
    return name;
}

/* Array `list` of `n` pointers with room for one more; NULL on short memory. */
static void *grown(struct export *file, const void *list, size_t n) {
    void **fresh = ARENA_NEW(&file->arena, n + 1, void *);
    if (fresh != NULL && n > 0)
        memcpy(fresh, list, n * sizeof *fresh);
    return fresh;
}

/* --- tensors --- */

/* Makes `tensor` hold these floats and nothing else; the values are copied. */
static enum status fill(struct export *file, Onnx__TensorProto *tensor, const float *values,
                        size_t n_dims, const int64_t *dims, size_t count) {
    char *name = tensor->name;
    int64_t *own_dims = ARENA_NEW(&file->arena, n_dims, int64_t);
    float *own = ARENA_NEW(&file->arena, count, float);
    if (own == NULL || own_dims == NULL)
        return EXPORT_MEMORY(file);
    memcpy(own, values, count * sizeof *own);
    for (size_t d = 0; d < n_dims; d++)
        own_dims[d] = dims[d];
    onnx__tensor_proto__init(tensor);
    tensor->name = name;
    tensor->data_type = TYPE_FLOAT;
    tensor->n_dims = n_dims;
    tensor->dims = own_dims;
    tensor->raw_data.data = (uint8_t *)own;
    tensor->raw_data.len = count * sizeof *own;
    return STATUS_OK;
}

static enum status add_initializer(struct export *file, char *name, Onnx__TensorProto **tensor) {
    Onnx__GraphProto *graph = file->graph;
    Onnx__TensorProto **list = grown(file, graph->initializer, graph->n_initializer);
    *tensor = ARENA_NEW(&file->arena, 1, Onnx__TensorProto);
    if (list == NULL || *tensor == NULL || name == NULL)
        return EXPORT_MEMORY(file);
    onnx__tensor_proto__init(*tensor);
    (*tensor)->name = name;
    list[graph->n_initializer] = *tensor;
    graph->initializer = list;
    graph->n_initializer++;
    return STATUS_OK;
}

/* Removes what computes or holds `name` where nothing reads it any more, and so on upwards. */
static void release(struct export *file, const char *name) {
    Onnx__GraphProto *graph = file->graph;
    if (name[0] == '\0' || reads(file, name) > 0)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (strcmp(graph->initializer[i]->name, name) != 0)
            graph->initializer[kept++] = graph->initializer[i];
    graph->n_initializer = kept;
    for (size_t i = 0; i < graph->n_node; i++) {
        Onnx__NodeProto *node = graph->node[i];
        if (node->n_output != 1 || strcmp(node->output[0], name) != 0)
            continue;
        memmove(&graph->node[i], &graph->node[i + 1], (graph->n_node - i - 1) * sizeof node);
        graph->n_node--;
        for (size_t k = 0; k < node->n_input; k++)
            release(file, node->input[k]);
        return;
    }
}

/* Makes input `slot` of a node an initializer of these values that only it reads. */
static enum status set_input(struct export *file, Onnx__NodeProto *node, size_t slot,
                             const char *stem, const float *values, size_t n_dims,
                             const int64_t *dims) {
    bool present = slot < node->n_input && node->input[slot][0] != '\0';
    char *old = present ? node->input[slot] : NULL;
    Onnx__TensorProto *tensor = present ? initializer(file, old) : NULL;
    size_t count = 1;
    for (size_t d = 0; d < n_dims; d++)
        count *= (size_t)dims[d];
    if (tensor != NULL && reads(file, old) == 1)
        return fill(file, tensor, values, n_dims, dims, count);
    static char none[] = "";
    while (node->n_input <= slot) {
        char **list = grown(file, node->input, node->n_input);
        if (list == NULL)
            return EXPORT_MEMORY(file);
        list[node->n_input++] = none;
        node->input = list;
    }
    node->input[slot] = none;
    if (present)
        release(file, old);
    TRY(add_initializer(file, free_name(file, present ? old : stem), &tensor));
    node->input[slot] = tensor->name;
    return fill(file, tensor, values, n_dims, dims, count);
}

/* --- layers --- */

static bool is_a(const Onnx__NodeProto *node, const char *type) {
    return strcmp(node->op_type, type) == 0;
}

static int64_t attribute(const Onnx__NodeProto *node, const char *name) {
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(node->attribute[i]->name, name) == 0)
            return node->attribute[i]->i;
    return 0;
}

/* Of an attribute that is there; one that is not is 1 and stays so. */
static void set_attribute(Onnx__NodeProto *node, const char *name, int64_t value) {
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(node->attribute[i]->name, name) == 0)
            node->attribute[i]->i = value;
}

static void drop_attribute(Onnx__NodeProto *node, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(node->attribute[i]->name, name) != 0)
            node->attribute[kept++] = node->attribute[i];
    node->n_attribute = kept;
}

/* A layer's weights in the file: those of a convolution have the rank of its input. */
static struct export_weights describe(const Onnx__NodeProto *node, const struct network *network,
                                      int index) {
    const struct linear_layer *layer = &network->linear[index];
    const struct matrix_shape *s = &layer->shape;
    const int *kernel = s->window.kernel;
    struct export_weights w = {.name = node->input[1], .rank = 2};
    size_t rows = (size_t)matrix_rows(s), out = (size_t)s->out_channels;
    w.transposed = is_a(node, "MatMul") || (is_a(node, "Gemm") && attribute(node, "transB") == 0);
    w.shape[0] = w.transposed ? rows : out;
    w.shape[1] = w.transposed ? out : rows;
    if (!is_a(node, "Conv"))
        return w;
    w.rank = network->tensors[network->nodes[layer->node].inputs[0]].rank;
    w.shape[1] = (size_t)(s->in_channels / s->groups);
    w.shape[2] = (size_t)kernel[w.rank == 3 ? 1 : 0]; /* of one dimension: its window is 1 high */
    w.shape[3] = (size_t)kernel[1];
    return w;
}

static enum status set_weights(struct export *file, Onnx__NodeProto *node,
                               const struct network *network, int index) {
    const struct linear_layer *layer = &network->linear[index];
    struct export_weights w = describe(node, network, index);
    size_t out = (size_t)layer->shape.out_channels, rows = (size_t)matrix_rows(&layer->shape);
    int64_t dims[NETWORK_MAX_RANK];
    const float *values = layer->weights;
    for (int d = 0; d < w.rank; d++)
        dims[d] = (int64_t)w.shape[d];
    if (w.transposed) {
        float *moved = ARENA_NEW(&file->arena, out * rows, float);
        if (moved == NULL)
            return EXPORT_MEMORY(file);
        for (size_t o = 0; o < out; o++)
            for (size_t r = 0; r < rows; r++)
                moved[r * out + o] = layer->weights[o * rows + r];
        values = moved;
    }
    return set_input(file, node, 1, "weight", values, (size_t)w.rank, dims);
}

static bool has_bias(const struct linear_layer *layer) {
    for (int o = 0; o < layer->shape.out_channels; o++)
        if (layer->bias[o] != 0)
            return true;
    return false;
}

/* y = x + bias in the place of a node that reads x, or behind a MatMul that had none. */
static enum status add_bias_node(struct export *file, Onnx__NodeProto *matmul,
                                 const struct linear_layer *layer) {
    static char type[] = "Add";
    Onnx__GraphProto *graph = file->graph;
    Onnx__NodeProto *node = ARENA_NEW(&file->arena, 1, Onnx__NodeProto);
    Onnx__NodeProto **list = grown(file, graph->node, graph->n_node);
    char **names = ARENA_NEW(&file->arena, 3, char *);
    const char *stem = arena_printf(&file->arena, "%s_product", matmul->output[0]);
    if (node == NULL || list == NULL || names == NULL || stem == NULL)
        return EXPORT_MEMORY(file);
    onnx__node_proto__init(node);
    node->op_type = type;
    node->name = arena_printf(&file->arena, "%s_bias", layer->name);
    names[0] = free_name(file, stem);
    names[1] = matmul->output[0];
    if (node->name == NULL || names[0] == NULL)
        return EXPORT_MEMORY(file);
    node->n_input = node->n_output = 1;
    node->input = &names[0];
    node->output = &names[1];
    matmul->output[0] = names[0];
    size_t at = 0;
    while (list[at] != matmul)
        at++;
    memmove(&list[at + 2], &list[at + 1], (graph->n_node - at - 1) * sizeof node);
    list[at + 1] = node;
    graph->node = list;
    graph->n_node++;
    const int64_t dims[] = {layer->shape.out_channels};
    return set_input(file, node, 1, "bias", layer->bias, 1, dims);
}

/* The folded node as Identity of the layer's output, or as the addition of its bias. */
static enum status unfold(struct export *file, Onnx__NodeProto *node, const char *output,
                          const struct linear_layer *layer, bool add) {
    static char add_type[] = "Add", identity[] = "Identity";
    char *kept = NULL, **inputs = node->input;
    size_t n = node->n_input;
    for (size_t k = 0; k < n; k++)
        if (strcmp(inputs[k], output) == 0)
            kept = inputs[k];
    char **own = ARENA_NEW(&file->arena, 2, char *);
    if (own == NULL)
        return EXPORT_MEMORY(file);
    own[0] = kept != NULL ? kept : inputs[0];
    node->op_type = add ? add_type : identity;
    node->n_attribute = 0;
    node->n_input = 1;
    node->input = own;
    for (size_t k = 0; k < n; k++)
        if (inputs[k] != own[0])
            release(file, inputs[k]);
    const int64_t dims[] = {layer->shape.out_channels};
    return add ? set_input(file, node, 1, "bias", layer->bias, 1, dims) : STATUS_OK;
}

static enum status set_layer(struct export *file, Onnx__NodeProto *const *nodes,
                             const struct network *network, int index) {
    const struct linear_layer *layer = &network->linear[index];
    Onnx__NodeProto *node = nodes[layer->source];
    const int64_t dims[] = {layer->shape.out_channels};
    const char *output = node->output[0];
    bool product = is_a(node, "MatMul"), added = false;
    TRY(set_weights(file, node, network, index));
    for (int i = 0; i < network->n_source; i++) {
        if (network->folded[i] != index + 1)
            continue;
        TRY(unfold(file, nodes[i], output, layer, product && !added));
        output = nodes[i]->output[0];
        added = true;
    }
    if (product)
        return added || !has_bias(layer) ? STATUS_OK : add_bias_node(file, node, layer);
    if (is_a(node, "Conv"))
        set_attribute(node, "group", layer->shape.groups);
    drop_attribute(node, "alpha");
    drop_attribute(node, "beta");
    bool present = node->n_input > 2 && node->input[2][0] != '\0';
    if (!present && !has_bias(layer))
        return STATUS_OK;
    const char *stem = arena_printf(&file->arena, "%s_bias", node->input[1]);
    return stem == NULL ? EXPORT_MEMORY(file)
                        : set_input(file, node, 2, stem, layer->bias, 1, dims);
}

/* A Reshape's target shape as the network has it now; the batch is what is left. */
static enum status set_target(struct export *file, Onnx__NodeProto *node,
                              const struct tensor *tensor) {
    Onnx__TensorProto *target;
    char *old = node->input[1];
    int64_t *dims = ARENA_NEW(&file->arena, tensor->rank, int64_t);
    int64_t *count = ARENA_NEW(&file->arena, 1, int64_t);
    static char none[] = "";
    if (dims == NULL || count == NULL)
        return EXPORT_MEMORY(file);
    for (int d = 0; d < tensor->rank; d++)
        dims[d] = d == 0 ? -1 : tensor->shape[d];
    *count = tensor->rank;
    node->input[1] = none;
    release(file, old);
    TRY(add_initializer(file, free_name(file, old), &target));
    node->input[1] = target->name;
    target->data_type = TYPE_INT64;
    target->n_dims = 1;
    target->dims = count;
    target->raw_data.data = (uint8_t *)dims;
    target->raw_data.len = (size_t)tensor->rank * sizeof *dims;
    return STATUS_OK;
}

/* What states shapes beside the layers: Reshapes, and types of tensors between nodes. */
static enum status set_shapes(struct export *file, const struct network *network) {
    onnx_forget_types(file->graph);
    for (size_t i = 0; i < file->graph->n_node; i++) {
        Onnx__NodeProto *node = file->graph->node[i];
        for (int t = 0; is_a(node, "Reshape") && t < network->n_tensors; t++)
            if (strcmp(network->tensors[t].name, node->output[0]) == 0 && node->n_input == 2)
                TRY(set_target(file, node, &network->tensors[t]));
    }
    return STATUS_OK;
}

enum status export_layers(struct export *file, const struct network *network,
                          struct diagnostic *diag) {
    file->diag = diag;
    if ((size_t)network->n_source != file->graph->n_node)
        return FAIL(diag, STATUS_USAGE, "%s changed while it was in use: try again", file->path);
    /* Nodes come and go; the layers' numbers refer to the list before. */
    Onnx__NodeProto **nodes = ARENA_NEW(&file->arena, network->n_source, Onnx__NodeProto *);
    file->layers = ARENA_NEW(&file->arena, network->n_linear, Onnx__NodeProto *);
    if (nodes == NULL || file->layers == NULL)
        return EXPORT_MEMORY(file);
    memcpy(nodes, file->graph->node, (size_t)network->n_source * sizeof *nodes);
    for (int i = 0; i < network->n_linear; i++) {
        file->layers[i] = nodes[network->linear[i].source];
        TRY(set_layer(file, nodes, network, i));
    }
    if (network->purified)
        TRY(set_shapes(file, network));
    if (file->model->ir_version < FREE_INITIALIZERS)
        file->model->ir_version = FREE_INITIALIZERS;
    return STATUS_OK;
}

struct export_weights export_weights_of(const struct export *file, const struct network *network,
                                        int layer) {
    const Onnx__NodeProto *node = file->layers != NULL
                                      ? file->layers[layer]
                                      : file->graph->node[network->linear[layer].source];
    return describe(node, network, layer);
}

enum status export_write(const struct export *file, const char *path, struct diagnostic *diag) {
    size_t bytes = onnx__model_proto__get_packed_size(file->model);
    uint8_t *data = malloc(bytes + 1);
    if (data == NULL)
        return FAIL_MEMORY(diag, "the exported model");
    onnx__model_proto__pack(file->model, data);
    enum status status = file_write(path, data, bytes, diag);
    free(data);
    return status;
}
