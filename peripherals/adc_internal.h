/* Shared between the files of the converter models only. */
#ifndef MHO_PERIPHERALS_ADC_INTERNAL_H
#define MHO_PERIPHERALS_ADC_INTERNAL_H

#include <stdint.h>

/* numerator / denominator rounded half to even; numerator 0 .. 2^62 - 1, denominator positive. */
int64_t divide_half_even(int64_t numerator, int64_t denominator);

#endif
