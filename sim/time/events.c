/* Events: what happens to a position, one resource after the other. */
#include "sim/time/events.h"

#include <math.h>

#include "sim/time/events_internal.h"

enum event_type {
    EVENT_LINK_IN,   /* the input's: a position asks for the link */
    EVENT_READ,      /* a part asks for its tile's buffer */
    EVENT_LOAD,      /* ... for the bus, or a unit between layers */
    EVENT_LOADED,    /* inputs are in registers: array reads */
    EVENT_WORKED,    /* array reads are over */
    EVENT_SUMS,      /* sums are in macros: the bus to the tile */
    EVENT_ADD,       /* the tile's adders */
    EVENT_SUMMED,    /* the tile has its sums */
    EVENT_SUM_CAME,  /* sums of another tile are here: adders */
    EVENT_SUM_ADDED, /* ... and added */
    EVENT_ACTIVATE,  /* all sums are complete */
    EVENT_OUT,       /* results leave */
    EVENT_HOP,       /* a message asks for a port of a router */
    EVENT_WRITE,     /* ... for the buffer where it goes */
    EVENT_ARRIVED,   /* ... and is there */
    EVENT_LINK_OUT,  /* a result asks for the link */
    EVENT_FINISHED,  /* ... and is off the chip */
    EVENT_TYPES
};

static int64_t picoseconds(double seconds) {
    return (int64_t)llround(seconds * 1e12);
}

/* Ticks that `bits` take over `width` wires, as time. */
static int64_t transfer_ps(double bits, double width, double clock_hz) {
    return picoseconds(ceil(bits / width) / clock_hz);
}

static int64_t bus_ps(const struct simulation *sim, long bits) {
    return transfer_ps((double)bits, sim->chip->timing.bus_width, sim->chip->timing.clock_hz);
}

static int64_t link_ps(const struct simulation *sim, long bits) {
    return transfer_ps((double)bits, sim->chip->timing.link_width, sim->chip->timing.link_clock_hz);
}

static int64_t router_ps(const struct simulation *sim, long bits) {
    return transfer_ps((double)bits, sim->chip->timing.flit, sim->chip->timing.clock_hz);
}

/* Banks take turns, so one access follows the other after access / banks. */
static int64_t buffer_ps(const struct simulation *sim, long bits) {
    const struct chip_timing *timing = &sim->chip->timing;
    return picoseconds(ceil((double)bits / timing->buffer_width) * timing->buffer_access_s /
                       timing->buffer_banks);
}

static int64_t unit_ps(const struct simulation *sim, enum event_resource kind, long actions) {
    return sim->rate[kind] > 0 ? picoseconds((double)actions / sim->rate[kind]) : 0;
}

/* What comes next for an event at once. */
static bool follow(struct simulation *sim, const struct event *event, enum event_type type) {
    struct event next = *event;
    next.type = (int)type;
    next.time_ps = sim->now_ps;
    return event_put(&sim->queue, &next);
}

/* Takes a resource for `busy_ps` as soon as it is free; the event's next one comes `ahead_ps` after
 * that. */
static bool serve_ahead(struct simulation *sim, const struct event *event, enum event_type type,
                        enum event_resource kind, int index, int64_t busy_ps, int64_t ahead_ps) {
    struct resource *resource = &sim->resources[kind][index];
    struct waiting *waiting = &sim->waiting[kind][sim->placement.parts[event->part].step];
    struct event next = *event;
    int64_t start = resource->free_ps > sim->now_ps ? resource->free_ps : sim->now_ps;
    resource->free_ps = start + busy_ps;
    resource->busy_ps += busy_ps;
    waiting->sum_ps += start - sim->now_ps;
    waiting->times++;
    next.type = (int)type;
    next.time_ps = start + ahead_ps;
    next.way.waited_ps[kind] += start - sim->now_ps;
    next.way.worked_ps[kind] += ahead_ps;
    return event_put(&sim->queue, &next);
}

static bool serve(struct simulation *sim, const struct event *event, enum event_type type,
                  enum event_resource kind, int index, int64_t busy_ps) {
    return serve_ahead(sim, event, type, kind, index, busy_ps, busy_ps);
}

static const struct part *part_of(const struct simulation *sim, const struct event *event) {
    return &sim->placement.parts[event->part];
}

static bool has_room(const struct simulation *sim, const struct step_state *step) {
    for (int i = 0; i < step->n_out; i++) {
        const struct edge *edge = &sim->edges[step->out[i]];
        int64_t free = edge->released < edge->arrived ? edge->released : edge->arrived;
        if (!edge->input->control && step->started - free >= edge->capacity)
            return false;
    }
    return true;
}

static bool has_inputs(const struct simulation *sim, int index, int64_t position) {
    const struct flow_step *step = &sim->flow->steps[index];
    const struct step_state *state = &sim->steps[index];
    int64_t positions = flow_positions(step), image = position / positions;
    if (step->kind == FLOW_INPUT && sim->flow->pipeline == PIPELINE_LAYERS)
        return image <= sim->finished;
    for (int i = 0; i < state->n_in; i++) {
        const struct edge *edge = &sim->edges[state->in[i]];
        int64_t before = image * flow_positions(&sim->flow->steps[edge->from]);
        if (edge->arrived <
            before + flow_needs(sim->flow, step, edge->input, (long)(position % positions)))
            return false;
    }
    return true;
}

static bool has_registers(const struct simulation *sim, const int copy[2]) {
    for (int p = copy[0]; p < copy[1]; p++)
        if (sim->parts[p].held >= sim->placement.parts[p].slots)
            return false;
    return true;
}

static bool start_position(struct simulation *sim, int index, const int copy[2]) {
    struct step_state *step = &sim->steps[index];
    bool input = sim->flow->steps[index].kind == FLOW_INPUT;
    int64_t position = step->started++;
    for (int i = 0; i < step->n_out; i++) {
        struct edge *edge = &sim->edges[step->out[i]];
        int messages = count_wanted(sim, edge, position);
        edge->missing[position % edge->capacity] =
            messages > 0 ? messages : count_complete(sim, edge, position);
    }
    step->unloaded[position % step->ring] = copy[1] - copy[0];
    for (int p = copy[0]; p < copy[1]; p++) {
        struct event event = {.time_ps = sim->now_ps,
                              .position = position,
                              .type = input ? EVENT_LINK_IN : EVENT_READ,
                              .part = p,
                              .way = sim->current};
        sim->parts[p].held++;
        if (!event_put(&sim->queue, &event))
            return false;
    }
    return true;
}

/* Starts what can start in a step. */
static bool start_step(struct simulation *sim, int index) {
    struct step_state *step = &sim->steps[index];
    while (step->started < step->total) {
        int64_t copy = step->started % sim->placement.copies[index];
        const int *parts = &sim->placement.copy[index][copy];
        if (!has_registers(sim, parts) || !has_inputs(sim, index, step->started))
            return true;
        if (!has_room(sim, step)) {
            if (step->blocked_ps < 0)
                step->blocked_ps = sim->now_ps;
            return true;
        }
        if (step->blocked_ps >= 0)
            sim->blocked_ps += sim->now_ps - step->blocked_ps;
        step->blocked_ps = -1;
        if (!start_position(sim, index, parts))
            return false;
    }
    return true;
}

static bool on_link_in(struct simulation *sim, const struct event *event) {
    return serve(sim, event, EVENT_WORKED, RESOURCE_LINK, 0,
                 link_ps(sim, part_of(sim, event)->read_bits));
}

/* The bus follows the buffer: it can start with the first access and ends no earlier. */
static bool on_read(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    bool matrix = sim->flow->steps[part->step].kind == FLOW_MATRIX;
    int64_t all = buffer_ps(sim, part->read_bits), first = buffer_ps(sim, 1);
    return serve_ahead(sim, event, matrix ? EVENT_LOAD : EVENT_LOADED, RESOURCE_BUFFER, part->tile,
                       all, matrix && first < all ? first : all);
}

/* When all parts of a position and of those before have read it, its inputs make room. */
static bool release(struct simulation *sim, int index) {
    struct step_state *step = &sim->steps[index];
    const struct flow_step *own = &sim->flow->steps[index];
    int64_t positions = flow_positions(own), before = step->loaded;
    while (step->loaded < step->started && step->unloaded[step->loaded % step->ring] == 0)
        step->loaded++;
    if (step->loaded == before)
        return true;
    int64_t last = step->loaded - 1, image = last / positions;
    for (int i = 0; i < step->n_in; i++) {
        struct edge *edge = &sim->edges[step->in[i]];
        int64_t released = image * flow_positions(&sim->flow->steps[edge->from]) +
                           flow_releases(sim->flow, own, edge->input, (long)(last % positions));
        if (edge->input->control || released <= edge->released)
            continue;
        edge->released = released;
        if (!start_step(sim, edge->from))
            return false;
    }
    return true;
}

static bool on_load(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    int64_t bus = bus_ps(sim, part->read_bits), buffer = buffer_ps(sim, part->read_bits);
    return serve(sim, event, EVENT_LOADED, RESOURCE_BUS, part->tile, bus > buffer ? bus : buffer);
}

static bool on_loaded(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    const struct flow_step *step = &sim->flow->steps[part->step];
    enum event_resource kind = step->kind == FLOW_MATRIX ? RESOURCE_ARRAYS
                               : step->kind == FLOW_POOL ? RESOURCE_POOLING
                                                         : RESOURCE_ADDERS;
    long values = step->kind == FLOW_POOL ? part->read_bits / step->bits : part->adds;
    int64_t duration = step->kind == FLOW_MATRIX ? 0 : unit_ps(sim, kind, values);
    if (step->kind == FLOW_MATRIX) {
        const struct layer_timing *layer = &sim->timings[step->layer];
        duration = llround(layer->reads * (double)picoseconds(layer->cycle_s));
        sim->resources[RESOURCE_CONVERTERS][event->part].busy_ps +=
            llround(layer->reads * (double)picoseconds(layer->converting_s));
    }
    sim->steps[part->step].unloaded[event->position % sim->steps[part->step].ring]--;
    return serve(sim, event, EVENT_WORKED, kind,
                 step->kind == FLOW_MATRIX ? event->part : part->tile, duration) &&
           release(sim, part->step);
}

/* Registers are free again. The last read is yet to be converted, then shifted and added. */
static bool on_worked(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    const struct flow_step *step = &sim->flow->steps[part->step];
    struct event next = *event;
    next.type = EVENT_OUT;
    sim->parts[event->part].held--;
    if (step->kind == FLOW_MATRIX) {
        double rate = sim->rate[RESOURCE_CONVERTERS];
        int64_t last = picoseconds(sim->timings[step->layer].converting_s) +
                       picoseconds(rate > 0 ? part->columns / rate : 0);
        next.type = EVENT_SUMS;
        next.time_ps += last;
        next.way.worked_ps[RESOURCE_CONVERTERS] += last;
    }
    return event_put(&sim->queue, &next) && start_step(sim, part->step);
}

static bool on_sums(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    return serve(sim, event, EVENT_ADD, RESOURCE_BUS, part->tile, bus_ps(sim, part->sum_bits));
}

static bool on_add(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    return serve(sim, event, EVENT_SUMMED, RESOURCE_ADDERS, part->tile,
                 unit_ps(sim, RESOURCE_ADDERS, part->adds));
}

/* Sums of one source of a part came; positions of one copy come in order. */
static bool count_sums(struct simulation *sim, int index, int source) {
    const struct part *part = &sim->placement.parts[index];
    struct part_state *state = &sim->parts[index];
    int64_t least = ++state->sums[source];
    for (int i = 0; i < part->sources; i++)
        least = state->sums[i] < least ? state->sums[i] : least;
    while (state->ready < least) {
        struct event event = {.time_ps = sim->now_ps,
                              .position =
                                  state->ready * sim->placement.copies[part->step] + part->copy,
                              .type = EVENT_ACTIVATE,
                              .part = index,
                              .way = sim->current};
        state->ready++;
        if (!event_put(&sim->queue, &event))
            return false;
    }
    return true;
}

static bool on_summed(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    struct event message = *event;
    message.edge = TO_HOME;
    message.router = mesh_router(&sim->mesh, part->tile);
    for (int i = 0; i < part->n_ways; i++) {
        message.target = i;
        if (!follow(sim, &message, EVENT_HOP))
            return false;
    }
    return part->complete == 0 || count_sums(sim, event->part, 0);
}

static bool on_sum_came(struct simulation *sim, const struct event *event) {
    const struct sum_way *way = &part_of(sim, event)->ways[event->target];
    return serve(sim, event, EVENT_SUM_ADDED, RESOURCE_ADDERS, sim->placement.parts[way->to].tile,
                 unit_ps(sim, RESOURCE_ADDERS, way->filters));
}

static bool on_sum_added(struct simulation *sim, const struct event *event) {
    const struct sum_way *way = &part_of(sim, event)->ways[event->target];
    return count_sums(sim, way->to, way->source);
}

static bool on_activate(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    return serve(sim, event, EVENT_OUT, RESOURCE_ACTIVATION, part->tile,
                 unit_ps(sim, RESOURCE_ACTIVATION, part->complete));
}

/* One message of a position is there. What nobody needs any more makes room when it has come. */
static bool arrive(struct simulation *sim, struct edge *edge, int64_t position) {
    int64_t before = edge->arrived;
    edge->missing[position % edge->capacity]--;
    while (edge->arrived < sim->steps[edge->from].started &&
           edge->missing[edge->arrived % edge->capacity] == 0)
        edge->arrived++;
    return edge->arrived == before ||
           (start_step(sim, edge->to) && (edge->released <= before || start_step(sim, edge->from)));
}

static bool send(struct simulation *sim, const struct event *event, int edge, int target) {
    const struct part *part = part_of(sim, event);
    bool local = edge >= 0 && sim->flow->steps[part->step].kind != FLOW_INPUT &&
                 sim->edges[edge].targets[target].tile == part->tile;
    struct event message = *event;
    message.edge = edge;
    message.target = target;
    message.router = mesh_router(&sim->mesh, part->tile);
    return follow(sim, &message, local ? EVENT_WRITE : EVENT_HOP);
}

static bool on_out(struct simulation *sim, const struct event *event) {
    const struct part *part = part_of(sim, event);
    const struct step_state *step = &sim->steps[part->step];
    struct event message = *event;
    for (int i = 0; i < step->n_out; i++) {
        struct edge *edge = &sim->edges[step->out[i]];
        bool ends_here = edge->order_only || count_wanted(sim, edge, event->position) == 0;
        if (ends_here && part->complete > 0 && !arrive(sim, edge, event->position))
            return false;
        message.edge = step->out[i];
        for (int t = 0; t < edge->n_targets && !ends_here; t++) {
            message.target = t;
            if (tile_wants(sim, edge, &edge->targets[t], event->position) &&
                message_bits(sim, &message) > 0 && !send(sim, event, step->out[i], t))
                return false;
        }
    }
    return part->step != sim->flow->output || send(sim, event, TO_OUTSIDE, 0);
}

static int last_tile(const struct simulation *sim, const struct event *event) {
    return event->edge == TO_HOME
               ? sim->placement.parts[part_of(sim, event)->ways[event->target].to].tile
               : sim->edges[event->edge].targets[event->target].tile;
}

/* A port of a router. What goes to several tiles is one message as far as its ways are the same,
 * and routers copy it where they part: of messages of one part and position that ask for a port at
 * the same time, it carries the longest. */
static bool serve_port(struct simulation *sim, const struct event *event, enum event_type type,
                       int port, bool to_tail) {
    struct sent *sent = &sim->sent[port];
    struct resource *resource = &sim->resources[RESOURCE_ROUTER][port];
    long bits = message_bits(sim, event);
    int64_t busy_ps = router_ps(sim, bits);
    int64_t hop_ps = transfer_ps(sim->chip->timing.router_hop, 1, sim->chip->timing.clock_hz);
    bool copied = event->edge >= 0 && sent->bits > 0 && sent->asked_ps == sim->now_ps &&
                  sent->part == event->part && sent->edge == event->edge &&
                  sent->position == event->position;
    if (!copied) {
        int64_t free_ps = resource->free_ps;
        *sent = (struct sent){.asked_ps = sim->now_ps,
                              .start_ps = free_ps > sim->now_ps ? free_ps : sim->now_ps,
                              .position = event->position,
                              .part = event->part,
                              .edge = event->edge,
                              .bits = bits};
        return serve_ahead(sim, event, type, RESOURCE_ROUTER, port, busy_ps,
                           to_tail ? busy_ps : hop_ps);
    }
    if (bits > sent->bits) {
        int64_t longer_ps = busy_ps - router_ps(sim, sent->bits);
        resource->free_ps += longer_ps;
        resource->busy_ps += longer_ps;
        sent->bits = bits;
    }
    struct event next = *event;
    int64_t ahead_ps = to_tail ? busy_ps : hop_ps;
    next.type = (int)type;
    next.time_ps = sent->start_ps + ahead_ps;
    next.way.waited_ps[RESOURCE_ROUTER] += sent->start_ps - sim->now_ps;
    next.way.worked_ps[RESOURCE_ROUTER] += ahead_ps;
    return event_put(&sim->queue, &next);
}

/* The head of a message goes on as soon as it has a port; the port is busy until its tail is
 * through, and a message is there with its tail. */
static bool on_hop(struct simulation *sim, const struct event *event) {
    const struct mesh *mesh = &sim->mesh;
    int chip = event->router / mesh->routers, gate = chip * mesh->routers, next;
    int to = event->edge == TO_OUTSIDE ? gate : mesh_router(mesh, last_tile(sim, event));
    struct event message = *event;
    if (event->edge == TO_OUTSIDE && event->router == gate)
        return follow(sim, event, EVENT_LINK_OUT);
    if (to / mesh->routers != chip && event->router == gate) {
        message.router = to / mesh->routers * mesh->routers;
        return serve(sim, &message, EVENT_HOP, RESOURCE_LINK, 2 * chip + 1,
                     link_ps(sim, message_bits(sim, event)));
    }
    int port = mesh_port(mesh, event->router, to / mesh->routers == chip ? to : gate, &next);
    int first = event->router * (PORT_OUT + mesh->tiles_per_router);
    if (port == PORT_OUT) {
        port += last_tile(sim, event) % mesh->tiles % mesh->tiles_per_router;
        return serve_port(sim, event, event->edge == TO_HOME ? EVENT_SUM_CAME : EVENT_WRITE,
                          first + port, true);
    }
    message.router = next;
    return serve_port(sim, &message, EVENT_HOP, first + port, false);
}

static bool on_write(struct simulation *sim, const struct event *event) {
    return serve(sim, event, EVENT_ARRIVED, RESOURCE_BUFFER, last_tile(sim, event),
                 buffer_ps(sim, message_bits(sim, event)));
}

static bool on_arrived(struct simulation *sim, const struct event *event) {
    return arrive(sim, &sim->edges[event->edge], event->position);
}

static bool on_link_out(struct simulation *sim, const struct event *event) {
    return serve(sim, event, EVENT_FINISHED, RESOURCE_LINK,
                 2 * (event->router / sim->mesh.routers) + 1,
                 link_ps(sim, message_bits(sim, event)));
}

static bool on_finished(struct simulation *sim, const struct event *event) {
    int64_t image = event->position / flow_positions(&sim->flow->steps[sim->flow->output]);
    if (--sim->unfinished[image] > 0)
        return true;
    sim->finished_ps[image] = sim->now_ps;
    if (image == 0)
        sim->way = event->way;
    sim->finished++;
    return start_step(sim, 0);
}

typedef bool handle(struct simulation *sim, const struct event *event);
static handle *const handlers[EVENT_TYPES] = {
    [EVENT_LINK_IN] = on_link_in,   [EVENT_READ] = on_read,
    [EVENT_LOAD] = on_load,         [EVENT_LOADED] = on_loaded,
    [EVENT_WORKED] = on_worked,     [EVENT_SUMS] = on_sums,
    [EVENT_ADD] = on_add,           [EVENT_SUMMED] = on_summed,
    [EVENT_SUM_CAME] = on_sum_came, [EVENT_SUM_ADDED] = on_sum_added,
    [EVENT_ACTIVATE] = on_activate, [EVENT_OUT] = on_out,
    [EVENT_HOP] = on_hop,           [EVENT_WRITE] = on_write,
    [EVENT_ARRIVED] = on_arrived,   [EVENT_LINK_OUT] = on_link_out,
    [EVENT_FINISHED] = on_finished,
};

enum status simulation_run(struct simulation *sim, struct diagnostic *diag) {
    struct event event;
    bool enough = start_step(sim, 0);
    while (enough && event_take(&sim->queue, &event)) {
        sim->now_ps = event.time_ps;
        sim->current = event.way;
        sim->events++;
        enough = handlers[event.type](sim, &event);
    }
    if (!enough)
        return FAIL_MEMORY(diag, "events");
    if (sim->finished < sim->images)
        return FAIL(diag, STATUS_INTERNAL,
                    "the event-driven model stopped with %d of %d images done: please report this",
                    sim->finished, sim->images);
    return STATUS_OK;
}
