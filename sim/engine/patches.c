#include "sim/engine/patches.h"

#include <string.h>

enum { ALIGN = 64 };

/* Windows at -pad, stride - pad, ... of `count` along one axis, whose tap `offset` further on falls
 * into 0 .. size - 1. */
static struct patch_range find_inside(const struct window *w, int axis, int offset, int size,
                                      int count) {
    int first = w->pad_begin[axis] - offset, stride = w->stride[axis];
    int begin = first > 0 ? (first + stride - 1) / stride : 0;
    int end = first + size > 0 ? (first + size - 1) / stride + 1 : 0;
    end = end < count ? end : count;
    return (struct patch_range){begin < end ? begin : end, end};
}

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
        int dy = tap / w->kernel[1] * w->dilation[0], dx = tap % w->kernel[1] * w->dilation[1];
        plan->runs[plan->n_runs++] = (struct patch_run){
            .inside = {find_inside(w, 0, dy, shape->in_height, shape->out_height),
                       find_inside(w, 1, dx, shape->in_width, shape->out_width)},
            .offset = (dy * shape->in_width + dx) * shape->in_channels + first_channel + low,
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
                            int block_rows, uint8_t padding, struct arena *arena,
                            struct patch_plan *plan, struct diagnostic *diag) {
    int taps = shape->window.kernel[0] * shape->window.kernel[1];
    *plan = (struct patch_plan){.blocks = (rows + block_rows - 1) / block_rows};
    size_t most_bytes = (size_t)rows + (size_t)plan->blocks * ALIGN;
    plan->runs = ARENA_NEW(arena, plan->blocks * taps, struct patch_run);
    plan->block_start = ARENA_NEW(arena, plan->blocks + 1, int);
    plan->row_of_byte = ARENA_NEW(arena, most_bytes, int);
    uint8_t *outside = ARENA_NEW(arena, shape->in_channels + PATCH_SLACK, uint8_t);
    if (plan->runs == NULL || plan->block_start == NULL || plan->row_of_byte == NULL ||
        outside == NULL)
        return FAIL_MEMORY(diag, "the gathering plan of a layer");
    memset(outside, padding, (size_t)shape->in_channels + PATCH_SLACK);
    plan->padding = outside;
    for (size_t i = 0; i < most_bytes; i++)
        plan->row_of_byte[i] = -1;
    for (int b = 0; b < plan->blocks; b++) {
        int row = b * block_rows, left = rows - row;
        plan->block_start[b + 1] =
            add_block(shape, first_channel, row, left < block_rows ? left : block_rows,
                      plan->block_start[b], plan);
    }
    plan->bytes = plan->block_start[plan->blocks];
    for (int i = 0; i < plan->n_runs; i++) {
        struct patch_run *run = &plan->runs[i];
        int whole = (run->length - 1) / PATCH_SLACK * PATCH_SLACK;
        make_mask(run->length - whole, run->mask);
        run->at_end = run->target + whole + PATCH_SLACK > plan->bytes;
    }
    return STATUS_OK;
}

/* The last 16 bytes of a run, of which a mask keeps those that belong to it; behind them come
 * zeros, or at a patch's end what is there. */
static inline __attribute__((always_inline)) void copy_last(const uint64_t mask[2], bool at_end,
                                                            const uint8_t *restrict from,
                                                            uint8_t *restrict out) {
    uint64_t last[2], behind[2] = {0, 0};
    memcpy(last, from, sizeof last); /* constant lengths become vectors */
    if (at_end)
        memcpy(behind, out, sizeof behind);
    for (int i = 0; i < 2; i++)
        last[i] = (last[i] & mask[i]) | (behind[i] & ~mask[i]);
    memcpy(out, last, sizeof last);
}

/* The same run of `n` patches, `step` bytes apart in the image. Most are short, none of them at an
 * end but one. */
static void copy_runs(const struct patch_run *run, const uint8_t *restrict from, size_t step, int n,
                      uint8_t *restrict out, size_t patch_bytes) {
    const uint64_t mask[2] = {run->mask[0], run->mask[1]};
    const int whole = (run->length - 1) / PATCH_SLACK * PATCH_SLACK;
    const bool usual = whole == 0 && !run->at_end;
    for (int i = 0; usual && i < n; i++)
        copy_last(mask, false, from + (size_t)i * step, out + (size_t)i * patch_bytes);
    for (int i = 0; !usual && i < n; i++, from += step, out += patch_bytes) {
        for (int at = 0; at < whole; at += PATCH_SLACK)
            memcpy(out + at, from + at, PATCH_SLACK);
        copy_last(mask, run->at_end, from + whole, out + whole);
    }
}

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

/* `n` neighbouring windows of one row of windows, from column `column` on. Run by run, so that each
 * run's constants stay in registers; in order, since each is copied over the zeros behind the one
 * before. */
static void gather_row(const struct patch_plan *plan, const struct matrix_shape *shape,
                       const uint8_t *image, int row, int column, int n, uint8_t *out) {
    const struct window *w = &shape->window;
    const ptrdiff_t channels = shape->in_channels, bytes = plan->bytes;
    const ptrdiff_t first_pixel =
        (ptrdiff_t)(row * w->stride[0] - w->pad_begin[0]) * shape->in_width +
        column * w->stride[1] - w->pad_begin[1];
    const size_t step = (size_t)(w->stride[1] * channels);
    for (int i = 0; i < plan->n_runs; i++) {
        const struct patch_run *run = &plan->runs[i];
        bool row_inside = row >= run->inside[0].begin && row < run->inside[0].end;
        int begin = row_inside ? clamp(run->inside[1].begin - column, 0, n) : n;
        int end = row_inside ? clamp(run->inside[1].end - column, begin, n) : n;
        uint8_t *target = out + run->target;
        copy_runs(run, plan->padding, 0, begin, target, (size_t)bytes);
        if (begin < end)
            copy_runs(run, image + first_pixel * channels + run->offset + begin * (ptrdiff_t)step,
                      step, end - begin, target + begin * bytes, (size_t)bytes);
        copy_runs(run, plan->padding, 0, n - end, target + end * bytes, (size_t)bytes);
    }
}

void patch_gather(const struct patch_plan *plan, const struct matrix_shape *shape, const uint8_t *x,
                  long first, int positions, uint8_t *out) {
    size_t image_bytes =
        (size_t)shape->in_height * (size_t)shape->in_width * (size_t)shape->in_channels;
    long per_image = matrix_positions(shape);
    for (int done = 0, n; done < positions; done += n) {
        long image = (first + done) / per_image;
        int at = (int)((first + done) % per_image);
        int row = at / shape->out_width, column = at % shape->out_width;
        n = shape->out_width - column < positions - done ? shape->out_width - column
                                                         : positions - done;
        gather_row(plan, shape, x + (size_t)image * image_bytes, row, column, n,
                   out + (size_t)done * (size_t)plan->bytes);
    }
}
