/* A network ready to run images through crossbars, as a task.
 *
 * Networks and images come from ../shared (CIFAR-10); without it from configs (Fashion-MNIST),
 * where only some of the networks are. */
#ifndef MHO_TESTS_BENCH_MODEL_H
#define MHO_TESTS_BENCH_MODEL_H

#include "sim/engine/engine.h"
#include "tests/bench/bench.h"

enum { MODEL_SETTINGS = 4 };

struct model_spec {
    const char *network;                  /* "resnet20_int8" */
    const char *settings[MODEL_SETTINGS]; /* "adc.bits=5", as for --set */
    int images, threads;
    double programming_sigma, read_noise; /* of the cells, as shares of g_max; 0: none */
    bool activity;                        /* measured too */
};

struct model {
    struct network network;
    struct dataset images;
    struct config *config;
    struct mapping mapping;
    struct engine_layer *layers;
    struct device device;
    struct adc_error_options adc_errors;
    struct engine *engine;
    struct layer_activity *activity; /* NULL: not measured */
    int n_images, threads;
    float *logits;
    size_t n_logits;
    double macs, conversions; /* of one image: every conversion of the mapping */
    struct arena arena;
};

/* Path of a network in `arena`; NULL when it is in neither place. `cifar` (may be NULL): whether it
 * is the one of ../shared. */
const char *model_path(const char *network, struct arena *arena, bool *cifar);

/* The default configuration with some settings; `path` is the network's file. */
enum status model_configure(const char *path, const char *const settings[MODEL_SETTINGS],
                            struct config **config, struct diagnostic *diag);

/* Everything up to the programmed engine. The network must exist. */
enum status model_open(const struct model_spec *spec, struct model *model, struct diagnostic *diag);
void model_close(struct model *model);

/* Runs all images; the hash is that of the logits. */
struct bench_task model_task(struct model *model);

#endif
