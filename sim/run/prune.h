/* Pruning of a network as a configuration asks for it, for stages and for `mho prune`.
 *
 * Order of calls: network_import_as, run_prune_check, the calibration images where
 * run_prune_needs_images, run_prune. */
#ifndef MHO_RUN_PRUNE_H
#define MHO_RUN_PRUNE_H

#include "sim/config/config.h"
#include "sim/run/layerwise.h"

struct run_prune_request {
    const struct config *config;
    struct prune_plan *plans;     /* [n_linear] run_prune_plans; layers that compete get numbers */
    const struct dataset *images; /* NULL unless run_prune_needs_images */
    int threads;
    layerwise_progress *progress; /* may be NULL */
    void *context;
    const atomic_bool *stop; /* may be NULL */
};

/* Whether masks or weights depend on calibration images. */
bool run_prune_needs_images(const struct config *config);

/* Whether weights are rounded as they are fitted, in layers that nothing is removed from, too. */
bool run_prune_rounds(const struct config *config);

/* Refuses such pruning, and masks, of a quantised model; images that are needed and not set; masks
 * and a scheme together. */
enum status run_prune_check(const struct config *config, bool float_model, struct diagnostic *diag);

/* The calibration images of a network. */
enum status run_load_calibration(const struct config *config, const struct network *network,
                                 struct dataset *images, struct diagnostic *diag);

/* Whether any of the plans [count] removes anything. */
bool run_prune_removes(const struct prune_plan *plans, int count);

/* Prunes a float network: its layers get new weights and biases, in its arena, which `layers`
 * [n_linear] points to. */
enum status run_prune(const struct run_prune_request *request, struct network *network,
                      struct layerwise_layer *layers, struct diagnostic *diag);

#endif
