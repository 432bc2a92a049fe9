/* The stages of one evaluation, in the order of evaluate.c. Each reads what earlier ones left in
 * `struct evaluation` and fills its own part; evaluation_free takes everything down. */
#ifndef MHO_RUN_RUN_INTERNAL_H
#define MHO_RUN_RUN_INTERNAL_H

#include "sim/network/dataset.h"
#include "sim/run/run.h"
#include "sim/run/share.h"

struct evaluation {
    const struct config *config;
    const struct run_hooks *hooks;
    struct run_cache *cache;
    const struct run_options *options;
    int threads;                     /* >= 1 */
    enum run_stage stage;            /* the one that runs now */
    int trial, trials;               /* in RUN_SIMULATE: the trial that runs; else 0 of 1 */
    bool unpruned;                   /* section pruning is left out: a baseline */
    bool fill_zeros;                 /* no weight is zero: the network of a dense baseline */
    struct network float_network;    /* empty for a QDQ model */
    struct dataset test;             /* empty without accuracy */
    struct run_key network_key;      /* of the network as it is after the last stage */
    struct run_share *network_share; /* which the result holds */
    struct run_key float_key;        /* of float_network, pruned */
    struct run_key test_key, calibration_key, mapping_key;
    struct size_list *sizes; /* [n_matrix] where they are chosen, else NULL */
    struct run_result *result;
};

/* The mapping as configured; with crossbar.choose, the layers at all of their sizes
 * (evaluation->sizes), and some of these as the mapping until choose_sizes. */
enum status take_mapping(struct evaluation *evaluation, struct diagnostic *diag);

/* Gives the layers the sizes of the least area or energy, once chip and devices are known. */
enum status choose_sizes(struct evaluation *evaluation, struct diagnostic *diag);

/* RUN_IMPORT: the model, and the test images so that a wrong label file fails at once. */
enum status stage_import(struct evaluation *evaluation, struct diagnostic *diag);
/* RUN_PRUNE: the weights of result->network or float_network, by masks. */
enum status stage_prune(struct evaluation *evaluation, struct diagnostic *diag);
/* RUN_CALIBRATE: result->network, quantised. */
enum status stage_calibrate(struct evaluation *evaluation, struct diagnostic *diag);
/* RUN_MAP: mapping, converters, chip, and a first estimate so that a chip that does not fit fails
 * before hours of simulation. */
enum status stage_map(struct evaluation *evaluation, struct diagnostic *diag);
/* RUN_FIT: result->histograms, and the fits of converters that need one. */
enum status stage_fit(struct evaluation *evaluation, struct diagnostic *diag);
/* RUN_FLOAT, RUN_IDEAL, RUN_SIMULATE. */
enum status stage_float(struct evaluation *evaluation, struct diagnostic *diag);
enum status stage_ideal(struct evaluation *evaluation, struct diagnostic *diag);
enum status stage_simulate(struct evaluation *evaluation, struct diagnostic *diag);
/* RUN_COST. */
enum status stage_cost(struct evaluation *evaluation, struct diagnostic *diag);

/* RUN_BASELINE: result->baseline. */
enum status stage_baseline(struct evaluation *evaluation, struct diagnostic *diag);
/* A baseline that cannot be, before anything is simulated. */
enum status check_baseline(const struct evaluation *evaluation, struct diagnostic *diag);

/* Gives every zero weight of a quantised network the value of another of its filter, in turn; the
 * new weights lie in `arena`, and network->matrix is its owner's alone. */
enum status fill_zero_weights(struct network *network, struct arena *arena,
                              struct diagnostic *diag);

/* What every evaluation begins with. */
enum status evaluation_begin(struct evaluation *evaluation, struct diagnostic *diag);

/* Fills result->contents once the model and the test images are there. */
enum status gather_contents(struct evaluation *evaluation, struct diagnostic *diag);

/* All stages with `evaluation` as set up but for its options and threads; on failure the result is
 * empty. */
enum status evaluate_stages(struct evaluation *evaluation, struct diagnostic *diag);

/* At most `count` calibration images of the network; refuses those that are, for the most part,
 * test images. */
enum status take_calibration(struct evaluation *evaluation, const struct network *network,
                             int count, const struct dataset **images, struct diagnostic *diag);

/* The chip of section chip. */
enum status take_chip(struct evaluation *evaluation, const struct chip **chip,
                      struct diagnostic *diag);

/* The model that a baseline reads. */
enum status add_baseline_contents(struct evaluation *evaluation, struct run_contents *contents,
                                  struct diagnostic *diag);

/* Device and converter errors of every layer (sections device and adc): fills result->devices and
 * result->random, and `analog` and `path` of the layers that are not ideal. */
enum status make_devices(struct evaluation *evaluation, struct diagnostic *diag);

/* {channels, height, width} and number of classes of a network. */
enum status network_image_shape(const struct network *network, int shape[3],
                                struct diagnostic *diag);
int network_classes(const struct network *network);

/* Transfer and bits of one layer's converters by itself; `word`: adc.bits is a word, so that under
 * uniform allocation others may raise them. */
enum status run_resolve_layer(const struct config *config, const struct mapped_layer *mapped,
                              struct engine_layer *layer, bool *word, struct diagnostic *diag);

/* Fills result->storage and storage_smallest. */
enum status count_storage(struct evaluation *evaluation, struct diagnostic *diag);

/* Format of one layer's weights, as section quantization has it. */
enum status layer_weight_format(const struct config *config, const char *layer,
                                struct weight_format *format, struct diagnostic *diag);

/* Reports progress of the running stage; fits engine_progress with the evaluation as context. */
void evaluation_progress(void *evaluation, int done, int total);

#endif
