/* Models of converters as a plot: area, energy and time over bits, each on a logarithmic axis. */
#include <math.h>
#include <stdlib.h>

#include "sim/cli/components/components_adc.h"
#include "sim/screen/gnuplot.h"

enum { WIDTH = 1080, HEIGHT = 420 };

/* One column of each model; "NaN" is a gap. */
static void write_data(FILE *script, const struct adc_spread *spread,
                       const struct adc_quantity *quantity, int q) {
    fprintf(script, "$data%d << EOD\n", q);
    for (int bits = spread->first_bits; bits <= spread->last_bits; bits++) {
        fprintf(script, "%d", bits);
        for (int i = 0; i < spread->n_models; i++) {
            double value = adc_quantity_value(quantity, &spread->cost[i][bits]);
            if (isfinite(value))
                fprintf(script, " %.6g", value);
            else
                fputs(" NaN", script);
        }
        fputc('\n', script);
    }
    fputs("EOD\n", script);
}

static bool any_value(const struct adc_spread *spread, const struct adc_quantity *quantity) {
    for (int i = 0; i < spread->n_models; i++)
        for (int bits = spread->first_bits; bits <= spread->last_bits; bits++)
            if (isfinite(adc_quantity_value(quantity, &spread->cost[i][bits])))
                return true;
    return false;
}

static void write_panel(FILE *script, const struct adc_spread *spread, int q) {
    const struct adc_quantity *quantity = &adc_quantities[q];
    double left = 0.065 + 0.275 * q;
    fprintf(script, "set title '%s, %s'\n", quantity->title, quantity->unit);
    fprintf(script, "set lmargin at screen %g\nset rmargin at screen %g\n", left, left + 0.22);
    fputs(q == ADC_QUANTITIES - 1
              ? "set key at screen 0.985,0.85 top right Left reverse samplen 2\n"
              : "unset key\n",
          script);
    if (!any_value(spread, quantity)) {
        fputs("set label 1 'not given' at graph 0.5,0.5 center\nplot [0:1] [1:10] NaN notitle\n"
              "unset label 1\n",
              script);
        return;
    }
    fprintf(script, "plot [%g:%g]", spread->first_bits - 0.3, spread->last_bits + 0.3);
    for (int i = 0; i < spread->n_models; i++)
        fprintf(script, "%s $data%d using 1:%d with linespoints ls %d title '%s' noenhanced",
                i > 0 ? "," : "", q, i + 2, i % 9 + 1, spread->models[i]->name);
    fputc('\n', script);
}

enum status adc_spread_plot(const struct adc_spread *spread, const char *path,
                            struct diagnostic *diag) {
    char *text = NULL, rate[32], node[32];
    size_t size = 0;
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return FAIL_MEMORY(diag, "a plot");
    fputs(gnuplot_styles, script);
    for (int q = 0; q < ADC_QUANTITIES; q++)
        write_data(script, spread, &adc_quantities[q], q);
    fprintf(
        script,
        "set multiplot title 'Models of ADCs: %s, %s, %d rows, %g V'\n"
        "set logscale y\nset format y '10^{%%L}'\nset grid ytics lc rgb '#dddddd'\nset border 3\n"
        "set xtics nomirror %d\nset ytics nomirror\nset xlabel 'bits' offset 0,0.5\n"
        "set tmargin at screen 0.83\nset bmargin at screen 0.13\n",
        unit_format(spread->conditions.rate_hz, UNIT_HERTZ, rate, sizeof rate),
        unit_format(spread->conditions.node_m, UNIT_METRE, node, sizeof node),
        spread->conditions.rows, spread->conditions.supply_v,
        spread->last_bits - spread->first_bits > 10 ? 2 : 1);
    for (int q = 0; q < ADC_QUANTITIES; q++)
        write_panel(script, spread, q);
    fputs("unset multiplot\n", script);
    enum status status = fclose(script) == 0 ? STATUS_OK : FAIL_MEMORY(diag, "a plot");
    if (status == STATUS_OK)
        status = gnuplot_draw(text, WIDTH, HEIGHT, path, diag);
    free(text);
    return status;
}
