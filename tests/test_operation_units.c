/* Operation units: what is read and converted, by hand; sums, simulation and time against slow
 * references. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/run.h"
#include "tests/support/awkward_layers.h"
#include "tests/support/configs.h"
#include "tests/support/slow_layer.h"
#include "tests/test.h"

enum { ROWS = 37, UNIT_ROWS = 8, MOST_ROWS = 4096 };

/* 7 rows and 5 filters of 2-bit weights in 1-bit cells, two columns each, on 5 x 8 arrays: 4
 * filters an array. `#` is a weight of 1, in the plus column. */
static const char *const picture[] = {"#...#", "#.#..", "....#", "#...#",
                                      ".....", "..#..", "#.##."};
enum { PICTURE_ROWS = 7, PICTURE_FILTERS = 5 };

static void map_picture(struct built_layer *b, const char *units, const char *columns,
                        const char *compaction) {
    struct matrix_shape shape = dense_shape(PICTURE_ROWS, PICTURE_FILTERS);
    build_layer(b, shape, 2, 0, 1);
    int16_t *weights = (int16_t *)b->layer.weights;
    for (int r = 0; r < PICTURE_ROWS; r++)
        for (int f = 0; f < PICTURE_FILTERS; f++)
            weights[f * PICTURE_ROWS + r] = picture[r][f] == '#';
    const char *settings[] = {"crossbar.rows=5",
                              "crossbar.columns=8",
                              "crossbar.cell_bits=1",
                              units,
                              columns,
                              compaction,
                              NULL};
    map_layer_as(b, settings);
}

static void expect_reads(const struct mapped_array *a, int units, long rows_driven,
                         long conversions, long cells_read) {
    CU_ASSERT_EQUAL(a->units, units);
    CU_ASSERT_EQUAL(a->rows_driven, rows_driven);
    CU_ASSERT_EQUAL(a->conversions, conversions);
    CU_ASSERT_EQUAL(a->cells_read, cells_read);
}

static void reads_by_hand(void) {
    struct built_layer b;
    /* Units of 2 rows and 2 filters. Array 0, rows 0 to 4 of filters 0 to 3: 3 x 2 units. Filter 0
     * has weights in rows 0 1 3, filter 2 in row 1. */
    map_picture(&b, "mapping.ou_rows=2", "mapping.ou_columns=5", "mapping.compaction=none");
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL(m->unit_rows, 2);
    CU_ASSERT_EQUAL(m->unit_filters, 2);
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 4);
    expect_reads(&m->arrays[0], 6, 10, 2 + 1, 2 * 2 + 2);
    expect_reads(&m->arrays[1], 3, 5, 3 - 1, 2 * 2); /* filter 4: rows 0, and 2 3 together */
    expect_reads(&m->arrays[2], 2, 4, 3, 6);         /* rows 5 6: filters 0 2 3 */
    expect_reads(&m->arrays[3], 1, 2, 0, 0);
    CU_ASSERT_EQUAL(m->reads, 6 * 8);
    CU_ASSERT_EQUAL(m->lossless.largest_sum, 2);
    CU_ASSERT_EQUAL(m->lossless.worst, 2); /* two rows of 1 */
    free_layer(&b);
    /* Whole arrays: filter 0 adds three rows. */
    map_picture(&b, "mapping.ou_rows=0", "mapping.ou_columns=0", "mapping.compaction=none");
    m = &b.mapping.layers[0];
    expect_reads(&m->arrays[0], 1, 5, 2, 10);
    CU_ASSERT_EQUAL(m->reads, 8);
    CU_ASSERT_EQUAL(m->lossless.largest_sum, 3);
    CU_ASSERT_EQUAL(m->lossless.worst, 3);
    CU_ASSERT_EQUAL(m->column_reads, 2);
    free_layer(&b);
}

static void expect_rows(const struct mapped_layer *m, int array, int filter, const char *expected) {
    char text[64] = "";
    int rows;
    const int *row = mapping_array_rows(m, &m->arrays[array], filter, &rows);
    for (int r = 0; r < rows; r++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", r ? " " : "", row[r]);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

/* Units of one filter stack its own rows: filter 0 rows 0 1 3 6, filter 1 none, filter 2 rows 1 5
 * 6, filter 3 row 6; filter 4, in another array, rows 0 2 3. */
static void stacked_by_hand(void) {
    struct built_layer b;
    map_picture(&b, "mapping.ou_rows=2", "mapping.ou_columns=2", "mapping.compaction=ou");
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 2);
    CU_ASSERT_EQUAL(m->n_arrays_dense, 4);
    CU_ASSERT_EQUAL(m->arrays[0].rows, 4);
    expect_rows(m, 0, 0, "0 1 3 6");
    expect_rows(m, 0, 1, "");
    expect_rows(m, 0, 2, "1 5 6");
    expect_rows(m, 0, 3, "6");
    expect_rows(m, 1, 0, "0 2 3");
    expect_reads(&m->arrays[0], 2 + 0 + 2 + 1, 8, 5, 8);
    expect_reads(&m->arrays[1], 2, 3, 2, 3);
    CU_ASSERT_EQUAL(m->arrays[0].sums, 3);
    CU_ASSERT_EQUAL(m->filters_mapped, 4);
    CU_ASSERT_EQUAL(m->reads, 5 * 8);
    CU_ASSERT_EQUAL(m->sums.cells_nonzero, 11);
    CU_ASSERT_EQUAL(m->column_reads, 2);
    /* 8 + 3 rows, two columns each, of two arrays of 40 cells */
    CU_ASSERT_DOUBLE_EQUAL(m->utilisation, 22.0 / 80, 1e-12);
    free_layer(&b);
}

/* Half of the weights, in runs of rows of a filter. */
static void prune(struct built_layer *b) {
    int rows = matrix_rows(&b->layer.shape);
    int16_t *weights = (int16_t *)b->layer.weights;
    for (int f = 0; f < b->layer.shape.out_channels; f++)
        for (int r = 0; r < rows; r++)
            if ((r / 3 + f) % 2 == 0 || f == 1)
                weights[f * rows + r] = 0;
}

/* One layer, converters of 2 bits. */
static void run_limited(int shape, const char *compaction, int encoding, int transfer, bool flip) {
    static uint8_t y[AWKWARD_BYTES];
    char name[64];
    snprintf(name, sizeof name, "mapping.encoding=%s", encoding_names[encoding]);
    const char *settings[] = {"crossbar.rows=37",
                              "crossbar.columns=41",
                              "mapping.ou_rows=8",
                              "mapping.ou_columns=17",
                              compaction,
                              name,
                              flip ? "mapping.flip=true" : "mapping.flip=false",
                              NULL};
    struct built_layer b;
    build_layer(&b, awkward_shapes[shape], 8, 1, (uint64_t)(shape + 1));
    prune(&b);
    map_layer_as(&b, settings);
    const struct slow_crossbar xbar = {.encoding = (enum slow_encoding)encoding,
                                       .flip = flip,
                                       .nominal_rows = UNIT_ROWS,
                                       .unit_rows = UNIT_ROWS,
                                       .transfer = (enum slow_transfer)transfer,
                                       .adc_bits = 2};
    int wrong = awkward_limited(&b, xbar, (uint64_t)shape, y);
    CU_ASSERT_EQUAL(wrong, 0);
    if (wrong > 0)
        printf("shape %d %s %s transfer %d: %d wrong\n", shape, compaction, name, transfer, wrong);
    free_layer(&b);
}

static void limited_converters(void) {
    for (int c = 0; compaction_names[c] != NULL; c++) {
        char compaction[64];
        snprintf(compaction, sizeof compaction, "mapping.compaction=%s", compaction_names[c]);
        for (int shape = 0; shape < AWKWARD_SHAPES - 1; shape++) {
            for (int encoding = 0; encoding < 3; encoding++)
                for (int transfer = SLOW_CLIP; transfer <= SLOW_FULL_RANGE; transfer++)
                    run_limited(shape, compaction, encoding, transfer, false);
            run_limited(shape, compaction, SLOW_OFFSET, SLOW_CLIP, true);
        }
    }
}

/* Columns with a programmed cell in each block of `rows` rows: 2-bit slices of either sign. */
static long programmed_columns(const struct matrix_layer *layer, int rows) {
    long count = 0;
    int n = matrix_rows(&layer->shape);
    for (int f = 0; f < layer->shape.out_channels; f++)
        for (int first = 0; first < n; first += rows)
            for (int column = 0; column < 8; column++) {
                bool any = false;
                for (int r = first; r < first + rows && r < n; r++) {
                    int w = layer->weights[f * n + r] * (column % 2 == 0 ? 1 : -1);
                    any |= w > 0 && (w >> (column / 2 * 2) & 3) != 0;
                }
                count += any;
            }
    return count;
}

/* LeNet as a design point: fewer rows at a time ask for fewer bits and take more time. */
static void bits_energy_and_time_follow(void) {
    static const char *const whole[] = {"run.accuracy=false", "adc.bits=worst", NULL};
    static const char *const units[] = {"run.accuracy=false", "adc.bits=worst",
                                        "mapping.ou_rows=16", "mapping.ou_columns=32", NULL};
    struct run_result results[2];
    struct config *configs[2] = {config_of(LENET_CONFIG, whole), config_of(LENET_CONFIG, units)};
    struct diagnostic diag = {0};
    for (int i = 0; i < 2; i++)
        ASSERT_OK(run_evaluate(configs[i], NULL, &results[i], &diag), diag);
    CU_ASSERT_EQUAL(results[0].layers[2].adc_bits, 9); /* 128 * 3 */
    CU_ASSERT_EQUAL(results[1].layers[2].adc_bits, 6); /* 16 * 3 */
    CU_ASSERT_EQUAL(results[1].layers[2].bound, 48);
    /* The third layer fills arrays of 128 x 128: 8 x 4 units. */
    CU_ASSERT_EQUAL(results[1].mapping.layers[2].reads, 32 * results[0].mapping.layers[2].reads);
    CU_ASSERT_DOUBLE_EQUAL(results[1].cost.layers[2].time_s, 32 * results[0].cost.layers[2].time_s,
                           1e-12);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(
            results[i].cost.layers[2].conversions,
            (double)(8 * programmed_columns(&results[i].network.matrix[2], i == 0 ? 128 : 16)));
    CU_ASSERT(results[1].cost.energy_j > results[0].cost.energy_j);
    CU_ASSERT(results[1].cost.area_used_m2 < results[0].cost.area_used_m2); /* smaller converters */
    for (int i = 0; i < 2; i++) {
        run_result_free(&results[i]);
        config_free(configs[i]);
    }
}

static void expect_refusal(const char *setting, const char *words) {
    struct built_layer b;
    struct diagnostic diag = {0};
    struct config *config;
    static const struct config_section *const sections[] = {&crossbar_section, &mapping_section,
                                                            &dac_section};
    build_layer(&b, awkward_shapes[0], 8, 0, 6);
    ASSERT_OK(config_create(sections, 3, &config, &diag), diag);
    ASSERT_OK(config_override(config, setting, &diag), diag);
    CU_ASSERT_EQUAL(mapping_create(&b.network, config, &b.mapping, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, words));
    config_free(config);
    free_layer(&b);
}

static void refusals(void) {
    expect_refusal("mapping.ou_rows=129", "129 x 128 (mapping.ou_rows, mapping.ou_columns) is more "
                                          "than the crossbar of 128 x 128");
    expect_refusal("mapping.ou_columns=130", "128 x 130");
    expect_refusal("mapping.ou_columns=7", "cannot hold one weight, which takes 8 columns");
}

static const struct test_case cases[] = {
    {"reads by hand", reads_by_hand},
    {"stacked rows by hand", stacked_by_hand},
    {"limited converters equal slow units", limited_converters},
    {"bits, energy and time follow", bits_energy_and_time_follow},
    {"what no unit can be is refused", refusals},
    {NULL, NULL},
};
const struct test_suite suite_operation_units = {"operation_units", cases};
