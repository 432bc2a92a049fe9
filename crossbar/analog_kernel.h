/* Analog reads of one lane group, the same for every instruction set; part of the kernels that
 * bitline_all.h compiles (the look-ups are those of bitline_template.h with 32-bit sums, which wrap
 * around for negative cells as two's complement should). */
#ifndef MHO_CROSSBAR_ANALOG_KERNEL_H
#define MHO_CROSSBAR_ANALOG_KERNEL_H

/* Tables of analog cells; with `squares` a digit d counts d^2 times (variances of noise). */
static void build_analog(const struct bitline_lookups *l, const int32_t *cells, bool squares,
                         int32_t *table) {
    int digits = 1 << l->digit_bits;
    for (int lookup = 0; lookup < l->count; lookup++) {
        memset(table, 0, BITLINE_LANES * sizeof *table);
        int done = 1;
        for (int row = 0; row < l->rows_per_lookup; row++, cells += BITLINE_LANES) {
            for (int i = done; i < done * digits; i++) {
                int factor = squares ? 2 * (i / done) - 1 : 1; /* d^2 - (d - 1)^2 */
                const int32_t *below = table + (size_t)(i - done) * BITLINE_LANES;
                int32_t *target = table + (size_t)i * BITLINE_LANES;
                for (int lane = 0; lane < BITLINE_LANES; lane++)
                    target[lane] = below[lane] + factor * cells[lane];
            }
            done *= digits;
        }
        table += (size_t)l->entries * BITLINE_LANES;
    }
}

/* Adds noise of variance `variance` (fixed point, may be NULL) plus the converters' own. */
static void add_noise(const struct analog_lanes *lanes, const int32_t *variance,
                      const float *normals, float *sum) {
    float own = lanes->codes.noise * lanes->codes.noise;
    for (int lane = 0; lane < BITLINE_LANES; lane++) {
        float all = own;
        if (variance != NULL)
            all += (float)variance[lane] * lanes->variance_unit;
        sum[lane] += normals[lane] * __builtin_sqrtf(all);
    }
}

/* Number of thresholds below y: at most 16 steps of bisection. */
static int code_by_thresholds(const float *thresholds, int codes, float y) {
    int low = 0;
    for (int step = codes / 2; step > 0; step /= 2)
        if (thresholds[low + step - 1] < y)
            low += step;
    return low;
}

/* Sums to codes. Adding and subtracting 1.5 * 2^23 rounds half to even. */
static void convert_lanes(const struct analog_lanes *lanes, const float *sum, int32_t *code) {
    const float rounding = 12582912.0F, top = (float)(lanes->codes.codes - 1);
    for (int lane = 0; lane < BITLINE_LANES; lane++) {
        float y = lanes->scale[lane] * sum[lane] + lanes->offset[lane];
        y = y > 0.0F ? y : 0.0F;
        y = y < top ? y : top;
        code[lane] = (int32_t)((y + rounding) - rounding);
    }
    for (int lane = 0; lanes->thresholds != NULL && lane < BITLINE_LANES; lane++)
        if (lanes->thresholds[lane] != NULL)
            code[lane] = code_by_thresholds(lanes->thresholds[lane], lanes->codes.codes,
                                            lanes->scale[lane] * sum[lane] + lanes->offset[lane]);
    for (int lane = 0; lanes->codes.values != NULL && lane < BITLINE_LANES; lane++)
        code[lane] = lanes->codes.values[code[lane]];
}

static void read_sums(const struct bitline_lookups *l, const int32_t *table,
                      const uint16_t *offsets, int32_t *sums) {
    u32_sums sum[u32_N_SUMS];
    if (l->entries == BITLINE_USUAL_ENTRIES)
        u32_read(l->count, BITLINE_USUAL_ENTRIES, (const uint32_t *)table, offsets, sum);
    else
        u32_read(l->count, l->entries, (const uint32_t *)table, offsets, sum);
    memcpy(sums, sum, BITLINE_LANES * sizeof *sums);
}

static void analog(const struct bitline_lookups *l, const struct bitline_inputs *in,
                   const struct analog_lanes *lanes, const int32_t *table,
                   const int32_t *variance_table, uint64_t first_read, int32_t *out) {
    bool noisy = variance_table != NULL || lanes->codes.noise > 0;
    const uint16_t *offsets = in->offsets;
    for (int p = 0; p < in->positions; p++, out += BITLINE_LANES) {
        memset(out, 0, BITLINE_LANES * sizeof *out);
        for (int t = 0; t < l->cycles; t++, offsets += l->count) {
            int32_t fixed[BITLINE_LANES], variance[BITLINE_LANES], code[BITLINE_LANES];
            float sum[BITLINE_LANES], normals[BITLINE_LANES];
            read_sums(l, table, offsets, fixed);
            for (int lane = 0; lane < BITLINE_LANES; lane++)
                sum[lane] = (float)fixed[lane] * lanes->unit;
            if (variance_table != NULL)
                read_sums(l, variance_table, offsets, variance);
            if (noisy) {
                uint64_t read = (first_read + (uint64_t)p) * (uint64_t)l->cycles + (uint64_t)t;
                lanes->normals(lanes->noise_key, read, normals, BITLINE_LANES);
                add_noise(lanes, variance_table == NULL ? NULL : variance, normals, sum);
            }
            convert_lanes(lanes, sum, code);
            for (int lane = 0; lane < BITLINE_LANES; lane++)
                out[lane] += code[lane] * (1 << l->digit_bits * t);
        }
    }
}

#endif
