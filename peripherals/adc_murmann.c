/* Model `murmann`: the regression of Andrulis et al. (arXiv 2404.06553) over B. Murmann's ADC
 * performance survey. Their coefficients, in their units: dB, Hz, nm, pJ, um2. */
#include <math.h>

#include "peripherals/adc_models_internal.h"

/* Schreier figure of merit that the best tenth of the survey reaches: falling with the rate, and
 * limited by the resolution. */
static double figure_of_merit_db(int bits, double rate_hz) {
    double by_rate = 213.7806687348118 - 2.8719030399529957 * log(rate_hz);
    double by_bits = 128.3068287 + 3.2205114 * bits;
    return fmin(by_rate, by_bits);
}

static double energy_pj(int bits, double rate_hz, double node_nm) {
    double sndr_db = 6.0206 * bits + 1.7609;
    double ideal = 0.5 / pow(10, (figure_of_merit_db(bits, rate_hz) - sndr_db) / 10);
    return ideal * exp(26.0496215686518 + 1.8800369206815004 * log(node_nm) -
                       2.8291256050594527 * log(bits) - 1.4702022133784405);
}

struct adc_cost adc_cost_murmann(int bits, const struct adc_conditions *conditions) {
    static const double leaking = 0.2; /* share of the power, as the authors split it */
    double rate_hz = conditions->rate_hz, node_nm = conditions->node_m * 1e9;
    double energy = energy_pj(bits, rate_hz, node_nm);
    double area_um2 = exp(1.3461916439910742 + 0.9932794744745022 * log(node_nm) +
                          0.18071538424508238 * log(rate_hz) + 0.29912426192653485 * log(energy));
    double power_w = energy * 1e-12 * rate_hz;
    return (struct adc_cost){
        .area_m2 = area_um2 * 1e-12,
        .energy_per_conversion_j = energy * 1e-12,
        .time_s = 1 / rate_hz,
        .power_w = power_w,
        .leakage_w = leaking * power_w,
    };
}
