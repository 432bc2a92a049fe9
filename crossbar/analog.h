/* Analog row block: cells that are conductances with errors of their own, read in noise, and
 * converted by converters with errors of their own.
 *
 * Order of calls: analog_program once; then for a tile of positions analog_drive and
 * analog_accumulate, as with crossbar/row_block.h. Every column with a programmed cell is read and
 * converted at every cycle; nothing is skipped and nothing is formed elsewhere.
 *
 * A cell weighs in a column's sum what device_program says, in units of one level, held in fixed
 * point: sums are integers and so the same on every instruction set. The point lies as far right as
 * the block's largest column sum L (of all rows at the largest digit d = 2^v - 1) allows in 31
 * bits: the unit u is at most 2^-22 level, or 2^-29 L where that is more. Rounding a cell costs at
 * most u/2, so a sum lies within rows * d * u/2, and half an ulp of float32 (2^-24 of itself), of
 * what double precision gives: at 128 rows, 2-bit cells and 1-bit digits within 128 * 2^-23
 * = 1.5e-5 level, or 1.2e-7 L where L is larger than 128 levels; at 128 rows and 8-bit digits
 * within 3e-5 L. The bound is met only where all cells are rounded the same way (equal ones); of
 * independent ones the roundings cancel to about its square root over the rows. */
#ifndef MHO_CROSSBAR_ANALOG_H
#define MHO_CROSSBAR_ANALOG_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/bitline.h"
#include "crossbar/device.h"
#include "crossbar/drive.h"
#include "crossbar/geometry.h"
#include "crossbar/simd.h"

/* One converter, as plain data: y = scale * S + offset; the code is rint(y) between 0 and the
 * largest code, or, with thresholds, the number of them below y. */
struct analog_converter {
    float scale, offset;
    const float *thresholds; /* [codes - 1], rising; NULL: even */
};

/* What all converters of a layer share. */
struct analog_codes {
    int codes;             /* 2^bits */
    const int32_t *values; /* [codes]: what each code stands for; NULL: itself */
    float noise;           /* standard deviation of thermal noise, in units of S */
};

/* What to program. Arrays are the block's column groups in order. */
struct analog_spec {
    const struct encoding *encoding;
    int rows, filters, filters_per_array;
    int first_filter; /* where the first filter lies in its array, for whose converters it has */
    const int16_t *weights; /* [filters][stride], rows in the order they are driven */
    size_t stride;
    const int *row_order;   /* [rows]: the array's row that each driven row is, for the draws */
    const uint8_t *flipped; /* [filters][encoding->columns], 1: stored inverted; NULL: none */
    int dac_bits, activation_bits;
    const struct device *device;
    const uint64_t *array_keys; /* [arrays]: random streams of the arrays' cells */
    enum simd_level level;      /* of the kernel that draws noise */
    uint64_t noise_key;         /* random stream of the block's reads */
    int columns_per_adc, converters_per_array;
    const struct analog_converter *converters; /* [arrays][converters_per_array] */
    struct analog_codes codes;
};

struct analog_block; /* opaque, immutable, shared by threads */

enum status analog_program(const struct analog_spec *spec, struct arena *arena,
                           struct analog_block **block, struct diagnostic *diag);

/* Scratch memory of one thread, a multiple of 64 bytes. */
size_t analog_workspace(const struct analog_block *block);

/* As row_block_drive. */
void analog_drive(const struct analog_block *block, const struct bitline_kernels *kernels,
                  const uint8_t *x, size_t stride, int positions, void *workspace);

/* Adds the converted sums to acc [positions][acc_stride]. `first_read` numbers the tile's first
 * position among all positions of all images: position p draws the noise of number first_read + p.
 */
void analog_accumulate(const struct analog_block *block, const struct bitline_kernels *kernels,
                       uint64_t first_read, int positions, int64_t *acc, size_t acc_stride,
                       void *workspace);

#endif
