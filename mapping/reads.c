#include "mapping/reads.h"

#include <stdlib.h>

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* Units of one set of rows. */
static int units_of(const struct mapped_layer *m, const struct mapped_array *a) {
    return (a->rows + m->unit_rows - 1) / m->unit_rows;
}

int mapping_array_reads(const struct mapped_layer *layer, const struct mapped_array *array) {
    return array->row_sets * units_of(layer, array);
}

int mapping_layer_reads(const struct mapped_layer *layer) {
    int reads = 0;
    for (int i = 0; i < layer->n_runs; i++)
        reads += mapping_array_reads(layer, &layer->arrays[layer->runs[i].first]);
    return reads;
}

struct mapped_read mapping_read_of(const struct mapped_layer *layer,
                                   const struct mapped_array *array, int read) {
    int set = read / units_of(layer, array), unit = read % units_of(layer, array), rows;
    struct mapped_read r = {.filters = array->filters};
    if (array->row_sets > 1) {
        r.first_filter = set * layer->unit_filters;
        r.filters = smaller(layer->unit_filters, array->filters - r.first_filter);
    }
    const int *row = mapping_array_rows(layer, array, r.first_filter, &rows);
    int left = rows - unit * layer->unit_rows;
    r.row = row + (size_t)unit * (size_t)layer->unit_rows;
    r.rows = left > 0 ? smaller(left, layer->unit_rows) : 0;
    r.passes = (r.filters + layer->unit_filters - 1) / layer->unit_filters;
    return r;
}

/* Columns of a weight with a programmed cell on word lines [first, end). */
static int count_columns(const struct mapped_layer *m, const int16_t *weights, int first, int end,
                         const bool *flipped) {
    int count = 0;
    unsigned top = (1U << m->encoding.cell_bits) - 1U;
    for (int c = 0; c < m->encoding.columns; c++) {
        bool programmed = false;
        for (int r = first; r < end && !programmed; r++)
            programmed = encoding_cell(&m->encoding, weights[r], c) != (flipped[c] ? top : 0);
        count += programmed;
    }
    return count;
}

static void find_flipped(const struct mapped_layer *m, const int16_t *weights, int rows,
                         bool *flipped) {
    for (int c = 0; c < m->encoding.columns && m->flip; c++) {
        int64_t sum = 0;
        for (int r = 0; r < rows; r++)
            sum += encoding_cell(&m->encoding, weights[r], c);
        flipped[c] = mapping_column_is_flipped(m, sum, rows);
    }
}

/* Adds the conversions of filter `f`; the first one of a unit brings its unit column. */
static void add_filter(const struct mapped_layer *m, int index, int f, int16_t *weights,
                       int *conversions) {
    const struct mapped_array *a = &m->arrays[index];
    bool flipped[ENCODING_MAX_COLUMNS] = {false};
    int rows = mapping_array_column(m, index, f, weights);
    int set = a->row_sets > 1 ? f / m->unit_filters : 0;
    bool unit_column = m->encoding.unit_column && f % m->unit_filters == 0;
    find_flipped(m, weights, rows, flipped);
    conversions += set * units_of(m, a);
    for (int first = 0; first < rows; first += m->unit_rows)
        *conversions++ +=
            count_columns(m, weights, first, smaller(first + m->unit_rows, rows), flipped) +
            unit_column;
}

enum status reads_analyse(struct mapped_layer *layer, struct arena *arena,
                          struct diagnostic *diag) {
    if (layer->crossbar.zero_skip == ZERO_SKIP_NONE)
        return STATUS_OK;
    int16_t *weights = malloc((size_t)layer->crossbar.rows * sizeof *weights);
    enum status status =
        weights != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the reads of a layer's arrays");
    for (int i = 0; i < layer->n_arrays && status == STATUS_OK; i++) {
        struct mapped_array *a = &layer->arrays[i];
        int *conversions = ARENA_NEW(arena, mapping_array_reads(layer, a), int);
        if (conversions == NULL)
            status = FAIL_MEMORY(diag, "the reads of a layer's arrays");
        for (int f = 0; conversions != NULL && f < a->filters; f++)
            add_filter(layer, i, f, weights, conversions);
        a->unit_conversions = conversions;
    }
    free(weights);
    return status;
}
