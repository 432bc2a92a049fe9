/* Parts of the event-driven model: capacities of buffers, placement, routers, the queue. */
#include <stdlib.h>

#include "sim/time/events_internal.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

/* The least that buffers hold: ISAAC's formula for a window, and for a shortcut what the layer
 * beside it is behind. */
static void least_capacities_by_hand(void) {
    struct timed_net timed;
    struct diagnostic diag = {0};
    struct flow flow;
    struct arena arena = ARENA_INIT;
    long **least;
    timed_residual(&timed);
    timed_map(&timed, "isaac", NULL);
    ASSERT_OK(flow_create(&timed.chip, &timed.net.network, PIPELINE_ROWS, &flow, &diag), diag);
    ASSERT_OK(flow_least_capacities(&flow, &arena, &least, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(flow.n_steps, 6);
    CU_ASSERT_EQUAL(least[1][0], 5 * 2 + 3);
    CU_ASSERT_EQUAL(least[2][0], 5 * 2 + 3);
    CU_ASSERT_EQUAL(flow.steps[3].kind, FLOW_JOIN);
    CU_ASSERT_EQUAL(least[3][0], 1);     /* of the layer before */
    CU_ASSERT_EQUAL(least[3][1], 5 + 2); /* position 0 needs row 1, column 1 of its input */
    CU_ASSERT_EQUAL(least[4][0], 5 + 2); /* a pool of 2 x 2 */
    CU_ASSERT_EQUAL(least[5][0], 3 * 2); /* a product of the whole map */
    flow_free(&flow);
    arena_free(&arena);
    timed_close(&timed);
}

/* 576 x 64 in 5 row blocks and 4 column groups, filters first: arrays 0-4, 5-9, 10-14, 15-19 are
 * one group each, in macros of 8. */
static void sums_come_together_in_tiles(void) {
    struct timed_net timed;
    struct diagnostic diag = {0};
    struct flow flow;
    struct floorplan plan;
    struct placement placement;
    timed_open(&timed, "1x64x3x3");
    timed_conv(&timed, 0, 64, 3, 1);
    timed_map(&timed, "isaac", NULL);
    ASSERT_OK(flow_create(&timed.chip, &timed.net.network, PIPELINE_ROWS, &flow, &diag), diag);
    ASSERT_OK(
        floorplan_make(&timed.chip, &timed.mapping, OVERFLOW_CHIPS, &flow.arena, &plan, &diag),
        diag);
    ASSERT_OK(placement_create(&timed.chip, &flow, &timed.mapping, &plan, &placement, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(placement.n_parts, 2);
    const struct part *part = &placement.parts[1];
    CU_ASSERT_EQUAL(part->read_bits, 576 * 8);
    CU_ASSERT_EQUAL(part->in.end, 64);
    CU_ASSERT_EQUAL(part->complete, 64);
    CU_ASSERT_EQUAL(part->sum_bits, 6 * 16 * 16); /* two groups lie in two macros */
    CU_ASSERT_EQUAL(part->adds, 2 * 16);
    CU_ASSERT_EQUAL(part->slots, 2); /* five row blocks of 128 bytes twice in 2 KiB */
    placement_free(&placement);

    timed.chip.macros_per_tile = 1;
    timed.chip.timing.register_bytes = 1024;
    ASSERT_OK(
        floorplan_make(&timed.chip, &timed.mapping, OVERFLOW_CHIPS, &flow.arena, &plan, &diag),
        diag);
    ASSERT_OK(placement_create(&timed.chip, &flow, &timed.mapping, &plan, &placement, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(placement.n_parts, 4);
    static const int complete[] = {32, 32, 0}, ways[] = {0, 1, 1}, sources[] = {2, 2, 1};
    static const int groups[] = {2, 3, 1}, slots[] = {1, 1, 2}, rows[] = {576, 576, 448};
    for (int i = 0; i < 3; i++) {
        part = &placement.parts[1 + i];
        CU_ASSERT_EQUAL(part->tile, i);
        CU_ASSERT_EQUAL(part->complete, complete[i]);
        CU_ASSERT_EQUAL(part->n_ways, ways[i]);
        CU_ASSERT_EQUAL(part->sources, sources[i]);
        CU_ASSERT_EQUAL(part->sum_bits, groups[i] * 16 * 16);
        CU_ASSERT_EQUAL(part->adds, 0);
        CU_ASSERT_EQUAL(part->slots, slots[i]);
        CU_ASSERT_EQUAL(part->read_bits, rows[i] * 8);
        if (i > 0) {
            CU_ASSERT_EQUAL(part->ways->to, i);
            CU_ASSERT_EQUAL(part->ways->source, 1);
            CU_ASSERT_EQUAL(part->ways->filters, 16);
        }
    }
    placement_free(&placement);
    flow_free(&flow);
    timed_close(&timed);
}

/* From every router to every other one in as many steps as rows and columns lie between them. */
static void ways_through_the_mesh(void) {
    for (int routers = 1; routers < 30; routers++) {
        struct mesh mesh = {.tiles = 4 * routers, .tiles_per_router = 4, .routers = routers};
        while (mesh.width * mesh.width < routers)
            mesh.width++;
        for (int chip = 0; chip < 2; chip++)
            for (int from = chip * routers; from < (chip + 1) * routers; from++)
                for (int to = chip * routers; to < (chip + 1) * routers; to++) {
                    int at = from, next, hops = 0;
                    while (mesh_port(&mesh, at, to, &next) != PORT_OUT && hops < 2 * routers) {
                        CU_ASSERT(next >= chip * routers && next < (chip + 1) * routers);
                        at = next;
                        hops++;
                    }
                    int rows[2], columns[2];
                    for (int i = 0; i < 2; i++) {
                        int own = (i == 0 ? from : to) % routers;
                        rows[i] = own / mesh.width;
                        columns[i] =
                            rows[i] % 2 == 0 ? own % mesh.width : mesh.width - 1 - own % mesh.width;
                    }
                    CU_ASSERT_EQUAL(at, to);
                    CU_ASSERT_EQUAL(hops, abs(rows[0] - rows[1]) + abs(columns[0] - columns[1]));
                }
    }
    struct timed_net timed;
    timed_open(&timed, "1x4");
    timed_map(&timed, "isaac", NULL);
    struct mesh mesh = mesh_make(&timed.chip);
    CU_ASSERT_EQUAL(mesh.tiles_per_router, 4);
    CU_ASSERT_EQUAL(mesh.routers, 42);
    CU_ASSERT_EQUAL(mesh.width, 7);
    CU_ASSERT_EQUAL(mesh_router(&mesh, 167), 41);
    CU_ASSERT_EQUAL(mesh_router(&mesh, 168 + 5), 43);
    timed_close(&timed);
}

static void events_come_in_order(void) {
    struct event_queue queue = {0};
    struct event event = {0}, before = {.time_ps = -1};
    for (int i = 0; i < 5000; i++) {
        event.time_ps = (int64_t)i * 7919 % 613;
        event.part = i;
        CU_ASSERT_TRUE_FATAL(event_put(&queue, &event));
    }
    int n = 0;
    for (; event_take(&queue, &event); n++) {
        CU_ASSERT_EQUAL(event.time_ps, (int64_t)event.part * 7919 % 613);
        CU_ASSERT(event.time_ps > before.time_ps ||
                  (event.time_ps == before.time_ps && event.part > before.part));
        before = event;
    }
    CU_ASSERT_EQUAL(n, 5000);
    event_queue_free(&queue);
}

static void start(struct simulation *sim, struct timed_net *timed, struct flow *flow, int images) {
    struct diagnostic diag = {0};
    timed_estimate(timed);
    ASSERT_OK(flow_create(&timed->chip, &timed->net.network, PIPELINE_ROWS, flow, &diag), diag);
    *sim = (struct simulation){.chip = &timed->chip,
                               .flow = flow,
                               .mapping = &timed->mapping,
                               .timings = timed->report.timings,
                               .images = images};
    ASSERT_OK(simulation_create(sim, &diag), diag);
}

/* Whether a copy in the tile works on a position whose window takes the place: all are tried. */
static bool slow_wants(const struct simulation *sim, const struct edge *edge,
                       const struct target *target, int64_t position) {
    const struct flow_step *from = &sim->flow->steps[edge->from], *to = &sim->flow->steps[edge->to];
    int64_t image = position / flow_positions(from), place = position % flow_positions(from);
    int row = (int)(place / from->columns), column = (int)(place % from->columns);
    for (int r = 0; r < to->rows; r++)
        for (int c = 0; c < to->columns; c++) {
            if (row < flow_row(edge->input, FLOW_FIRST, r) ||
                row > flow_row(edge->input, FLOW_LAST, r) ||
                column < flow_column(edge->input, FLOW_FIRST, c) ||
                column > flow_column(edge->input, FLOW_LAST, c))
                continue;
            int64_t reader = image * flow_positions(to) + r * to->columns + c;
            const int *parts =
                &sim->placement.copy[edge->to][reader % sim->placement.copies[edge->to]];
            for (int p = parts[0]; p < parts[1]; p++)
                if (sim->placement.parts[p].tile == target->tile)
                    return true;
        }
    return false;
}

/* Copies whose number divides neither rows nor positions, some of them in a tile, over three
 * images; windows with and without strides, a sum of two maps, and a pool. */
static void tiles_want_what_their_copies_take(void) {
    long wanted = 0, tried = 0;
    for (int stride = 1; stride <= 2; stride++)
        for (int arrays = 1; arrays <= 3; arrays++) {
            struct timed_net timed;
            struct flow flow;
            struct simulation sim;
            timed_open(&timed, "1x3x8x7");
            int first = timed_conv(&timed, 0, 7, 3, 1);
            int second = timed_conv(&timed, first, 7, 3, stride);
            int third = timed_conv(&timed, second, 7, 1, 1);
            timed_pool(&timed, timed_add(&timed, third, second), 2);
            timed_map(&timed, "isaac", NULL);
            for (int i = 0; i < 3; i++)
                timed.mapping.layers[i].copies = 11 - 4 * i;
            timed.chip.arrays_per_macro = arrays;
            timed.chip.macros_per_tile = 1;
            start(&sim, &timed, &flow, 3);
            for (int e = 0; e < sim.n_edges; e++) {
                const struct edge *edge = &sim.edges[e];
                int64_t positions = 3 * flow_positions(&flow.steps[edge->from]);
                for (int t = 0; t < edge->n_targets; t++)
                    for (int64_t p = 0; p < positions; p++) {
                        bool slow = slow_wants(&sim, edge, &edge->targets[t], p);
                        bool fast = tile_wants(&sim, edge, &edge->targets[t], p);
                        CU_ASSERT(fast == slow || sim.placement.copies[edge->to] == 1);
                        wanted += fast;
                        tried++;
                    }
            }
            simulation_free(&sim);
            flow_free(&flow);
            timed_close(&timed);
        }
    CU_ASSERT(wanted > tried / 4 && wanted < 3 * tried / 4);
}

/* Three tiles with 16 filters each read 40 bytes, ten flits. Routers 0 and 1 make the first row of
 * a mesh of 2 x 2, 2 lies below 1: to both 1 and 2 the values leave router 0 to the right, once. */
static void routers_copy_messages(void) {
    struct timed_net timed;
    struct flow flow;
    struct simulation sim;
    struct diagnostic diag = {0};
    timed_open(&timed, "1x40");
    timed_product(&timed, 0, 48);
    timed_map(&timed, "isaac", NULL);
    timed.chip.tiles = 4;
    timed.chip.macros_per_tile = timed.chip.arrays_per_macro = 1;
    for (int i = 0; i < timed.chip.n_components; i++)
        if (timed.chip.components[i].action == ACTION_ROUTER_BIT)
            timed.chip.components[i].count = 1;
    start(&sim, &timed, &flow, 1);
    CU_ASSERT_EQUAL_FATAL(sim.mesh.tiles_per_router, 1);
    ASSERT_OK(simulation_run(&sim, &diag), diag);
    const int ports = PORT_OUT + 1, ten_flits_ps = 8333; /* at 1.2 GHz */
    const struct resource *port = sim.resources[RESOURCE_ROUTER];
    CU_ASSERT_EQUAL(port[0 * ports + PORT_OUT].busy_ps, ten_flits_ps);
    CU_ASSERT_EQUAL(port[0 * ports + 1].busy_ps, ten_flits_ps);
    CU_ASSERT_EQUAL(port[1 * ports + PORT_OUT].busy_ps, ten_flits_ps);
    CU_ASSERT_EQUAL(port[1 * ports + 2].busy_ps, ten_flits_ps);
    CU_ASSERT_EQUAL(port[2 * ports + PORT_OUT].busy_ps, ten_flits_ps);
    simulation_free(&sim);
    flow_free(&flow);
    timed_close(&timed);
}

static const struct test_case cases[] = {
    {"least capacities by hand", least_capacities_by_hand},
    {"sums come together in tiles", sums_come_together_in_tiles},
    {"ways through the mesh", ways_through_the_mesh},
    {"events come in order", events_come_in_order},
    {"tiles want what their copies take", tiles_want_what_their_copies_take},
    {"routers copy messages", routers_copy_messages},
    {NULL, NULL},
};
const struct test_suite suite_pipeline_parts = {"pipeline_parts", cases};
