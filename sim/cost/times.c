/* Analytic times of a report: layers, latencies, throughputs. */
#include "sim/cost/cost_internal.h"

static long divide_up(long value, long by) {
    return (value + by - 1) / by;
}

/* All conversions of one read in one converter. The unit column takes no time, as in ISAAC: 128
 * columns and one more in 100 ns. */
static double converting_s(const struct converters *converters, const struct mapped_layer *mapped,
                           int layer) {
    int unit = mapped->unit_filters * mapped->encoding.columns;
    int shared = converters->columns_per_adc;
    /* A converter may have all columns of an operation unit, which lie next to each other. */
    int columns =
        mapped->unit_filters < mapped->filters_per_array ? unit : mapped->crossbar.columns;
    return converters_time_s(converters, layer, columns < shared ? columns : shared);
}

/* The preset's fixed cycle, stretched where a converter has more columns than it converts in it, or
 * is too slow for them. */
void times_of_layers(const struct chip *chip, const struct converters *converters,
                     const struct mapping *mapping, struct layer_timing *timings) {
    for (int i = 0; i < mapping->n_layers; i++) {
        double converting = converting_s(converters, &mapping->layers[i], i);
        bool fits = converting <= chip->cycle_s * (1 + 1e-9);
        timings[i] = (struct layer_timing){.cycle_s = fits ? chip->cycle_s : converting,
                                           .converting_s = converting};
    }
}

/* Stages of the chip's pipeline besides the array reads at its own geometry. */
static long other_stages(const struct chip *chip) {
    return chip->pipeline_stages - divide_up(chip->activation_bits, chip->dac_bits);
}

enum status times_estimate(const struct chip *chip, const struct network *network,
                           const struct mapping *mapping, struct cost_report *report,
                           struct diagnostic *diag) {
    struct pipeline_layer *layers =
        ARENA_NEW(&report->arena, mapping->n_layers, struct pipeline_layer);
    if (layers == NULL)
        return FAIL_MEMORY(diag, "the times of layers");
    double slowest_s = 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *mapped = &mapping->layers[i];
        double cycle = report->timings[i].cycle_s;
        layers[i] = (struct pipeline_layer){mapped->copies, mapped->reads * cycle,
                                            (double)(mapped->reads + other_stages(chip)) * cycle};
        long positions = divide_up(matrix_positions(&mapped->layer->shape), mapped->copies);
        report->layers[i].time_s = (double)positions * mapped->reads * cycle;
        if (report->layers[i].time_s > slowest_s)
            slowest_s = report->layers[i].time_s;
    }
    int pooling = chip->pooling_stages > 0 ? chip->pooling_stages - chip->pipeline_stages : 0;
    for (int i = 0; i < PIPELINE_COUNT; i++) {
        struct flow flow;
        double latency_s = 0;
        TRY(flow_create(chip, network, (enum chip_pipeline)i, &flow, diag));
        enum status status =
            pipeline_latency(&flow, layers, pooling * chip->cycle_s, &latency_s, diag);
        flow_free(&flow);
        TRY(status);
        report->latency_by_pipeline_s[i] = latency_s;
        report->throughput_by_pipeline_hz[i] = 1 / (i == PIPELINE_LAYERS ? latency_s : slowest_s);
    }
    return STATUS_OK;
}
