/* Analog-to-digital converters: options, transfer functions and cost models. */
#ifndef MHO_PERIPHERALS_ADC_H
#define MHO_PERIPHERALS_ADC_H

#include "crossbar/adc_transfer.h"
#include "peripherals/adc_errors.h"
#include "peripherals/adc_models.h"
#include "sim/base/base.h"
#include "sim/config/config.h"

enum { ADC_BITS_MAX = 16 };
/* Words of adc.bits; the option holds -(1 + index). */
enum adc_bits_word { ADC_LOSSLESS = -1, ADC_LOSSLESS_STRUCTURAL = -2, ADC_WORST = -3 };
enum { ADC_COLUMNS_CHIP = -1 }; /* word of adc.columns_per_adc */
enum adc_transfer_choice {
    ADC_TRANSFER_CLIP,
    ADC_TRANSFER_FULL_RANGE,
    ADC_TRANSFER_CALIBRATED, /* these two are fitted to calibration images: peripherals/adc_fit.h */
    ADC_TRANSFER_NONUNIFORM
};
extern const char *const adc_transfer_names[];   /* NULL-terminated, by enum adc_transfer_choice */
extern const char *const adc_allocation_names[]; /* NULL-terminated, by enum adc_allocation */
enum adc_allocation { ADC_UNIFORM, ADC_PER_LAYER, ADC_PER_ARRAY, ADC_PER_SLICE };

struct adc_options {
    int bits;               /* 1..ADC_BITS_MAX or enum adc_bits_word */
    int transfer;           /* enum adc_transfer_choice */
    double percentile;      /* calibrated: share of the sums inside the range, in percent */
    int calibration_images; /* of which sums are taken for fits and histograms; 0: none */
    int model;              /* enum adc_model_choice, or ADC_MODEL_FIRST + index into adc_models */
    double supply_v, temperature_k, column_ohm, read_v; /* struct adc_conditions */
    int allocation;      /* enum adc_allocation: how finely resolutions may differ */
    int columns_per_adc; /* bit lines that share one converter, 1.., or ADC_COLUMNS_CHIP */
    struct adc_error_options errors;
};
extern const struct config_section adc_section;

struct dac_options {
    int bits; /* v: input bits driven per cycle */
    double
        activity; /* mean digit as a share of the largest, where no inference measured it, 0..1 */
};
extern const struct config_section dac_section;

/* Fills `transfer` for sums 0..largest_sum (of the programmed cells). `bound` is S_bound of
 * full_range (nominal rows * (2^c-1) * (2^v-1)). A table, if one is needed, lies in `arena`. For
 * calibrated and nonuniform only where adc_is_lossless; adc_fit_transfer makes the others. */
enum status adc_transfer_make(enum adc_transfer_choice choice, int bits, int64_t largest_sum,
                              int64_t bound, struct arena *arena, struct adc_transfer *transfer,
                              struct diagnostic *diag);

/* True for transfers that calibration images decide. */
bool adc_is_fitted(enum adc_transfer_choice choice);

/* True when the converter gives back every sum 0..largest_sum: clip by resolution, full_range only
 * where bound <= 2^bits - 1. A fitted converter has a code for each sum where there are enough, and
 * only there: as under clip. */
bool adc_is_lossless(enum adc_transfer_choice choice, int bits, int64_t largest_sum, int64_t bound);

/* Conditions of the cost models as the section `adc` and the chip have them. */
struct adc_conditions adc_conditions_of(const struct adc_options *options, double rate_hz,
                                        double node_m, int rows);

#endif
