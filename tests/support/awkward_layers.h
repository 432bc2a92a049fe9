/* Small layers of awkward shapes, run through the engine: what tests of matrix layers share. */
#ifndef MHO_TESTS_AWKWARD_LAYERS_H
#define MHO_TESTS_AWKWARD_LAYERS_H

#include "sim/engine/matrix.h"
#include "tests/support/layer_builder.h"
#include "tests/support/slow_layer.h"

enum { AWKWARD_IMAGES = 3, AWKWARD_BYTES = 8192, AWKWARD_SHAPES = 6 };

/* Inputs and outputs of AWKWARD_IMAGES images take fewer than AWKWARD_BYTES bytes each. */
extern const struct matrix_shape awkward_shapes[AWKWARD_SHAPES];

/* A third of the bytes is zero. */
void awkward_images(const struct matrix_shape *shape, uint8_t *x, uint64_t seed);

/* Runs the images through the layer as `how` says (NULL: ideal) into y. */
void awkward_run(const struct built_layer *built, struct engine_layer *how, const uint8_t *x,
                 uint8_t *y, struct layer_activity *activity);

/* Bytes of one image's input, values of its output. */
int awkward_input_bytes(const struct matrix_shape *shape);
int awkward_output_count(const struct matrix_shape *shape);

/* DESIGN, "Quantised layer", from a sum as the converters gave it. */
uint8_t awkward_requantised(const struct matrix_layer *layer, int64_t sum, int filter);

/* How many of the outputs y of the images x differ from those of slow arrays, as they are mapped.
 */
int awkward_wrong(const struct built_layer *b, const struct slow_crossbar *xbar, const uint8_t *x,
                  const uint8_t *y);

/* Runs images of `seed` through a mapped layer with converters that lose something: `xbar` says the
 * encoding, flip, nominal and unit rows, transfer (clip or full_range) and ADC bits; weights and
 * activations are of 8 bits, cells of 2, digits of 1. How many outputs differ from those of slow
 * arrays; the layer must be read bit by bit. y: AWKWARD_BYTES, what came out. */
int awkward_limited(const struct built_layer *b, struct slow_crossbar xbar, uint64_t seed,
                    uint8_t *y);

#endif
