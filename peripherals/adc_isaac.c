/* Models `isaac` and `forms`: ISAAC's 8-bit part at other resolutions. */
#include <math.h>

#include "peripherals/adc_models_internal.h"

/* ISAAC's own part: 16 mW and 0.0096 mm2 for eight 8-bit converters (ISCA 2016, table of the IMA).
 */
enum { ISAAC_BITS = 8 };
static const double isaac_power_w = 2e-3;
static const double isaac_area_m2 = 1200e-12;

/* Share of an 8-bit part's figure at `bits` bits, when `capacitive` of `total` belongs to the
 * capacitive DAC, which doubles with each bit, and the rest grows linearly (Saberi et al., 2011).
 */
static double sar_scale(int bits, double capacitive, double total) {
    double linear = (total - capacitive) * bits / ISAAC_BITS;
    return (linear + ldexp(capacitive, bits - ISAAC_BITS)) / total;
}

/* The printed power is that of the part at the rate it is run at, so a faster chip spends less on
 * each conversion: ISAAC's 128 columns in 100 ns give 1.5625 pJ, the printed 1.2 GS/s 1.6667 pJ. */
static struct adc_cost isaac_part(double power_scale, double area_scale, double rate_hz) {
    double power_w = isaac_power_w * power_scale;
    return (struct adc_cost){
        .area_m2 = isaac_area_m2 * area_scale,
        .energy_per_conversion_j = power_w / rate_hz,
        .time_s = 1 / rate_hz,
        .power_w = power_w,
    };
}

/* Kull et al. (ISSCC 2013): 3.1 mW of which 0.2 in the capacitive DAC, 1600 um2 of which 728.25. */
struct adc_cost adc_cost_isaac(int bits, const struct adc_conditions *conditions) {
    return isaac_part(sar_scale(bits, 0.2, 3.1), sar_scale(bits, 728.25, 1600),
                      conditions->rate_hz);
}

/* FORMS (ISCA 2021, arXiv 2106.09144): 32 of its 4-bit parts take 15.2 mW and 0.0091 mm2, both
 * 0.2375 of ISAAC's 8-bit part, which is 0.4 b/8 + 0.6 * 2^(b-8). Inferred: the paper gives the
 * rule in words (memory, clock and reference buffer linear, capacitive DAC exponential). Not scaled
 * by rate: its parts run at 2.1 GS/s. */
struct adc_cost adc_cost_forms(int bits, const struct adc_conditions *conditions) {
    double scale = sar_scale(bits, 0.6, 1);
    return isaac_part(scale, scale, conditions->rate_hz);
}
