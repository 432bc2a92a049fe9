/* Models of converters over a range of resolutions, for people, for programs and as a plot. */
#ifndef MHO_CLI_COMPONENTS_ADC_H
#define MHO_CLI_COMPONENTS_ADC_H

#include <stdio.h>

#include "peripherals/adc.h"
#include "sim/screen/screen.h"

enum { SPREAD_MODELS_MAX = 16 };

struct adc_spread {
    struct adc_conditions conditions;
    int first_bits, last_bits;
    const struct adc_model *models[SPREAD_MODELS_MAX];
    int n_models;
    struct adc_cost cost[SPREAD_MODELS_MAX][ADC_BITS_MAX + 1]; /* members NAN: not available */
};

/* What is tabulated and plotted: one figure of a cost, in the unit it is shown in. */
struct adc_quantity {
    const char *title, *unit;
    double scale; /* from SI */
    size_t offset;
};
enum { ADC_QUANTITIES = 3 };
extern const struct adc_quantity adc_quantities[ADC_QUANTITIES];

/* A figure in its unit; NAN where the model does not give it. */
double adc_quantity_value(const struct adc_quantity *quantity, const struct adc_cost *cost);

enum status adc_spread_screen(const struct adc_spread *spread, const struct screen *screen,
                              struct diagnostic *diag);
enum status adc_spread_json(const struct adc_spread *spread, FILE *out, struct diagnostic *diag);
/* SVG, PNG or PDF, by the file's ending. */
enum status adc_spread_plot(const struct adc_spread *spread, const char *path,
                            struct diagnostic *diag);

#endif
