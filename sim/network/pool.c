#include "sim/network/import.h"

static enum status import_pool(struct importer *importer, int x, struct node *node) {
    const struct tensor *tensor = &importer->graph.tensors[x];
    struct shape in = tensor_shape(tensor), out;
    TRY(import_window(importer, &in, NULL, &node->window, &out));
    const struct window *window = &node->window;
    for (int d = 0; d < 2; d++) {
        /* A window that lies in the padding alone has no maximum and no average. */
        int extent = (window->kernel[d] - 1) * window->dilation[d] + 1;
        if (window->pad_begin[d] >= extent || window->pad_end[d] >= extent)
            return IMPORT_FAIL(importer, "its pads are as large as its window: export the model "
                                         "again");
    }
    return output_node(importer, node, &x, 1, &out, tensor);
}

/* Monotonic, so codes may be pooled as well as reals. */
enum status import_max_pool(struct importer *importer) {
    int x;
    int64_t order;
    struct node node = {.op = OP_MAX_POOL};
    TRY(input_activation(importer, 0, &x));
    TRY(attribute_int(importer, "storage_order", 0, &order));
    if (order != 0)
        return IMPORT_FAIL(importer, "storage_order is not 0: export the model again");
    return import_pool(importer, x, &node);
}

/* True when ceil_mode made the end padding larger than the file says. */
static enum status pool_overhangs(struct importer *importer, const struct shape *in,
                                  const struct window *window, bool *overhangs) {
    const int64_t *pads;
    size_t n;
    int64_t ceil_mode;
    TRY(attribute_int(importer, "ceil_mode", 0, &ceil_mode));
    TRY(attribute_ints(importer, "pads", &pads, &n));
    int spatial = in->rank - 2;
    *overhangs = false;
    for (int i = 0; ceil_mode != 0 && i < spatial; i++) {
        int64_t given = n == 0 ? 0 : pads[spatial + i];
        *overhangs |= window->pad_end[2 - spatial + i] > given;
    }
    return STATUS_OK;
}

enum status import_average_pool(struct importer *importer) {
    int x;
    int64_t include_pad;
    bool overhangs;
    struct node node = {.op = OP_AVERAGE_POOL};
    TRY(input_float_activation(importer, 0, &x));
    TRY(attribute_int(importer, "count_include_pad", 0, &include_pad));
    node.window.count_include_pad = include_pad != 0;
    struct shape in = tensor_shape(&importer->graph.tensors[x]);
    TRY(import_pool(importer, x, &node));
    TRY(pool_overhangs(importer, &in, &node.window, &overhangs));
    /* ONNX runtimes disagree on the divisor of such a window. */
    if (overhangs && include_pad != 0)
        return IMPORT_FAIL(importer, "count_include_pad with a window that ceil_mode lets "
                                     "overhang is ambiguous: export with ceil_mode 0");
    return STATUS_OK;
}

enum status import_global_pool(struct importer *importer) {
    int x;
    struct node node = {.op = OP_GLOBAL_AVERAGE_POOL};
    TRY(input_float_activation(importer, 0, &x));
    struct shape shape = tensor_shape(&importer->graph.tensors[x]);
    if (shape.rank < 3 || shape.rank > 4)
        return IMPORT_FAIL(importer,
                           "its input has %d dimensions: mho takes (batch, channels, "
                           "width) or (batch, channels, height, width)",
                           shape.rank);
    for (int d = 2; d < shape.rank; d++)
        shape.dims[d] = 1;
    return output_node(importer, &node, &x, 1, &shape, NULL);
}
