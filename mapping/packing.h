/* Pieces of sub-matrices, and the arrays that they are packed into. Private to mapping/.
 *
 * An array's word lines are the union of its pieces' rows and its bit lines that of their filters:
 * pieces of the same row block share word lines (and inputs), pieces of the same column group share
 * bit lines (which then add more rows), others stand on the diagonal. */
#ifndef MHO_MAPPING_PACKING_H
#define MHO_MAPPING_PACKING_H

#include <stdint.h>

#include "sim/base/base.h"

/* What is left of one sub-matrix, or of a part of it. */
struct piece {
    int block, group;       /* its row block and column group */
    int rows, filters;      /* at least 1 */
    double share;           /* the larger one of rows and filters, of an array */
    const uint64_t *row;    /* bits of the block's rows */
    const uint64_t *filter; /* bits of the group's filters */
    int next;               /* piece laid into the same array before, -1: none */
};

/* An array being filled. */
struct bin {
    int rows, filters;
    int last; /* piece laid last */
};

struct packing {
    int most_rows, most_filters; /* of an array */
    int blocks, groups;          /* of the pack */
    int row_words, filter_words; /* of a piece's bits */
    struct piece *pieces;        /* [n_pieces] */
    int n_pieces;
    struct bin *bins; /* [n_bins] room for n_pieces */
    int n_bins;
};

/* Lays all pieces, which it sorts, into bins. Best fit decreasing: pieces in falling order of
 * `share`, each into the array to which it adds the least, word lines and bit lines counted as
 * shares of an array, of equals the first; or into a new one. Takes time in proportion to the
 * pieces, each times those that share its block or group. */
enum status packing_fill(struct packing *packing, struct diagnostic *diag);

#endif
