/* Sums over the components of a stored run, and its headline figures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/cli/report/report_view.h"
#include "sim/screen/share.h"

const char *const report_levels[REPORT_LEVELS] = {"chip", "tile", "macro", "array"};

const struct report_figure report_figures[] = {
    {"accuracy_mean", "Accuracy"},
    {"accuracy_top1", "Accuracy, this trial"},
    {"accuracy_ideal", "Ideal accuracy"},
    {"images", "Images"},
    {"area_m2", "Area used"},
    {"area_chip_m2", "Area, whole tiles"},
    {"power_peak_w", "Peak power"},
    {"power_average_w", "Average power"},
    {"energy_per_inference_j", "Energy an inference"},
    {"energy_configured_j", "Energy, dac.activity"},
    {"latency_s", "Latency"},
    {"throughput_ips", "Inferences a second"},
    {"gops", "Throughput"},
    {"gops_per_w", "Efficiency"},
    {"gops_per_mm2", "Density"},
    {"crossbars", "Crossbars"},
    {"crossbars_dense", "Crossbars if dense"},
    {"compression_ratio", "Weights / non-zeros"},
    {"adc_bits_max", "ADC bits"},
    {"adc_bits_mean", "ADC bits, mean"},
    {"baseline_area_ratio", "Area / baseline"},
    {"baseline_power_ratio", "Power / baseline"},
    {"baseline_energy_ratio", "Energy / baseline"},
    {"baseline_gops_per_w_ratio", "GOPS/W / baseline"},
    {"baseline_gops_per_mm2_ratio", "GOPS/mm2 / baseline"},
    {"baseline_accuracy_difference", "Accuracy - baseline"},
};
const int n_report_figures = sizeof report_figures / sizeof *report_figures;

/* Whether a metric of the run is there and above a limit. */
static bool is_above(const struct store_run *run, const char *name, double limit) {
    const struct store_metric *metric = report_metric(run, "run", name);
    return metric != NULL && metric->value > limit;
}

/* Without images there are none to count, and the energy is that of the configured activity; a
 * single trial is its own mean. */
const struct store_metric *report_headline(const struct store_run *run, int figure) {
    const char *name = report_figures[figure].metric;
    if ((strcmp(name, "images") == 0 && !is_above(run, name, 0)) ||
        (strcmp(name, "energy_configured_j") == 0 && !is_above(run, "activity_measured", 0)) ||
        (strcmp(name, "accuracy_top1") == 0 && !is_above(run, "trials", 1)))
        return NULL;
    return report_metric(run, "run", name);
}

const struct store_metric *report_metric(const struct store_run *run, const char *scope,
                                         const char *name) {
    for (int i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].name, name) == 0 && strcmp(run->metrics[i].scope, scope) == 0)
            return &run->metrics[i];
    return NULL;
}

char *report_value(const struct store_metric *metric, char *buffer, size_t size) {
    static const struct {
        const char *symbol;
        enum unit unit;
    } units[] = {
        {"m2", UNIT_SQUARE_METRE}, {"W", UNIT_WATT}, {"J", UNIT_JOULE}, {"s", UNIT_SECOND}};
    char number[64];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(metric->unit, units[i].symbol) == 0)
            return unit_format(metric->value, units[i].unit, buffer, size);
    text_figure(metric->value, number, sizeof number);
    if (strcmp(metric->unit, "percent") == 0)
        snprintf(buffer, size, "%.2f %%", metric->value);
    else if (metric->unit[0] == '\0' || strcmp(metric->unit, "bits") == 0 ||
             strcmp(metric->unit, "1/s") == 0) /* the label says it */
        snprintf(buffer, size, "%s", number);
    else
        snprintf(buffer, size, "%s %s", number, metric->unit);
    return buffer;
}

char *report_time(double unix_s, char *buffer, size_t size) {
    time_t seconds = (time_t)unix_s;
    struct tm parts;
    if (localtime_r(&seconds, &parts) == NULL || strftime(buffer, size, "%F %R", &parts) == 0)
        snprintf(buffer, size, "?");
    return buffer;
}

static int level_of(const char *name) {
    int level = REPORT_LEVELS - 1;
    while (level > 0 && strcmp(report_levels[level], name) != 0)
        level--;
    return level;
}

static void add(struct report_sum *sum, const struct store_component *row) {
    sum->count += row->count;
    sum->actions += row->actions;
    sum->area_m2 += row->area_m2;
    sum->energy_j += row->energy_j;
    sum->power_peak_w += row->power_peak_w;
    sum->leakage_w += row->leakage_w;
}

static int by_level_and_weight(const void *a, const void *b) {
    const struct report_part *left = a, *right = b;
    if (left->level != right->level)
        return left->level < right->level ? -1 : 1;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return strcmp(left->name, right->name);
}

static struct report_part *find_part(struct report_tree *tree, const struct store_component *row) {
    int level = level_of(row->level);
    for (int i = 0; i < tree->n_parts; i++)
        if (tree->parts[i].level == level && strcmp(tree->parts[i].name, row->component) == 0)
            return &tree->parts[i];
    struct report_part *part = &tree->parts[tree->n_parts++];
    *part = (struct report_part){
        .level = level, .name = row->component, .model = row->model, .source = row->source};
    return part;
}

enum status report_tree_make(const struct store_run *run, struct arena *arena,
                             struct report_tree *tree, struct diagnostic *diag) {
    *tree = (struct report_tree){.parts = ARENA_NEW(arena, run->n_components, struct report_part)};
    if (tree->parts == NULL)
        return FAIL_MEMORY(diag, "the tree of components");
    for (int i = 0; i < run->n_components; i++) {
        const struct store_component *row = &run->components[i];
        add(&find_part(tree, row)->sum, row);
        for (int level = level_of(row->level); level >= 0; level--)
            add(&tree->level[level], row);
    }
    for (int i = 0; i < tree->n_parts; i++)
        tree->parts[i].weight = share_of(tree->parts[i].sum.area_m2, tree->level[0].area_m2) +
                                share_of(tree->parts[i].sum.energy_j, tree->level[0].energy_j);
    qsort(tree->parts, (size_t)tree->n_parts, sizeof *tree->parts, by_level_and_weight);
    return STATUS_OK;
}
