/* Shift and add of a lane group's results for one accumulator type; included twice by
 * bitline_all.h. Before inclusion: NAME(x) names the functions and ACC is the type. */

/* A whole segment whose lanes have one sign: constants make vectors. */
static inline __attribute__((always_inline)) void NAME(add_whole)(int sign, int shift,
                                                                  const struct bitline_results *r,
                                                                  const int32_t *results, ACC *acc,
                                                                  size_t acc_stride) {
    for (int p = 0; p < r->positions; p++) {
        if (r->touched == NULL || r->touched[p])
            for (int lane = 0; lane < BITLINE_SEGMENT; lane++)
                acc[lane] += sign * ((ACC)results[lane] * ((ACC)1 << shift));
        results += BITLINE_LANES;
        acc += acc_stride;
    }
}

/* Fewer lanes, or signs that differ because columns are flipped or were never programmed. */
static void NAME(add_lanes)(const struct bitline_segment *s, int sign,
                            const struct bitline_results *r, const int32_t *results, ACC *acc,
                            size_t acc_stride) {
    for (int p = 0; p < r->positions; p++) {
        if (r->touched == NULL || r->touched[p])
            for (int lane = 0; lane < s->lanes; lane++)
                acc[lane] +=
                    (ACC)(sign * s->lane_sign[lane]) * ((ACC)results[lane] * ((ACC)1 << s->shift));
        results += BITLINE_LANES;
        acc += acc_stride;
    }
}

static void NAME(add)(const struct bitline_segment *segments, int n, int sign,
                      const struct bitline_results *r, ACC *acc, size_t acc_stride) {
    for (int i = 0; i < n; i++) {
        const struct bitline_segment *s = &segments[i];
        const int32_t *results = r->results + i * BITLINE_SEGMENT;
        if (s->lanes < BITLINE_SEGMENT || s->sign == 0)
            NAME(add_lanes)(s, sign, r, results, acc + s->filter, acc_stride);
        else if (s->sign * sign > 0)
            NAME(add_whole)(+1, s->shift, r, results, acc + s->filter, acc_stride);
        else
            NAME(add_whole)(-1, s->shift, r, results, acc + s->filter, acc_stride);
    }
}
