/* What a run's weights take in each format of storage, indices counted. */
#include <stdlib.h>
#include <string.h>

#include "sim/cli/report/report_view.h"
#include "sim/screen/json_text.h"
#include "sim/screen/screen.h"
#include "sim/screen/table.h"

enum { TEXT = 64 };
static const char scope_prefix[] = "storage=";

/* One format, or the run's own (name NULL). */
struct format_row {
    const char *name;
    double values, weight_bits, index_bits, macs;
    double layers; /* that are smallest in it */
};

static double value_of(const struct store_run *run, const char *scope, const char *name) {
    const struct store_metric *metric = report_metric(run, scope, name);
    return metric != NULL ? metric->value : 0;
}

static struct format_row row_of(const struct store_run *run, const char *scope) {
    bool own = strcmp(scope, "run") == 0;
    return (struct format_row){
        .name = own ? NULL : scope + strlen(scope_prefix),
        .values = value_of(run, scope, "storage_values"),
        .weight_bits = value_of(run, scope, "storage_weight_bits"),
        .index_bits = value_of(run, scope, "storage_index_bits"),
        .macs = value_of(run, scope, "macs_stored"),
        .layers = own ? 0 : value_of(run, scope, "storage_layers"),
    };
}

static int by_size(const void *a, const void *b) {
    const struct format_row *x = a, *y = b;
    double difference = x->weight_bits + x->index_bits - y->weight_bits - y->index_bits;
    return difference != 0 ? (difference > 0) - (difference < 0) : strcmp(x->name, y->name);
}

/* The formats, smallest first; the run's own is last. */
static int collect(const struct store_run *run, struct arena *arena, struct format_row **rows) {
    int n = 0;
    *rows = ARENA_NEW(arena, run->n_metrics + 1, struct format_row);
    for (int i = 0; *rows != NULL && i < run->n_metrics; i++)
        if (strncmp(run->metrics[i].scope, scope_prefix, strlen(scope_prefix)) == 0 &&
            strcmp(run->metrics[i].name, "storage_values") == 0)
            (*rows)[n++] = row_of(run, run->metrics[i].scope);
    if (n > 0) {
        qsort(*rows, (size_t)n, sizeof **rows, by_size);
        (*rows)[n++] = row_of(run, "run");
    }
    return n;
}

static void cells(struct table *table, const struct format_row *row, double dense) {
    char text[TEXT];
    double total = row->weight_bits + row->index_bits;
    table_cell(table, "%s", row->name != NULL ? row->name : "smallest");
    table_cell(table, "%s", text_count(row->weight_bits / 8, text, sizeof text));
    table_cell(table, "%s", text_count(row->index_bits / 8, text, sizeof text));
    table_cell(table, "%s", text_count(total / 8, text, sizeof text));
    table_cell(table, "%.2fx", row->weight_bits > 0 ? dense / row->weight_bits : 0);
    table_cell(table, "%.2fx", total > 0 ? dense / total : 0);
    table_cell(table, "%s", text_count(row->macs, text, sizeof text));
    if (row->name == NULL || row->layers == 0)
        table_cell(table, "%s", "");
    else
        table_cell(table, "%.0f", row->layers);
}

static enum status require(int n, const struct format_row *rows, int64_t run_id,
                           struct diagnostic *diag) {
    if (rows == NULL)
        return FAIL_MEMORY(diag, "storage");
    if (n == 0)
        return FAIL(diag, STATUS_STORE,
                    "run %lld holds no figures of storage: an older mho stored it, so run it again",
                    (long long)run_id);
    return STATUS_OK;
}

static enum status print(const struct store_run *run, const struct format_row *rows, int n,
                         const struct screen *screen, struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"Format", "", TABLE_LEFT, STYLE_PLAIN},
        {"weights", "bytes", TABLE_RIGHT, STYLE_PLAIN},
        {"indices", "bytes", TABLE_RIGHT, STYLE_PLAIN},
        {"total", "bytes", TABLE_RIGHT, STYLE_PLAIN},
        {"smaller:", "weights", TABLE_RIGHT, STYLE_PLAIN},
        {"", "in all", TABLE_RIGHT, STYLE_BOLD},
        {"MACs", "", TABLE_RIGHT, STYLE_PLAIN},
        {"best for", "layers", TABLE_RIGHT, STYLE_PLAIN},
    };
    struct table table;
    double dense = value_of(run, "storage=dense", "storage_weight_bits");
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < n; i++)
        cells(&table, &rows[i], dense);
    table.last_row_is_total = true;
    enum status status = table_print(&table, screen, diag);
    table_free(&table);
    return status;
}

enum status report_storage_screen(const struct store_run *run, const struct report_request *request,
                                  const struct screen *screen, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct format_row *rows;
    int n = collect(run, &arena, &rows);
    enum status status = require(n, rows, request->run_id, diag);
    if (status == STATUS_OK)
        status = report_title(run, request, screen, diag);
    if (status == STATUS_OK)
        status = print(run, rows, n, screen, diag);
    if (status == STATUS_OK) {
        fprintf(screen->out, "\n%s", screen_style(screen, STYLE_DIM));
        screen_wrapped(screen,
                       "Times smaller than dense weights of the same bits; formats: "
                       "docs/pruning.md. Smallest: each layer in the format of the fewest bits.",
                       0);
        fputs(screen_reset(screen), screen->out);
    }
    arena_free(&arena);
    return status;
}

enum status report_storage_json(const struct store_run *run, const struct report_request *request,
                                FILE *out, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    struct format_row *rows;
    int n = collect(run, &arena, &rows);
    enum status status = require(n, rows, request->run_id, diag);
    json_t *formats = json_object();
    for (int i = 0; i < n; i++) {
        json_t *object =
            json_pack("{so so so}", "storage_weight_bits", json_number(rows[i].weight_bits),
                      "storage_index_bits", json_number(rows[i].index_bits), "macs_stored",
                      json_number(rows[i].macs));
        if (rows[i].name != NULL) {
            json_object_set_new(object, "storage_values", json_number(rows[i].values));
            json_object_set_new(object, "storage_layers", json_number(rows[i].layers));
        }
        json_object_set_new(formats, rows[i].name != NULL ? rows[i].name : "smallest", object);
    }
    json_t *object =
        json_pack("{sI so}", "run_id", (json_int_t)request->run_id, "formats", formats);
    if (status == STATUS_OK)
        status = json_print(object, out, diag);
    else
        json_decref(object);
    arena_free(&arena);
    return status;
}
