/* When 64-bit accumulators are needed; every bound worked out by hand. */
#include "sim/engine/matrix_bound.h"
#include "tests/test.h"

/* 8-bit differential weights in 2-bit cells, 1-bit digits: shifts of 0, 2, 4, 6 on either side, so
 * columns count 170; eight cycles count 255. */
struct fixture {
    int64_t bias[1];
    struct matrix_layer layer;
    struct mapped_layer mapped;
    struct matrix_setting setting;
};

static void begin(struct fixture *f, int rows, enum encoding_kind kind) {
    *f = (struct fixture){0};
    f->layer = (struct matrix_layer){
        .shape = {.fully_connected = true,
                  .in_channels = rows,
                  .in_height = 1,
                  .in_width = 1,
                  .out_channels = 1,
                  .out_height = 1,
                  .out_width = 1,
                  .groups = 1,
                  .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}}},
        .weight_bits = 8,
        .bias = f->bias,
    };
    f->mapped = (struct mapped_layer){
        .crossbar = {.rows = 128, .columns = 128, .cell_bits = 2},
        .encoding = encoding_make(kind, 8, 2),
        .dac_bits = 1,
        .cycles = 8,
        .column_reads = (rows + 127) / 128,
        .column_rows = rows,
    };
    f->setting = (struct matrix_setting){
        .layer = &f->layer,
        .mapped = &f->mapped,
        .path = ENGINE_BIT_SERIAL,
        .transfer = {.kind = ADC_CLIP, .maximum = 15},
        .groups_per_pack = 1,
    };
}

static bool is_wide(int rows, enum encoding_kind kind, enum engine_path path, int64_t bias) {
    struct fixture f;
    begin(&f, rows, kind);
    f.setting.path = path;
    f.bias[0] = bias;
    return matrix_needs_wide(&f.setting);
}

/* Product and zero point: 2 * 255 * 128 = 65280 a row. */
static void products_of_integers(void) {
    CU_ASSERT_FALSE(is_wide(32768, ENCODING_DIFFERENTIAL, ENGINE_INTEGER, 0));
    CU_ASSERT_TRUE(is_wide(32769, ENCODING_DIFFERENTIAL, ENGINE_INTEGER, 0)); /* depth */
    CU_ASSERT_FALSE(
        is_wide(100, ENCODING_DIFFERENTIAL, ENGINE_INTEGER, -(INT64_C(2147483647) - 6528000)));
    CU_ASSERT_TRUE(
        is_wide(100, ENCODING_DIFFERENTIAL, ENGINE_INTEGER, -(INT64_C(2147483648) - 6528000)));
    CU_ASSERT_TRUE(is_wide(1, ENCODING_DIFFERENTIAL, ENGINE_INTEGER, INT64_C(1) << 40));
    CU_ASSERT_TRUE(is_wide(1, ENCODING_DIFFERENTIAL, ENGINE_ANALOG, 0));
}

/* Differential: 65280 + 255 * 170 * 3 = 195330 a row. Offset: columns count 85, the unit column
 * 128 + 3 * 85 where all are flipped: 65280 + 255 * (85 * 3 + 383) = 227970. */
static void clipped_sums(void) {
    CU_ASSERT_FALSE(is_wide(10994, ENCODING_DIFFERENTIAL, ENGINE_BIT_SERIAL, 0));
    CU_ASSERT_TRUE(is_wide(10995, ENCODING_DIFFERENTIAL, ENGINE_BIT_SERIAL, 0));
    CU_ASSERT_FALSE(is_wide(9420, ENCODING_OFFSET, ENGINE_BIT_SERIAL, 0));
    CU_ASSERT_TRUE(is_wide(9421, ENCODING_OFFSET, ENGINE_BIT_SERIAL, 0));
}

/* One bit over 0..384: sums from 193 on give the code that stands for 384 (192 is rounded to even).
 * A block adds 255 * 170 * 385 + 128 * 65280. */
static void codes_that_are_rounded_up(void) {
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    static const struct {
        int blocks;
        int64_t largest_sum;
        bool wide;
    } cases[] = {{85, 193, false}, {86, 193, true}, {255, 192, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        begin(&f, 128 * cases[i].blocks, ENCODING_DIFFERENTIAL);
        ASSERT_OK(adc_transfer_make(ADC_TRANSFER_FULL_RANGE, 1, cases[i].largest_sum, 384, &arena,
                                    &f.setting.transfer, &diag),
                  diag);
        f.mapped.lossless.largest_sum = cases[i].largest_sum;
        CU_ASSERT_EQUAL(matrix_needs_wide(&f.setting), cases[i].wide);
    }
    arena_free(&arena);
}

static void fractions_and_wide_weights(void) {
    static const int32_t table[] = {0, 3};
    struct fixture f;
    begin(&f, 1, ENCODING_DIFFERENTIAL);
    CU_ASSERT_FALSE(matrix_needs_wide(&f.setting));
    f.setting.transfer = (struct adc_transfer){.kind = ADC_TABLE,
                                               .table = table,
                                               .table_size = 2,
                                               .scale_numerator = 1,
                                               .scale_denominator = 2};
    CU_ASSERT_TRUE(matrix_needs_wide(&f.setting));
    begin(&f, 1, ENCODING_DIFFERENTIAL);
    f.layer.weight_bits = 9;
    CU_ASSERT_TRUE(matrix_needs_wide(&f.setting));
}

static const struct test_case cases[] = {
    {"products of integers", products_of_integers},
    {"clipped sums", clipped_sums},
    {"codes that are rounded up", codes_that_are_rounded_up},
    {"fractions and wide weights", fractions_and_wide_weights},
    {NULL, NULL},
};
const struct test_suite suite_matrix_bound = {"matrix_bound", cases};
