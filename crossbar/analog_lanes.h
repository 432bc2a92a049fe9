/* What the analog kernels need of 64 physical columns beside their cells. Private to crossbar/. */
#ifndef MHO_CROSSBAR_ANALOG_LANES_H
#define MHO_CROSSBAR_ANALOG_LANES_H

#include "crossbar/analog.h"
#include "crossbar/counter_normal.h"

struct analog_lanes {
    float scale[BITLINE_LANES], offset[BITLINE_LANES]; /* of each lane's converter */
    const float *const *thresholds; /* [64], NULL for even converters; NULL: all even */
    struct analog_codes codes;
    float unit;          /* 2^-f: one step of the fixed-point sums, in units of S */
    float variance_unit; /* the same for variances, in units of S^2 */
    uint64_t noise_key;
    counter_normal_kernel *normals;
};

#endif
