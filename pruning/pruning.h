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
    int scope;                /* enum prune_scope */
    int rows;                 /* of a sub-matrix, or PRUNE_CROSSBAR: crossbar.rows */
    int columns;       /* filters of a sub-matrix, or PRUNE_CROSSBAR: as many as an array holds */
    int column_budget; /* enum prune_column_budget */
    int block_filters, block_channels;            /* block_punched */
    int patterns;                                 /* pattern: how many a layer may use */
    int fragment_rows;                            /* polarization */
    struct config_reals mixed_thresholds;         /* mixed_granularity: two, rising */
    double mixed_row_rate;                        /* mixed_granularity: rows to kept ones */
    int mixed_class1, mixed_class2, mixed_class3; /* see struct prune_settings */
    bool skip_first, skip_last;
    int reconstruct;   /* enum reconstruct_method */
    int score;         /* enum prune_score */
    int round;         /* enum prune_round */
    int samples;       /* rows of each layer's least squares, about */
    const char *masks; /* NPZ file of masks instead of a scheme; NULL: none */
    bool purify;       /* filters that are empty or unread leave the network */
};
enum { PRUNE_CROSSBAR = -1 };

/* What masks are chosen by. G is the covariance of the layer's inputs on calibration images. */
enum prune_score {
    PRUNE_SCORE_AUTO,      /* gram with reconstruction, else magnitude */
    PRUNE_SCORE_MAGNITUDE, /* w^2 */
    PRUNE_SCORE_GRAM,      /* w^2 G_rr: what losing the weight costs if no other changes (Wanda,
                              arXiv 2306.11695, centred) */
    PRUNE_SCORE_OBS /* w^2 / [G^-1]_rr: what it costs if all others change (optimal brain surgeon,
                       Hassibi and Stork, NIPS 1992) */
};

/* What becomes of the weights that stay (pruning/reconstruct.h). */
enum reconstruct_method {
    RECONSTRUCT_NONE,          /* as they were */
    RECONSTRUCT_LEAST_SQUARES, /* a mask by the scores, then least squares on it */
    RECONSTRUCT_ADMM           /* the mask by ADMM, then least squares on it */
};
/* When weights are put on the levels of section `quantization`. */
enum prune_round {
    PRUNE_ROUND_NEAREST, /* after all else, each to the nearest */
    PRUNE_ROUND_FITTED   /* while a layer is fitted, each made up for by those that follow */
};
enum prune_scope { PRUNE_LAYER, PRUNE_GLOBAL };
enum prune_column_budget { PRUNE_EQUAL, PRUNE_POWER_OF_TWO };
extern const struct config_section pruning_section;

/* What one scheme of a plan works with; each scheme names what it reads (prune_scheme.options). */
struct prune_settings {
    double rate; /* of n things floor(n / rate) are kept, but at least one */
    long keep;   /* units of a layer to keep instead, from prune_globalise; 0: by the rate */
    int rows;    /* of a sub-matrix: row blocks start at multiples of it */
    int columns; /* filters of a sub-matrix, counted from the first of a group */
    enum prune_column_budget column_budget;
    int block_filters, block_channels;
    int patterns;
    int fragment_rows;
    double mixed_thresholds[2];
    double mixed_row_rate; /* rows of a sub-matrix to those that any column may use */
    bool mixed_remove;     /* class 1 goes as a whole; else it is of class 2 */
    bool mixed_segments;   /* class 2 loses row segments; else it is of class 3 */
    bool mixed_keep;       /* class 3 stays whole; else it is column-proportional */
};

/* Which kept and removed rows of a column may swap without leaving the set. */
enum prune_exchange {
    PRUNE_EXCHANGE_NONE,
    PRUNE_EXCHANGE_BLOCK, /* those of the same prune_settings.rows rows */
    PRUNE_EXCHANGE_ALL,
    PRUNE_EXCHANGE_LINES /* those that it leaves: it removes whole rows or columns of a group */
};

struct prune_partition; /* of the matrix into units that stay or go whole: pruning_internal.h */

struct prune_scheme {
    const char *name;
    const char *help;    /* one line: the constraint, and who uses it */
    const char *options; /* keys of section `pruning` that it reads: "rate, rows" */
    bool takes_rate;
    enum prune_exchange exchange;
    bool global; /* one set of units a layer, so that layers can compete (pruning.scope) */
    /* Refuses settings under which the set is empty or everything; NULL: any will do. */
    enum status (*validate)(const struct prune_settings *settings, struct diagnostic *diag);
    /* A scheme that removes whole units says what they are, and what one is called; others have a
     * projection and a check of their own (unstructured a projection, for speed). */
    const char *unit;
    void (*divide)(const struct prune_matrix *matrix, const struct prune_settings *settings,
                   struct prune_partition *partition);
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
    struct prune_settings base; /* what the options say, whatever the scheme; rate 1 */
};

/* Size of what one array holds, where the options leave it to the crossbar. */
struct prune_array {
    int rows;    /* crossbar.rows */
    int filters; /* that fit its columns */
};

/* Settings that the options ask for, whatever the scheme; the rate is 1. */
enum status prune_settings_make(const struct pruning_options *options,
                                const struct prune_array *array, struct prune_settings *settings,
                                struct diagnostic *diag);

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

/* One layer of a network to prune. */
struct prune_layer {
    struct prune_plan *plan;
    struct prune_matrix matrix;
    const double *scores; /* [columns][rows] */
    uint8_t *mask;        /* [columns][rows] out */
};

/* Lets the layers compete (pruning.scope = global) and projects them: in each step of a scheme that
 * can (prune_scheme.global), the units of all layers are ranked together by score per entry, and
 * the best are kept that fit into the sum of what the layers' rates allow; each layer keeps at
 * least one. The plans are given the numbers (settings.keep), so that prune_project and prune_check
 * hold to them afterwards. */
enum status prune_globalise(struct prune_layer *layers, int n_layers, struct diagnostic *diag);

/* Magnitude: scores[i] = weights[i]^2. */
void prune_magnitude_scores(const struct prune_matrix *matrix, double *scores);

/* Whether layer `index` of `count`, in the network's order, is pruned at all. */
bool prune_selects(const struct pruning_options *options, int index, int count);

/* Matrix layers of a float or quantised network: how many, shape, name, real weights
 * ([out_channels][rows] in `arena`, a quantised layer's codes times their scale; NULL on short
 * memory). */
int prune_layers_of(const struct network *network);
const struct matrix_shape *prune_shape_of(const struct network *network, int layer);
const char *prune_name_of(const struct network *network, int layer);
float *prune_weights_of(const struct network *network, int layer, struct arena *arena);

/* Takes the weights out of a layer whose mask is 0; biases stay. */
enum status prune_mask_layer(struct network *network, int layer, const uint8_t *mask,
                             struct diagnostic *diag);

/* Prunes every layer by its plan, one-shot, scores by magnitude: plans [prune_layers_of]. With
 * PRUNE_GLOBAL the plans are given the numbers of units (prune_globalise). */
enum status prune_network(struct network *network, struct prune_plan *plans, enum prune_scope scope,
                          struct diagnostic *diag);

#endif
