/* Cost models of converters: rows of a table, looked up by name. Each is a pure function of the
 * resolution and the conditions; adc_model_cost calls it after checking that it holds for them.
 * Published models disagree by orders of magnitude: docs/adc.md says by how much and why. */
#ifndef MHO_PERIPHERALS_ADC_MODELS_H
#define MHO_PERIPHERALS_ADC_MODELS_H

#include <stdbool.h>

#include "sim/base/base.h"

/* What the formulas depend on beside the resolution; each model reads the members that it names. */
struct adc_conditions {
    double rate_hz;       /* conversions a second asked of one converter, > 0 */
    double node_m;        /* process, > 0 */
    int rows;             /* word lines of the array, >= 1: zigzag */
    double supply_v;      /* zigzag */
    double temperature_k; /* neurosim-sar, as the next two */
    double column_ohm;    /* resistance of a bit line's cells in parallel */
    double read_v;        /* at which it was read */
};

/* ISAAC's converter (1.2 GS/s, 32 nm, 128 rows) and the defaults of the section `adc`. */
extern const struct adc_conditions adc_conditions_default;

/* Cost of one converter. NAN: the model does not give it. */
struct adc_cost {
    double area_m2;
    double energy_per_conversion_j; /* leakage during it included */
    double time_s;                  /* that a conversion occupies it */
    double power_w;                 /* converting always, at the rate asked or as fast as it can */
    double leakage_w;               /* the part of power_w that flows without conversions, too */
};

struct adc_model {
    const char *name;
    const char *source;
    int minimum_bits, maximum_bits;
    bool scales;           /* the figures follow conditions->node_m */
    double node_m;         /* else the process they are of, whatever is asked; 0: of several */
    const double *nodes_m; /* processes it has coefficients for, ended by 0; NULL: any */
    bool has_area, has_time;
    struct adc_cost (*cost)(int bits, const struct adc_conditions *conditions);
};
extern const struct adc_model adc_models[];
extern const int n_adc_models;

/* NULL when no model has the name. */
const struct adc_model *adc_model_find(const char *name);

/* Words of adc.model: the chip's own model, all of them, then the models in their order. */
enum adc_model_choice { ADC_MODEL_CHIP, ADC_MODEL_ALL, ADC_MODEL_FIRST };
extern const char *const adc_model_words[]; /* NULL-terminated */

/* STATUS_USAGE with the range where the model does not hold for these bits, or has no coefficients
 * for the node. */
enum status adc_model_cost(const struct adc_model *model, int bits,
                           const struct adc_conditions *conditions, struct adc_cost *cost,
                           struct diagnostic *diag);

#endif
