/* What leaves and enters chips and passes. */
#include "sim/cost/links.h"

static double larger(double a, double b) {
    return a > b ? a : b;
}

static double all_of(const struct tile_share *shares, long n) {
    double all = 0;
    for (long i = 0; i < n; i++)
        all += shares[i].weight;
    return all;
}

static long chip_of(const struct floorplan *plan, long tile) {
    return tile == MOVE_GATE ? 0 : tile / plan->mesh.tiles;
}

/* Of the shares of a map, as often as they pass a link. */
struct passed {
    double all, most; /* by all chips; by the one of the most */
};

/* Adds to each chip what its shares exchange with the others, but for those in the same chip.
 * Shares come chip by chip. */
static struct passed add_side(const struct floorplan *plan, const struct tile_share *shares, long n,
                              const struct tile_share *others, long n_others, double bits,
                              double *chips) {
    struct passed sum = {0, 0};
    double all = all_of(others, n_others);
    long o = 0;
    for (long i = 0, next; i < n; i = next) {
        long chip = chip_of(plan, shares[i].tile);
        double own = 0, same = 0;
        for (next = i; next < n && chip_of(plan, shares[next].tile) == chip; next++)
            own += shares[next].weight;
        while (o < n_others && chip_of(plan, others[o].tile) < chip)
            o++;
        for (; o < n_others && chip_of(plan, others[o].tile) == chip; o++)
            same += others[o].weight;
        double passed = own * (all - same);
        /* Sums of shares differ from each other by rounding. */
        passed = passed > 1e-9 * own * all ? passed : 0;
        chips[chip] += bits * passed;
        sum.all += passed;
        sum.most = larger(sum.most, passed);
    }
    return sum;
}

static void add_between_chips(const struct moves *moves, int index, const struct floorplan *plan,
                              struct links *links) {
    const struct move *move = &moves->moves[index];
    struct passed out =
        add_side(plan, move->from, move->n_from, move->to, move->n_to, move->bits, links->out_bits);
    struct passed in =
        add_side(plan, move->to, move->n_to, move->from, move->n_from, move->bits, links->in_bits);
    links->map_bits += out.all * move->bits;
    links->crossing_bits[index] = larger(out.most, in.most) * move->bits / (double)move->positions;
    links->crosses[index] = out.all > 0;
}

/* Passes of a step: those of the layer in whose tiles its map is made, its result in the last. */
static void passes_of(const struct moves *moves, const struct floorplan *plan, int step,
                      long *first, long *last) {
    int owner = step == MOVE_GATE ? MOVE_GATE : moves->owner[step];
    *first = owner == MOVE_GATE ? 0 : floorplan_first_chip(plan, owner);
    *last = owner == MOVE_GATE ? 0 : floorplan_last_chip(plan, owner);
}

/* `stored` [n_steps]: whether a step's map is in memory already, as images are. */
static void add_between_passes(const struct moves *moves, int index, const struct floorplan *plan,
                               bool *stored, struct links *links) {
    const struct move *move = &moves->moves[index];
    long made_first, made, first, last;
    passes_of(moves, plan, move->from_step, &made_first, &made);
    passes_of(moves, plan, move->to_step, &first, &last);
    links->crossing_bits[index] = move->bits / (double)move->positions;
    if (move->to_step == MOVE_GATE)
        return;
    for (long pass = first > made ? first : made + 1; pass <= last; pass++) {
        links->in_bits[pass] += move->bits;
        links->map_bits += move->bits;
        links->crosses[index] = true;
    }
    if (!links->crosses[index] || stored[move->from_step])
        return;
    stored[move->from_step] = true;
    if (moves->owner[move->from_step] == MOVE_GATE)
        return;
    links->out_bits[made] += move->bits;
    links->map_bits += move->bits;
}

/* Sums of a layer that a chip cannot hold at once. */
static void add_unfinished(const struct mapped_layer *mapped, const struct floorplan *plan,
                           int layer, int sum_bits, struct links *links) {
    double bits =
        (double)matrix_positions(&mapped->layer->shape) * mapped->filters_mapped * (double)sum_bits;
    long last = floorplan_last_chip(plan, layer);
    for (long pass = floorplan_first_chip(plan, layer); pass < last; pass++) {
        links->out_bits[pass] += bits;
        links->in_bits[pass + 1] += bits;
        links->map_bits += 2 * bits;
    }
}

enum status links_count(const struct moves *moves, const struct mapping *mapping,
                        const struct floorplan *plan, double image_bits, double result_bits,
                        int sum_bits, struct arena *arena, struct links *links,
                        struct diagnostic *diag) {
    bool *stored = ARENA_NEW(arena, moves->n_steps, bool);
    *links = (struct links){.out_bits = ARENA_NEW(arena, plan->chips, double),
                            .in_bits = ARENA_NEW(arena, plan->chips, double),
                            .crossing_bits = ARENA_NEW(arena, moves->n, double),
                            .crosses = ARENA_NEW(arena, moves->n, bool)};
    if (stored == NULL || links->out_bits == NULL || links->in_bits == NULL ||
        links->crossing_bits == NULL || links->crosses == NULL)
        return FAIL_MEMORY(diag, "the links of chips");
    for (int i = 0; i < moves->n; i++)
        if (plan->reload)
            add_between_passes(moves, i, plan, stored, links);
        else if (plan->chips > 1)
            add_between_chips(moves, i, plan, links);
    for (int i = 0; plan->reload && i < mapping->n_layers; i++)
        add_unfinished(&mapping->layers[i], plan, i, sum_bits, links);
    links->in_bits[0] += image_bits;
    links->out_bits[plan->reload ? plan->chips - 1 : 0] += result_bits;
    return STATUS_OK;
}
