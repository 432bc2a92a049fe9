/* Time: a network as steps that pass maps to each other, and how long images take through them.
 *
 * Order of calls: flow_create (network -> steps and what each needs of others), then
 * pipeline_latency (analytic: nothing waits for buses, buffers and routers). The event-driven model
 * of the same chip is events.h. Pure functions; times in seconds.
 *
 * A step is what has hardware of its own: the input, a matrix layer, a pooling window, or a join
 * (addition, product or concatenation of two maps). Everything else (activations, quantisation,
 * reshapes) passes values on and takes no time of its own. Every step computes its map position by
 * position, row after row. */
#ifndef MHO_TIME_FLOW_H
#define MHO_TIME_FLOW_H

#include "mapping/mapping.h"
#include "sim/chip/chip.h"

enum flow_kind { FLOW_INPUT, FLOW_MATRIX, FLOW_POOL, FLOW_JOIN };

/* Place o of a step's map, seen in another one: step * o + offset, kept within low..high. Windows
 * of windows are again of this form. */
struct flow_ramp {
    int step, offset, low, high;
};

enum { FLOW_FIRST, FLOW_LAST };

/* What a step takes from one other step: position (r, c) needs nothing of the other's map before
 * (row[FLOW_FIRST](r), column[FLOW_FIRST](c)) and nothing after the same of FLOW_LAST. */
struct flow_input {
    int from;     /* step, before this one */
    bool whole;   /* the other's map must be complete, whatever is needed */
    bool control; /* order only, no values pass (layer after layer) */
    struct flow_ramp row[2], column[2];
    int channel_offset; /* of the other's channels among this step's inputs (concatenation) */
    int channel_width;  /* channels of this step's input that they are */
    /* Set by those who know where steps lie; 0: at once. */
    double link_s; /* a position of the other's map takes that on links between chips */
    double load_s; /* ... from memory off the chip, where an earlier pass left it */
};

struct flow_step {
    enum flow_kind kind;
    int layer;                   /* FLOW_MATRIX: index into mapping->layers; else -1 */
    int rows, columns, channels; /* of the map that it computes */
    int bits;                    /* of one of its values */
    int window;                  /* values of one channel that a position reads: pools, joins */
    bool adds;                   /* a join that computes: not a concatenation */
    struct flow_input *inputs;
    int n_inputs;
    int first_pass, last_pass; /* that it works in, where one chip makes several */
    double store_s; /* a position of its map takes that to memory off the chip; 0: no later
                       pass reads it */
};

struct flow {
    struct flow_step *steps; /* in an order of execution; the first one is the input */
    int n_steps;
    int output; /* the step whose map is the network's result */
    enum chip_pipeline pipeline;
    struct arena arena;
};

/* Steps of a network, and what `pipeline` makes of their dependences: only PIPELINE_ROWS lets a
 * step start before its inputs are whole, and PIPELINE_LAYERS adds the order of the layers. `chip`
 * gives the bits of results that stay real numbers. Cost: O(nodes). */
enum status flow_create(const struct chip *chip, const struct network *network,
                        enum chip_pipeline pipeline, struct flow *flow, struct diagnostic *diag);
void flow_free(struct flow *flow);

/* Positions of one image in a step. */
long flow_positions(const struct flow_step *step);

/* Last row or column of the other's map that a row or column of the step needs (FLOW_LAST), or the
 * first one (FLOW_FIRST). */
int flow_row(const struct flow_input *input, int which, int row);
int flow_column(const struct flow_input *input, int which, int column);

/* First column of the step, of `columns`, that needs the other's map as far as its last one does:
 * windows over the padding at the end wait for nothing new. */
int flow_settled_column(const struct flow_input *input, int columns);

/* How many positions of input->from must be done before `position` of the step can start, and how
 * many of them nobody needs once it has been read: positions of one image, in raster order. */
long flow_needs(const struct flow *flow, const struct flow_step *step,
                const struct flow_input *input, long position);
long flow_releases(const struct flow *flow, const struct flow_step *step,
                   const struct flow_input *input, long position);

/* Least positions of input->from that the step must be able to hold for each of its inputs, so that
 * the network gets on at all: what one image needs when each step only computes what the output
 * asks for, one position after the other. capacity[s][i] for input i of step s, in `arena`. Cost:
 * O(positions * steps). */
enum status flow_least_capacities(const struct flow *flow, struct arena *arena, long ***capacity,
                                  struct diagnostic *diag);

/* Values of a layer's input that lie in buffers. ISAAC (ISCA 2016) section VI: a pipelined layer
 * starts when (Nx * (Ky - 1) + Kx) * Nif of them are there; its table rounds that up to whole rows,
 * Nx * Ky * Nif. Beside them the map, of which a layer holds everything where it starts last. */
struct pipeline_buffer {
    double window, rows, map;
};
struct pipeline_buffer pipeline_buffer(const struct matrix_shape *shape);

/* A matrix layer as a pipeline: `copies` positions start together, `interval_s` after the ones
 * before, and have their results `fill_s` after their start. */
struct pipeline_layer {
    int copies;
    double interval_s, fill_s;
};

/* Latency of one image that waits for nothing but its inputs, in those steps that work in `pass` (0
 * where there is but one): of maps from earlier passes all is in memory when it begins, and maps
 * that later ones read must be in memory before it ends. A link takes positions one after the
 * other, as they come. `layers` [mapping->n_layers], a pooling step takes `pooling_s`. Row by row:
 * within a row results are taken to come at a steady pace. That is exact where all layers have one
 * pace; else a layer may come some intervals early for each window of padding, or up to a row late.
 * Cost: O(rows of all maps). */
enum status pipeline_latency(const struct flow *flow, const struct pipeline_layer *layers,
                             double pooling_s, int pass, double *latency_s,
                             struct diagnostic *diag);

/* Times of a layer's hardware. */
struct layer_timing {
    double cycle_s;      /* of one array read: the chip's, or what its converters need */
    double converting_s; /* what the columns of one read take in one converter */
    double reads; /* for one position, one after the other; a mean where digits are skipped */
};

#endif
