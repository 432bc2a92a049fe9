/* Quantised tensors in the engine: rounding, operations done on bytes, matrix layers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/engine/program.h"
#include "tests/support/matrix_reference.h"
#include "tests/support/nets.h"
#include "tests/test.h"

static const struct net_way one_image = {1, 0};

/* A network whose input is replaced by constants: 0 * input + values. Returns the tensor. */
static int open_with(struct net *net, const char *shape, const float *values) {
    static const float zero = 0.0F;
    net_open(net, shape);
    int zeros = net_float(net, shape), sum = net_float(net, shape);
    net_node(net, OP_MUL, 0, net_constant(net, "1", &zero), zeros);
    net_node(net, OP_ADD, zeros, net_constant(net, shape, values), sum);
    return sum;
}

/* float -> bytes -> float, quantised with scale and zero point. */
static int through_bytes(struct net *net, int x, float scale, int zero_point, const char *shape) {
    int bytes = net_bytes(net, shape, scale, zero_point), back = net_float(net, shape);
    net_node(net, OP_QUANTIZE, x, -1, bytes);
    net_node(net, OP_DEQUANTIZE, bytes, -1, back);
    return back;
}

static int quantised(struct net *net, int x, float scale, int zero_point, const char *shape) {
    int bytes = net_bytes(net, shape, scale, zero_point);
    net_node(net, OP_QUANTIZE, x, -1, bytes);
    return bytes;
}

static int steps_of(const struct net *net) {
    struct program program;
    struct diagnostic diag = {0};
    ASSERT_OK(program_compile(&net->network, NULL, NULL, SIMD_PLAIN, &program, &diag), diag);
    int n = program.n_steps;
    program_free(&program);
    return n;
}

/* Halves go to even, both ends saturate, NaN is the lowest code. */
static void rounding(void) {
    static const float values[] = {0.25F,  0.75F,   1.25F,    -0.25F,    -0.75F,
                                   200.0F, -200.0F, INFINITY, -INFINITY, NAN};
    static const float expected[] = {0, 1, 1, 0, -1, 122.5F, -5, 122.5F, -5, -5};
    struct net net;
    int x = open_with(&net, "1x10", values);
    quantised(&net, x, 0.5F, 10, "1x10");
    const float *y = net_run(&net, 1, one_image);
    for (int i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(y[i], expected[i]);
    net_close(&net);
}

static void four_bits(void) {
    static const float values[] = {-2.0F, 0.0F, 6.4F, 100.0F};
    static const float expected[] = {-1.5F, 0.0F, 6.0F, 6.0F};
    struct net net;
    int x = open_with(&net, "1x4", values);
    int q = quantised(&net, x, 0.5F, 3, "1x4");
    net.tensors[q].quant.bits = 4;
    const float *y = net_run(&net, 1, one_image);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(y[i], expected[i]);
    net_close(&net);
}

/* ONNX divides; multiplying by 1/scale would give another code here (numpy). */
static void division(void) {
    static const float values[] = {0x1.933334p+1F};
    struct net net;
    int x = open_with(&net, "1x1", values);
    quantised(&net, x, 0.7F, 0, "1x1");
    const float *y = net_run(&net, 1, one_image);
    CU_ASSERT_EQUAL(y[0], 4.0F * 0.7F);
    net_close(&net);
}

/* A chain of activations between two quantisations, for every byte. */
static void chain_of_activations(void) {
    enum { CODES = 256 };
    float values[CODES];
    for (int q = 0; q < CODES; q++)
        values[q] = (float)(q - 100) * 0.03F;
    struct net net;
    int x = open_with(&net, "1x256", values);
    int dequantised = through_bytes(&net, x, 0.03F, 100, "1x256");
    int leaky = net_float(&net, "1x256"), clipped = net_float(&net, "1x256");
    int bent = net_float(&net, "1x256");
    net_node(&net, OP_LEAKY_RELU, dequantised, -1, leaky)->alpha = 0.3F;
    struct node *clip = net_node(&net, OP_CLIP, leaky, -1, clipped);
    clip->low = -0.7F;
    clip->high = 2.0F;
    net_node(&net, OP_TANH, clipped, -1, bent);
    quantised(&net, bent, 0.007F, 90, "1x256");
    CU_ASSERT_EQUAL(steps_of(&net), 4); /* mul, add, quantise, table */
    const float *y = net_run(&net, 1, one_image);
    for (int i = 0; i < CODES; i++) {
        float v = values[i] < 0.0F ? values[i] * 0.3F : values[i];
        v = tanhf(fminf(fmaxf(v, -0.7F), 2.0F));
        float q = fminf(fmaxf(rintf(v / 0.007F) + 90.0F, 0.0F), 255.0F);
        CU_ASSERT_EQUAL(y[i], (q - 90.0F) * 0.007F);
    }
    net_close(&net);
}

/* dequantise -> op -> quantise must equal dequantise -> op where both sides share one quantisation.
 */
static void expect_bytes_equal(void (*add_op)(struct net *net, int x, int y), const char *in,
                               const char *out, int steps) {
    struct net net;
    net_open(&net, in);
    int x = through_bytes(&net, 0, 0.02F, 77, in), y = net_float(&net, out);
    add_op(&net, x, y);
    size_t count = net.tensors[y].count;
    const float *floats = net_run(&net, 2, one_image);
    quantised(&net, y, 0.02F, 77, out);
    CU_ASSERT_EQUAL(steps_of(&net), steps);
    const float *bytes = net_run(&net, 2, one_image);
    for (size_t i = 0; i < 2 * count; i++)
        CU_ASSERT_EQUAL(floats[i], bytes[i]);
    net_close(&net);
}

static void add_max_pool(struct net *net, int x, int y) {
    struct window window = {.kernel = {3, 2}, .stride = {2, 1}, .dilation = {1, 1}};
    window.pad_begin[0] = 1;
    net_node(net, OP_MAX_POOL, x, -1, y)->window = window;
}

static void add_pad(struct net *net, int x, int y) {
    struct node *node = net_node(net, OP_PAD, x, -1, y);
    node->pads[1] = node->pads[6] = 1;
    node->value = 0.02F * 3.0F;
}

static void add_concat(struct net *net, int x, int y) {
    net_node(net, OP_CONCAT, x, x, y)->axis = 1;
}

static void add_transpose(struct net *net, int x, int y) {
    static const int perm[] = {0, 2, 3, 1};
    memcpy(net_node(net, OP_TRANSPOSE, x, -1, y)->perm, perm, sizeof perm);
}

static void add_flatten(struct net *net, int x, int y) {
    net_node(net, OP_RESHAPE, x, -1, y);
}

static void movement_on_bytes(void) {
    expect_bytes_equal(add_max_pool, "1x3x5x4", "1x3x2x3", 4); /* channels last and back */
    expect_bytes_equal(add_pad, "1x3x5x4", "1x4x6x4", 3);
    expect_bytes_equal(add_concat, "1x3x5x4", "1x6x5x4", 4);
    expect_bytes_equal(add_transpose, "1x3x5x4", "1x5x4x3", 3);
    expect_bytes_equal(add_flatten, "1x3x5x4", "1x60", 1);
}

/* With another quantisation behind a pool, values must be rounded anew. */
static void pool_with_another_quantisation(void) {
    static const float values[] = {0.1F, 0.9F, 0.5F, -0.3F};
    struct net net;
    int x = open_with(&net, "1x1x2x2", values);
    int y = net_float(&net, "1x1x1x2");
    net_node(&net, OP_MAX_POOL, through_bytes(&net, x, 0.1F, 5, "1x1x2x2"), -1, y)
        ->window.kernel[0] = 2;
    quantised(&net, y, 0.4F, 5, "1x1x1x2");
    const float *out = net_run(&net, 1, one_image);
    CU_ASSERT_EQUAL(out[0], 0.4F);        /* .5 / .4 = 1.25 */
    CU_ASSERT_EQUAL(out[1], 2.0F * 0.4F); /* .9 / .4 = 2.25 */
    net_close(&net);
}

/* Sums of all codes with a few others: within half a step of the true sum, and rounded as
 * a * ratio + (b * ratio + fixed). */
static void addition(void) {
    enum { CODES = 256, SHIFTS = 5 };
    const float scale_a = 0.026F, scale_b = 0.0096F, scale = 0.0175F;
    const float ratio_a = scale_a / scale, ratio_b = scale_b / scale;
    const float fixed = 30.0F - (ratio_a * 137.0F + ratio_b * 9.0F);
    for (int relu = 0; relu < 2; relu++)
        for (int shift = 0; shift < SHIFTS; shift++) {
            float a[CODES], b[CODES];
            for (int i = 0; i < CODES; i++) {
                a[i] = (float)(i - 137) * scale_a;
                b[i] = (float)((i * 3 + shift * 50) % CODES - 9) * scale_b;
            }
            struct net net;
            int xa = open_with(&net, "1x256", a), xb = net_constant(&net, "1x256", b);
            int nothing = net_float(&net, "1x256"), sum = net_float(&net, "1x256");
            static const float zero = 0.0F;
            net_node(&net, OP_MUL, 0, net_constant(&net, "1", &zero), nothing);
            int yb = net_float(&net, "1x256"), y = net_float(&net, "1x256");
            net_node(&net, OP_ADD, nothing, xb, yb);
            int da = through_bytes(&net, xa, scale_a, 137, "1x256");
            net_node(&net, OP_ADD, da, through_bytes(&net, yb, scale_b, 9, "1x256"), sum);
            if (relu)
                net_node(&net, OP_RELU, sum, -1, y);
            quantised(&net, relu ? y : sum, scale, 30, "1x256");
            CU_ASSERT_EQUAL(steps_of(&net), 7); /* 2 x (mul, add, quantise), sum of bytes */
            const float *out = net_run(&net, 1, one_image);
            for (int i = 0; i < CODES; i++) {
                int qb = (i * 3 + shift * 50) % CODES;
                double inner = (float)((double)qb * (double)ratio_b + (double)fixed);
                float v = (float)(i * (double)ratio_a + inner);
                float low = relu ? 30.0F : 0.0F;
                float q = rintf(fminf(fmaxf(v, low), 255.0F));
                CU_ASSERT_EQUAL(out[i], (q - 30.0F) * scale);
                double real = (i - 137) * (double)scale_a + (qb - 9) * (double)scale_b;
                real = fmin(fmax(real / (double)scale + 30.0, (double)low), 255.0);
                CU_ASSERT_DOUBLE_EQUAL(q, real, 0.5 + 1e-3);
            }
            net_close(&net);
        }
}

/* A quantised layer in the engine against the slow one, on images in channels-last order. */
static void expect_matrix(const char *in, const char *out, const struct matrix_shape *shape,
                          bool float_output) {
    enum { MOST = 1024 };
    struct net net;
    net_open(&net, in);
    int x = quantised(&net, 0, 0.011F, 120, in);
    int y = float_output ? net_float(&net, out) : net_bytes(&net, out, 0.25F, 101);
    net_node(&net, OP_MATRIX, x, -1, y)->matrix = net_matrix(&net, shape, x, y);
    const float *images = net_run(&net, 3, (struct net_way){2, 2});
    size_t inner = shape->fully_connected ? 1 : (size_t)(shape->in_height * shape->in_width);
    size_t channels = shape->fully_connected ? 1 : (size_t)shape->in_channels;
    size_t in_count = net.tensors[x].count, out_count = net.tensors[y].count;
    size_t positions = shape->fully_connected ? 1 : (size_t)(shape->out_height * shape->out_width);
    CU_ASSERT_FATAL(in_count <= MOST && out_count <= MOST);
    for (size_t image = 0; image < 3; image++) {
        uint8_t bytes[MOST], q[MOST];
        float reals[MOST];
        for (size_t i = 0; i < in_count; i++) {
            float v = rintf(net_input(image * in_count + i) / 0.011F) + 120.0F;
            size_t to = shape->fully_connected ? i : i % inner * channels + i / inner;
            bytes[to] = (uint8_t)fminf(fmaxf(v, 0.0F), 255.0F);
        }
        matrix_reference(&net.matrix[0], bytes, float_output ? (void *)reals : (void *)q);
        for (size_t i = 0; i < out_count; i++) {
            size_t filters = out_count / positions;
            size_t from = shape->fully_connected ? i : i % positions * filters + i / positions;
            float expected = float_output ? reals[from] : (float)(q[from] - 101) * 0.25F;
            CU_ASSERT_EQUAL(images[image * out_count + i], expected);
        }
    }
    net_close(&net);
}

static void matrix_layers(void) {
    struct matrix_shape shape = {.in_channels = 6,
                                 .in_height = 5,
                                 .in_width = 7,
                                 .out_channels = 4,
                                 .out_height = 3,
                                 .out_width = 6,
                                 .groups = 2,
                                 .window = {.kernel = {3, 2},
                                            .stride = {2, 1},
                                            .dilation = {1, 1},
                                            .pad_begin = {1, 0},
                                            .pad_end = {1, 0}}};
    expect_matrix("1x6x5x7", "1x4x3x6", &shape, false);
    expect_matrix("1x6x5x7", "1x4x3x6", &shape, true);
    struct matrix_shape line = {.in_channels = 3,
                                .in_height = 1,
                                .in_width = 9,
                                .out_channels = 5,
                                .out_height = 1,
                                .out_width = 4,
                                .groups = 1,
                                .window = {.kernel = {1, 3}, .stride = {1, 2}, .dilation = {1, 1}}};
    expect_matrix("1x3x9", "1x5x4", &line, false);
    struct matrix_shape product = {
        .fully_connected = true,
        .in_channels = 7,
        .in_height = 1,
        .in_width = 6,
        .out_channels = 5,
        .out_height = 1,
        .out_width = 6,
        .groups = 1,
        .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}};
    expect_matrix("1x2x3x7", "1x2x3x5", &product, false);
    expect_matrix("1x6x7", "1x6x5", &product, true);
}

static const struct test_case cases[] = {
    {"rounding", rounding},
    {"four bits", four_bits},
    {"quantisation divides", division},
    {"chain of activations", chain_of_activations},
    {"movement on bytes", movement_on_bytes},
    {"pool with another quantisation", pool_with_another_quantisation},
    {"addition", addition},
    {"matrix layers", matrix_layers},
    {NULL, NULL},
};

const struct test_suite suite_engine_bytes = {"engine_bytes", cases};
