/* Patches: the inputs of every output position, gathered block by block from channels-last bytes.
 *
 * A matrix layer's rows are cut into row blocks in (channel, kernel row, kernel column) order.
 * Inside a block their order is free, since a bit line sums them; so each block drives its rows by
 * kernel tap and then channel, which turns gathering into a few copies of neighbouring bytes. */
#ifndef MHO_ENGINE_PATCHES_H
#define MHO_ENGINE_PATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/network/network.h"

/* Bytes that gathering may touch behind the end of its input (reading) and of its output (writing
 * zeros): runs are copied 16 bytes at a time, each over the zeros behind the one before. */
enum { PATCH_SLACK = 16 };

/* Output coordinates begin <= at < end along one axis. */
struct patch_range {
    int begin, end;
};

/* Neighbouring channels of one kernel tap. */
struct patch_run {
    struct patch_range inside[2]; /* windows (by row, by column) whose tap lies inside the image */
    int offset;       /* bytes from the window's first pixel, channel 0 (which may lie outside) */
    int length;       /* bytes */
    int target;       /* first byte in the patch */
    bool at_end;      /* the last 16 bytes copied reach into the next patch */
    uint64_t mask[2]; /* of the last 16 bytes copied: ones where they belong to the run */
};

/* Gathering of one pack (groups that share arrays): all its row blocks behind each other. */
struct patch_plan {
    struct patch_run *runs;
    int n_runs;
    const uint8_t *padding; /* as many bytes as any run copies: what taps outside the image give */
    int *row_of_byte;       /* [bytes]: row of the pack that each byte drives, -1 for padding */
    int bytes;              /* length of a patch, a multiple of 64 */
    int *block_start;       /* [blocks + 1]: first byte of each block, multiples of 64 */
    int blocks;
};

/* Plans the pack that starts at input channel `first_channel` and has `rows` rows, in blocks of
 * `block_rows`. A tap outside the image gives `padding`; what fills each block up to a multiple of
 * 64 bytes is zero. */
enum status patch_plan_make(const struct matrix_shape *shape, int first_channel, int rows,
                            int block_rows, uint8_t padding, struct arena *arena,
                            struct patch_plan *plan, struct diagnostic *diag);

/* Gathers `positions` patches from position `first` on (row-major over images, height, width) of
 * x [images][in_height][in_width][in_channels] into out [positions][plan->bytes]; both with
 * PATCH_SLACK bytes behind them. Bytes that drive no row are never written but with zeros: clear
 * `out` once. */
void patch_gather(const struct patch_plan *plan, const struct matrix_shape *shape, const uint8_t *x,
                  long first, int positions, uint8_t *out);

#endif
