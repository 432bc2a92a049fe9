/* Lloyd-Max quantiser of a histogram: levels of least mean squared error. */
#ifndef MHO_PERIPHERALS_LLOYD_MAX_H
#define MHO_PERIPHERALS_LLOYD_MAX_H

#include "peripherals/sum_histogram.h"
#include "sim/base/base.h"

/* Fills levels [n], ascending, for the sums 0..largest_sum >= n. The lowest level is 0, so that a
 * bit line without current adds nothing however its sum is weighted; the others have the least
 * error that this leaves.
 *
 * Up to 1024 different sums the optimum itself; above, Lloyd's iteration from the optimum of 1024
 * runs of sums, until no threshold moves. Where there are fewer different sums than levels each has
 * its own, and the rest goes to sums that were not seen: first those just above the largest, then
 * downwards. */
enum status lloyd_max_levels(const struct sum_histogram *histogram, int64_t largest_sum, int n,
                             double *levels, struct diagnostic *diag);

#endif
