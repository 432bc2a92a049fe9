/* Row blocks of a pack: which bytes of a patch drive their word lines, and which filters their
 * columns belong to. Private to engine/.
 *
 * A block is what one read sees: word lines of arrays that share them, up to the rows of an
 * operation unit. Of whole arrays without compaction the word lines are a stretch of the patch
 * (sim/engine/patches.h) and the columns all filters. Others choose: their inputs are picked from
 * the patch, one byte for each word line, and their sums are added to the accumulators of their own
 * filters. */
#ifndef MHO_ENGINE_PACK_BLOCK_H
#define MHO_ENGINE_PACK_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "mapping/mapping.h"
#include "sim/base/base.h"
#include "sim/engine/patches.h"

struct pack_block {
    int first_array, arrays; /* in the mapping's order */
    int first_filter;        /* number of its first filter in the first array */
    int part;                /* number of the block among those of its arrays */
    int line;                /* word line of its first row */
    int rows, filters;
    int units; /* operation units that it reads: their columns are converted at different times */
    int start; /* byte of the patch of the first word line, unless picked */
    const int *byte;   /* [rows] byte of the patch of each word line; NULL: a stretch */
    const int *filter; /* [filters] filter of the pack of each column group; NULL: all in order */
    size_t stride;     /* bytes of one position's driven rows */
};

/* The blocks of pack `index` into `arena`, for a patch planned with pack_block_rows. */
enum status pack_blocks_make(const struct mapped_layer *mapped, int index,
                             const struct patch_plan *plan, struct arena *arena,
                             struct pack_block **blocks, int *n_blocks, struct diagnostic *diag);

/* Rows of the blocks that the patches of all packs are to be gathered in. */
int pack_block_rows(const struct mapped_layer *mapped);

/* Bytes that the picked inputs of one position of any of the blocks take, a multiple of 64; 0 where
 * all are stretches. */
size_t pack_blocks_picked(const struct pack_block *blocks, int n_blocks);

/* The driven bytes [positions][block->stride or patch_bytes: in `stride`] of patches
 * [positions][patch_bytes], where they are or picked into `out`. */
const uint8_t *pack_block_drive(const struct pack_block *block, const uint8_t *patches,
                                size_t patch_bytes, int positions, uint8_t *out, size_t *stride);

/* Adds sums [positions][stride] of the block's filters to acc [positions][stride] of the pack's. */
void pack_block_add(const struct pack_block *block, int positions, size_t stride,
                    const int32_t *sums, int32_t *acc);
void pack_block_add_wide(const struct pack_block *block, int positions, size_t stride,
                         const int64_t *sums, int64_t *acc);

#endif
