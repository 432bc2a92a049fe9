/* A slow, obvious crossbar, written from the definitions alone and sharing no code with mho: one
 * cell, one row, one bit line, one conversion at a time. Tests hold the fast one to it. */
#ifndef MHO_TESTS_SLOW_CROSSBAR_H
#define MHO_TESTS_SLOW_CROSSBAR_H

#include <stdbool.h>
#include <stdint.h>

enum slow_encoding {
    SLOW_DIFFERENTIAL,
    SLOW_OFFSET,
    SLOW_TWOS_COMPLEMENT,
    SLOW_POLARIZED,
    SLOW_ENCODINGS
};
enum slow_transfer { SLOW_LOSSLESS, SLOW_CLIP, SLOW_FULL_RANGE, SLOW_TABLE };

struct slow_crossbar {
    enum slow_encoding encoding;
    bool flip;
    int weight_bits, cell_bits, activation_bits, dac_bits;
    int nominal_rows; /* for the bound of full_range */
    int unit_rows;    /* read at a time; 0: all of an array */
    enum slow_transfer transfer;
    int adc_bits;
    const int32_t *table; /* SLOW_TABLE: value of each sum, in units of 2^-fraction_bits */
    int fraction_bits;
};

/* Sum of x*w over one array's rows as the converters give it; for full_range in codes, which
 * slow_scale turns into units of x*w once all arrays are summed. */
int64_t slow_array_sum(const struct slow_crossbar *xbar, int rows, const int *weights,
                       const int *inputs);
int64_t slow_scale(const struct slow_crossbar *xbar, int64_t sum);

/* Largest sum that any bit line of the array can give for these weights of one filter, the unit
 * column included. */
int64_t slow_largest_sum(const struct slow_crossbar *xbar, int rows, const int *weights);

#endif
