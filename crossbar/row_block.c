/* Reading a row block: digits, look-ups, conversion, shift and add. */
#include "crossbar/row_block.h"

#include <string.h>

/* Where the parts of a block's workspace lie; offsets in bytes, each a multiple of 64. Lane groups:
 * behind the driven inputs; tiles: behind their own scratch. */
struct layout {
    size_t table, results, touched, unit, total;
};

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static struct layout lay_out(const struct row_block *block) {
    const struct bitline_lookups *l = &block->lookups;
    if (block->tiles != NULL) {
        struct layout at = {.unit = tile_workspace(block->tiles)};
        at.total = at.unit + aligned(DRIVE_POSITIONS * sizeof(int32_t));
        return at;
    }
    size_t sum_bytes = 1;
    for (int g = 0; g < block->n_groups; g++)
        if (sum_bytes < (size_t)1 << block->groups[g].width)
            sum_bytes = (size_t)1 << block->groups[g].width;
    size_t entries = (size_t)l->count * (size_t)l->entries * BITLINE_LANES;
    struct layout at = {.table = drive_bytes(l)};
    at.results = at.table + aligned(entries * sum_bytes);
    at.touched = at.results + DRIVE_POSITIONS * BITLINE_LANES * sizeof(int32_t);
    at.total = at.touched + aligned(DRIVE_POSITIONS);
    return at;
}

size_t row_block_workspace(const struct row_block *blocks, int n) {
    size_t most = 0;
    for (int i = 0; i < n; i++) {
        size_t bytes = lay_out(&blocks[i]).total;
        most = bytes > most ? bytes : most;
    }
    return most;
}

/* Lane groups: drives the positions into the workspace. */
static struct bitline_inputs drive(const struct row_block *block, const uint8_t *x, size_t stride,
                                   int positions, void *workspace) {
    uint32_t threshold = block->n_groups > 0 ? block->groups[0].threshold : UINT32_MAX;
    if (block->n_groups > 0 || block->unit_factor != NULL)
        drive_tile(&block->lookups, block->kernels, block->rows, threshold, x, stride, positions,
                   workspace);
    return driven_inputs(&block->lookups, positions, workspace);
}

/* Largest digit sum of the tile. */
static uint32_t largest_digit_sum(const struct row_block *block, const struct bitline_inputs *in) {
    uint32_t largest = 0;
    for (int i = 0; i < in->positions * block->lookups.cycles; i++)
        largest = in->digit_sum[i] > largest ? in->digit_sum[i] : largest;
    return largest;
}

/* Results of one lane group for the whole tile, into the workspace. */
static void convert_group(const struct row_block *block, const struct lane_group *g,
                          const struct bitline_inputs *in, char *workspace) {
    const struct bitline_kernels *kernels = block->kernels;
    struct layout at = lay_out(block);
    struct bitline_transfer transfer = {
        .threshold = g->threshold,
        .maximum = (uint32_t)block->transfer.maximum,
        .table = block->transfer.kind == ADC_TABLE ? block->transfer.table : NULL,
    };
    void *table = workspace + at.table;
    kernels->build[g->width](&block->lookups, g->cells, table);
    (transfer.table == NULL ? kernels->clip : kernels->map)[g->width](
        &block->lookups, in, table, &transfer, (int32_t *)(workspace + at.results),
        (uint8_t *)workspace + at.touched);
}

void row_block_count(const struct row_block *block, const uint8_t *x, size_t stride, int positions,
                     int unit_columns, uint64_t *counts, void *workspace) {
    struct bitline_inputs in = drive(block, x, stride, positions, workspace);
    void *table = (char *)workspace + lay_out(block).table;
    int reads = positions * block->lookups.cycles;
    long idle = block->columns_empty; /* lanes that are no column, or an unprogrammed one: sums 0 */
    for (int i = 0; i < block->n_groups; i++) {
        const struct lane_group *g = &block->groups[i];
        block->kernels->build[g->width](&block->lookups, g->cells, table);
        block->kernels->count[g->width](&block->lookups, &in, table, counts);
        idle += BITLINE_LANES;
        for (int s = 0; s < g->n_segments; s++)
            idle -= g->segments[s].lanes;
    }
    counts[0] -= (uint64_t)idle * (uint64_t)reads;
    for (int i = 0; block->unit_factor != NULL && i < reads; i++)
        counts[in.digit_sum[i]] += (uint64_t)unit_columns;
}

/* Result of the unit column for one position, weighted over its cycles. */
static int64_t unit_result(const struct row_block *block, const uint32_t *digit_sum) {
    int64_t total = 0;
    for (int t = 0; t < block->lookups.cycles; t++) {
        int64_t sum = digit_sum[t], result;
        if (block->transfer.kind == ADC_TABLE)
            result = block->transfer.table[sum];
        else
            result = sum > block->transfer.maximum ? sum - block->transfer.maximum : 0;
        total += result * ((int64_t)1 << (t * block->lookups.digit_bits));
    }
    return total;
}

/* The exact product holds what clipping takes away, so its results are subtracted; codes of any
 * other transfer are added. */
static int direction(const struct row_block *block) {
    return block->transfer.kind == ADC_TABLE ? 1 : -1;
}

static void add_unit(const struct row_block *block, int64_t times, int32_t *acc) {
    block->kernels->add_times(block->narrow_unit_factor, block->filters, (int32_t)times, acc);
}

static void add_unit_wide(const struct row_block *block, int64_t times, int64_t *acc) {
    for (int f = 0; f < block->filters; f++)
        acc[f] += times * block->unit_factor[f];
}

#define NAME(x)      x
#define ACC          int32_t
#define ADD_SEGMENTS add
#define ADD_UNIT     add_unit
#include "crossbar/accumulate_template.h"
#undef NAME
#undef ACC
#undef ADD_SEGMENTS
#undef ADD_UNIT
#define NAME(x)      x##_wide
#define ACC          int64_t
#define ADD_SEGMENTS add_wide
#define ADD_UNIT     add_unit_wide
#include "crossbar/accumulate_template.h"

#if defined(__x86_64__)
static void accumulate_tiles(const struct row_block *block, const uint8_t *x, size_t stride,
                             int positions, int32_t *acc, size_t acc_stride, void *workspace) {
    if (block->unit_factor == NULL) {
        if (block->tiles->threshold != UINT32_MAX)
            tile_accumulate(block->tiles, x, stride, positions, NULL, acc, acc_stride, workspace);
        return;
    }
    int32_t *unit = (int32_t *)((char *)workspace + lay_out(block).unit);
    tile_accumulate(block->tiles, x, stride, positions, unit, acc, acc_stride, workspace);
    for (int p = 0; p < positions; p++)
        if (unit[p] != 0)
            add_unit(block, -unit[p], acc + (size_t)p * acc_stride);
}
#endif

void row_block_accumulate(const struct row_block *block, const uint8_t *x, size_t stride,
                          int positions, int32_t *acc, size_t acc_stride, void *workspace) {
#if defined(__x86_64__)
    if (block->tiles != NULL) {
        accumulate_tiles(block, x, stride, positions, acc, acc_stride, workspace);
        return;
    }
#endif
    accumulate_lanes(block, x, stride, positions, acc, acc_stride, workspace);
}

void row_block_accumulate_wide(const struct row_block *block, const uint8_t *x, size_t stride,
                               int positions, int64_t *acc, size_t acc_stride, void *workspace) {
    accumulate_lanes_wide(block, x, stride, positions, acc, acc_stride, workspace);
}
