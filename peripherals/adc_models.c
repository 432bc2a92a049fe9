/* Cost models of converters: rows of adc_models, looked up by name. */
#include <math.h>
#include <stddef.h>

#include "peripherals/adc.h"
#include "peripherals/adc_internal.h"

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

/* SAR converter of Kull et al. (ISSCC 2013): 3.1 mW of which 0.2 in the capacitive DAC, 1600 um2 of
 * which 728.25, normalised to ISAAC's 2 mW and 1200 um2 at 8 bits. The printed power is that of the
 * part at the rate it is run at, so a faster chip spends less on each conversion: ISAAC's 128
 * columns in 100 ns give 1.5625 pJ, the printed 1.2 GS/s 1.6667 pJ. */
static struct adc_cost isaac_cost(int bits, double rate_hz, double node_m) {
    (void)node_m; /* the figures are of 32 nm and are not scaled */
    double power_w = isaac_power_w * sar_scale(bits, 0.2, 3.1);
    return (struct adc_cost){
        .area_m2 = isaac_area_m2 * sar_scale(bits, 728.25, 1600),
        .energy_per_conversion_j = power_w / rate_hz,
        .power_w = power_w,
    };
}

const char *const adc_model_names[] = {"isaac", NULL};

const struct adc_model adc_models[] = {
    {.name = "isaac",
     .source =
         "Kull ISSCC 2013, scaled with bits after Saberi 2011, normalised to ISAAC (ISCA 2016)",
     .minimum_bits = 1,
     .maximum_bits = ADC_BITS_MAX,
     .cost = isaac_cost},
};
const int n_adc_models = sizeof adc_models / sizeof *adc_models;
