/* What lies where, and how far from each other. */
#include "sim/cost/traffic.h"

/* How values, or shares of them, lie over the routers of one chip. */
struct mass {
    double all, gate;     /* gate: weighted by the routers passed from router 0 */
    double *row, *column; /* [mesh.width] */
};

/* The same over all chips. */
struct spread {
    struct mass *chips; /* [plan->chips] */
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
    long at = floorplan_place(plan, tile);
    struct mesh_place place = mesh_place(&plan->mesh, mesh_router(&plan->mesh, at));
    struct mass *mass = &spread->chips[at / plan->mesh.tiles];
    mass->all += weight;
    mass->gate += weight * (place.row + place.column + 1);
    mass->row[place.row] += weight;
    mass->column[place.column] += weight;
}

static void spread_shares(const struct floorplan *plan, struct spread *spread,
                          const struct tile_share *shares, long n) {
    spread_clear(plan, spread);
    for (long i = 0; i < n; i++)
        spread_add(plan, spread, shares[i].tile, shares[i].weight);
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

/* Routers passed from each of `from` to each of `to`, by weight. */
static double routers_between(const struct floorplan *plan, const struct spread *from,
                              const struct spread *to) {
    double routers = 0, all = 0, gate = 0;
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
    }
    return routers;
}

static void add_move(const struct move *move, const struct floorplan *plan, struct spread *from,
                     struct spread *to, struct traffic *traffic) {
    double all = 0;
    spread_shares(plan, from, move->from, move->n_from);
    spread_shares(plan, to, move->to, move->n_to);
    traffic->router_bits[move->layer] += move->bits * routers_between(plan, from, to);
    for (long c = 0; c < plan->chips; c++)
        all += to->chips[c].all;
    traffic->moved_bits[move->layer] += move->bits * all;
}

enum status traffic_count(const struct moves *moves, int n_layers, const struct floorplan *plan,
                          struct arena *arena, struct traffic *traffic, struct diagnostic *diag) {
    struct spread from, to;
    *traffic = (struct traffic){.router_bits = ARENA_NEW(arena, n_layers, double),
                                .moved_bits = ARENA_NEW(arena, n_layers, double)};
    if (traffic->router_bits == NULL || traffic->moved_bits == NULL)
        return FAIL_MEMORY(diag, "the traffic between tiles");
    TRY(spread_make(plan, arena, &from, diag));
    TRY(spread_make(plan, arena, &to, diag));
    for (int i = 0; i < moves->n; i++)
        add_move(&moves->moves[i], plan, &from, &to, traffic);
    return STATUS_OK;
}

double traffic_router_bits(const struct traffic *traffic, int n_layers) {
    double sum = 0;
    for (int i = 0; i < n_layers; i++)
        sum += traffic->router_bits[i];
    return sum;
}
