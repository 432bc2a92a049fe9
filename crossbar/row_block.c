/* Reading a row block: digits, look-ups, conversion, shift and add. */
#include "crossbar/row_block.h"

#include <string.h>

/* Where the parts of a block's workspace lie; offsets in bytes, each a multiple of 64. */
struct layout {
    size_t offsets, digit_sum, table, results, touched, total;
};

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static struct layout lay_out(const struct row_block *block) {
    const struct bitline_lookups *l = &block->lookups;
    size_t reads = (size_t)ROW_BLOCK_POSITIONS * (size_t)l->cycles;
    size_t slack = 64; /* the last chunk of rows may write a few offsets behind its end */
    struct layout at = {0};
    at.digit_sum = at.offsets + aligned((reads * (size_t)l->count + slack) * sizeof(uint16_t));
    at.table = at.digit_sum + aligned(reads * sizeof(uint32_t));
    size_t sum_bytes = 1;
    for (int g = 0; g < block->n_groups; g++)
        if (sum_bytes < (size_t)1 << block->groups[g].width)
            sum_bytes = (size_t)1 << block->groups[g].width;
    size_t entries = (size_t)l->count * (size_t)l->entries * BITLINE_LANES;
    at.results = at.table + aligned(entries * sum_bytes);
    at.touched = at.results + ROW_BLOCK_POSITIONS * BITLINE_LANES * sizeof(int32_t);
    at.total = at.touched + aligned(ROW_BLOCK_POSITIONS);
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

/* Digits of any width: the plain way. */
static void drive_digits(const struct bitline_lookups *l, int rows, const uint8_t *x,
                         uint16_t *offsets, uint32_t *digit_sum) {
    unsigned mask = (1U << l->digit_bits) - 1U;
    for (int t = 0; t < l->cycles; t++) {
        uint32_t total = 0;
        for (int i = 0; i < l->count; i++) {
            unsigned index = 0;
            for (int r = 0; r < l->rows_per_lookup; r++) {
                int row = i * l->rows_per_lookup + r;
                unsigned value = row < rows ? x[row] : 0U;
                unsigned digit = value >> (t * l->digit_bits) & mask;
                index |= digit << (r * l->digit_bits);
                total += digit;
            }
            offsets[t * l->count + i] = (uint16_t)(index * BITLINE_LANES);
        }
        digit_sum[t] = total;
    }
}

/* Parts of a workspace that hold the driven inputs. */
static struct bitline_inputs driven(const struct row_block *block, int positions, char *workspace) {
    struct layout at = lay_out(block);
    return (struct bitline_inputs){
        .positions = positions,
        .offsets = (const uint16_t *)(workspace + at.offsets),
        .digit_sum = (const uint32_t *)(workspace + at.digit_sum),
    };
}

void row_block_drive(const struct row_block *block, const struct bitline_kernels *kernels,
                     const uint8_t *x, size_t stride, int positions, void *workspace) {
    if (block->n_groups == 0 && block->unit_factor == NULL)
        return; /* nothing will be read */
    const struct bitline_lookups *l = &block->lookups;
    struct layout at = lay_out(block);
    uint16_t *offsets = (uint16_t *)((char *)workspace + at.offsets);
    uint32_t *digit_sum = (uint32_t *)((char *)workspace + at.digit_sum);
    for (int p = 0; p < positions; p++) {
        if (l->digit_bits == 1)
            kernels->drive_bits(l, block->rows, x, offsets, digit_sum);
        else
            drive_digits(l, block->rows, x, offsets, digit_sum);
        x += stride;
        offsets += (size_t)l->cycles * (size_t)l->count;
        digit_sum += l->cycles;
    }
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
                          const struct bitline_kernels *kernels, const struct bitline_inputs *in,
                          char *workspace) {
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

void row_block_count(const struct row_block *block, const struct bitline_kernels *kernels,
                     int positions, uint64_t *counts, void *workspace) {
    struct bitline_inputs in = driven(block, positions, workspace);
    void *table = (char *)workspace + lay_out(block).table;
    for (int i = 0; i < block->n_groups; i++) {
        const struct lane_group *g = &block->groups[i];
        kernels->build[g->width](&block->lookups, g->cells, table);
        /* Segments are full but for the last filters of a column: count lane by lane there. */
        for (int s = 0; s < g->n_segments; s++)
            kernels->count[g->width](&block->lookups, &in, table, s * BITLINE_SEGMENT,
                                     s * BITLINE_SEGMENT + g->segments[s].lanes, counts);
    }
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

#define NAME(x)      x
#define ACC          int32_t
#define ADD_SEGMENTS add
#include "crossbar/accumulate_template.h"
#undef NAME
#undef ACC
#undef ADD_SEGMENTS
#define NAME(x)      x##_wide
#define ACC          int64_t
#define ADD_SEGMENTS add_wide
#include "crossbar/accumulate_template.h"
