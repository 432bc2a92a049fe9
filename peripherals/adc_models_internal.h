/* The models' functions, for their table alone. Sources stand beside each. */
#ifndef MHO_PERIPHERALS_ADC_MODELS_INTERNAL_H
#define MHO_PERIPHERALS_ADC_MODELS_INTERNAL_H

#include "peripherals/adc_models.h"

/* A successive-approximation converter whose capacitive DAC doubles with each bit. */
struct adc_cost adc_cost_isaac(int bits, const struct adc_conditions *conditions);
struct adc_cost adc_cost_forms(int bits, const struct adc_conditions *conditions);
/* Regressions. */
struct adc_cost adc_cost_murmann(int bits, const struct adc_conditions *conditions);
struct adc_cost adc_cost_zigzag(int bits, const struct adc_conditions *conditions);
/* Parts that other simulators and chips use, at rates of their own. */
struct adc_cost adc_cost_puma(int bits, const struct adc_conditions *conditions);
struct adc_cost adc_cost_newton(int bits, const struct adc_conditions *conditions);
struct adc_cost adc_cost_mnsim(int bits, const struct adc_conditions *conditions);
struct adc_cost adc_cost_neurram(int bits, const struct adc_conditions *conditions);
/* Fitted to circuit simulations at each node. */
extern const double adc_neurosim_nodes_m[]; /* ended by 0 */
struct adc_cost adc_cost_neurosim_sar(int bits, const struct adc_conditions *conditions);

/* Cost of a part that takes `time_s` for a conversion and draws `dynamic_w` while it converts,
 * `leakage_w` always: it runs at the rate asked, or as fast as it can. */
struct adc_cost adc_cost_of_part(double area_m2, double time_s, double dynamic_w, double leakage_w,
                                 double rate_hz);

#endif
