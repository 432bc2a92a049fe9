/* Networks made by hand (tests/support/nets.h), mapped and timed on a chip. */
#ifndef MHO_TESTS_SUPPORT_TIMED_NET_H
#define MHO_TESTS_SUPPORT_TIMED_NET_H

#include "sim/cost/cost.h"
#include "tests/support/nets.h"

/* Order of calls: timed_open, layers and nodes (net_node on `net`), timed_map, any estimates,
 * timed_close. Failures end the test. */
struct timed_net {
    struct net net;
    struct config *config;
    struct chip chip;
    struct mapping mapping;
    const struct floorplan *plan; /* for timed_estimate; NULL: in order */
    struct engine_layer layers[4];
    struct cost_report report; /* of the last timed_estimate */
};

/* `input_shape` of 8-bit values, as "1x3x5x4"; tensor 0. */
void timed_open(struct timed_net *timed, const char *input_shape);

/* A convolution of `kernel` x `kernel` places, of maps or vectors ("1xN"), whose padding keeps the
 * map's size at stride 1. Returns its output tensor. */
int timed_conv(struct timed_net *timed, int input, int filters, int kernel, int stride);
int timed_product(struct timed_net *timed, int input, int columns);

/* Max-pool of `size` x `size` places, without padding; addition; all values as one vector. */
int timed_pool(struct timed_net *timed, int input, int size);
int timed_add(struct timed_net *timed, int a, int b);
int timed_flatten(struct timed_net *timed, int input);

/* Opens a residual block on 6 x 5 places, then a pool and a product. */
void timed_residual(struct timed_net *timed);

/* Loads the chip and maps the network under "section.key=value" settings (NULL-terminated, or
 * NULL). */
void timed_map(struct timed_net *timed, const char *preset, const char *const *settings);
struct cost_inputs timed_inputs(const struct timed_net *timed);
const struct cost_report *timed_estimate(struct timed_net *timed);
void timed_close(struct timed_net *timed);

#endif
