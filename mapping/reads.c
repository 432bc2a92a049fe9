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

/* Which columns of a weight hold a cell that is not zero, and which the largest value, as bits. */
struct cell_masks {
    uint32_t nonzero, full;
};

/* One pass over the arrays of a layer. */
struct pass {
    const struct mapped_layer *layer;
    struct cell_masks *masks; /* [2^weight_bits], by weight + 2^(weight_bits - 1) */
    int16_t *weights;         /* of one filter of an array */
};

static enum status pass_begin(const struct mapped_layer *m, struct pass *p,
                              struct diagnostic *diag) {
    const struct encoding *e = &m->encoding;
    int top = 1 << (e->weight_bits - 1);
    unsigned full = (1U << e->cell_bits) - 1U;
    *p = (struct pass){.layer = m,
                       .masks = calloc((size_t)top * 2, sizeof *p->masks),
                       .weights = malloc((size_t)m->crossbar.rows * sizeof *p->weights)};
    if (p->masks == NULL || p->weights == NULL)
        return FAIL_MEMORY(diag, "the reads of a layer's arrays");
    for (int w = 1 - top; w < top; w++)
        for (int c = 0; c < e->columns; c++) {
            unsigned cell = encoding_cell(e, w, c);
            p->masks[w + top].nonzero |= (uint32_t)(cell != 0) << c;
            p->masks[w + top].full |= (uint32_t)(cell == full) << c;
        }
    return STATUS_OK;
}

static void pass_end(struct pass *p) {
    free(p->masks);
    free(p->weights);
}

/* Columns of a weight with a programmed cell on word lines [first, end). */
static int count_columns(const struct pass *p, int first, int end, uint32_t flipped) {
    const struct cell_masks *masks = p->masks + (1 << (p->layer->encoding.weight_bits - 1));
    uint32_t nonzero = 0, full = UINT32_MAX;
    for (int r = first; r < end; r++) {
        nonzero |= masks[p->weights[r]].nonzero;
        full &= masks[p->weights[r]].full;
    }
    return __builtin_popcount((nonzero & ~flipped) | (~full & flipped));
}

/* Columns that are stored inverted, as bits. */
static uint32_t find_flipped(const struct pass *p, int rows) {
    const struct mapped_layer *m = p->layer;
    uint32_t flipped = 0;
    for (int c = 0; c < m->encoding.columns && m->flip; c++) {
        int64_t sum = 0;
        for (int r = 0; r < rows; r++)
            sum += encoding_cell(&m->encoding, p->weights[r], c);
        flipped |= (uint32_t)mapping_column_is_flipped(m, sum, rows) << c;
    }
    return flipped;
}

/* Adds the conversions of filter `f`; the first one of a unit brings its unit column. */
static void add_filter(const struct pass *p, int index, int f, int *conversions) {
    const struct mapped_layer *m = p->layer;
    const struct mapped_array *a = &m->arrays[index];
    int rows = mapping_array_column(m, index, f, p->weights);
    int set = a->row_sets > 1 ? f / m->unit_filters : 0;
    bool unit_column = m->encoding.unit_column && f % m->unit_filters == 0;
    uint32_t flipped = find_flipped(p, rows);
    conversions += set * units_of(m, a);
    for (int first = 0; first < rows; first += m->unit_rows)
        *conversions++ +=
            count_columns(p, first, smaller(first + m->unit_rows, rows), flipped) + unit_column;
}

enum status reads_analyse(struct mapped_layer *layer, struct arena *arena,
                          struct diagnostic *diag) {
    struct pass pass;
    if (layer->crossbar.zero_skip == ZERO_SKIP_NONE)
        return STATUS_OK;
    enum status status = pass_begin(layer, &pass, diag);
    for (int i = 0; i < layer->n_arrays && status == STATUS_OK; i++) {
        struct mapped_array *a = &layer->arrays[i];
        int *conversions = ARENA_NEW(arena, mapping_array_reads(layer, a), int);
        if (conversions == NULL)
            status = FAIL_MEMORY(diag, "the reads of a layer's arrays");
        for (int f = 0; conversions != NULL && f < a->filters; f++)
            add_filter(&pass, i, f, conversions);
        a->unit_conversions = conversions;
    }
    pass_end(&pass);
    return status;
}
