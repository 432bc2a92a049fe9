/* Exchange: one column's kept rows for removed ones, as long as its least-squares error falls.
 *
 * For kept rows S, w = G_SS^-1 C_S minimises w'G w - 2 w'C. Adding row i lowers that by
 * (C_i - G_iS w)^2 / (G_ii - G_iS G_SS^-1 G_Si), and dropping row k raises it by
 * w_k^2 / [G_SS^-1]_kk, the saliency of optimal brain surgeon (Hassibi and Stork, NIPS 1992). Both
 * are exact where all other weights adapt, so each swap is a descent, and their number is finite.
 *
 * Order of calls: exchange_open, then exchange_column any number of times, exchange_close. */
#ifndef MHO_PRUNING_EXCHANGE_H
#define MHO_PRUNING_EXCHANGE_H

#include "pruning/pruning.h"

struct exchange; /* room to work in */

/* Columns of so many rows, of which at most `most` are kept. */
enum status exchange_open(int rows, int most, struct exchange **exchange, struct diagnostic *diag);
void exchange_close(struct exchange *exchange);

struct exchange_column {
    const double *g;  /* [rows][rows], both triangles, positive definite */
    const double *c;  /* [rows] */
    int height;       /* rows r and s of a column may be swapped where r / height == s / height */
    const bool *open; /* [rows] whether a row may be kept at all */
};

/* Changes mask [rows], of which each height's rows keep their number. Returns how many swaps were
 * made, or -1 if G is not positive definite. */
int exchange_column(struct exchange *exchange, const struct exchange_column *column, uint8_t *mask);

/* Operations of a column, about, with `kept` of `rows` rows kept. */
double exchange_work(int rows, int kept, int height);

#endif
