/* Cells as a device makes them: conductances of a mapped layer, and what writing them takes. */
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

/* Word lines of the array that has the most. */
static int most_rows(const struct mapped_layer *mapped) {
    int rows = 0;
    for (int i = 0; i < mapped->n_runs; i++) {
        int own = mapped->arrays[mapped->runs[i].first].rows;
        rows = own > rows ? own : rows;
    }
    return rows;
}

static double pulse_j(double volt, double time_s, double siemens) {
    return volt * volt * siemens * time_s;
}

struct cell_writes cells_write(const struct mapped_layer *mapped, const struct device *device) {
    const struct array_sums *sums = &mapped->sums;
    double top = (double)((1 << mapped->encoding.cell_bits) - 1);
    double range = device->g_max_siemens - device->g_min_siemens;
    double nonzero = (double)sums->cells_nonzero, used = (double)sums->cells_read;
    bool pulse = device->set_energy_j > 0 || device->set_voltage_v > 0;
    if (!pulse || device->set_time_s <= 0)
        return (struct cell_writes){.known = false};
    /* Siemens of all cells that are written, together: at the programmed conductance, which a set
     * ends at and a reset of the same contents begins at (NVSim has the on-resistance for both). */
    double levels = range / top * (double)sums->level_sum;
    double set_s = nonzero * device->g_min_siemens + levels;
    double reset_s = used * device->g_min_siemens + levels;
    double set_j = device->set_energy_j > 0
                       ? nonzero * device->set_energy_j
                       : pulse_j(device->set_voltage_v, device->set_time_s, set_s);
    double reset_j = device->reset_energy_j > 0
                         ? used * device->reset_energy_j
                         : pulse_j(device->reset_voltage_v, device->reset_time_s, reset_s);
    return (struct cell_writes){.known = true,
                                .model = device->name,
                                .source = device->source,
                                .energy_j = mapped->copies * (set_j + reset_j),
                                .time_s = most_rows(mapped) *
                                          (device->set_time_s + device->reset_time_s)};
}

struct cell_writes cells_write_by_array(const struct mapped_layer *mapped,
                                        const struct figures *array) {
    double rows = mapped->crossbar.rows, whole = rows * array_columns(mapped);
    if (array->program_j <= 0 || array->program_s <= 0)
        return (struct cell_writes){.known = false};
    return (struct cell_writes){.known = true,
                                .energy_j = mapped->copies * array->program_j *
                                            (double)mapped->sums.cells_read / whole,
                                .time_s = array->program_s * most_rows(mapped) / rows};
}
