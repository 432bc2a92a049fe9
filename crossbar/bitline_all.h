/* The kernels of all widths for one instruction set. Before inclusion: VECTOR_BYTES, KERNELS(x),
 * which names the table, and the inline functions bit_planes (64 bytes to 8 planes of 64 bits) and
 * spread_nibbles (64 bits to 16 offsets: each nibble times BITLINE_LANES); SUBTRACT_U8 and
 * SUBTRACT_U16 where the machine subtracts vectors with saturation, GATHER where it gathers.
 *
 * Bounds: a sum of type SUM is at most the lane group's largest one, by which the width was chosen.
 * A total is at most largest sum * (2^8 - 1), since the cycles' weights 2^(v*t) add up to less than
 * 2^8 / (2^v - 1) while sums grow with 2^v - 1: 255 * 255 fits 16 bits, 65535 * 255 fits 32. The
 * widest group holds at most 4096 rows * 255 * 255 < 2^32 by the same count. */
#ifndef MHO_CROSSBAR_BITLINE_ALL_H
#define MHO_CROSSBAR_BITLINE_ALL_H

#include <stddef.h>
#include <string.h>

#include "crossbar/analog_lanes.h"
#include "crossbar/bitline.h"

#define NAME(x) u8_##x
#define SUM     uint8_t
#ifdef SUBTRACT_U8
#define SUBTRACT SUBTRACT_U8
#endif
#define TOTAL uint16_t
#include "crossbar/bitline_template.h"
#undef NAME
#undef SUM
#undef TOTAL
#undef SUBTRACT

#define NAME(x) u16_##x
#define SUM     uint16_t
#ifdef SUBTRACT_U16
#define SUBTRACT SUBTRACT_U16
#endif
#define TOTAL uint32_t
#include "crossbar/bitline_template.h"
#undef NAME
#undef SUM
#undef TOTAL
#undef SUBTRACT

#define NAME(x) u32_##x
#define SUM     uint32_t
#define TOTAL   uint32_t
#include "crossbar/bitline_template.h"
#undef NAME
#undef SUM
#undef TOTAL
#undef SUBTRACT

#include "crossbar/analog_kernel.h"

enum { CHUNK = 64, MAX_CHUNKS = 64 /* 4096 rows */ };

static void drive_bits(const struct bitline_lookups *l, int rows, uint32_t threshold,
                       const uint8_t *x, uint16_t *offsets, uint32_t *digit_sum) {
    uint64_t planes[MAX_CHUNKS][8];
    int chunks = (rows + CHUNK - 1) / CHUNK;
    for (int c = 0; c < chunks; c++)
        bit_planes(x + c * CHUNK, planes[c]);
    for (int t = 0; t < l->cycles; t++) {
        uint32_t total = 0;
        for (int c = 0; c < chunks; c++)
            total += (uint32_t)__builtin_popcountll(planes[c][t]);
        digit_sum[t] = total;
        if (total < threshold)
            continue;
        /* Cycles in this order: what a chunk writes behind the end, the next cycle overwrites. */
        for (int c = 0; c < chunks; c++)
            spread_nibbles(planes[c][t], offsets + t * l->count + 16 * c);
        for (int i = 16 * chunks; i < l->count; i++)
            offsets[t * l->count + i] = 0;
    }
}

#define NAME(x) x
#define ACC     int32_t
#include "crossbar/add_template.h"
#undef NAME
#undef ACC
#define NAME(x) x##_wide
#define ACC     int64_t
#include "crossbar/add_template.h"
#undef NAME
#undef ACC

static void add_times(const int32_t *restrict factor, int n, int32_t times, int32_t *restrict acc) {
    for (int i = 0; i < n; i++)
        acc[i] += times * factor[i];
}

const struct bitline_kernels KERNELS(bitline) = {
    .drive_bits = drive_bits,
    .build = {u8_build, u16_build, u32_build},
    .clip = {u8_clip, u16_clip, u32_clip},
    .map = {u8_map, u16_map, u32_map},
    .count = {u8_count, u16_count, u32_count},
    .build_analog = build_analog,
    .analog = analog,
    .add = add,
    .add_wide = add_wide,
    .add_times = add_times,
};

#endif
