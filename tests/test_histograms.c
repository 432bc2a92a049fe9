/* Histograms of partial sums against every conversion made one by one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/engine/matrix_count.h"
#include "tests/support/layer_builder.h"
#include "tests/support/random.h"
#include "tests/test.h"

enum { IMAGES = 2, PIXELS = 5 * 4, CHANNELS = 6, MOST_SUMS = 4096 };

static int input_at(const struct matrix_layer *layer, const uint8_t *image, int row, int at) {
    const struct matrix_shape *s = &layer->shape;
    int y = at / s->out_width + row % 9 / 3 - 1, x = at % s->out_width + row % 3 - 1;
    if (y < 0 || y >= s->in_height || x < 0 || x >= s->in_width)
        return layer->input.zero_point;
    return image[(y * s->in_width + x) * s->in_channels + row / 9];
}

enum { UNIT_ROWS = 10, UNIT_FILTERS = 3 };

/* All conversions of one operation unit at one position and cycle: filters [first, end) of the
 * array on word lines [line, last). */
static void count_unit(const struct mapped_layer *m, const struct mapped_array *a, int first,
                       int end, int line, int last, const int *digits, uint64_t *counts) {
    int64_t unit = 0;
    for (int r = line; r < last; r++)
        unit += digits[r];
    for (int f = first; f < end; f++)
        for (int c = 0; c < m->encoding.columns; c++) {
            int64_t sum = 0;
            bool programmed = false;
            for (int r = line; r < last; r++) {
                int w = mapping_pack_weight(m, a->pack, a->row[r], a->filter[f]);
                int cell = (int)encoding_cell(&m->encoding, w, c);
                programmed |= cell != 0;
                sum += cell * digits[r];
            }
            counts[sum] += programmed;
        }
    if (m->encoding.unit_column)
        counts[unit]++;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static void count_array(const struct mapped_layer *m, const struct mapped_array *a, bool units,
                        const int *digits, uint64_t *counts) {
    int rows = units ? UNIT_ROWS : a->rows, filters = units ? UNIT_FILTERS : a->filters;
    for (int line = 0; line < a->rows; line += rows)
        for (int f = 0; f < a->filters; f += filters)
            count_unit(m, a, f, smaller(f + filters, a->filters), line,
                       smaller(line + rows, a->rows), digits, counts);
}

static void check(int encoding, int groups, bool units) {
    struct matrix_shape shape = {.in_channels = CHANNELS,
                                 .in_height = 5,
                                 .in_width = 4,
                                 .out_channels = 18,
                                 .groups = groups,
                                 .window = {.kernel = {3, 3},
                                            .stride = {1, 1},
                                            .dilation = {1, 1},
                                            .pad_begin = {1, 1},
                                            .pad_end = {1, 1}}};
    struct built_layer b;
    build_layer(&b, shape, 8, 3, (uint64_t)(encoding + groups));
    char name[64];
    snprintf(name, sizeof name, "mapping.encoding=%s", encoding_names[encoding]);
    char columns[64];
    snprintf(columns, sizeof columns, "mapping.ou_columns=%d",
             UNIT_FILTERS * encoding_make((enum encoding_kind)encoding, 8, 2).columns + 1);
    const char *settings[] = {name,         "crossbar.rows=29",     "crossbar.columns=61",
                              "dac.bits=2", units ? columns : NULL, "mapping.ou_rows=10",
                              NULL};
    map_layer_as(&b, settings);
    const struct mapped_layer *m = &b.mapping.layers[0];
    static uint8_t x[IMAGES * PIXELS * CHANNELS + 64];
    struct test_random random = {7};
    for (int i = 0; i < IMAGES * PIXELS * CHANNELS; i++)
        x[i] = (uint8_t)(i % 3 ? test_random_below(&random, 256) : 0);
    static uint64_t expected[MOST_SUMS], counts[MOST_SUMS];
    memset(expected, 0, sizeof expected);
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < m->n_arrays; i++)
        for (int at = 0; at < IMAGES * PIXELS; at++)
            for (int t = 0; t < 4; t++) {
                int digits[29];
                const struct mapped_array *a = &m->arrays[i];
                for (int r = 0; r < a->rows; r++)
                    digits[r] = input_at(&b.layer, x + at / PIXELS * PIXELS * CHANNELS,
                                         a->pack * m->pack_rows + a->row[r], at % PIXELS) >>
                                    (2 * t) &
                                3;
                count_array(m, a, units, digits, expected);
            }
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    struct matrix_counter *counter;
    ASSERT_OK(matrix_counter_create(&b.layer, m, simd_choose(), &arena, &counter, &diag), diag);
    void *workspace = aligned_alloc(64, matrix_counter_workspace(counter));
    matrix_counter_run(counter, IMAGES, x, counts, workspace);
    uint64_t total = 0;
    for (int i = 0; i < MOST_SUMS; i++) {
        CU_ASSERT_EQUAL(counts[i], expected[i]);
        total += counts[i];
    }
    CU_ASSERT_EQUAL(total, (uint64_t)(m->sums.conversions * IMAGES * PIXELS * 4));
    CU_ASSERT(units || m->sums.conversions == m->sums.columns_used);
    free(workspace);
    arena_free(&arena);
    free_layer(&b);
}

static void every_conversion(void) {
    for (int encoding = 0; encoding < 3; encoding++)
        for (int groups = 1; groups <= 6; groups += 5)
            for (int units = 0; units <= 1; units++)
                check(encoding, groups, units);
}

static const struct test_case cases[] = {
    {"every conversion of used columns is counted once", every_conversion},
    {NULL, NULL},
};
const struct test_suite suite_histograms = {"histograms", cases};
