/* Choosing masks for reconstruction: plans at work on one layer, with two turns that a projection
 * of the layer alone cannot make: filters are chosen where they are read, and a mask may be given.
 *
 * Order of calls: prune_choices_make once for a network; prune_choose, which fits
 * reconstruct_project with a choice as context, layer by layer in the network's order; after each
 * layer prune_emptied_filter for the layer before it. */
#ifndef MHO_PRUNING_CHOOSE_H
#define MHO_PRUNING_CHOOSE_H

#include "pruning/pruning.h"

struct prune_choice {
    struct prune_matrix matrix;
    struct prune_plan plan; /* without the steps that are taken on the reader */
    const uint8_t *given;   /* [columns][rows] the mask itself; NULL: by the plan */
    int producer;           /* layer whose filters this one chooses by its rows; -1: none */
    int filters;            /* of the producer: rows / filters rows in a row belong to each */
    long filters_kept;
};

/* Filters that several layers read, or a sum, and those of the last layer cannot be chosen on a
 * reader: takes the scheme `filter` out of such layers' plans [n_linear] of a float network. */
enum status prune_keep_unfollowed(const struct network *network, struct prune_plan *plans,
                                  struct diagnostic *diag);

/* Choices [n_linear] for a float network from the plans or given masks of its layers ([n_linear];
 * `given` may be NULL). `on_readers`: the scheme `filter` of a layer whose channels one other layer
 * alone reads is chosen there, and has no effect elsewhere; else by the layer's own weights. */
enum status prune_choices_make(const struct network *network, const struct prune_plan *plans,
                               const uint8_t *const *given, bool on_readers,
                               struct prune_choice *choices, struct diagnostic *diag);

/* Whether anything can be removed from the layer by its choice. */
bool prune_choice_removes(const struct prune_choice *choice);

/* Kept and removed rows r and s of one column may swap where r / height == s / height, so long as
 * rows that no column of the group keeps stay removed; 0: none may. */
int prune_exchange_height(const struct prune_choice *choice);

/* The mask [columns][rows]; `weights` are what is projected, of which only signs count. */
enum status prune_choose(const void *choice, const float *weights, const double *scores,
                         uint8_t *mask, struct diagnostic *diag);

/* Whether the choice's mask keeps no row of the producer's filter. */
bool prune_emptied_filter(const struct prune_choice *choice, const uint8_t *mask, int filter);

#endif
