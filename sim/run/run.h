/* Run: evaluates one design point, stage by stage; prints nothing, stores nothing. */
#ifndef MHO_RUN_RUN_H
#define MHO_RUN_RUN_H

#include "mapping/mapping.h"
#include "pruning/pruning.h"
#include "pruning/storage.h"
#include "sim/config/config.h"
#include "sim/cost/cost.h"
#include "sim/engine/engine.h"
#include "sim/network/network.h"
#include "sim/time/events.h"

struct run_options {
    const char *name; /* experiment; NULL: the configuration file's name */
    uint64_t seed;
    int trials;              /* evaluations with draws of their own, 1..RUN_TRIALS_MAX */
    int threads;             /* 0: as many as the machine has */
    bool accuracy, cost;     /* whether to simulate images, to estimate costs */
    bool float_accuracy;     /* with accuracy, also a float model's own */
    const char *predictions; /* NPY file for the predicted classes; NULL: none */
    int detail;              /* enum run_detail: what is stored */
    const char *baseline;    /* "none", "dense", or the path of a model: docs/baseline.md */
};
enum run_detail { RUN_TOTALS, RUN_LAYERS };
enum { RUN_TRIALS_MAX = 10000 };
extern const struct config_section run_section;

/* All sections of mho, in the order of the design: network dataset quantization pruning mapping
 * crossbar device dac adc chip run. */
extern const struct config_section *const run_sections[];
extern const size_t n_run_sections;

enum run_stage {
    RUN_IMPORT,    /* model and data files */
    RUN_PRUNE,     /* masks, by magnitude, in one shot */
    RUN_CALIBRATE, /* a float model: activation ranges, quantisation */
    RUN_MAP,       /* mapping, ADC resolutions, chip */
    RUN_FIT,       /* histograms of sums on calibration images, converters fitted to them */
    RUN_FLOAT,     /* a float model's own accuracy */
    RUN_IDEAL,     /* integer arithmetic without converters; left out when nothing can be lost */
    RUN_SIMULATE,  /* crossbars and converters */
    RUN_COST,
    RUN_BASELINE, /* what the run is compared with: all of the above for another network */
    RUN_STAGES
};

/* Short name of a stage ("calibrate"), for progress and metrics. */
const char *run_stage_name(enum run_stage stage);

/* Progress of a stage. */
struct run_step {
    enum run_stage stage;
    int trial, trials; /* RUN_SIMULATE: the trial that runs, from 0, and how many there are */
    int done, total;   /* images, over all trials; total 0 when the stage has none */
};
typedef void run_progress(void *context, const struct run_step *step);

struct run_cache;

struct run_hooks {
    run_progress *progress; /* may be NULL */
    void *context;
    const atomic_bool *stop; /* may be NULL; a signal handler may set it */
    bool unpruned;           /* leave out section pruning: the network as it came */
    bool check_only; /* load, check, map and estimate, but run no test image; a float model is
                        quantised from one calibration image */
    int threads;     /* 0: as run.threads says */
    struct run_cache *cache; /* of what is shared with other points (sim/run/share.h), which
                                outlives the results; NULL: one of the evaluation's own */
};

/* One evaluation: what is drawn is drawn from streams of its own. */
struct run_trial {
    int correct;
    int differing; /* images whose class differs from the ideal one */
};

struct run_accuracy {
    int images, classes;
    int correct_ideal;              /* lossless ADC, ideal cells */
    int correct_float;              /* -1 for a QDQ model */
    int trials;                     /* evaluated; 1 where nothing is random */
    const struct run_trial *trial;  /* [trials] */
    double mean, deviation;         /* of the trials' accuracies, 0..1; deviation NAN for one */
    double trials_low, trials_high; /* 95 % interval of the mean over such trials (Student's t),
                                       0..1; NAN for one. Over such images: run_wilson_interval */
};

/* Cells and converters of one layer, as the configuration has them. */
struct run_device {
    struct device device;
    struct adc_error_options errors;
    struct engine_analog analog; /* for the engine, where device or errors are not ideal */
};

/* What a layer's converters make of the sums on calibration images. */
struct conversion_quality {
    double clipping_rate; /* share of the sums beyond what the converter resolves, 0..1 */
    double sqnr_db;       /* signal to quantisation noise; INFINITY: nothing changed; NAN: no signal
                           */
};

/* Storage of all layers together in one format. */
struct run_storage {
    bool possible; /* the format can hold every layer */
    double values; /* weights stored, zeros among them included */
    double weight_bits, index_bits;
    double macs; /* of one image with the stored weights, but for zeros that bridge gaps */
    int layers;  /* that take the fewest bits in this format; of the smallest of each: 0 */
};

/* Hashes (XXH3-128) of what the files hold that a design point reads; "" where it reads none, or
 * none that can be read. With the configuration they are what a point is known by. */
struct run_contents {
    char model[33], data[33]; /* data: the test images and labels used */
    char calibration[33];     /* of a float model, or for fitted converters */
    char devices[33], chip[33], baseline[33];
};

/* Sizes of arrays in the lists of layers (crossbar.choose) that these could not have. */
struct run_sizes_left_out {
    int count;
    const char *first; /* why the first one; NULL: none */
};

/* Networks, mapping, chip, devices and what images gave are shared with other results: read only.
 */
struct run_result {
    const struct config *config;
    struct held_share *held;     /* what is shared */
    struct run_cache *own_cache; /* NULL: that of the hooks */
    struct run_contents contents;
    struct network network;   /* quantised */
    struct prune_plan *plans; /* [prune_layers_of(&network)] what pruned each layer */
    struct run_storage storage[STORAGE_FORMATS];
    struct run_storage storage_smallest; /* each layer in the format of the fewest bits */
    struct mapping mapping;
    struct run_sizes_left_out sizes_left_out;
    struct floorplan plan; /* where it lies on the chip; chips 0 without costs */
    struct cost_placing placing;
    struct engine_layer *layers;            /* [mapping.n_layers] */
    struct run_device *devices;             /* [mapping.n_layers] */
    bool random;                            /* trials differ: something of a layer is drawn */
    const struct sum_histogram *histograms; /* [mapping.n_layers]; NULL: none were taken */
    struct conversion_quality *conversions; /* the same */
    const struct layer_activity *activity;  /* [mapping.n_layers], over all trials; NULL without
                                               accuracy */
    const int32_t *classes; /* [accuracy.trials][accuracy.images] predicted classes, NULL without
                               accuracy */
    const int32_t *ideal_classes; /* [accuracy.images], without converters; NULL when nothing can be
                                     lost and nothing errs */
    struct run_accuracy accuracy; /* images 0 without */
    struct cost_report cost;      /* n_rows 0 without */
    struct cost_by_model *band;   /* [n_adc_models] for adc.model: all, else NULL */
    struct event_report events;   /* images 0 without chip.timing=event */
    struct chip chip;
    struct run_result *baseline; /* what run.baseline asks for; NULL: nothing */
    struct config *own_config;   /* of a baseline: `config`, which it owns; else NULL */
    bool float_model;            /* the model was quantised here, by calibration */
    double wall_s;               /* whole run */
    double stage_s[RUN_STAGES];
    struct arena arena;
};

/* Format of the weights of every layer of a float network (section quantization, per layer):
 * formats [network->n_linear]. */
enum status run_weight_formats(const struct config *config, const struct network *network,
                               struct weight_format *formats, struct diagnostic *diag);

/* run.threads, or as many as there are processors. */
int run_threads(const struct config *config);

/* Refuses a network without matrix layers, and patterns under `layers:` that match none of them. */
enum status run_check_layers(const struct config *config, const struct network *network,
                             struct diagnostic *diag);

/* What pruning.scheme and its options ask of every layer (plans [prune_layers_of(network)]): none
 * of the layers that pruning.skip_first and skip_last leave dense, and no filters that calibration
 * images would have to choose where nothing alone reads them. Sub-matrices are as large as the
 * layer's arrays unless pruning.rows and columns say otherwise. */
enum status run_prune_plans(const struct config *config, const struct network *network,
                            struct prune_plan *plans, struct diagnostic *diag);

/* Resolution of every layer's converters as adc.bits, adc.transfer and adc.allocation ask for it.
 * Words become numbers: under clip the mapping's bits by that rule, under full_range the bits of
 * S_bound (DESIGN "ADC transfer"). With uniform allocation every layer that uses a word gets the
 * largest of them. `layers` [mapping->n_layers] is filled in. */
enum status run_resolve_converters(const struct config *config, const struct mapping *mapping,
                                   struct engine_layer *layers, struct diagnostic *diag);

/* Bits that the other layers need where the first layer alone sets those that a word of adc.bits
 * resolves to under uniform allocation; 0 where it does not. */
enum status run_bits_without_first_layer(const struct config *config, const struct mapping *mapping,
                                         int *bits, struct diagnostic *diag);

/* Whether a baseline is dense by assumption: every weight taken as non-zero, costs alone. */
bool run_baseline_is_assumed(const struct config *config);

/* 95 % Wilson score interval of `correct` of `images` (> 0), both 0..1. */
void run_wilson_interval(int correct, int images, double *low, double *high);

/* Mean, standard deviation and interval of accuracy->trial [trials], trials >= 1, images >= 1. */
void run_summarise_trials(struct run_accuracy *accuracy);

/* What the estimate of a run is made from, for others like it; pointers into the result and
 * `arena`. */
enum status run_cost_inputs(const struct run_result *result, struct cost_inputs *inputs,
                            struct arena *arena, struct diagnostic *diag);

/* The contents alone, as run_evaluate would find them. Fails where model or test images cannot be
 * read. */
enum status run_read_contents(const struct config *config, const struct run_hooks *hooks,
                              struct run_contents *contents, struct diagnostic *diag);

/* Evaluates the configuration (finished by config_finish; it must outlive the result). Writes
 * run.predictions when asked. On failure `result` is empty. */
enum status run_evaluate(const struct config *config, const struct run_hooks *hooks,
                         struct run_result *result, struct diagnostic *diag);
void run_result_free(struct run_result *result);

#endif
