/* Small networks made by hand, and runs of them, for the tests of the engine.
 *
 * Order of calls: net_open, tensors and nodes in order of computation, net_run any number of times,
 * net_close. Failures end the test through CUnit. */
#ifndef MHO_TESTS_SUPPORT_NETS_H
#define MHO_TESTS_SUPPORT_NETS_H

#include "sim/engine/engine.h"

enum { NET_MAX = 64 };

struct net {
    struct network network; /* over the arrays below */
    struct tensor tensors[NET_MAX];
    struct node nodes[NET_MAX];
    int inputs[NET_MAX][4];
    struct linear_layer linear[4];
    struct matrix_layer matrix[4];
    struct dataset dataset; /* of the images that net_run makes */
    struct arena arena;
};

/* Shapes are text: "1x3x5x4". The input is float tensor 0. */
void net_open(struct net *net, const char *input_shape);
void net_close(struct net *net);

int net_float(struct net *net, const char *shape);
int net_bytes(struct net *net, const char *shape, float scale, int zero_point);
int net_constant(struct net *net, const char *shape, const float *values);

/* A node from tensors `a` and `b` (-1: none) to `output`, which becomes the network's output. */
struct node *net_node(struct net *net, enum op op, int a, int b, int output);

/* A convolution or product of the float weights and bias net_weight and net_bias; the caller fills
 * the shape's window. Returns the layer's index. */
int net_linear(struct net *net, const struct matrix_shape *shape);

/* A quantised layer between two tensors' quantisations: weights net_weight * 8 and bias * 40. */
int net_matrix(struct net *net, const struct matrix_shape *shape, int input, int output);

/* Exact in float32: multiples of 1/8 (inputs, weights) and 1/4 (biases). */
float net_input(size_t i);
float net_weight(size_t i);
float net_bias(size_t i);

struct net_way {
    int threads, batch;
};

/* Runs `images` images, image k of which holds net_input(k * count + i); logits as the network's
 * output, image after image, in an array that lives until net_close. */
const float *net_run(struct net *net, int images, struct net_way way);

/* The request for such a run, for tests that call the engine themselves. */
struct engine_request net_request(struct net *net, int images);

#endif
