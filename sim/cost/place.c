/* Where tiles lie: in order, or swapped so that bits pass fewer routers.
 *
 * What passes between chips does so by router 0 of each, so a tile's way within its own chip is all
 * that its place there decides, and every chip is a problem of its own: the sum over moves of
 * bits * a_i * b_j * |p_i - p_j| over tiles i, j of the chip at places p (a what they give of the
 * move's map, b what they take), and of the ways to router 0 of what comes from and goes to other
 * chips. Steps between routers are rows plus columns, so what a tile at a place pays to all others
 * is a sum of one number for its row and one for its column, and a swap is tried in constant time
 * for each move that the two tiles are part of. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/random.h"
#include "sim/chip/floorplan.h"
#include "sim/cost/cost.h"
#include "sim/cost/traffic.h"

enum { CHAIN = 6 }; /* swaps that are tried together at most */

/* A tile's part in a move: what it gives and takes. */
struct stake {
    int field; /* of its chip */
    double gives, takes;
};

/* What lies on one side of a move in the chip, by row and by column: the weight, and what one at
 * each row or column would pay to reach it. */
struct side {
    double all;                 /* weight in the chip, or at its gate */
    double *row, *column;       /* [width] weight */
    double *to_row, *to_column; /* [width] sum of weight * distance */
};

/* A move as one chip sees it. */
struct field {
    int move;
    double bits;
    double gives_elsewhere, takes_elsewhere; /* weight in other chips: its way leads to router 0 */
    struct side gives, takes;
};

/* One chip. Tiles are numbered from 0, empty places hold tiles without stakes. */
struct board {
    const struct mesh *mesh;
    int *tile_at;          /* [mesh->tiles] */
    struct stake **stakes; /* [mesh->tiles], by field */
    int *n_stakes;
    struct field *fields;
    int n_fields;
    int last_move; /* of the newest field */
    double saved;  /* by all swaps so far */
};

static enum status short_of_memory(struct diagnostic *diag) {
    return FAIL_MEMORY(diag, "the places of tiles");
}

static double distance(struct mesh_place a, struct mesh_place b) {
    return abs(a.row - b.row) + abs(a.column - b.column);
}

static struct mesh_place place_of(const struct mesh *mesh, int place) {
    return mesh_place(mesh, mesh_router(mesh, place));
}

/* Sums of weight * distance along a line: one pass from each end. */
static void reach(const double *weight, double *to, int n) {
    double before = 0, sum = 0;
    for (int i = 0; i < n; i++) {
        to[i] = sum;
        before += weight[i];
        sum += before;
    }
    before = sum = 0;
    for (int i = n - 1; i >= 0; i--) {
        to[i] += sum;
        before += weight[i];
        sum += before;
    }
}

static void side_put(struct side *side, struct mesh_place at, double weight) {
    side->row[at.row] += weight;
    side->column[at.column] += weight;
    side->all += weight;
}

static void side_reach(struct side *side, int width) {
    reach(side->row, side->to_row, width);
    reach(side->column, side->to_column, width);
}

/* What a unit of weight saves to the side when it moves. */
static double saved(const struct side *side, struct mesh_place from, struct mesh_place to) {
    return side->to_row[from.row] + side->to_column[from.column] - side->to_row[to.row] -
           side->to_column[to.column];
}

/* What a swap of the tiles at two places saves in one move: the weight that they exchange pays
 * from the other place. Between the two of them nothing changes, though each seems to come nearer
 * to where the other was, which is taken off. */
static double saved_in(const struct field *field, struct stake a, struct stake b,
                       struct mesh_place from, struct mesh_place to) {
    double gives = a.gives - b.gives, takes = a.takes - b.takes;
    double gate = from.row + from.column - to.row - to.column;
    return field->bits * (gives * (saved(&field->takes, from, to) + field->takes_elsewhere * gate) +
                          takes * (saved(&field->gives, from, to) + field->gives_elsewhere * gate) +
                          2 * gives * takes * distance(from, to));
}

/* Calls for the moves that either of two tiles has a stake in. */
struct pair {
    const struct board *board;
    int a, b;       /* tiles */
    int at_a, at_b; /* stakes still to come */
};

static bool next_stake(struct pair *pair, struct stake *a, struct stake *b) {
    const struct board *board = pair->board;
    bool has_a = pair->at_a < board->n_stakes[pair->a],
         has_b = pair->at_b < board->n_stakes[pair->b];
    if (!has_a && !has_b)
        return false;
    int of_a = has_a ? board->stakes[pair->a][pair->at_a].field : board->n_fields;
    int of_b = has_b ? board->stakes[pair->b][pair->at_b].field : board->n_fields;
    int field = of_a < of_b ? of_a : of_b;
    *a = *b = (struct stake){.field = field};
    if (of_a == field)
        *a = board->stakes[pair->a][pair->at_a++];
    if (of_b == field)
        *b = board->stakes[pair->b][pair->at_b++];
    return true;
}

static double swap_saves(const struct board *board, int p, int q) {
    struct pair pair = {board, board->tile_at[p], board->tile_at[q], 0, 0};
    struct mesh_place from = place_of(board->mesh, p), to = place_of(board->mesh, q);
    struct stake a, b;
    double sum = 0;
    while (next_stake(&pair, &a, &b))
        sum += saved_in(&board->fields[a.field], a, b, from, to);
    return sum;
}

static void swap(struct board *board, int p, int q) {
    board->saved += swap_saves(board, p, q);
    struct pair pair = {board, board->tile_at[p], board->tile_at[q], 0, 0};
    struct mesh_place from = place_of(board->mesh, p), to = place_of(board->mesh, q);
    struct stake a, b;
    while (next_stake(&pair, &a, &b)) {
        struct field *field = &board->fields[a.field];
        side_put(&field->gives, from, b.gives - a.gives);
        side_put(&field->gives, to, a.gives - b.gives);
        side_put(&field->takes, from, b.takes - a.takes);
        side_put(&field->takes, to, a.takes - b.takes);
        side_reach(&field->gives, board->mesh->width);
        side_reach(&field->takes, board->mesh->width);
    }
    int tile = board->tile_at[p];
    board->tile_at[p] = board->tile_at[q];
    board->tile_at[q] = tile;
}

/* Every pair of places: a swap that saves something is taken as soon as it is found. Tiles of one
 * router have nothing to swap. */
static bool try_swaps(struct board *board, double least) {
    const struct mesh *mesh = board->mesh;
    bool saved = false;
    for (int p = 0; p < mesh->tiles; p++)
        for (int q = p + 1; q < mesh->tiles; q++) {
            if (mesh_router(mesh, p) == mesh_router(mesh, q) || swap_saves(board, p, q) <= least)
                continue;
            swap(board, p, q);
            saved = true;
        }
    return saved;
}

/* The place, of those not yet taken, whose swap with p saves most, or costs least; -1: none. */
static int best_partner(const struct board *board, int p, const int *taken, int n_taken,
                        double *saves) {
    const struct mesh *mesh = board->mesh;
    int best = -1;
    for (int q = 0; q < mesh->tiles; q++) {
        bool free = mesh_router(mesh, p) != mesh_router(mesh, q);
        for (int i = 0; i < n_taken; i++)
            free = free && taken[i] != q;
        double own = free ? swap_saves(board, p, q) : 0;
        if (free && (best < 0 || own > *saves)) {
            best = q;
            *saves = own;
        }
    }
    return best;
}

/* Exchanges the tile at place p for the best other, the one that came there for the best of what
 * is left, and so on, whatever that costs: a cycle of places. Goes back to where it had saved most
 * (Lin and Kernighan's chains). */
static bool try_chain(struct board *board, int p, double least) {
    int taken[CHAIN], n = 0, kept = 0;
    double saved = 0, most = least, saves = 0;
    while (n < CHAIN) {
        int q = best_partner(board, p, taken, n, &saves);
        if (q < 0)
            break;
        swap(board, p, q);
        taken[n++] = q;
        saved += saves;
        if (saved > most) {
            most = saved;
            kept = n;
        }
    }
    while (n > kept)
        swap(board, p, taken[--n]);
    return kept > 0;
}

/* Leads on where no swap alone saves anything. */
static bool try_chains(struct board *board, double least) {
    bool saved = false;
    for (int p = 0; p < board->mesh->tiles; p++)
        saved = try_chain(board, p, least) || saved;
    return saved;
}

/* Until nothing is left that saves anything. What is less than `least` is rounding. */
static void improve(struct board *board, double least) {
    for (int sweep = 0; sweep < COST_PLACE_SWEEPS; sweep++)
        if (!try_swaps(board, least) && !try_chains(board, least))
            return;
}

/* Swaps places at random. */
static void kick(struct board *board, gsl_rng *random) {
    unsigned long tiles = (unsigned long)board->mesh->tiles;
    for (unsigned long i = 0; i < 2 + tiles / 8; i++) {
        int p = (int)gsl_rng_uniform_int(random, tiles);
        int q = (int)gsl_rng_uniform_int(random, tiles);
        swap(board, p, q);
    }
}

/* Swaps until every tile is where `tile_at` says. */
static void restore(struct board *board, const int *tile_at) {
    for (int p = 0; p < board->mesh->tiles; p++)
        for (int q = p; board->tile_at[p] != tile_at[p]; q++)
            if (board->tile_at[q] == tile_at[p])
                swap(board, p, q);
}

/* Improves what there is, then again and again from places near the best so far, always the same
 * ones. */
static enum status search(struct board *board, long chip, double least, struct arena *work,
                          struct diagnostic *diag) {
    struct random_stream stream;
    int tiles = board->mesh->tiles, *best = ARENA_NEW(work, tiles, int);
    if (best == NULL)
        return short_of_memory(diag);
    if (board->n_fields == 0)
        return STATUS_OK;
    for (int round = 0; round <= COST_PLACE_KICKS; round++) {
        double before = board->saved;
        memcpy(best, board->tile_at, (size_t)tiles * sizeof *best);
        if (round > 0)
            kick(board, random_open(&stream, RANDOM_KEY(0, (uint64_t)chip, (uint64_t)round)));
        improve(board, least);
        if (board->saved < before + least)
            restore(board, best);
    }
    return STATUS_OK;
}

static struct board *board_of(struct board *boards, long tile) {
    return tile == MOVE_GATE ? NULL : &boards[tile / boards->mesh->tiles];
}

/* How many stakes each tile and fields each chip can have: one for each share. */
static void count_shares(struct board *boards, const struct tile_share *shares, long n, int move) {
    for (long i = 0; i < n; i++) {
        struct board *board = board_of(boards, shares[i].tile);
        if (board == NULL)
            continue;
        board->n_stakes[shares[i].tile % board->mesh->tiles]++;
        board->n_fields += board->last_move != move;
        board->last_move = move;
    }
}

static enum status make_side(int width, struct arena *arena, struct side *side,
                             struct diagnostic *diag) {
    double *lines = ARENA_NEW(arena, 4 * width, double);
    if (lines == NULL)
        return short_of_memory(diag);
    *side = (struct side){.row = lines,
                          .column = lines + width,
                          .to_row = lines + 2 * width,
                          .to_column = lines + 3 * width};
    return STATUS_OK;
}

/* Room for what was counted; then nothing is there yet. */
static enum status make_board(struct board *board, struct arena *arena, struct diagnostic *diag) {
    board->fields = ARENA_NEW(arena, board->n_fields, struct field);
    if (board->fields == NULL)
        return short_of_memory(diag);
    for (int f = 0; f < board->n_fields; f++) {
        TRY(make_side(board->mesh->width, arena, &board->fields[f].gives, diag));
        TRY(make_side(board->mesh->width, arena, &board->fields[f].takes, diag));
    }
    for (int t = 0; t < board->mesh->tiles; t++) {
        board->tile_at[t] = t;
        board->stakes[t] = ARENA_NEW(arena, board->n_stakes[t], struct stake);
        if (board->stakes[t] == NULL)
            return short_of_memory(diag);
        board->n_stakes[t] = 0;
    }
    board->n_fields = 0;
    board->last_move = -1;
    return STATUS_OK;
}

static void add_shares(struct board *boards, const struct tile_share *shares, long n, int move,
                       double bits, bool takes) {
    for (long i = 0; i < n; i++) {
        struct board *board = board_of(boards, shares[i].tile);
        if (board == NULL)
            continue;
        if (board->last_move != move) {
            board->fields[board->n_fields].bits = bits;
            board->fields[board->n_fields++].move = move;
        }
        board->last_move = move;
        int tile = (int)(shares[i].tile % board->mesh->tiles), field = board->n_fields - 1;
        struct stake *own = board->stakes[tile];
        int *n_own = &board->n_stakes[tile];
        if (*n_own == 0 || own[*n_own - 1].field != field)
            own[(*n_own)++] = (struct stake){.field = field};
        *(takes ? &own[*n_own - 1].takes : &own[*n_own - 1].gives) += shares[i].weight;
        side_put(takes ? &board->fields[field].takes : &board->fields[field].gives,
                 place_of(board->mesh, tile), shares[i].weight);
    }
}

static double all_of(const struct tile_share *shares, long n) {
    double all = 0;
    for (long i = 0; i < n; i++)
        all += shares[i].weight;
    return all;
}

/* Weights in other chips, and at the gate, to which a way leads through router 0 as well. */
static void finish_board(const struct moves *moves, struct board *board) {
    for (int f = 0; f < board->n_fields; f++) {
        struct field *field = &board->fields[f];
        const struct move *move = &moves->moves[field->move];
        field->gives_elsewhere = all_of(move->from, move->n_from) - field->gives.all;
        field->takes_elsewhere = all_of(move->to, move->n_to) - field->takes.all;
        side_reach(&field->gives, board->mesh->width);
        side_reach(&field->takes, board->mesh->width);
    }
}

static enum status make_boards(const struct moves *moves, const struct floorplan *plan,
                               struct arena *arena, struct board **boards,
                               struct diagnostic *diag) {
    *boards = ARENA_NEW(arena, plan->chips, struct board);
    if (*boards == NULL)
        return short_of_memory(diag);
    for (long c = 0; c < plan->chips; c++) {
        struct board *board = &(*boards)[c];
        *board = (struct board){.mesh = &plan->mesh,
                                .tile_at = ARENA_NEW(arena, plan->mesh.tiles, int),
                                .stakes = ARENA_NEW(arena, plan->mesh.tiles, struct stake *),
                                .n_stakes = ARENA_NEW(arena, plan->mesh.tiles, int),
                                .last_move = -1};
        if (board->tile_at == NULL || board->stakes == NULL || board->n_stakes == NULL)
            return short_of_memory(diag);
    }
    for (int m = 0; m < moves->n; m++) {
        const struct move *move = &moves->moves[m];
        count_shares(*boards, move->from, move->n_from, m);
        count_shares(*boards, move->to, move->n_to, m);
    }
    for (long c = 0; c < plan->chips; c++)
        TRY(make_board(&(*boards)[c], arena, diag));
    for (int m = 0; m < moves->n; m++) {
        const struct move *move = &moves->moves[m];
        add_shares(*boards, move->from, move->n_from, m, move->bits, false);
        add_shares(*boards, move->to, move->n_to, m, move->bits, true);
    }
    for (long c = 0; c < plan->chips; c++)
        finish_board(moves, &(*boards)[c]);
    return STATUS_OK;
}

/* Bits times routers as tiles lie now. */
static enum status count(const struct moves *moves, int n_layers, const struct floorplan *plan,
                         struct arena *work, double *router_bits, struct diagnostic *diag) {
    struct traffic traffic;
    TRY(traffic_count(moves, n_layers, plan, work, &traffic, diag));
    *router_bits = traffic_router_bits(&traffic, n_layers);
    return STATUS_OK;
}

static enum status place_by_swaps(const struct cost_inputs *inputs, struct arena *arena,
                                  struct arena *work, struct floorplan *plan,
                                  struct cost_placing *placing, struct diagnostic *diag) {
    struct moves moves;
    struct board *boards = NULL;
    int n_layers = inputs->mapping->n_layers;
    TRY(moves_make(inputs->chip, inputs->network, inputs->mapping, plan, work, &moves, diag));
    TRY(count(&moves, n_layers, plan, work, &placing->router_bits_in_order, diag));
    TRY(make_boards(&moves, plan, work, &boards, diag));
    long tiles = plan->chips * plan->mesh.tiles;
    plan->place = ARENA_NEW(arena, tiles + 1, long);
    if (plan->place == NULL)
        return short_of_memory(diag);
    plan->place[tiles] = tiles; /* of a last layer without arrays, behind full chips */
    for (long c = 0; c < plan->chips; c++) {
        TRY(search(&boards[c], c, 1e-9 * placing->router_bits_in_order, work, diag));
        for (int p = 0; p < plan->mesh.tiles; p++)
            plan->place[c * plan->mesh.tiles + boards[c].tile_at[p]] = c * plan->mesh.tiles + p;
    }
    return count(&moves, n_layers, plan, work, &placing->router_bits, diag);
}

enum status cost_place(const struct cost_inputs *inputs, struct arena *arena,
                       struct floorplan *plan, struct cost_placing *placing,
                       struct diagnostic *diag) {
    const struct mapping_options *options = config_get(inputs->config, "mapping");
    struct arena work = ARENA_INIT;
    *placing = (struct cost_placing){0};
    const struct chip_options *chip = config_get(inputs->config, "chip");
    TRY(floorplan_make(inputs->chip, inputs->mapping, (enum chip_overflow)chip->overflow, arena,
                       plan, diag));
    if (options->placement == PLACEMENT_ORDER)
        return STATUS_OK;
    enum status status = place_by_swaps(inputs, arena, &work, plan, placing, diag);
    arena_free(&work);
    return status;
}
