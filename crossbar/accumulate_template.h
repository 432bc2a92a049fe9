/* Shift and add for one accumulator type; included twice by row_block.c. Before inclusion: NAME(x)
 * names the function, ACC is the type, ADD_SEGMENTS the kernel of that type and ADD_UNIT adds the
 * unit column's result to all filters. */

void NAME(row_block_accumulate)(const struct row_block *block,
                                const struct bitline_kernels *kernels, int positions, ACC *acc,
                                size_t acc_stride, void *workspace) {
    struct layout at = lay_out(block);
    struct bitline_inputs in = driven_inputs(&block->lookups, positions, workspace);
    struct bitline_results results = {
        .positions = positions,
        .results = (const int32_t *)((char *)workspace + at.results),
        .touched = (const uint8_t *)workspace + at.touched,
    };
    int sign = direction(block);
    uint32_t largest = block->n_groups > 0 ? largest_digit_sum(block, &in) : 0;
    for (int i = 0; i < block->n_groups && block->groups[i].threshold <= largest; i++) {
        const struct lane_group *g = &block->groups[i];
        convert_group(block, g, kernels, &in, workspace);
        kernels->ADD_SEGMENTS(g->segments, g->n_segments, sign, &results, acc, acc_stride);
    }
    for (int p = 0; block->unit_factor != NULL && p < positions; p++) {
        int64_t unit = unit_result(block, in.digit_sum + p * block->lookups.cycles);
        if (unit != 0)
            ADD_UNIT(block, kernels, -sign * unit, acc + (size_t)p * acc_stride);
    }
}
