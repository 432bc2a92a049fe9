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

/* One pass over the columns of a layer. */
struct pass {
    struct mapped_layer *layer;
    struct cell_table table;
    int16_t *weights; /* of one filter of an array */
    int most_nonzero; /* weights of a column in one operation unit */
};

/* Which columns of a filter are stored inverted, as bits. */
static uint32_t find_flips(const struct mapped_layer *m, const struct cell_table *t,
                           const int16_t *weights, int rows) {
    uint32_t flips = 0;
    if (!m->flip)
        return 0;
    struct filter_sums s = sum_weights(m, t, weights, rows);
    for (int c = 0; c < m->encoding.columns; c++)
        if (mapping_column_is_flipped(m, s.lanes[c] & ((1U << COUNT_SHIFT) - 1U), rows))
            flips |= 1U << c;
    return flips;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* Columns of filter `f` on word lines [first, first + rows) of the array. Returns those with a
 * programmed cell, as bits. */
static uint32_t analyse_unit(struct pass *p, int index, int f, int first, int rows,
                             uint32_t flips) {
    struct mapped_layer *m = p->layer;
    struct mapped_array *a = &m->arrays[index];
    const struct encoding *e = &m->encoding;
    const int16_t *weights = p->weights + first;
    int64_t digit = (1 << m->dac_bits) - 1, top_cell = (1 << e->cell_bits) - 1;
    struct filter_sums s = sum_weights(m, &p->table, weights, rows);
    uint32_t used = 0;
    if (s.weights_nonzero > p->most_nonzero)
        p->most_nonzero = s.weights_nonzero;
    for (int c = 0; c < e->columns; c++) {
        int64_t sum = s.lanes[c] & ((1U << COUNT_SHIFT) - 1U);
        long nonzero = (long)(s.lanes[c] >> COUNT_SHIFT);
        if (flips >> c & 1) {
            nonzero = flipped_nonzero(m, weights, rows, c);
            sum = rows * top_cell - sum;
        }
        used |= (uint32_t)(nonzero > 0) << c;
        a->cells_nonzero += nonzero;
        a->conversions += nonzero > 0;
        a->cells_read += nonzero > 0 ? rows : 0;
        a->level_sum += sum;
        take_sum(m, sum * digit, nonzero, e->column[c].slice, index, f * e->columns + c);
    }
    return used;
}

/* The reads of one operation unit's filters: its word lines, and its unit column. */
static void analyse_reads(struct pass *p, int index, int rows) {
    struct mapped_layer *m = p->layer;
    struct mapped_array *a = &m->arrays[index];
    a->rows_driven += rows;
    for (int first = 0; first < rows; first += m->unit_rows) {
        int driven = smaller(m->unit_rows, rows - first);
        a->units++;
        if (m->encoding.unit_column) {
            a->conversions++;
            a->cells_read += driven;
            take_sum(m, (int64_t)driven * ((1 << m->dac_bits) - 1), driven, -1, index,
                     a->filters * m->encoding.columns);
        }
    }
}

static void analyse_array(struct pass *p, int index) {
    struct mapped_layer *m = p->layer;
    struct mapped_array *a = &m->arrays[index];
    for (int f = 0; f < a->filters; f++) {
        int rows = mapping_array_column(m, index, f, p->weights);
        uint32_t flips = find_flips(m, &p->table, p->weights, rows), used = 0;
        for (int first = 0; first < rows; first += m->unit_rows)
            used |= analyse_unit(p, index, f, first, smaller(m->unit_rows, rows - first), flips);
        a->sums += rows > 0;
        a->columns_used += __builtin_popcount(used);
        a->flipped_columns += __builtin_popcount(flips);
        if (f % m->unit_filters == 0)
            analyse_reads(p, index, rows);
    }
    if (m->encoding.unit_column) {
        a->cells_nonzero += a->rows;
        a->columns_used++;
        a->level_sum += a->rows;
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

static void set_bits(const struct pass *p) {
    struct mapped_layer *m = p->layer;
    struct lossless_bits *l = &m->lossless;
    int most_rows = 0;
    for (int i = 0; i < m->n_arrays; i++)
        most_rows = m->arrays[i].rows > most_rows ? m->arrays[i].rows : most_rows;
    l->exact = adc_bits_for_sum(l->largest_sum);
    l->structural =
        adc_bits_for_sum(structural_sum(m, p->most_nonzero, smaller(most_rows, m->unit_rows)));
    l->worst = adc_bits_for_sum(structural_sum(m, m->unit_rows, m->unit_rows));
}

static enum status pass_begin(const struct mapped_layer *m, struct pass *p,
                              struct diagnostic *diag) {
    *p = (struct pass){.weights = malloc((size_t)m->crossbar.rows * sizeof *p->weights)};
    if (p->weights == NULL)
        return FAIL_MEMORY(diag, "a column of weights");
    return table_make(&m->encoding, &p->table, diag);
}

static void pass_end(struct pass *p) {
    free(p->weights);
    free(p->table.cells);
}

enum status columns_analyse(struct mapped_layer *layer, struct diagnostic *diag) {
    struct pass pass;
    enum status status = pass_begin(layer, &pass, diag);
    pass.layer = layer;
    layer->lossless = (struct lossless_bits){0};
    if (status == STATUS_OK) {
        for (int i = 0; i < layer->n_arrays; i++)
            analyse_array(&pass, i);
        set_bits(&pass);
    }
    pass_end(&pass);
    return status;
}

/* Columns of one filter of an array that give more than `cells` in some operation unit. */
static int columns_above(const struct mapped_layer *m, const struct pass *p, int rows,
                         int64_t cells) {
    uint32_t flips = find_flips(m, &p->table, p->weights, rows), above = 0;
    int64_t top_cell = (1 << m->encoding.cell_bits) - 1;
    for (int first = 0; first < rows; first += m->unit_rows) {
        int driven = smaller(m->unit_rows, rows - first);
        struct filter_sums s = sum_weights(m, &p->table, p->weights + first, driven);
        for (int c = 0; c < m->encoding.columns; c++) {
            int64_t sum = s.lanes[c] & ((1U << COUNT_SHIFT) - 1U);
            if (flips >> c & 1)
                sum = driven * top_cell - sum;
            above |= (uint32_t)(sum > cells) << c;
        }
    }
    return __builtin_popcount(above);
}

enum status mapping_columns_above(const struct mapped_layer *layer, int64_t code, long *columns,
                                  struct diagnostic *diag) {
    struct pass pass;
    int64_t cells = code / ((1 << layer->dac_bits) - 1);
    enum status status = pass_begin(layer, &pass, diag);
    *columns = 0;
    for (int i = 0; i < layer->n_arrays && status == STATUS_OK; i++) {
        const struct mapped_array *a = &layer->arrays[i];
        for (int f = 0; f < a->filters; f++) {
            int rows = mapping_array_column(layer, i, f, pass.weights);
            *columns += columns_above(layer, &pass, rows, cells);
        }
        *columns += layer->encoding.unit_column && smaller(a->rows, layer->unit_rows) > cells;
    }
    pass_end(&pass);
    return status;
}
