/* Reconstruction: the weights of one matrix layer under a pruning mask, chosen so that its outputs
 * on calibration samples stay close to given ones (those of the dense network).
 *
 * Order of calls: moments_create, moments_add for every chunk of samples, then reconstruct_layer
 * any number of times, moments_free. Pure but for memory and the number of BLAS threads, which is
 * set to one: the results do not depend on threads. Cost: 2 n K^2 operations for the moments and
 * about 2 K^2 N for each of 100 iterations (K rows, N columns), single precision; the mean values,
 * the covariances and the last step are double. Memory: 16 K^2 bytes.
 *
 * Method: minimise |X W + 1 b' - Y|^2 with the mask of W in a pruning scheme's set, by the
 * alternating direction method of multipliers (Boyd et al., Found. Trends Mach. Learn. 3(1), 2011;
 * layer-wise for pruning: ADMM pruning, arXiv 1804.03294), then exchange of rows while that
 * lowers the error, then least squares on the fixed mask. Where outputs are bounded, by a Relu for
 * one, least squares again on the targets that this leaves. Last, if asked, rounding, weight by
 * weight, each made up for by those that follow. A ridge pulls towards the dense weights
 * where samples are few. */
#ifndef MHO_PRUNING_RECONSTRUCT_H
#define MHO_PRUNING_RECONSTRUCT_H

#include <stdint.h>

#include "pruning/pruning.h"

/* First and second moments of inputs x and wanted outputs y of a layer, group by group. Matrices
 * are column-major, of symmetric ones the lower triangle counts. */
struct moments {
    int rows;      /* K of one group */
    int columns;   /* N of all groups */
    int groups;    /* group g has columns g * columns / groups on */
    long *samples; /* [groups] */
    double *x;     /* [groups][rows] sums */
    double *xx;    /* [groups][rows][rows] sums of x x' */
    double *xy;    /* [columns][rows] sums of y_j x */
    double *y;     /* [columns] sums */
    double *yy;    /* [columns] sums of y_j^2 */
    float *chunk;  /* [rows][rows] or [columns][rows] products of one chunk */
    struct arena arena;
};

enum status moments_create(const struct prune_matrix *matrix, struct moments *moments,
                           struct diagnostic *diag);
void moments_free(struct moments *moments);

/* Adds n samples of a group: x [n][rows], y [n][columns / groups]. A chunk is summed in single
 * precision, so let it be about a thousand samples; chunks are summed in double. */
void moments_add(struct moments *moments, int group, const float *x, const float *y, int n);

/* Targets anew, on the samples that moments_add was given, in any order: clears those there are,
 * and adds n of a group. */
void moments_clear_targets(struct moments *moments);
void moments_add_targets(struct moments *moments, int group, const float *x, const float *y, int n);

/* Samples whose outputs are bounded afterwards, by a Relu for one. All [n][filters] but x. */
struct bounded_samples {
    int n, rows, filters;
    const float *x; /* [n][rows] */
    const float *low, *high;
    float *y;    /* wanted outputs */
    float *work; /* room */
};

/* Where the wanted output lies beyond a bound, and so does what the weights [filters][rows] and
 * biases [filters] of a group give, that is wanted: it makes no difference. If it does not, the
 * bound is wanted. Least squares on the new targets lowers the error of bounded outputs (it
 * minimises a function that lies above that error and touches it at these weights; of Relu's: Zhang
 * et al., arXiv 1505.06798, section 3.2). */
void moments_bound_targets(const struct bounded_samples *samples, const float *weights,
                           const float *bias);

/* Chooses a mask [columns][rows] for weights (of which only signs count) by scores of the same
 * layout, finite and >= 0. */
typedef enum status reconstruct_project(const void *context, const float *weights,
                                        const double *scores, uint8_t *mask,
                                        struct diagnostic *diag);

/* Makes the moments' targets those for weights [columns][rows] and biases [columns] at hand, see
 * moments_bound_targets. */
typedef enum status reconstruct_retarget(void *context, const float *weights, const float *bias,
                                         struct moments *moments, struct diagnostic *diag);

struct reconstruct_request {
    struct moments *moments;
    const struct prune_matrix *matrix; /* the dense weights */
    const float *bias;                 /* [columns], the dense ones */
    enum reconstruct_method method;
    enum prune_score score;
    reconstruct_project *project; /* the same set in every call */
    const void *context;          /* of project */
    int exchange_height; /* rows r and s of a column may take each other's place in the set where
                            r / height == s / height; 0: none */
    const struct weight_format *round; /* weights end on its levels; NULL: anywhere */
    reconstruct_retarget *retarget;    /* NULL: outputs are not bounded */
    void *retarget_context;
};

/* Arrays are the caller's. Errors are mean squares of the outputs' difference to y, relative to
 * y's variance, on the samples; the one after counts no difference beyond bounds. */
struct reconstruction {
    uint8_t *mask;       /* [columns][rows] 1: kept */
    float *weights;      /* [columns][rows], 0 where the mask is */
    float *bias;         /* [columns] */
    double error_before; /* of the weights and bias as they were, under a mask by their scores */
    double error_after;
};

enum status reconstruct_layer(const struct reconstruct_request *request,
                              struct reconstruction *result, struct diagnostic *diag);

#endif
