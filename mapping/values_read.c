/* What the buffers give to a layer's arrays. */
#include <stdlib.h>
#include <string.h>

#include "mapping/values_read.h"

/* Output positions at which tap `k` of one dimension falls on a value and not on padding. */
static long places(const struct window *window, int dimension, int k, int in, int out) {
    long count = 0;
    for (int o = 0; o < out; o++) {
        long at = (long)o * window->stride[dimension] - window->pad_begin[dimension] +
                  (long)k * window->dilation[dimension];
        count += at >= 0 && at < in;
    }
    return count;
}

/* Reads of one row of the weight matrix, which is one tap of one channel, over all positions. */
static void count_taps(const struct matrix_shape *shape, double *taps) {
    const int *kernel = shape->window.kernel;
    for (int y = 0; y < kernel[0]; y++) {
        double rows = (double)places(&shape->window, 0, y, shape->in_height, shape->out_height);
        for (int x = 0; x < kernel[1]; x++)
            taps[y * kernel[1] + x] =
                rows * (double)places(&shape->window, 1, x, shape->in_width, shape->out_width);
    }
}

/* Rows of one pack while its arrays go by. */
struct rows_used {
    unsigned char *used; /* [rows] */
    size_t rows;
    const double
        *taps; /* [n_taps]: reads of a row, in (channel, kernel row, kernel column) order */
    size_t n_taps;
};

static double sum_and_clear(const struct rows_used *pack) {
    double values = 0;
    for (size_t r = 0; r < pack->rows; r++)
        values += pack->used[r] ? pack->taps[r % pack->n_taps] : 0;
    memset(pack->used, 0, pack->rows);
    return values;
}

/* Arrays lie pack after pack. */
static double sum_values(const struct mapped_layer *layer, const struct rows_used *pack) {
    double values = 0;
    for (int i = 0; i < layer->n_runs; i++) {
        const struct mapped_array *array = &layer->arrays[layer->runs[i].first];
        if (i > 0 && layer->arrays[layer->runs[i - 1].first].pack != array->pack)
            values += sum_and_clear(pack);
        for (int r = 0; r < array->rows * array->row_sets; r++)
            if (array->row[r] >= 0)
                pack->used[array->row[r]] = 1;
    }
    return values + sum_and_clear(pack);
}

enum status values_read(struct mapped_layer *layer, struct diagnostic *diag) {
    const struct matrix_shape *shape = &layer->layer->shape;
    size_t n_taps = (size_t)(shape->window.kernel[0] * shape->window.kernel[1]);
    double *taps = calloc(n_taps, sizeof *taps);
    struct rows_used pack = {.used = calloc((size_t)layer->pack_rows, 1),
                             .rows = (size_t)layer->pack_rows,
                             .taps = taps,
                             .n_taps = n_taps};
    enum status status = STATUS_OK;
    if (taps == NULL || pack.used == NULL) {
        status = FAIL_MEMORY(diag, "the rows of a layer");
    } else {
        count_taps(shape, taps);
        layer->values_read = sum_values(layer, &pack);
    }
    free(pack.used);
    free(taps);
    return status;
}
