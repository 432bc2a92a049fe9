/* Run: evaluates one design point, stage by stage; prints nothing, stores nothing. */
#ifndef MHO_RUN_RUN_H
#define MHO_RUN_RUN_H

#include "mapping/mapping.h"
#include "sim/config/config.h"
#include "sim/cost/cost.h"
#include "sim/engine/engine.h"
#include "sim/network/network.h"

struct run_options {
    const char *name;        /* experiment; NULL: the configuration file's name */
    uint64_t seed;
    int threads;             /* 0: as many as the machine has */
    bool accuracy, cost;     /* whether to simulate images, to estimate costs */
    const char *predictions; /* NPY file for the predicted classes; NULL: none */
    int detail;              /* enum run_detail: what is stored */
};
enum run_detail { RUN_TOTALS, RUN_LAYERS };
extern const struct config_section run_section;

/* All sections of mho, in the order of the design: network dataset quantization mapping crossbar
 * dac adc chip run. */
extern const struct config_section *const run_sections[];
extern const size_t n_run_sections;

enum run_stage { RUN_IMPORT, RUN_CALIBRATE, RUN_MAP, RUN_IDEAL, RUN_SIMULATE, RUN_COST };

/* Progress of a stage; total 0 when the stage has no steps. */
typedef void run_progress(void *context, enum run_stage stage, int done, int total);

struct run_hooks {
    run_progress *progress; /* may be NULL */
    void *context;
    const volatile sig_atomic_t *stop; /* may be NULL */
};

struct run_accuracy {
    int images, correct, correct_ideal; /* ideal: lossless ADC, ideal cells */
    int correct_float;                  /* -1 for a QDQ model */
    int classes;
    int differing; /* images whose class differs from the ideal one */
    double low, high; /* 95 % Wilson interval of the accuracy, 0..1 */
};

struct run_result {
    const struct config *config;
    struct network network; /* quantised */
    struct mapping mapping;
    struct engine_layer *layers;     /* [mapping.n_layers] */
    struct layer_activity *activity; /* NULL without accuracy */
    struct run_accuracy accuracy;    /* images 0 without */
    struct cost_report cost;         /* n_rows 0 without */
    struct chip chip;
    char data_hash[33];   /* "" when no data was read */
    double wall_s;        /* whole run */
    double stage_s[RUN_COST + 1];
    struct arena arena;
};

/* Evaluates the configuration (finished by config_finish; it must outlive the result). Writes
 * run.predictions when asked. On failure `result` is empty. */
enum status run_evaluate(const struct config *config, const struct run_hooks *hooks,
                         struct run_result *result, struct diagnostic *diag);
void run_result_free(struct run_result *result);

#endif
