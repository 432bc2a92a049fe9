#include "tests/support/awkward_layers.h"

#include <math.h>
#include <stdlib.h>

#include "tests/support/random.h"
#include "tests/test.h"

const struct matrix_shape awkward_shapes[AWKWARD_SHAPES] = {
    /* An awkward convolution: asymmetric everything. */
    {.in_channels = 5,
     .in_height = 7,
     .in_width = 6,
     .out_channels = 11,
     .groups = 1,
     .window = {.kernel = {3, 2},
                .stride = {2, 1},
                .dilation = {1, 2},
                .pad_begin = {1, 2},
                .pad_end = {0, 1}}},
    /* Depthwise. */
    {.in_channels = 6,
     .in_height = 5,
     .in_width = 5,
     .out_channels = 6,
     .groups = 6,
     .window = {.kernel = {3, 3},
                .stride = {1, 1},
                .dilation = {1, 1},
                .pad_begin = {1, 1},
                .pad_end = {1, 1}}},
    /* Two groups, each too large for half an array of 37 rows. */
    {.in_channels = 10,
     .in_height = 4,
     .in_width = 4,
     .out_channels = 6,
     .groups = 2,
     .window = {.kernel = {2, 2}, .stride = {1, 1}, .dilation = {1, 1}}},
    /* Patches of exactly 64 bytes, whose runs are of 4. */
    {.in_channels = 4,
     .in_height = 6,
     .in_width = 7,
     .out_channels = 5,
     .groups = 1,
     .window = {.kernel = {4, 4},
                .stride = {1, 1},
                .dilation = {1, 1},
                .pad_begin = {1, 1},
                .pad_end = {1, 1}}},
    /* Fully connected, 90 rows. */
    {.fully_connected = true,
     .in_channels = 90,
     .in_height = 1,
     .in_width = 1,
     .out_channels = 19,
     .groups = 1,
     .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}},
    /* Fully connected at three positions. */
    {.fully_connected = true,
     .in_channels = 13,
     .in_height = 1,
     .in_width = 3,
     .out_channels = 4,
     .groups = 1,
     .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}},
};

void awkward_images(const struct matrix_shape *shape, uint8_t *x, uint64_t seed) {
    struct test_random random = {seed};
    int bytes = AWKWARD_IMAGES * shape->in_height * shape->in_width * shape->in_channels;
    for (int i = 0; i < bytes; i++)
        x[i] = (uint8_t)(test_random_below(&random, 3) == 0 ? 0 : test_random_below(&random, 256));
}

void awkward_run(const struct built_layer *built, struct engine_layer *how, const uint8_t *x,
                 uint8_t *y, struct layer_activity *activity) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct matrix_executor *e;
    ASSERT_OK(matrix_executor_create(&built->layer, how == NULL ? NULL : &built->mapping.layers[0],
                                     how, simd_choose(), &arena, &e, &diag),
              diag);
    void *workspace = aligned_alloc(64, matrix_executor_workspace(e, AWKWARD_IMAGES));
    matrix_executor_run(e, 0, AWKWARD_IMAGES, x, y, workspace, activity);
    free(workspace);
    arena_free(&arena);
}

int awkward_input_bytes(const struct matrix_shape *s) {
    return s->in_height * s->in_width * s->in_channels;
}

int awkward_output_count(const struct matrix_shape *s) {
    return s->out_height * s->out_width * s->out_channels;
}

uint8_t awkward_requantised(const struct matrix_layer *layer, int64_t sum, int filter) {
    int rows = matrix_rows(&layer->shape);
    for (int r = 0; r < rows; r++)
        sum -= (int64_t)layer->input.zero_point * layer->weights[filter * rows + r];
    float q = rintf((float)(sum + layer->bias[filter]) * layer->multiplier[filter]) +
              (float)layer->output.zero_point;
    return (uint8_t)fminf(fmaxf(q, (float)layer->low), (float)layer->high);
}

int awkward_wrong(const struct built_layer *b, const struct slow_crossbar *xbar, const uint8_t *x,
                  const uint8_t *y) {
    const struct matrix_shape *s = &b->layer.shape;
    int wrong = 0;
    for (int image = 0; image < AWKWARD_IMAGES; image++, x += awkward_input_bytes(s))
        for (int at = 0; at < s->out_height * s->out_width; at++)
            for (int f = 0; f < s->out_channels; f++) {
                int64_t sum = slow_mapped_sum(&b->mapping.layers[0], xbar, x, f, at / s->out_width,
                                              at % s->out_width);
                wrong += *y++ != awkward_requantised(&b->layer, sum, f);
            }
    return wrong;
}

int awkward_limited(const struct built_layer *b, struct slow_crossbar xbar, uint64_t seed,
                    uint8_t *y) {
    static uint8_t x[AWKWARD_BYTES];
    xbar.weight_bits = xbar.activation_bits = 8;
    xbar.cell_bits = 2;
    xbar.dac_bits = 1;
    struct engine_layer how = {.adc_bits = xbar.adc_bits,
                               .choice = xbar.transfer == SLOW_FULL_RANGE ? ADC_TRANSFER_FULL_RANGE
                                                                          : ADC_TRANSFER_CLIP,
                               .bound = (int64_t)xbar.nominal_rows * 3};
    awkward_images(&b->layer.shape, x, seed);
    awkward_run(b, &how, x, y, NULL);
    CU_ASSERT_EQUAL(how.path, ENGINE_BIT_SERIAL);
    return awkward_wrong(b, &xbar, x, y);
}
