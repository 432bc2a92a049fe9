/* Cells as a device makes them: conductances of a mapped layer. */
#include <math.h>

#include "sim/cost/cost_internal.h"

double cells_conductance(const struct mapped_layer *mapped, const struct device *device) {
    const struct array_sums *sums = &mapped->sums;
    double top = (double)((1 << mapped->encoding.cell_bits) - 1);
    double share =
        sums->cells_read > 0 ? (double)sums->level_sum / (top * (double)sums->cells_read) : 0;
    double range = device->g_max_siemens - device->g_min_siemens;
    double programmed = device->g_min_siemens + share * range;
    if (device->programming_model == PROGRAMMING_LOGNORMAL) /* its mean; the others add 0 */
        programmed *= exp(device->programming_sigma * device->programming_sigma / 2);
    double decades = log(device->drift_time_s / device->drift_t0_s);
    double spread = device->drift_nu_sigma * decades;
    double drift = exp(spread * spread / 2 - device->drift_nu * decades);
    return (1 - device->stuck_on - device->stuck_off) * programmed * drift +
           device->stuck_on * device->g_max_siemens + device->stuck_off * device->g_min_siemens;
}
