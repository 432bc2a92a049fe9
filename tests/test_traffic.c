/* Places of layers on chips, and the bits between their tiles, against a slow count. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cost/traffic.h"
#include "tests/support/scratch.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

/* ISAAC's parts in a chip of 9 tiles of so many arrays, two tiles a router: a mesh of 3 x 3. */
static void write_chip(struct scratch *scratch, int arrays, const char **path) {
    char text[1024], folder[512];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder, sizeof folder));
    snprintf(text, sizeof text,
             "base: %s/configs/presets/isaac.yaml\nname: tiny\nchip: {tiles: 9}\n"
             "tile:\n  macros: 1\n  components:\n    - {name: router, count: 0.5}\n"
             "macro: {arrays: %d}\n",
             folder, arrays);
    *path = scratch_write(scratch, "tiny.yaml", text, strlen(text));
}

static void routers_by_hand(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct chip chip;
    struct floorplan plan;
    const char *path;
    struct mapped_layer layers[] = {{.n_arrays = 3, .copies = 2}, {.n_arrays = 5, .copies = 1}};
    const struct mapping mapping = {.layers = layers, .n_layers = 2};
    scratch_open(&scratch);
    write_chip(&scratch, 1, &path);
    ASSERT_OK(chip_load(path, &chip, &diag), diag);
    ASSERT_OK(floorplan_make(&chip, &mapping, OVERFLOW_CHIPS, &scratch.arena, &plan, &diag), diag);
    CU_ASSERT_EQUAL(plan.mesh.tiles_per_router, 2);
    CU_ASSERT_EQUAL(plan.mesh.width, 3); /* of 5 routers */
    CU_ASSERT_EQUAL(plan.chips, 2);
    CU_ASSERT_EQUAL(plan.macro[1], 6);
    CU_ASSERT_EQUAL(floorplan_tile(&plan, 0, 5), 5);
    CU_ASSERT_EQUAL(floorplan_tile(&plan, 1, 4), 10);
    /* Routers lie at (0,0) (0,1) (0,2), then backwards (1,2) (1,1). */
    static const long passed[][3] = {{0, 1, 1}, {0, 2, 2}, {0, 8, 3},  {4, 6, 2}, {5, 8, 3},
                                     {8, 0, 3}, {3, 7, 3}, {8, 10, 4}, {9, 4, 4}, {11, 9, 2}};
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        CU_ASSERT_EQUAL(floorplan_routers_passed(&plan, passed[i][0], passed[i][1]), passed[i][2]);
    chip_free(&chip);
    ASSERT_OK(chip_load("isaac", &chip, &diag), diag);
    ASSERT_OK(floorplan_make(&chip, &mapping, OVERFLOW_CHIPS, &scratch.arena, &plan, &diag), diag);
    CU_ASSERT_EQUAL(plan.mesh.tiles_per_router, 4);
    CU_ASSERT_EQUAL(plan.mesh.width, 7); /* 42 routers */
    CU_ASSERT_EQUAL(plan.macro[1], 1);
    CU_ASSERT_EQUAL(plan.macro[2], 2);
    chip_free(&chip);
    scratch_close(&scratch);
}

enum { TILES_MAX = 4096, GATE = TILES_MAX };

/* What lies where: shares of a map by tile. */
struct shares {
    double tile[TILES_MAX + 1]; /* and at the gate */
};

static struct shares at_gate(void) {
    return (struct shares){.tile = {[GATE] = 1}};
}

/* Every macro of a layer holds as much of its results. */
static struct shares results_of(const struct timed_net *timed, const struct floorplan *plan,
                                int layer) {
    struct shares shares = {{0}};
    long macros = plan->macro[layer + 1] - plan->macro[layer];
    for (long m = plan->macro[layer]; m < plan->macro[layer + 1]; m++)
        shares.tile[m / timed->chip.macros_per_tile] += 1.0 / (double)macros;
    return shares;
}

/* A tile takes a channel when any of its arrays has a row of it; of the columns, as many as the
 * copies in it cover by turns. */
static struct shares inputs_of(const struct timed_net *timed, const struct floorplan *plan,
                               int layer) {
    struct shares shares = {{0}};
    const struct mapped_layer *mapped = &timed->mapping.layers[layer];
    const struct matrix_shape *shape = &mapped->layer->shape;
    int taps = shape->window.kernel[0] * shape->window.kernel[1];
    for (long tile = 0; tile < TILES_MAX; tile++) {
        int copies = 0;
        for (int copy = 0; copy < mapped->copies; copy++) {
            bool here = false;
            for (int i = 0; i < mapped->n_arrays; i++)
                here =
                    here || floorplan_tile(plan, layer, (long)copy * mapped->n_arrays + i) == tile;
            copies += here;
        }
        double columns =
            fmin(1, (double)copies * fmin(1, (double)shape->window.kernel[1] /
                                                 shape->window.stride[1] / mapped->copies));
        for (int channel = 0; channel < shape->in_channels && copies > 0; channel++) {
            bool needed = false;
            for (int a = 0; a < mapped->n_arrays * mapped->copies && !needed; a++)
                for (int r = 0; r < mapped->arrays[a % mapped->n_arrays].rows && !needed; r++)
                    needed = floorplan_tile(plan, layer, a) == tile &&
                             mapped->arrays[a % mapped->n_arrays].row[r] / taps == channel;
            shares.tile[tile] += needed ? columns / shape->in_channels : 0;
        }
    }
    return shares;
}

struct moved {
    double routers, between, all;
};

static struct moved slow_move(const struct timed_net *timed, const struct floorplan *plan,
                              double bits, const struct shares *from, const struct shares *to) {
    struct moved moved = {0, 0, 0};
    for (long a = 0; a <= GATE; a++)
        for (long b = 0; b <= GATE && from->tile[a] > 0; b++) {
            double share = bits * from->tile[a] * to->tile[b];
            if (share == 0)
                continue;
            moved.routers +=
                share * (double)floorplan_routers_passed(plan, a == GATE ? FLOORPLAN_GATE : a,
                                                         b == GATE ? FLOORPLAN_GATE : b);
            long chip_a = a == GATE ? 0 : a / timed->chip.tiles;
            moved.between += chip_a != (b == GATE ? 0 : b / timed->chip.tiles) ? share : 0;
            moved.all += share;
        }
    return moved;
}

/* Of 6 x 5 values with a padding of 1, windows of 3 take 5 + 6 + 5 and 4 + 5 + 4 at stride 1, and
 * 2 + 3 + 3 and 2 + 3 + 2 of them at stride 2; what is padding is not in the buffer. */
static void check_buffers(const struct cost_report *report, int stride, double written_bits) {
    for (int i = 0; i < report->n_rows; i++)
        if (report->rows[i].layer == 1 && strcmp(report->rows[i].component, "eDRAM buffer") == 0)
            CU_ASSERT_DOUBLE_EQUAL(report->rows[i].actions,
                                   4 * 8.0 * (stride == 1 ? 16 * 13 : 8 * 7) + written_bits, 1e-6);
}

/* Sums of arrays that are added, for every position, and those of the two maps. */
static void check_sums(const struct cost_report *report, const struct mapping *mapping,
                       double values) {
    for (int i = 0; i < report->n_rows; i++) {
        const struct cost_row *row = &report->rows[i];
        if (row->layer < 0 || strcmp(row->component, "tile shift-and-add") != 0)
            continue;
        const struct mapped_layer *mapped = &mapping->layers[row->layer];
        double filters = 0;
        for (int a = 0; a < mapped->n_arrays; a++)
            filters += mapped->arrays[a].filters;
        double sums = (double)matrix_positions(&mapped->layer->shape) *
                      (filters - mapped->layer->shape.out_channels);
        CU_ASSERT_DOUBLE_EQUAL(row->actions, sums + (row->layer == 2 ? values : 0), 1e-6);
    }
}

/* Tiles of each chip somewhere else in it. */
static void shuffle(struct floorplan *plan, struct arena *arena) {
    long tiles = plan->mesh.tiles, n = plan->chips * tiles;
    plan->place = ARENA_NEW(arena, n + 1, long);
    CU_ASSERT_PTR_NOT_NULL_FATAL(plan->place);
    for (long i = 0; i <= n; i++)
        plan->place[i] = i < n ? i / tiles * tiles + (4 * i + 7) % tiles : n; /* 9 tiles */
}

/* A convolution of 1 x 1 places and two of 3 x 3, their sum, and a product; `stride` of the second.
 */
static void compare_placed(int arrays, const char *const *settings, int stride, bool shuffled) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct floorplan plan;
    struct moves all_moves;
    struct traffic traffic;
    const char *path;
    scratch_open(&scratch);
    write_chip(&scratch, arrays, &path);
    timed_open(&timed, "1x3x6x5");
    int single = timed_conv(&timed, 0, 4, 1, 1);
    int first = timed_conv(&timed, single, 10, 3, stride);
    int second = timed_conv(&timed, first, 10, 3, 1);
    int both = timed_add(&timed, first, second);
    int result = timed_product(&timed, timed_flatten(&timed, both), 7);
    timed.net.network.output = result;
    timed_map(&timed, path, settings);
    ASSERT_OK(
        floorplan_make(&timed.chip, &timed.mapping, OVERFLOW_CHIPS, &scratch.arena, &plan, &diag),
        diag);
    if (shuffled)
        shuffle(&plan, &scratch.arena);
    ASSERT_OK(moves_make(&timed.chip, &timed.net.network, &timed.mapping, &plan, &scratch.arena,
                         &all_moves, &diag),
              diag);
    ASSERT_OK(traffic_count(&all_moves, 4, &plan, &scratch.arena, &traffic, &diag), diag);
    CU_ASSERT_FATAL(plan.macro[4] < TILES_MAX);
    double map = (double)timed.net.network.tensors[first].count * 8;
    const struct shares gate = at_gate(), r0 = results_of(&timed, &plan, 0),
                        r1 = results_of(&timed, &plan, 1), r2 = results_of(&timed, &plan, 2),
                        r3 = results_of(&timed, &plan, 3), i0 = inputs_of(&timed, &plan, 0),
                        i1 = inputs_of(&timed, &plan, 1), i2 = inputs_of(&timed, &plan, 2),
                        i3 = inputs_of(&timed, &plan, 3);
    const struct {
        int layer;
        struct moved moved;
    } moves[] = {
        {0, slow_move(&timed, &plan, 90 * 8, &gate, &i0)},
        {1, slow_move(&timed, &plan, 120 * 8, &r0, &i1)},
        {2, slow_move(&timed, &plan, map, &r1, &i2)},
        {2, slow_move(&timed, &plan, map, &r1, &r2)}, /* to where the sum is formed */
        {3, slow_move(&timed, &plan, map, &r2, &i3)},
        {3, slow_move(&timed, &plan, 7 * 8, &r3, &gate)},
    };
    double routers[4] = {0}, all[4] = {0}, between = 0;
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        routers[moves[i].layer] += moves[i].moved.routers;
        all[moves[i].layer] += moves[i].moved.all;
        between += moves[i].moved.between;
    }
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_DOUBLE_EQUAL(traffic.router_bits[i], routers[i], 1e-9 * routers[i]);
        CU_ASSERT_DOUBLE_EQUAL(traffic.moved_bits[i], all[i], 1e-9 * all[i]);
        CU_ASSERT(routers[i] >= all[i]);
    }
    CU_ASSERT_EQUAL(all_moves.joined[1] + all_moves.joined[3], 0);
    CU_ASSERT_EQUAL(all_moves.joined[2], map / 8); /* a sum for each place of the map */
    CU_ASSERT_DOUBLE_EQUAL(timed_estimate(&timed)->link_bits, between, 1e-9 * between + 1e-9);
    timed.plan = &plan;
    const struct cost_report *report = timed_estimate(&timed);
    CU_ASSERT_DOUBLE_EQUAL(report->router_bits, routers[0] + routers[1] + routers[2] + routers[3],
                           1e-9 * report->router_bits);
    check_buffers(report, stride, map);
    check_sums(report, &timed.mapping, map / 8);
    for (int i = 0; i < report->n_rows; i++)
        if (strcmp(report->rows[i].component, "router") == 0)
            CU_ASSERT_DOUBLE_EQUAL(report->rows[i].actions, routers[report->rows[i].layer],
                                   1e-9 * report->rows[i].actions);
    timed_close(&timed);
    scratch_close(&scratch);
}

static void compare(int arrays, const char *const *settings, int stride) {
    compare_placed(arrays, settings, stride, false);
    compare_placed(arrays, settings, stride, true);
}

static void traffic_of_one_chip_and_of_several(void) {
    static const char *const few[] = {"crossbar.rows=64", "crossbar.columns=96", NULL};
    static const char *const many[] = {"crossbar.rows=37", "crossbar.columns=48", NULL};
    static const char *const most[] = {"crossbar.rows=16", "crossbar.columns=32", NULL};
    compare(1, few, 1);
    compare(1, many, 1);
    compare(1, many, 2);
    compare(1, most, 2);
    compare(3, many, 1); /* some arrays of a tile share channels */
    compare(7, most, 2);
}

static void copies_take_turns(void) {
    static const char *const few[] = {"crossbar.rows=64", "crossbar.columns=96",
                                      "mapping.replication=isaac", NULL};
    static const char *const many[] = {"crossbar.rows=20", "crossbar.columns=48",
                                       "mapping.replication=isaac", NULL};
    compare(1, few, 2); /* four copies of the first layer */
    compare(2, few, 2);
    compare(3, many, 2);
    compare(1, many, 1);
}

static const struct test_case cases[] = {
    {"routers by hand", routers_by_hand},
    {"traffic of one chip, and of several", traffic_of_one_chip_and_of_several},
    {"copies take turns", copies_take_turns},
    {NULL, NULL},
};
const struct test_suite suite_traffic = {"traffic", cases};
