#include "crossbar/drive.h"

/* The last chunk of rows may write a few offsets behind its end. */
enum { SLACK = 64 };

static size_t offsets_bytes(const struct bitline_lookups *l) {
    size_t reads = (size_t)DRIVE_POSITIONS * (size_t)l->cycles;
    return ((reads * (size_t)l->count + SLACK) * sizeof(uint16_t) + 63) / 64 * 64;
}

struct bitline_lookups drive_lookups(int rows, int dac_bits, int activation_bits) {
    struct bitline_lookups l = {.digit_bits = dac_bits};
    l.cycles = (activation_bits + dac_bits - 1) / dac_bits;
    l.rows_per_lookup = dac_bits >= 4 ? 1 : 4 / dac_bits;
    l.entries = 1 << (dac_bits * l.rows_per_lookup);
    int count = (rows + l.rows_per_lookup - 1) / l.rows_per_lookup;
    l.count = (count + BITLINE_UNROLL - 1) / BITLINE_UNROLL * BITLINE_UNROLL;
    return l;
}

size_t drive_bytes(const struct bitline_lookups *lookups) {
    size_t reads = (size_t)DRIVE_POSITIONS * (size_t)lookups->cycles;
    return offsets_bytes(lookups) + (reads * sizeof(uint32_t) + 63) / 64 * 64;
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

void drive_tile(const struct bitline_lookups *lookups, const struct bitline_kernels *kernels,
                int rows, uint32_t threshold, const uint8_t *x, size_t stride, int positions,
                void *workspace) {
    const struct bitline_lookups *l = lookups;
    uint16_t *offsets = workspace;
    uint32_t *digit_sum = (uint32_t *)((char *)workspace + offsets_bytes(l));
    for (int p = 0; p < positions; p++) {
        if (l->digit_bits == 1)
            kernels->drive_bits(l, rows, threshold, x, offsets, digit_sum);
        else
            drive_digits(l, rows, x, offsets, digit_sum);
        x += stride;
        offsets += (size_t)l->cycles * (size_t)l->count;
        digit_sum += l->cycles;
    }
}

struct bitline_inputs driven_inputs(const struct bitline_lookups *lookups, int positions,
                                    const void *workspace) {
    return (struct bitline_inputs){
        .positions = positions,
        .offsets = workspace,
        .digit_sum = (const uint32_t *)((const char *)workspace + offsets_bytes(lookups)),
    };
}
