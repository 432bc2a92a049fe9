/* What `mho inspect` found, as a table and as JSON. */
#include "sim/cli/inspect_view.h"

#include <string.h>

#include "sim/screen/json_text.h"
#include "sim/screen/names.h"
#include "sim/screen/screen.h"
#include "sim/screen/table.h"

enum { NAME_WIDTH = 18, TEXT = 64 };

/* Sums over layers. */
struct totals {
    double macs;
    long weights, nonzero;
    int exact, structural, worst;
};

/* Weights as the model has them: a float model's small weights are not zeros. */
static struct weight_statistics model_weights(const struct inspect_view *view, int layer) {
    return network_weight_statistics(view->model, layer, view->checks[layer].rows);
}

static double zeros(long weights, long nonzero) {
    return weights > 0 ? 1 - (double)nonzero / (double)weights : 0;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static struct totals sum_layers(const struct inspect_view *view) {
    struct totals totals = {0};
    for (int i = 0; i < view->mapping->n_layers; i++) {
        const struct mapped_layer *mapped = &view->mapping->layers[i];
        struct weight_statistics weights = model_weights(view, i);
        totals.macs += matrix_macs(&mapped->layer->shape);
        totals.weights += weights.weights;
        totals.nonzero += weights.nonzero;
        totals.exact = larger(totals.exact, mapped->lossless.exact);
        totals.structural = larger(totals.structural, mapped->lossless.structural);
        totals.worst = larger(totals.worst, mapped->lossless.worst);
    }
    return totals;
}

static const char *verdict_word(enum inspect_verdict verdict) {
    switch (verdict) {
    case INSPECT_SATISFIED:
        return "satisfied";
    case INSPECT_BROKEN:
        return "broken";
    case INSPECT_UNKNOWN:
        return "unknown";
    case INSPECT_DENSE:
        break;
    }
    return "dense";
}

static void shape_cells(struct table *table, const struct matrix_shape *shape) {
    table_cell(table, "%s", matrix_kind(shape));
    table_cell(table, "%dx%dx%d", shape->in_channels, shape->in_height, shape->in_width);
    table_cell(table, "%dx%dx%d", shape->out_channels, shape->out_height, shape->out_width);
    if (shape->groups > 1)
        table_cell(table, "%dx%d x%d", matrix_rows(shape), matrix_columns(shape), shape->groups);
    else
        table_cell(table, "%dx%d", matrix_rows(shape), matrix_columns(shape));
    table_cell(table, "%ld", matrix_positions(shape));
}

static void weight_cells(struct table *table, double macs, long weights, long nonzero) {
    char text[TEXT];
    table_cell(table, "%s", text_count(macs, text, sizeof text));
    table_cell(table, "%s", text_count((double)weights, text, sizeof text));
    table_cell(table, "%.1f", 100 * zeros(weights, nonzero));
}

static enum status layer_cells(const struct inspect_view *view, int i, struct table *table,
                               struct diagnostic *diag) {
    const struct mapped_layer *mapped = &view->mapping->layers[i];
    struct weight_statistics weights = model_weights(view, i);
    const char *name = short_layer_name(mapped->layer->name, NAME_WIDTH, &table->arena);
    if (name == NULL)
        return FAIL_MEMORY(diag, "layers");
    table_cell(table, "%s", name);
    shape_cells(table, &mapped->layer->shape);
    weight_cells(table, matrix_macs(&mapped->layer->shape), weights.weights, weights.nonzero);
    table_cell(table, "%.3gx", weights.column_rate);
    table_cell(table, "%d", mapped->lossless.exact);
    table_cell(table, "%d", mapped->lossless.structural);
    table_cell(table, "%d", mapped->lossless.worst);
    if (view->any_scheme)
        table_cell(table, "%s", verdict_word(view->checks[i].verdict));
    return STATUS_OK;
}

static void total_cells(struct table *table, const struct totals *totals, bool scheme) {
    table_cell(table, "%s", "total");
    for (int i = 0; i < 5; i++)
        table_cell(table, "%s", "");
    weight_cells(table, totals->macs, totals->weights, totals->nonzero);
    table_cell(table, "%s", "");
    table_cell(table, "%d", totals->exact);
    table_cell(table, "%d", totals->structural);
    table_cell(table, "%d", totals->worst);
    if (scheme)
        table_cell(table, "%s", "");
}

static enum status fill(const struct inspect_view *view, struct table *table,
                        struct diagnostic *diag) {
    struct totals totals = sum_layers(view);
    for (int i = 0; i < view->mapping->n_layers; i++)
        TRY(layer_cells(view, i, table, diag));
    total_cells(table, &totals, view->any_scheme);
    table->last_row_is_total = true;
    return STATUS_OK;
}

static void print_header(const struct inspect_view *view, const struct screen *screen) {
    const struct mapped_layer *first = &view->mapping->layers[0];
    fprintf(screen->out, "%s%s%s, ", screen_style(screen, STYLE_BOLD), file_name(view->model->path),
            screen_reset(screen));
    if (view->model->quantised)
        fprintf(screen->out, "quantised\n");
    else
        fprintf(screen->out, "float: the ADC bits are for weights of %d bits\n",
                first->layer->weight_bits);
    fprintf(screen->out,
            "%sADC bits that lose nothing on %d rows: %d-bit cells, %s, %d-bit DAC%s\n\n",
            screen_style(screen, STYLE_DIM), first->crossbar.rows, first->crossbar.cell_bits,
            encoding_names[first->encoding.kind], first->dac_bits, screen_reset(screen));
}

static void print_broken(const struct inspect_view *view, const struct screen *screen) {
    const char *before = "\n";
    for (int i = 0; i < view->mapping->n_layers; i++)
        if (view->checks[i].verdict == INSPECT_BROKEN) {
            fprintf(screen->out, "%sbroken: %s\n", before, view->checks[i].why);
            before = "";
        }
}

enum status inspect_screen(const struct inspect_view *view, FILE *out, struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"Layer", "", TABLE_LEFT, STYLE_PLAIN},
        {"kind", "", TABLE_LEFT, STYLE_PLAIN},
        {"in", "", TABLE_RIGHT, STYLE_PLAIN},
        {"out", "", TABLE_RIGHT, STYLE_PLAIN},
        {"shape", "KxN", TABLE_RIGHT, STYLE_PLAIN},
        {"posi-", "tions", TABLE_RIGHT, STYLE_PLAIN},
        {"MACs", "", TABLE_RIGHT, STYLE_PLAIN},
        {"weights", "", TABLE_RIGHT, STYLE_PLAIN},
        {"zeros", "%", TABLE_RIGHT, STYLE_PLAIN},
        {"CP", "rate", TABLE_RIGHT, STYLE_PLAIN},
        {"ADC bits:", "cells", TABLE_RIGHT, STYLE_BOLD},
        {"", "struct", TABLE_RIGHT, STYLE_PLAIN},
        {"", "worst", TABLE_RIGHT, STYLE_PLAIN},
        {"pruning", "scheme", TABLE_LEFT, STYLE_BOLD},
    };
    struct screen screen = screen_of(out);
    struct table table;
    if (view->mapping->n_layers == 0)
        return FAIL(diag, STATUS_USAGE, "%s has no layers for crossbars", view->model->path);
    print_header(view, &screen);
    table_begin(&table, columns,
                (int)(sizeof columns / sizeof *columns) - (view->any_scheme ? 0 : 1));
    table_allow_without(&table, 2); /* what shape and positions say, too */
    table_allow_without(&table, 3);
    enum status status = fill(view, &table, diag);
    if (status == STATUS_OK)
        status = table_print(&table, &screen, diag);
    if (status == STATUS_OK)
        print_broken(view, &screen);
    table_free(&table);
    return status;
}

static json_t *layer_object(const struct inspect_view *view, int i) {
    const struct mapped_layer *mapped = &view->mapping->layers[i];
    const struct matrix_shape *shape = &mapped->layer->shape;
    struct weight_statistics weights = model_weights(view, i);
    return json_pack(
        "{ss ss s[iii] s[iii] si si si sI sf sI sI sf sf si si si ss ss?}", "name",
        mapped->layer->name, "kind", matrix_kind(shape), "in", shape->in_channels, shape->in_height,
        shape->in_width, "out", shape->out_channels, shape->out_height, shape->out_width, "rows",
        matrix_rows(shape), "columns", matrix_columns(shape), "groups", shape->groups, "positions",
        (json_int_t)matrix_positions(shape), "macs", matrix_macs(shape), "weights",
        (json_int_t)weights.weights, "nonzero_weights", (json_int_t)weights.nonzero, "sparsity",
        zeros(weights.weights, weights.nonzero), "column_rate", weights.column_rate,
        "lossless_bits", mapped->lossless.exact, "structural_bits", mapped->lossless.structural,
        "worst_bits", mapped->lossless.worst, "scheme", verdict_word(view->checks[i].verdict),
        "scheme_broken_by", view->checks[i].why);
}

enum status inspect_json(const struct inspect_view *view, FILE *out, struct diagnostic *diag) {
    struct totals totals = sum_layers(view);
    json_t *layers = json_array();
    for (int i = 0; i < view->mapping->n_layers; i++)
        layers = json_plus(layers, layer_object(view, i));
    json_t *object =
        json_pack("{ss ss sb sf sI sI si si si}", "model", view->model->path, "model_hash",
                  view->model->content_hash, "quantised", (int)view->model->quantised, "macs",
                  totals.macs, "weights", (json_int_t)totals.weights, "nonzero_weights",
                  (json_int_t)totals.nonzero, "lossless_bits", totals.exact, "structural_bits",
                  totals.structural, "worst_bits", totals.worst);
    return json_print(json_with(object, "layers", layers), out, diag);
}
