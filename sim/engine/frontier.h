/* Frontier: the activations of many images between two steps of a float network, so that its layers
 * can be changed one after the other without running from the start for each.
 *
 * Order of calls: frontier_create (the images at the network's input), then frontier_advance
 * forwards any number of times and reads in between, frontier_free. Each advance may use another
 * engine, as long as its network is the same graph (other weights): the engine of the last call is
 * referred to until the next. Memory: what later steps read of every image, and nothing else; so an
 * advance costs only the layers between. Results do not depend on the number of threads. */
#ifndef MHO_ENGINE_FRONTIER_H
#define MHO_ENGINE_FRONTIER_H

#include "sim/engine/engine.h"

struct frontier; /* opaque */

/* Where to stop at a float matrix layer: before it is computed, or after. */
enum frontier_side { FRONTIER_INPUT, FRONTIER_OUTPUT };

/* The images of `request` (dataset, first, count, threads and stop are read; batch and progress are
 * not). The network must not be quantised. The dataset is read now only. */
enum status frontier_create(const struct engine *engine, const struct engine_request *request,
                            struct frontier **frontier, struct diagnostic *diag);
void frontier_free(struct frontier *frontier);

/* Runs every image up to a side of layer `linear` (index into network->linear), which must not lie
 * behind. STATUS_INTERRUPTED when the request's `stop` became true. */
enum status frontier_advance(struct frontier *frontier, const struct engine *engine, int linear,
                             enum frontier_side side, struct diagnostic *diag);

/* At the input of a layer: the row of its im2col matrix for `group` at output position `position`
 * (row-major over height, width) of an image: [rows] in (channel, kernel row, kernel column) order,
 * zeros where the window leaves the image. */
void frontier_row(const struct frontier *frontier, int group, int image, long position, float *row);

/* Whether the values of an activation are held: computed, and read by a later step. */
bool frontier_holds(const struct frontier *frontier, int tensor);

/* At a layer, either side: all channels [out_channels], at one output position, of a held tensor
 * with the shape of the layer's output. Of that output itself, at its side: the pre-activations. */
void frontier_channels(const struct frontier *frontier, int tensor, int image, long position,
                       float *channels);

#endif
