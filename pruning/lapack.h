/* The routines of LAPACK that reconstruction uses, as OpenBLAS has them (its Debian package comes
 * without a C header for them). Column-major; `triangle` "L" or "U"; info 0: done, < 0: wrong
 * argument, > 0: the matrix is not positive definite. */
#ifndef MHO_PRUNING_LAPACK_H
#define MHO_PRUNING_LAPACK_H

/* Cholesky factorisation in place. */
void spotrf_(const char *triangle, const int *n, float *a, const int *lda, int *info);
void dpotrf_(const char *triangle, const int *n, double *a, const int *lda, int *info);

/* Inverse from the factor, in place, the same triangle. */
void spotri_(const char *triangle, const int *n, float *a, const int *lda, int *info);
void dpotri_(const char *triangle, const int *n, double *a, const int *lda, int *info);

/* Solves A X = B from the factor; X replaces B [nrhs][n]. */
void dpotrs_(const char *triangle, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info);

#endif
