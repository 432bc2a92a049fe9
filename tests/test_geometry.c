/* Encodings: columns per weight as the design's table, and every weight recovered from its cells.
 */
#include "crossbar/geometry.h"
#include "tests/test.h"

static void columns_per_weight(void) {
    /* DESIGN.md, "Encodings": 8-bit weights, c = 1, 2, 3, 4. */
    static const int expected[][4] = {{14, 8, 6, 4}, {8, 4, 3, 2}, {8, 5, 4, 3}, {7, 4, 3, 2}};
    for (int kind = 0; encoding_names[kind] != NULL; kind++)
        for (int c = 1; c <= 4; c++) {
            struct encoding e = encoding_make((enum encoding_kind)kind, 8, c);
            CU_ASSERT_EQUAL(e.columns, expected[kind][c - 1]);
        }
}

static void every_weight_returns(void) {
    for (int kind = 0; encoding_names[kind] != NULL; kind++)
        for (int bits = 2; bits <= 16; bits += bits == 9 ? 7 : 1)
            for (int c = 1; c <= 8; c++) {
                struct encoding e = encoding_make((enum encoding_kind)kind, bits, c);
                int top = (1 << (bits - 1)) - 1, wrong = 0;
                for (int w = -top; w <= top; w++) {
                    int64_t sum = -e.unit_weight;
                    for (int i = 0; i < e.columns; i++) {
                        unsigned cell = encoding_cell(&e, w, i);
                        wrong += cell >= 1U << c;
                        sum += e.column[i].sign * ((int64_t)cell << e.column[i].shift);
                    }
                    const int16_t alone = (int16_t)w;
                    wrong += sum * encoding_read_sign(&e, &alone, 1) != w;
                }
                CU_ASSERT_EQUAL(wrong, 0);
            }
}

static void zero_weights(void) {
    /* A zero weight is zero cells, but 2^(b-1) in offset: its top slice alone is not zero. */
    struct encoding d = encoding_make(ENCODING_DIFFERENTIAL, 8, 2);
    struct encoding t = encoding_make(ENCODING_TWOS_COMPLEMENT, 8, 3);
    struct encoding o = encoding_make(ENCODING_OFFSET, 8, 2);
    for (int i = 0; i < d.columns; i++)
        CU_ASSERT_EQUAL(encoding_cell(&d, 0, i), 0);
    for (int i = 0; i < t.columns; i++)
        CU_ASSERT_EQUAL(encoding_cell(&t, 0, i), 0);
    CU_ASSERT_EQUAL(encoding_cell(&o, 0, 0), 2);
    for (int i = 1; i < o.columns; i++)
        CU_ASSERT_EQUAL(encoding_cell(&o, 0, i), 0);
}

static void order_of_columns(void) {
    /* -90 = -(1011010b) in 3-bit cells: slices 1, 011, 010, minus columns behind plus columns. */
    struct encoding e = encoding_make(ENCODING_DIFFERENTIAL, 8, 3);
    static const unsigned expected[6] = {0, 1, 0, 3, 0, 2};
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(encoding_cell(&e, -90, i), expected[i]);
    CU_ASSERT_EQUAL(e.column[0].bits, 1);
    CU_ASSERT_EQUAL(e.column[1].sign, -1);
    CU_ASSERT_EQUAL(e.column[0].shift, 6);
}

/* The sign of a fragment is that of its weights; zeros have none, and nor has a fragment of them.
 */
static void signs_kept(void) {
    static const int16_t minus[] = {0, 0, -3, 0, -127}, plus[] = {0, 5, 1, 0, 0}, none[5] = {0};
    struct encoding p = encoding_make(ENCODING_POLARIZED, 8, 2);
    struct encoding d = encoding_make(ENCODING_DIFFERENTIAL, 8, 2);
    CU_ASSERT_EQUAL(encoding_read_sign(&p, minus, 5), -1);
    CU_ASSERT_EQUAL(encoding_read_sign(&p, minus, 2), 1);
    CU_ASSERT_EQUAL(encoding_read_sign(&p, plus, 5), 1);
    CU_ASSERT_EQUAL(encoding_read_sign(&p, none, 5), 1);
    CU_ASSERT_EQUAL(encoding_read_sign(&d, minus, 5), 1); /* its cells hold the sign */
    CU_ASSERT_FALSE(d.fragment_sign);
    for (int i = 0; i < p.columns; i++) /* -90: the cells of 90 = 1011010b */
        CU_ASSERT_EQUAL(encoding_cell(&p, -90, i), (unsigned)(90 >> (6 - 2 * i) & 3));
}

static void bits_for_sums(void) {
    /* components and adc_models: R=128, v=1, w=2 needs 9; CP with l=8, w=2 needs 5; R=5, w=2: 4. */
    CU_ASSERT_EQUAL(adc_bits_for_sum(128 * 3), 9);
    CU_ASSERT_EQUAL(adc_bits_for_sum(8 * 3), 5);
    CU_ASSERT_EQUAL(adc_bits_for_sum(5 * 3), 4);
    CU_ASSERT_EQUAL(adc_bits_for_sum(0), 1);
    CU_ASSERT_EQUAL(adc_bits_for_sum(1), 1);
    CU_ASSERT_EQUAL(adc_bits_for_sum(255), 8);
    CU_ASSERT_EQUAL(adc_bits_for_sum(256), 9);
}

static const struct test_case cases[] = {
    {"columns per weight as in the design", columns_per_weight},
    {"every weight returns from its cells", every_weight_returns},
    {"zero weights", zero_weights},
    {"order of columns", order_of_columns},
    {"signs kept beside the cells", signs_kept},
    {"bits for sums", bits_for_sums},
    {NULL, NULL},
};
const struct test_suite suite_geometry = {"geometry", cases};
