/* What the event-driven model found: times, and who was waited for. */
#include "sim/time/events_internal.h"

const char *const event_resource_names[] = {
    [RESOURCE_ARRAYS] = "arrays",   [RESOURCE_CONVERTERS] = "converters",
    [RESOURCE_BUFFER] = "buffer",   [RESOURCE_BUS] = "bus",
    [RESOURCE_ADDERS] = "adders",   [RESOURCE_ACTIVATION] = "activation",
    [RESOURCE_POOLING] = "pooling", [RESOURCE_ROUTER] = "router",
    [RESOURCE_LINK] = "link",       [RESOURCE_COUNT] = NULL,
};

static double seconds(int64_t picoseconds) {
    return 1e-12 * (double)picoseconds;
}

/* A layer's name; what lies between layers goes by the one before it. */
static const char *step_name(const struct simulation *sim, int step) {
    while (sim->flow->steps[step].kind != FLOW_MATRIX && sim->flow->steps[step].n_inputs > 0)
        step = sim->flow->steps[step].inputs[0].from;
    const struct flow_step *own = &sim->flow->steps[step];
    return own->kind == FLOW_MATRIX ? sim->mapping->layers[own->layer].layer->name : "input";
}

static struct resource_use use_of(const struct simulation *sim, int kind) {
    struct resource_use use = {.way_worked_s = seconds(sim->way.worked_ps[kind]),
                               .way_waited_s = seconds(sim->way.waited_ps[kind])};
    int64_t busiest = 0;
    for (int i = 0; i < sim->n_resources[kind]; i++)
        if (sim->resources[kind][i].busy_ps > busiest)
            busiest = sim->resources[kind][i].busy_ps;
    use.busiest = (double)busiest / (double)sim->now_ps;
    for (int s = 0; s < sim->flow->n_steps; s++) {
        const struct waiting *waiting = &sim->waiting[kind][s];
        double mean_s = waiting->times > 0 ? seconds(waiting->sum_ps) / (double)waiting->times : 0;
        use.waited_s += seconds(waiting->sum_ps);
        if (mean_s > use.longest_s) {
            use.longest_s = mean_s;
            use.waiting = step_name(sim, s);
        }
    }
    return use;
}

static void fill(const struct simulation *sim, struct event_report *events) {
    int last = sim->images - 1;
    *events = (struct event_report){
        .pipeline = sim->flow->pipeline,
        .images = sim->images,
        .latency_s = seconds(sim->finished_ps[0]),
        .events = sim->events,
        .blocked_s = seconds(sim->blocked_ps),
        .buffer_bytes = sim->chip->timing.buffer_bytes,
        .fullest_bytes = sim->fullest_bytes,
    };
    double between_s = seconds(sim->finished_ps[last] - sim->finished_ps[0]);
    events->throughput_hz = last > 0 ? last / between_s : 1 / events->latency_s;
    for (int kind = 0; kind < RESOURCE_COUNT; kind++)
        events->use[kind] = use_of(sim, kind);
}

enum status pipeline_events_check(const struct chip *chip, struct diagnostic *diag) {
    if (chip->timing.clock_hz > 0)
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE,
                "chip %s has no section \"timing\" in its file, which chip.timing=event needs: add "
                "it (docs/cost.md), or set chip.timing=analytic",
                chip->name);
}

enum status pipeline_events(const struct chip *chip, const struct network *network,
                            const struct mapping *mapping, const struct floorplan *plan,
                            const struct layer_timing *timings, enum chip_pipeline pipeline,
                            int images, struct event_report *events, struct diagnostic *diag) {
    struct flow flow;
    *events = (struct event_report){0};
    TRY(pipeline_events_check(chip, diag));
    TRY(flow_create(chip, network, pipeline, &flow, diag));
    struct simulation simulation = {.chip = chip,
                                    .flow = &flow,
                                    .mapping = mapping,
                                    .plan = plan,
                                    .timings = timings,
                                    .images = images};
    enum status status = simulation_create(&simulation, diag);
    if (status == STATUS_OK)
        status = simulation_run(&simulation, diag);
    if (status == STATUS_OK)
        fill(&simulation, events);
    simulation_free(&simulation);
    flow_free(&flow);
    return status;
}
