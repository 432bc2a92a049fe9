/* Drive: from input bytes to the digits on the word lines, as look-ups (crossbar/bitline.h).
 *
 * The driven inputs of a tile of positions lie at the start of a workspace: drive_bytes says how
 * much they take, drive_tile fills it, driven_inputs finds them again. */
#ifndef MHO_CROSSBAR_DRIVE_H
#define MHO_CROSSBAR_DRIVE_H

#include <stddef.h>
#include <stdint.h>

#include "crossbar/bitline.h"

enum {
    DRIVE_ALIGN = 64,     /* driven bytes are padded with zeros to a multiple of this */
    DRIVE_POSITIONS = 256 /* most positions of one tile */
};

/* How `rows` rows of `activation_bits`-bit inputs are driven in digits of `dac_bits`. */
struct bitline_lookups drive_lookups(int rows, int dac_bits, int activation_bits);

/* Bytes that a tile's inputs take, a multiple of 64. */
size_t drive_bytes(const struct bitline_lookups *lookups);

/* Turns x [positions][stride] (`rows` rows first, then zeros up to a multiple of DRIVE_ALIGN) into
 * look-ups; of cycles whose digit sum is below `threshold`, which nobody will read, only the sum.
 */
void drive_tile(const struct bitline_lookups *lookups, const struct bitline_kernels *kernels,
                int rows, uint32_t threshold, const uint8_t *x, size_t stride, int positions,
                void *workspace);

struct bitline_inputs driven_inputs(const struct bitline_lookups *lookups, int positions,
                                    const void *workspace);

#endif
