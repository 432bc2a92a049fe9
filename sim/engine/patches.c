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
            .offset = (tap / w->kernel[1] * w->dilation[0] * shape->in_width +
                       tap % w->kernel[1] * w->dilation[1]) *
                          shape->in_channels +
                      first_channel + low,
            .length = high - low + 1,
            .target = at,
        };
        for (int c = low; c <= high; c++)
            plan->row_of_byte[at++] = c * taps + tap;
    }
    return (at + ALIGN - 1) / ALIGN * ALIGN;
}

/* Ones over the first `length` bytes of 16, as little-endian words. */
static void make_mask(int length, uint64_t mask[2]) {
    uint8_t bytes[PATCH_SLACK] = {0};
    memset(bytes, 0xFF, (size_t)length);
    memcpy(mask, bytes, sizeof bytes);
}

enum status patch_plan_make(const struct matrix_shape *shape, int first_channel, int rows,
                            int block_rows, struct arena *arena, struct patch_plan *plan,
                            struct diagnostic *diag) {
    int taps = shape->window.kernel[0] * shape->window.kernel[1];
    *plan = (struct patch_plan){.blocks = (rows + block_rows - 1) / block_rows};
    size_t most_bytes = (size_t)rows + (size_t)plan->blocks * ALIGN;
    plan->runs = ARENA_NEW(arena, plan->blocks * taps, struct patch_run);
    plan->block_start = ARENA_NEW(arena, plan->blocks + 1, int);
    plan->row_of_byte = ARENA_NEW(arena, most_bytes, int);
    if (plan->runs == NULL || plan->block_start == NULL || plan->row_of_byte == NULL)
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
    for (int i = 0; i < plan->n_runs; i++)
        make_mask((plan->runs[i].length - 1) % PATCH_SLACK + 1, plan->runs[i].mask);
    return STATUS_OK;
}

static inline void copy_run(const struct patch_run *run, const uint8_t *from, uint8_t *out) {
    int left = run->length;
    for (out += run->target; left > PATCH_SLACK; left -= PATCH_SLACK) {
        memcpy(out, from, PATCH_SLACK); /* constant length: one vector */
        out += PATCH_SLACK;
        from += PATCH_SLACK;
    }
    uint64_t last[2];
    memcpy(last, from, sizeof last);
    last[0] &= run->mask[0];
    last[1] &= run->mask[1];
    memcpy(out, last, sizeof last);
}

/* A window that lies inside the image. */
static void gather_inside(const struct patch_plan *plan, const uint8_t *first_pixel, uint8_t *out) {
    for (int i = 0; i < plan->n_runs; i++)
        copy_run(&plan->runs[i], first_pixel + plan->runs[i].offset, out);
}

/* A window that may reach over an edge. */
static void gather_edge(const struct patch_plan *plan, const struct matrix_shape *shape,
                        const uint8_t *image, uint8_t padding, int y0, int x0, uint8_t *out) {
    for (int i = 0; i < plan->n_runs; i++) {
        const struct patch_run *run = &plan->runs[i];
        int y = y0 + run->dy, x = x0 + run->dx;
        if ((unsigned)y < (unsigned)shape->in_height && (unsigned)x < (unsigned)shape->in_width)
            copy_run(run,
                     image + ((ptrdiff_t)y * shape->in_width + x) * shape->in_channels +
                         run->channel,
                     out);
        else
            memset(out + run->target, padding, (size_t)run->length);
    }
}

void patch_gather(const struct patch_plan *plan, const struct matrix_shape *shape, const uint8_t *x,
                  uint8_t padding, long first, int positions, uint8_t *out) {
    const struct window *w = &shape->window;
    size_t image_bytes =
        (size_t)shape->in_height * (size_t)shape->in_width * (size_t)shape->in_channels;
    long per_image = matrix_positions(shape);
    int last_y = shape->in_height - 1 - (w->kernel[0] - 1) * w->dilation[0];
    int last_x = shape->in_width - 1 - (w->kernel[1] - 1) * w->dilation[1];
    long image = first / per_image;
    int at = (int)(first % per_image);
    for (int p = 0; p < positions; p++, out += plan->bytes) {
        const uint8_t *pixels = x + (size_t)image * image_bytes;
        int y0 = at / shape->out_width * w->stride[0] - w->pad_begin[0];
        int x0 = at % shape->out_width * w->stride[1] - w->pad_begin[1];
        if (y0 >= 0 && x0 >= 0 && y0 <= last_y && x0 <= last_x)
            gather_inside(plan,
                          pixels + ((size_t)y0 * (size_t)shape->in_width + (size_t)x0) *
                                       (size_t)shape->in_channels,
                          out);
        else
            gather_edge(plan, shape, pixels, padding, y0, x0, out);
        if (++at == per_image) {
            at = 0;
            image++;
        }
    }
}
