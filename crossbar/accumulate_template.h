/* Shift and add for one accumulator type; included twice by row_block.c. Before inclusion: NAME(x)
 * names the function, ACC is the type and ADD_SEGMENTS the kernel of that type. */

void NAME(row_block_accumulate)(const struct row_block *block,
                                const struct bitline_kernels *kernels, int positions, ACC *acc,
                                size_t acc_stride, void *workspace) {
    struct layout at = lay_out(block);
    struct bitline_inputs in = driven_inputs(&block->lookups, positions, workspace);
    const int32_t *results = (const int32_t *)((char *)workspace + at.results);
    const uint8_t *touched = (const uint8_t *)workspace + at.touched;
    int sign = direction(block);
    uint32_t largest = block->n_groups > 0 ? largest_digit_sum(block, &in) : 0;
    for (int i = 0; i < block->n_groups && block->groups[i].threshold <= largest; i++) {
        const struct lane_group *g = &block->groups[i];
        convert_group(block, g, kernels, &in, workspace);
        for (int p = 0; p < positions; p++)
            if (touched[p])
                kernels->ADD_SEGMENTS(g->segments, g->n_segments, sign,
                                      results + (size_t)p * BITLINE_LANES,
                                      acc + (size_t)p * acc_stride);
    }
    for (int p = 0; block->unit_factor != NULL && p < positions; p++) {
        int64_t unit = unit_result(block, in.digit_sum + p * block->lookups.cycles);
        for (int f = 0; unit != 0 && f < block->filters; f++)
            acc[(size_t)p * acc_stride + (size_t)f] -= (ACC)(sign * unit * block->unit_factor[f]);
    }
}
