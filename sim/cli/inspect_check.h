/* Whether a model's layers satisfy the pruning that a configuration asks for. */
#ifndef MHO_CLI_INSPECT_CHECK_H
#define MHO_CLI_INSPECT_CHECK_H

#include "sim/config/config.h"
#include "sim/network/network.h"

enum inspect_verdict {
    INSPECT_DENSE,     /* the configuration leaves the layer as it is */
    INSPECT_SATISFIED, /* the weights lie in the scheme's set */
    INSPECT_BROKEN,
    INSPECT_UNKNOWN /* layers compete (pruning.scope = global), or lost rows (pruning.purify): what
                       is left of one alone says nothing */
};

struct inspect_check {
    enum inspect_verdict verdict;
    int rows;        /* of a sub-matrix: pruning.rows */
    const char *why; /* INSPECT_BROKEN: the first place that breaks it; else NULL */
};

/* checks [prune_layers_of(model)], and their texts, lie in `arena`. */
enum status inspect_check_model(const struct config *config, const struct network *model,
                                struct arena *arena, struct inspect_check **checks,
                                struct diagnostic *diag);

#endif
