/* Two stored runs side by side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "sim/screen/json_text.h"
#include "sim/screen/names.h"
#include "sim/screen/table.h"

enum { TEXT = 64, VALUE_WIDTH = 24, NAME_WIDTH = 22 };

/* Of the second to the first. */
static double ratio(double a, double b) {
    return a != 0 ? b / a : NAN;
}

static void ratio_cell(struct table *table, double a, double b) {
    double r = ratio(a, b);
    if (a == b)
        table_cell(table, "%s", "=");
    else if (!isfinite(r) || b == 0) /* one has none of it */
        table_cell(table, "%s", "-");
    else
        table_cell(table, r >= 99.95 ? "%.0fx" : r >= 9.995 ? "%.1fx" : "%.3gx", r);
}

static void unit_cell(struct table *table, double value, enum unit unit) {
    char text[TEXT];
    table_cell(table, "%s", value > 0 ? unit_format(value, unit, text, sizeof text) : "-");
}

/* The other run's value of a key; NULL where it has none. */
static const char *parameter_of(const struct store_run *run, const char *key) {
    for (int i = 0; i < run->n_parameters; i++)
        if (strcmp(run->parameters[i].key, key) == 0)
            return run->parameters[i].text;
    return NULL;
}

static bool is_other(const char *a, const char *b) {
    return a == NULL || b == NULL || strcmp(a, b) != 0;
}

/* A parameter of only one run is a layer's override: the other has none. */
typedef void take_difference(void *context, const char *key, const char *a, const char *b);

static void each_difference(const struct report_pair *pair, take_difference *take, void *context) {
    const struct store_run *a = &pair->run[0], *b = &pair->run[1];
    for (int i = 0; i < a->n_parameters; i++) {
        const char *key = a->parameters[i].key, *other = parameter_of(b, key);
        if (is_other(a->parameters[i].text, other))
            take(context, key, a->parameters[i].text, other);
    }
    for (int i = 0; i < b->n_parameters; i++)
        if (parameter_of(a, b->parameters[i].key) == NULL)
            take(context, b->parameters[i].key, NULL, b->parameters[i].text);
}

/* The end of a long value tells files apart. */
static void value_cell(struct table *table, const char *value) {
    size_t length = value != NULL ? strlen(value) : 0;
    if (value == NULL)
        table_cell(table, "%s", "-");
    else if (length > VALUE_WIDTH)
        table_cell(table, "..%s", value + length - VALUE_WIDTH + 2);
    else
        table_cell(table, "%s", value);
}

static void difference_row(void *context, const char *key, const char *a, const char *b) {
    struct table *table = context;
    table_cell(table, "%s", key);
    value_cell(table, a);
    value_cell(table, b);
}

static enum status print_and_free(struct table *table, const struct screen *screen,
                                  struct diagnostic *diag) {
    enum status status = table_print(table, screen, diag);
    table_free(table);
    return status;
}

/* "run 7" above the columns of both. */
static void name_runs(const struct report_pair *pair, char names[2][TEXT]) {
    for (int i = 0; i < 2; i++)
        snprintf(names[i], TEXT, "run %lld", (long long)pair->id[i]);
}

static enum status print_parameters(const struct report_pair *pair, const struct screen *screen,
                                    struct diagnostic *diag) {
    char names[2][TEXT];
    name_runs(pair, names);
    const struct table_column columns[] = {
        {"Parameter", NULL, TABLE_LEFT, STYLE_PLAIN},
        {names[0], NULL, TABLE_RIGHT, STYLE_PLAIN},
        {names[1], NULL, TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    table_begin(&table, columns, 3);
    each_difference(pair, difference_row, &table);
    if (is_other(pair->run[0].model_hash, pair->run[1].model_hash) && table.n_cells == 0)
        difference_row(&table, "(contents of the model)", pair->run[0].model_hash,
                       pair->run[1].model_hash);
    if (is_other(pair->run[0].version, pair->run[1].version))
        difference_row(&table, "(version of mho)", pair->run[0].version, pair->run[1].version);
    if (table.n_cells > 0)
        return print_and_free(&table, screen, diag);
    table_free(&table);
    fprintf(screen->out, "No parameter differs%s.\n",
            pair->run[0].trial != pair->run[1].trial ? ": these are trials of one point" : "");
    return STATUS_OK;
}

static enum status print_figures(const struct report_pair *pair, const struct screen *screen,
                                 struct diagnostic *diag) {
    char names[2][TEXT], text[TEXT];
    name_runs(pair, names);
    const struct table_column columns[] = {
        {"Figure", NULL, TABLE_LEFT, STYLE_PLAIN},
        {names[0], NULL, TABLE_RIGHT, STYLE_PLAIN},
        {names[1], NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"ratio", NULL, TABLE_RIGHT, STYLE_BOLD},
    };
    struct table table;
    table_begin(&table, columns, 4);
    for (int i = 0; i < n_report_figures; i++) {
        const struct store_metric *of[2];
        for (int r = 0; r < 2; r++)
            of[r] = report_headline(&pair->run[r], i);
        if (of[0] == NULL && of[1] == NULL)
            continue;
        table_cell(&table, "%s", report_figures[i].label);
        for (int r = 0; r < 2; r++)
            table_cell(&table, "%s", of[r] != NULL ? report_value(of[r], text, sizeof text) : "-");
        if (of[0] == NULL || of[1] == NULL)
            table_cell(&table, "%s", "-");
        else if (strcmp(of[0]->unit, "percent") == 0) /* points: ratios of percents say nothing */
            table_cell(&table, "%+.2f", of[1]->value - of[0]->value);
        else
            ratio_cell(&table, of[0]->value, of[1]->value);
    }
    return print_and_free(&table, screen, diag);
}

static const struct report_part *part_of(const struct report_tree *tree, const char *name) {
    for (int i = 0; i < tree->n_parts; i++)
        if (strcmp(tree->parts[i].name, name) == 0)
            return &tree->parts[i];
    return NULL;
}

static int by_weight(const void *a, const void *b) {
    const struct report_part *left = a, *right = b;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return strcmp(left->name, right->name);
}

static void pair_cells(struct table *table, double a, double b, enum unit unit) {
    unit_cell(table, a, unit);
    unit_cell(table, b, unit);
    ratio_cell(table, a, b);
}

static void part_row(struct table *table, const struct report_part *a,
                     const struct report_part *b) {
    static const struct report_sum none = {0};
    const struct report_sum *of_a = a != NULL ? &a->sum : &none;
    const struct report_sum *of_b = b != NULL ? &b->sum : &none;
    table_cell(table, "%s", a != NULL ? a->name : b->name);
    pair_cells(table, of_a->area_m2, of_b->area_m2, UNIT_SQUARE_METRE);
    pair_cells(table, of_a->energy_j, of_b->energy_j, UNIT_JOULE);
}

/* Names of both runs over the two areas and the two energies. */
static void split_columns(char names[2][TEXT], const char *first, struct table_column columns[7]) {
    columns[0] = (struct table_column){first, "", TABLE_LEFT, STYLE_PLAIN};
    for (int i = 0; i < 2; i++) {
        const char *title = i == 0 ? "area" : "energy";
        columns[3 * i + 1] = (struct table_column){title, names[0], TABLE_RIGHT, STYLE_PLAIN};
        columns[3 * i + 2] = (struct table_column){title, names[1], TABLE_RIGHT, STYLE_PLAIN};
        columns[3 * i + 3] = (struct table_column){"", "ratio", TABLE_RIGHT, STYLE_BOLD};
    }
}

static enum status print_components(const struct report_pair *pair, const struct screen *screen,
                                    struct diagnostic *diag) {
    char names[2][TEXT];
    struct table_column columns[7];
    struct report_tree trees[2];
    struct table table;
    name_runs(pair, names);
    split_columns(names, "Component", columns);
    table_begin(&table, columns, 7);
    enum status status = STATUS_OK;
    for (int r = 0; r < 2 && status == STATUS_OK; r++)
        status = report_tree_make(&pair->run[r], &table.arena, &trees[r], diag);
    if (status != STATUS_OK || trees[0].n_parts + trees[1].n_parts == 0) {
        table_free(&table);
        return status;
    }
    for (int r = 0; r < 2; r++)
        qsort(trees[r].parts, (size_t)trees[r].n_parts, sizeof *trees[r].parts, by_weight);
    for (int i = 0; i < trees[0].n_parts; i++)
        part_row(&table, &trees[0].parts[i], part_of(&trees[1], trees[0].parts[i].name));
    for (int i = 0; i < trees[1].n_parts; i++)
        if (part_of(&trees[0], trees[1].parts[i].name) == NULL)
            part_row(&table, NULL, &trees[1].parts[i]);
    const struct report_part total[2] = {{.name = "total", .sum = trees[0].level[0]},
                                         {.name = "total", .sum = trees[1].level[0]}};
    part_row(&table, &total[0], &total[1]);
    table.last_row_is_total = true;
    fputc('\n', screen->out);
    return print_and_free(&table, screen, diag);
}

static const struct store_layer *layer_of(const struct store_run *run, const char *name) {
    for (int i = 0; i < run->n_layers; i++)
        if (strcmp(run->layers[i].name, name) == 0)
            return &run->layers[i];
    return NULL;
}

/* "6", or "6 > 5" where the bits differ; "-" of a run without the layer. */
static void bits_cell(struct table *table, const struct store_layer *a,
                      const struct store_layer *b) {
    char bits[2][16] = {"-", "-"};
    if (a != NULL)
        snprintf(bits[0], sizeof bits[0], "%d", a->adc_bits);
    if (b != NULL)
        snprintf(bits[1], sizeof bits[1], "%d", b->adc_bits);
    if (strcmp(bits[0], bits[1]) == 0)
        table_cell(table, "%s", bits[0]);
    else
        table_cell(table, "%s > %s", bits[0], bits[1]);
}

static void layer_row(struct table *table, const struct store_layer *a,
                      const struct store_layer *b) {
    static const struct store_layer none = {0};
    const char *name = short_layer_name(a != NULL ? a->name : b->name, NAME_WIDTH, &table->arena);
    table->out_of_memory = table->out_of_memory || name == NULL;
    table_cell(table, "%s", name != NULL ? name : "");
    bits_cell(table, a, b);
    a = a != NULL ? a : &none;
    b = b != NULL ? b : &none;
    pair_cells(table, a->area_m2, b->area_m2, UNIT_SQUARE_METRE);
    pair_cells(table, a->energy_j, b->energy_j, UNIT_JOULE);
}

static bool any_layer_in_both(const struct store_run *a, const struct store_run *b) {
    for (int i = 0; i < a->n_layers; i++)
        if (layer_of(b, a->layers[i].name) != NULL)
            return true;
    return false;
}

static enum status print_layers(const struct report_pair *pair, const struct screen *screen,
                                struct diagnostic *diag) {
    char names[2][TEXT];
    struct table_column columns[8];
    struct table table;
    const struct store_run *a = &pair->run[0], *b = &pair->run[1];
    if (a->n_layers + b->n_layers == 0)
        return STATUS_OK;
    if (!any_layer_in_both(a, b)) {
        fputs("\nNo layer is in both networks.\n", screen->out);
        return STATUS_OK;
    }
    name_runs(pair, names);
    split_columns(names, "Layer", columns);
    memmove(&columns[2], &columns[1], 6 * sizeof *columns);
    columns[1] = (struct table_column){"ADC", "bits", TABLE_RIGHT, STYLE_PLAIN};
    table_begin(&table, columns, 8);
    for (int i = 0; i < a->n_layers; i++)
        layer_row(&table, &a->layers[i], layer_of(b, a->layers[i].name));
    for (int i = 0; i < b->n_layers; i++)
        if (layer_of(a, b->layers[i].name) == NULL)
            layer_row(&table, NULL, &b->layers[i]);
    fputc('\n', screen->out);
    return print_and_free(&table, screen, diag);
}

enum status report_compare_screen(const struct report_pair *pair, const struct screen *screen,
                                  struct diagnostic *diag) {
    char time[TEXT];
    for (int r = 0; r < 2; r++)
        fprintf(screen->out, "%sRun %lld%s of experiment `%s`, %s\n",
                screen_style(screen, STYLE_BOLD), (long long)pair->id[r], screen_reset(screen),
                pair->run[r].experiment,
                report_time(pair->run[r].started_unix_s, time, sizeof time));
    fputc('\n', screen->out);
    TRY(print_parameters(pair, screen, diag));
    fputc('\n', screen->out);
    TRY(print_figures(pair, screen, diag));
    TRY(print_components(pair, screen, diag));
    return print_layers(pair, screen, diag);
}

static void difference_object(void *context, const char *key, const char *a, const char *b) {
    json_t **array = context;
    *array = json_plus(*array,
                       json_pack("{ss so so}", "key", key, "a", json_text(a), "b", json_text(b)));
}

static json_t *ratio_object(const char *name, double a, double b) {
    return json_pack("{ss so so so}", "name", name, "a", json_number(a), "b", json_number(b),
                     "ratio", json_number(ratio(a, b)));
}

static json_t *metrics_array(const struct report_pair *pair) {
    json_t *array = json_array();
    for (int i = 0; i < pair->run[0].n_metrics; i++) {
        const struct store_metric *a = &pair->run[0].metrics[i];
        const struct store_metric *b = report_metric(&pair->run[1], a->scope, a->name);
        if (strcmp(a->scope, "run") == 0 && b != NULL)
            array = json_plus(array, ratio_object(a->name, a->value, b->value));
    }
    return array;
}

static json_t *components_array(const struct report_tree trees[2]) {
    json_t *array = json_array();
    for (int i = 0; i < trees[0].n_parts; i++) {
        const struct report_part *a = &trees[0].parts[i], *b = part_of(&trees[1], a->name);
        if (b != NULL)
            array = json_plus(
                array,
                json_pack("{ss so so}", "component", a->name, "area_m2",
                          ratio_object("area_m2", a->sum.area_m2, b->sum.area_m2), "energy_j",
                          ratio_object("energy_j", a->sum.energy_j, b->sum.energy_j)));
    }
    return array;
}

static json_t *layers_array(const struct report_pair *pair) {
    json_t *array = json_array();
    for (int i = 0; i < pair->run[0].n_layers; i++) {
        const struct store_layer *a = &pair->run[0].layers[i];
        const struct store_layer *b = layer_of(&pair->run[1], a->name);
        if (b != NULL)
            array = json_plus(
                array, json_pack("{ss so so so so}", "layer", a->name, "adc_bits",
                                 ratio_object("adc_bits", a->adc_bits, b->adc_bits), "area_m2",
                                 ratio_object("area_m2", a->area_m2, b->area_m2), "energy_j",
                                 ratio_object("energy_j", a->energy_j, b->energy_j), "time_s",
                                 ratio_object("time_s", a->time_s, b->time_s)));
    }
    return array;
}

enum status report_compare_json(const struct report_pair *pair, FILE *out,
                                struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct report_tree trees[2];
    enum status status = STATUS_OK;
    for (int r = 0; r < 2 && status == STATUS_OK; r++)
        status = report_tree_make(&pair->run[r], &arena, &trees[r], diag);
    if (status == STATUS_OK) {
        json_t *parameters = json_array();
        each_difference(pair, difference_object, &parameters);
        status = json_print(json_pack("{sI sI so so so so}", "a", (json_int_t)pair->id[0], "b",
                                      (json_int_t)pair->id[1], "parameters", parameters, "metrics",
                                      metrics_array(pair), "components", components_array(trees),
                                      "layers", layers_array(pair)),
                            out, diag);
    }
    arena_free(&arena);
    return status;
}
