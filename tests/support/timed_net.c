#include "tests/support/timed_net.h"

#include <stdio.h>

#include "tests/support/layer_builder.h"
#include "tests/test.h"

static const struct config_section *const sections[] = {
    &adc_section, &dac_section, &chip_section, &mapping_section, &crossbar_section,
};

static int new_bytes(struct timed_net *timed, int channels, int rows, int columns) {
    char shape[64];
    snprintf(shape, sizeof shape, "1x%dx%dx%d", channels, rows, columns);
    return net_bytes(&timed->net, shape, 1, 0);
}

void timed_open(struct timed_net *timed, const char *input_shape) {
    *timed = (struct timed_net){0};
    net_open(&timed->net, input_shape);
    struct tensor *input = &timed->net.tensors[0];
    timed->net.network.quantised = true;
    input->type = TENSOR_U8;
    input->quant = (struct quantisation){1, 0, 8};
}

static int add_layer(struct timed_net *timed, const struct matrix_shape *shape, int input,
                     int output) {
    struct node *node = net_node(&timed->net, OP_MATRIX, input, -1, output);
    node->matrix = net_matrix(&timed->net, shape, input, output);
    timed->net.matrix[node->matrix].node = (int)(node - timed->net.nodes);
    return output;
}

int timed_conv(struct timed_net *timed, int input, int filters, int kernel, int stride) {
    const struct tensor *in = &timed->net.tensors[input];
    int pad = kernel / 2;
    struct matrix_shape shape = {
        .in_channels = in->shape[1],
        .in_height = in->shape[2],
        .in_width = in->shape[3],
        .out_channels = filters,
        .out_height = (in->shape[2] + 2 * pad - kernel) / stride + 1,
        .out_width = (in->shape[3] + 2 * pad - kernel) / stride + 1,
        .groups = 1,
        .window = {.kernel = {kernel, kernel},
                   .stride = {stride, stride},
                   .dilation = {1, 1},
                   .pad_begin = {pad, pad},
                   .pad_end = {pad, pad}},
    };
    return add_layer(timed, &shape, input,
                     new_bytes(timed, filters, shape.out_height, shape.out_width));
}

int timed_product(struct timed_net *timed, int input, int columns) {
    char text[64];
    struct matrix_shape shape = dense_shape(timed->net.tensors[input].shape[1], columns);
    snprintf(text, sizeof text, "1x%d", columns);
    return add_layer(timed, &shape, input, net_bytes(&timed->net, text, 1, 0));
}

int timed_pool(struct timed_net *timed, int input, int size) {
    const struct tensor *in = &timed->net.tensors[input];
    int output = new_bytes(timed, in->shape[1], in->shape[2] / size, in->shape[3] / size);
    struct node *node = net_node(&timed->net, OP_MAX_POOL, input, -1, output);
    node->window =
        (struct window){.kernel = {size, size}, .stride = {size, size}, .dilation = {1, 1}};
    return output;
}

int timed_add(struct timed_net *timed, int a, int b) {
    const struct tensor *in = &timed->net.tensors[a];
    int output = new_bytes(timed, in->shape[1], in->shape[2], in->shape[3]);
    net_node(&timed->net, OP_ADD, a, b, output);
    return output;
}

int timed_flatten(struct timed_net *timed, int input) {
    char text[64];
    snprintf(text, sizeof text, "1x%zu", timed->net.tensors[input].count);
    int output = net_bytes(&timed->net, text, 1, 0);
    net_node(&timed->net, OP_RESHAPE, input, -1, output);
    return output;
}

void timed_residual(struct timed_net *timed) {
    timed_open(timed, "1x3x6x5");
    int first = timed_conv(timed, 0, 37, 3, 1);
    int second = timed_conv(timed, first, 37, 3, 1);
    int map = timed_pool(timed, timed_add(timed, second, first), 2);
    timed_product(timed, timed_flatten(timed, map), 10);
}

void timed_map(struct timed_net *timed, const char *preset, const char *const *settings) {
    struct diagnostic diag = {0};
    ASSERT_OK(config_create(sections, sizeof sections / sizeof *sections, &timed->config, &diag),
              diag);
    for (; settings != NULL && *settings != NULL; settings++)
        ASSERT_OK(config_override(timed->config, *settings, &diag), diag);
    ASSERT_OK(chip_load(preset, &timed->chip, &diag), diag);
    ASSERT_OK(mapping_create(&timed->net.network, timed->config, &timed->mapping, &diag), diag);
    for (int i = 0; i < timed->mapping.n_layers; i++)
        timed->layers[i].adc_bits = timed->chip.adc_bits;
}

struct cost_inputs timed_inputs(const struct timed_net *timed) {
    return (struct cost_inputs){.chip = &timed->chip,
                                .network = &timed->net.network,
                                .mapping = &timed->mapping,
                                .layers = timed->layers,
                                .config = timed->config,
                                .plan = timed->plan};
}

const struct cost_report *timed_estimate(struct timed_net *timed) {
    struct diagnostic diag = {0};
    const struct cost_inputs inputs = timed_inputs(timed);
    cost_report_free(&timed->report);
    ASSERT_OK(cost_estimate(&inputs, &timed->report, &diag), diag);
    return &timed->report;
}

void timed_close(struct timed_net *timed) {
    cost_report_free(&timed->report);
    mapping_free(&timed->mapping);
    chip_free(&timed->chip);
    config_free(timed->config);
    net_close(&timed->net);
    *timed = (struct timed_net){0};
}
