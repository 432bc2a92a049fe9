/* Model `neurosim-sar`: successive approximation in NeuroSim V1.4, fitted there to circuit
 * simulations of low-power processes. Its area is counted in footprints of minimum-size
 * transistors, hN wN (269 + 109 (b-1)) + hP wP (209 + 73 (b-1)), and footprints have no size in
 * metres here. */
#include <math.h>

#include "peripherals/adc_models_internal.h"

enum { NODES = 9 };
const double adc_neurosim_nodes_m[NODES + 1] = {130e-9, 90e-9, 65e-9, 45e-9, 32e-9,
                                                22e-9,  14e-9, 10e-9, 7e-9,  0};

/* Power in W: (a b + c0) 1e-6 + c exp(-d log10(R)), R the column's resistance in ohm at 0.5 V. */
static const struct {
    double a, c0, c, d;
} coefficients[NODES] = {
    {8.4483, 65.243, .169380, 2.303}, {5.9869, 37.462, .144323, 2.303},
    {3.7506, 25.844, .121272, 2.303}, {2.1691, 16.693, .100225, 2.303},
    {1.1294, 8.8998, .079449, 2.297}, {.538, 4.3753, .072341, 2.303},
    {.3132, 2.5681, .061085, 2.303},  {.1823, 1.5073, .051580, 2.303},
    {.1061, .8847, .043555, 2.303},
};

struct adc_cost adc_cost_neurosim_sar(int bits, const struct adc_conditions *conditions) {
    int i = 0; /* nodes that are not in the list are refused before */
    while (i < NODES - 1 && fabs(adc_neurosim_nodes_m[i] - conditions->node_m) >= 1e-11)
        i++;
    double time_s = (bits + 1) * 1e-9;
    double column_ohm = conditions->column_ohm * 0.5 / conditions->read_v;
    double power_w = (coefficients[i].a * bits + coefficients[i].c0) * 1e-6 +
                     coefficients[i].c * exp(-coefficients[i].d * log10(column_ohm));
    double warm = 1 + 1.3e-3 * (conditions->temperature_k - 300);
    return adc_cost_of_part(NAN, time_s, power_w * warm, 0, conditions->rate_hz);
}
