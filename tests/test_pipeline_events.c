/* The event-driven model of time: small chips whose times are added up by hand, contention,
 * streams, and chips that would lock up if anything held a resource while it waits for another. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/time/events_internal.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

static struct event_report run(struct timed_net *timed, enum chip_pipeline pipeline, int images) {
    struct diagnostic diag = {0};
    struct event_report events;
    timed_estimate(timed);
    ASSERT_OK(pipeline_events(&timed->chip, &timed->net.network, &timed->mapping, NULL,
                              timed->report.timings, pipeline, images, &events, &diag),
              diag);
    CU_ASSERT_EQUAL(events.images, images);
    return events;
}

static void expect_ps(const char *what, double seconds, long ps) {
    if (lround(seconds * 1e12) != ps) {
        fprintf(stderr, "\n%s: %ld ps, not %ld ps\n", what, lround(seconds * 1e12), ps);
        CU_FAIL("a time is wrong");
    }
}

/* Times of the parts of isaac on the way of a vector of 40 values of 8 bits, in ps: the link moves
 * 128 bits each 625, routers 32 bits a tick of 833.33, two banks 256 bits each 3125, the bus 256
 * bits a tick; 8 reads, then the last
 * conversion, and 4 units that shift 256 columns each in 100 ns. */
enum {
    LINK_IN = 3 * 625,
    EJECT = 8333, /* 10 flits */
    WRITE = 2 * 3125,
    FIRST_ACCESS = 3125,
    READ_ALL = 2 * 3125, /* the bus follows the buffer */
    READS = 800000,
    CONVERT = 100000,
    SUMS_80 = 833,
    ACTIVATE_5 = 2083, /* 2 units of 120 in 100 ns */
    LINK_OUT = 625
};

static long shift_ps(const struct timed_net *timed, int layer) {
    return lround((double)timed->mapping.layers[layer].sums.columns_used * 100e3 / 1024);
}

static void one_array_by_hand(void) {
    struct timed_net timed;
    timed_open(&timed, "1x40");
    timed_product(&timed, 0, 5);
    timed_map(&timed, "isaac", NULL);
    struct event_report events = run(&timed, PIPELINE_ROWS, 1);
    expect_ps("latency", events.latency_s,
              LINK_IN + EJECT + WRITE + FIRST_ACCESS + READ_ALL + READS + CONVERT +
                  shift_ps(&timed, 0) + SUMS_80 + ACTIVATE_5 + LINK_OUT);
    expect_ps("interval of one image", 1 / events.throughput_hz, lround(events.latency_s * 1e12));
    double way_s = 0;
    for (int kind = 0; kind < RESOURCE_COUNT; kind++) {
        CU_ASSERT_EQUAL(events.use[kind].waited_s, 0);
        way_s += events.use[kind].way_worked_s + events.use[kind].way_waited_s;
    }
    expect_ps("way", way_s, lround(events.latency_s * 1e12));
    expect_ps("arrays", events.use[RESOURCE_ARRAYS].busiest * events.latency_s, READS);
    expect_ps("converters", events.use[RESOURCE_CONVERTERS].busiest * events.latency_s, 800000);
    expect_ps("buffer", events.use[RESOURCE_BUFFER].busiest * events.latency_s, WRITE + READ_ALL);
    timed_close(&timed);
}

/* 40 -> 5 -> 3 in one tile: the second layer's values stay in it. */
static void two_layers_by_hand(void) {
    struct timed_net timed;
    timed_open(&timed, "1x40");
    timed_product(&timed, timed_product(&timed, 0, 5), 3);
    timed_map(&timed, "isaac", NULL);
    struct event_report events = run(&timed, PIPELINE_ROWS, 1);
    long first = LINK_IN + EJECT + WRITE + FIRST_ACCESS + READ_ALL + READS + CONVERT +
                 shift_ps(&timed, 0) + SUMS_80 + ACTIVATE_5;
    long second =
        3125 + 3125 + 3125 + READS + CONVERT + shift_ps(&timed, 1) + 833 + 1250 + LINK_OUT;
    expect_ps("latency", events.latency_s, first + second);
    timed_close(&timed);
}

/* Two layers read the same vector over a bus of one wire: 320 ticks each. The second one's message
 * comes out of the router after the first one's, is written after the first one's read, and its
 * values wait for the bus until those of the first are over it. */
static void two_layers_on_one_bus(void) {
    struct timed_net timed;
    timed_open(&timed, "1x40");
    int a = timed_product(&timed, 0, 5), b = timed_product(&timed, 0, 5);
    timed.net.tensors[a].rank = timed.net.tensors[b].rank = 4;
    for (int i = 2; i < 4; i++)
        timed.net.tensors[a].shape[i] = timed.net.tensors[b].shape[i] = 1;
    timed_add(&timed, a, b);
    timed_map(&timed, "isaac", NULL);
    timed.chip.timing.bus_width = 1;
    struct event_report events = run(&timed, PIPELINE_ROWS, 1);
    long first_on_bus = LINK_IN + EJECT + WRITE + FIRST_ACCESS, over = 266667;
    long second_ready = LINK_IN + EJECT + WRITE + READ_ALL + WRITE + FIRST_ACCESS;
    long sums = first_on_bus + 2 * over + READS + CONVERT + shift_ps(&timed, 0);
    /* 80 bits of sums; 40 bits into the buffer, 80 out; 5 additions of 1.2 a ns */
    expect_ps("latency", events.latency_s,
              sums + 66667 + ACTIVATE_5 + 3125 + 3125 + 4167 + LINK_OUT);
    expect_ps("waiting", events.use[RESOURCE_BUS].waited_s, first_on_bus + over - second_ready);
    CU_ASSERT_STRING_EQUAL(events.use[RESOURCE_BUS].waiting, "matrix");
    expect_ps("buffer", events.use[RESOURCE_BUFFER].waited_s, WRITE + READ_ALL - EJECT);
    expect_ps("router", events.use[RESOURCE_ROUTER].waited_s, EJECT);
    timed_close(&timed);
}

/* Images that follow each other do so at the pace of the slowest layer. */
static void a_stream_has_the_analytic_throughput(void) {
    for (int pipeline = 0; pipeline < PIPELINE_COUNT; pipeline++) {
        struct timed_net timed;
        timed_residual(&timed);
        timed_map(&timed, "isaac", NULL);
        struct event_report one = run(&timed, (enum chip_pipeline)pipeline, 1);
        struct event_report many = run(&timed, (enum chip_pipeline)pipeline, 20);
        double analytic = timed.report.throughput_by_pipeline_hz[pipeline];
        double latency = timed.report.latency_by_pipeline_s[pipeline];
        CU_ASSERT_DOUBLE_EQUAL(many.throughput_hz / analytic, 1, 0.05);
        CU_ASSERT_DOUBLE_EQUAL(one.latency_s / latency, 1, 0.1);
        CU_ASSERT(many.latency_s >= one.latency_s);
        CU_ASSERT(many.events == 20 * one.events);
        timed_close(&timed);
    }
}

/* A shortcut past three layers holds the maps of the images in between. */
static void long_shortcuts_do_not_stop_a_stream(void) {
    struct timed_net timed;
    timed_open(&timed, "1x3x6x5");
    int first = timed_conv(&timed, 0, 37, 3, 1), map = first;
    for (int i = 0; i < 3; i++)
        map = timed_conv(&timed, map, 37, 3, 1);
    timed_add(&timed, map, first);
    timed_map(&timed, "isaac", NULL);
    struct event_report events = run(&timed, PIPELINE_IMAGES, 20);
    CU_ASSERT_DOUBLE_EQUAL(
        events.throughput_hz / timed.report.throughput_by_pipeline_hz[PIPELINE_IMAGES], 1, 0.05);
    timed_close(&timed);
}

/* Places that a stride leaves out at the end of a map are released before they come. */
static void places_that_nobody_needs(void) {
    for (int pipeline = 0; pipeline < PIPELINE_COUNT; pipeline++) {
        struct timed_net timed;
        timed_open(&timed, "1x3x9x7");
        timed_conv(&timed, timed_conv(&timed, 0, 37, 1, 1), 37, 1, 4);
        timed_map(&timed, "isaac", NULL);
        timed.chip.timing.buffer_bytes = 1;
        timed.chip.timing.flit = 1;
        timed.chip.timing.router_hop = 3000;
        struct event_report events = run(&timed, (enum chip_pipeline)pipeline, 5);
        CU_ASSERT(events.throughput_hz > 0);
        timed_close(&timed);
    }
}

static void narrow(struct chip_timing *timing, int which) {
    switch (which) {
    case 0:
        timing->buffer_bytes = 1; /* no more than the least */
        break;
    case 1:
        timing->bus_width = 1;
        break;
    case 2:
        timing->flit = 1;
        timing->router_hop = 1000;
        break;
    case 3:
        timing->register_bytes = 1;
        break;
    case 4:
        timing->link_width = 1;
        timing->link_clock_hz = 1e6;
        break;
    case 5:
        timing->buffer_access_s = 1e-6;
        break;
    default:
        for (int i = 0; i < 6; i++)
            narrow(timing, i);
    }
}

/* Each makes an image later and none of them stops it; twice the same, to the last bit. */
static void narrow_chips_get_on(void) {
    static const char *const settings[][2] = {{NULL}, {"mapping.replication=isaac", NULL}};
    for (int copies = 0; copies < 2; copies++)
        for (int pipeline = 0; pipeline < PIPELINE_COUNT; pipeline++)
            for (int tiles = 1; tiles < 200; tiles += 167) {
                struct timed_net timed;
                timed_residual(&timed);
                timed_map(&timed, "isaac", settings[copies]);
                timed.chip.tiles = tiles; /* 1: each tile is a chip of its own */
                timed.chip.macros_per_tile = 1;
                struct chip_timing whole = timed.chip.timing;
                struct event_report wide = run(&timed, (enum chip_pipeline)pipeline, 4);
                for (int which = 0; which <= 6; which++) {
                    timed.chip.timing = whole;
                    narrow(&timed.chip.timing, which);
                    struct event_report events = run(&timed, (enum chip_pipeline)pipeline, 4);
                    struct event_report again = run(&timed, (enum chip_pipeline)pipeline, 4);
                    CU_ASSERT_EQUAL(events.events, wide.events);
                    CU_ASSERT(memcmp(&events.use, &again.use, sizeof events.use) == 0);
                    CU_ASSERT(events.latency_s == again.latency_s);
                    if (which == 1 || which == 2 || which == 4 || which == 5 || which == 6)
                        CU_ASSERT(events.latency_s > wide.latency_s);
                }
                timed_close(&timed);
            }
}

/* Each figure of section `timing` makes a single position later: 20 arrays in three tiles, whose
 * sums come together, then a layer in the fourth tile and one in the fifth, which has another
 * router. */
static void every_figure_matters(void) {
    struct timed_net timed;
    timed_open(&timed, "1x640");
    timed_product(&timed, timed_product(&timed, timed_product(&timed, 0, 64), 64), 64);
    timed_map(&timed, "isaac", NULL);
    timed.chip.macros_per_tile = 1;
    struct chip_timing *t = &timed.chip.timing, whole = *t;
    struct event_report base = run(&timed, PIPELINE_ROWS, 1);
    for (int which = 0; which < 9; which++) {
        *t = whole;
        t->clock_hz /= which == 0 ? 3 : 1;
        t->buffer_access_s *= which == 1 ? 3 : 1;
        t->buffer_width = which == 2 ? 37 : t->buffer_width;
        t->buffer_banks = which == 3 ? 1 : t->buffer_banks;
        t->bus_width = which == 4 ? 11 : t->bus_width;
        t->flit = which == 5 ? 5 : t->flit;
        t->router_hop = which == 6 ? 40 : t->router_hop;
        t->link_width = which == 7 ? 3 : t->link_width;
        t->link_clock_hz /= which == 8 ? 7 : 1;
        struct event_report events = run(&timed, PIPELINE_ROWS, 1);
        CU_ASSERT(events.latency_s > base.latency_s);
    }
    *t = whole;
    t->router_hop += 3;
    struct event_report events = run(&timed, PIPELINE_ROWS, 1);
    /* into the fifth tile, and from it to the links */
    expect_ps("three ticks more on two hops", events.latency_s - base.latency_s, 5000);
    timed_close(&timed);
}

/* Registers for one position and not for two: reads wait for the next position's inputs. Buffers
 * that hold the least only: layers wait for room. */
static void registers_and_buffers_matter(void) {
    struct timed_net timed;
    timed_open(&timed, "1x64x6x5");
    timed_conv(&timed, timed_conv(&timed, 0, 64, 3, 1), 64, 3, 1);
    timed_map(&timed, "isaac", NULL);
    struct chip_timing whole = timed.chip.timing;
    struct event_report base = run(&timed, PIPELINE_ROWS, 3);
    timed.chip.timing.register_bytes = 600;
    struct event_report events = run(&timed, PIPELINE_ROWS, 3);
    CU_ASSERT(events.latency_s > base.latency_s);
    CU_ASSERT(events.throughput_hz < 0.95 * base.throughput_hz);
    timed.chip.timing = whole;
    timed.chip.timing.buffer_bytes = 1;
    events = run(&timed, PIPELINE_ROWS, 3);
    CU_ASSERT(events.blocked_s > base.blocked_s);
    CU_ASSERT(events.throughput_hz < 0.95 * base.throughput_hz);
    /* 13 positions of 64 bytes for each layer */
    CU_ASSERT_EQUAL(events.fullest_bytes, 2 * 13 * 64);
    timed_close(&timed);
}

/* Pruning may leave a layer without arrays, or a layer that needs nothing of the one before: images
 * get through all the same. */
static void empty_layers_let_images_through(void) {
    static const char *const settings[] = {"mapping.compaction=blocks", NULL};
    static int16_t zeros[37 * 37 * 9];
    for (int empty = 1; empty < 8; empty++)
        for (int pipeline = 0; pipeline < PIPELINE_COUNT; pipeline++) {
            struct timed_net timed;
            timed_residual(&timed);
            for (int i = 0; i < 3; i++)
                if (empty >> i & 1)
                    timed.net.matrix[i].weights = zeros;
            timed_map(&timed, "isaac", settings);
            for (int i = 0; i < 3; i++)
                CU_ASSERT_EQUAL(timed.mapping.layers[i].n_arrays == 0, empty >> i & 1);
            struct event_report events = run(&timed, (enum chip_pipeline)pipeline, 3);
            CU_ASSERT(events.latency_s > 0);
            timed_close(&timed);
        }
}

/* Operation units take turns: with 16 rows and 8 columns each position is read 8 times 8 * 16
 * times. */
static void operation_units_take_turns(void) {
    static const char *const settings[] = {"mapping.ou_rows=16", "mapping.ou_columns=8", NULL};
    struct timed_net timed;
    timed_open(&timed, "1x128");
    timed_product(&timed, 0, 16);
    timed_map(&timed, "isaac", NULL);
    struct event_report whole = run(&timed, PIPELINE_ROWS, 1);
    timed_close(&timed);
    timed_open(&timed, "1x128");
    timed_product(&timed, 0, 16);
    timed_map(&timed, "isaac", settings);
    struct event_report units = run(&timed, PIPELINE_ROWS, 1);
    expect_ps("arrays", whole.use[RESOURCE_ARRAYS].busiest * whole.latency_s, READS);
    expect_ps("arrays", units.use[RESOURCE_ARRAYS].busiest * units.latency_s, 128L * READS);
    timed_close(&timed);
}

/* The reason names what takes the time. */
static void reasons_name_the_cause(void) {
    struct timed_net timed;
    char text[512];
    timed_residual(&timed);
    timed_map(&timed, "isaac", NULL);
    struct event_report events = run(&timed, PIPELINE_IMAGES, 3);
    CU_ASSERT_STRING_EQUAL(pipeline_reason(timed.report.latency_s, timed.report.throughput_hz,
                                           &events, text, sizeof text),
                           "");
    timed.chip.timing.bus_width = 1;
    events = run(&timed, PIPELINE_IMAGES, 3);
    pipeline_reason(timed.report.latency_s, timed.report.throughput_hz, &events, text, sizeof text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "above the analytic one, for its way takes bus "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "throughput is "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "the busiest bus works 9"));
    timed.chip.timing = (struct chip_timing){0};
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(pipeline_events(&timed.chip, &timed.net.network, &timed.mapping, NULL,
                                    timed.report.timings, PIPELINE_ROWS, 1, &events, &diag),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "chip isaac has no section \"timing\""));
    timed_close(&timed);
}

static void short_memory_is_reported(void) {
    static const char *const settings[] = {"mapping.replication=isaac", NULL};
    struct timed_net timed;
    long failures = 0;
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    timed_residual(&timed);
    timed_map(&timed, "isaac", settings);
    timed_estimate(&timed);
    for (;; failures++) {
        struct diagnostic diag = {0};
        struct event_report events;
        malloc_fail_at(failures + 1);
        enum status status =
            pipeline_events(&timed.chip, &timed.net.network, &timed.mapping, NULL,
                            timed.report.timings, PIPELINE_ROWS, 2, &events, &diag);
        if (!malloc_fail_end()) {
            ASSERT_OK(status, diag);
            break;
        }
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
        CU_ASSERT_EQUAL(events.images, 0);
    }
    CU_ASSERT(failures > 3);
    timed_close(&timed);
}

static const struct test_case cases[] = {
    {"one array by hand", one_array_by_hand},
    {"two layers by hand", two_layers_by_hand},
    {"two layers on one bus", two_layers_on_one_bus},
    {"a stream has the analytic throughput", a_stream_has_the_analytic_throughput},
    {"long shortcuts do not stop a stream", long_shortcuts_do_not_stop_a_stream},
    {"places that nobody needs", places_that_nobody_needs},
    {"narrow chips get on", narrow_chips_get_on},
    {"every figure matters", every_figure_matters},
    {"registers and buffers matter", registers_and_buffers_matter},
    {"empty layers let images through", empty_layers_let_images_through},
    {"operation units take turns", operation_units_take_turns},
    {"reasons name the cause", reasons_name_the_cause},
    {"short memory is reported", short_memory_is_reported},
    {NULL, NULL},
};
const struct test_suite suite_pipeline_events = {"pipeline_events", cases};
