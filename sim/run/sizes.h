/* Sizes of arrays, one for each layer, chosen from lists (crossbar.choose). Private to the room.
 *
 * A layer's own area and energy follow from its size alone, but for what the chip joins: under
 * adc.allocation: uniform all converters have the bits of the layer that needs the most; leakage
 * flows for the slowest layer's time; a model of converters may follow the largest arrays; results
 * travel between layers. So the choice is made in two steps, both by the cost model itself:
 *
 * 1. For every resolution that some layer needs with some size, all layers that keep to it take the
 *    size of their least, with converters of that resolution: the sum is then the least of all
 *    assignments that need it, where nothing else joins layers. The best of these is the start.
 * 2. One layer after the other takes another size where the whole network's figure falls, until
 *    none falls any more.
 *
 * Area is the least there is; energy a minimum that no single layer can improve. */
#ifndef MHO_RUN_SIZES_H
#define MHO_RUN_SIZES_H

#include "sim/run/run_internal.h"

/* What a layer may have. */
struct size_list {
    int n; /* at least 1 */
    struct crossbar_size size[CROSSBAR_SIZES_MAX];
    const struct mapped_layer *mapped[CROSSBAR_SIZES_MAX]; /* the layer with arrays of that size */
};

/* The lists of all matrix layers, by crossbar.sizes; layers without have their rows x columns.
 * lists [network->n_matrix]; `mapped` stays NULL. Refuses sizes without a choice and a choice
 * without sizes. */
enum status sizes_read(const struct config *config, const struct network *network,
                       struct size_list *lists, struct diagnostic *diag);

/* Leaves out of the lists of several sizes those that their layer cannot have: too few columns for
 * a weight, too few rows for an operation unit or a fragment. Refuses a list of which none is left.
 * `left_out` counts them, and says of the first why, in `arena`. */
enum status sizes_leave_out(const struct config *config, const struct network *network,
                            struct size_list *lists, struct run_sizes_left_out *left_out,
                            struct arena *arena, struct diagnostic *diag);

/* Chooses: pick [n_layers], by `inputs`, whose mapping has as many layers, and is not read
 * otherwise. Activities are the configured ones, copies those of the mapping. Of equals the size
 * that stands first in the layer's list. */
enum status sizes_choose(const struct cost_inputs *inputs, const struct size_list *lists, int *pick,
                         struct diagnostic *diag);

#endif
