/* The table of cost models, and where each holds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "peripherals/adc.h"
#include "peripherals/adc_models_internal.h"

const struct adc_conditions adc_conditions_default = {
    .rate_hz = 1.2e9,
    .node_m = 32e-9,
    .rows = 128,
    .supply_v = 0.9,
    .temperature_k = 300,
    .column_ohm = 10e3,
    .read_v = 0.5,
};

const char *const adc_model_words[] = {"chip",    "all",     "isaac",        "forms",
                                       "murmann", "zigzag",  "puma",         "newton",
                                       "mnsim",   "neurram", "neurosim-sar", NULL};

const struct adc_model adc_models[] = {
    {.name = "isaac",
     .source =
         "Kull ISSCC 2013, scaled with bits after Saberi 2011, normalised to ISAAC (ISCA 2016)",
     .minimum_bits = 1,
     .maximum_bits = ADC_BITS_MAX,
     .node_m = 32e-9,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_isaac},
    {.name = "forms",
     .source = "split that the figures of FORMS (ISCA 2021) imply, normalised to ISAAC",
     .minimum_bits = 1,
     .maximum_bits = ADC_BITS_MAX,
     .node_m = 32e-9,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_forms},
    {.name = "murmann",
     .source = "regression over the ADC performance survey (Andrulis, arXiv 2404.06553)",
     .minimum_bits = 4,
     .maximum_bits = ADC_BITS_MAX,
     .scales = true,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_murmann},
    {.name = "zigzag",
     .source = "closed form of ZigZag-IMC (28 nm)",
     .minimum_bits = 1,
     .maximum_bits = ADC_BITS_MAX,
     .node_m = 28e-9,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_zigzag},
    {.name = "puma",
     .source = "parts of PUMA (ASPLOS 2019), 32 nm: 0.25 mW and 12.5 ns per bit and 128 columns",
     .minimum_bits = 1,
     .maximum_bits = ADC_BITS_MAX,
     .node_m = 32e-9,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_puma},
    {.name = "newton",
     .source = "adaptive 9-bit part of Newton (IEEE Micro 2018), 32 nm: X bits cost X/9",
     .minimum_bits = 1,
     .maximum_bits = 9,
     .node_m = 32e-9,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_newton},
    {.name = "mnsim",
     .source = "parts of 4, 6, 8 and 10 bits in MNSIM 2.0; other bits use the next larger",
     .minimum_bits = 4,
     .maximum_bits = 10,
     .has_area = true,
     .has_time = true,
     .cost = adc_cost_mnsim},
    {.name = "neurram",
     .source = "neuron of NeuRRAM (Nature 2022), 130 nm: sample, integrate, 2^(bits-1) steps",
     .minimum_bits = 3,
     .maximum_bits = 10,
     .node_m = 130e-9,
     .has_area = true,
     .cost = adc_cost_neurram},
    {.name = "neurosim-sar",
     .source = "SAR of NeuroSim V1.4, low-power processes",
     .minimum_bits = 1,
     .maximum_bits = ADC_BITS_MAX,
     .scales = true,
     .nodes_m = adc_neurosim_nodes_m,
     .has_time = true,
     .cost = adc_cost_neurosim_sar},
};
const int n_adc_models = sizeof adc_models / sizeof *adc_models;

const struct adc_model *adc_model_find(const char *name) {
    for (int i = 0; i < n_adc_models; i++)
        if (strcmp(adc_models[i].name, name) == 0)
            return &adc_models[i];
    return NULL;
}

/* Nodes are typed in nanometres: a hundredth of one is the same node. */
static bool has_node(const struct adc_model *model, double node_m) {
    if (model->nodes_m == NULL)
        return true;
    for (const double *node = model->nodes_m; *node > 0; node++)
        if (fabs(*node - node_m) < 1e-11)
            return true;
    return false;
}

static enum status fail_node(const struct adc_model *model, double node_m,
                             struct diagnostic *diag) {
    char nodes[128] = "";
    size_t used = 0;
    for (const double *node = model->nodes_m; *node > 0 && used < sizeof nodes; node++)
        used += (size_t)snprintf(nodes + used, sizeof nodes - used, " %g", *node * 1e9);
    return FAIL(diag, STATUS_USAGE,
                "ADC model %s has no coefficients for %g nm: it holds at%s nm (low power)",
                model->name, node_m * 1e9, nodes);
}

enum status adc_model_cost(const struct adc_model *model, int bits,
                           const struct adc_conditions *conditions, struct adc_cost *cost,
                           struct diagnostic *diag) {
    *cost = (struct adc_cost){NAN, NAN, NAN, NAN, NAN};
    if (bits < model->minimum_bits || bits > model->maximum_bits)
        return FAIL(diag, STATUS_USAGE, "ADC model %s holds for %d to %d bits, not for %d",
                    model->name, model->minimum_bits, model->maximum_bits, bits);
    if (!has_node(model, conditions->node_m))
        return fail_node(model, conditions->node_m, diag);
    *cost = model->cost(bits, conditions);
    return STATUS_OK;
}
