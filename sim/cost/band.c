/* One estimate by every model of converters. */
#include <math.h>

#include "sim/cost/cost_internal.h"

static void add_converters(const struct cost_inputs *inputs, const struct cost_report *report,
                           struct cost_by_model *out) {
    const struct chip *chip = inputs->chip;
    const struct chip_component *converter = chip->components;
    while (converter->scaling != SCALE_ADC) /* there is one: chip_load */
        converter++;
    for (int i = 0; i < report->n_rows; i++) {
        const struct cost_row *row = &report->rows[i];
        if (row->component != converter->name)
            continue;
        out->adc_area_m2 += row->area_m2;
        out->adc_energy_j += row->energy_j;
        out->adc_power_peak_w += row->power_peak_w;
    }
}

static enum status estimate_one(const struct cost_inputs *inputs, struct cost_by_model *out,
                                struct arena *arena, struct diagnostic *diag) {
    struct cost_report report;
    struct diagnostic reason = {0};
    enum status status = estimate_with(out->model, inputs, &report, &reason);
    if (status == STATUS_USAGE) { /* outside what the model holds for */
        out->area_m2 = out->energy_j = out->power_peak_w = out->throughput_hz = NAN;
        out->adc_area_m2 = out->adc_energy_j = out->adc_power_peak_w = NAN;
        out->refusal = arena_strdup(arena, reason.message);
        return out->refusal != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the models of converters");
    }
    if (status != STATUS_OK)
        return FAIL(diag, status, "%s", reason.message);
    out->area_m2 = report.area_used_m2;
    out->energy_j = report.energy_j;
    out->power_peak_w = report.power_peak_w;
    out->throughput_hz = report.throughput_hz;
    add_converters(inputs, &report, out);
    cost_report_free(&report);
    return STATUS_OK;
}

enum status cost_band(const struct cost_inputs *inputs, struct cost_by_model *band,
                      struct arena *arena, struct diagnostic *diag) {
    for (int i = 0; i < n_adc_models; i++) {
        band[i] = (struct cost_by_model){.model = &adc_models[i]};
        TRY(estimate_one(inputs, &band[i], arena, diag));
    }
    return STATUS_OK;
}
