/* The vector loops of the engine: the same bytes from every variant, for every length. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/engine/kernels.h"
#include "tests/test.h"

enum { MOST = 67 };

struct data {
    float a[MOST], b[MOST];
    uint8_t p[MOST], q[MOST];
};

/* Values with all bits of the mantissa in use, of both signs and many sizes. */
static void fill(struct data *d) {
    uint32_t state = 12345;
    for (int i = 0; i < MOST; i++) {
        state = state * 1664525U + 1013904223U;
        d->a[i] = ldexpf((float)(int32_t)state, -29 + i % 5);
        state = state * 1664525U + 1013904223U;
        d->b[i] = ldexpf((float)(int32_t)state, -31);
        d->p[i] = (uint8_t)(state >> 8);
        d->q[i] = (uint8_t)(state >> 20);
    }
    d->a[3] = NAN;
    d->a[21] = INFINITY;
    d->a[40] = -0.0F;
}

/* As many as the machine has levels. */
static int variants(void) {
    return (int)simd_choose() + 1;
}

static const struct kernels *variant(int i) {
    return kernels_of((enum simd_level)i);
}

/* y and other are what two variants wrote, over a background that must survive. */
static void expect_same(const unsigned char *y, const unsigned char *other, size_t bytes) {
    CU_ASSERT_EQUAL(memcmp(y, other, MOST * sizeof(float)), 0);
    for (size_t i = bytes; i < MOST * sizeof(float); i++)
        CU_ASSERT_EQUAL(y[i], 0x5A);
}

enum { BYTE_LOOPS = 3, LOOPS = 11 };

/* The loops that write bytes. */
static void run_byte_loop(const struct kernels *k, int loop, const struct data *d, uint8_t *y,
                          size_t n) {
    const struct quantiser quantiser = {.scale = 0.0137F, .zero_point = 93.0F, .maximum = 255.0F};
    const struct byte_sum sum = {
        .ratio_a = 0.731F, .ratio_b = 1.377F, .fixed = -31.77F, .low = 7.0F, .high = 255.0F};
    if (loop == 0)
        k->quantise(&quantiser, d->a, y, n);
    else if (loop == 1)
        k->add_bytes(&sum, d->p, d->q, y, n);
    else
        k->maximum_bytes(d->p, y, n);
}

/* Those that write floats. */
static void run_float_loop(const struct kernels *k, int loop, const struct data *d, float *y,
                           size_t n) {
    const struct quantiser quantiser = {.scale = 0.0137F, .zero_point = 93.0F, .maximum = 255.0F};
    if (loop == BYTE_LOOPS)
        k->dequantise(&quantiser, d->p, y, n);
    else if (loop == BYTE_LOOPS + 1)
        k->add(d->a, d->b, y, n);
    else if (loop == BYTE_LOOPS + 2)
        k->multiply(d->a, d->b, y, n);
    else if (loop == BYTE_LOOPS + 3)
        k->clip(-0.3F, 0.7F, d->a, y, n);
    else if (loop == BYTE_LOOPS + 4)
        k->leaky_relu(0.1F, d->a, y, n);
    else if (loop == BYTE_LOOPS + 5)
        k->maximum(d->a, y, n);
    else if (loop == BYTE_LOOPS + 6)
        k->accumulate(d->a, y, n);
    else
        k->accumulate_product(d->a, d->b, y, n);
}

static void loops_agree(void) {
    struct data d;
    fill(&d);
    for (size_t n = 0; n <= MOST; n++)
        for (int loop = 0; loop < LOOPS; loop++) {
            unsigned char y[SIMD_LEVELS][MOST * sizeof(float)];
            memset(y, 0x5A, sizeof y);
            for (int v = 0; v < variants(); v++) {
                float values[MOST];
                memcpy(values, y[v], sizeof values);
                if (loop < BYTE_LOOPS)
                    run_byte_loop(variant(v), loop, &d, y[v], n);
                else
                    run_float_loop(variant(v), loop, &d, values, n);
                if (loop >= BYTE_LOOPS)
                    memcpy(y[v], values, sizeof values);
            }
            for (int v = 1; v < variants(); v++)
                expect_same(y[0], y[v], loop < BYTE_LOOPS ? n : n * sizeof(float));
        }
}

static void ranges(void) {
    struct data d;
    fill(&d);
    for (size_t n = 1; n <= MOST; n++) {
        float low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            low = fminf(low, d.b[i]);
            high = fmaxf(high, d.b[i]);
        }
        for (int v = 0; v < variants(); v++) {
            float found_low = INFINITY, found_high = -INFINITY;
            variant(v)->range(d.b, n, &found_low, &found_high);
            CU_ASSERT_EQUAL(found_low, low);
            CU_ASSERT_EQUAL(found_high, high);
        }
    }
}

/* Awkward sizes of a product, against sums in the order promised; rows and columns with gaps. */
static void products(void) {
    enum { DEPTH = 37, COLUMNS = 21, PANELS = 2, ROWS = 11, X_STRIDE = 41, Y_STRIDE = 23 };
    static float x[ROWS * X_STRIDE], weights[PANELS * DEPTH * PRODUCT_PANEL];
    static float bias[PANELS * PRODUCT_PANEL];
    struct data d;
    fill(&d);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] = d.b[i % MOST];
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
        weights[i] = d.b[(i * 5 + 3) % MOST];
    for (size_t i = 0; i < sizeof bias / sizeof *bias; i++)
        bias[i] = d.b[i];
    for (int v = 0; v < variants(); v++) {
        float y[ROWS * Y_STRIDE] = {0};
        const struct product product = {.x = x,
                                        .weights = weights,
                                        .bias = bias,
                                        .y = y,
                                        .rows = ROWS,
                                        .depth = DEPTH,
                                        .columns = COLUMNS,
                                        .x_stride = X_STRIDE,
                                        .y_stride = Y_STRIDE};
        variant(v)->product(&product);
        for (size_t r = 0; r < ROWS; r++)
            for (size_t c = 0; c < Y_STRIDE; c++) {
                size_t panel = c / PRODUCT_PANEL, lane = c % PRODUCT_PANEL;
                float sum = bias[c];
                for (size_t k = 0; k < DEPTH; k++)
                    sum +=
                        x[r * X_STRIDE + k] * weights[(panel * DEPTH + k) * PRODUCT_PANEL + lane];
                CU_ASSERT_EQUAL(y[r * Y_STRIDE + c], c < COLUMNS ? sum : 0.0F);
            }
    }
}

/* Rows of sums with gaps between them, against the formula, half to even. */
static void requantised_rows(void) {
    enum { ROWS = 3, ACC_STRIDE = MOST + 5, Y_STRIDE = MOST + 2 };
    const struct requantiser to = {.zero_point = 7.0F, .low = 5.0F, .high = 201.0F};
    int32_t acc[ROWS * ACC_STRIDE], offset[MOST];
    float multiplier[MOST];
    for (int i = 0; i < ROWS * ACC_STRIDE; i++)
        acc[i] = i * 7919 % 3001 - 900;
    for (int i = 0; i < MOST; i++) {
        offset[i] = i * 31 % 17 - 8;
        multiplier[i] = i % 3 == 0 ? 0.5F : 0.0731F * (float)(i % 5 + 1);
    }
    for (size_t n = 0; n <= MOST; n++)
        for (int v = 0; v < variants(); v++) {
            uint8_t q[ROWS * Y_STRIDE];
            const struct sum_rows sums = {acc, ROWS, n, ACC_STRIDE, Y_STRIDE};
            int wrong = 0;
            memset(q, 0x5A, sizeof q);
            variant(v)->requantise(&to, &sums, offset, multiplier, q);
            for (size_t i = 0; i < sizeof q; i++) {
                size_t row = i / Y_STRIDE, column = i % Y_STRIDE;
                if (column >= n) {
                    wrong += q[i] != 0x5A;
                    continue;
                }
                float sum = (float)(acc[row * ACC_STRIDE + column] + offset[column]);
                float code = rintf(sum * multiplier[column]) + 7.0F;
                wrong += q[i] != (uint8_t)fminf(fmaxf(code, 5.0F), 201.0F);
            }
            CU_ASSERT_EQUAL(wrong, 0);
        }
}

static const struct test_case cases[] = {
    {"loops agree", loops_agree},
    {"rows of sums are requantised", requantised_rows},
    {"ranges", ranges},
    {"products", products},
    {NULL, NULL},
};

const struct test_suite suite_engine_kernels = {"engine_kernels", cases};
