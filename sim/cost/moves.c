/* Which bits go from which tiles to which. */
#include "sim/cost/moves.h"

#include <assert.h>

#include "sim/time/flow.h"

/* Shares of a map that lie in tiles, being collected. */
struct spread {
    struct tile_share *shares;
    long n, room;
};

struct counter {
    const struct mapping *mapping;
    const struct floorplan *plan;
    const struct flow *flow;
    struct moves *moves;
    struct spread from, to;
    long *seen; /* per channel: the last tile that took it, + 1 */
};

/* Arrays and macros come in the order of tiles, so each of a layer's has one share. */
static void spread_add(struct spread *spread, long tile, double weight) {
    assert(spread->n < spread->room);
    spread->shares[spread->n++] = (struct tile_share){tile, weight};
}

/* A layer's results, or what is joined with them: evenly over its macros. */
static void spread_results(const struct counter *counter, int owner, struct spread *spread) {
    const struct floorplan *plan = counter->plan;
    spread->n = 0;
    if (owner == MOVE_GATE) {
        spread_add(spread, MOVE_GATE, 1);
        return;
    }
    long first = plan->macro[owner], end = first + plan->macros[owner];
    for (long macro = first, next; macro < end; macro = next) {
        long tile = macro / plan->macros_per_tile;
        next = (tile + 1) * plan->macros_per_tile;
        next = next < end ? next : end;
        spread_add(spread, tile, (double)(next - macro) / (double)(end - first));
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

static void end_tile(const struct mapped_layer *mapped, struct spread *spread,
                     const struct taker *taker) {
    double share = copy_share(mapped) * (double)taker->copies;
    if (taker->channels > 0)
        spread_add(spread, taker->tile,
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
            end_tile(mapped, spread, taker);
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
    spread->n = 0;
    for (int c = 0; c < mapped->layer->shape.in_channels; c++)
        counter->seen[c] = 0;
    for (long copy = 0; copy < mapped->copies; copy++)
        for (int i = 0; i < mapped->n_runs; i++)
            take_run(counter, layer, copy, &mapped->runs[i], &taker, spread);
    end_tile(mapped, spread, &taker);
}

static enum status copy_shares(const struct spread *spread, struct arena *arena,
                               struct tile_share **shares, long *n, struct diagnostic *diag) {
    *n = spread->n;
    *shares = ARENA_NEW(arena, spread->n, struct tile_share);
    if (*shares == NULL)
        return FAIL_MEMORY(diag, "the traffic between tiles");
    for (long i = 0; i < spread->n; i++)
        (*shares)[i] = spread->shares[i];
    return STATUS_OK;
}

/* The map of a step goes from one spread to the other; `layer` is charged with it. */
static enum status move(const struct counter *counter, int from_step, int to_step, int layer,
                        struct arena *arena, struct diagnostic *diag) {
    const struct flow_step *step = &counter->flow->steps[from_step];
    struct move *move = &counter->moves->moves[counter->moves->n++];
    *move = (struct move){.layer = layer,
                          .from_step = from_step,
                          .to_step = to_step,
                          .positions = flow_positions(step),
                          .bits = (double)flow_positions(step) * step->channels * step->bits};
    TRY(copy_shares(&counter->from, arena, &move->from, &move->n_from, diag));
    return copy_shares(&counter->to, arena, &move->to, &move->n_to, diag);
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* Finds where a step is done, and moves there what it needs. */
static enum status take_step(struct counter *counter, int index, struct arena *arena,
                             struct diagnostic *diag) {
    const struct flow_step *step = &counter->flow->steps[index];
    int owner = step->layer >= 0 ? step->layer : MOVE_GATE;
    for (int i = 0; i < step->n_inputs && step->layer < 0; i++)
        owner = larger(owner, counter->moves->owner[step->inputs[i].from]);
    counter->moves->owner[index] = owner;
    if (step->kind == FLOW_JOIN && step->adds)
        counter->moves->joined[owner == MOVE_GATE ? 0 : owner] +=
            (double)flow_positions(step) * step->channels * (step->n_inputs - 1);
    for (int i = 0; i < step->n_inputs; i++) {
        const struct flow_input *input = &step->inputs[i];
        int source = counter->moves->owner[input->from];
        if (input->control || (step->layer < 0 && source == owner))
            continue;
        spread_results(counter, source, &counter->from);
        if (step->layer >= 0)
            spread_inputs(counter, owner, &counter->to);
        else
            spread_results(counter, owner, &counter->to);
        TRY(move(counter, input->from, index, owner, arena, diag));
    }
    return STATUS_OK;
}

static enum status take_result(struct counter *counter, struct arena *arena,
                               struct diagnostic *diag) {
    int owner = counter->moves->owner[counter->flow->output];
    if (owner == MOVE_GATE)
        return STATUS_OK;
    spread_results(counter, owner, &counter->from);
    spread_results(counter, MOVE_GATE, &counter->to);
    return move(counter, counter->flow->output, MOVE_GATE, owner, arena, diag);
}

static enum status allocate(struct counter *counter, struct arena *arena, struct arena *work,
                            struct diagnostic *diag) {
    const struct mapping *mapping = counter->mapping;
    const struct flow *flow = counter->flow;
    int channels = 1, moves = 1; /* the result's */
    long tiles = 1;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        long macros = counter->plan->macros[i];
        channels = larger(channels, layer->layer->shape.in_channels);
        if (macros / counter->plan->macros_per_tile + 2 > tiles)
            tiles = macros / counter->plan->macros_per_tile + 2;
    }
    for (int i = 0; i < flow->n_steps; i++)
        moves += flow->steps[i].n_inputs;
    counter->moves->owner = ARENA_NEW(arena, flow->n_steps, int);
    counter->moves->n_steps = flow->n_steps;
    counter->seen = ARENA_NEW(work, channels, long);
    counter->from = (struct spread){ARENA_NEW(work, tiles, struct tile_share), 0, tiles};
    counter->to = (struct spread){ARENA_NEW(work, tiles, struct tile_share), 0, tiles};
    counter->moves->moves = ARENA_NEW(arena, moves, struct move);
    counter->moves->joined = ARENA_NEW(arena, mapping->n_layers, double);
    return counter->moves->owner != NULL && counter->seen != NULL && counter->from.shares != NULL &&
                   counter->to.shares != NULL && counter->moves->moves != NULL &&
                   counter->moves->joined != NULL
               ? STATUS_OK
               : FAIL_MEMORY(diag, "the traffic between tiles");
}

static enum status take_all(struct counter *counter, struct arena *arena, struct arena *work,
                            struct diagnostic *diag) {
    TRY(allocate(counter, arena, work, diag));
    for (int i = 0; i < counter->flow->n_steps; i++)
        TRY(take_step(counter, i, arena, diag));
    return take_result(counter, arena, diag);
}

enum status moves_make(const struct chip *chip, const struct network *network,
                       const struct mapping *mapping, const struct floorplan *plan,
                       struct arena *arena, struct moves *moves, struct diagnostic *diag) {
    struct flow flow;
    struct arena work = ARENA_INIT;
    *moves = (struct moves){0};
    TRY(flow_create(chip, network, PIPELINE_IMAGES, &flow, diag));
    struct counter counter = {.mapping = mapping, .plan = plan, .flow = &flow, .moves = moves};
    enum status status = take_all(&counter, arena, &work, diag);
    arena_free(&work);
    flow_free(&flow);
    return status;
}
