/* What one inference does: actions by kind. docs/cost.md lists what each one counts. */
#include "sim/cost/cost_internal.h"

int array_columns(const struct mapped_layer *mapped) {
    return mapped->crossbar.columns + (mapped->encoding.unit_column ? 1 : 0);
}

/* Bits of one value that a layer writes; results that stay real numbers leave as whole words. */
static int output_bits(const struct chip *chip, const struct matrix_layer *layer) {
    return layer->quantised_output ? layer->output.bits : chip->activation_bits;
}

struct layer_actions count_layer_actions(const struct chip *chip, const struct mapped_layer *mapped,
                                         double activity) {
    const struct matrix_layer *layer = mapped->layer;
    const struct matrix_shape *shape = &layer->shape;
    double positions = (double)matrix_positions(shape);
    double reads = positions * mapped->cycles; /* of each array */
    double rows = (double)mapped->sums.rows, columns = (double)mapped->sums.columns_used;
    double cells = (double)mapped->sums.cells_used, sums = (double)mapped->sums.filters;
    double whole_array = (double)mapped->crossbar.rows * array_columns(mapped);
    double input_bits = positions * matrix_rows(shape) * shape->groups * layer->input.bits;
    double results = positions * shape->out_channels;
    double result_bits = results * output_bits(chip, layer);

    struct layer_actions counted = {.buffer_writes = result_bits};
    double *actions = counted.all;
    actions[ACTION_ARRAY_READ] = reads * cells / whole_array * activity;
    actions[ACTION_ROW_DRIVE] = reads * rows * activity;
    actions[ACTION_SAMPLE] = reads * columns;
    actions[ACTION_CONVERSION] = reads * columns;
    actions[ACTION_SHIFT_ADD] = reads * columns;
    actions[ACTION_PARTIAL_SUM] = positions * (sums - mapped->filters_mapped);
    actions[ACTION_INPUT_BIT] = positions * rows * layer->input.bits;
    actions[ACTION_OUTPUT_BIT] = positions * sums * chip->activation_bits;
    actions[ACTION_BUFFER_BIT] = input_bits + result_bits;
    actions[ACTION_BUS_BIT] = input_bits + result_bits;
    actions[ACTION_ROUTER_BIT] = result_bits;
    actions[ACTION_ACTIVATION] = results;
    return counted;
}

/* Taps of a window that fall on real values, summed over all output positions of one dimension. */
static double taps(const struct window *window, int dimension, int in, int out) {
    double count = 0;
    for (int o = 0; o < out; o++)
        for (int k = 0; k < window->kernel[dimension]; k++) {
            long at = (long)o * window->stride[dimension] - window->pad_begin[dimension] +
                      (long)k * window->dilation[dimension];
            count += at >= 0 && at < in;
        }
    return count;
}

/* Activations are [1, channels, height, width], or [1, channels, width]. */
static double window_values(const struct window *window, const struct tensor *in,
                            const struct tensor *out) {
    if (in->rank < 3 || out->rank != in->rank)
        return 0;
    int last = in->rank - 1;
    double values = in->shape[1] * taps(window, 1, in->shape[last], out->shape[last]);
    return in->rank == 3 ? values
                         : values * taps(window, 0, in->shape[last - 1], out->shape[last - 1]);
}

double count_pool_actions(const struct network *network) {
    double actions = 0;
    for (int i = 0; i < network->n_nodes; i++) {
        const struct node *node = &network->nodes[i];
        if (node->op == OP_MAX_POOL || node->op == OP_AVERAGE_POOL)
            actions += window_values(&node->window, &network->tensors[node->inputs[0]],
                                     &network->tensors[node->output]);
        else if (node->op == OP_GLOBAL_AVERAGE_POOL)
            actions += (double)network->tensors[node->inputs[0]].count;
    }
    return actions;
}

double count_link_bits(const struct chip *chip, const struct network *network) {
    const struct tensor *in = &network->tensors[network->input];
    const struct tensor *out = &network->tensors[network->output];
    int in_bits = in->type == TENSOR_U8 ? in->quant.bits : network->matrix[0].input.bits;
    int out_bits = out->type == TENSOR_U8 ? out->quant.bits : chip->activation_bits;
    return (double)in->count * in_bits + (double)out->count * out_bits;
}
