#include "tests/support/residual_net.h"

#include "tests/support/layer_builder.h"
#include "tests/support/random.h"
#include "tests/test.h"

#define WINDOW(size)                                                                               \
    {                                                                                              \
        .kernel = {size, size}, .stride = {1, 1}, .dilation = {1, 1},                              \
        .pad_begin = {size / 2, size / 2}, .pad_end = {                                            \
            size / 2,                                                                              \
            size / 2                                                                               \
        }                                                                                          \
    }

static struct matrix_shape conv(int in, int out, int size) {
    return (struct matrix_shape){.in_channels = in,
                                 .in_height = 4,
                                 .in_width = 5,
                                 .out_channels = out,
                                 .out_height = 4,
                                 .out_width = 5,
                                 .groups = 1,
                                 .window = WINDOW(size)};
}

/* a = relu(conv0(x)); y = fc(flatten(relu(a + conv2(relu(conv1(a)))))). */
void residual_open(struct net *net) {
    struct test_random random = {5};
    const char *image = "1x6x4x5";
    const struct matrix_shape shapes[LAYERS] = {
        conv(2, FILTERS, 3),
        conv(FILTERS, FILTERS, 3),
        conv(FILTERS, FILTERS, 3),
        dense_shape(FILTERS * PIXELS, CLASSES),
    };
    net_open(net, "1x2x4x5");
    for (int i = 0; i < LAYERS; i++) {
        size_t n = (size_t)matrix_rows(&shapes[i]) * (size_t)shapes[i].out_channels;
        float *weights = ARENA_NEW(&net->arena, n, float);
        CU_ASSERT_PTR_NOT_NULL_FATAL(weights);
        for (size_t k = 0; k < n; k++)
            weights[k] = (float)test_random_below(&random, 2001) / 1000.0F - 1.0F;
        net_linear(net, &shapes[i]);
        net->linear[i].weights = weights;
    }
    net_node(net, OP_CONV, 0, -1, net_float(net, image))->matrix = 0; /* tensor 1 */
    net_node(net, OP_RELU, 1, -1, net_float(net, image));
    net_node(net, OP_CONV, 2, -1, net_float(net, image))->matrix = 1; /* 3 */
    net_node(net, OP_RELU, 3, -1, net_float(net, image));
    net_node(net, OP_CONV, 4, -1, net_float(net, image))->matrix = 2; /* 5 */
    net_node(net, OP_ADD, 5, 2, net_float(net, image));
    net_node(net, OP_RELU, 6, -1, net_float(net, image));
    net_node(net, OP_RESHAPE, 7, -1, net_float(net, "1x120"));
    net_node(net, OP_GEMM, 8, -1, net_float(net, "1x3"))->matrix = 3;
    for (int n = 0; n < net->network.n_nodes; n++)
        if (net->nodes[n].matrix >= 0)
            net->linear[net->nodes[n].matrix].node = n;
}

/* Images that vary more than net_input's. */
struct engine_request residual_images(struct net *net) {
    struct test_random random = {11};
    struct engine_request request = net_request(net, IMAGES);
    float *values = ARENA_NEW(&net->arena, IMAGES * 2 * PIXELS, float);
    CU_ASSERT_PTR_NOT_NULL_FATAL(values);
    for (int i = 0; i < IMAGES * 2 * PIXELS; i++)
        values[i] = (float)test_random_below(&random, 1000) / 500.0F - 1.0F;
    net->dataset.floats = values;
    return request;
}

void residual_prune(struct net *net, struct layerwise_request *request,
                    struct layerwise_layer *layers) {
    struct diagnostic diag = {0};
    struct engine_request images = residual_images(net);
    request->network = &net->network;
    request->images = images.dataset;
    request->samples = request->samples > 0 ? request->samples : 400;
    request->threads = request->threads > 0 ? request->threads : 1;
    ASSERT_OK(layerwise_prune(request, layers, &net->arena, &diag), diag);
}
