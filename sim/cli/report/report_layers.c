/* The layers of a stored run, each with the components that its area and energy lie in. */
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "sim/screen/names.h"
#include "sim/screen/share.h"

enum { NAME_WIDTH = 22, TEXT = 64, COLUMN_SIZE = 9, COLUMNS = 10 };

/* Components below this share of their layer's area and energy are put together. */
static const double least_share = 0.05;

/* A layer's arrays, "128x64"; "" where its run does not tell. */
static void size_text(const struct store_run *run, const struct store_layer *layer,
                      char text[TEXT]) {
    char scope[2 * TEXT + 8];
    int length = snprintf(scope, sizeof scope, "layer=%s", layer->name);
    const struct store_metric *rows = NULL, *columns = NULL;
    if (length < (int)sizeof scope) {
        rows = report_metric(run, scope, "crossbar_rows");
        columns = report_metric(run, scope, "crossbar_columns");
    }
    text[0] = '\0';
    if (rows != NULL && columns != NULL)
        snprintf(text, TEXT, "%.0fx%.0f", rows->value, columns->value);
}

/* Whether layers have arrays of different sizes. */
static bool sizes_differ(const struct store_run *run) {
    char first[TEXT], other[TEXT];
    for (int i = 1; i < run->n_layers; i++) {
        size_text(run, &run->layers[0], first);
        size_text(run, &run->layers[i], other);
        if (strcmp(first, other) != 0)
            return true;
    }
    return false;
}

/* Cells of a row that belong to layers alone. */
static void no_layer_cells(struct table *table, bool sizes) {
    for (int i = 0; i < (sizes ? 3 : 2); i++)
        table_cell(table, "%s", "");
}

static void row(struct table *table, const struct screen *screen, const char *name, double area_m2,
                double energy_j, const struct report_sum *total) {
    table_cell(table, "%s", name);
    share_cells(table, screen, area_m2, total->area_m2, UNIT_SQUARE_METRE);
    share_cells(table, screen, energy_j, total->energy_j, UNIT_JOULE);
}

/* The components of one layer (NULL: of none), in the order of the tree; small ones together. */
static void add_components(struct table *table, const struct screen *screen,
                           const struct store_run *run, const char *layer, double area_m2,
                           double energy_j, const struct report_tree *tree, bool sizes) {
    double rest_m2 = 0, rest_j = 0;
    int n_rest = 0;
    for (int p = 0; p < tree->n_parts; p++)
        for (int i = 0; i < run->n_components; i++) {
            const struct store_component *own = &run->components[i];
            bool here = layer == NULL ? own->layer == NULL
                                      : own->layer != NULL && strcmp(own->layer, layer) == 0;
            if (!here || strcmp(own->component, tree->parts[p].name) != 0)
                continue;
            if (share_of(own->area_m2, area_m2) < least_share &&
                share_of(own->energy_j, energy_j) < least_share) {
                rest_m2 += own->area_m2;
                rest_j += own->energy_j;
                n_rest++;
                continue;
            }
            char name[TEXT];
            snprintf(name, sizeof name, "  %s", own->component);
            row(table, screen, name, own->area_m2, own->energy_j, &tree->level[0]);
            no_layer_cells(table, sizes);
        }
    if (n_rest == 0)
        return;
    char name[TEXT];
    snprintf(name, sizeof name, "  %d other%s", n_rest, n_rest == 1 ? "" : "s");
    row(table, screen, name, rest_m2, rest_j, &tree->level[0]);
    no_layer_cells(table, sizes);
}

static enum status add_layer(struct table *table, const struct screen *screen,
                             const struct store_run *run, const struct store_layer *layer,
                             const struct report_tree *tree, bool sizes, struct diagnostic *diag) {
    char text[TEXT];
    const char *name = short_layer_name(layer->name, NAME_WIDTH, &table->arena);
    if (name == NULL)
        return FAIL_MEMORY(diag, "layers");
    row(table, screen, name, layer->area_m2, layer->energy_j, &tree->level[0]);
    table_cell(table, "%s", unit_format(layer->time_s, UNIT_SECOND, text, sizeof text));
    table_cell(table, "%d", layer->adc_bits);
    if (sizes) {
        size_text(run, layer, text);
        table_cell(table, "%s", text);
    }
    add_components(table, screen, run, layer->name, layer->area_m2, layer->energy_j, tree, sizes);
    return STATUS_OK;
}

/* What belongs to no layer. */
static void add_shared(struct table *table, const struct screen *screen,
                       const struct store_run *run, const struct report_tree *tree, bool sizes) {
    double area_m2 = 0, energy_j = 0;
    for (int i = 0; i < run->n_components; i++)
        if (run->components[i].layer == NULL) {
            area_m2 += run->components[i].area_m2;
            energy_j += run->components[i].energy_j;
        }
    row(table, screen, "(shared)", area_m2, energy_j, &tree->level[0]);
    no_layer_cells(table, sizes);
    add_components(table, screen, run, NULL, area_m2, energy_j, tree, sizes);
}

/* Who sets the throughput of a pipeline. */
static void print_slowest(const struct store_run *run, const struct screen *screen) {
    const struct store_layer *slowest = &run->layers[0];
    char text[2 * TEXT], time[TEXT], copies[TEXT] = "";
    for (int i = 1; i < run->n_layers; i++)
        if (run->layers[i].time_s > slowest->time_s)
            slowest = &run->layers[i];
    if (slowest->copies > 1)
        snprintf(copies, sizeof copies, " in %ld copies", (long)slowest->copies);
    snprintf(text, sizeof text, "Slowest layer: %s, %ld positions%s in %s", slowest->name,
             (long)slowest->positions, copies,
             unit_format(slowest->time_s, UNIT_SECOND, time, sizeof time));
    screen_wrapped(screen, text, 0);
}

enum status report_layers(const struct store_run *run, const struct report_tree *tree,
                          const struct screen *screen, struct diagnostic *diag) {
    static const struct table_column columns[COLUMNS] = {
        {"Layer", NULL, TABLE_LEFT, STYLE_PLAIN},   {"area", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},      {"", NULL, TABLE_LEFT, STYLE_BAR},
        {"energy", NULL, TABLE_RIGHT, STYLE_PLAIN}, {"%", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"", NULL, TABLE_LEFT, STYLE_BAR},          {"time", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"bits", NULL, TABLE_RIGHT, STYLE_BOLD},    {"arrays", NULL, TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    bool sizes = sizes_differ(run);
    enum status status = STATUS_OK;
    table_begin(&table, columns, sizes ? COLUMNS : COLUMN_SIZE);
    for (int i = 0; i < run->n_layers && status == STATUS_OK; i++)
        status = add_layer(&table, screen, run, &run->layers[i], tree, sizes, diag);
    add_shared(&table, screen, run, tree, sizes);
    fputc('\n', screen->out);
    if (status == STATUS_OK)
        status = table_print(&table, screen, diag);
    if (status == STATUS_OK && run->n_layers > 0 && run->layers[0].time_s > 0)
        print_slowest(run, screen);
    table_free(&table);
    return status;
}
