#include "sim/engine/matrix_bound.h"

#include <stdlib.h>

/* What a layer's conversions may add to an accumulator, whose column lies on K word lines of
 * `column_reads` arrays (compaction may drive a row in several of them).
 *
 * A column of weight 2^shift is read in every array and cycle; cycle t counts 2^(v t). Without a
 * table a read adds at most its sum S (clipping takes away from S), and over the arrays S adds up
 * to K (2^c - 1) (2^v - 1); the unit column's to K (2^v - 1), as its cells are 1. With a table a
 * read adds at most the value of the layer's largest sum, as tables rise: the code itself, or the
 * code scaled by S_bound / (2^b - 1), which rounding up makes as much as 2 S (S = S_bound / 2 gives
 * the only code of 1 bit, which stands for S_bound). The unit column enters with its own weight and
 * once for each flipped column (crossbar/program.c). All are taken with the same sign, so that
 * partial results in any order are within the bound.
 *
 * 64 bits hold it: K < 2^16 here, cells and digits are below 2^8, and (2^v - 1) * (sum of 2^(v t))
 * below 2^15. */
static int64_t conversions_bound(const struct matrix_setting *s) {
    const struct mapped_layer *m = s->mapped;
    int64_t rows = m->column_rows;
    const struct adc_transfer *t = &s->transfer;
    int64_t cell = ((int64_t)1 << m->crossbar.cell_bits) - 1;
    int64_t digit = ((int64_t)1 << m->dac_bits) - 1;
    int64_t cycles = 0, columns = 0;
    for (int i = 0; i < m->cycles; i++)
        cycles += (int64_t)1 << (i * m->dac_bits);
    for (int i = 0; i < m->encoding.columns; i++)
        columns += (int64_t)1 << m->encoding.column[i].shift;
    int64_t unit = m->encoding.unit_column ? m->encoding.unit_weight + cell * columns : 0;
    int64_t sums = rows * cell * digit, unit_sums = rows * digit;
    if (t->kind == ADC_TABLE) {
        int64_t largest = m->lossless.largest_sum;
        int64_t code = t->table[largest < t->table_size ? largest : t->table_size - 1];
        int64_t value = code * t->scale_numerator / t->scale_denominator + 1;
        sums = unit_sums = m->column_reads * (value > code ? value : code);
    }
    return cycles * (columns * sums + unit * unit_sums);
}

/* Tables in fixed point count fractions of a unit, which 32 bits may not hold once shifted and
 * added. */
static bool has_fractions(const struct adc_transfer *t) {
    return t->kind == ADC_TABLE && t->scale_numerator < t->scale_denominator;
}

bool matrix_needs_wide(const struct matrix_setting *s) {
    const struct matrix_layer *layer = s->layer;
    int64_t rows = (int64_t)matrix_rows(&layer->shape) * s->groups_per_pack;
    if (s->path == ENGINE_ANALOG || has_fractions(&s->transfer) || layer->weight_bits > 8 ||
        rows > INTEGER_DEPTH_MAX / 2)
        return true;
    /* |x w| <= 255 * 2^(b_w - 1) in the exact product, and again in z * sum(w) */
    int64_t bound = 2 * rows * 255 * ((int64_t)1 << (layer->weight_bits - 1));
    if (s->path == ENGINE_BIT_SERIAL)
        bound += conversions_bound(s);
    int64_t bias = 0;
    for (int f = 0; f < layer->shape.out_channels; f++)
        if (llabs(layer->bias[f]) > bias)
            bias = llabs(layer->bias[f]);
    return bias > INT32_MAX || bound + bias > INT32_MAX;
}
