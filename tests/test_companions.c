/* What compaction costs, by hand. */
#include <string.h>

#include "sim/cost/cost_internal.h"
#include "tests/support/layer_builder.h"
#include "tests/test.h"

enum { ROWS = 100, FILTERS = 6 };
static const double pj = 1e-12, mm2 = 1e-6;

/* 100 rows and 6 filters of 8 columns on arrays of 128 x 16, filters 2 an array, at three
 * positions; every other row and filter 1 are empty. */
static void map(struct built_layer *b, const char *compaction) {
    struct matrix_shape shape = {
        .fully_connected = true,
        .in_channels = ROWS,
        .in_height = 1,
        .in_width = 3,
        .out_channels = FILTERS,
        .groups = 1,
        .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}};
    build_layer(b, shape, 8, 0, 1);
    int16_t *weights = (int16_t *)b->layer.weights;
    for (int f = 0; f < FILTERS; f++)
        for (int r = 0; r < ROWS; r++)
            weights[f * ROWS + r] = (int16_t)(r % 2 == 1 || f == 1 ? 0 : 1 + r);
    const char *settings[] = {"crossbar.columns=16", compaction, NULL};
    map_layer_as(b, settings);
}

/* Every digit read. */
static int cost_of(const struct chip *chip, const struct mapped_layer *m,
                   const struct companion_parts *parts, double cycle_s, double interval_s,
                   struct cost_row *rows) {
    const struct layer_timing timing = {.cycle_s = cycle_s, .reads = m->reads};
    const struct layer_reads all = reads_of(m, NULL);
    const struct companion_use use = {&timing, &all, &all, interval_s};
    return companions_cost(chip, m, parts, &use, rows);
}

static void expect_row(const struct cost_row *row, const char *name, double count, double actions,
                       double area_m2, double energy_j, double power_w) {
    CU_ASSERT_STRING_EQUAL(row->component, name);
    CU_ASSERT_DOUBLE_EQUAL(row->count, count, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(row->actions, actions, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(row->area_m2 / area_m2, 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(row->energy_j / energy_j, 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(row->power_peak_w / power_w, 1, 1e-9);
}

/* 5 filters in 3 arrays of 50 rows. Indices: 150 of 7 bits, and 2 of 3 bits for filters 0 and 2; 3
 * 4 and 5 lie next to each other. Read in 8 cycles of 100 ns. */
static void by_hand(void) {
    const double memory_pj = 2.058, memory_mm2 = 0.00421, memory_w = 5e-7; /* 2 KiB, 32 nm */
    struct built_layer b;
    struct chip chip;
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct companion_parts parts;
    struct cost_row rows[COMPANION_ROWS];
    ASSERT_OK(chip_load("isaac", &chip, &diag), diag);
    map(&b, "mapping.compaction=rows_columns");
    ASSERT_OK(companions_load(&chip, &b.mapping, &arena, &parts, &diag), diag);
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 3);
    double interval_s = 1e-6, cycle_s = 1e-7, share = 1056 / 16384.0;
    CU_ASSERT_EQUAL_FATAL(cost_of(&chip, m, &parts, cycle_s, interval_s, rows), 3);
    expect_row(&rows[0], "index memory", share, 3 * 1056, share * memory_mm2 * mm2,
               3168 * memory_pj / 128 * pj + share * memory_w * interval_s,
               1056 * memory_pj / 128 * pj / 8e-7 + share * memory_w);
    CU_ASSERT_PTR_NOT_NULL(strstr(rows[0].source, "CACTI 7"));
    expect_row(&rows[1], "input gather", 1200 / 16384., 3600, 1200 / 16384. * 0.0021 * mm2,
               3600 * 0.12109375 * pj, 1200 * 0.12109375 * pj / 8e-7);
    expect_row(&rows[2], "output scatter", 32 / 16384., 96, 32 / 16384. * 0.0021 * mm2,
               96 * 0.12109375 * pj, 32 * 0.12109375 * pj / 8e-7);
    free_layer(&b);
    map(&b, "mapping.compaction=none");
    ASSERT_OK(companions_load(&chip, &b.mapping, &arena, &parts, &diag), diag);
    CU_ASSERT_FALSE(parts.compacted);
    CU_ASSERT_EQUAL(cost_of(&chip, &b.mapping.layers[0], &parts, cycle_s, interval_s, rows), 0);
    free_layer(&b);
    chip_free(&chip);
    arena_free(&arena);
}

/* Polarized weights: 2 fragments of 50 rows in each of 3 arrays of 2 filters, and so 12 signs, read
 * at 8 digits. FORMS prints 3.1e-6 mm2 and .012 mW for 4096 of them, of which it reads 256 in
 * 15.2381 ns, and has its own on chip. */
static void signs_by_hand(void) {
    struct matrix_shape shape = {
        .fully_connected = true,
        .in_channels = ROWS,
        .in_height = 1,
        .in_width = 3,
        .out_channels = FILTERS,
        .groups = 1,
        .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}};
    struct built_layer b;
    struct chip chip, forms;
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct companion_parts parts;
    struct cost_row rows[COMPANION_ROWS];
    build_layer(&b, shape, 8, 0, 1);
    int16_t *weights = (int16_t *)b.layer.weights;
    for (int i = 0; i < FILTERS * ROWS; i++)
        weights[i] = (int16_t)(i / 50 % 2 == 0 ? 1 + i % 100 : -1 - i % 100);
    map_layer_as(&b, (const char *const[]){"crossbar.columns=8", "mapping.encoding=polarized",
                                           "mapping.fragment_rows=50", NULL});
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 3);
    ASSERT_OK(chip_load("isaac", &chip, &diag), diag);
    ASSERT_OK(companions_load(&chip, &b.mapping, &arena, &parts, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(cost_of(&chip, m, &parts, 1e-7, 1e-6, rows), 1);
    double sign_j = 0.012e-3 * 32 / 2.1e9 / 256;
    CU_ASSERT_STRING_EQUAL(rows[0].component, "sign indicator");
    CU_ASSERT_DOUBLE_EQUAL(rows[0].count, 12, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].actions, 3 * 12 * 8, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].area_m2 / (12 * 3.1e-6 * mm2 / 4096), 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].energy_j / (288 * sign_j), 1, 1e-6);
    /* 16 reads of 100 ns take a position: two fragments at 8 digits */
    CU_ASSERT_DOUBLE_EQUAL(rows[0].power_peak_w / (12 * 8 * sign_j / 16e-7), 1, 1e-6);
    CU_ASSERT_PTR_NOT_NULL(strstr(rows[0].source, "FORMS"));
    ASSERT_OK(chip_load("forms-8", &forms, &diag), diag);
    ASSERT_OK(companions_load(&forms, &b.mapping, &arena, &parts, &diag), diag);
    CU_ASSERT_EQUAL(cost_of(&forms, m, &parts, 1e-7, 1e-6, rows), 0);
    free_layer(&b);
    chip_free(&forms);
    chip_free(&chip);
    arena_free(&arena);
}

/* Three arrays of units of 16 rows skip digits: logic for 48 word lines, of which 7 units of each
 * read 100 in all. FORMS prints 1e-7 mm2 and .01 mW for 64 word lines in 15.2381 ns. */
static void skip_logic_by_hand(void) {
    struct built_layer b;
    struct chip chip, forms;
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct companion_parts parts;
    struct cost_row rows[COMPANION_ROWS];
    map(&b, "mapping.compaction=none");
    map_layer_as(&b, (const char *const[]){"crossbar.columns=16", "mapping.ou_rows=16",
                                           "crossbar.zero_skip=leading", NULL});
    const struct mapped_layer *m = &b.mapping.layers[0];
    ASSERT_OK(chip_load("isaac", &chip, &diag), diag);
    ASSERT_OK(chip_load("forms-8", &forms, &diag), diag);
    ASSERT_OK(companions_load(&chip, &b.mapping, &arena, &parts, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(cost_of(&chip, m, &parts, 1e-7, 1e-6, rows), 1);
    double line_j = 0.01e-3 * 32 / 2.1e9 / 64;
    CU_ASSERT_STRING_EQUAL(rows[0].component, "skip logic");
    CU_ASSERT_DOUBLE_EQUAL(rows[0].count, 48, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].actions, 3 * 3 * 100 * 8, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].area_m2 / (48 * 1e-7 * mm2 / 64), 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].energy_j / (7200 * line_j), 1, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].power_peak_w / (2400 * line_j / 56e-7), 1, 1e-6);
    ASSERT_OK(companions_load(&forms, &b.mapping, &arena, &parts, &diag), diag);
    CU_ASSERT_EQUAL(cost_of(&forms, m, &parts, 1e-7, 1e-6, rows), 0); /* it has its own */
    free_layer(&b);
    chip_free(&forms);
    chip_free(&chip);
    arena_free(&arena);
}

/* Figures of the memory end at 65 nm; areas grow with the square of the node. */
static void beyond_the_known_nodes(void) {
    struct built_layer b;
    struct chip chip;
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct companion_parts parts;
    ASSERT_OK(chip_load("isaac", &chip, &diag), diag);
    map(&b, "mapping.compaction=ou");
    chip.node_m = 130e-9;
    ASSERT_OK(companions_load(&chip, &b.mapping, &arena, &parts, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(parts.memory.area_m2 / (4 * 0.01733 * mm2), 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(parts.registers.area_m2 / (0.0021 * mm2 * 130 * 130 / 32 / 32), 1, 1e-9);
    free_layer(&b);
    chip_free(&chip);
    arena_free(&arena);
}

static const struct test_case cases[] = {
    {"rows by hand", by_hand},
    {"signs by hand", signs_by_hand},
    {"skip logic by hand", skip_logic_by_hand},
    {"beyond the known nodes", beyond_the_known_nodes},
    {NULL, NULL},
};
const struct test_suite suite_companions = {"companions", cases};
