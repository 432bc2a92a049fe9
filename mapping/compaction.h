/* Compaction: where the weights of a layer are laid once what pruning emptied is left out. Private
 * to mapping/. docs/mapping.md has the rules. */
#ifndef MHO_MAPPING_COMPACTION_H
#define MHO_MAPPING_COMPACTION_H

#include "mapping/mapping.h"

/* Lays out the layer's arrays by its strategy, whose sizes (mapping.c, lay_out) are there: fills
 * arrays, n_arrays, owner, filters_mapped, column_reads and column_rows. The lists lie in `arena`.
 */
enum status compaction_place(struct mapped_layer *layer, struct arena *arena,
                             struct diagnostic *diag);

/* Which rows and columns of one pack hold a weight, on a grid of sub-matrices of `block` rows and
 * `group` filters. */
struct occupancy {
    int rows, filters; /* of the pack */
    int block, group;
    int blocks, groups;
    uint8_t *row;    /* [groups][rows] 1: some filter of the group has a weight there, or, under
                        `polarized`, in the row's fragment */
    uint8_t *filter; /* [blocks][filters] 1: some row of the block has a weight there */
};
enum status occupancy_make(const struct mapped_layer *layer, int pack, int block, int group,
                           struct occupancy *occupancy, struct diagnostic *diag);
void occupancy_free(struct occupancy *occupancy);

/* Arrays while they are being laid out. */
struct placement {
    struct mapped_layer *layer;
    struct arena *arena;
    int capacity; /* of layer->arrays */
    int *owner;   /* becomes layer->owner; NULL */
};

/* One more array, with lists in the arena and one set of rows; NULL when memory is short. */
struct mapped_array *placement_add(struct placement *placement, int pack, const int *row, int rows,
                                   const int *filter, int filters);

/* The strategies, for one pack. */
typedef enum status place_pack(struct placement *placement, int pack, struct diagnostic *diag);
place_pack place_none, place_rows_columns; /* compaction_grid.c */
place_pack place_blocks, place_mixed;      /* compaction_blocks.c */
place_pack place_units;                    /* compaction_units.c */
place_pack place_reordered;                /* compaction_reorder.c */

#endif
