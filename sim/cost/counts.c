/* What one inference does: actions by kind. docs/cost.md lists what each one counts. */
#include "sim/cost/cost_internal.h"

int array_columns(const struct mapped_layer *mapped) {
    return mapped->crossbar.columns + (mapped->encoding.unit_column ? 1 : 0);
}

/* Bits of one value that a layer writes; results that stay real numbers leave as whole words. */
static int output_bits(const struct chip *chip, const struct matrix_layer *layer) {
    return layer->quantised_output ? layer->output.bits : chip->activation_bits;
}

struct drive drive_of(const struct mapped_layer *mapped, const struct layer_activity *measured,
                      double configured) {
    if (measured == NULL || measured->digits == 0)
        return (struct drive){.nonzero = configured, .digit = configured, .ones = 0.5};
    double digits = (double)measured->digits, top = (double)((1 << mapped->dac_bits) - 1);
    double values = digits / mapped->cycles;
    return (struct drive){.nonzero = (double)measured->digits_nonzero / digits,
                          .digit = (double)measured->digit_sum / (digits * top),
                          .ones = (double)measured->ones / (values * mapped->layer->input.bits)};
}

/* Charges that a wire draws for bits of which a share `ones` is 1, each by itself: a 0 and then a 1
 * in ones * (1 - ones) of the cases, against a quarter for random bits, of which figures are. */
static double wire_activity(double ones) {
    return 4 * ones * (1 - ones);
}

/* Drives and reads of cells go with the digits' values, so digits that are skipped, all 0, save
 * none of them. */
struct layer_actions count_layer_actions(const struct chip *chip, const struct mapped_layer *mapped,
                                         const struct drive *drive,
                                         const struct layer_reads *made) {
    const struct matrix_layer *layer = mapped->layer;
    const struct array_sums *sums = &mapped->sums;
    double positions = (double)matrix_positions(&layer->shape);
    double reads = positions * mapped->cycles; /* of each operation unit */
    double rows = (double)sums->rows_driven;
    double filters = (double)sums->partial_sums;
    double whole_array = (double)mapped->crossbar.rows * array_columns(mapped);
    double input_bits = mapped->values_read * layer->input.bits;
    double results = positions * layer->shape.out_channels;
    double result_bits = results * output_bits(chip, layer);

    struct layer_actions counted = {.buffer_writes = result_bits};
    double *actions = counted.all;
    actions[ACTION_ARRAY_READ] = reads * (double)sums->cells_read / whole_array * drive->digit;
    actions[ACTION_ROW_DRIVE] = reads * rows * drive->digit;
    actions[ACTION_SAMPLE] = made->conversions;
    actions[ACTION_CONVERSION] = made->conversions;
    actions[ACTION_SHIFT_ADD] = made->conversions;
    actions[ACTION_SIGN] = made->signs;
    actions[ACTION_SKIP] = made->rows;
    actions[ACTION_PARTIAL_SUM] = positions * (filters - mapped->filters_mapped);
    actions[ACTION_INPUT_BIT] = positions * rows * layer->input.bits;
    actions[ACTION_OUTPUT_BIT] = positions * filters * chip->activation_bits;
    actions[ACTION_BUFFER_BIT] = input_bits + result_bits;
    actions[ACTION_BUS_BIT] = input_bits * wire_activity(drive->ones) + result_bits;
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

void count_link_bits(const struct chip *chip, const struct network *network, double *image,
                     double *result) {
    const struct tensor *in = &network->tensors[network->input];
    const struct tensor *out = &network->tensors[network->output];
    int in_bits = in->type == TENSOR_U8 ? in->quant.bits : network->matrix[0].input.bits;
    int out_bits = out->type == TENSOR_U8 ? out->quant.bits : chip->activation_bits;
    *image = (double)in->count * in_bits;
    *result = (double)out->count * out_bits;
}
