#include "tests/support/nets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

float net_input(size_t i) {
    return ((float)((i * 37 + 11) % 23) - 11.0F) / 8.0F;
}

float net_weight(size_t i) {
    return ((float)((i * 29 + 5) % 17) - 8.0F) / 8.0F;
}

float net_bias(size_t i) {
    return ((float)((i * 13 + 3) % 7) - 3.0F) / 4.0F;
}

static void *keep(void *pointer) {
    CU_ASSERT_PTR_NOT_NULL_FATAL(pointer);
    return pointer;
}

static int tensor_new(struct net *net, enum tensor_type type, const char *shape) {
    int index = net->network.n_tensors++;
    CU_ASSERT_FATAL(index < NET_MAX);
    struct tensor *t = &net->tensors[index];
    *t = (struct tensor){.type = type, .count = 1};
    t->name = keep(arena_printf(&net->arena, "tensor %d", index));
    for (const char *s = shape; *s != '\0'; s += *s == 'x') {
        char *end;
        int size = (int)strtol(s, &end, 10);
        t->shape[t->rank++] = size;
        t->count *= (size_t)size;
        s = end;
    }
    return index;
}

void net_open(struct net *net, const char *input_shape) {
    *net = (struct net){0};
    net->network = (struct network){.path = "by hand",
                                    .tensors = net->tensors,
                                    .nodes = net->nodes,
                                    .linear = net->linear,
                                    .matrix = net->matrix};
    net->network.input = net->network.output = tensor_new(net, TENSOR_FLOAT, input_shape);
}

void net_close(struct net *net) {
    arena_free(&net->network.arena); /* what was changed of the network since */
    arena_free(&net->arena);
}

int net_float(struct net *net, const char *shape) {
    return tensor_new(net, TENSOR_FLOAT, shape);
}

int net_bytes(struct net *net, const char *shape, float scale, int zero_point) {
    int index = tensor_new(net, TENSOR_U8, shape);
    net->tensors[index].quant = (struct quantisation){scale, zero_point, 8};
    return index;
}

int net_constant(struct net *net, const char *shape, const float *values) {
    int index = tensor_new(net, TENSOR_FLOAT, shape);
    net->tensors[index].floats = values;
    return index;
}

struct node *net_node(struct net *net, enum op op, int a, int b, int output) {
    int index = net->network.n_nodes++;
    CU_ASSERT_FATAL(index < NET_MAX);
    struct node *node = &net->nodes[index];
    net->inputs[index][0] = a;
    net->inputs[index][1] = b;
    *node = (struct node){.op = op,
                          .name = keep(arena_printf(&net->arena, "node %d", index)),
                          .n_inputs = b < 0 ? 1 : 2,
                          .inputs = net->inputs[index],
                          .output = output,
                          .matrix = -1,
                          .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}};
    net->network.output = output;
    return node;
}

int net_linear(struct net *net, const struct matrix_shape *shape) {
    int index = net->network.n_linear++;
    size_t filters = (size_t)shape->out_channels, rows = (size_t)matrix_rows(shape);
    float *weights = keep(ARENA_NEW(&net->arena, filters * rows, float));
    float *bias = keep(ARENA_NEW(&net->arena, filters, float));
    for (size_t i = 0; i < filters * rows; i++)
        weights[i] = net_weight(i);
    for (size_t i = 0; i < filters; i++)
        bias[i] = net_bias(i);
    net->linear[index] =
        (struct linear_layer){.name = "linear", .shape = *shape, .weights = weights, .bias = bias};
    return index;
}

int net_matrix(struct net *net, const struct matrix_shape *shape, int input, int output) {
    int index = net->network.n_matrix++;
    size_t filters = (size_t)shape->out_channels, rows = (size_t)matrix_rows(shape);
    int16_t *weights = keep(ARENA_NEW(&net->arena, filters * rows, int16_t));
    int64_t *bias = keep(ARENA_NEW(&net->arena, filters, int64_t));
    float *multiplier = keep(ARENA_NEW(&net->arena, filters, float));
    for (size_t i = 0; i < filters * rows; i++)
        weights[i] = (int16_t)(net_weight(i) * 8.0F);
    for (size_t i = 0; i < filters; i++) {
        bias[i] = (int64_t)(net_bias(i) * 40.0F);
        multiplier[i] = 0.05F + 0.003F * (float)i;
    }
    bool quantised = net->tensors[output].type == TENSOR_U8;
    net->matrix[index] = (struct matrix_layer){.name = "matrix",
                                               .shape = *shape,
                                               .weight_bits = 8,
                                               .weights = weights,
                                               .weight_scale = multiplier,
                                               .bias = bias,
                                               .input = net->tensors[input].quant,
                                               .quantised_output = quantised,
                                               .output = net->tensors[output].quant,
                                               .high = 255,
                                               .multiplier = multiplier};
    return index;
}

struct engine_request net_request(struct net *net, int images) {
    size_t count = net->tensors[net->network.input].count, all = count * (size_t)images;
    float *values = keep(ARENA_NEW(&net->arena, all, float));
    for (size_t i = 0; i < all; i++)
        values[i] = net_input(i);
    float *one = keep(ARENA_NEW(&net->arena, 1, float));
    *one = 1.0F;
    net->dataset = (struct dataset){.count = images,
                                    .channels = 1,
                                    .height = 1,
                                    .width = (int)count,
                                    .floats = values,
                                    .mean = keep(ARENA_NEW(&net->arena, 1, float)),
                                    .std = one};
    return (struct engine_request){.dataset = &net->dataset, .count = images, .threads = 1};
}

const float *net_run(struct net *net, int images, struct net_way way) {
    struct diagnostic diag = {0};
    struct engine *engine;
    size_t classes = net->tensors[net->network.output].count;
    struct engine_request request = net_request(net, images);
    request.threads = way.threads;
    request.batch = way.batch;
    struct engine_result result = {
        .logits = keep(ARENA_NEW(&net->arena, classes * (size_t)images, float))};
    ASSERT_OK(engine_create(&net->network, NULL, NULL, &engine, &diag), diag);
    ASSERT_OK(engine_run(engine, &request, &result, &diag), diag);
    engine_free(engine);
    return result.logits;
}
