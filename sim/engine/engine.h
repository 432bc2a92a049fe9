/* Engine: runs a network over images, in integers on crossbars or in float for calibration.
 *
 * Order of calls: engine_create once for a network (and a mapping: then matrix layers go through
 * crossbars), engine_run any number of times, engine_free. An engine is immutable after creation;
 * engine_run gives each thread its own workspace, so memory grows with threads and not with
 * images, and results do not depend on the number of threads. */
#ifndef MHO_ENGINE_ENGINE_H
#define MHO_ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdint.h>

#include "crossbar/device.h"
#include "mapping/mapping.h"
#include "peripherals/adc.h"
#include "peripherals/adc_errors.h"
#include "peripherals/adc_fit.h"
#include "sim/network/dataset.h"
#include "sim/network/network.h"

/* How one matrix layer is computed, and why. */
enum engine_path {
    ENGINE_INTEGER,    /* no converter can lose anything: plain integer products */
    ENGINE_BIT_SERIAL, /* ideal cells, the ADC on every partial sum that it can change */
    ENGINE_ANALOG      /* conductances with errors, every read converted */
};
extern const char *const engine_path_names[]; /* by enum engine_path */

/* Imperfect cells and converters of one layer, and the streams their draws come from. */
struct engine_analog {
    const struct device *device;
    const struct adc_error_options *errors;
    int columns_per_adc;
    uint64_t seed, trial, layer; /* layer: index among the matrix layers */
};

struct engine_layer {
    int adc_bits;                    /* resolution simulated */
    enum adc_transfer_choice choice; /* transfer asked for */
    int64_t bound;                   /* S_bound for full_range */
    const struct adc_fit *fit; /* calibrated, nonuniform: what was fitted; NULL when lossless */
    const struct engine_analog *analog; /* NULL: cells and converters are ideal */
    bool lossless;                      /* proven by the mapping */
    enum engine_path path;              /* filled by engine_create */
};

/* What inference measured of one matrix layer's inputs, over all images. */
struct layer_activity {
    uint64_t digits;         /* input digits driven: rows * cycles * positions * images */
    uint64_t digits_nonzero; /* of them, not zero */
    uint64_t digit_sum;      /* sum of the digits' values */
    uint64_t ones;           /* bits of the values that are 1 */
    /* With crossbar.zero_skip (engine_activity): */
    uint64_t positions; /* output positions of all images */
    uint64_t reads;     /* over them: made one after the other by the array that makes the most */
    uint64_t *needed;   /* [n_needed]: digits that were not skipped by each read of the mapping
                           (mapping_layer_reads), over all positions; NULL: not counted */
    int n_needed;
};

/* Room for what is measured of the layers of a mapping, all zero, in `arena`; NULL when memory is
 * short. */
struct layer_activity *engine_activity(const struct mapping *mapping, struct arena *arena);

/* Adds what was measured of one layer to the same layer's; or clears it. */
void engine_activity_add(struct layer_activity *total, const struct layer_activity *part);
void engine_activity_clear(struct layer_activity *activity);

struct engine; /* opaque */

/* `mapping` NULL: a float network, or a quantised one with ideal integer arithmetic everywhere.
 * `layers` [n_matrix] says how to compute each layer (path is filled in). */
enum status engine_create(const struct network *network, const struct mapping *mapping,
                          struct engine_layer *layers, struct engine **engine,
                          struct diagnostic *diag);
void engine_free(struct engine *engine);

/* Called from one thread at a time, now and then. */
typedef void engine_progress(void *context, int done, int total);

struct engine_request {
    const struct dataset *dataset;
    int first, count;
    int threads; /* >= 1 */
    int batch;   /* images a thread takes at a time; 0: chosen. Results do not depend on it */
    engine_progress *progress; /* may be NULL */
    void *progress_context;
    const atomic_bool *stop; /* true: finish early with STATUS_INTERRUPTED; may be NULL */
    bool measure_activity;
};

/* Outputs; each pointer may be NULL where it is not wanted. */
struct engine_result {
    float *logits;                   /* [count][classes] */
    int32_t *classes;                /* [count]: lowest index among equal maxima */
    struct layer_activity *activity; /* [n_matrix], when measure_activity */
};

enum status engine_run(const struct engine *engine, const struct engine_request *request,
                       struct engine_result *result, struct diagnostic *diag);

/* Ranges [n_tensors] of the float tensors of a network that is not quantised, over the images of
 * `request`: the smallest interval that leaves out (100 - percentile) % of the values, half of that
 * on each side; 100: minimum and maximum. Below 100 the images run twice, the second time into
 * histograms of 2048 bins over minimum..maximum. Tensors that hold no activations get {0, 0}. */
enum status engine_calibrate(const struct engine *engine, const struct engine_request *request,
                             double percentile, struct activation_range *ranges,
                             struct diagnostic *diag);

/* Histograms [n_matrix] of the partial sums that the layers' converters see on the images of
 * `request`, in an ideal pass (nothing is lost before a layer): counts of every sum
 * 0..lossless.largest_sum over all conversions. The counts lie in `arena`. */
enum status engine_histograms(const struct network *network, const struct mapping *mapping,
                              const struct engine_request *request, struct sum_histogram *out,
                              struct arena *arena, struct diagnostic *diag);

#endif
