/* Mapping: arrays by hand and by the definition, lossless bits by brute force. */
#include "mapping/mapping.h"

#include <string.h>

#include "peripherals/adc.h"
#include "tests/support/layer_builder.h"
#include "tests/support/slow_crossbar.h"
#include "tests/test.h"

static struct matrix_shape conv(int in, int out, int kernel, int groups) {
    return (struct matrix_shape){.in_channels = in,
                                 .in_height = 6,
                                 .in_width = 6,
                                 .out_channels = out,
                                 .groups = groups,
                                 .window = {.kernel = {kernel, kernel},
                                            .stride = {1, 1},
                                            .dilation = {1, 1},
                                            .pad_begin = {1, 1},
                                            .pad_end = {1, 1}}};
}

static void by_hand(void) {
    /* ResNet-20's first stage: 144 x 16, 8 columns a weight: 16 filters fill 128 columns. */
    struct built_layer b;
    build_layer(&b, conv(16, 16, 3, 1), 8, 0, 1);
    const char *none[] = {NULL};
    map_layer_as(&b, none);
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL(m->filters_per_array, 16);
    CU_ASSERT_EQUAL(m->row_blocks, 2);
    CU_ASSERT_EQUAL(m->column_groups, 1);
    CU_ASSERT_EQUAL(m->n_arrays, 2);
    CU_ASSERT_EQUAL(m->arrays[1].row[0], 128);
    CU_ASSERT_EQUAL(m->arrays[1].rows, 16);
    CU_ASSERT_EQUAL(m->cycles, 8);
    CU_ASSERT_DOUBLE_EQUAL(m->utilisation, 144.0 / 256.0, 1e-12);
    CU_ASSERT_EQUAL(m->lossless.worst, 9); /* 128 rows of 3 */
    CU_ASSERT_EQUAL(b.mapping.crossbars, 2);
    CU_ASSERT_EQUAL(b.mapping.crossbars_dense, 2);
    free_layer(&b);

    /* 3-bit cells: 6 columns a weight, 6 filters in 41 columns, 5 columns idle in each array. */
    build_layer(&b, conv(7, 11, 3, 1), 8, 0, 2);
    const char *awkward[] = {"crossbar.rows=37", "crossbar.columns=41", "crossbar.cell_bits=3",
                             "dac.bits=3", NULL};
    map_layer_as(&b, awkward);
    m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL(m->filters_per_array, 6);
    CU_ASSERT_EQUAL(m->row_blocks, 2);
    CU_ASSERT_EQUAL(m->column_groups, 2);
    CU_ASSERT_EQUAL(m->n_arrays, 4);
    CU_ASSERT_EQUAL(m->arrays[3].rows, 26);
    CU_ASSERT_EQUAL(m->arrays[3].filters, 5);
    CU_ASSERT_EQUAL(m->cycles, 3);
    CU_ASSERT_EQUAL(m->lossless.worst, adc_bits_for_sum(37 * 7 * 7));
    free_layer(&b);
}

static void depthwise(void) {
    /* 9 rows and 8 columns a group: min(128 / 9, 128 / 8) = 14 groups an array, 32 take 3. */
    struct built_layer b;
    build_layer(&b, conv(32, 32, 3, 32), 8, 0, 3);
    const char *none[] = {NULL};
    map_layer_as(&b, none);
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL(m->groups_per_pack, 14);
    CU_ASSERT_EQUAL(m->n_arrays, 3);
    CU_ASSERT_EQUAL(m->arrays[0].rows, 126);
    CU_ASSERT_EQUAL(m->arrays[2].rows, 4 * 9);
    CU_ASSERT_EQUAL(m->arrays[2].filters, 4);
    CU_ASSERT_EQUAL(mapping_pack_weight(m, 1, 9, 0), 0);
    CU_ASSERT_EQUAL(mapping_pack_weight(m, 1, 10, 1), b.layer.weights[15 * 9 + 1]);
    CU_ASSERT_EQUAL(m->lossless.structural, 5); /* 9 non-zeros of 3: 27 */

    /* Offset: the zero weights off the diagonal keep 2 in the top slice. 14 groups of 126 rows: a
     * filter's top column holds 117 * 2 beside its own 9 cells. */
    const char *offset[] = {"mapping.encoding=offset", NULL};
    map_layer_as(&b, offset);
    m = &b.mapping.layers[0];
    int64_t largest = 0;
    for (int f = 0; f < 14; f++) {
        int64_t sum = 117 * 2;
        for (int r = 0; r < 9; r++)
            sum += (b.layer.weights[f * 9 + r] + 128) >> 6;
        largest = sum > largest ? sum : largest;
    }
    CU_ASSERT_EQUAL(m->arrays[0].largest_sum, largest);
    free_layer(&b);
}

/* Every array's largest sum and the layer's exact bits from cells counted one by one. */
static void brute_force(void) {
    for (int encoding = 0; encoding < 3; encoding++)
        for (int cell_bits = 1; cell_bits <= 4; cell_bits++)
            for (int flip = 0; flip <= (encoding == SLOW_OFFSET); flip++) {
                struct built_layer b;
                build_layer(&b, conv(9, 13, 3, 1), 8, 4, (uint64_t)(encoding + 10 * cell_bits));
                char name[64], cells[64];
                snprintf(name, sizeof name, "mapping.encoding=%s", encoding_names[encoding]);
                snprintf(cells, sizeof cells, "crossbar.cell_bits=%d", cell_bits);
                const char *settings[] = {name,
                                          cells,
                                          "crossbar.rows=37",
                                          "dac.bits=2",
                                          flip ? "mapping.flip=true" : "mapping.flip=false",
                                          NULL};
                map_layer_as(&b, settings);
                const struct mapped_layer *m = &b.mapping.layers[0];
                struct slow_crossbar slow = {.encoding = (enum slow_encoding)encoding,
                                             .flip = flip,
                                             .weight_bits = 8,
                                             .cell_bits = cell_bits,
                                             .dac_bits = 2};
                int64_t largest = 0;
                for (int i = 0; i < m->n_arrays; i++) {
                    const struct mapped_array *a = &m->arrays[i];
                    int64_t of_array = 0;
                    for (int f = 0; f < a->filters; f++) {
                        int weights[37];
                        for (int r = 0; r < a->rows; r++)
                            weights[r] = b.layer.weights[a->filter[f] * 81 + a->row[r]];
                        int64_t sum = slow_largest_sum(&slow, a->rows, weights);
                        of_array = sum > of_array ? sum : of_array;
                    }
                    CU_ASSERT_EQUAL(a->largest_sum, of_array);
                    largest = of_array > largest ? of_array : largest;
                }
                CU_ASSERT_EQUAL(m->lossless.largest_sum, largest);
                CU_ASSERT_EQUAL(m->lossless.exact, adc_bits_for_sum(largest));
                CU_ASSERT(m->lossless.exact <= m->lossless.structural);
                CU_ASSERT(m->lossless.structural <= m->lossless.worst);
                CU_ASSERT_EQUAL(m->arrays[m->lossless.array].largest_sum, largest);
                free_layer(&b);
            }
}

static void empty_columns(void) {
    /* Filters 0 to 3 are zero: differential converts nothing for them. */
    struct built_layer b;
    build_layer(&b, conv(4, 8, 3, 1), 8, 0, 6);
    int16_t *weights = (int16_t *)b.layer.weights;
    memset(weights, 0, 4 * 36 * sizeof *weights);
    const char *none[] = {NULL};
    map_layer_as(&b, none);
    const struct mapped_layer *m = &b.mapping.layers[0];
    int used = 0;
    for (int f = 4; f < 8; f++)
        for (int sign = -1; sign <= 1; sign += 2)
            for (int slice = 0; slice < 4; slice++) {
                int any = 0;
                for (int r = 0; r < 36; r++) {
                    int w = sign * weights[f * 36 + r];
                    any |= w > 0 && (w >> (2 * slice) & 3) != 0;
                }
                used += any;
            }
    CU_ASSERT_EQUAL(m->arrays[0].columns_used, used);
    CU_ASSERT_EQUAL(m->sums.columns_used + m->columns_idle, 128);
    free_layer(&b);
}

/* Columns of a differential layer whose largest sum, with digits up to 3, is above a code. */
static long count_above(const struct built_layer *b, int rows, int filters, int code) {
    long count = 0;
    for (int first = 0; first < rows; first += 37)
        for (int column = 0; column < filters * 8; column++) {
            int sign = column % 2 == 0 ? 1 : -1, slice = column / 2 % 4, sum = 0;
            for (int r = first; r < first + 37 && r < rows; r++) {
                int w = sign * b->layer.weights[column / 8 * rows + r];
                sum += w > 0 ? 3 * (w >> (2 * slice) & 3) : 0;
            }
            count += sum > code;
        }
    return count;
}

/* A 5 x 2 layer on 3-row arrays, 3-bit weights in 1-bit cells: filter 1 holds 3 and 3 in the second
 * array, so the plus columns of both its slices add two rows; the first of them is named. */
static void what_sets_the_bits(void) {
    static const int16_t weights[] = {0, 0, 0, 0, 0, -3, 0, 1, 3, 3};
    struct matrix_shape shape = dense_shape(5, 2);
    struct built_layer b;
    build_layer(&b, shape, 3, 0, 1);
    b.layer.weights = weights;
    const char *settings[] = {"crossbar.rows=3", "crossbar.cell_bits=1", NULL};
    map_layer_as(&b, settings);
    const struct lossless_bits *l = &b.mapping.layers[0].lossless;
    CU_ASSERT_EQUAL(l->largest_sum, 2);
    CU_ASSERT_EQUAL(l->array, 1);
    CU_ASSERT_EQUAL(l->slice, 0);
    CU_ASSERT_EQUAL(l->column, 4);
    CU_ASSERT_EQUAL(l->rows, 2);
    free_layer(&b);
}

static void columns_above_a_code(void) {
    struct built_layer b;
    struct diagnostic diag = {0};
    build_layer(&b, conv(9, 13, 3, 1), 8, 4, 11);
    const char *settings[] = {"crossbar.rows=37", "dac.bits=2", NULL};
    map_layer_as(&b, settings);
    const struct mapped_layer *m = &b.mapping.layers[0];
    long columns = -1;
    for (int code = 0; code < 80; code++) {
        ASSERT_OK(mapping_columns_above(m, code, &columns, &diag), diag);
        CU_ASSERT_EQUAL(columns, count_above(&b, 81, 13, code));
    }
    CU_ASSERT(columns > 0);
    /* Unit columns and flipped ones count too. */
    const char *offset[] = {"crossbar.rows=37", "dac.bits=2", "mapping.encoding=offset",
                            "mapping.flip=true", NULL};
    map_layer_as(&b, offset);
    m = &b.mapping.layers[0];
    ASSERT_OK(mapping_columns_above(m, 0, &columns, &diag), diag);
    CU_ASSERT_EQUAL(columns, m->sums.columns_used);
    int64_t largest = m->lossless.largest_sum;
    ASSERT_OK(mapping_columns_above(m, largest, &columns, &diag), diag);
    CU_ASSERT_EQUAL(columns, 0);
    ASSERT_OK(mapping_columns_above(m, largest - 1, &columns, &diag), diag);
    CU_ASSERT(columns > 0);
    free_layer(&b);
}

/* 63 x 11 on arrays of 37 x 19: 2 filters of 8 columns, 12 arrays; filter 10 and row 0 hold
 * nothing. */
static void how_full(void) {
    struct built_layer b;
    double cells = 0, columns = 0;
    build_layer(&b, conv(7, 11, 3, 1), 8, 3, 5);
    int16_t *weights = (int16_t *)b.layer.weights;
    for (int f = 0; f < 11; f++)
        for (int r = 0; r < 63; r++)
            if (r == 0 || f == 10)
                weights[f * 63 + r] = 0;
    for (int f = 0; f < 11; f++)
        for (int column = 0; column < 8; column++)
            for (int first = 0; first < 63; first += 37) {
                int own = 0;
                for (int r = first; r < first + 37 && r < 63; r++) {
                    int w = weights[f * 63 + r] * (column % 2 ? -1 : 1);
                    own += w > 0 && (w >> (column / 2 * 2) & 3) != 0;
                }
                cells += own;
                columns += own > 0;
            }
    const char *settings[] = {"crossbar.rows=37", "crossbar.columns=19", NULL};
    map_layer_as(&b, settings);
    struct mapping_use use = mapping_use_of(&b.mapping.layers[0]);
    CU_ASSERT_EQUAL(use.arrays, 12);
    CU_ASSERT_EQUAL(use.rows, 12 * 37);
    CU_ASSERT_EQUAL(use.rows_used, 6 * 63);
    CU_ASSERT_EQUAL(use.columns, 12 * 19);
    CU_ASSERT_EQUAL(use.columns_used, columns);
    CU_ASSERT_EQUAL(use.cells, 12 * 37 * 19);
    CU_ASSERT_EQUAL(use.cells_programmed, cells);
    b.mapping.layers[0].copies = 3;
    struct mapping_use copies = mapping_use_of(&b.mapping.layers[0]);
    CU_ASSERT_EQUAL(copies.cells_programmed, 3 * cells);
    mapping_use_add(&copies, &use);
    CU_ASSERT_EQUAL(copies.arrays, 4 * 12);
    CU_ASSERT_EQUAL(copies.rows_used, 4 * 6 * 63);
    CU_ASSERT_EQUAL(copies.columns_used, 4 * columns);
    free_layer(&b);
}

static void refusals(void) {
    struct built_layer b;
    struct diagnostic diag = {0};
    struct config *config;
    static const struct config_section *const sections[] = {&crossbar_section, &mapping_section,
                                                            &dac_section};
    build_layer(&b, conv(4, 8, 3, 1), 8, 0, 6);
    ASSERT_OK(config_create(sections, 3, &config, &diag), diag);
    ASSERT_OK(config_override(config, "crossbar.columns=7", &diag), diag);
    CU_ASSERT_EQUAL(mapping_create(&b.network, config, &b.mapping, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "crossbar.columns = 7 cannot hold one 8-bit"));
    ASSERT_OK(config_override(config, "crossbar.columns=8", &diag), diag);
    ASSERT_OK(config_override(config, "mapping.flip=true", &diag), diag);
    CU_ASSERT_EQUAL(mapping_create(&b.network, config, &b.mapping, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "offset only"));
    config_free(config);
    free_layer(&b);
}

static int64_t base_4_digits(int value) {
    int64_t sum = 0;
    for (; value > 0; value /= 4)
        sum += value % 4;
    return sum;
}

/* Levels of 2-bit cells are the digits of |w|, or of w + 128 beside a unit cell for every word
 * line; arrays of 37 rows and 2 filters hold all of 63 x 11. */
static void levels_and_cells(void) {
    struct built_layer b;
    int64_t differential = 0, offset = 0;
    build_layer(&b, conv(7, 11, 3, 1), 8, 3, 5);
    for (int i = 0; i < 63 * 11; i++) {
        int w = b.layer.weights[i];
        differential += base_4_digits(w < 0 ? -w : w);
        offset += base_4_digits(w + 128);
    }
    const char *settings[] = {"crossbar.rows=37", "crossbar.columns=16", NULL, NULL};
    map_layer_as(&b, settings);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.level_sum, differential);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.rows_driven, 6 * 63);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.partial_sums, 2 * 11);
    settings[2] = "mapping.encoding=offset"; /* 4 columns a weight: 3 column groups */
    map_layer_as(&b, settings);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.level_sum, offset + 3 * 63);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.columns_used, 2 * 4 * 11 + 6);
    CU_ASSERT_EQUAL(b.mapping.layers[0].sums.cells_read, 63 * (4 * 11 + 3));
    free_layer(&b);
}

/* A window of 3 with a padding of 1 on 6 places takes 5 + 6 + 5 values at stride 1, and 2 + 3 + 3
 * of them at stride 2. */
/* 7 bits in slices of 1, 2, 2 and 2: 64 lies in the first, 3 in the last, 12 in the third. */
static void bits_of_slices(void) {
    static const int16_t by_row[8] = {64, 64, 3, -3, 64, 64, 64, 3};
    struct built_layer b;
    build_layer(&b, conv(8, 2, 1, 1), 8, 0, 5);
    int16_t *weights = (int16_t *)b.layer.weights;
    for (int r = 0; r < 8; r++) {
        weights[r] = by_row[r];
        weights[8 + r] = r == 5 ? 12 : 0;
    }
    const char *settings[] = {"mapping.ou_rows=7", NULL}; /* the last 3 is read alone */
    map_layer_as(&b, settings);
    const int *bits = b.mapping.layers[0].lossless.bits_by_slice;
    CU_ASSERT_EQUAL(bits[0], 3); /* 5 */
    CU_ASSERT_EQUAL(bits[1], 1); /* nothing */
    CU_ASSERT_EQUAL(bits[2], 2); /* 3 */
    CU_ASSERT_EQUAL(bits[3], 2); /* 3: the 3 of row 2, and that of row 7 in another read */
    free_layer(&b);
}

/* As many rows as an array may have, none of them zero: counts and sums of a column are exact. */
static void as_many_rows_as_can_be(void) {
    struct built_layer b;
    struct matrix_shape shape = conv(4096, 1, 1, 1);
    build_layer(&b, shape, 8, 0, 5);
    int16_t *weights = (int16_t *)b.layer.weights;
    for (int r = 0; r < 4096; r++)
        weights[r] = 127;
    const char *settings[] = {"crossbar.rows=4096", "crossbar.cell_bits=7", NULL};
    map_layer_as(&b, settings);
    const struct mapped_layer *m = &b.mapping.layers[0];
    CU_ASSERT_EQUAL_FATAL(m->n_arrays, 1);
    CU_ASSERT_EQUAL(m->arrays[0].cells_nonzero, 4096);
    CU_ASSERT_EQUAL(m->arrays[0].conversions, 1);
    CU_ASSERT_EQUAL(m->arrays[0].level_sum, 4096 * 127);
    CU_ASSERT_EQUAL(m->lossless.largest_sum, 4096 * 127);
    CU_ASSERT_EQUAL(m->lossless.rows, 4096);
    free_layer(&b);
}

static void values_without_padding(void) {
    struct built_layer b;
    const char *none[] = {NULL};
    build_layer(&b, conv(16, 16, 3, 1), 8, 0, 1);
    map_layer_as(&b, none);
    CU_ASSERT_EQUAL(b.mapping.layers[0].values_read, 16 * 16 * 16);
    free_layer(&b);
    struct matrix_shape strided = conv(6, 9, 3, 3);
    strided.window.stride[0] = 2;
    build_layer(&b, strided, 8, 0, 1);
    map_layer_as(&b, none);
    CU_ASSERT_EQUAL(b.mapping.layers[0].values_read, 6 * 8 * 16);
    free_layer(&b);
}

static const struct test_case cases[] = {
    {"arrays by hand", by_hand},
    {"levels and cells", levels_and_cells},
    {"values without padding", values_without_padding},
    {"depthwise packs", depthwise},
    {"largest sums by brute force", brute_force},
    {"empty columns are not converted", empty_columns},
    {"what sets the bits", what_sets_the_bits},
    {"columns above a code", columns_above_a_code},
    {"how full arrays are", how_full},
    {"what cannot be mapped is refused", refusals},
    {"bits of slices", bits_of_slices},
    {"as many rows as an array may have", as_many_rows_as_can_be},
    {NULL, NULL},
};
const struct test_suite suite_mapping = {"mapping", cases};
