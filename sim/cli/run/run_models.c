/* The screen of `mho run` for adc.model: all: what each model of converters makes of the chip. */
#include <math.h>

#include "sim/cli/run/run_view.h"
#include "sim/screen/table.h"

/* A figure of the whole, and the converters' share of it. */
static void value_cells(struct table *table, double whole, double converters, enum unit unit) {
    char text[64];
    if (isfinite(whole))
        table_cell(table, "%s", unit_format(whole, unit, text, sizeof text));
    else
        table_cell(table, "%s", "n/a");
    if (isfinite(whole) && whole > 0)
        table_cell(table, "%.0f", 100 * converters / whole);
    else
        table_cell(table, "%s", "");
}

static void model_cells(struct table *table, const struct cost_by_model *by, bool own) {
    char text[64];
    table_cell(table, own ? "%s (above)" : "%s", by->model->name);
    value_cells(table, by->area_m2, by->adc_area_m2, UNIT_SQUARE_METRE);
    value_cells(table, by->power_peak_w, by->adc_power_peak_w, UNIT_WATT);
    value_cells(table, by->energy_j, by->adc_energy_j, UNIT_JOULE);
    if (isfinite(by->throughput_hz))
        table_cell(table, "%s", text_figure(by->throughput_hz, text, sizeof text));
    else
        table_cell(table, "%s", "n/a");
}

/* What is missing in the table, and why. */
static void print_notes(const struct run_result *result, const struct screen *screen) {
    fputs(screen_style(screen, STYLE_DIM), screen->out);
    screen_wrapped(screen,
                   "Each row by another adc.model. Converters that are slower than the chip "
                   "asks stretch its cycle; some leak while they rest.",
                   0);
    for (int i = 0; i < n_adc_models; i++) {
        const struct cost_by_model *by = &result->band[i];
        char text[DIAGNOSTIC_LENGTH + 32] = "";
        if (by->refusal != NULL)
            snprintf(text, sizeof text, "%s: n/a, for %s", by->model->name, by->refusal);
        else if (!by->model->has_area)
            snprintf(text, sizeof text, "%s: its source gives no area in metres", by->model->name);
        else if (!by->model->has_time)
            snprintf(text, sizeof text, "%s: its source gives no time, so the chip's cycle stays",
                     by->model->name);
        if (text[0] != '\0')
            screen_wrapped(screen, text, 0);
    }
    fputs(screen_reset(screen), screen->out);
}

enum status run_screen_models(const struct run_view *view, const struct screen *screen,
                              struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"ADC model", "", TABLE_LEFT, STYLE_PLAIN}, {"area", "", TABLE_RIGHT, STYLE_PLAIN},
        {"ADCs", "%", TABLE_RIGHT, STYLE_DIM},      {"peak power", "", TABLE_RIGHT, STYLE_PLAIN},
        {"ADCs", "%", TABLE_RIGHT, STYLE_DIM},      {"energy", "", TABLE_RIGHT, STYLE_PLAIN},
        {"ADCs", "%", TABLE_RIGHT, STYLE_DIM},      {"infer-", "ences/s", TABLE_RIGHT, STYLE_PLAIN},
    };
    const struct run_result *result = view->result;
    struct table table;
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < n_adc_models; i++)
        model_cells(&table, &result->band[i], result->band[i].model == result->cost.adc_model);
    enum status status = table_print(&table, screen, diag);
    if (status == STATUS_OK)
        print_notes(result, screen);
    table_free(&table);
    return status;
}
