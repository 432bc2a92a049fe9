/* Where tiles lie on the mesh: swaps against every other order of them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cost/traffic.h"
#include "sim/run/run.h"
#include "tests/support/configs.h"
#include "tests/support/scratch.h"
#include "tests/support/timed_net.h"
#include "tests/test.h"

enum { TILES = 7, PLACES_MAX = 4096 };

/* ISAAC's parts in chips of seven tiles of one macro, each with a router: a mesh of 3 x 3 without
 * its last two. */
static void write_chip(struct scratch *scratch, int arrays, const char **path) {
    char text[1024], folder[512];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder, sizeof folder));
    snprintf(text, sizeof text,
             "base: %s/configs/presets/isaac.yaml\nname: tiny\nchip: {tiles: %d}\n"
             "tile:\n  macros: 1\n  components:\n    - {name: router, count: 1}\n"
             "macro: {arrays: %d}\n",
             folder, TILES, arrays);
    *path = scratch_write(scratch, "tiny.yaml", text, strlen(text));
}

static double router_bits(const struct timed_net *timed, const struct moves *moves,
                          const struct floorplan *plan) {
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct traffic traffic;
    ASSERT_OK(traffic_count(moves, timed->mapping.n_layers, plan, &arena, &traffic, &diag), diag);
    double sum = traffic_router_bits(&traffic, timed->mapping.n_layers);
    arena_free(&arena);
    return sum;
}

/* Least of all orders of the tiles of chip `chip`, by exchanging each of them in turn. */
static double least_bits(const struct timed_net *timed, const struct moves *moves,
                         struct floorplan *plan, long chip, int tile) {
    long *place = plan->place + chip * TILES;
    double least = 1e300;
    if (tile == TILES)
        return router_bits(timed, moves, plan);
    for (int other = tile; other < TILES; other++) {
        long own = place[tile];
        place[tile] = place[other], place[other] = own;
        double bits = least_bits(timed, moves, plan, chip, tile + 1);
        least = bits < least ? bits : least;
        own = place[tile];
        place[tile] = place[other], place[other] = own;
    }
    return least;
}

static void check_permutation(const struct floorplan *plan) {
    bool taken[PLACES_MAX] = {false};
    long n = plan->chips * plan->mesh.tiles;
    CU_ASSERT_FATAL(n <= PLACES_MAX);
    for (long tile = 0; tile < n; tile++) {
        long place = plan->place[tile];
        CU_ASSERT_FATAL(place >= 0 && place < n && !taken[place]);
        CU_ASSERT_EQUAL(place / plan->mesh.tiles, tile / plan->mesh.tiles);
        taken[place] = true;
    }
}

struct outcome {
    double in_order, swapped, least;
    long chips;
};

/* A convolution of 1 x 1 places, a residual block of 3 x 3, and a product. */
static struct outcome place(int arrays, int filters, int rows, int stride) {
    static const char *const swap = "mapping.placement=swap";
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct timed_net timed;
    struct floorplan plan;
    struct cost_placing placing;
    struct moves moves;
    const char *path;
    char text[64];
    snprintf(text, sizeof text, "crossbar.rows=%d", rows);
    /* Four copies of what comes before a stride of 2 x 2. */
    const char *const settings[] = {text, "crossbar.columns=96", "mapping.replication=isaac", swap,
                                    NULL};
    scratch_open(&scratch);
    write_chip(&scratch, arrays, &path);
    timed_open(&timed, "1x3x6x5");
    int single = timed_conv(&timed, 0, 4, 1, 1);
    int first = timed_conv(&timed, single, filters, 3, stride);
    int second = timed_conv(&timed, first, filters, 3, 1);
    timed_product(&timed, timed_flatten(&timed, timed_add(&timed, first, second)), 7);
    timed_map(&timed, path, settings);
    const struct cost_inputs inputs = timed_inputs(&timed);
    ASSERT_OK(cost_place(&inputs, &scratch.arena, &plan, &placing, &diag), diag);
    ASSERT_OK(moves_make(&timed.chip, &timed.net.network, &timed.mapping, &plan, &scratch.arena,
                         &moves, &diag),
              diag);
    check_permutation(&plan);
    struct outcome outcome = {.in_order = placing.router_bits_in_order,
                              .swapped = placing.router_bits,
                              .chips = plan.chips};
    double counted = router_bits(&timed, &moves, &plan);
    CU_ASSERT_DOUBLE_EQUAL(counted, outcome.swapped, 1e-9 * counted);
    timed.plan = &plan;
    CU_ASSERT_DOUBLE_EQUAL(timed_estimate(&timed)->router_bits, counted, 1e-9 * counted);
    /* What is least in one chip does not depend on where tiles of others lie. */
    double saved = 0;
    for (long chip = 0; chip < plan.chips; chip++)
        saved += counted - least_bits(&timed, &moves, &plan, chip, 0);
    outcome.least = counted - saved;
    plan.place = NULL;
    counted = router_bits(&timed, &moves, &plan);
    CU_ASSERT_DOUBLE_EQUAL(counted, outcome.in_order, 1e-9 * counted);
    timed_close(&timed);
    scratch_close(&scratch);
    return outcome;
}

/* Swaps end where no pair of tiles can improve; a better order may be some swaps uphill away. */
static void as_good_as_any_order(void) {
    static const int filters[] = {5, 11, 23, 37};
    int best = 0, better = 0, tried = 0, several = 0;
    double worst = 1;
    for (size_t f = 0; f < sizeof filters / sizeof *filters; f++)
        for (int arrays = 2; arrays <= 5; arrays++)
            for (int stride = 1; stride <= 2; stride++) {
                struct outcome outcome =
                    place(arrays, filters[f], arrays % 2 == 0 ? 64 : 128, stride);
                CU_ASSERT(outcome.swapped <= outcome.in_order * (1 + 1e-12));
                CU_ASSERT(outcome.least <= outcome.swapped * (1 + 1e-9));
                double gap = outcome.swapped / outcome.least;
                worst = gap > worst ? gap : worst;
                best += gap < 1 + 1e-9;
                better += outcome.swapped < outcome.in_order * (1 - 1e-9);
                several += outcome.chips > 1;
                tried++;
            }
    CU_ASSERT(10 * best >= 9 * tried && worst < 1.01);
    CU_ASSERT(better > tried / 2 && several > 4);
    if (10 * best < 9 * tried || worst >= 1.01)
        fprintf(stderr, "\n%d of %d are the best, the worst %.1f %% above\n", best, tried,
                100 * (worst - 1));
}

/* A network on a chip, by both models of time. */
static void evaluate(const char *model, const char *placement, struct config **config,
                     struct run_result *result) {
    struct diagnostic diag = {0};
    struct run_hooks hooks = {0};
    const char *const settings[] = {model,
                                    placement,
                                    "run.accuracy=false",
                                    "crossbar.rows=64",
                                    "crossbar.columns=64",
                                    "chip.timing=event",
                                    "chip.pipeline=rows",
                                    "chip.stream=1",
                                    NULL};
    *config = config_of(NULL, settings);
    ASSERT_OK(config_finish(*config, &diag), diag);
    ASSERT_OK(run_evaluate(*config, &hooks, result, &diag), diag);
}

static double router_energy(const struct cost_report *cost) {
    double sum = 0;
    for (int i = 0; i < cost->n_rows; i++)
        if (strcmp(cost->rows[i].component, "router") == 0)
            sum += cost->rows[i].energy_j;
    return sum;
}

/* The same places again. */
static void place_again(struct run_result *result) {
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct cost_inputs inputs;
    struct floorplan plan;
    struct cost_placing placing;
    ASSERT_OK(run_cost_inputs(result, &inputs, &arena, &diag), diag);
    ASSERT_OK(cost_place(&inputs, &arena, &plan, &placing, &diag), diag);
    for (long tile = 0; tile < plan.chips * plan.mesh.tiles; tile++)
        CU_ASSERT_EQUAL(plan.place[tile], result->plan.place[tile]);
    arena_free(&arena);
}

/* What bits cost in routers, and images in time there, follows from where tiles lie; nothing else
 * does. */
static void figures_follow(const char *model) {
    struct run_result order, swap;
    struct config *configs[2];
    evaluate(model, "mapping.placement=order", &configs[0], &order);
    evaluate(model, "mapping.placement=swap", &configs[1], &swap);
    check_permutation(&swap.plan);
    place_again(&swap);
    double bits = order.cost.router_bits, energy_j = router_energy(&order.cost);
    CU_ASSERT_DOUBLE_EQUAL(swap.placing.router_bits_in_order, bits, 1e-9 * bits);
    CU_ASSERT_DOUBLE_EQUAL(swap.placing.router_bits, swap.cost.router_bits, 1e-9 * bits);
    CU_ASSERT(swap.cost.router_bits < 0.97 * bits);
    CU_ASSERT_DOUBLE_EQUAL(router_energy(&swap.cost) / energy_j, swap.cost.router_bits / bits,
                           1e-9);
    CU_ASSERT_DOUBLE_EQUAL(order.cost.energy_j - swap.cost.energy_j,
                           energy_j - router_energy(&swap.cost), 1e-9 * energy_j);
    CU_ASSERT_EQUAL(order.cost.latency_s, swap.cost.latency_s);
    CU_ASSERT_EQUAL(order.cost.area_chip_m2, swap.cost.area_chip_m2);
    CU_ASSERT(swap.events.latency_s != order.events.latency_s);
    CU_ASSERT_EQUAL(order.events.events > 0, swap.events.events > 0);
    run_result_free(&order);
    run_result_free(&swap);
    config_free(configs[0]);
    config_free(configs[1]);
}

static void figures_follow_the_places(void) {
    static const char resnet18[] = "../shared/models/cifar10/resnet18_int8.onnx";
    figures_follow("network.model=configs/networks/vgg8_cp16_int8.onnx");
    if (access(resnet18, F_OK) == 0)
        figures_follow("network.model=../shared/models/cifar10/resnet18_int8.onnx");
    else
        printf("skipped: %s is absent ", resnet18);
}

static const struct test_case cases[] = {
    {"as good as any order", as_good_as_any_order},
    {"figures follow the places", figures_follow_the_places},
    {NULL, NULL},
};
const struct test_suite suite_placement = {"placement", cases};
