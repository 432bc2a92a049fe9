/* Matrix layers: ideal against the reference layer, on crossbars against slow ones. */
#include "sim/engine/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/awkward_layers.h"
#include "tests/support/matrix_reference.h"
#include "tests/support/slow_layer.h"
#include "tests/test.h"

enum { IMAGES = AWKWARD_IMAGES, MOST_BYTES = AWKWARD_BYTES };

static int differing(const uint8_t *a, const uint8_t *b, int count) {
    int wrong = 0;
    for (int i = 0; i < count; i++)
        wrong += a[i] != b[i];
    return wrong;
}

static void ideal(void) {
    static uint8_t x[MOST_BYTES], y[MOST_BYTES], expected[MOST_BYTES];
    for (int i = 0; i < AWKWARD_SHAPES; i++)
        for (int bits = 3; bits <= 13; bits += 5) {
            struct built_layer b;
            build_layer(&b, awkward_shapes[i], bits, 2, (uint64_t)(i + bits));
            const struct matrix_shape *s = &b.layer.shape;
            awkward_images(s, x, (uint64_t)i);
            awkward_run(&b, NULL, x, y, NULL);
            for (int image = 0; image < IMAGES; image++)
                matrix_reference(&b.layer, x + image * awkward_input_bytes(s),
                                 expected + image * awkward_output_count(s));
            CU_ASSERT_EQUAL(differing(y, expected, IMAGES * awkward_output_count(s)), 0);
            free_layer(&b);
        }
}

static int count_wrong(const struct built_layer *b, const struct slow_crossbar *xbar,
                       int groups_per_array, const uint8_t *x, const uint8_t *y) {
    const struct matrix_shape *s = &b->layer.shape;
    int wrong = 0;
    for (int image = 0; image < IMAGES; image++, x += awkward_input_bytes(s))
        for (int oy = 0; oy < s->out_height; oy++)
            for (int ox = 0; ox < s->out_width; ox++)
                for (int f = 0; f < s->out_channels; f++) {
                    int64_t sum = slow_layer_sum(&b->layer, xbar, xbar->nominal_rows,
                                                 groups_per_array, x, f, oy, ox);
                    wrong += *y++ != awkward_requantised(&b->layer, sum, f);
                }
    return wrong;
}

static void on_crossbars(int shape, int encoding, int transfer, int adc_bits, bool flip) {
    static uint8_t x[MOST_BYTES], y[MOST_BYTES];
    char name[64];
    snprintf(name, sizeof name, "mapping.encoding=%s", encoding_names[encoding]);
    const char *settings[] = {"crossbar.rows=37",
                              "crossbar.columns=41",
                              "crossbar.cell_bits=2",
                              name,
                              flip ? "mapping.flip=true" : "mapping.flip=false",
                              NULL};
    struct built_layer b;
    build_layer(&b, awkward_shapes[shape], 8, 3, (uint64_t)(shape + 1));
    map_layer_as(&b, settings);
    awkward_images(&b.layer.shape, x, (uint64_t)shape);
    struct slow_crossbar xbar = {.encoding = (enum slow_encoding)encoding,
                                 .flip = flip,
                                 .weight_bits = 8,
                                 .cell_bits = 2,
                                 .activation_bits = 8,
                                 .dac_bits = 1,
                                 .nominal_rows = 37,
                                 .transfer = (enum slow_transfer)transfer,
                                 .adc_bits = adc_bits};
    struct engine_layer how = {.adc_bits = adc_bits,
                               .choice = transfer == SLOW_FULL_RANGE ? ADC_TRANSFER_FULL_RANGE
                                                                     : ADC_TRANSFER_CLIP,
                               .bound = 37 * 3};
    awkward_run(&b, &how, x, y, NULL);
    int groups = slow_groups_per_array(&b.layer.shape, 37, 41,
                                       encoding == SLOW_DIFFERENTIAL ? 8
                                       : encoding == SLOW_OFFSET     ? 4
                                                                     : 5);
    int wrong = count_wrong(&b, &xbar, groups, x, y);
    CU_ASSERT_EQUAL(wrong, 0);
    if (wrong)
        printf("shape %d encoding %d transfer %d bits %d: %d wrong\n", shape, encoding, transfer,
               adc_bits, wrong);
    CU_ASSERT_EQUAL(how.path,
                    b.mapping.layers[0].lossless.exact <= adc_bits && transfer == SLOW_CLIP
                        ? ENGINE_INTEGER
                    : adc_bits >= 7 ? ENGINE_INTEGER /* 127 >= 37 * 3 */
                                    : ENGINE_BIT_SERIAL);
    free_layer(&b);
}

static void limited_converters(void) {
    for (int shape = 0; shape < AWKWARD_SHAPES; shape++)
        for (int encoding = 0; encoding < 3; encoding++)
            for (int transfer = SLOW_CLIP; transfer <= SLOW_FULL_RANGE; transfer++)
                for (int adc_bits = 3; adc_bits <= 7; adc_bits += 2)
                    on_crossbars(shape, encoding, transfer, adc_bits, false);
    for (int shape = 0; shape < AWKWARD_SHAPES; shape++)
        on_crossbars(shape, SLOW_OFFSET, SLOW_CLIP, 4, true);
}

/* A fitted converter with levels in halves: sums of them round half to even, once, at the end. */
static void fitted_converters(void) {
    static const int32_t levels[8] = {1, 3, 7, 12, 25, 31, 64, 99}; /* halves; 0 reads as 1/2 */
    static uint8_t x[MOST_BYTES], y[MOST_BYTES];
    static int32_t table[37 * 3 + 1];
    struct adc_fit fit = {.bits = 3, .fraction_bits = 1, .levels = levels};
    for (int s = 0; s <= 37 * 3; s++) /* the nearest level, the even code of two */
        for (int k = 0, best = 1 << 20; k < 8; k++) {
            int distance = abs(2 * s - levels[k]);
            if (distance < best || (distance == best && k % 2 == 0)) {
                best = distance;
                table[s] = levels[k];
            }
        }
    for (int encoding = 0; encoding < 3; encoding++) {
        char name[64];
        snprintf(name, sizeof name, "mapping.encoding=%s", encoding_names[encoding]);
        const char *settings[] = {"crossbar.rows=37", "crossbar.columns=41", name, NULL};
        struct built_layer b;
        build_layer(&b, awkward_shapes[0], 8, 3, 5);
        memset((int16_t *)b.layer.weights, 0, 2 * 30 * sizeof(int16_t)); /* two empty filters */
        map_layer_as(&b, settings);
        float *multiplier = (float *)b.layer.multiplier;
        for (int f = 0; f < b.layer.shape.out_channels; f++)
            multiplier[f] = 0.02F; /* coarse enough that single units show */
        awkward_images(&b.layer.shape, x, 9);
        struct slow_crossbar xbar = {.encoding = (enum slow_encoding)encoding,
                                     .weight_bits = 8,
                                     .cell_bits = 2,
                                     .activation_bits = 8,
                                     .dac_bits = 1,
                                     .nominal_rows = 37,
                                     .transfer = SLOW_TABLE,
                                     .table = table,
                                     .fraction_bits = 1};
        struct engine_layer how = {
            .adc_bits = 3, .choice = ADC_TRANSFER_NONUNIFORM, .bound = 37 * 3, .fit = &fit};
        awkward_run(&b, &how, x, y, NULL);
        CU_ASSERT_EQUAL(count_wrong(&b, &xbar, 1, x, y), 0);
        CU_ASSERT_EQUAL(how.path, ENGINE_BIT_SERIAL);
        free_layer(&b);
    }
}

static void activity(void) {
    static uint8_t x[MOST_BYTES], y[MOST_BYTES];
    for (int i = 0; i < AWKWARD_SHAPES; i++) {
        struct built_layer b;
        build_layer(&b, awkward_shapes[i], 8, 0, 9);
        const struct matrix_shape *s = &b.layer.shape;
        const char *settings[] = {"dac.bits=3", NULL};
        map_layer_as(&b, settings);
        awkward_images(s, x, 4);
        struct engine_layer how = {.adc_bits = 16};
        struct layer_activity counted = {0}, expected = {0};
        awkward_run(&b, &how, x, y, &counted);
        /* Every window's every tap, one by one. */
        const struct window *w = &s->window;
        for (int image = 0; image < IMAGES; image++)
            for (int at = 0; at < s->out_height * s->out_width; at++)
                for (int tap = 0; tap < w->kernel[0] * w->kernel[1]; tap++)
                    for (int c = 0; c < s->in_channels; c++) {
                        int r = at / s->out_width * w->stride[0] - w->pad_begin[0] +
                                tap / w->kernel[1] * w->dilation[0];
                        int k = at % s->out_width * w->stride[1] - w->pad_begin[1] +
                                tap % w->kernel[1] * w->dilation[1];
                        bool in = r >= 0 && r < s->in_height && k >= 0 && k < s->in_width;
                        int v = in ? x[image * awkward_input_bytes(s) +
                                       (r * s->in_width + k) * s->in_channels + c]
                                   : 3;
                        expected.ones += (uint64_t)__builtin_popcount((unsigned)v);
                        for (int digit = 0; digit < 3; digit++, v /= 8) {
                            expected.digits++;
                            expected.digits_nonzero += v % 8 != 0;
                            expected.digit_sum += (uint64_t)(v % 8);
                        }
                    }
        CU_ASSERT_EQUAL(counted.digits, expected.digits);
        CU_ASSERT_EQUAL(counted.digits_nonzero, expected.digits_nonzero);
        CU_ASSERT_EQUAL(counted.digit_sum, expected.digit_sum);
        CU_ASSERT_EQUAL(counted.ones, expected.ones);
        free_layer(&b);
    }
}

static const struct test_case cases[] = {
    {"ideal layers equal the reference", ideal},
    {"limited converters equal slow crossbars", limited_converters},
    {"fitted converters", fitted_converters},
    {"activity counts every driven digit", activity},
    {NULL, NULL},
};
const struct test_suite suite_matrix = {"matrix", cases};
