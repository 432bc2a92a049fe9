/* The screen of `mho run`: one line for each matrix layer. */
#include <math.h>

#include "sim/cli/run/run_view.h"
#include "sim/run/record.h"
#include "sim/screen/names.h"
#include "sim/screen/table.h"

enum {
    NAME_WIDTH = 18,
    COLUMN_SIZE = 3,
    COLUMN_COPIES = 5,
    COLUMN_SET_BY = 10,
    COLUMN_CLIP,
    COLUMN_SQNR,
    COLUMNS = 14
};

/* Which columns there are beside those of every run. */
struct shown {
    bool sizes;    /* arrays differ in size */
    bool copies;   /* some layer has more than one */
    bool measured; /* on calibration images */
};

static struct shown shown_of(const struct run_result *result) {
    struct shown shown = {.measured = result->conversions != NULL};
    const struct mapped_layer *layers = result->mapping.layers;
    for (int i = 0; i < result->mapping.n_layers; i++) {
        shown.copies = shown.copies || layers[i].copies > 1;
        shown.sizes = shown.sizes || layers[i].crossbar.rows != layers[0].crossbar.rows ||
                      layers[i].crossbar.columns != layers[0].crossbar.columns;
    }
    return shown;
}

static void shape_cell(struct table *table, const struct matrix_shape *shape) {
    if (shape->groups > 1)
        table_cell(table, "%dx%d x%d", matrix_rows(shape), matrix_columns(shape), shape->groups);
    else
        table_cell(table, "%dx%d", matrix_rows(shape), matrix_columns(shape));
}

/* Bits that lose nothing under the layer's transfer, and what sets them. */
static char *lossless_rule(struct table *table, const struct mapped_layer *mapped,
                           const struct engine_layer *layer, int *bits) {
    *bits = mapped->lossless.exact;
    if (layer->choice != ADC_TRANSFER_FULL_RANGE)
        return run_bits_set_by_brief(mapped, &table->arena);
    *bits = adc_bits_for_sum(layer->bound);
    return arena_printf(&table->arena, "full range of %d rows", mapped->unit_rows);
}

/* Clipping rate and signal-to-noise ratio on calibration images. */
static void quality_cells(struct table *table, const struct conversion_quality *quality) {
    double percent = 100 * quality->clipping_rate;
    if (percent > 0 && percent < 0.01)
        table_cell(table, "%s", "<.01");
    else
        table_cell(table, percent > 0 && percent < 9.995 ? "%.2f" : "%.0f", percent);
    if (isfinite(quality->sqnr_db))
        table_cell(table, "%.1f", quality->sqnr_db);
    else
        table_cell(table, "%s", "-");
}

static enum status layer_cells(const struct run_view *view, int i, const struct shown *shown,
                               struct table *table, struct diagnostic *diag) {
    const struct mapped_layer *mapped = &view->result->mapping.layers[i];
    const struct engine_layer *layer = &view->result->layers[i];
    const char *name = short_layer_name(mapped->layer->name, NAME_WIDTH, &table->arena);
    int lossless_bits;
    const char *set_by = lossless_rule(table, mapped, layer, &lossless_bits);
    if (name == NULL || set_by == NULL)
        return FAIL_MEMORY(diag, "layers");
    double zeros = mapped->weights.weights > 0
                       ? 1 - (double)mapped->weights.nonzero / (double)mapped->weights.weights
                       : 0;
    table_cell(table, "%s", name);
    shape_cell(table, &mapped->layer->shape);
    table_cell(table, "%ld", matrix_positions(&mapped->layer->shape));
    if (shown->sizes)
        table_cell(table, "%dx%d", mapped->crossbar.rows, mapped->crossbar.columns);
    table_cell(table, "%ld", (long)mapped->n_arrays * mapped->copies);
    if (shown->copies)
        table_cell(table, "%d", mapped->copies);
    table_cell(table, "%.0f", 100 * mapped->utilisation);
    table_cell(table, "%.0f", 100 * zeros);
    table_cell(table, "%d", layer->adc_bits);
    table_cell(table, "%d", lossless_bits);
    table_cell(table, "%s", set_by);
    if (shown->measured)
        quality_cells(table, &view->result->conversions[i]);
    table_cell(table, "%s", engine_path_names[layer->path]);
    return STATUS_OK;
}

/* Why the simulation of a layer took its path. */
static enum status explain(const struct run_view *view, int i, const struct screen *screen,
                           struct arena *arena, struct diagnostic *diag) {
    const struct mapped_layer *mapped = &view->result->mapping.layers[i];
    const struct engine_layer *layer = &view->result->layers[i];
    long long codes = (1LL << layer->adc_bits) - 1;
    bool full_range = layer->choice == ADC_TRANSFER_FULL_RANGE;
    long long sum = full_range ? (long long)layer->bound : (long long)mapped->lossless.largest_sum;
    const char *why;
    if (layer->path == ENGINE_ANALOG) {
        const char *text = run_device_text(&view->result->devices[i], arena);
        why = text != NULL ? arena_printf(arena, "its device is %s", text) : NULL;
    } else if (layer->path == ENGINE_INTEGER) {
        why = arena_printf(arena, "%d bits give every sum from 0 to %lld its own code",
                           layer->adc_bits, sum);
    } else if (layer->choice == ADC_TRANSFER_CLIP) {
        long columns = 0;
        TRY(mapping_columns_above(mapped, codes, &columns, diag));
        why = arena_printf(
            arena, "sums reach %lld, and %d bits end at %lld: %ld of %ld columns can be cut off",
            sum, layer->adc_bits, codes, columns, mapped->sums.columns_used);
    } else {
        why = arena_printf(arena, "%d bits spread %lld codes over sums up to %lld", layer->adc_bits,
                           codes + 1, sum);
    }
    if (why == NULL)
        return FAIL_MEMORY(diag, "layers");
    int printed =
        fprintf(screen->out, "%s: %s, for", mapped->layer->name, engine_path_names[layer->path]);
    screen_wrapped_after(screen, printed, why, 4);
    return STATUS_OK;
}

static enum status explain_all(const struct run_view *view, const struct screen *screen,
                               struct diagnostic *diag) {
    enum status status = STATUS_OK;
    struct arena arena = ARENA_INIT;
    fputc('\n', screen->out);
    for (int i = 0; i < view->result->mapping.n_layers && status == STATUS_OK; i++)
        status = explain(view, i, screen, &arena, diag);
    arena_free(&arena);
    return status;
}

static int choose_columns(const struct shown *shown, struct table_column *columns) {
    static const struct table_column all[] = {
        {"Layer", "", TABLE_LEFT, STYLE_PLAIN},
        {"shape", "KxN", TABLE_RIGHT, STYLE_PLAIN},
        {"posi-", "tions", TABLE_RIGHT, STYLE_PLAIN},
        {"arrays", "RxC", TABLE_RIGHT, STYLE_PLAIN},
        {"cross-", "bars", TABLE_RIGHT, STYLE_BOLD},
        {"cop-", "ies", TABLE_RIGHT, STYLE_PLAIN},
        {"used", "%", TABLE_RIGHT, STYLE_PLAIN},
        {"zeros", "%", TABLE_RIGHT, STYLE_PLAIN},
        {"ADC", "bits", TABLE_RIGHT, STYLE_BOLD},
        {"loss-", "less", TABLE_RIGHT, STYLE_PLAIN},
        {"lossless bits", "are set by", TABLE_LEFT, STYLE_PLAIN},
        {"clip", "%", TABLE_RIGHT, STYLE_PLAIN},
        {"SQNR", "dB", TABLE_RIGHT, STYLE_PLAIN},
        {"simulated", "as", TABLE_LEFT, STYLE_PLAIN},
    };
    int n = 0;
    for (int i = 0; i < COLUMNS; i++)
        if ((shown->measured || (i != COLUMN_CLIP && i != COLUMN_SQNR)) &&
            (shown->copies || i != COLUMN_COPIES) && (shown->sizes || i != COLUMN_SIZE))
            columns[n++] = all[i];
    return n;
}

enum status run_screen_layers(const struct run_view *view, const struct screen *screen,
                              struct diagnostic *diag) {
    struct table_column columns[COLUMNS];
    struct table table;
    const struct shown shown = shown_of(view->result);
    int set_by = COLUMN_SET_BY - !shown.copies - !shown.sizes;
    table_begin(&table, columns, choose_columns(&shown, columns));
    table_allow_without(&table, set_by);
    enum status status = STATUS_OK;
    int n = view->result->mapping.n_layers;
    for (int i = 0; i < n && status == STATUS_OK; i++)
        status = layer_cells(view, i, &shown, &table, diag);
    if (status == STATUS_OK)
        status = table_print(&table, screen, diag);
    if (status == STATUS_OK && table_shows(&table, screen, set_by)) {
        fputs(screen_style(screen, STYLE_DIM), screen->out);
        screen_wrapped(screen,
                       "Lossless bits are set by the column of the largest sum: its slice (0: "
                       "top bits) and rows in use",
                       0);
        fputs(screen_reset(screen), screen->out);
    }
    table_free(&table);
    return status == STATUS_OK && view->explain ? explain_all(view, screen, diag) : status;
}
