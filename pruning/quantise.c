/* Quantisation as a projection, to be joined to pruning: what is kept of each column on its grid
 * (ADMM-NN, arXiv 1812.11677, projects weights onto levels in the same way). */
#include <math.h>

#include "pruning/pruning_internal.h"

/* Codes and scale of column `column`, of what the mask keeps; `values` holds its weights first. */
static enum status column_codes(const struct prune_matrix *matrix, int column,
                                const struct weight_format *format, const uint8_t *mask,
                                float *values, int16_t *codes, float *scale,
                                struct diagnostic *diag) {
    size_t first = prune_at(matrix, 0, column), rows = (size_t)matrix->rows;
    for (size_t r = 0; r < rows; r++)
        values[r] = mask == NULL || mask[first + r] ? matrix->weights[first + r] : 0;
    return network_weight_codes(format, values, rows, codes, scale, diag);
}

enum status prune_quantise(const struct prune_matrix *matrix, const struct weight_format *format,
                           const uint8_t *mask, float *values, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int16_t *codes = ARENA_NEW(&arena, matrix->rows, int16_t);
    enum status status = codes != NULL ? STATUS_OK : FAIL_MEMORY(diag, "quantised weights");
    for (int column = 0; column < matrix->columns && status == STATUS_OK; column++) {
        float scale, *to = values + prune_at(matrix, 0, column);
        status = column_codes(matrix, column, format, mask, to, codes, &scale, diag);
        for (int r = 0; r < matrix->rows && status == STATUS_OK; r++)
            to[r] = scale * (float)codes[r];
    }
    arena_free(&arena);
    return status;
}

enum status prune_quantise_check(const struct prune_matrix *matrix,
                                 const struct weight_format *format, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int16_t *codes = ARENA_NEW(&arena, matrix->rows, int16_t);
    float *values = ARENA_NEW(&arena, matrix->rows, float);
    enum status status =
        codes != NULL && values != NULL ? STATUS_OK : FAIL_MEMORY(diag, "quantised weights");
    for (int column = 0; column < matrix->columns && status == STATUS_OK; column++) {
        float scale;
        status = column_codes(matrix, column, format, NULL, values, codes, &scale, diag);
        for (int r = 0; r < matrix->rows && status == STATUS_OK; r++)
            /* A float product and quotient away from exact. */
            if (fabsf(values[r] - scale * (float)codes[r]) > 1e-5F * scale)
                status = FAIL(diag, STATUS_USAGE,
                              "layer %s: row %d of column %d (%g) lies between the levels of its "
                              "column, multiples of %g",
                              matrix->name, r, column, (double)values[r], (double)scale);
    }
    arena_free(&arena);
    return status;
}
