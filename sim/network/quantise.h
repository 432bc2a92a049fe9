/* Quantisation of a float network, private to quantise*.c.
 *
 * quantise_plan decides which tensors become codes and on which grid; quantise_layer turns one
 * layer into integers; network_quantise writes the graph anew, in the form that a QDQ model has. */
#ifndef MHO_NETWORK_QUANTISE_H
#define MHO_NETWORK_QUANTISE_H

#include "sim/network/chain.h"
#include "sim/network/network.h"

struct plan {
    bool *coded;                /* [n_tensors] the tensor is quantised */
    struct quantisation *quant; /* [n_tensors] its grid */
    int *end;            /* [n_nodes] tensor that the node computes, a folded chain included */
    bool *absorbed;      /* [n_nodes] folded into an earlier node */
    struct chain *chain; /* [n_nodes] of matrix nodes */
};

/* Everything lies in `arena`. */
enum status quantise_plan(const struct network *network, const struct activation_range *ranges,
                          int bits, struct arena *arena, struct plan *plan,
                          struct diagnostic *diag);

/* Fills in weights, scales, bias, bounds and multiplier of `layer`, whose name, shape, weight_bits,
 * input, output and quantised_output are set; `chain` bounds its output. */
enum status quantise_layer(const struct linear_layer *linear, const struct weight_format *format,
                           const struct chain *chain, struct arena *arena,
                           struct matrix_layer *layer, struct diagnostic *diag);

#endif
