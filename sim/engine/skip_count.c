#include "sim/engine/skip_count.h"

#include <string.h>

enum { ALIGN = 64, BYTES = 256, PIXELS = 32 };

/* A row of the weight matrix sees one channel of the padded input, shifted by its tap: at all
 * output positions that is one stretch of bytes, if the input is laid out as planes of every
 * channel and, under strides, of every phase of the rows and columns. So the OR over word lines is
 * one over stretches. A stretch is as wide as a plane; what lies behind an output row's end is left
 * out when digits are counted. */
struct skip_count {
    const struct mapped_layer *mapped;
    uint8_t digits[BYTES];  /* needed where the word lines OR to this */
    int rows, columns;      /* padded input that windows cover */
    int height, width;      /* of a plane */
    size_t channel;         /* bytes of a channel's planes */
    size_t stretch;         /* bytes of all output positions, but for the last row's end */
    const size_t *offset;   /* [packs][pack_rows]: where each row's stretch begins */
    size_t any, sums, most; /* offsets of the workspace's parts */
    size_t workspace;
};

static size_t aligned(size_t bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int ceiling(int a, int b) {
    return (a + b - 1) / b;
}

/* Where (row, column) of a channel's padded input lies: a part for the row and one for the column.
 */
static size_t place_row(const struct skip_count *p, int row) {
    const int *stride = p->mapped->layer->shape.window.stride;
    size_t phase = (size_t)(row % stride[0]) * (size_t)stride[1];
    return (phase * (size_t)p->height + (size_t)(row / stride[0])) * (size_t)p->width;
}

static size_t place_column(const struct skip_count *p, int column) {
    int stride = p->mapped->layer->shape.window.stride[1];
    size_t plane = (size_t)p->height * (size_t)p->width;
    return (size_t)(column % stride) * plane + (size_t)(column / stride);
}

static enum status find_offsets(struct skip_count *p, struct arena *arena,
                                struct diagnostic *diag) {
    const struct mapped_layer *m = p->mapped;
    const struct matrix_shape *shape = &m->layer->shape;
    const struct window *w = &shape->window;
    int taps = w->kernel[0] * w->kernel[1], rows = matrix_rows(shape);
    size_t *offset = ARENA_NEW(arena, (size_t)m->packs * (size_t)m->pack_rows, size_t);
    if (offset == NULL)
        return FAIL_MEMORY(diag, "counting digits");
    for (int i = 0; i < shape->groups * rows; i++) { /* packs are full but for the last */
        int channel = i / rows * (shape->in_channels / shape->groups) + i % rows / taps;
        int tap = i % taps;
        offset[i] = (size_t)channel * p->channel +
                    place_row(p, tap / w->kernel[1] * w->dilation[0]) +
                    place_column(p, tap % w->kernel[1] * w->dilation[1]);
    }
    p->offset = offset;
    return STATUS_OK;
}

enum status skip_count_make(const struct mapped_layer *mapped, struct arena *arena,
                            struct skip_count **plan, struct diagnostic *diag) {
    const struct matrix_shape *shape = &mapped->layer->shape;
    const struct window *w = &shape->window;
    struct skip_count *p = ARENA_NEW(arena, 1, struct skip_count);
    if (p == NULL)
        return FAIL_MEMORY(diag, "counting digits");
    *p = (struct skip_count){
        .mapped = mapped,
        .rows = (shape->out_height - 1) * w->stride[0] + (w->kernel[0] - 1) * w->dilation[0] + 1,
        .columns = (shape->out_width - 1) * w->stride[1] + (w->kernel[1] - 1) * w->dilation[1] + 1,
    };
    for (unsigned value = 0; value < BYTES; value++)
        p->digits[value] = (uint8_t)zero_skip_digits((enum zero_skip)mapped->crossbar.zero_skip,
                                                     mapped->dac_bits, value, mapped->cycles);
    p->height = ceiling(p->rows, w->stride[0]);
    p->width = ceiling(p->columns, w->stride[1]);
    p->channel = (size_t)p->height * (size_t)p->width * (size_t)w->stride[0] * (size_t)w->stride[1];
    p->stretch = (size_t)(shape->out_height - 1) * (size_t)p->width + (size_t)shape->out_width;
    p->any = aligned(p->channel * (size_t)shape->in_channels);
    p->sums = p->any + aligned(p->stretch);
    p->most = p->sums + aligned(p->stretch * sizeof(uint32_t));
    p->workspace = p->most + aligned(p->stretch * sizeof(uint32_t));
    *plan = p;
    return find_offsets(p, arena, diag);
}

size_t skip_count_workspace(const struct skip_count *plan) {
    return plan->workspace;
}

/* Transposes the channels of neighbouring pixels of one row, at `columns` of the padded input. */
static void lay_pixels(const struct skip_count *p, const uint8_t *pixels, int column, int count,
                       uint8_t *to) {
    const size_t channels = (size_t)p->mapped->layer->shape.in_channels;
    size_t at[PIXELS];
    for (int i = 0; i < count; i++)
        at[i] = place_column(p, column + i);
    for (size_t c = 0; c < channels; c++, to += p->channel)
        for (int i = 0; i < count; i++)
            to[at[i]] = pixels[(size_t)i * channels + c];
}

/* Padding drives the zero point. */
static void lay_planes(const struct skip_count *p, const uint8_t *x, uint8_t *planes) {
    const struct matrix_layer *layer = p->mapped->layer;
    const struct matrix_shape *shape = &layer->shape;
    const int *pad = shape->window.pad_begin;
    int end = smaller(p->columns, pad[1] + shape->in_width);
    memset(planes, layer->input.zero_point, p->channel * (size_t)shape->in_channels);
    for (int row = 0; row < p->rows; row++) {
        int y = row - pad[0];
        if (y < 0 || y >= shape->in_height)
            continue;
        for (int column = pad[1]; column < end; column += PIXELS) {
            size_t pixel = (size_t)y * (size_t)shape->in_width + (size_t)(column - pad[1]);
            lay_pixels(p, x + pixel * (size_t)shape->in_channels, column,
                       smaller(end - column, PIXELS), planes + place_row(p, row));
        }
    }
}

static void or_bytes(const uint8_t *restrict from, size_t n, uint8_t *restrict to) {
    for (size_t i = 0; i < n; i++)
        to[i] |= from[i];
}

static void combine(const struct skip_count *p, const struct mapped_read *read, int pack,
                    const uint8_t *planes, uint8_t *any) {
    const size_t *offset = p->offset + (size_t)pack * (size_t)p->mapped->pack_rows;
    memset(any, 0, p->stretch);
    for (int r = 0; r < read->rows; r++)
        or_bytes(planes + offset[read->row[r]], p->stretch, any);
}

/* Adds the digits of one read at every position to sums, `passes` times; returns them once. */
static uint64_t add_digits(const struct skip_count *p, const uint8_t *any, int passes,
                           uint32_t *sums) {
    const struct matrix_shape *shape = &p->mapped->layer->shape;
    uint64_t total = 0;
    for (int y = 0; y < shape->out_height; y++) {
        size_t first = (size_t)y * (size_t)p->width;
        uint32_t row = 0;
        for (size_t i = first; i < first + (size_t)shape->out_width; i++) {
            uint32_t digits = p->digits[any[i]];
            row += digits;
            sums[i] += digits * (uint32_t)passes;
        }
        total += row;
    }
    return total;
}

/* Arrays of a run, which share their word lines: the first has the most filters of them. */
static void count_run(const struct skip_count *p, const struct array_run *run, int reads,
                      const uint8_t *planes, char *workspace, uint64_t *needed) {
    const struct mapped_layer *m = p->mapped;
    const struct mapped_array *array = &m->arrays[run->first];
    uint8_t *any = (uint8_t *)workspace + p->any;
    uint32_t *sums = (uint32_t *)(workspace + p->sums), *most = (uint32_t *)(workspace + p->most);
    memset(sums, 0, p->stretch * sizeof *sums);
    for (int i = 0; i < reads; i++) {
        struct mapped_read read = mapping_read_of(m, array, i);
        if (read.rows == 0)
            continue;
        combine(p, &read, array->pack, planes, any);
        needed[i] += add_digits(p, any, read.passes, sums);
    }
    for (size_t i = 0; i < p->stretch; i++)
        most[i] = sums[i] > most[i] ? sums[i] : most[i];
}

void skip_count_image(const struct skip_count *plan, const uint8_t *x, void *workspace,
                      struct layer_activity *activity) {
    const struct mapped_layer *m = plan->mapped;
    const struct matrix_shape *shape = &m->layer->shape;
    uint32_t *most = (uint32_t *)((char *)workspace + plan->most);
    uint64_t *needed = activity->needed;
    lay_planes(plan, x, workspace);
    memset(most, 0, plan->stretch * sizeof *most);
    for (int i = 0; i < m->n_runs; i++) {
        int reads = mapping_array_reads(m, &m->arrays[m->runs[i].first]);
        count_run(plan, &m->runs[i], reads, workspace, workspace, needed);
        needed += reads;
    }
    for (int y = 0; y < shape->out_height; y++)
        for (int at = 0; at < shape->out_width; at++)
            activity->reads += most[(size_t)y * (size_t)plan->width + (size_t)at];
    activity->positions += (uint64_t)matrix_positions(shape);
}
