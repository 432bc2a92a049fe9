/* Purification and removal of unused paths (Tiny but Accurate, arXiv 1908.10017; StructADMM, arXiv
 * 1807.11091): filters that are empty, or that nothing reads, leave a float network together with
 * the rows that read them, so that its layers really get smaller and its outputs stay as they are.
 *
 * What is exact is done, and nothing else. An empty filter gives a constant: its bias, as
 * activations and pools change it. A constant 0 is nothing; another constant goes into the biases
 * of the layers that read it, unless they pad their input: at the borders the constant is missing,
 * so it stays. Channels that are added to each other go together, where no branch is read. Channels
 * of concatenations, transpositions and products, and operands with constants, stay. */
#ifndef MHO_PRUNING_PURIFY_H
#define MHO_PRUNING_PURIFY_H

#include "sim/network/network.h"

struct purified {
    int filters;  /* removed, of all linear layers */
    long weights; /* fewer in the layers' matrices */
};

/* Makes the network smaller in place; what is new lies in its arena. Every layer keeps at least one
 * filter. */
enum status purify_network(struct network *network, struct purified *purified,
                           struct diagnostic *diag);

#endif
