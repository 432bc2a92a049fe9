/* What every model of converters gave, where a run was stored with adc.model: all. */
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "sim/screen/table.h"

static const char prefix[] = "adc.model=";

static void value_cell(struct table *table, const struct store_run *run, const char *scope,
                       const char *name) {
    char text[64];
    const struct store_metric *metric = report_metric(run, scope, name);
    table_cell(table, "%s", metric != NULL ? report_value(metric, text, sizeof text) : "n/a");
}

/* The first metric of each scope: metrics are in the order of scopes. */
static bool begins_scope(const struct store_run *run, int i) {
    const char *scope = run->metrics[i].scope;
    return strncmp(scope, prefix, sizeof prefix - 1) == 0 &&
           (i == 0 || strcmp(run->metrics[i - 1].scope, scope) != 0);
}

enum status report_models(const struct store_run *run, const struct screen *screen,
                          struct diagnostic *diag) {
    static const char *const names[] = {"area_m2", "adc_area_m2", "energy_per_inference_j",
                                        "adc_energy_j", "throughput_ips"};
    enum { N_NAMES = sizeof names / sizeof *names };
    static const struct table_column columns[N_NAMES + 1] = {
        {"ADC model", "", TABLE_LEFT, STYLE_PLAIN},
        {"area", "", TABLE_RIGHT, STYLE_PLAIN},
        {"ADCs'", "area", TABLE_RIGHT, STYLE_PLAIN},
        {"energy", "", TABLE_RIGHT, STYLE_PLAIN},
        {"ADCs'", "energy", TABLE_RIGHT, STYLE_PLAIN},
        {"infer-", "ences/s", TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    enum status status = STATUS_OK;
    table_begin(&table, columns, N_NAMES + 1);
    for (int i = 0; i < run->n_metrics; i++) {
        if (!begins_scope(run, i))
            continue;
        const char *scope = run->metrics[i].scope;
        table_cell(&table, "%s", scope + sizeof prefix - 1);
        for (int n = 0; n < N_NAMES; n++)
            value_cell(&table, run, scope, names[n]);
    }
    if (table.n_cells > 0) {
        fputc('\n', screen->out);
        status = table_print(&table, screen, diag);
    }
    table_free(&table);
    return status;
}
