#include "tests/support/layer_builder.h"

#include <stdio.h>

#include "peripherals/adc.h"
#include "tests/support/random.h"
#include "tests/test.h"

static int out_size(const struct matrix_shape *s, int axis, int in) {
    const struct window *w = &s->window;
    int span = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    return (in + w->pad_begin[axis] + w->pad_end[axis] - span) / w->stride[axis] + 1;
}

struct matrix_shape dense_shape(int inputs, int outputs) {
    return (struct matrix_shape){
        .fully_connected = true,
        .in_channels = inputs,
        .in_height = 1,
        .in_width = 1,
        .out_channels = outputs,
        .out_height = 1,
        .out_width = 1,
        .groups = 1,
        .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}};
}

void build_layer(struct built_layer *built, struct matrix_shape shape, int weight_bits,
                 int zero_share, uint64_t seed) {
    struct test_random random = {seed};
    *built = (struct built_layer){0};
    shape.out_height = out_size(&shape, 0, shape.in_height);
    shape.out_width = out_size(&shape, 1, shape.in_width);
    int rows = matrix_rows(&shape), n = shape.out_channels, top = (1 << (weight_bits - 1)) - 1;
    int16_t *weights = ARENA_NEW(&built->arena, rows * n, int16_t);
    float *scale = ARENA_NEW(&built->arena, n, float);
    float *multiplier = ARENA_NEW(&built->arena, n, float);
    int64_t *bias = ARENA_NEW(&built->arena, n, int64_t);
    for (int i = 0; i < rows * n; i++) {
        int w = (int)test_random_below(&random, (uint32_t)(2 * top + 1)) - top;
        weights[i] = (int16_t)(test_random_below(&random, 8) < (uint32_t)zero_share ? 0 : w);
    }
    for (int i = 0; i < n; i++) {
        bias[i] = (int64_t)test_random_below(&random, 20001) - 10000;
        scale[i] = 0.01F + 0.001F * (float)i;
        multiplier[i] = 0.0007F + 0.0001F * (float)i;
    }
    built->layer = (struct matrix_layer){
        .name = "layer",
        .shape = shape,
        .weight_bits = weight_bits,
        .weights = weights,
        .weight_scale = scale,
        .bias = bias,
        .input = {.scale = 0.02F, .zero_point = 3, .bits = 8},
        .quantised_output = true,
        .output = {.scale = 0.1F, .zero_point = 17, .bits = 8},
        .low = 17,
        .high = 250,
        .multiplier = multiplier,
    };
    built->network.matrix = &built->layer;
    built->network.n_matrix = 1;
    built->network.quantised = true;
}

void map_layer_as(struct built_layer *built, const char *const *settings) {
    static const struct config_section *const sections[] = {&crossbar_section, &mapping_section,
                                                            &dac_section, &adc_section};
    struct diagnostic diag = {0};
    struct config *config;
    ASSERT_OK(config_create(sections, sizeof sections / sizeof *sections, &config, &diag), diag);
    for (; *settings != NULL; settings++)
        ASSERT_OK(config_override(config, *settings, &diag), diag);
    ASSERT_OK(config_finish(config, &diag), diag);
    mapping_free(&built->mapping);
    ASSERT_OK(mapping_create(&built->network, config, &built->mapping, &diag), diag);
    config_free(config);
}

void free_layer(struct built_layer *built) {
    mapping_free(&built->mapping);
    arena_free(&built->arena);
}
