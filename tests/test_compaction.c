/* Compaction: arrays by hand, every weight in one array, and simulated layers against slow arrays
 * laid out the same way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/awkward_layers.h"
#include "tests/support/random.h"
#include "tests/support/slow_layer.h"
#include "tests/test.h"

enum { ROWS = 37, MOST_ROWS = 4096 };

/* A layer of 2-bit weights in 1-bit cells (two columns each) on arrays of 3 rows and 2 filters,
 * from a picture: a line for each row, `#` a weight, `.` none. */
static void map_picture(struct built_layer *b, const char *const *lines, int rows,
                        const char *compaction) {
    int filters = (int)strlen(lines[0]);
    build_layer(b, dense_shape(rows, filters), 2, 0, 1);
    int16_t *weights = (int16_t *)b->layer.weights;
    for (int r = 0; r < rows; r++)
        for (int f = 0; f < filters; f++)
            weights[f * rows + r] = lines[r][f] == '#';
    const char *settings[] = {"crossbar.rows=3", "crossbar.columns=4", "crossbar.cell_bits=1",
                              compaction, NULL};
    map_layer_as(b, settings);
}

static void expect_list(const int *list, int n, const char *expected) {
    char text[64] = "";
    for (int i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? " " : "", list[i]);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void expect_array(const struct built_layer *b, int index, const char *rows,
                         const char *filters) {
    const struct mapped_array *a = &b->mapping.layers[0].arrays[index];
    expect_list(a->row, a->rows, rows);
    expect_list(a->filter, a->filters, filters);
}

static void rows_and_columns_of_the_whole_matrix(void) {
    static const char *const lines[] = {"#.#.#", "..#..", ".....", "#...#", "....#"};
    struct built_layer b;
    map_picture(&b, lines, 5, "mapping.compaction=rows_columns");
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 4); /* 4 rows and 3 filters are left */
    expect_array(&b, 0, "0 1 3", "0 2");
    expect_array(&b, 1, "0 1 3", "4");
    expect_array(&b, 2, "4", "0 2");
    expect_array(&b, 3, "4", "4");
    CU_ASSERT_EQUAL(b.mapping.crossbars_dense, 6);
    CU_ASSERT_EQUAL(m->filters_mapped, 3);
    CU_ASSERT_EQUAL(m->sums.cells_nonzero, 7);
    CU_ASSERT_EQUAL(m->values_read, 4); /* row 2 is not driven */
    free_layer(&b);
    map_picture(&b, lines, 5, "mapping.compaction=none");
    CU_ASSERT_EQUAL(b.mapping.crossbars, 6);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.cells_nonzero, 7);
    free_layer(&b);
}

/* Sub-matrices of 3 x 2. Left of them: rows 0 1 of filter 0; row 1 of filter 3; all of rows 3 to 5
 * and filters 0 and 1; row 5 of filter 2. The full one is laid first, then two rows of one filter;
 * row 1 of filter 3 shares a word line with it, and row 5 of filter 2 has no bit line left there.
 */
static void blocks_by_hand(void) {
    static const char *const lines[] = {"#...", "#..#", "....", "##..", "#...", "###."};
    struct built_layer b;
    map_picture(&b, lines, 6, "mapping.compaction=blocks");
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 3);
    expect_array(&b, 0, "3 4 5", "0 1");
    expect_array(&b, 1, "0 1", "0 3");
    expect_array(&b, 2, "5", "2");
    CU_ASSERT_EQUAL(b.mapping.crossbars_dense, 4);
    CU_ASSERT_EQUAL(m->sums.cells_nonzero, 9);
    free_layer(&b);
}

/* Rows 0 and 3 of filter 0 share its bit line, filter 2 stands on the diagonal: the word line of
 * row 4 crosses filter 0 too, whose weight there is another array's. A full pair of 3 rows and 2
 * filters sits beside it. Sums on the shared bit line add two rows where none had more than one. */
static void shared_lines(void) {
    static const char *const lines[] = {"#...", "....", "....", "#...", "..#.", "...."};
    struct built_layer b;
    map_picture(&b, lines, 6, "mapping.compaction=blocks");
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 1);
    expect_array(&b, 0, "0 3 4", "0 2");
    CU_ASSERT_EQUAL(m->lossless.largest_sum, 2);
    CU_ASSERT_EQUAL(m->lossless.exact, 2);
    CU_ASSERT_EQUAL(m->uncompacted_bits, 1);
    CU_ASSERT_EQUAL(m->lossless.rows, 2);
    free_layer(&b);
}

/* Filters 0 and 2 are dense, 1 and 3 have one row of each block: parted, these four pieces share an
 * array; whole, every sub-matrix fills one. */
static void mixed_by_hand(void) {
    static const char *const lines[] = {"####", "#.#.", "#.#.", "####", "#.#.", "#.#."};
    struct built_layer b;
    map_picture(&b, lines, 6, "mapping.compaction=blocks");
    CU_ASSERT_EQUAL(b.mapping.crossbars, 4);
    free_layer(&b);
    map_picture(&b, lines, 6, "mapping.compaction=mixed");
    CU_ASSERT_EQUAL_FATAL(b.mapping.crossbars, 3);
    expect_array(&b, 0, "0 1 2", "0 2");
    expect_array(&b, 1, "3 4 5", "0 2");
    expect_array(&b, 2, "0 3", "1 3");
    free_layer(&b);
}

/* Filters 0 and 2 go together, and 1 and 3; the rows of 5 lie in both row blocks and take one
 * array. Filter 4 is empty. */
static void reordered_by_hand(void) {
    static const char *const lines[] = {"#.#...", "#.#..#", "#.....", "......", ".#.#..", ".#.#.#"};
    struct built_layer b;
    map_picture(&b, lines, 6, "mapping.compaction=reorder");
    CU_ASSERT_EQUAL_FATAL(b.mapping.crossbars, 3);
    expect_array(&b, 0, "0 1 2", "0 2");
    expect_array(&b, 1, "4 5", "1 3");
    expect_array(&b, 2, "1 5", "5");
    free_layer(&b);
}

/* Lists of neighbours need no index. */
static void indices_by_hand(void) {
    static const char *const lines[] = {"#.#.#", "..#..", ".....", "#...#", "....#"};
    struct built_layer b;
    map_picture(&b, lines, 5, "mapping.compaction=rows_columns");
    struct mapping_index index = mapping_index_of(&b.mapping.layers[0]);
    CU_ASSERT_EQUAL(index.input_bits, 3); /* 5 rows, 5 filters */
    CU_ASSERT_EQUAL(index.output_bits, 3);
    CU_ASSERT_EQUAL(index.gathered, 2 * 3);  /* two arrays of rows 0 1 3; row 4 is a run */
    CU_ASSERT_EQUAL(index.scattered, 2 * 2); /* two of filters 0 2; filter 4 is a run */
    CU_ASSERT_EQUAL(index.stored_bits, 30);
    free_layer(&b);
    map_picture(&b, lines, 5, "mapping.compaction=none");
    CU_ASSERT_EQUAL(mapping_index_of(&b.mapping.layers[0]).stored_bits, 0);
    free_layer(&b);
    /* Rows 0 3 of filters 0 and 1, 0 1 of 2 and 3, and 0 3 4 of 4. */
    map_picture(&b, lines, 5, "mapping.compaction=ou");
    index = mapping_index_of(&b.mapping.layers[0]);
    CU_ASSERT_EQUAL(index.gathered, 2 + 0 + 3);
    CU_ASSERT_EQUAL(index.scattered, 0);
    free_layer(&b);
}

static void nothing_is_left(void) {
    static const char *const lines[] = {"....", "....", "...."};
    const char *const settings[] = {"mapping.compaction=rows_columns", "mapping.compaction=blocks"};
    for (int i = 0; i < 2; i++) {
        struct built_layer b;
        map_picture(&b, lines, 3, settings[i]);
        CU_ASSERT_EQUAL(b.mapping.crossbars, 0);
        CU_ASSERT_EQUAL(b.mapping.crossbars_dense, 2);
        CU_ASSERT_EQUAL(b.mapping.layers[0].utilisation, 0);
        CU_ASSERT_EQUAL(b.mapping.layers[0].lossless.exact, 1);
        CU_ASSERT_EQUAL(b.mapping.layers[0].reads, 8); /* takes its time all the same */
        free_layer(&b);
    }
}

/* Removes rows, filters, rows of some filters and filters of some rows. */
static void prune(struct built_layer *b, uint64_t seed) {
    struct test_random random = {seed};
    int rows = matrix_rows(&b->layer.shape), filters = b->layer.shape.out_channels;
    int16_t *weights = (int16_t *)b->layer.weights;
    for (int f = 0; f < filters; f++)
        for (int first = 0; first < rows; first += 13)
            if (test_random_below(&random, 3) == 0)
                for (int r = first; r < first + 13 && r < rows; r++)
                    weights[f * rows + r] = 0;
    for (int r = 0; r < rows; r++)
        for (int first = 0; first < filters; first += 5)
            if (test_random_below(&random, 2) == 0)
                for (int f = first; f < first + 5 && f < filters; f++)
                    weights[f * rows + r] = 0;
    memset(weights + rows, 0, (size_t)rows * sizeof *weights); /* filter 1 */
}

/* How often each weight lies in an array; arrays keep to their size, lists rise. */
static void count_places(const struct mapped_layer *m, int *places) {
    static int16_t column[MOST_ROWS];
    int rows = matrix_rows(&m->layer->shape), filters = matrix_columns(&m->layer->shape);
    for (int i = 0; i < m->n_arrays; i++) {
        const struct mapped_array *a = &m->arrays[i];
        CU_ASSERT(a->rows >= 1 && a->rows <= m->crossbar.rows);
        CU_ASSERT(a->filters >= 1 && a->filters <= m->filters_per_array);
        for (int r = 1; r < a->rows; r++)
            CU_ASSERT(a->row[r] > a->row[r - 1]);
        for (int f = 1; f < a->filters; f++)
            CU_ASSERT(a->filter[f] > a->filter[f - 1]);
        for (int f = 0; f < a->filters; f++) {
            int number = a->pack * m->pack_filters + a->filter[f];
            mapping_array_column(m, i, f, column);
            for (int r = 0; r < a->rows; r++) {
                int row = a->row[r] - a->filter[f] / filters * rows;
                if (column[r] == 0)
                    continue;
                CU_ASSERT_FATAL(row >= 0 && row < rows);
                CU_ASSERT_EQUAL(column[r], m->layer->weights[number * rows + row]);
                places[number * rows + row]++;
            }
        }
    }
}

static void every_weight_has_one_place(void) {
    for (int shape = 0; shape < AWKWARD_SHAPES; shape++) {
        long cells = 0;
        for (int c = 0; compaction_names[c] != NULL; c++) {
            struct built_layer b;
            char setting[64];
            snprintf(setting, sizeof setting, "mapping.compaction=%s", compaction_names[c]);
            const char *settings[] = {"crossbar.rows=17", "crossbar.columns=41", setting, NULL};
            build_layer(&b, awkward_shapes[shape], 8, 3, 7);
            prune(&b, (uint64_t)shape);
            map_layer_as(&b, settings);
            const struct mapped_layer *m = &b.mapping.layers[0];
            int n = matrix_rows(&b.layer.shape) * b.layer.shape.out_channels;
            int *places = calloc((size_t)n, sizeof *places);
            count_places(m, places);
            for (int i = 0; i < n; i++)
                CU_ASSERT_EQUAL(places[i], b.layer.weights[i] != 0);
            cells = c == 0 ? m->sums.cells_nonzero : cells;
            CU_ASSERT_EQUAL(m->sums.cells_nonzero, cells);
            CU_ASSERT(b.mapping.crossbars <= b.mapping.crossbars_dense);
            CU_ASSERT_EQUAL(b.mapping.crossbars_dense, m->n_arrays_dense);
            free(places);
            free_layer(&b);
        }
    }
}

/* One layer with a limited converter; in `outputs` what it gives. */
static void run_limited(int shape, const char *compaction, int encoding, int transfer, bool flip,
                        uint8_t *outputs) {
    char name[64];
    snprintf(name, sizeof name, "mapping.encoding=%s", encoding_names[encoding]);
    const char *settings[] = {"crossbar.rows=37",
                              "crossbar.columns=41",
                              compaction,
                              name,
                              flip ? "mapping.flip=true" : "mapping.flip=false",
                              NULL};
    struct built_layer b;
    build_layer(&b, awkward_shapes[shape], 8, 1, (uint64_t)(shape + 1));
    prune(&b, (uint64_t)shape);
    map_layer_as(&b, settings);
    const struct slow_crossbar xbar = {.encoding = (enum slow_encoding)encoding,
                                       .flip = flip,
                                       .nominal_rows = ROWS,
                                       .transfer = (enum slow_transfer)transfer,
                                       .adc_bits = 3};
    CU_ASSERT_EQUAL(awkward_limited(&b, xbar, (uint64_t)shape, outputs), 0);
    free_layer(&b);
}

static void limited_converters(void) {
    static uint8_t y[AWKWARD_BYTES];
    for (int c = 0; compaction_names[c] != NULL; c++) {
        char name[64];
        snprintf(name, sizeof name, "mapping.compaction=%s", compaction_names[c]);
        for (int shape = 0; shape < AWKWARD_SHAPES - 1; shape++) {
            for (int encoding = 0; encoding < 3; encoding++)
                for (int transfer = SLOW_CLIP; transfer <= SLOW_FULL_RANGE; transfer++)
                    run_limited(shape, name, encoding, transfer, false, y);
            run_limited(shape, name, SLOW_OFFSET, SLOW_CLIP, true, y);
        }
    }
}

/* Which rows share a bit line matters once a converter clips. */
static void packing_changes_clipped_sums(void) {
    static uint8_t y[2][AWKWARD_BYTES];
    run_limited(3, "mapping.compaction=none", SLOW_DIFFERENTIAL, SLOW_CLIP, false, y[0]);
    run_limited(3, "mapping.compaction=blocks", SLOW_DIFFERENTIAL, SLOW_CLIP, false, y[1]);
    CU_ASSERT(memcmp(y[0], y[1], sizeof y[0]) != 0);
}

static const struct test_case cases[] = {
    {"rows_columns by hand", rows_and_columns_of_the_whole_matrix},
    {"blocks by hand", blocks_by_hand},
    {"pieces share word lines and bit lines", shared_lines},
    {"mixed by hand", mixed_by_hand},
    {"reorder by hand", reordered_by_hand},
    {"indices by hand", indices_by_hand},
    {"a layer without weights takes no array", nothing_is_left},
    {"every weight has one place", every_weight_has_one_place},
    {"limited converters equal slow arrays", limited_converters},
    {"packing changes clipped sums", packing_changes_clipped_sums},
    {NULL, NULL},
};
const struct test_suite suite_compaction = {"compaction", cases};
