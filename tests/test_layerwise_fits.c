/* What layer-wise pruning fits every layer of a residual network to, against least squares on raw
 * samples of a slow network. */
#include <math.h>
#include <string.h>

#include "tests/support/random.h"
#include "tests/support/residual_net.h"
#include "tests/support/ridge.h"
#include "tests/test.h"

static const double CLIP_LOW = -0.5, CLIP_HIGH = 1.25; /* where conv1 has a Clip for its Relu */

enum { SAMPLES = IMAGES * PIXELS, ROWS_MOST = FILTERS * PIXELS };

/* The images and what follows of them, [images][channels][pixels], in one of two networks. */
struct activations {
    float image[IMAGES * 2 * PIXELS];
    float first[SAMPLES * FILTERS]; /* a */
    float inner[SAMPLES * FILTERS]; /* of conv1, clipped */
    float sum[SAMPLES * FILTERS];   /* a + conv2, before its Relu */
};

/* What a layer is fitted on: inputs, targets, bounds of the targets. */
struct raw_samples {
    int n, rows;
    float x[SAMPLES * FILTERS * 9];
    double y[SAMPLES * FILTERS], low[SAMPLES * FILTERS], high[SAMPLES * FILTERS];
};

/* 3 x 3 pixels of every channel around a pixel, zeros outside. */
static void window_row(const float *image, int channels, int pixel, float *row) {
    for (int c = 0; c < channels; c++)
        for (int tap = 0; tap < 9; tap++) {
            int y = pixel / 5 + tap / 3 - 1, x = pixel % 5 + tap % 3 - 1;
            bool inside = y >= 0 && y < 4 && x >= 0 && x < 5;
            row[c * 9 + tap] = inside ? image[c * PIXELS + y * 5 + x] : 0;
        }
}

/* A 3 x 3 layer's output at one pixel of one filter. */
static double slow_conv(const struct linear_layer *layer, const float *image, int filter,
                        int pixel) {
    float row[FILTERS * 9];
    int channels = layer->shape.in_channels;
    double sum = (double)layer->bias[filter];
    window_row(image, channels, pixel, row);
    for (int r = 0; r < channels * 9; r++)
        sum += (double)layer->weights[filter * channels * 9 + r] * (double)row[r];
    return sum;
}

static double clipped(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

static void run_slowly(const struct linear_layer *layers, struct activations *out) {
    for (int at = 0; at < SAMPLES * FILTERS; at++) {
        int i = at / (FILTERS * PIXELS), f = at / PIXELS % FILTERS, p = at % PIXELS;
        const float *image = out->image + (size_t)i * 2 * PIXELS;
        out->first[at] = (float)clipped(slow_conv(&layers[0], image, f, p), 0, INFINITY);
    }
    for (int at = 0; at < SAMPLES * FILTERS; at++) {
        int i = at / (FILTERS * PIXELS), f = at / PIXELS % FILTERS, p = at % PIXELS;
        const float *image = out->first + (size_t)i * FILTERS * PIXELS;
        out->inner[at] = (float)clipped(slow_conv(&layers[1], image, f, p), CLIP_LOW, CLIP_HIGH);
    }
    for (int at = 0; at < SAMPLES * FILTERS; at++) {
        int i = at / (FILTERS * PIXELS), f = at / PIXELS % FILTERS, p = at % PIXELS;
        const float *image = out->inner + (size_t)i * FILTERS * PIXELS;
        out->sum[at] = out->first[at] + (float)slow_conv(&layers[2], image, f, p);
    }
}

/* Of one of the convolutions: its inputs as pruned, what the dense network gives there, made up for
 * what the other summand lacks, and the bounds that follow. */
static void sample_conv(const struct linear_layer *dense, int layer, const struct activations *was,
                        const struct activations *is, struct raw_samples *samples) {
    const float *in[] = {is->image, is->first, is->inner};
    const float *in_dense[] = {was->image, was->first, was->inner};
    int channels = dense[layer].shape.in_channels;
    size_t size = (size_t)channels * PIXELS;
    samples->n = SAMPLES;
    samples->rows = channels * 9;
    for (int k = 0; k < SAMPLES; k++) {
        size_t image = (size_t)k / PIXELS;
        int pixel = k % PIXELS;
        window_row(in[layer] + image * size, channels, pixel, samples->x + k * samples->rows);
        for (int f = 0; f < FILTERS; f++) {
            size_t at = (image * FILTERS + (size_t)f) * PIXELS + (size_t)pixel;
            int to = f * SAMPLES + k;
            double summand = layer == 2 ? (double)is->first[at] : 0;
            samples->y[to] = slow_conv(&dense[layer], in_dense[layer] + image * size, f, pixel) +
                             (layer == 2 ? (double)was->first[at] : 0) - summand;
            samples->low[to] = (layer == 1 ? CLIP_LOW : 0) - summand;
            samples->high[to] = layer == 1 ? CLIP_HIGH : INFINITY;
        }
    }
}

/* Of the last layer: a sample an image, nothing bounded. */
static void sample_last(const struct linear_layer *dense, const struct activations *was,
                        const struct activations *is, struct raw_samples *samples) {
    samples->n = IMAGES;
    samples->rows = FILTERS * PIXELS;
    for (int k = 0; k < IMAGES; k++)
        for (int j = 0; j < CLASSES; j++) {
            int to = j * IMAGES + k;
            samples->y[to] = (double)dense->bias[j];
            samples->low[to] = -INFINITY;
            samples->high[to] = INFINITY;
            for (int r = 0; r < samples->rows; r++) {
                int at = k * samples->rows + r;
                samples->x[at] = fmaxf(is->sum[at], 0);
                samples->y[to] += (double)dense->weights[j * samples->rows + r] *
                                  clipped((double)was->sum[at], 0, INFINITY);
            }
        }
}

/* Least squares; where there are bounds, once more on targets that follow the fit where it may go
 * beyond them, and 1.8 times as far, but through no zero. [rows] and the bias behind. */
static void slow_fit(const struct raw_samples *samples, const double *y, const double *low,
                     const double *high, const float *towards, const uint8_t *mask, double *w) {
    int rows = samples->rows;
    double before[ROWS_MOST + 1], targets[SAMPLES], constant = 0;
    const struct ridge_problem first = {.x = samples->x,
                                        .y = y,
                                        .samples = samples->n,
                                        .rows = rows,
                                        .towards = towards,
                                        .mask = mask,
                                        .damping = samples->n < 2 * rows ? 1e-2 : 1e-3};
    struct ridge_problem again = first;
    ridge_solve(&first, before, before + rows);
    memcpy(w, before, ((size_t)rows + 1) * sizeof *w);
    if (isinf(low[0]))
        return;
    again.y = targets;
    for (int i = 0; i < samples->n; i++) {
        double given = before[rows];
        for (int r = 0; r < rows; r++)
            given += before[r] * (double)samples->x[i * rows + r];
        targets[i] = y[i] <= low[i]    ? fmin(given, low[i])
                     : y[i] >= high[i] ? fmax(given, high[i])
                                       : y[i];
        constant += targets[i] / samples->n;
    }
    ridge_solve(&again, w, w + rows);
    w[rows] = constant;
    for (int r = 0; r < rows; r++) {
        double further = before[r] + 1.8 * (w[r] - before[r]), mean = 0;
        w[r] = further * w[r] > 0 ? further : w[r];
        for (int i = 0; i < samples->n; i++)
            mean += (double)samples->x[i * rows + r] / samples->n;
        w[rows] -= w[r] * mean;
    }
}

/* A layer's weights and biases against slow fits on its samples; in single precision, and with
 * fewer samples than rows in the last layer. */
static void compare(const struct raw_samples *samples, const struct linear_layer *dense,
                    const uint8_t *mask, const struct layerwise_layer *fitted) {
    double tolerance = samples->n < samples->rows ? 1e-3 : 2e-5;
    for (int j = 0; j < dense->shape.out_channels; j++) {
        double w[ROWS_MOST + 1];
        size_t at = (size_t)j * (size_t)samples->n, first = (size_t)j * (size_t)samples->rows;
        slow_fit(samples, samples->y + at, samples->low + at, samples->high + at,
                 dense->weights + first, mask + first, w);
        for (int r = 0; r < samples->rows; r++)
            CU_ASSERT_DOUBLE_EQUAL(fitted->weights[first + (size_t)r], w[r],
                                   tolerance * (1 + fabs(w[r])));
        CU_ASSERT_DOUBLE_EQUAL(fitted->bias[j], w[samples->rows],
                               tolerance * (1 + fabs(w[samples->rows])));
    }
}

/* Every layer's weights and biases are those of a slow fit on samples of a slow network: the inputs
 * as pruned so far, the dense network's outputs, what the sum lacks, and the bounds. */
static void slow_fits(void) {
    static struct activations was, is;
    static struct raw_samples samples;
    struct net net;
    struct layerwise_layer fitted[LAYERS];
    struct linear_layer pruned[LAYERS];
    struct test_random random = {23};
    uint8_t mask[LAYERS][CLASSES * ROWS_MOST];
    const uint8_t *masks[LAYERS] = {mask[0], mask[1], mask[2], mask[3]};
    residual_open(&net);
    net.nodes[3].op = OP_CLIP;
    net.nodes[3].low = (float)CLIP_LOW;
    net.nodes[3].high = (float)CLIP_HIGH;
    for (int i = 0; i < LAYERS; i++)
        for (size_t k = 0; k < sizeof mask[i]; k++)
            mask[i][k] = test_random_below(&random, 10) < 6;
    struct layerwise_request request = {
        .masks = masks, .method = RECONSTRUCT_LEAST_SQUARES, .seed = 7, .samples = SAMPLES};
    residual_prune(&net, &request, fitted);
    memcpy(pruned, net.linear, sizeof pruned);
    for (int i = 0; i < LAYERS; i++) {
        pruned[i].weights = fitted[i].weights;
        pruned[i].bias = fitted[i].bias;
    }
    memcpy(was.image, net.dataset.floats, sizeof was.image);
    memcpy(is.image, net.dataset.floats, sizeof is.image);
    run_slowly(net.linear, &was);
    run_slowly(pruned, &is);
    for (int i = 0; i < LAYERS; i++) {
        if (i < LAYERS - 1)
            sample_conv(net.linear, i, &was, &is, &samples);
        else
            sample_last(&net.linear[i], &was, &is, &samples);
        compare(&samples, &net.linear[i], mask[i], &fitted[i]);
    }
    net_close(&net);
}

static const struct test_case cases[] = {
    {"slow fits", slow_fits},
    {NULL, NULL},
};

const struct test_suite suite_layerwise_fits = {"layerwise_fits", cases};
