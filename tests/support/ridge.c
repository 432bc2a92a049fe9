#include "tests/support/ridge.h"

#include <gsl/gsl_linalg.h>
#include <math.h>

#include "tests/test.h"

/* Mean of every row, and the ridge. */
static double find_ridge(const struct ridge_problem *p, double *mean) {
    double trace = 0;
    for (int r = 0; r < p->rows; r++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < p->samples; i++)
            sum += (double)p->x[i * p->rows + r];
        mean[r] = sum / p->samples;
        for (int i = 0; i < p->samples; i++)
            squares += pow((double)p->x[i * p->rows + r] - mean[r], 2);
        trace += squares / p->samples;
    }
    return p->damping * trace / p->rows;
}

/* The centred samples, and a row of sqrt(samples * ridge) towards each weight. */
void ridge_solve(const struct ridge_problem *p, double *w, double *constant) {
    enum { ROWS_MOST = 256 };
    double mean[ROWS_MOST], mean_y = 0;
    int rows[ROWS_MOST], n = 0, samples = p->samples;
    CU_ASSERT_FATAL(p->rows <= ROWS_MOST);
    for (int r = 0; r < p->rows; r++)
        if (p->mask[r])
            rows[n++] = r;
    for (int i = 0; i < samples; i++)
        mean_y += p->y[i] / samples;
    double pull = sqrt(samples * find_ridge(p, mean));
    gsl_matrix *a = gsl_matrix_calloc((size_t)(samples + n), (size_t)n);
    gsl_vector *b = gsl_vector_alloc((size_t)(samples + n)), *tau = gsl_vector_alloc((size_t)n);
    gsl_vector *x = gsl_vector_alloc((size_t)n), *rest = gsl_vector_alloc((size_t)(samples + n));
    for (int i = 0; i < samples; i++) {
        gsl_vector_set(b, (size_t)i, p->y[i] - mean_y);
        for (int c = 0; c < n; c++)
            gsl_matrix_set(a, (size_t)i, (size_t)c,
                           (double)p->x[i * p->rows + rows[c]] - mean[rows[c]]);
    }
    for (int c = 0; c < n; c++) {
        gsl_matrix_set(a, (size_t)(samples + c), (size_t)c, pull);
        gsl_vector_set(b, (size_t)(samples + c), pull * (double)p->towards[rows[c]]);
    }
    gsl_linalg_QR_decomp(a, tau);
    gsl_linalg_QR_lssolve(a, tau, b, x, rest);
    *constant = mean_y;
    for (int r = 0, c = 0; r < p->rows; r++) {
        w[r] = p->mask[r] ? gsl_vector_get(x, (size_t)c++) : 0;
        *constant -= w[r] * mean[r];
    }
    gsl_matrix_free(a);
    gsl_vector_free(b);
    gsl_vector_free(tau);
    gsl_vector_free(x);
    gsl_vector_free(rest);
}
