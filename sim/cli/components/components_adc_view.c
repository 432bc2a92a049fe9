/* Models of converters as tables and as JSON. */
#include <math.h>
#include <string.h>

#include "sim/cli/components/components_adc.h"
#include "sim/screen/json_text.h"
#include "sim/screen/table.h"

const struct adc_quantity adc_quantities[ADC_QUANTITIES] = {
    {"Area of one converter", "um2", 1e12, offsetof(struct adc_cost, area_m2)},
    {"Energy of one conversion", "pJ", 1e12, offsetof(struct adc_cost, energy_per_conversion_j)},
    {"Time of one conversion", "ns", 1e9, offsetof(struct adc_cost, time_s)},
};

double adc_quantity_value(const struct adc_quantity *quantity, const struct adc_cost *cost) {
    double si;
    memcpy(&si, (const char *)cost + quantity->offset, sizeof si);
    return si * quantity->scale;
}

/* Three significant digits, never an exponent. */
static void value_cell(struct table *table, double value) {
    char text[64];
    if (!isfinite(value))
        table_cell(table, "%s", "n/a");
    else if (value >= 999.5)
        table_cell(table, "%s", text_thousands(lround(value), text, sizeof text));
    else
        table_cell(table, "%.*f", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value);
}

/* Largest over smallest of a row, where at least two models give a figure. */
static void ratio_cell(struct table *table, const struct adc_spread *spread,
                       const struct adc_quantity *quantity, int bits) {
    double low = INFINITY, high = 0;
    int n = 0;
    for (int i = 0; i < spread->n_models; i++) {
        double value = adc_quantity_value(quantity, &spread->cost[i][bits]);
        if (isfinite(value)) {
            low = fmin(low, value);
            high = fmax(high, value);
            n++;
        }
    }
    if (n < 2)
        table_cell(table, "%s", "");
    else
        table_cell(table, high / low >= 9.95 ? "%.0fx" : "%.1fx", high / low);
}

/* "neurosim-sar" on two lines. */
static const char *heading(struct table *table, const char *name, const char **below) {
    const char *dash = strchr(name, '-');
    *below = dash != NULL ? dash + 1 : "";
    return dash != NULL ? arena_printf(&table->arena, "%.*s-", (int)(dash - name), name) : name;
}

static enum status print_quantity(const struct adc_spread *spread,
                                  const struct adc_quantity *quantity, const struct screen *screen,
                                  struct diagnostic *diag) {
    struct table_column columns[SPREAD_MODELS_MAX + 2] = {{"bits", "", TABLE_RIGHT, STYLE_BOLD}};
    struct table table;
    int n = spread->n_models;
    table_begin(&table, columns, n + 2);
    for (int i = 0; i < n; i++) {
        const char *below = "";
        const char *name = heading(&table, spread->models[i]->name, &below);
        columns[i + 1] = (struct table_column){name, below, TABLE_RIGHT, STYLE_PLAIN};
        table.out_of_memory = table.out_of_memory || name == NULL;
    }
    columns[n + 1] = (struct table_column){"max/", "min", TABLE_RIGHT, STYLE_DIM};
    for (int bits = spread->first_bits; bits <= spread->last_bits; bits++) {
        table_cell(&table, "%d", bits);
        for (int i = 0; i < n; i++)
            value_cell(&table, adc_quantity_value(quantity, &spread->cost[i][bits]));
        ratio_cell(&table, spread, quantity, bits);
    }
    fprintf(screen->out, "%s%s, %s%s\n", screen_style(screen, STYLE_BOLD), quantity->title,
            quantity->unit, screen_reset(screen));
    enum status status = table_print(&table, screen, diag);
    fputc('\n', screen->out);
    table_free(&table);
    return status;
}

/* One model: its figures as columns of one table. */
static enum status print_model(const struct adc_spread *spread, const struct screen *screen,
                               struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"bits", "", TABLE_RIGHT, STYLE_BOLD},      {"area", "um2", TABLE_RIGHT, STYLE_PLAIN},
        {"energy", "pJ", TABLE_RIGHT, STYLE_PLAIN}, {"time", "ns", TABLE_RIGHT, STYLE_PLAIN},
        {"power", "mW", TABLE_RIGHT, STYLE_PLAIN},  {"leakage", "mW", TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int bits = spread->first_bits; bits <= spread->last_bits; bits++) {
        const struct adc_cost *cost = &spread->cost[0][bits];
        table_cell(&table, "%d", bits);
        for (int q = 0; q < ADC_QUANTITIES; q++)
            value_cell(&table, adc_quantity_value(&adc_quantities[q], cost));
        value_cell(&table, cost->power_w * 1e3);
        value_cell(&table, cost->leakage_w * 1e3);
    }
    enum status status = table_print(&table, screen, diag);
    fputc('\n', screen->out);
    table_free(&table);
    return status;
}

static void print_source(const struct adc_model *model, const struct screen *screen) {
    char range[32], text[400];
    snprintf(range, sizeof range, "%d to %d bits", model->minimum_bits, model->maximum_bits);
    const char *node = model->scales        ? "follows the process"
                       : model->node_m == 0 ? "parts of several processes, not scaled"
                                            : NULL;
    char own[48];
    snprintf(own, sizeof own, "figures of %g nm, not scaled", model->node_m * 1e9);
    fprintf(screen->out, "%s%s%s: %s, %s\n", screen_style(screen, STYLE_BOLD), model->name,
            screen_reset(screen), range, node != NULL ? node : own);
    snprintf(text, sizeof text, "%s", model->source);
    screen_wrapped(screen, text, 4);
}

static void print_conditions(const struct adc_spread *spread, const struct screen *screen) {
    const struct adc_conditions *c = &spread->conditions;
    char text[400], rate[32], node[32], supply[32], column[32], read[32];
    snprintf(text, sizeof text,
             "Asked: %s, %s, %d rows, %s supply, %.4g K, bit line of %s at %s. A converter that "
             "is slower than the rate asked runs as fast as it can.",
             unit_format(c->rate_hz, UNIT_HERTZ, rate, sizeof rate),
             unit_format(c->node_m, UNIT_METRE, node, sizeof node), c->rows,
             unit_format(c->supply_v, UNIT_VOLT, supply, sizeof supply), c->temperature_k,
             unit_format(c->column_ohm, UNIT_OHM, column, sizeof column),
             unit_format(c->read_v, UNIT_VOLT, read, sizeof read));
    screen_wrapped(screen, text, 0);
    fputc('\n', screen->out);
}

enum status adc_spread_screen(const struct adc_spread *spread, const struct screen *screen,
                              struct diagnostic *diag) {
    print_conditions(spread, screen);
    if (spread->n_models == 1)
        TRY(print_model(spread, screen, diag));
    for (int q = 0; q < ADC_QUANTITIES && spread->n_models > 1; q++)
        TRY(print_quantity(spread, &adc_quantities[q], screen, diag));
    for (int i = 0; i < spread->n_models; i++)
        print_source(spread->models[i], screen);
    return STATUS_OK;
}

static json_t *model_object(const struct adc_spread *spread, int i) {
    const struct adc_model *model = spread->models[i];
    json_t *costs = json_array();
    for (int bits = spread->first_bits; bits <= spread->last_bits; bits++) {
        const struct adc_cost *cost = &spread->cost[i][bits];
        costs = json_plus(costs, json_pack("{si so so so so so}", "bits", bits, "area_m2",
                                           json_number(cost->area_m2), "energy_per_conversion_j",
                                           json_number(cost->energy_per_conversion_j), "time_s",
                                           json_number(cost->time_s), "power_w",
                                           json_number(cost->power_w), "leakage_w",
                                           json_number(cost->leakage_w)));
    }
    return json_pack("{ss ss si si sb so so}", "name", model->name, "source", model->source,
                     "minimum_bits", model->minimum_bits, "maximum_bits", model->maximum_bits,
                     "scales", model->scales, "node_m",
                     model->node_m > 0 ? json_real(model->node_m) : json_null(), "costs", costs);
}

enum status adc_spread_json(const struct adc_spread *spread, FILE *out, struct diagnostic *diag) {
    const struct adc_conditions *c = &spread->conditions;
    json_t *models = json_array();
    for (int i = 0; i < spread->n_models; i++)
        models = json_plus(models, model_object(spread, i));
    json_t *object = json_pack("{s{sf sf si sf sf sf sf} so}", "conditions", "rate_hz", c->rate_hz,
                               "node_m", c->node_m, "rows", c->rows, "supply_v", c->supply_v,
                               "temperature_k", c->temperature_k, "column_ohm", c->column_ohm,
                               "read_v", c->read_v, "models", models);
    return json_print(object, out, diag);
}
