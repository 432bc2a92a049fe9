/* Histograms of partial sums, one bit line and one read at a time. */
#ifndef MHO_TESTS_SLOW_HISTOGRAM_H
#define MHO_TESTS_SLOW_HISTOGRAM_H

#include "mapping/mapping.h"
#include "peripherals/sum_histogram.h"

/* Adds the sums of every column with a programmed cell of every array, for one image x
 * [in_height][in_width][in_channels]. `histogram` has room for the layer's largest sum. */
void slow_histogram(const struct mapped_layer *mapped, const uint8_t *x,
                    struct sum_histogram *histogram);

#endif
