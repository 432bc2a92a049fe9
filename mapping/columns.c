#include "mapping/columns.h"

#include <stdlib.h>
#include <string.h>

/* Every weight's cells, so that a pass over a column is table look-ups and vector adds. A lane
 * holds a column's cell value in its low bits and 1 above them where the cell is not zero. Lanes of
 * PASS_ROWS weights add up without overflow: 2048 cells of 8 bits stay below 2^20. */
enum { LANES = 32, FEW_LANES = 8, SOME_LANES = 16 }; /* LANES >= ENCODING_MAX_COLUMNS */
enum { COUNT_SHIFT = 20, PASS_ROWS = 2048 };
typedef uint32_t quad __attribute__((vector_size(16)));
enum { QUAD = 4 };

struct cell_table {
    quad (*cells)[LANES / QUAD]; /* [2^weight_bits] */
    int offset;                  /* index of weight 0 */
};

static enum status table_make(const struct encoding *e, struct cell_table *t,
                              struct diagnostic *diag) {
    int top = 1 << (e->weight_bits - 1);
    t->offset = top;
    t->cells = calloc((size_t)top * 2, sizeof *t->cells); /* aligned for any vector of 16 bytes */
    if (t->cells == NULL)
        return FAIL_MEMORY(diag, "the table of cell values");
    for (int w = -top + 1; w < top; w++)
        for (int c = 0; c < e->columns; c++) {
            unsigned cell = encoding_cell(e, w, c);
            t->cells[w + top][c / QUAD][c % QUAD] = cell | (unsigned)(cell != 0) << COUNT_SHIFT;
        }
    return STATUS_OK;
}

/* Sums of one filter's columns in one operation unit. */
struct filter_sums {
    int32_t sum[LANES];     /* of the cells' values */
    int32_t nonzero[LANES]; /* programmed cells */
    int weights_nonzero;
};

/* `lanes` is a constant where this is inlined, so that the sums become registers. */
static inline __attribute__((always_inline)) void add_weights(const struct cell_table *t,
                                                              const int16_t *weights, int n,
                                                              int lanes, struct filter_sums *s) {
    s->weights_nonzero = 0;
    for (int c = 0; c < lanes; c++)
        s->sum[c] = s->nonzero[c] = 0;
    for (int first = 0; first < n; first += PASS_ROWS) {
        quad sums[LANES / QUAD] = {{0}};
        for (int i = first; i < n && i < first + PASS_ROWS; i++) {
            const quad *cells = t->cells[weights[i] + t->offset];
            for (int q = 0; q < lanes / QUAD; q++)
                sums[q] += cells[q];
            s->weights_nonzero += weights[i] != 0;
        }
        for (int c = 0; c < lanes; c++) {
            s->sum[c] += (int32_t)(sums[c / QUAD][c % QUAD] & ((1U << COUNT_SHIFT) - 1U));
            s->nonzero[c] += (int32_t)(sums[c / QUAD][c % QUAD] >> COUNT_SHIFT);
        }
    }
}

static struct filter_sums sum_weights(const struct mapped_layer *m, const struct cell_table *t,
                                      const int16_t *weights, int n) {
    struct filter_sums s;
    if (m->encoding.columns <= FEW_LANES)
        add_weights(t, weights, n, FEW_LANES, &s);
    else if (m->encoding.columns <= SOME_LANES)
        add_weights(t, weights, n, SOME_LANES, &s);
    else
        add_weights(t, weights, n, LANES, &s);
    return s;
}

bool mapping_column_is_flipped(const struct mapped_layer *layer, int64_t cell_sum, int rows) {
    return layer->flip && 2 * cell_sum > (int64_t)rows * ((1 << layer->encoding.cell_bits) - 1);
}

/* Takes a column's sum (already times the largest digit) of `rows` programmed cells into the
 * layer's lossless bits. */
static void take_sum(struct mapped_layer *m, int64_t sum, long rows, int slice, int array,
                     int column) {
    struct lossless_bits *l = &m->lossless;
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
    int16_t *weights;       /* of one filter of an array */
    int most_nonzero;       /* weights of a column in one operation unit */
    int32_t largest[LANES]; /* sum of cells of each column of a weight */
};

/* Which columns of a filter are stored inverted, as bits. */
static uint32_t find_flips(const struct mapped_layer *m, const struct cell_table *t,
                           const int16_t *weights, int rows) {
    uint32_t flips = 0;
    if (!m->flip)
        return 0;
    struct filter_sums s = sum_weights(m, t, weights, rows);
    for (int c = 0; c < m->encoding.columns; c++)
        if (mapping_column_is_flipped(m, s.sum[c], rows))
            flips |= 1U << c;
    return flips;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* What one filter's columns do in all operation units of an array, by column. */
struct filter_totals {
    int32_t largest[LANES];     /* sum of cells in a unit */
    int32_t level_sum[LANES];   /* of all units */
    int32_t nonzero[LANES];     /* programmed cells */
    int32_t conversions[LANES]; /* units with a programmed cell */
    int32_t cells_read[LANES];  /* word lines of those */
    int most_nonzero;           /* weights in one unit */
};

static inline __attribute__((always_inline)) void
total_units(const struct mapped_layer *m, const struct cell_table *t, const int16_t *weights,
            int rows, int lanes, struct filter_totals *totals) {
    for (int first = 0; first < rows; first += m->unit_rows) {
        int driven = smaller(m->unit_rows, rows - first);
        struct filter_sums s;
        add_weights(t, weights + first, driven, lanes, &s);
        if (s.weights_nonzero > totals->most_nonzero)
            totals->most_nonzero = s.weights_nonzero;
        for (int c = 0; c < lanes; c++) {
            int32_t used = s.nonzero[c] > 0 ? -1 : 0;
            totals->largest[c] = s.sum[c] > totals->largest[c] ? s.sum[c] : totals->largest[c];
            totals->level_sum[c] += s.sum[c];
            totals->nonzero[c] += s.nonzero[c];
            totals->conversions[c] -= used;
            totals->cells_read[c] += used & driven;
        }
    }
}

/* Of a filter none of whose columns is stored inverted. */
static struct filter_totals total_filter(const struct pass *p, int rows) {
    const struct mapped_layer *m = p->layer;
    struct filter_totals totals = {.most_nonzero = 0};
    if (m->encoding.columns <= FEW_LANES)
        total_units(m, &p->table, p->weights, rows, FEW_LANES, &totals);
    else if (m->encoding.columns <= SOME_LANES)
        total_units(m, &p->table, p->weights, rows, SOME_LANES, &totals);
    else
        total_units(m, &p->table, p->weights, rows, LANES, &totals);
    return totals;
}

/* The same where the columns in `flips` are. */
static struct filter_totals total_flipped(const struct pass *p, int rows, uint32_t flips) {
    const struct mapped_layer *m = p->layer;
    struct filter_totals totals = total_filter(p, rows);
    int top_cell = (1 << m->encoding.cell_bits) - 1;
    for (int c = 0; c < m->encoding.columns; c++) {
        if (!(flips >> c & 1))
            continue;
        totals.largest[c] = totals.level_sum[c] = totals.nonzero[c] = 0;
        totals.conversions[c] = totals.cells_read[c] = 0;
        for (int first = 0; first < rows; first += m->unit_rows) {
            int driven = smaller(m->unit_rows, rows - first), sum = 0, nonzero = 0;
            for (int r = first; r < first + driven; r++) {
                int cell = top_cell - (int)encoding_cell(&m->encoding, p->weights[r], c);
                sum += cell;
                nonzero += cell != 0;
            }
            totals.largest[c] = sum > totals.largest[c] ? sum : totals.largest[c];
            totals.level_sum[c] += sum;
            totals.nonzero[c] += nonzero;
            totals.conversions[c] += nonzero > 0;
            totals.cells_read[c] += nonzero > 0 ? driven : 0;
        }
    }
    return totals;
}

/* Programmed cells of a column in the first operation unit where they sum to `sum`. */
static long rows_of_sum(const struct pass *p, int rows, int column, bool flipped, int32_t sum) {
    const struct mapped_layer *m = p->layer;
    int top_cell = (1 << m->encoding.cell_bits) - 1;
    for (int first = 0; first < rows; first += m->unit_rows) {
        int own = 0, nonzero = 0;
        for (int r = first; r < first + smaller(m->unit_rows, rows - first); r++) {
            int cell = (int)encoding_cell(&m->encoding, p->weights[r], column);
            cell = flipped ? top_cell - cell : cell;
            own += cell;
            nonzero += cell != 0;
        }
        if (own == sum)
            return nonzero;
    }
    return 0;
}

static void take_filter(struct pass *p, int index, int f, int rows, uint32_t flips) {
    struct mapped_layer *m = p->layer;
    struct mapped_array *a = &m->arrays[index];
    const struct encoding *e = &m->encoding;
    int64_t digit = (1 << m->dac_bits) - 1;
    struct filter_totals t = flips != 0 ? total_flipped(p, rows, flips) : total_filter(p, rows);
    if (t.most_nonzero > p->most_nonzero)
        p->most_nonzero = t.most_nonzero;
    for (int c = 0; c < e->columns; c++) {
        a->cells_nonzero += t.nonzero[c];
        a->conversions += t.conversions[c];
        a->cells_read += t.cells_read[c];
        a->level_sum += t.level_sum[c];
        a->columns_used += t.conversions[c] > 0;
        if (t.largest[c] > p->largest[c])
            p->largest[c] = t.largest[c];
        if (t.largest[c] * digit > m->lossless.largest_sum)
            take_sum(m, t.largest[c] * digit, rows_of_sum(p, rows, c, flips >> c & 1, t.largest[c]),
                     e->column[c].slice, index, f * e->columns + c);
        else if (t.largest[c] * digit > a->largest_sum)
            a->largest_sum = t.largest[c] * digit;
    }
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
        uint32_t flips = find_flips(m, &p->table, p->weights, rows);
        take_filter(p, index, f, rows, flips);
        a->sums += rows > 0;
        a->signs += m->encoding.fragment_sign ? (rows + m->unit_rows - 1) / m->unit_rows : 0;
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
    int64_t digit = (1 << m->dac_bits) - 1;
    int most_rows = 0;
    for (int i = 0; i < m->n_arrays; i++)
        most_rows = m->arrays[i].rows > most_rows ? m->arrays[i].rows : most_rows;
    l->exact = adc_bits_for_sum(l->largest_sum);
    for (int c = 0; c < m->encoding.columns; c++) {
        int *bits = &l->bits_by_slice[m->encoding.column[c].slice];
        int own = adc_bits_for_sum(p->largest[c] * digit);
        *bits = m->n_arrays > 0 && own > *bits ? own : *bits;
    }
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
            int64_t sum = flips >> c & 1 ? driven * top_cell - s.sum[c] : s.sum[c];
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
