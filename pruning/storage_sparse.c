/* Formats that know nothing of structure, and the offsets of column-proportional weights. */
#include <math.h>

#include "pruning/storage_internal.h"

STORAGE_COUNT(storage_dense) {
    (void)settings, (void)diag;
    long size = (long)prune_size(matrix);
    *storage = (struct storage){
        .possible = true, .values = size, .weight_bits = (double)size * weight_bits};
    return STATUS_OK;
}

STORAGE_COUNT(storage_mask) {
    (void)settings, (void)diag;
    long nonzero = storage_nonzero(matrix);
    *storage = (struct storage){.possible = true,
                                .values = nonzero,
                                .index_width = 1,
                                .weight_bits = (double)nonzero * weight_bits,
                                .index_bits = (double)prune_size(matrix)};
    return STATUS_OK;
}

enum { WIDEST = 16 };

/* Zeros stored where distances of 1..2^width do not reach the next non-zero, in the order of
 * memory, for each width. */
static void count_bridges(const struct prune_matrix *matrix, long padding[WIDEST + 1]) {
    size_t next = 0; /* the first place that a distance of 1 means */
    for (size_t i = 0; i < prune_size(matrix); i++)
        if (matrix->weights[i] != 0) {
            for (int width = 1; width <= WIDEST && (i - next) >> width > 0; width++)
                padding[width] += (long)((i - next) >> width);
            next = i + 1;
        }
}

/* Deep Compression's relative index (Han et al., ICLR 2016), of the width that makes it smallest.
 */
STORAGE_COUNT(storage_relative) {
    (void)settings, (void)diag;
    long padding[WIDEST + 1] = {0}, nonzero = storage_nonzero(matrix);
    double best = INFINITY;
    count_bridges(matrix, padding);
    for (int width = 1; width <= WIDEST; width++) {
        long values = nonzero + padding[width];
        int bits = storage_value_bits(weight_bits, padding[width] > 0);
        if ((double)values * (bits + width) >= best)
            continue;
        best = (double)values * (bits + width);
        *storage = (struct storage){.possible = true,
                                    .values = values,
                                    .padding = padding[width],
                                    .index_width = width,
                                    .weight_bits = (double)values * bits,
                                    .index_bits = (double)values * width};
    }
    return STATUS_OK;
}

STORAGE_COUNT(storage_csr) {
    (void)settings, (void)diag;
    long nonzero = storage_nonzero(matrix);
    int width = storage_width(matrix->rows), pointer = storage_width(nonzero + 1);
    *storage = (struct storage){
        .possible = true,
        .values = nonzero,
        .index_width = width,
        .weight_bits = (double)nonzero * weight_bits,
        .index_bits = (double)nonzero * width + (matrix->columns + 1.0) * pointer,
    };
    return STATUS_OK;
}

/* Non-zeros of one column of a block. */
static long count_column(const struct prune_matrix *matrix, const struct prune_block *block,
                         int column) {
    long nonzero = 0;
    for (int r = 0; r < block->rows; r++)
        nonzero += matrix->weights[prune_at(matrix, block->row + r, column)] != 0;
    return nonzero;
}

static long power_above(long nonzero, int rows) {
    long power = 1;
    while (power < nonzero)
        power *= 2;
    return nonzero == 0 ? 0 : power < rows ? power : rows;
}

/* Every column of a block holds l weights, l the most of any, stored once; with budgets in powers
 * of two each column holds a power of its own, of which it stores the exponent. */
STORAGE_COUNT(storage_offsets) {
    (void)diag;
    bool powers = settings->column_budget == PRUNE_POWER_OF_TWO;
    int height = matrix->rows < settings->rows ? matrix->rows : settings->rows;
    int width = storage_width(height);
    long most = 0, values = 0, columns = 0;
    for (struct prune_block b = {0}; prune_next_block(matrix, settings, &b);)
        for (int c = b.column; c < b.column + b.columns; c++) {
            long nonzero = count_column(matrix, &b, c);
            most = nonzero > most ? nonzero : most;
        }
    for (struct prune_block b = {0}; prune_next_block(matrix, settings, &b);)
        for (int c = b.column; c < b.column + b.columns; c++, columns++)
            values += powers          ? power_above(count_column(matrix, &b, c), b.rows)
                      : most < b.rows ? most
                                      : b.rows;
    *storage = (struct storage){
        .possible = true,
        .values = values,
        .index_width = width,
        .weight_bits = (double)values * weight_bits,
        /* exponents 0..width and "none" */
        .index_bits = (double)values * width + (powers ? (double)columns * storage_width(width + 2)
                                                       : storage_width(height + 1)),
    };
    return STATUS_OK;
}
