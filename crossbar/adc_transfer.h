/* What a converter does to a bit line's sum, as plain data: peripherals fill it, kernels read it.
 */
#ifndef MHO_CROSSBAR_ADC_TRANSFER_H
#define MHO_CROSSBAR_ADC_TRANSFER_H

#include <stdint.h>

enum adc_transfer_kind {
    ADC_IDENTITY, /* every sum has its own code */
    ADC_CLIP,     /* min(S, maximum) */
    ADC_TABLE     /* table[S] */
};

struct adc_transfer {
    enum adc_transfer_kind kind;
    int32_t maximum;                            /* ADC_CLIP: largest code */
    const int32_t *table;                       /* ADC_TABLE: [table_size], code of each sum */
    int32_t table_size;                         /* larger than any sum that the array can give */
    int64_t scale_numerator, scale_denominator; /* the accumulator is scaled once by this ratio,
                                                   rounded half to even; 1/1 unless full_range */
};

#endif
