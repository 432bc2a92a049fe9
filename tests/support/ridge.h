/* Least squares with a ridge on the raw samples, by QR: what reconstruction solves from moments. */
#ifndef MHO_TESTS_RIDGE_H
#define MHO_TESTS_RIDGE_H

#include <stdint.h>

struct ridge_problem {
    const float *x;  /* [samples][rows] */
    const double *y; /* [samples] */
    int samples, rows;
    const float *towards; /* [rows] weights that the ridge pulls to */
    const uint8_t *mask;  /* [rows] 0: the weight is 0 */
    double damping;       /* of the mean variance of a row */
};

/* Weights w [rows] and the constant that minimise the mean square of x w + constant - y plus the
 * ridge times |w - towards|^2 over the rows of the mask. */
void ridge_solve(const struct ridge_problem *problem, double *w, double *constant);

#endif
