/* A frontier against the im2col rows, products and sums that it stands between: all exact in
 * float32, so equality is asserted. */
#include "sim/engine/frontier.h"

#include <string.h>

#include "tests/support/nets.h"
#include "tests/test.h"

enum { IMAGES = 11, CHANNELS = 4, HEIGHT = 5, WIDTH = 6, POSITIONS = HEIGHT * WIDTH };

static const struct matrix_shape first = {.in_channels = 3,
                                          .in_height = HEIGHT,
                                          .in_width = WIDTH,
                                          .out_channels = CHANNELS,
                                          .out_height = HEIGHT,
                                          .out_width = WIDTH,
                                          .groups = 1,
                                          .window = {.kernel = {1, 3},
                                                     .stride = {1, 1},
                                                     .dilation = {1, 1},
                                                     .pad_begin = {0, 1},
                                                     .pad_end = {0, 1}}};
static const struct matrix_shape second = {.in_channels = CHANNELS,
                                           .in_height = HEIGHT,
                                           .in_width = WIDTH,
                                           .out_channels = CHANNELS,
                                           .out_height = HEIGHT,
                                           .out_width = WIDTH,
                                           .groups = 2,
                                           .window = {.kernel = {3, 1},
                                                      .stride = {1, 1},
                                                      .dilation = {1, 1},
                                                      .pad_begin = {1, 0},
                                                      .pad_end = {1, 0}}};

/* y = second(relu(first(x))) + relu(first(x)); tensors 1 to 4 are what each node writes. */
static void open_net(struct net *net) {
    const char *shape = "1x4x5x6";
    net_open(net, "1x3x5x6");
    net_node(net, OP_CONV, 0, -1, net_float(net, shape))->matrix = net_linear(net, &first);
    net_node(net, OP_RELU, 1, -1, net_float(net, shape));
    net_node(net, OP_CONV, 2, -1, net_float(net, shape))->matrix = net_linear(net, &second);
    net_node(net, OP_ADD, 3, 2, net_float(net, shape));
    net->linear[0].node = 0;
    net->linear[1].node = 2;
}

/* One image's rectified outputs of the first layer, [channel][position], by the definition. */
static void rectified(const struct net *net, int image, float *out) {
    const struct linear_layer *l = &net->linear[0];
    for (int f = 0; f < CHANNELS; f++)
        for (int p = 0; p < POSITIONS; p++) {
            float sum = l->bias[f];
            for (int c = 0; c < 3; c++)
                for (int k = 0; k < 3; k++) {
                    int column = p % WIDTH + k - 1;
                    size_t at = (size_t)((image * 3 + c) * POSITIONS + p / WIDTH * WIDTH + column);
                    if (column >= 0 && column < WIDTH)
                        sum += l->weights[f * 9 + c * 3 + k] * net->dataset.floats[at];
                }
            out[f * POSITIONS + p] = sum > 0 ? sum : 0;
        }
}

/* The row of the second layer's group at a position: 2 channels of 3 taps, one above the other. */
static void slow_row(const float *x, int group, int position, float *row) {
    for (int c = 0; c < 2; c++)
        for (int k = 0; k < 3; k++) {
            int line = position / WIDTH + k - 1;
            bool inside = line >= 0 && line < HEIGHT;
            int at = (group * 2 + c) * POSITIONS + line * WIDTH + position % WIDTH;
            row[c * 3 + k] = inside ? x[at] : 0;
        }
}

static void check_image(const struct net *net, const struct frontier *in,
                        const struct frontier *out, int image, const float *sums) {
    float x[CHANNELS * POSITIONS], row[6], slow[6], before[CHANNELS], added[CHANNELS];
    rectified(net, image, x);
    for (int p = 0; p < POSITIONS; p++) {
        frontier_channels(out, 3, image, p, before);
        frontier_channels(out, 2, image, p, added);
        for (int f = 0; f < CHANNELS; f++) {
            float product = net->linear[1].bias[f];
            slow_row(x, f / 2, p, slow);
            frontier_row(in, f / 2, image, p, row);
            CU_ASSERT_EQUAL(memcmp(row, slow, sizeof row), 0);
            for (int r = 0; r < 6; r++)
                product += net->linear[1].weights[f * 6 + r] * slow[r];
            CU_ASSERT_EQUAL(before[f], product);
            CU_ASSERT_EQUAL(added[f], x[f * POSITIONS + p]);
            size_t at = (size_t)((image * CHANNELS + f) * POSITIONS + p);
            CU_ASSERT_EQUAL(sums[at], product + added[f]);
        }
    }
}

static void both_sides(void) {
    struct net net;
    open_net(&net);
    const float *sums = net_run(&net, IMAGES, (struct net_way){1, 0});
    for (int threads = 1; threads <= 3; threads++) {
        struct engine *engine;
        struct frontier *in, *out;
        struct diagnostic diag = {0};
        struct engine_request request = net_request(&net, IMAGES);
        request.threads = threads;
        ASSERT_OK(engine_create(&net.network, NULL, NULL, &engine, &diag), diag);
        ASSERT_OK(frontier_create(engine, &request, &in, &diag), diag);
        ASSERT_OK(frontier_create(engine, &request, &out, &diag), diag);
        ASSERT_OK(frontier_advance(in, engine, 0, FRONTIER_OUTPUT, &diag), diag);
        CU_ASSERT_TRUE(frontier_holds(in, 1));
        CU_ASSERT_FALSE(frontier_holds(in, 0));
        CU_ASSERT_FALSE(frontier_holds(in, 2));
        ASSERT_OK(frontier_advance(in, engine, 1, FRONTIER_INPUT, &diag), diag);
        ASSERT_OK(frontier_advance(out, engine, 1, FRONTIER_OUTPUT, &diag), diag);
        CU_ASSERT_TRUE(frontier_holds(out, 2) && frontier_holds(out, 3));
        CU_ASSERT_FALSE(frontier_holds(out, 1));
        for (int image = 0; image < IMAGES; image++)
            check_image(&net, in, out, image, sums);
        CU_ASSERT_EQUAL(frontier_advance(out, engine, 0, FRONTIER_INPUT, &diag), STATUS_INTERNAL);
        frontier_free(in);
        frontier_free(out);
        engine_free(engine);
    }
    net_close(&net);
}

/* A change of weights behind the frontier has no effect, one ahead has. */
static void other_weights(void) {
    struct net net;
    struct engine *engine, *changed;
    struct frontier *frontier;
    struct diagnostic diag = {0};
    float before[CHANNELS], after[CHANNELS], zeros[4 * 9] = {0};
    open_net(&net);
    struct engine_request request = net_request(&net, IMAGES);
    ASSERT_OK(engine_create(&net.network, NULL, NULL, &engine, &diag), diag);
    ASSERT_OK(frontier_create(engine, &request, &frontier, &diag), diag);
    ASSERT_OK(frontier_advance(frontier, engine, 0, FRONTIER_OUTPUT, &diag), diag);
    frontier_channels(frontier, 1, 7, 13, before);
    net.linear[0].weights = net.linear[1].weights = zeros;
    ASSERT_OK(engine_create(&net.network, NULL, NULL, &changed, &diag), diag);
    engine_free(engine);
    ASSERT_OK(frontier_advance(frontier, changed, 1, FRONTIER_OUTPUT, &diag), diag);
    frontier_channels(frontier, 2, 7, 13, after);
    for (int f = 0; f < CHANNELS; f++)
        CU_ASSERT_EQUAL(after[f], before[f] > 0 ? before[f] : 0);
    frontier_channels(frontier, 3, 7, 13, after);
    for (int f = 0; f < CHANNELS; f++)
        CU_ASSERT_EQUAL(after[f], net.linear[1].bias[f]);
    frontier_free(frontier);
    engine_free(changed);
    net_close(&net);
}

static void interruption(void) {
    struct net net;
    struct engine *engine;
    struct frontier *frontier;
    struct diagnostic diag = {0};
    atomic_bool stop = true;
    open_net(&net);
    struct engine_request request = net_request(&net, IMAGES);
    request.stop = &stop;
    ASSERT_OK(engine_create(&net.network, NULL, NULL, &engine, &diag), diag);
    CU_ASSERT_EQUAL(frontier_create(engine, &request, &frontier, &diag), STATUS_INTERRUPTED);
    CU_ASSERT_PTR_NULL(frontier);
    engine_free(engine);
    net_close(&net);
}

static const struct test_case cases[] = {
    {"both sides of a layer", both_sides},
    {"other weights ahead", other_weights},
    {"interruption", interruption},
    {NULL, NULL},
};

const struct test_suite suite_frontier = {"frontier", cases};
