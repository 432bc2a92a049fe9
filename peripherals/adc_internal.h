/* Shared between the files of the converter models only. */
#ifndef MHO_PERIPHERALS_ADC_INTERNAL_H
#define MHO_PERIPHERALS_ADC_INTERNAL_H

/* Names of adc_models in their order, NULL-terminated: the words of adc.model. */
extern const char *const adc_model_names[];

#endif
