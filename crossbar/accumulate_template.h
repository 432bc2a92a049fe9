/* Shift and add for one accumulator type; included twice by row_block.c. Before inclusion: NAME(x)
 * names the functions, ACC is the type, ADD_SEGMENTS the kernel of that type and ADD_UNIT adds the
 * unit column's result to all filters. */

static void NAME(accumulate_unit)(const struct row_block *block, int positions,
                                  const uint32_t *digit_sum, ACC *acc, size_t acc_stride) {
    for (int p = 0; block->unit_factor != NULL && p < positions; p++) {
        int64_t unit = unit_result(block, digit_sum + p * block->lookups.cycles);
        if (unit != 0)
            ADD_UNIT(block, -direction(block) * unit, acc + (size_t)p * acc_stride);
    }
}

static void NAME(accumulate_lanes)(const struct row_block *block, const uint8_t *x, size_t stride,
                                   int positions, ACC *acc, size_t acc_stride, void *workspace) {
    struct layout at = lay_out(block);
    struct bitline_inputs in = drive(block, x, stride, positions, workspace);
    struct bitline_results results = {
        .positions = positions,
        .results = (const int32_t *)((char *)workspace + at.results),
        .touched = (const uint8_t *)workspace + at.touched,
    };
    uint32_t largest = block->n_groups > 0 ? largest_digit_sum(block, &in) : 0;
    for (int i = 0; i < block->n_groups && block->groups[i].threshold <= largest; i++) {
        const struct lane_group *g = &block->groups[i];
        convert_group(block, g, &in, workspace);
        block->kernels->ADD_SEGMENTS(g->segments, g->n_segments, direction(block), &results, acc,
                                     acc_stride);
    }
    NAME(accumulate_unit)(block, positions, in.digit_sum, acc, acc_stride);
}
