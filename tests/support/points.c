#include "tests/support/points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Names of what a whole run has besides, each of its own length. */
static const char *const more[POINT_PARAMETERS] = {
    "a.00", "a.01", "a.02", "a.03", "a.04", "a.05", "a.06", "a.07", "a.08", "a.09", "a.10",
    "a.11", "b.00", "b.01", "b.02", "b.03", "b.04", "b.05", "b.06", "b.07", "b.08", "b.09",
    "b.10", "b.11", "c.00", "c.01", "c.02", "c.03", "c.04", "c.05", "c.06", "c.07", "c.08",
    "c.09", "c.10", "c.11", "d.00", "d.01", "d.02", "d.03", "d.04", "d.05", "d.06", "d.07",
    "d.08", "d.09", "d.10", "d.11", "e.00", "e.01", "e.02", "e.03", "e.04", "e.05", "e.06",
    "e.07", "e.08", "e.09", "e.10", "e.11", "f.00", "f.01", "f.02", "f.03", "f.04", "f.05",
    "f.06", "f.07", "f.08", "f.09", "f.10", "f.11", "g.00", "g.01", "g.02", "g.03", "g.04",
    "g.05", "g.06", "g.07", "g.08", "g.09", "g.10", "g.11", "h.00", "h.01", "h.02", "h.03",
};

/* The metrics that run_summary has beside those of a point. */
static const char *const summary[] = {
    "accuracy_top1",   "accuracy_ideal",  "images",
    "area_chip_m2",    "power_peak_w",    "power_average_w",
    "latency_s",       "throughput_ips",  "gops",
    "gops_per_w",      "gops_per_mm2",    "crossbars",
    "crossbars_dense", "crossbar_saving", "compression_ratio",
    "nonzero_weights", "adc_bits_max",    "adc_bits_mean",
    "accuracy_std",
};

static void add_parameter(struct store_run *run, struct point_rows *rows, const char *key,
                          const char *text) {
    char *end;
    strtol(text, &end, 10);
    rows->parameters[run->n_parameters++] =
        (struct store_parameter){.key = key,
                                 .text = text,
                                 .type = *end == '\0' ? PARAMETER_INTEGER : PARAMETER_TEXT,
                                 .differs = true};
}

static void add_metric(struct store_run *run, struct point_rows *rows, const char *name,
                       double value) {
    if (isfinite(value))
        rows->metrics[run->n_metrics++] =
            (struct store_metric){.scope = "run", .name = name, .unit = "", .value = value};
}

static void add_rest(struct store_run *run, struct point_rows *rows) {
    static const char *const names[POINT_LAYERS] = {"c1", "c2", "fc1", "fc2"};
    for (size_t i = 0; i < sizeof summary / sizeof *summary; i++)
        add_metric(run, rows, summary[i], 1.25 * (double)i);
    for (int i = 0; run->n_metrics < POINT_METRICS; i++)
        add_metric(run, rows, more[i], 0.5 * i);
    for (int i = 0; run->n_parameters < POINT_PARAMETERS; i++) {
        add_parameter(run, rows, more[i], "12");
        rows->parameters[run->n_parameters - 1].differs = false;
    }
    for (int i = 0; i < POINT_LAYERS; i++)
        rows->layers[i] = (struct store_layer){
            .name = names[i], .kind = "conv", .rows = 25, .columns = 20, .weights = 500};
    run->n_layers = POINT_LAYERS;
}

struct store_run point_run(const struct point *point, int index, bool whole,
                           struct point_rows *rows) {
    struct store_run run = {
        .experiment = point->experiment,
        .base_yaml = "crossbar: {rows: 128}\n",
        .base_hash = "00112233445566778899aabbccddeeff",
        .config_yaml = "crossbar: {rows: 37}\n",
        .point_hash = rows->hash,
        .trial = point->trial,
        .version = "0.1.0+abc",
        .commit = "abc",
        .host = "host x86_64",
        .libraries = "{}",
        .model_hash = "fedcba9876543210fedcba9876543210",
        .status = point->status != NULL ? point->status : "done",
        .started_unix_s = 1.75e9 + index,
        .wall_s = 0.25,
        .parameters = rows->parameters,
        .metrics = rows->metrics,
        .layers = rows->layers,
    };
    snprintf(rows->hash, sizeof rows->hash, "%032d", index);
    snprintf(rows->text, sizeof rows->text, "%d", point->rows);
    add_parameter(&run, rows, "crossbar.rows", rows->text);
    add_parameter(&run, rows, "adc.bits", point->bits);
    add_metric(&run, rows, "accuracy_mean", point->accuracy);
    add_metric(&run, rows, "area_m2", point->area_m2);
    add_metric(&run, rows, "energy_per_inference_j", point->energy_j);
    if (whole)
        add_rest(&run, rows);
    return run;
}
