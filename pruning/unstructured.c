/* Unstructured pruning: the largest floor(K N / rate) entries of the matrix, wherever they are
 * (irregular pruning of ADMM-NN, arXiv 1804.03294). */
#include "pruning/pruning_internal.h"

static enum status project(const struct prune_matrix *matrix, const double *scores,
                           const struct prune_settings *settings, uint8_t *mask,
                           struct diagnostic *diag) {
    long size = (long)prune_size(matrix), n = 0;
    struct arena arena = ARENA_INIT;
    int *items = ARENA_NEW(&arena, size, int);
    if (items == NULL)
        return FAIL_MEMORY(diag, "pruning");
    for (long i = 0; i < size; i++)
        if (mask[i])
            items[n++] = (int)i;
    long keep = prune_kept(size, settings->rate);
    if (keep < n) {
        prune_select(scores, items, n, keep);
        for (long i = keep; i < n; i++)
            mask[items[i]] = 0;
    }
    arena_free(&arena);
    return STATUS_OK;
}

static enum status check(const struct prune_matrix *matrix, const struct prune_settings *settings,
                         struct diagnostic *diag) {
    long size = (long)prune_size(matrix), nonzero = 0;
    long keep = prune_kept(size, settings->rate);
    for (long i = 0; i < size; i++) {
        nonzero += matrix->weights[i] != 0;
        if (nonzero > keep)
            return FAIL(diag, STATUS_USAGE,
                        "row %ld of column %ld holds one non-zero weight more than the %ld of %ld "
                        "allowed",
                        i % matrix->rows, i / matrix->rows, keep, size);
    }
    return STATUS_OK;
}

const struct prune_scheme prune_unstructured = {
    .name = "unstructured",
    .help = "the largest weights of the layer, wherever they are",
    .options = "rate",
    .takes_rate = true,
    .project = project,
    .check = check,
};
