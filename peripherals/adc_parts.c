/* Models `zigzag`, `puma`, `newton`, `mnsim` and `neurram`: parts with a speed of their own. */
#include <math.h>

#include "peripherals/adc_models_internal.h"

struct adc_cost adc_cost_of_part(double area_m2, double time_s, double dynamic_w, double leakage_w,
                                 double rate_hz) {
    double rate = fmin(rate_hz, 1 / time_s);
    double power_w = dynamic_w * time_s * rate + leakage_w;
    return (struct adc_cost){
        .area_m2 = area_m2,
        .energy_per_conversion_j = power_w / rate,
        .time_s = time_s,
        .power_w = power_w,
        .leakage_w = leakage_w,
    };
}

/* ZigZag-IMC's closed form: area in mm2, time in ns, energy in fJ. */
struct adc_cost adc_cost_zigzag(int bits, const struct adc_conditions *conditions) {
    double area_mm2 = pow(10, -0.0369 * bits + 1.206) * ldexp(1e-6, bits);
    double time_ns = bits * (0.00653 * conditions->rows + 0.640);
    double energy_fj =
        (100 * bits + ldexp(0.001, 2 * bits)) * conditions->supply_v * conditions->supply_v;
    double time_s = time_ns * 1e-9;
    return adc_cost_of_part(area_mm2 * 1e-6, time_s, energy_fj * 1e-15 / time_s, 0,
                            conditions->rate_hz);
}

/* PUMA (ASPLOS 2019): per bit 0.225 mW dynamic, 0.025 mW leakage, and 12.5 ns for 128 columns;
 * 0.0012 mm2 whatever the bits. */
struct adc_cost adc_cost_puma(int bits, const struct adc_conditions *conditions) {
    return adc_cost_of_part(1200e-12, bits * 12.5e-9 / 128, bits * 0.225e-3, bits * 0.025e-3,
                            conditions->rate_hz);
}

/* Newton (IEEE Micro 2018): one 9-bit part of 1.2 GS/s whose conversions end early: X bits cost
 * X/9 of its 3.1 mW, in the same time and area. */
struct adc_cost adc_cost_newton(int bits, const struct adc_conditions *conditions) {
    return adc_cost_of_part(1500e-12, 1 / 1.2e9, 3.1e-3 * bits / 9, 0, conditions->rate_hz);
}

/* MNSIM 2.0: power and area of parts, a conversion taking bits + 2 of their samples. Of its two
 * 8-bit parts this is ISAAC's; the other has 4 mW, 1650 um2 and 1.1 GS/s. */
struct adc_cost adc_cost_mnsim(int bits, const struct adc_conditions *conditions) {
    static const struct {
        int bits;
        double rate_hz, power_w, area_m2;
    } parts[] = {
        {4, 1.0e9, 0.7e-3, 500e-12},
        {6, 1.0e9, 1.26e-3, 580e-12},
        {8, 1.28e9, 2e-3, 1200e-12},
        {10, 1.5e9, 6.92e-3, 1600e-12},
    };
    int i = 0;
    while (parts[i].bits < bits) /* up to maximum_bits of the table, 10 */
        i++;
    double time_s = (parts[i].bits + 2) / parts[i].rate_hz;
    return adc_cost_of_part(parts[i].area_m2, time_s, parts[i].power_w, 0, conditions->rate_hz);
}

/* NeuRRAM (Nature 2022): a neuron samples, integrates, and takes charge away in steps until the
 * sign turns: at most 2^(b-1) beside the sign. Early ends are not counted. No time of a step is
 * published, so none of a conversion is given. */
struct adc_cost adc_cost_neurram(int bits, const struct adc_conditions *conditions) {
    double energy_j = 1.2e-12 + 0.25e-12 + ldexp(0.3e-12, bits - 1);
    return (struct adc_cost){
        .area_m2 = 400e-12 + 350e-12, /* neuron, and its share of the drivers */
        .energy_per_conversion_j = energy_j,
        .time_s = NAN,
        .power_w = energy_j * conditions->rate_hz,
    };
}
