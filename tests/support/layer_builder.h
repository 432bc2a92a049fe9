/* Small quantised matrix layers and their mapping, made from a handful of numbers. */
#ifndef MHO_TESTS_LAYER_BUILDER_H
#define MHO_TESTS_LAYER_BUILDER_H

#include "mapping/mapping.h"
#include "sim/config/config.h"
#include "sim/network/network.h"

/* A network of one matrix layer with random weights, bias and quantisation. */
struct built_layer {
    struct network network;
    struct matrix_layer layer;
    struct mapping mapping; /* after map_layer_as */
    struct arena arena;
};

/* Fully connected. */
struct matrix_shape dense_shape(int inputs, int outputs);

/* The shape's out_height and out_width are computed. `zero_share` of 8 weights are zero. */
void build_layer(struct built_layer *built, struct matrix_shape shape, int weight_bits,
                 int zero_share, uint64_t seed);

/* Maps it with "section.key=value" settings (NULL-terminated). */
void map_layer_as(struct built_layer *built, const char *const *settings);

void free_layer(struct built_layer *built);

#endif
