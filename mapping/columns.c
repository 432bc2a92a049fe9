#include "mapping/columns.h"

#include <stdlib.h>
#include <string.h>

/* Every weight's cells, so that a pass over a column is table look-ups and vector adds. A lane
 * holds a column's cell value in its low bits and 1 above them where the cell is not zero: sums of
 * both fit, for up to 4096 rows of 8-bit cells stay below 2^20 and 2^12. */
enum { LANES = 32, FEW_LANES = 16, COUNT_SHIFT = 20 }; /* LANES >= ENCODING_MAX_COLUMNS */

struct cell_table {
    uint32_t (*cells)[LANES]; /* [2^weight_bits] */
    int offset;               /* index of weight 0 */
};

static enum status table_make(const struct encoding *e, struct cell_table *t,
                              struct diagnostic *diag) {
    int top = 1 << (e->weight_bits - 1);
    t->offset = top;
    t->cells = calloc((size_t)top * 2, sizeof *t->cells);
    if (t->cells == NULL)
        return FAIL_MEMORY(diag, "the table of cell values");
    for (int w = -top + 1; w < top; w++)
        for (int c = 0; c < e->columns; c++) {
            unsigned cell = encoding_cell(e, w, c);
            t->cells[w + top][c] = cell | (unsigned)(cell != 0) << COUNT_SHIFT;
        }
    return STATUS_OK;
}

/* Sums of one filter's columns in one array. */
struct filter_sums {
    uint32_t lanes[LANES];
    int weights_nonzero;
};

/* Adds the cells of `n` weights; inlined with a constant count of lanes, which become registers. */
static inline __attribute__((always_inline)) struct filter_sums
add_weights(const struct cell_table *t, const int16_t *weights, int n, int lanes) {
    struct filter_sums s = {{0}, 0};
    uint32_t sums[LANES] = {0};
    for (int i = 0; i < n; i++) {
        const uint32_t *cells = t->cells[weights[i] + t->offset];
        for (int c = 0; c < lanes; c++)
            sums[c] += cells[c];
        s.weights_nonzero += weights[i] != 0;
    }
    for (int c = 0; c < lanes; c++)
        s.lanes[c] = sums[c];
    return s;
}

static struct filter_sums sum_weights(const struct mapped_layer *m, const struct cell_table *t,
                                      const int16_t *weights, int n) {
    return m->encoding.columns <= FEW_LANES ? add_weights(t, weights, n, FEW_LANES)
                                            : add_weights(t, weights, n, LANES);
}

bool mapping_column_is_flipped(const struct mapped_layer *layer, int64_t cell_sum, int rows) {
    return layer->flip && 2 * cell_sum > (int64_t)rows * ((1 << layer->encoding.cell_bits) - 1);
}

/* Cells of a flipped column that are not zero: those that did not hold the largest value. */
static long flipped_nonzero(const struct mapped_layer *m, const int16_t *weights, int rows,
                            int column) {
    long count = 0;
    for (int r = 0; r < rows; r++)
        count +=
            encoding_cell(&m->encoding, weights[r], column) != (1U << m->encoding.cell_bits) - 1U;
    return count;
}

/* Takes a column's sum (already times the largest digit) of `rows` programmed cells into the
 * layer's lossless bits. */
static void take_sum(struct mapped_layer *m, int64_t sum, long rows, int slice, int array,
                     int column) {
    struct lossless_bits *l = &m->lossless;
    int bits = adc_bits_for_sum(sum);
    if (slice >= 0 && bits > l->bits_by_slice[slice])
        l->bits_by_slice[slice] = bits;
    if (sum > l->largest_sum) {
        l->largest_sum = sum;
        l->slice = slice;
        l->array = array;
        l->column = column;
        l->rows = (int)rows;
    }
    if (sum > m->arrays[array].largest_sum)
        m->arrays[array].largest_sum = sum;
}

static void analyse_array(struct mapped_layer *m, int index, const struct cell_table *t,
                          int16_t *weights, int *most_nonzero) {
    struct mapped_array *a = &m->arrays[index];
    const struct encoding *e = &m->encoding;
    int64_t digit = (1 << m->dac_bits) - 1, top_cell = (1 << e->cell_bits) - 1;
    for (int f = 0; f < a->filters; f++) {
        mapping_array_column(m, index, f, weights);
        struct filter_sums s = sum_weights(m, t, weights, a->rows);
        if (s.weights_nonzero > *most_nonzero)
            *most_nonzero = s.weights_nonzero;
        for (int c = 0; c < e->columns; c++) {
            int64_t sum = s.lanes[c] & ((1U << COUNT_SHIFT) - 1U);
            long nonzero = (long)(s.lanes[c] >> COUNT_SHIFT);
            if (mapping_column_is_flipped(m, sum, a->rows)) {
                nonzero = flipped_nonzero(m, weights, a->rows, c);
                sum = a->rows * top_cell - sum;
                a->flipped_columns++;
            }
            a->cells_nonzero += nonzero;
            a->columns_used += nonzero > 0;
            a->level_sum += sum;
            take_sum(m, sum * digit, nonzero, e->column[c].slice, index, f * e->columns + c);
        }
    }
    if (e->unit_column) {
        a->cells_nonzero += a->rows;
        a->columns_used++;
        a->level_sum += a->rows;
        take_sum(m, a->rows * digit, a->rows, -1, index, a->filters * e->columns);
    }
}

/* Largest sum of a column with at most `nonzero` non-zero weights among `rows`. Where a zero weight
 * is a zero cell that is nonzero * (2^c - 1). In offset encoding a zero weight keeps the top bit of
 * the top slice, and the unit column sums every row. */
static int64_t structural_sum(const struct mapped_layer *m, int nonzero, int rows) {
    const struct encoding *e = &m->encoding;
    int64_t digit = (1 << m->dac_bits) - 1, top_cell = (1 << e->cell_bits) - 1;
    int64_t sum = nonzero * top_cell;
    if (e->kind == ENCODING_OFFSET) {
        int bits = e->column[0].bits;
        int64_t top = nonzero * ((1LL << bits) - 1) + (rows - nonzero) * (1LL << (bits - 1));
        if (m->flip) /* inversion may turn zero cells of any slice into the largest value */
            top = rows * top_cell;
        sum = top > sum ? top : sum;
        sum = rows > sum ? rows : sum;
    }
    return sum * digit;
}

static void set_bits(struct mapped_layer *m, int most_nonzero) {
    struct lossless_bits *l = &m->lossless;
    int most_rows = 0;
    for (int i = 0; i < m->n_arrays; i++)
        most_rows = m->arrays[i].rows > most_rows ? m->arrays[i].rows : most_rows;
    l->exact = adc_bits_for_sum(l->largest_sum);
    l->structural = adc_bits_for_sum(structural_sum(m, most_nonzero, most_rows));
    l->worst = adc_bits_for_sum(structural_sum(m, m->crossbar.rows, m->crossbar.rows));
}

/* The cell table and one column of weights, for a pass over all arrays. */
static enum status pass_begin(const struct mapped_layer *m, struct cell_table *table,
                              int16_t **weights, struct diagnostic *diag) {
    *weights = malloc((size_t)m->crossbar.rows * sizeof **weights);
    if (*weights == NULL)
        return FAIL_MEMORY(diag, "a column of weights");
    return table_make(&m->encoding, table, diag);
}

enum status columns_analyse(struct mapped_layer *layer, struct diagnostic *diag) {
    struct cell_table table = {0};
    int16_t *weights;
    enum status status = pass_begin(layer, &table, &weights, diag);
    layer->lossless = (struct lossless_bits){0};
    if (status == STATUS_OK) {
        int most_nonzero = 0;
        for (int i = 0; i < layer->n_arrays; i++)
            analyse_array(layer, i, &table, weights, &most_nonzero);
        set_bits(layer, most_nonzero);
    }
    free(weights);
    free(table.cells);
    return status;
}

/* Columns of weights of one array whose largest sum, in cells, is above `cells`. */
static long columns_above(const struct mapped_layer *m, int index, const struct cell_table *t,
                          int16_t *weights, int64_t cells) {
    const struct mapped_array *a = &m->arrays[index];
    long count = 0;
    for (int f = 0; f < a->filters; f++) {
        mapping_array_column(m, index, f, weights);
        struct filter_sums s = sum_weights(m, t, weights, a->rows);
        for (int c = 0; c < m->encoding.columns; c++) {
            int64_t sum = s.lanes[c] & ((1U << COUNT_SHIFT) - 1U);
            if (mapping_column_is_flipped(m, sum, a->rows))
                sum = (int64_t)a->rows * ((1 << m->encoding.cell_bits) - 1) - sum;
            count += sum > cells;
        }
    }
    return count;
}

enum status mapping_columns_above(const struct mapped_layer *layer, int64_t code, long *columns,
                                  struct diagnostic *diag) {
    struct cell_table table = {0};
    int16_t *weights;
    int64_t cells = code / ((1 << layer->dac_bits) - 1);
    enum status status = pass_begin(layer, &table, &weights, diag);
    *columns = 0;
    for (int i = 0; i < layer->n_arrays && status == STATUS_OK; i++) {
        *columns += columns_above(layer, i, &table, weights, cells);
        *columns += layer->encoding.unit_column && layer->arrays[i].rows > cells;
    }
    free(weights);
    free(table.cells);
    return status;
}
