/* The products that design points share, and what of the configuration each of them depends on: the
 * one place where that is said. Private to the room but for the list of them. */
#ifndef MHO_RUN_PRODUCTS_H
#define MHO_RUN_PRODUCTS_H

#include "sim/run/run_internal.h"
#include "sim/run/share.h"

/* Products in the order of the stages. */
enum product {
    PRODUCT_MODEL,       /* struct network, as imported */
    PRODUCT_TEST,        /* struct dataset: images that are classified */
    PRODUCT_CALIBRATION, /* struct dataset */
    PRODUCT_OVERLAP,     /* nothing: calibration images were found to be no test images */
    PRODUCT_PRUNED,      /* struct pruned */
    PRODUCT_QUANTISED,   /* struct network */
    PRODUCT_DENSE,       /* struct dense: a baseline's network */
    PRODUCT_STORAGE,     /* struct storage_counts */
    PRODUCT_MAPPING,     /* struct mapping */
    PRODUCT_CHIP,        /* struct chip */
    PRODUCT_DEVICE_FILE, /* struct device, as its file has it */
    PRODUCT_DEVICE,      /* struct device: cells of one layer */
    PRODUCT_BASELINE,    /* struct network: a baseline's model, for its contents */
    PRODUCT_HISTOGRAMS,  /* struct histograms */
    PRODUCT_FLOAT,       /* struct classified, by the float network */
    PRODUCT_IDEAL,       /* struct classified, in integers without converters */
    PRODUCT_SIMULATED,   /* struct simulated */
    PRODUCTS
};
extern const struct run_product run_products[PRODUCTS];

struct pruned {
    struct network network;   /* float or quantised; its arena holds the plans too */
    struct prune_plan *plans; /* [prune_layers_of(&network)] with what layers compete for */
};

struct dense {
    struct network network; /* another one's but for its matrix layers' weights */
    struct arena arena;     /* which lie here */
};

struct storage_counts {
    struct run_storage formats[STORAGE_FORMATS], smallest;
};

struct histograms {
    struct sum_histogram *layers; /* [n_layers] */
    struct arena arena;
};

struct classified {
    int correct;
    int32_t *classes; /* [images] */
    struct arena arena;
};

struct simulated {
    struct run_trial *trials;        /* [trials] */
    int32_t *classes;                /* [trials][images] */
    struct layer_activity *activity; /* [n_layers], over all trials */
    struct arena arena;
};

/* Takes a product for the evaluation, whose result holds it; `value` stays valid as long. Dense
 * networks and mappings use the network, evaluation->network_share, which models, pruned, quantised
 * and dense networks become. */
enum status evaluation_take(struct evaluation *evaluation, enum product product,
                            const struct run_key *key, run_maker *make, void *context,
                            const void **value, struct diagnostic *diag);

/* A share that a result holds. */
struct held_share {
    struct run_share *share;
    struct held_share *next;
};

#endif
