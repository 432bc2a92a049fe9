/* The event-driven model before its first event: edges, buffers, resources. */
#include "sim/time/events_internal.h"

static enum status short_of_memory(struct diagnostic *diag) {
    return FAIL_MEMORY(diag, "the event-driven model");
}

/* Steps' inputs as edges, and which edges leave and enter each step. */
static enum status connect(struct simulation *sim, struct diagnostic *diag) {
    const struct flow *flow = sim->flow;
    for (int s = 0; s < flow->n_steps; s++)
        sim->n_edges += flow->steps[s].n_inputs;
    sim->edges = ARENA_NEW(&sim->arena, sim->n_edges, struct edge);
    sim->steps = ARENA_NEW(&sim->arena, flow->n_steps, struct step_state);
    if (sim->edges == NULL || sim->steps == NULL)
        return short_of_memory(diag);
    struct edge *edge = sim->edges;
    for (int s = 0; s < flow->n_steps; s++)
        for (int i = 0; i < flow->steps[s].n_inputs; i++, edge++) {
            edge->input = &flow->steps[s].inputs[i];
            edge->from = edge->input->from;
            edge->to = s;
            sim->steps[s].n_in++;
            sim->steps[edge->from].n_out++;
        }
    for (int s = 0; s < flow->n_steps; s++) {
        struct step_state *step = &sim->steps[s];
        step->in = ARENA_NEW(&sim->arena, step->n_in, int);
        step->out = ARENA_NEW(&sim->arena, step->n_out, int);
        if (step->in == NULL || step->out == NULL)
            return short_of_memory(diag);
        step->n_in = step->n_out = 0;
    }
    for (int e = 0; e < sim->n_edges; e++) {
        struct step_state *from = &sim->steps[sim->edges[e].from];
        struct step_state *to = &sim->steps[sim->edges[e].to];
        from->out[from->n_out++] = e;
        to->in[to->n_in++] = e;
    }
    return STATUS_OK;
}

/* The tiles that an edge goes to; parts of one tile share its buffer. */
static enum status find_targets(struct simulation *sim, struct edge *edge,
                                struct diagnostic *diag) {
    const struct placement *placement = &sim->placement;
    int first = placement->first[edge->to], end = placement->first[edge->to + 1];
    int channels = sim->flow->steps[edge->from].channels;
    edge->targets = ARENA_NEW(&sim->arena, end - first, struct target);
    edge->messages = ARENA_NEW(&sim->arena, placement->copies[edge->from], int);
    if (edge->targets == NULL || edge->messages == NULL)
        return short_of_memory(diag);
    if (edge->input->control)
        return STATUS_OK;
    for (int p = first; p < end; p++) {
        const struct part *part = &placement->parts[p];
        struct channels of = channels_from(edge->input, channels, part->in);
        if (of.first == of.end)
            continue;
        struct target *last = edge->n_targets > 0 ? &edge->targets[edge->n_targets - 1] : NULL;
        if (last == NULL || last->tile != part->tile) /* parts are in the order of tiles */
            edge->targets[edge->n_targets++] =
                (struct target){.tile = part->tile, .of = of, .first_copy = part->copy, .share = 1};
        struct target *target = &edge->targets[edge->n_targets - 1];
        target->of.first = of.first < target->of.first ? of.first : target->of.first;
        target->of.end = of.end > target->of.end ? of.end : target->of.end;
        target->last_copy = part->copy;
    }
    return STATUS_OK;
}

/* How many messages tell that a position is there. Where a copy would send none, because pruning
 * left nothing to send or nobody to take it, the end of its work counts instead. */
static void count_messages(const struct simulation *sim, struct edge *edge) {
    const struct placement *placement = &sim->placement;
    edge->order_only = edge->input->control;
    int first = placement->first[edge->from], end = placement->first[edge->from + 1];
    for (int p = first; p < end; p++)
        for (int t = 0; t < edge->n_targets; t++)
            edge->messages[placement->parts[p].copy] +=
                placement->parts[p].complete > 0 &&
                channels_overlap(placement->parts[p].out, edge->targets[t].of);
    for (int c = 0; c < placement->copies[edge->from]; c++)
        edge->order_only = edge->order_only || edge->messages[c] == 0;
    if (!edge->order_only)
        return;
    edge->n_targets = 0;
    for (int c = 0; c < placement->copies[edge->from]; c++)
        edge->messages[c] = 0;
    for (int p = first; p < end; p++)
        edge->messages[placement->parts[p].copy] += placement->parts[p].complete > 0;
}

static double target_bytes(const struct simulation *sim, const struct edge *edge,
                           const struct target *target) {
    int channels = target->of.end - target->of.first;
    return target->share * channels * sim->flow->steps[edge->from].bits / 8.0;
}

/* How many layers, pools and joins after the input a step comes, on the longest way. */
static void find_depths(const struct flow *flow, int *depth) {
    for (int s = 0; s < flow->n_steps; s++)
        for (int i = 0; i < flow->steps[s].n_inputs; i++)
            if (depth[flow->steps[s].inputs[i].from] >= depth[s])
                depth[s] = depth[flow->steps[s].inputs[i].from] + 1;
}

/* A tile's buffer is shared by the maps in it in proportion to the least that each needs, which it
 * has in any case; beyond two whole maps nobody gains. Where steps work on successive images, each
 * holds the map that it reads and those of the images between it and the step that made them. */
static enum status share_buffers(struct simulation *sim, struct diagnostic *diag) {
    long **least;
    TRY(flow_least_capacities(sim->flow, &sim->arena, &least, diag));
    double *bytes = ARENA_NEW(&sim->arena, sim->placement.tiles + 1, double);
    int *depth = ARENA_NEW(&sim->arena, sim->flow->n_steps, int);
    if (bytes == NULL || depth == NULL)
        return short_of_memory(diag);
    find_depths(sim->flow, depth);
    for (int pass = 0; pass < 2; pass++)
        for (int e = 0; e < sim->n_edges; e++) {
            struct edge *edge = &sim->edges[e];
            long whole = 2 * flow_positions(&sim->flow->steps[edge->from]);
            long held = least[edge->to][edge->input - sim->flow->steps[edge->to].inputs];
            if (sim->flow->pipeline == PIPELINE_IMAGES)
                held = whole / 2 * (depth[edge->to] - depth[edge->from] + 1);
            double share = (double)whole;
            for (int t = 0; t < edge->n_targets; t++) {
                double *tile = &bytes[edge->targets[t].tile];
                if (pass == 0)
                    *tile += (double)held * target_bytes(sim, edge, &edge->targets[t]);
                else if (sim->chip->timing.buffer_bytes / *tile * (double)held < share)
                    share = sim->chip->timing.buffer_bytes / *tile * (double)held;
            }
            edge->capacity = (int64_t)share > held ? (int64_t)share : held;
        }
    for (int t = 0; t < sim->placement.tiles; t++)
        if (bytes[t] > sim->fullest_bytes)
            sim->fullest_bytes = bytes[t];
    return STATUS_OK;
}

static enum status make_rings(struct simulation *sim, struct diagnostic *diag) {
    const struct placement *placement = &sim->placement;
    for (int e = 0; e < sim->n_edges; e++) {
        sim->edges[e].missing = ARENA_NEW(&sim->arena, sim->edges[e].capacity, int);
        if (sim->edges[e].missing == NULL)
            return short_of_memory(diag);
    }
    for (int s = 0; s < sim->flow->n_steps; s++) {
        struct step_state *step = &sim->steps[s];
        step->total = sim->images * flow_positions(&sim->flow->steps[s]);
        step->ring = 2L * placement->copies[s]; /* part.slots of every copy at most */
        step->unloaded = ARENA_NEW(&sim->arena, step->ring, int);
        step->blocked_ps = -1;
        if (step->unloaded == NULL)
            return short_of_memory(diag);
    }
    sim->parts = ARENA_NEW(&sim->arena, placement->n_parts, struct part_state);
    if (sim->parts == NULL)
        return short_of_memory(diag);
    for (int p = 0; p < placement->n_parts; p++) {
        sim->parts[p].sums = ARENA_NEW(&sim->arena, placement->parts[p].sources, int64_t);
        if (sim->parts[p].sums == NULL)
            return short_of_memory(diag);
    }
    return STATUS_OK;
}

/* Actions a second of all components of one kind below a level; 0 where the file gives energies
 * instead of rates. */
static double rate_of(const struct chip *chip, enum chip_action action, enum chip_level level) {
    const int children[CHIP_LEVELS] = {chip->tiles, chip->macros_per_tile, chip->arrays_per_macro,
                                       0};
    double rate = 0;
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        if (part->action != action || part->level < level)
            continue;
        double count = part->count;
        for (int l = (int)level; l < (int)part->level; l++)
            count *= children[l];
        rate += count * part->actions_per_cycle / chip->cycle_s;
    }
    return rate;
}

static enum status make_resources(struct simulation *sim, struct diagnostic *diag) {
    const struct chip *chip = sim->chip;
    int tiles = sim->placement.tiles > 0 ? sim->placement.tiles : 1;
    int chips = (tiles - 1) / chip->tiles + 1;
    const int counts[RESOURCE_COUNT] = {
        [RESOURCE_ARRAYS] = sim->placement.n_parts,
        [RESOURCE_CONVERTERS] = sim->placement.n_parts,
        [RESOURCE_BUFFER] = tiles,
        [RESOURCE_BUS] = tiles,
        [RESOURCE_ADDERS] = tiles,
        [RESOURCE_ACTIVATION] = tiles,
        [RESOURCE_POOLING] = tiles,
        [RESOURCE_ROUTER] = chips * sim->mesh.routers * (PORT_OUT + sim->mesh.tiles_per_router),
        [RESOURCE_LINK] = 2 * chips,
    };
    for (int kind = 0; kind < RESOURCE_COUNT; kind++) {
        sim->n_resources[kind] = counts[kind];
        sim->resources[kind] = ARENA_NEW(&sim->arena, counts[kind], struct resource);
        sim->waiting[kind] = ARENA_NEW(&sim->arena, sim->flow->n_steps, struct waiting);
        if (sim->resources[kind] == NULL || sim->waiting[kind] == NULL)
            return short_of_memory(diag);
    }
    sim->sent = ARENA_NEW(&sim->arena, counts[RESOURCE_ROUTER], struct sent);
    if (sim->sent == NULL)
        return short_of_memory(diag);
    sim->rate[RESOURCE_ADDERS] = rate_of(chip, ACTION_PARTIAL_SUM, CHIP_TILE);
    sim->rate[RESOURCE_ACTIVATION] = rate_of(chip, ACTION_ACTIVATION, CHIP_TILE);
    sim->rate[RESOURCE_POOLING] = rate_of(chip, ACTION_POOL, CHIP_TILE);
    sim->rate[RESOURCE_CONVERTERS] = rate_of(chip, ACTION_SHIFT_ADD, CHIP_MACRO);
    return STATUS_OK;
}

static enum status make_images(struct simulation *sim, struct diagnostic *diag) {
    const struct placement *placement = &sim->placement;
    int output = sim->flow->output;
    sim->unfinished = ARENA_NEW(&sim->arena, sim->images, long);
    sim->finished_ps = ARENA_NEW(&sim->arena, sim->images, int64_t);
    if (sim->unfinished == NULL || sim->finished_ps == NULL)
        return short_of_memory(diag);
    int64_t positions = flow_positions(&sim->flow->steps[output]);
    for (int64_t p = 0; p < sim->images * positions; p++) {
        const int *copy = &placement->copy[output][p % placement->copies[output]];
        for (int part = copy[0]; part < copy[1]; part++)
            if (placement->parts[part].complete > 0)
                sim->unfinished[p / positions]++;
    }
    return STATUS_OK;
}

enum status simulation_create(struct simulation *sim, struct diagnostic *diag) {
    if (sim->plan == NULL) {
        struct floorplan *in_order = ARENA_NEW(&sim->arena, 1, struct floorplan);
        if (in_order == NULL)
            return short_of_memory(diag);
        TRY(floorplan_make(sim->chip, sim->mapping, OVERFLOW_CHIPS, &sim->arena, in_order, diag));
        sim->plan = in_order;
    }
    TRY(placement_create(sim->chip, sim->flow, sim->mapping, sim->plan, &sim->placement, diag));
    sim->mesh = mesh_make(sim->chip);
    TRY(connect(sim, diag));
    for (int e = 0; e < sim->n_edges; e++) {
        TRY(find_targets(sim, &sim->edges[e], diag));
        TRY(find_readers(sim, &sim->edges[e], diag));
        count_messages(sim, &sim->edges[e]);
    }
    TRY(share_buffers(sim, diag));
    TRY(make_rings(sim, diag));
    TRY(make_resources(sim, diag));
    return make_images(sim, diag);
}

void simulation_free(struct simulation *sim) {
    placement_free(&sim->placement);
    event_queue_free(&sim->queue);
    arena_free(&sim->arena);
}
