/* Shift and add for one accumulator type; included twice by row_block.c. Before inclusion: NAME(x)
 * names the functions and ACC is the type. */

static void NAME(add_segment)(const struct segment *s, int sign, const uint32_t *results,
                              ACC *acc) {
    if (s->lanes == SEGMENT_LANES) { /* a constant count of lanes becomes vectors */
        for (int lane = 0; lane < SEGMENT_LANES; lane++)
            acc[lane] += (ACC)sign * s->lane_sign[lane] * (ACC)((ACC)results[lane] << s->shift);
        return;
    }
    for (int lane = 0; lane < s->lanes; lane++)
        acc[lane] += (ACC)sign * s->lane_sign[lane] * (ACC)((ACC)results[lane] << s->shift);
}

void NAME(row_block_accumulate)(const struct row_block *block,
                                const struct bitline_kernels *kernels, int positions, ACC *acc,
                                size_t acc_stride, void *workspace) {
    struct layout at = lay_out(block);
    const uint32_t *results = (const uint32_t *)((char *)workspace + at.results);
    const uint8_t *touched = (const uint8_t *)workspace + at.touched;
    const uint32_t *digit_sum = (const uint32_t *)((char *)workspace + at.digit_sum);
    int sign = direction(block);
    for (int i = 0; i < block->n_groups; i++) {
        const struct lane_group *g = &block->groups[i];
        if (!convert_group(block, g, kernels, positions, workspace))
            continue;
        for (int p = 0; p < positions; p++)
            for (int s = 0; touched[p] && s < g->n_segments; s++)
                NAME(add_segment)
                (&g->segments[s], sign, results + p * BITLINE_LANES + s * SEGMENT_LANES,
                 acc + (size_t)p * acc_stride + g->segments[s].filter);
    }
    for (int p = 0; block->unit_factor != NULL && p < positions; p++) {
        int64_t unit = unit_result(block, digit_sum + p * block->lookups.cycles);
        for (int f = 0; unit != 0 && f < block->filters; f++)
            acc[(size_t)p * acc_stride + (size_t)f] -= (ACC)(sign * unit * block->unit_factor[f]);
    }
}
