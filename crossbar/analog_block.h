/* The inside of an analog row block. Private to crossbar/. */
#ifndef MHO_CROSSBAR_ANALOG_BLOCK_H
#define MHO_CROSSBAR_ANALOG_BLOCK_H

#include <stdbool.h>

#include "crossbar/analog_lanes.h"

/* 64 physical columns that are read together. */
struct analog_group {
    struct bitline_segment segments[BITLINE_LANES / BITLINE_SEGMENT];
    int n_segments;
    const int32_t *cells;     /* [lookups.count * rows_per_lookup][64], fixed point */
    const int32_t *variances; /* the same of read noise; NULL without */
    struct analog_lanes lanes;
};

struct analog_block {
    int rows, filters, filters_per_array;
    struct bitline_lookups lookups;
    struct analog_group *groups;
    int n_groups;
    struct analog_group *unit_groups; /* lane i of group g: unit column of array 64 g + i */
    int n_unit_groups;
    const int64_t *unit_factor; /* [filters] */
    bool noisy_cells;
};

#endif
