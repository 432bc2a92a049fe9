/* Physical columns of a row block while it is programmed: their cells, and how easily they are
 * driven past the converter's range. Private to crossbar/. */
#ifndef MHO_CROSSBAR_COLUMNS_H
#define MHO_CROSSBAR_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crossbar/row_block.h"

struct columns {
    const struct row_block_spec *spec;
    uint8_t *cell_of; /* [columns][2^weight_bits]: cell of each weight, index weight + 2^(bits-1) */
    int weights;      /* 2^weight_bits */
};

/* What is known of a physical column before anything is read. */
struct column_facts {
    uint32_t threshold;  /* smallest digit sum at which a read contributes; UINT32_MAX: never */
    int64_t largest_sum; /* all rows driven with the largest digit */
    bool programmed;     /* whether a cell is not zero; else the column is never converted */
    int sign; /* with which results enter: the encoding's, times that of the weights where
                 it keeps one, or the opposite if flipped */
};

/* Prepares the columns of `spec`, which must outlive them; to be closed, also after a failure. */
enum status columns_open(const struct row_block_spec *spec, struct columns *columns,
                         struct diagnostic *diag);
void columns_close(struct columns *columns);

/* Cells of column `column` of the encoding for one filter: cells[row * step] for every row. */
void columns_cells(const struct columns *columns, int filter, int column, uint8_t *cells,
                   size_t step);

/* The same cells' facts; they are left in `cells` [rows]. */
struct column_facts columns_measure(const struct columns *columns, int filter, int column,
                                    uint8_t *cells);

#endif
