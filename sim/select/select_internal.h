/* What the files of this room share. */
#ifndef MHO_SELECT_SELECT_INTERNAL_H
#define MHO_SELECT_SELECT_INTERNAL_H

#include "sim/select/select.h"

/* Prunes a layer (name or pattern) as the candidate says. */
enum status select_override(struct config *config, const char *layer,
                            const struct select_candidate *candidate, struct diagnostic *diag);

static inline size_t select_at(const struct select_problem *problem, int layer, int candidate) {
    return (size_t)layer * (size_t)problem->n_candidates + (size_t)candidate;
}

#endif
