#include "sim/engine/patches.h"

#include <string.h>

enum { ALIGN = 64 };

/* Rows [row, row + rows) of the pack, by tap and channel: the channels c of a tap with
 * row <= c * taps + tap < row + rows are consecutive. */
static int add_block(const struct matrix_shape *shape, int first_channel, int row, int rows,
                     int start, struct patch_plan *plan) {
    const struct window *w = &shape->window;
    int taps = w->kernel[0] * w->kernel[1], at = start;
    for (int tap = 0; tap < taps; tap++) {
        int low = row > tap ? (row - tap + taps - 1) / taps : 0;
        int last = row + rows - 1 - tap;
        int high = last < 0 ? -1 : last / taps;
        if (high < low)
            continue;
        plan->runs[plan->n_runs++] = (struct patch_run){
            .dy = tap / w->kernel[1] * w->dilation[0],
            .dx = tap % w->kernel[1] * w->dilation[1],
            .channel = first_channel + low,
            .length = high - low + 1,
            .target = at,
        };
        for (int c = low; c <= high; c++)
            plan->row_of_byte[at++] = c * taps + tap;
    }
    int end = (at + ALIGN - 1) / ALIGN * ALIGN;
    if (end > at)
        plan->gaps[plan->n_gaps++] = (struct patch_gap){.start = at, .length = end - at};
    return end;
}

enum status patch_plan_make(const struct matrix_shape *shape, int first_channel, int rows,
                            int block_rows, struct arena *arena, struct patch_plan *plan,
                            struct diagnostic *diag) {
    int taps = shape->window.kernel[0] * shape->window.kernel[1];
    *plan = (struct patch_plan){.blocks = (rows + block_rows - 1) / block_rows};
    size_t most_bytes = (size_t)rows + (size_t)plan->blocks * ALIGN;
    plan->runs = ARENA_NEW(arena, plan->blocks * taps, struct patch_run);
    plan->gaps = ARENA_NEW(arena, plan->blocks, struct patch_gap);
    plan->block_start = ARENA_NEW(arena, plan->blocks + 1, int);
    plan->row_of_byte = ARENA_NEW(arena, most_bytes, int);
    if (plan->runs == NULL || plan->gaps == NULL || plan->block_start == NULL ||
        plan->row_of_byte == NULL)
        return FAIL_MEMORY(diag, "the gathering plan of a layer");
    for (size_t i = 0; i < most_bytes; i++)
        plan->row_of_byte[i] = -1;
    for (int b = 0; b < plan->blocks; b++) {
        int row = b * block_rows, left = rows - row;
        plan->block_start[b + 1] =
            add_block(shape, first_channel, row, left < block_rows ? left : block_rows,
                      plan->block_start[b], plan);
    }
    plan->bytes = plan->block_start[plan->blocks];
    return STATUS_OK;
}

/* Runs are short (a tap's channels within a block), so no call for each of them. */
static inline void copy_short(uint8_t *restrict to, const uint8_t *restrict from, int length) {
    if (length > 64) {
        memcpy(to, from, (size_t)length);
        return;
    }
    for (; length >= 8; length -= 8, to += 8, from += 8)
        memcpy(to, from, 8);
    if (length & 4) {
        memcpy(to, from, 4);
        to += 4;
        from += 4;
    }
    if (length & 2) {
        memcpy(to, from, 2);
        to += 2;
        from += 2;
    }
    if (length & 1)
        *to = *from;
}

static void gather_one(const struct patch_plan *plan, const struct matrix_shape *shape,
                       const uint8_t *image, uint8_t padding, int y0, int x0, uint8_t *out) {
    for (int i = 0; i < plan->n_runs; i++) {
        const struct patch_run *run = &plan->runs[i];
        int y = y0 + run->dy, x = x0 + run->dx;
        if ((unsigned)y < (unsigned)shape->in_height && (unsigned)x < (unsigned)shape->in_width)
            copy_short(out + run->target,
                       image +
                           ((size_t)y * (size_t)shape->in_width + (size_t)x) *
                               (size_t)shape->in_channels +
                           (size_t)run->channel,
                       run->length);
        else
            memset(out + run->target, padding, (size_t)run->length);
    }
    for (int i = 0; i < plan->n_gaps; i++)
        memset(out + plan->gaps[i].start, 0, (size_t)plan->gaps[i].length);
}

void patch_gather(const struct patch_plan *plan, const struct matrix_shape *shape, const uint8_t *x,
                  uint8_t padding, long first, int positions, uint8_t *out) {
    const struct window *w = &shape->window;
    size_t image_bytes =
        (size_t)shape->in_height * (size_t)shape->in_width * (size_t)shape->in_channels;
    long per_image = matrix_positions(shape);
    for (int p = 0; p < positions; p++) {
        long image = (first + p) / per_image;
        int at = (int)((first + p) % per_image);
        int y = at / shape->out_width * w->stride[0] - w->pad_begin[0];
        int x0 = at % shape->out_width * w->stride[1] - w->pad_begin[1];
        gather_one(plan, shape, x + (size_t)image * image_bytes, padding, y, x0,
                   out + (size_t)p * (size_t)plan->bytes);
    }
}
