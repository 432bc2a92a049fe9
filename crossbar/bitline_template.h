/* Bit-line kernels for one sum type; included once for each width by bitline_all.h.
 *
 * Before inclusion: NAME(x) names the functions, SUM is the type of a sum, TOTAL that of a sum over
 * cycles, VECTOR_BYTES the width of the machine's vectors (bitline_all.h explains the bounds);
 * SUBTRACT, where defined, subtracts vectors of SUM with saturation at 0, and GATHER(table, index)
 * looks up a vector of 32-bit numbers (compilers do not trust gathers where they do not know the
 * processor). */

typedef SUM NAME(sums) __attribute__((vector_size(VECTOR_BYTES)));
typedef TOTAL NAME(totals) __attribute__((vector_size(VECTOR_BYTES)));

enum {
    NAME(N_SUMS) = BITLINE_LANES * sizeof(SUM) / VECTOR_BYTES,
    NAME(N_TOTALS) = BITLINE_LANES * sizeof(TOTAL) / VECTOR_BYTES,
    NAME(PARTS) = sizeof(TOTAL) / sizeof(SUM), /* total vectors for each sum vector */
    NAME(SUM_BITS) = 8 * sizeof(SUM)
};

/* target = below + cell, in every lane. */
static inline __attribute__((always_inline)) void NAME(entry)(const SUM *below, const uint8_t *cell,
                                                              SUM *target) {
    for (int lane = 0; lane < BITLINE_LANES; lane++)
        target[lane] = (SUM)(below[lane] + cell[lane]);
}

static void NAME(build)(const struct bitline_lookups *l, const uint8_t *cells, void *table) {
    SUM *first = table;
    int digits = 1 << l->digit_bits;
    for (int lookup = 0; lookup < l->count; lookup++) {
        memset(first, 0, BITLINE_LANES * sizeof(SUM));
        int done = 1; /* entries whose rows above the current one have digit 0 */
        for (int row = 0; row < l->rows_per_lookup; row++, cells += BITLINE_LANES) {
            for (int i = done; i < done * digits; i++) /* one digit step above an earlier entry */
                NAME(entry)
            (first + (size_t)(i - done) * BITLINE_LANES, cells, first + (size_t)i * BITLINE_LANES);
            done *= digits;
        }
        first += (size_t)l->entries * BITLINE_LANES;
    }
}

/* Sums of one read: one look-up for each group of rows. Two chains of adds hide their latency;
 * `entries` is a constant where the caller inlines it, so that table rows are at fixed distances.
 */
static inline __attribute__((always_inline)) void NAME(read)(int count, int entries,
                                                             const SUM *table,
                                                             const uint16_t *offsets,
                                                             NAME(sums) sum[NAME(N_SUMS)]) {
    const size_t step = (size_t)entries * BITLINE_LANES;
    NAME(sums) other[NAME(N_SUMS)] = {{0}};
    for (int i = 0; i < NAME(N_SUMS); i++)
        sum[i] = (NAME(sums)){0};
    for (int done = 0; done < count; done += BITLINE_UNROLL) {
#pragma GCC unroll 8
        for (int j = 0; j < BITLINE_UNROLL; j += 2) {
            const NAME(sums) *even = (const NAME(sums) *)(table + (size_t)j * step + offsets[j]);
            const NAME(sums) *odd =
                (const NAME(sums) *)(table + (size_t)(j + 1) * step + offsets[j + 1]);
#pragma GCC unroll 16
            for (int i = 0; i < NAME(N_SUMS); i++) {
                sum[i] += even[i];
                other[i] += odd[i];
            }
        }
        table += BITLINE_UNROLL * step;
        offsets += BITLINE_UNROLL;
    }
#pragma GCC unroll 16
    for (int i = 0; i < NAME(N_SUMS); i++)
        sum[i] += other[i];
}

/* total += sum << shift in the wider type: seen as wide lanes, a vector of sums holds the even sums
 * in the low halves and the odd ones in the high halves, which saves moving lanes about. */
static inline __attribute__((always_inline)) void
NAME(add)(const NAME(sums) sum[NAME(N_SUMS)], int shift, NAME(totals) total[NAME(N_TOTALS)]) {
    const NAME(totals) low = (NAME(totals)){0} + (TOTAL)(SUM)~0U;
#pragma GCC unroll 16
    for (int i = 0; i < NAME(N_SUMS); i++) {
        NAME(totals) both = (NAME(totals))sum[i];
        total[i * NAME(PARTS)] += (both & low) << (TOTAL)shift;
        if (NAME(PARTS) == 2)
            total[i * NAME(PARTS) + 1] += both >> (NAME(SUM_BITS) % (8 * sizeof(TOTAL)))
                                                      << (TOTAL)shift;
    }
}

/* Stores the totals as 32-bit numbers in lane order, unless all are zero. */
static inline __attribute__((always_inline)) uint8_t
NAME(store)(const NAME(totals) total[NAME(N_TOTALS)], int32_t *out) {
    enum { WIDE_LANES = VECTOR_BYTES / sizeof(TOTAL) };
    NAME(totals) any = total[0];
#pragma GCC unroll 16
    for (int i = 1; i < NAME(N_TOTALS); i++)
        any |= total[i];
    uint64_t word[VECTOR_BYTES / 8], joined = 0;
    memcpy(word, &any, sizeof word);
    for (int i = 0; i < VECTOR_BYTES / 8; i++)
        joined |= word[i];
    if (joined == 0)
        return 0;
    for (int i = 0; i < NAME(N_SUMS); i++) {
        const TOTAL *lanes = (const TOTAL *)(total + i * NAME(PARTS));
        for (int j = 0; j < WIDE_LANES; j++)
            for (int k = 0; k < NAME(PARTS); k++)
                out[(i * WIDE_LANES + j) * NAME(PARTS) + k] = (int32_t)lanes[k * WIDE_LANES + j];
    }
    return 1;
}

/* a - b where a is larger, else 0; one instruction where SUBTRACT names it. */
static inline __attribute__((always_inline)) NAME(sums) NAME(subtract)(NAME(sums) a, NAME(sums) b) {
#ifdef SUBTRACT
    return (NAME(sums))SUBTRACT(a, b);
#else
    return (a - b) & (NAME(sums))(a > b);
#endif
}

/* What exceeds the converter's largest code, in every lane. */
static inline __attribute__((always_inline)) void
NAME(excess)(const struct bitline_transfer *transfer, NAME(sums) sum[NAME(N_SUMS)]) {
    const NAME(sums) maximum = (NAME(sums)){0} + (SUM)transfer->maximum;
#pragma GCC unroll 16
    for (int i = 0; i < NAME(N_SUMS); i++)
        sum[i] = NAME(subtract)(sum[i], maximum);
}

static inline __attribute__((always_inline)) void
NAME(clip_all)(const struct bitline_lookups *l, int entries, const struct bitline_inputs *in,
               const SUM *table, const struct bitline_transfer *transfer, int32_t *out,
               uint8_t *touched) {
    const uint16_t *offsets = in->offsets;
    const uint32_t *digit_sum = in->digit_sum;
    for (int p = 0; p < in->positions; p++) {
        NAME(totals) total[NAME(N_TOTALS)] = {{0}};
        for (int t = 0; t < l->cycles; t++, offsets += l->count) {
            if (*digit_sum++ < transfer->threshold)
                continue;
            NAME(sums) sum[NAME(N_SUMS)];
            NAME(read)(l->count, entries, table, offsets, sum);
            NAME(excess)(transfer, sum);
            NAME(add)(sum, l->digit_bits * t, total);
        }
        touched[p] = NAME(store)(total, out + (size_t)p * BITLINE_LANES);
    }
}

/* Apart from the general one, so that the compiler sees the usual number of entries as a constant.
 */
static __attribute__((noinline)) void
NAME(clip_usual)(const struct bitline_lookups *l, const struct bitline_inputs *in, const SUM *table,
                 const struct bitline_transfer *transfer, int32_t *out, uint8_t *touched) {
    NAME(clip_all)(l, BITLINE_USUAL_ENTRIES, in, table, transfer, out, touched);
}

static void NAME(clip)(const struct bitline_lookups *l, const struct bitline_inputs *in,
                       const void *table, const struct bitline_transfer *transfer, int32_t *out,
                       uint8_t *touched) {
    if (l->entries == BITLINE_USUAL_ENTRIES)
        NAME(clip_usual)(l, in, table, transfer, out, touched);
    else
        NAME(clip_all)(l, l->entries, in, table, transfer, out, touched);
}

/* total += table[sum] << shift in every lane. */
static inline __attribute__((always_inline)) void
NAME(look_up)(const SUM *sum, const int32_t *restrict table, int shift, int32_t *restrict total) {
#ifdef GATHER
    enum { WIDE_LANES = VECTOR_BYTES / sizeof(int32_t) };
    typedef SUM part __attribute__((vector_size(WIDE_LANES * sizeof(SUM))));
    typedef int32_t wide __attribute__((vector_size(VECTOR_BYTES)));
#pragma GCC unroll 8
    for (int i = 0; i < BITLINE_LANES; i += WIDE_LANES) {
        part sums;
        wide before;
        memcpy(&sums, sum + i, sizeof sums);
        memcpy(&before, total + i, sizeof before);
        before += (wide)GATHER(table, __builtin_convertvector(sums, wide)) << shift;
        memcpy(total + i, &before, sizeof before);
    }
#else
    for (int lane = 0; lane < BITLINE_LANES; lane++)
        total[lane] += table[sum[lane]] * (1 << shift);
#endif
}

static void NAME(map)(const struct bitline_lookups *l, const struct bitline_inputs *in,
                      const void *table, const struct bitline_transfer *transfer, int32_t *out,
                      uint8_t *touched) {
    const uint16_t *offsets = in->offsets;
    const uint32_t *digit_sum = in->digit_sum;
    for (int p = 0; p < in->positions; p++, out += BITLINE_LANES) {
        touched[p] = 0;
        for (int t = 0; t < l->cycles; t++, offsets += l->count) {
            if (*digit_sum++ < transfer->threshold)
                continue;
            NAME(sums) sum[NAME(N_SUMS)];
            if (l->entries == BITLINE_USUAL_ENTRIES)
                NAME(read)(l->count, BITLINE_USUAL_ENTRIES, table, offsets, sum);
            else
                NAME(read)(l->count, l->entries, table, offsets, sum);
            if (!touched[p])
                memset(out, 0, BITLINE_LANES * sizeof *out);
            touched[p] = 1;
            SUM lanes[BITLINE_LANES];
            memcpy(lanes, sum, sizeof lanes);
            NAME(look_up)(lanes, transfer->table, l->digit_bits * t, out);
        }
    }
}

/* Neighbouring lanes often give the same sum: several histograms keep one increment from waiting
 * for the one before it. */
static void NAME(count)(const struct bitline_lookups *l, const struct bitline_inputs *in,
                        const void *table, uint64_t *counts) {
    const uint16_t *offsets = in->offsets;
    enum { PARTS = 4, SIZE = 256 };
    uint64_t small[PARTS][SIZE] = {{0}};
    for (int i = 0; i < in->positions * l->cycles; i++, offsets += l->count) {
        if (in->digit_sum[i] == 0) {
            counts[0] += BITLINE_LANES;
            continue;
        }
        NAME(sums) sum[NAME(N_SUMS)];
        NAME(read)(l->count, l->entries, table, offsets, sum);
        SUM lanes[BITLINE_LANES];
        memcpy(lanes, sum, sizeof lanes);
        for (int lane = 0; lane < BITLINE_LANES; lane++) {
            uint32_t value = lanes[lane];
            if (value < SIZE)
                small[lane % PARTS][value]++;
            else
                counts[value]++;
        }
    }
    for (int part = 0; part < PARTS; part++)
        for (int sum = 0; sum < SIZE; sum++)
            if (small[part][sum] > 0)
                counts[sum] += small[part][sum];
}
