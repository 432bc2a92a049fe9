/* Geometry: the size of a crossbar and the arithmetic of weight encodings.
 *
 * A leaf that every room above may use: no cells, no kernels. An encoding says how a signed weight
 * becomes unsigned cell values in several physical columns, and with what factor the converted sum
 * of each column enters the result:   sum x*w = sum over columns of factor * S  (- unit_weight *
 * S_unit), times the sign of the weights where the encoding keeps it beside the cells. */
#ifndef MHO_CROSSBAR_GEOMETRY_H
#define MHO_CROSSBAR_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/config/config.h"

enum crossbar_choice { CROSSBAR_CHOOSE_NONE, CROSSBAR_CHOOSE_AREA, CROSSBAR_CHOOSE_ENERGY };

/* Which input digits an array leaves out, by what the word lines that are read together hold. */
enum zero_skip {
    ZERO_SKIP_NONE,
    ZERO_SKIP_LEADING, /* those above the highest one that is not zero on all of them (FORMS) */
    ZERO_SKIP_ALL      /* every one that is zero on all of them */
};
extern const char *const zero_skip_names[]; /* NULL-terminated, by enum zero_skip */

struct crossbar_options {
    int rows, columns; /* word lines and bit lines of one array */
    int cell_bits;     /* c: bits held by one cell */
    const char *sizes; /* what `choose` chooses from: crossbar_sizes_read; NULL: rows x columns */
    int choose;        /* enum crossbar_choice */
    int zero_skip;     /* enum zero_skip */
};
extern const struct config_section crossbar_section;

struct crossbar_size {
    int rows, columns;
};
enum { CROSSBAR_SIZES_MAX = 16 };

/* Sizes as they are written, "64x64, 128x32", each once, in their order. Refuses what is no size,
 * or not 1..4096, and more than CROSSBAR_SIZES_MAX. */
enum status crossbar_sizes_read(const char *text, struct crossbar_size sizes[CROSSBAR_SIZES_MAX],
                                int *n, struct diagnostic *diag);

enum encoding_kind {
    ENCODING_DIFFERENTIAL,
    ENCODING_OFFSET,
    ENCODING_TWOS_COMPLEMENT,
    ENCODING_POLARIZED
};
extern const char *const encoding_names[]; /* NULL-terminated, by enum encoding_kind */

enum { ENCODING_MAX_COLUMNS = 30 }; /* 16-bit weights, differential, 1-bit cells */

/* One physical column of a weight. */
struct encoding_column {
    int shift; /* the column's sum counts 2^shift */
    int sign;  /* +1 or -1 */
    int bits;  /* bits of the weight in this cell, 1..cell_bits (short in the top slice) */
    int slice; /* 0 = most significant */
};

struct encoding {
    enum encoding_kind kind;
    int weight_bits, cell_bits;
    int columns; /* physical columns per weight */
    int slices;
    struct encoding_column
        column[ENCODING_MAX_COLUMNS]; /* most significant first, plus before minus */
    bool unit_column; /* one extra column of ones per array; its sum times unit_weight is subtracted
                       */
    int64_t unit_weight; /* 2^(weight_bits-1) for offset, else 0 */
    bool fragment_sign;  /* cells hold magnitudes: the weights of a column that are read together
                            have one sign, with which their sum enters (FORMS, ISCA 2021) */
};

/* weight_bits 2..16, cell_bits 1..8. */
struct encoding encoding_make(enum encoding_kind kind, int weight_bits, int cell_bits);

/* Cell value of `weight` in physical column `column` (0..columns-1): 0 .. 2^bits - 1. */
unsigned encoding_cell(const struct encoding *encoding, int weight, int column);

/* The sign, +1 or -1, with which the sums of `rows` weights of one column that are read together
 * enter: of an encoding with fragment_sign that of the weights, which must have no two; else +1. */
int encoding_read_sign(const struct encoding *encoding, const int16_t *weights, int rows);

/* Input digits of `dac_bits` bits that are read where the bytes on all word lines that are read
 * together OR to `value`. */
int zero_skip_digits(enum zero_skip skip, int dac_bits, unsigned value, int cycles);

/* Bits that an ADC needs to give every integer 0..largest_sum its own code; at least 1. */
int adc_bits_for_sum(int64_t largest_sum);

#endif
