/* Lowering of QDQ patterns, private to lower.c and lower_layer.c. */
#ifndef MHO_NETWORK_LOWER_H
#define MHO_NETWORK_LOWER_H

#include "sim/network/chain.h"
#include "sim/network/import.h"

struct lowering {
    struct importer *importer;
    struct graph *graph;      /* its node list is written anew */
    const struct node *nodes; /* the list before */
    struct readers readers;   /* of the tensors in that list */
    bool *absorbed;           /* [nodes before] part of a matrix layer */
};

/* Where a matrix layer's result goes. */
struct matrix_output {
    int tensor;
    bool quantised;
    float low, high; /* real bounds of the activations folded in, or infinite */
};

/* Fills in `layer` from the draft; its `input`, and `output` where quantised, are set already. */
enum status lower_layer(struct importer *importer, const struct linear_draft *draft,
                        const struct matrix_output *output, struct matrix_layer *layer);

#endif
