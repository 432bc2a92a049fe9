/* Hand-made networks, mappings and configurations for the tests of the cost room. */
#ifndef MHO_TESTS_SUPPORT_COST_FIXTURE_H
#define MHO_TESTS_SUPPORT_COST_FIXTURE_H

#include "sim/cost/cost.h"

enum { FIXTURE_LAYERS = 2, FIXTURE_ARRAYS = 20000, FIXTURE_TENSORS = 8 };

/* One or two matrix layers, cut into arrays by hand. A zeroed fixture is empty. */
struct cost_fixture {
    struct chip chip;
    struct config *config;
    struct network network;
    struct matrix_layer matrix[FIXTURE_LAYERS];
    struct tensor
        tensors[FIXTURE_TENSORS + FIXTURE_LAYERS]; /* 0: the input; results of layers last */
    struct node nodes[2 + FIXTURE_LAYERS];         /* room for two of the test's own */
    int inputs[FIXTURE_LAYERS];
    struct mapping mapping;
    struct mapped_layer mapped[FIXTURE_LAYERS];
    struct engine_layer layers[FIXTURE_LAYERS];
    struct arena arena;
};

/* A layer as its shape on crossbars; differential, every column of every array programmed. */
struct fixture_layer {
    int rows, columns, positions; /* weight matrix */
    int crossbar_rows, crossbar_columns;
    int weight_columns; /* physical columns of a weight, 2 bits a cell */
    int activation_bits, dac_bits, adc_bits;
};

/* Loads the preset isaac and the default options, and overrides them with `assignments`
 * (NULL-terminated). */
void fixture_begin(struct cost_fixture *fixture, const char *const *assignments);

/* Adds a layer that takes the one before, and maps it: row blocks from row 0, as many whole weights
 * as fit an array. */
void fixture_add(struct cost_fixture *fixture, const struct fixture_layer *layer);

/* What an estimate of the fixture as it stands is made from: sums over its arrays included, no
 * activity, no devices. */
struct cost_inputs fixture_inputs(struct cost_fixture *fixture);

/* Estimates without measured activity, and asserts that it went well. */
void fixture_estimate(struct cost_fixture *fixture, struct cost_report *report);

void fixture_free(struct cost_fixture *fixture);

/* The row of a component in a layer (-1: shared); the test fails when there is not exactly one. */
const struct cost_row *fixture_row(const struct cost_report *report, int layer,
                                   const char *component);

#endif
