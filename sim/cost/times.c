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
                                           .converting_s = converting,
                                           .reads = mapping->layers[i].reads};
    }
}

/* Stages of the chip's pipeline besides the array reads at its own geometry. */
static long other_stages(const struct chip *chip) {
    return chip->pipeline_stages - divide_up(chip->activation_bits, chip->dac_bits);
}

/* Bits that a link takes in a second; 0: the chip's file does not say. */
static double link_hz(const struct chip *chip) {
    return chip->timing.link_width * chip->timing.link_clock_hz;
}

/* What the steps of a flow know of the places of their layers. */
static void place_steps(const struct course *course, struct flow *flow) {
    const struct moves *moves = course->moves;
    double hz = link_hz(course->chip);
    for (int s = 0; s < flow->n_steps && course->plan->reload; s++) {
        int owner = moves->owner[s];
        if (owner == MOVE_GATE)
            continue;
        bool matrix = flow->steps[s].kind == FLOW_MATRIX;
        flow->steps[s].last_pass = (int)floorplan_last_chip(course->plan, owner);
        flow->steps[s].first_pass =
            matrix ? (int)floorplan_first_chip(course->plan, owner) : flow->steps[s].last_pass;
    }
    for (int m = 0; m < moves->n && hz > 0; m++) {
        const struct move *move = &moves->moves[m];
        if (!course->links->crosses[m])
            continue;
        struct flow_step *to = &flow->steps[move->to_step];
        double link_s = course->links->crossing_bits[m] / hz;
        for (int i = 0; move->to_step != MOVE_GATE && i < to->n_inputs; i++)
            if (to->inputs[i].from == move->from_step && course->plan->reload)
                to->inputs[i].load_s = link_s;
            else if (to->inputs[i].from == move->from_step)
                to->inputs[i].link_s = link_s;
        if (course->plan->reload && moves->owner[move->from_step] != MOVE_GATE)
            flow->steps[move->from_step].store_s = link_s;
    }
}

/* Least time between two images in each chip or pass: of its slowest layer, or of its links. */
static void find_intervals(const struct course *course, const struct pipeline_layer *layers,
                           double *interval_s) {
    const struct floorplan *plan = course->plan;
    double hz = link_hz(course->chip);
    for (int i = 0; i < course->mapping->n_layers; i++) {
        const struct mapped_layer *mapped = &course->mapping->layers[i];
        long positions = divide_up(matrix_positions(&mapped->layer->shape), mapped->copies);
        double own_s = (double)positions * layers[i].interval_s;
        for (long c = floorplan_first_chip(plan, i); c <= floorplan_last_chip(plan, i); c++)
            if (c < plan->chips && own_s > interval_s[c])
                interval_s[c] = own_s;
    }
    for (long c = 0; c < plan->chips && hz > 0; c++) {
        double in = course->links->in_bits[c], out = course->links->out_bits[c];
        double own_s = (in > out ? in : out) / hz;
        interval_s[c] = own_s > interval_s[c] ? own_s : interval_s[c];
    }
}

/* Latency and throughput of one kind of pipeline; with several passes a batch takes each of them,
 * and the writing of its cells, after the one before. */
static enum status time_pipeline(const struct course *course, const struct flow *flow,
                                 const struct pipeline_layer *layers, const double *interval_s,
                                 struct cost_report *report, struct diagnostic *diag) {
    const struct chip *chip = course->chip;
    const struct floorplan *plan = course->plan;
    int pooling = chip->pooling_stages > 0 ? chip->pooling_stages - chip->pipeline_stages : 0;
    bool overlaps = flow->pipeline != PIPELINE_LAYERS;
    double images = plan->reload ? course->batch : 1, all_s = 0, slowest_s = 0, load_s = 0;
    for (long c = 0; c < plan->chips; c++)
        slowest_s = interval_s[c] > slowest_s ? interval_s[c] : slowest_s;
    for (long pass = 0; pass < (plan->reload ? plan->chips : 1); pass++) {
        double own_s = 0;
        TRY(pipeline_latency(flow, layers, pooling * chip->cycle_s, (int)pass, &own_s, diag));
        all_s += own_s + (images - 1) * (overlaps ? interval_s[pass] : own_s);
        load_s += plan->reload ? course->reload->load_s[pass] : 0;
    }
    all_s += load_s;
    report->latency_by_pipeline_s[flow->pipeline] = all_s;
    report->throughput_by_pipeline_hz[flow->pipeline] =
        plan->reload ? images / all_s : 1 / (overlaps ? slowest_s : all_s);
    report->reload_s = load_s;
    return STATUS_OK;
}

enum status times_estimate(const struct course *course, struct cost_report *report,
                           struct diagnostic *diag) {
    const struct mapping *mapping = course->mapping;
    struct pipeline_layer *layers =
        ARENA_NEW(&report->arena, mapping->n_layers, struct pipeline_layer);
    double *interval_s = ARENA_NEW(&report->arena, course->plan->chips, double);
    if (layers == NULL || interval_s == NULL)
        return FAIL_MEMORY(diag, "the times of layers");
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *mapped = &mapping->layers[i];
        double cycle = report->timings[i].cycle_s, reads = report->timings[i].reads;
        layers[i] = (struct pipeline_layer){mapped->copies, reads * cycle,
                                            (reads + (double)other_stages(course->chip)) * cycle};
        long positions = divide_up(matrix_positions(&mapped->layer->shape), mapped->copies);
        long passes = floorplan_last_chip(course->plan, i) - floorplan_first_chip(course->plan, i);
        passes = course->plan->reload ? passes + 1 : 1;
        report->layers[i].time_s = (double)(passes * positions) * layers[i].interval_s;
    }
    find_intervals(course, layers, interval_s);
    for (int i = 0; i < PIPELINE_COUNT; i++) {
        struct flow flow;
        TRY(flow_create(course->chip, course->network, (enum chip_pipeline)i, &flow, diag));
        place_steps(course, &flow);
        enum status status = time_pipeline(course, &flow, layers, interval_s, report, diag);
        flow_free(&flow);
        TRY(status);
    }
    return STATUS_OK;
}
