#include "sim/cost/traffic.h"

#include "sim/time/flow.h"

enum { AT_GATE = -1 }; /* owner: the image's source, and where results leave */

/* How values, or shares of them, lie over the routers of one chip. */
struct mass {
    double all, gate;     /* gate: weighted by the routers passed from router 0 */
    double *row, *column; /* [mesh.width] */
};

/* The same over all chips. */
struct spread {
    struct mass *chips; /* [plan->chips] */
};

struct counter {
    const struct mapping *mapping;
    const struct floorplan *plan;
    const struct flow *flow;
    struct traffic *traffic;
    int *owner; /* [n_steps] layer in whose tiles a step's map is made, or AT_GATE */
    struct spread from, to;
    long *seen; /* per channel: the last tile that took it, + 1 */
};

static enum status spread_make(const struct floorplan *plan, struct arena *arena,
                               struct spread *spread, struct diagnostic *diag) {
    spread->chips = ARENA_NEW(arena, plan->chips, struct mass);
    double *rooms = ARENA_NEW(arena, plan->chips * 2 * plan->mesh.width, double);
    if (spread->chips == NULL || rooms == NULL)
        return FAIL_MEMORY(diag, "the traffic between tiles");
    for (long c = 0; c < plan->chips; c++) {
        spread->chips[c].row = rooms + 2 * c * plan->mesh.width;
        spread->chips[c].column = rooms + (2 * c + 1) * plan->mesh.width;
    }
    return STATUS_OK;
}

static void spread_clear(const struct floorplan *plan, struct spread *spread) {
    for (long c = 0; c < plan->chips; c++) {
        struct mass *mass = &spread->chips[c];
        mass->all = mass->gate = 0;
        for (int i = 0; i < plan->mesh.width; i++)
            mass->row[i] = mass->column[i] = 0;
    }
}

static void spread_add(const struct floorplan *plan, struct spread *spread, long tile,
                       double weight) {
    struct mesh_place place = mesh_place(&plan->mesh, mesh_router(&plan->mesh, tile));
    struct mass *mass = &spread->chips[tile / plan->mesh.tiles];
    mass->all += weight;
    mass->gate += weight * (place.row + place.column + 1);
    mass->row[place.row] += weight;
    mass->column[place.column] += weight;
}

/* Sum of weights times |x - y| over all x of one and y of the other: at each step of the line, what
 * lies before it in one times what lies behind it in the other. */
static double distance(const double *a, double all_a, const double *b, double all_b, int n) {
    double before_a = 0, before_b = 0, sum = 0;
    for (int i = 0; i < n; i++) {
        before_a += a[i];
        before_b += b[i];
        sum += before_a * (all_b - before_b) + before_b * (all_a - before_a);
    }
    return sum;
}

/* Routers passed from each of `from` to each of `to`, by weight; `between`: the weight that goes
 * from one chip to another. */
static double routers_between(const struct floorplan *plan, const struct spread *from,
                              const struct spread *to, double *between) {
    double routers = 0, all = 0, gate = 0;
    *between = 0;
    for (long c = 0; c < plan->chips; c++) {
        all += to->chips[c].all;
        gate += to->chips[c].gate;
    }
    for (long c = 0; c < plan->chips; c++) {
        const struct mass *a = &from->chips[c], *b = &to->chips[c];
        if (a->all == 0)
            continue;
        routers += distance(a->row, a->all, b->row, b->all, plan->mesh.width) +
                   distance(a->column, a->all, b->column, b->all, plan->mesh.width) +
                   a->all * b->all;
        routers += a->gate * (all - b->all) + a->all * (gate - b->gate);
        *between += a->all * (all - b->all);
    }
    return routers;
}

/* A layer's results, or what is joined with them: evenly over its macros. */
static void spread_results(const struct counter *counter, int owner, struct spread *spread) {
    const struct floorplan *plan = counter->plan;
    spread_clear(plan, spread);
    if (owner == AT_GATE) {
        spread_add(plan, spread, 0, 1);
        return;
    }
    long first = plan->macro[owner], end = plan->macro[owner + 1];
    for (long macro = first, next; macro < end; macro = next) {
        long tile = macro / plan->macros_per_tile;
        next = (tile + 1) * plan->macros_per_tile;
        next = next < end ? next : end;
        spread_add(plan, spread, tile, (double)(next - macro) / (double)(end - first));
    }
}

/* Share of a map's columns that one copy of a layer needs, where copies take turns. */
static double copy_share(const struct mapped_layer *mapped) {
    const struct window *window = &mapped->layer->shape.window;
    double turn = (double)window->stride[1] * mapped->copies;
    return window->kernel[1] < turn ? window->kernel[1] / turn : 1;
}

/* What one tile of a layer takes while its arrays go by. */
struct taker {
    long tile, copies, last_copy, channels;
};

static void end_tile(const struct counter *counter, const struct mapped_layer *mapped,
                     struct spread *spread, const struct taker *taker) {
    double share = copy_share(mapped) * (double)taker->copies;
    if (taker->channels > 0)
        spread_add(counter->plan, spread, taker->tile,
                   (share < 1 ? share : 1) * (double)taker->channels /
                       mapped->layer->shape.in_channels);
}

/* Channels that the array has word lines for and its tile has not had: rows lie in (channel, kernel
 * row, kernel column) order. */
static long new_channels(const struct counter *counter, const struct mapped_layer *mapped,
                         const struct mapped_array *array, long tile) {
    const struct matrix_shape *shape = &mapped->layer->shape;
    int taps = shape->window.kernel[0] * shape->window.kernel[1];
    int first = array->pack * mapped->groups_per_pack * (shape->in_channels / shape->groups);
    const int *row = array->row;
    long count = 0;
    for (int i = 0; i < array->rows * array->row_sets;) {
        int left = array->rows - i % array->rows; /* of this set of rows, which rise */
        int own = row[i] / taps, end = (own + 1) * taps;
        if (row[i] < 0) {
            i++;
            continue;
        }
        count += counter->seen[first + own] != tile + 1;
        counter->seen[first + own] = tile + 1;
        int rest = end - row[i]; /* of the channel's rows, if every one is there */
        if (rest <= left && row[i + rest - 1] == end - 1) {
            i += rest;
            continue;
        }
        for (; left > 0 && row[i] < end && row[i] >= 0; left--)
            i++;
    }
    return count;
}

/* Gives the arrays of a run, of one copy, to the tiles that they lie in. */
static void take_run(const struct counter *counter, int layer, long copy,
                     const struct array_run *run, struct taker *taker, struct spread *spread) {
    const struct mapped_layer *mapped = &counter->mapping->layers[layer];
    long first = copy * mapped->n_arrays + run->first;
    long last_tile = floorplan_tile(counter->plan, layer, first + run->count - 1);
    for (long tile = floorplan_tile(counter->plan, layer, first); tile <= last_tile; tile++) {
        if (tile != taker->tile) {
            end_tile(counter, mapped, spread, taker);
            *taker = (struct taker){.tile = tile, .last_copy = -1};
        }
        taker->copies += copy != taker->last_copy;
        taker->last_copy = copy;
        taker->channels += new_channels(counter, mapped, &mapped->arrays[run->first], tile);
    }
}

/* Where a layer's input values go: each tile takes the channels that it has word lines for. */
static void spread_inputs(const struct counter *counter, int layer, struct spread *spread) {
    const struct mapped_layer *mapped = &counter->mapping->layers[layer];
    struct taker taker = {.tile = -1};
    spread_clear(counter->plan, spread);
    for (int c = 0; c < mapped->layer->shape.in_channels; c++)
        counter->seen[c] = 0;
    for (long copy = 0; copy < mapped->copies; copy++)
        for (int i = 0; i < mapped->n_runs; i++)
            take_run(counter, layer, copy, &mapped->runs[i], &taker, spread);
    end_tile(counter, mapped, spread, &taker);
}

/* Moves the map of a step; `layer` is charged with it. */
static void move(const struct counter *counter, const struct flow_step *step,
                 const struct spread *from, const struct spread *to, int layer) {
    double between;
    double bits = (double)flow_positions(step) * step->channels * step->bits;
    double routers = routers_between(counter->plan, from, to, &between);
    double all = 0;
    for (long c = 0; c < counter->plan->chips; c++)
        all += to->chips[c].all;
    counter->traffic->router_bits[layer] += bits * routers;
    counter->traffic->moved_bits[layer] += bits * all;
    counter->traffic->link_bits += bits * between;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* Finds where a step is done, and moves there what it needs. */
static void take_step(struct counter *counter, int index) {
    const struct flow_step *step = &counter->flow->steps[index];
    int owner = step->layer >= 0 ? step->layer : AT_GATE;
    for (int i = 0; i < step->n_inputs && step->layer < 0; i++)
        owner = larger(owner, counter->owner[step->inputs[i].from]);
    counter->owner[index] = owner;
    if (step->kind == FLOW_JOIN && step->adds)
        counter->traffic->joined[owner == AT_GATE ? 0 : owner] +=
            (double)flow_positions(step) * step->channels * (step->n_inputs - 1);
    for (int i = 0; i < step->n_inputs; i++) {
        const struct flow_input *input = &step->inputs[i];
        int source = counter->owner[input->from];
        if (input->control || (step->layer < 0 && source == owner))
            continue;
        spread_results(counter, source, &counter->from);
        if (step->layer >= 0)
            spread_inputs(counter, owner, &counter->to);
        else
            spread_results(counter, owner, &counter->to);
        move(counter, &counter->flow->steps[input->from], &counter->from, &counter->to, owner);
    }
}

static void take_result(struct counter *counter) {
    int owner = counter->owner[counter->flow->output];
    if (owner == AT_GATE)
        return;
    spread_results(counter, owner, &counter->from);
    spread_results(counter, AT_GATE, &counter->to);
    move(counter, &counter->flow->steps[counter->flow->output], &counter->from, &counter->to,
         owner);
}

static enum status count(struct counter *counter, struct arena *arena, struct diagnostic *diag) {
    const struct mapping *mapping = counter->mapping;
    int channels = 1;
    for (int i = 0; i < mapping->n_layers; i++)
        channels = larger(channels, mapping->layers[i].layer->shape.in_channels);
    counter->owner = ARENA_NEW(arena, counter->flow->n_steps, int);
    counter->seen = ARENA_NEW(arena, channels, long);
    counter->traffic->router_bits = ARENA_NEW(arena, mapping->n_layers, double);
    counter->traffic->moved_bits = ARENA_NEW(arena, mapping->n_layers, double);
    counter->traffic->joined = ARENA_NEW(arena, mapping->n_layers, double);
    if (counter->owner == NULL || counter->seen == NULL || counter->traffic->router_bits == NULL ||
        counter->traffic->moved_bits == NULL || counter->traffic->joined == NULL)
        return FAIL_MEMORY(diag, "the traffic between tiles");
    TRY(spread_make(counter->plan, arena, &counter->from, diag));
    TRY(spread_make(counter->plan, arena, &counter->to, diag));
    for (int i = 0; i < counter->flow->n_steps; i++)
        take_step(counter, i);
    take_result(counter);
    return STATUS_OK;
}

enum status traffic_count(const struct chip *chip, const struct network *network,
                          const struct mapping *mapping, const struct floorplan *plan,
                          struct arena *arena, struct traffic *traffic, struct diagnostic *diag) {
    struct flow flow;
    *traffic = (struct traffic){0};
    TRY(flow_create(chip, network, PIPELINE_IMAGES, &flow, diag));
    struct counter counter = {.mapping = mapping, .plan = plan, .flow = &flow, .traffic = traffic};
    enum status status = count(&counter, arena, diag);
    flow_free(&flow);
    return status;
}
