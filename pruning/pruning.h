/* Pruning: which weights of a matrix stay, so that the rest maps well onto crossbars.
 *
 * A scheme is a projection onto a constraint set, a row of prune_schemes: given scores it keeps the
 * entries with the largest total score that the set allows, and it can check whether a matrix lies
 * in the set. Schemes only ever take entries away, and every set holds each subset of its members,
 * so several in sequence ("filter+column_proportional") satisfy all of them.
 *
 * Order of calls: prune_plan_make (once a layer, from its options), then prune_project and
 * prune_check, any number of times. Pure but for memory: nothing is kept between calls.
 *
 * Layout: a matrix layer's weights as the network has them, [columns][rows]: column-major for the
 * K rows x N columns of the literature, entry (row, column) at column * rows + row. Scores, masks
 * and values have the same layout. Rows are in (channel, kernel row, kernel column) order; of a
 * grouped convolution columns lie group after group, and a row is one of its group. */
#ifndef MHO_PRUNING_PRUNING_H
#define MHO_PRUNING_PRUNING_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/config/config.h"
#include "sim/network/network.h"

struct prune_matrix {
    const char *name;     /* of the layer, for messages */
    int rows;             /* K of one group: channels a group * kernel[0] * kernel[1] */
    int columns;          /* filters of all groups */
    int groups;           /* columns / groups filters share their rows */
    int kernel[2];        /* height, width; 1 x 1 for a product */
    const float *weights; /* [columns][rows] */
};

/* The matrix of a layer of this shape; weights [out_channels][rows]. */
struct prune_matrix prune_matrix_of(const char *name, const struct matrix_shape *shape,
                                    const float *weights);

/* rows * columns. */
size_t prune_size(const struct prune_matrix *matrix);

/* Section `pruning`. */
struct pruning_options {
    const char *scheme;       /* names of prune_schemes joined by +, or "none" */
    struct config_reals rate; /* dense weights to kept ones, >= 1: one for all, or one for each
                                 scheme that takes a rate */
    int rows;                 /* of a sub-matrix, or PRUNE_CROSSBAR: crossbar.rows */
    bool skip_first, skip_last;
};
enum { PRUNE_CROSSBAR = -1 };
extern const struct config_section pruning_section;

/* What one scheme of a plan works with; each scheme names what it reads (prune_scheme.options). */
struct prune_settings {
    double rate; /* at most floor(n / rate) of n things are kept, but at least one */
    int rows;    /* of a sub-matrix: row blocks start at multiples of it */
};

struct prune_scheme {
    const char *name;
    const char *help;    /* one line: the constraint, and who uses it */
    const char *options; /* keys of section `pruning` that it reads: "rate, rows" */
    bool takes_rate;
    /* Refuses settings under which the set is empty or everything; NULL: any will do. */
    enum status (*validate)(const struct prune_settings *settings, struct diagnostic *diag);
    /* `mask` in: entries that may be kept (1) or not (0); out: those that are. Of the entries that
     * may be kept, as many as the set allows are, those of score 0 included; among equal scores the
     * lower index wins. */
    enum status (*project)(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag);
    /* STATUS_USAGE, naming the first place that breaks the constraint, unless the non-zero weights
     * lie in the set. */
    enum status (*check)(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag);
};

extern const struct prune_scheme *const prune_schemes[];
extern const size_t n_prune_schemes;

enum { PRUNE_MAX_STEPS = 8 };

/* One or more schemes in sequence; n_steps 0: nothing is pruned. */
struct prune_plan {
    struct prune_step {
        const struct prune_scheme *scheme;
        struct prune_settings settings;
    } steps[PRUNE_MAX_STEPS];
    int n_steps;
};

/* Size of what one array holds, where the options leave it to the crossbar. */
struct prune_array {
    int rows; /* crossbar.rows */
};

/* Parses and checks `options`: unknown schemes ("did you mean"), rates missing, too many or out of
 * a scheme's range. */
enum status prune_plan_make(const struct pruning_options *options, const struct prune_array *array,
                            struct prune_plan *plan, struct diagnostic *diag);

/* scores [columns][rows], finite, >= 0: what losing an entry costs (magnitude: w^2; in ADMM V^2).
 * Grouped schemes sum them over the group. mask [columns][rows]: 1 kept, 0 not; what it holds
 * before is overwritten. */
enum status prune_project(const struct prune_plan *plan, const struct prune_matrix *matrix,
                          const double *scores, uint8_t *mask, struct diagnostic *diag);

/* The same within what `mask` allows already: it only loses entries. */
enum status prune_narrow(const struct prune_plan *plan, const struct prune_matrix *matrix,
                         const double *scores, uint8_t *mask, struct diagnostic *diag);

/* Whether the matrix satisfies every scheme of the plan; the message names the layer, the scheme
 * and the first place that does not. */
enum status prune_check(const struct prune_plan *plan, const struct prune_matrix *matrix,
                        struct diagnostic *diag);

/* Magnitude: scores[i] = weights[i]^2. */
void prune_magnitude_scores(const struct prune_matrix *matrix, double *scores);

/* Whether layer `index` of `count`, in the network's order, is pruned at all. */
bool prune_selects(const struct pruning_options *options, int index, int count);

#endif
