/* Layer-wise pruning of a float network with calibration images: each layer, in order, is pruned
 * and reconstructed on its inputs in the network as pruned so far, towards its outputs in the dense
 * one.
 *
 * Targets from the dense network make every layer correct the errors of those before it. Where a
 * layer's outputs are added to a tensor that both networks have computed already, the difference of
 * the two is made up for as well. Layers behind the first pruned one are fitted even where nothing
 * is removed from them. Results follow from the seed, whatever the number of threads. */
#ifndef MHO_RUN_LAYERWISE_H
#define MHO_RUN_LAYERWISE_H

#include "pruning/reconstruct.h"
#include "sim/engine/engine.h"

/* Called from one thread, before each layer and after the last. */
typedef void layerwise_progress(void *context, int done, int total);

struct layerwise_request {
    const struct network *network;  /* float */
    const struct prune_plan *plans; /* [n_linear]; n_steps 0: the layer stays dense */
    const uint8_t *const *masks;    /* [n_linear] given instead of plans (NULL: all by plans); NULL
                                       entries: the layer stays dense */
    const struct weight_format *round; /* [n_linear] fitted weights end on the levels of these, and
                                          every layer is fitted; NULL: anywhere */
    enum reconstruct_method method;
    enum prune_score score;
    int samples; /* rows of each layer's least squares, about: images * positions */
    uint64_t seed;
    const struct dataset *images;
    int threads;
    layerwise_progress *progress; /* may be NULL */
    void *progress_context;
    const atomic_bool *stop; /* may be NULL */
};

struct layerwise_layer {
    const uint8_t *mask;  /* [columns][rows]; NULL: dense */
    const float *weights; /* [columns][rows]; the network's own where nothing changed */
    const float *bias;    /* [columns] */
    double error_before;  /* of the layer's outputs, see reconstruct.h; NAN: not fitted */
    double error_after;
};

/* Fills `layers` [n_linear]; what they point to lies in `arena` or belongs to the network. */
enum status layerwise_prune(const struct layerwise_request *request, struct layerwise_layer *layers,
                            struct arena *arena, struct diagnostic *diag);

#endif
