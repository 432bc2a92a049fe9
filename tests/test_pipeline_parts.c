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

static const struct test_case cases[] = {
    {"least capacities by hand", least_capacities_by_hand},
    {"sums come together in tiles", sums_come_together_in_tiles},
    {"ways through the mesh", ways_through_the_mesh},
    {"events come in order", events_come_in_order},
    {NULL, NULL},
};
const struct test_suite suite_pipeline_parts = {"pipeline_parts", cases};
