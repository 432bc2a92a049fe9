/* Which figures of two records of a run are not the same. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/cli/run/run_again.h"

struct list {
    struct again_difference *items; /* room for every figure of both */
    int n, compared;
};

static bool is_time(const struct store_metric *metric) {
    return strcmp(metric->scope, "run") == 0 && strncmp(metric->name, "time_", 5) == 0;
}

static const struct store_metric *find(const struct store_run *run,
                                       const struct store_metric *like) {
    for (int i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].name, like->name) == 0 &&
            strcmp(run->metrics[i].scope, like->scope) == 0)
            return &run->metrics[i];
    return NULL;
}

/* NAN is the same as NAN. */
static void compare(struct list *list, const char *of, const char *name, double stored,
                    double now) {
    list->compared++;
    if (stored == now || (isnan(stored) && isnan(now)))
        return;
    list->items[list->n++] =
        (struct again_difference){.of = of, .name = name, .stored = stored, .now = now};
}

static void compare_metrics(const struct store_run *stored, const struct store_run *now,
                            struct list *list) {
    for (int i = 0; i < stored->n_metrics; i++) {
        const struct store_metric *metric = &stored->metrics[i];
        const struct store_metric *other = find(now, metric);
        if (!is_time(metric))
            compare(list, metric->scope, metric->name, metric->value,
                    other != NULL ? other->value : NAN);
    }
    for (int i = 0; i < now->n_metrics; i++)
        if (!is_time(&now->metrics[i]) && find(stored, &now->metrics[i]) == NULL)
            compare(list, now->metrics[i].scope, now->metrics[i].name, NAN, now->metrics[i].value);
}

static const struct {
    const char *name;
    enum { INT, LONG, INT64, REAL } type;
    size_t offset;
} layer_figures[] = {
    {"nonzero_weights", LONG, offsetof(struct store_layer, nonzero_weights)},
    {"crossbars", LONG, offsetof(struct store_layer, crossbars)},
    {"copies", LONG, offsetof(struct store_layer, copies)},
    {"utilisation", REAL, offsetof(struct store_layer, utilisation)},
    {"adc_bits", INT, offsetof(struct store_layer, adc_bits)},
    {"lossless_bits", INT, offsetof(struct store_layer, lossless_bits)},
    {"largest_sum", INT64, offsetof(struct store_layer, largest_sum)},
    {"activity", REAL, offsetof(struct store_layer, activity)},
    {"conversions", REAL, offsetof(struct store_layer, conversions)},
    {"area_m2", REAL, offsetof(struct store_layer, area_m2)},
    {"energy_j", REAL, offsetof(struct store_layer, energy_j)},
    {"time_s", REAL, offsetof(struct store_layer, time_s)},
    {"buffer_bytes", REAL, offsetof(struct store_layer, buffer_bytes)},
    {"clipping_rate", REAL, offsetof(struct store_layer, clipping_rate)},
    {"sqnr_db", REAL, offsetof(struct store_layer, sqnr_db)},
};
enum { LAYER_FIGURES = sizeof layer_figures / sizeof *layer_figures };

static double layer_figure(const struct store_layer *layer, int figure) {
    const char *member = (const char *)layer + layer_figures[figure].offset;
    switch (layer_figures[figure].type) {
    case INT:
        return *(const int *)member;
    case LONG:
        return (double)*(const long *)member;
    case INT64:
        return (double)*(const int64_t *)member;
    default:
        return *(const double *)member;
    }
}

/* Layers by position: their names are the model's, whose contents are the same. */
static enum status compare_layers(const struct store_run *stored, const struct store_run *now,
                                  struct arena *arena, struct list *list, struct diagnostic *diag) {
    compare(list, "run", "layers", stored->n_layers, now->n_layers);
    for (int i = 0; i < stored->n_layers && i < now->n_layers; i++) {
        const char *of = arena_printf(arena, "layer %s", now->layers[i].name);
        if (of == NULL)
            return FAIL_MEMORY(diag, "a comparison");
        for (int f = 0; f < LAYER_FIGURES; f++)
            compare(list, of, layer_figures[f].name, layer_figure(&stored->layers[i], f),
                    layer_figure(&now->layers[i], f));
    }
    return STATUS_OK;
}

enum status again_compare(const struct store_run *stored, const struct store_run *now,
                          struct arena *arena, struct again_difference **differences, int *n,
                          int *compared, struct diagnostic *diag) {
    int most = stored->n_metrics + now->n_metrics + LAYER_FIGURES * stored->n_layers + 1;
    struct list list = {.items = ARENA_NEW(arena, most, struct again_difference)};
    if (list.items == NULL)
        return FAIL_MEMORY(diag, "a comparison");
    compare_metrics(stored, now, &list);
    TRY(compare_layers(stored, now, arena, &list, diag));
    *differences = list.items;
    *n = list.n;
    *compared = list.compared;
    return STATUS_OK;
}
