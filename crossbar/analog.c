/* Reading an analog row block; programming is in analog_program.c. */
#include "crossbar/analog.h"

#include <string.h>

#include "crossbar/analog_block.h"

/* Where the parts of the workspace lie behind the driven inputs, in bytes. */
struct layout {
    size_t table, variance_table, results, units, total;
};

static struct layout lay_out(const struct analog_block *block) {
    const struct bitline_lookups *l = &block->lookups;
    size_t table = (size_t)l->count * (size_t)l->entries * BITLINE_LANES * sizeof(int32_t);
    size_t results = DRIVE_POSITIONS * BITLINE_LANES * sizeof(int32_t);
    struct layout at = {.table = drive_bytes(l)};
    at.variance_table = at.table + table;
    at.results = at.variance_table + (block->noisy_cells ? table : 0);
    at.units = at.results + results;
    at.total = at.units + (size_t)block->n_unit_groups * results;
    return at;
}

size_t analog_workspace(const struct analog_block *block) {
    return lay_out(block).total;
}

void analog_drive(const struct analog_block *block, const struct bitline_kernels *kernels,
                  const uint8_t *x, size_t stride, int positions, void *workspace) {
    drive_tile(&block->lookups, kernels, block->rows, 0, x, stride, positions, workspace);
}

static void read_group(const struct analog_block *block, const struct analog_group *g,
                       const struct bitline_kernels *kernels, uint64_t first_read, int positions,
                       char *workspace, int32_t *results) {
    struct layout at = lay_out(block);
    struct bitline_inputs in = driven_inputs(&block->lookups, positions, workspace);
    int32_t *table = (int32_t *)(workspace + at.table);
    int32_t *variance_table = NULL;
    kernels->build_analog(&block->lookups, g->cells, false, table);
    if (block->noisy_cells) {
        variance_table = (int32_t *)(workspace + at.variance_table);
        kernels->build_analog(&block->lookups, g->variances, true, variance_table);
    }
    kernels->analog(&block->lookups, &in, &g->lanes, table, variance_table, first_read, results);
}

/* The unit column of each filter's array, as often as it counts. */
static void subtract_units(const struct analog_block *block, int positions, const int32_t *units,
                           int64_t *acc, size_t acc_stride) {
    for (int p = 0; p < positions; p++)
        for (int f = 0; f < block->filters; f++) {
            int array = f / block->filters_per_array;
            size_t group = (size_t)(array / BITLINE_LANES);
            int32_t unit = units[(group * DRIVE_POSITIONS + (size_t)p) * BITLINE_LANES +
                                 (size_t)(array % BITLINE_LANES)];
            acc[(size_t)p * acc_stride + (size_t)f] -= block->unit_factor[f] * unit;
        }
}

void analog_accumulate(const struct analog_block *block, const struct bitline_kernels *kernels,
                       uint64_t first_read, int positions, int64_t *acc, size_t acc_stride,
                       void *workspace) {
    struct layout at = lay_out(block);
    int32_t *results = (int32_t *)((char *)workspace + at.results);
    int32_t *units = (int32_t *)((char *)workspace + at.units);
    for (int i = 0; i < block->n_groups; i++) {
        const struct analog_group *g = &block->groups[i];
        read_group(block, g, kernels, first_read, positions, workspace, results);
        struct bitline_results r = {.positions = positions, .results = results};
        kernels->add_wide(g->segments, g->n_segments, 1, &r, acc, acc_stride);
    }
    for (int i = 0; i < block->n_unit_groups; i++)
        read_group(block, &block->unit_groups[i], kernels, first_read, positions, workspace,
                   units + (size_t)i * DRIVE_POSITIONS * BITLINE_LANES);
    if (block->n_unit_groups > 0)
        subtract_units(block, positions, units, acc, acc_stride);
}
