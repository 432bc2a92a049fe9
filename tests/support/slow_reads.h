/* What zero-skip leaves to read, slowly: every operation unit of every array at every position, its
 * word lines' digits one by one. Which rows drive an array is taken from mapping_array_rows. */
#ifndef MHO_TESTS_SLOW_READS_H
#define MHO_TESTS_SLOW_READS_H

#include "mapping/mapping.h"

struct slow_counts {
    double reads;       /* of the array that makes the most, over positions */
    double conversions; /* over all arrays; those of unit columns included */
    double digits;      /* of all operation units of all arrays */
};

/* Adds one image x [height][width][channels]. Columns must not be stored inverted. */
void slow_count_reads(const struct mapped_layer *m, const uint8_t *x, struct slow_counts *counts);

#endif
