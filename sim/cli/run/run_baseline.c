/* The screen of `mho run`: the run beside its baseline. */
#include <math.h>

#include "sim/cli/run/run_view.h"
#include "sim/run/record.h"
#include "sim/screen/names.h"
#include "sim/screen/table.h"

enum { TEXT = 64 };

static void ratio_cell(struct table *table, double own, double base) {
    double ratio = own / base;
    table_cell(table, ratio >= 9.995 ? "%.1fx" : "%.3fx", ratio);
}

static void unit_row(struct table *table, const char *name, double own, double base,
                     enum unit unit) {
    char text[TEXT];
    table_cell(table, "%s", name);
    table_cell(table, "%s", unit_format(own, unit, text, sizeof text));
    table_cell(table, "%s", unit_format(base, unit, text, sizeof text));
    ratio_cell(table, own, base);
}

static void figure_row(struct table *table, const char *name, double own, double base,
                       const char *unit) {
    char text[TEXT];
    table_cell(table, "%s", name);
    table_cell(table, "%s%s", text_figure(own, text, sizeof text), unit);
    table_cell(table, "%s%s", text_figure(base, text, sizeof text), unit);
    ratio_cell(table, own, base);
}

static void accuracy_row(struct table *table, const struct run_result *own,
                         const struct run_result *base) {
    if (own->accuracy.images == 0 || base->accuracy.images == 0)
        return;
    table_cell(table, "%s", "Accuracy");
    table_cell(table, "%.2f %%", 100 * own->accuracy.mean);
    table_cell(table, "%.2f %%", 100 * base->accuracy.mean);
    table_cell(table, "%+.2f", 100 * (own->accuracy.mean - base->accuracy.mean));
}

enum status run_screen_baseline(const struct run_view *view, const struct screen *screen,
                                struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"", NULL, TABLE_LEFT, STYLE_PLAIN},
        {"this run", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"baseline", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"ratio", NULL, TABLE_RIGHT, STYLE_BOLD},
    };
    const struct run_result *own = view->result, *base = own->baseline;
    const struct cost_report *a = &own->cost, *b = &base->cost;
    int bits = run_bits_built_max(base);
    char text[256];
    if (run_baseline_is_assumed(own->config))
        snprintf(text, sizeof text,
                 "Baseline: %s with no weight zero, no compaction, %d-bit ADCs that resolve all "
                 "rows",
                 file_name(base->network.path), bits);
    else
        snprintf(text, sizeof text, "Baseline: %s, no compaction, %d-bit ADCs that lose nothing",
                 file_name(base->network.path), bits);
    screen_wrapped(screen, text, 0);
    struct table table;
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    accuracy_row(&table, own, base);
    unit_row(&table, "Area", a->area_used_m2, b->area_used_m2, UNIT_SQUARE_METRE);
    unit_row(&table, "Peak power", a->power_peak_w, b->power_peak_w, UNIT_WATT);
    unit_row(&table, "Energy", a->energy_j, b->energy_j, UNIT_JOULE);
    figure_row(&table, "Efficiency", a->gops_per_w, b->gops_per_w, " GOPS/W");
    figure_row(&table, "Density", a->gops_per_mm2, b->gops_per_mm2, " GOPS/mm2");
    figure_row(&table, "Inferences/s", a->throughput_hz, b->throughput_hz, "");
    figure_row(&table, "Crossbars", (double)own->mapping.crossbars, (double)base->mapping.crossbars,
               "");
    figure_row(&table, "ADC bits", run_bits_built_max(own), bits, "");
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}
