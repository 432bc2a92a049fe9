/* A small residual float network, and its layer-wise pruning on images made by hand. */
#ifndef MHO_TESTS_RESIDUAL_NET_H
#define MHO_TESTS_RESIDUAL_NET_H

#include "sim/run/layerwise.h"
#include "tests/support/nets.h"

enum { IMAGES = 60, LAYERS = 4, FILTERS = 6, PIXELS = 20, CLASSES = 3 };

/* a = relu(conv0(x)); y = fc(flatten(relu(a + conv2(relu(conv1(a)))))). Images x are 2 x 4 x 5, all
 * convolutions 3 x 3; tensors: a 2, of conv1 3 and 4, of conv2 5. */
void residual_open(struct net *net);

/* IMAGES images, which vary more than net_input's. */
struct engine_request residual_images(struct net *net);

/* Prunes on them; samples and threads are 400 and 1 where the request leaves them 0. */
void residual_prune(struct net *net, struct layerwise_request *request,
                    struct layerwise_layer *layers);

#endif
