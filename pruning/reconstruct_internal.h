/* The steps of reconstruct_layer, private to it.
 *
 * All work on the normal equations in units of the inputs' deviations: with s_r the root of the
 * damped variance of row r, weights are w s, so that G has a unit diagonal, ADMM's rho no unit and
 * the square of a weight is what losing it costs. */
#ifndef MHO_PRUNING_RECONSTRUCT_INTERNAL_H
#define MHO_PRUNING_RECONSTRUCT_INTERNAL_H

#include "pruning/reconstruct.h"

struct normal {
    int rows, columns, groups;
    double *mean_x;   /* [groups][rows] */
    double *mean_y;   /* [columns] */
    double *variance; /* [columns] of y */
    double *ridge;    /* [groups] lambda */
    double *scale;    /* [groups][rows] s */
    double *g;    /* [groups][rows][rows] (covariance of x + lambda I) / (s s'), lower triangle */
    double *c;    /* [columns][rows] (covariance of x and y_j + lambda w0_j) / s */
    float *dense; /* [columns][rows] w0 s */
    struct arena arena;
};

/* Both damped and scaled; refuses samples that are missing or not finite. */
enum status normal_create(const struct reconstruct_request *request, struct normal *normal,
                          struct diagnostic *diag);
/* c, mean_y and variance anew, after the targets of the moments changed. */
enum status normal_retarget(const struct reconstruct_request *request, struct normal *normal,
                            struct diagnostic *diag);
void normal_free(struct normal *normal);

/* Factor of each row's square in a score, in scaled units: [groups][rows]. */
enum status normal_score_factors(const struct normal *normal, enum prune_score score,
                                 double *factors, struct diagnostic *diag);

/* scores [columns][rows] = factor * v^2. */
void normal_scores(const struct normal *normal, const double *factors, const float *v,
                   double *scores);

/* Mean square difference to y, relative to y's variance, of scaled weights w [columns][rows] and a
 * bias [columns]. */
enum status normal_error(const struct normal *normal, const float *w, const float *bias,
                         double *error, struct diagnostic *diag);

/* The mask by ADMM, from the dense weights (reconstruct_admm.c). */
enum status reconstruct_admm(const struct reconstruct_request *request, const struct normal *normal,
                             const double *factors, uint8_t *mask, struct diagnostic *diag);

/* Swaps of kept and removed rows r, s of a column with r / height == s / height while its error
 * falls, where that is worth its time (reconstruct_exchange.c). */
enum status reconstruct_exchange(const struct normal *normal, int height, uint8_t *mask,
                                 struct diagnostic *diag);

/* Columns of a group that keep the same rows. */
struct support {
    int group;
    int *rows; /* [n] kept rows, ascending */
    int n;
    int *columns; /* [n_columns] of the group */
    int n_columns;
    double *g; /* [n][n] below the diagonal and on it the factor L of these rows' G = L L', above it
                  their G */
};
typedef enum status support_visit(void *context, const struct normal *normal,
                                  const struct support *support, struct diagnostic *diag);

/* Calls `visit` once for each support of the mask that is not empty. */
enum status support_each(const struct normal *normal, const uint8_t *mask, support_visit *visit,
                         void *context, struct diagnostic *diag);
/* The most kept rows of a column. */
size_t support_largest(const struct normal *normal, const uint8_t *mask);

/* Least squares on the mask: scaled weights w [columns][rows] (reconstruct_refit.c). */
enum status reconstruct_refit(const struct normal *normal, const uint8_t *mask, float *w,
                              struct diagnostic *diag);

/* Kept weights onto the levels of `format`, each column with a scale of its own, so that the error
 * grows little: each rounding is made up for by the weights that are not rounded yet. Scaled
 * weights w [columns][rows] are changed; codes by network_weight_codes stay the same
 * (reconstruct_round.c). */
enum status reconstruct_round(const struct normal *normal, const struct weight_format *format,
                              const uint8_t *mask, float *w, struct diagnostic *diag);

#endif
