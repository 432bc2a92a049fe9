/* Row blocks against the slow crossbar, over awkward sizes and every instruction set. */
#include <stdlib.h>
#include <string.h>

#include "crossbar/row_block.h"
#include "peripherals/adc.h"
#include "tests/support/random.h"
#include "tests/support/slow_crossbar.h"
#include "tests/test.h"

enum { MOST_ROWS = 512, MOST_FILTERS = 40, MOST_POSITIONS = 150 };

struct point {
    struct slow_crossbar slow;
    int rows, filters, positions;
    int sparsity; /* zero weights in 8 */
    int dark;     /* zero inputs in 8 */
    bool dusk;    /* later positions are ever darker */
};

struct data {
    int16_t weights[MOST_FILTERS][MOST_ROWS];
    uint8_t inputs[MOST_POSITIONS][MOST_ROWS];
    int64_t expected[MOST_POSITIONS][MOST_FILTERS];
    uint8_t flipped[MOST_FILTERS][32];
    int64_t largest; /* of any bit line */
};

static int filter_weights(const struct data *d, int filter, int rows, int *weights) {
    for (int r = 0; r < rows; r++)
        weights[r] = d->weights[filter][r];
    return rows;
}

/* Random weights and inputs, with extremes: filter 0 is all largest, filter 1 all smallest. */
static void draw(const struct point *p, uint64_t seed, struct data *d) {
    struct test_random random = {seed};
    int top = (1 << (p->slow.weight_bits - 1)) - 1;
    memset(d, 0, sizeof *d);
    for (int f = 0; f < p->filters; f++)
        for (int r = 0; r < p->rows; r++) {
            int w = (int)test_random_below(&random, (uint32_t)(2 * top + 1)) - top;
            bool zero = test_random_below(&random, 8) < (uint32_t)p->sparsity;
            if (p->slow.encoding == SLOW_POLARIZED) /* one sign in a column: every third minus */
                w = f % 3 == 1 ? -abs(w) : abs(w);
            d->weights[f][r] = (int16_t)(f == 0 ? top : f == 1 ? -top : zero ? 0 : w);
        }
    for (int i = 0; i < p->positions; i++)
        for (int r = 0; r < p->rows; r++) {
            uint32_t most = (1U << p->slow.activation_bits) - 1U;
            uint32_t x = test_random_below(&random, most + 1U);
            bool zero = test_random_below(&random, 8) < (uint32_t)p->dark ||
                        (p->dusk && (int)test_random_below(&random, (uint32_t)p->positions) < i);
            d->inputs[i][r] = (uint8_t)(i == 0 ? most : zero ? 0U : x);
        }
}

static void expect(const struct point *p, struct data *d) {
    int weights[MOST_ROWS], inputs[MOST_ROWS];
    for (int f = 0; f < p->filters; f++) {
        filter_weights(d, f, p->rows, weights);
        int64_t largest = slow_largest_sum(&p->slow, p->rows, weights);
        d->largest = largest > d->largest ? largest : d->largest;
        for (int i = 0; i < p->positions; i++) {
            for (int r = 0; r < p->rows; r++)
                inputs[r] = d->inputs[i][r];
            d->expected[i][f] = slow_array_sum(&p->slow, p->rows, weights, inputs);
        }
    }
}

static void find_flips(const struct point *p, const struct encoding *e, struct data *d) {
    int top = (1 << e->cell_bits) - 1;
    for (int f = 0; f < p->filters; f++)
        for (int c = 0; c < e->columns; c++) {
            int64_t sum = 0;
            for (int r = 0; r < p->rows; r++)
                sum += encoding_cell(e, d->weights[f][r], c);
            d->flipped[f][c] = 2 * sum > (int64_t)p->rows * top;
        }
}

/* What the fast block adds to the exact product (clip) or gives alone (full range). */
static int count_wrong(const struct point *p, const struct data *d, const struct row_block *block) {
    size_t stride = MOST_ROWS;
    void *workspace = aligned_alloc(64, row_block_workspace(block, 1));
    static int64_t acc[MOST_POSITIONS][MOST_FILTERS];
    for (int i = 0; i < p->positions; i++)
        for (int f = 0; f < p->filters; f++) {
            acc[i][f] = 0;
            for (int r = 0; block->transfer.kind != ADC_TABLE && r < p->rows; r++)
                acc[i][f] += (int64_t)d->weights[f][r] * d->inputs[i][r];
        }
    const uint8_t *x = &d->inputs[0][0];
    int wrong = 0;
    if (p->slow.weight_bits > 8) {
        row_block_accumulate_wide(block, x, stride, p->positions, &acc[0][0], MOST_FILTERS,
                                  workspace);
    } else {
        static int32_t narrow[MOST_POSITIONS][MOST_FILTERS];
        for (int i = 0; i < p->positions; i++)
            for (int f = 0; f < p->filters; f++)
                narrow[i][f] = (int32_t)acc[i][f];
        row_block_accumulate(block, x, stride, p->positions, &narrow[0][0], MOST_FILTERS,
                             workspace);
        for (int i = 0; i < p->positions; i++)
            for (int f = 0; f < p->filters; f++)
                acc[i][f] = narrow[i][f];
    }
    for (int i = 0; i < p->positions; i++)
        for (int f = 0; f < p->filters; f++)
            wrong += acc[i][f] != d->expected[i][f];
    free(workspace);
    return wrong;
}

static int64_t bound_of(const struct slow_crossbar *x) {
    return (int64_t)x->nominal_rows * ((1 << x->cell_bits) - 1) * ((1 << x->dac_bits) - 1);
}

static void check(const struct point *p, uint64_t seed) {
    static struct data d;
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    draw(p, seed, &d);
    expect(p, &d);
    struct encoding e =
        encoding_make((enum encoding_kind)p->slow.encoding, p->slow.weight_bits, p->slow.cell_bits);
    find_flips(p, &e, &d);
    static uint8_t flipped[MOST_FILTERS * 32];
    for (int f = 0; f < p->filters; f++)
        memcpy(flipped + f * e.columns, d.flipped[f], (size_t)e.columns);
    struct adc_transfer transfer;
    enum adc_transfer_choice choice =
        p->slow.transfer == SLOW_FULL_RANGE ? ADC_TRANSFER_FULL_RANGE : ADC_TRANSFER_CLIP;
    ASSERT_OK(adc_transfer_make(choice, p->slow.adc_bits, d.largest, bound_of(&p->slow), &arena,
                                &transfer, &diag),
              diag);
    struct row_block_spec spec = {.encoding = &e,
                                  .rows = p->rows,
                                  .filters = p->filters,
                                  .weights = &d.weights[0][0],
                                  .stride = MOST_ROWS,
                                  .flipped = p->slow.flip ? flipped : NULL,
                                  .dac_bits = p->slow.dac_bits,
                                  .activation_bits = p->slow.activation_bits,
                                  .transfer = &transfer,
                                  .wide = p->slow.weight_bits > 8};
    for (int level = 0; level <= (int)simd_choose(); level++) {
        struct row_block block;
        spec.level = (enum simd_level)level;
        ASSERT_OK(row_block_program(&spec, &arena, &block, &diag), diag);
        int wrong = count_wrong(p, &d, &block);
        CU_ASSERT_EQUAL(wrong, 0);
        if (wrong != 0)
            printf("%s: encoding %d%s, %d rows, %d-bit cells, %d-bit DAC, %d-bit ADC, %d-bit "
                   "weights: %d wrong\n",
                   simd_names[level], (int)p->slow.encoding, p->slow.flip ? " flipped" : "",
                   p->rows, p->slow.cell_bits, p->slow.dac_bits, p->slow.adc_bits,
                   p->slow.weight_bits, wrong);
    }
    arena_free(&arena);
}

static struct point awkward(int encoding, int cell_bits, int dac_bits, int adc_bits) {
    return (struct point){
        .slow = {.encoding = (enum slow_encoding)encoding,
                 .weight_bits = 8,
                 .cell_bits = cell_bits,
                 .activation_bits = 8,
                 .dac_bits = dac_bits,
                 .nominal_rows = 37,
                 .transfer = SLOW_CLIP,
                 .adc_bits = adc_bits},
        .rows = 37,
        .filters = 11,
        .positions = 5,
        .sparsity = 2,
        .dark = 3,
    };
}

static void clip_everywhere(void) {
    for (int encoding = 0; encoding < SLOW_ENCODINGS; encoding++)
        for (int cell_bits = 1; cell_bits <= 4; cell_bits++)
            for (int dac_bits = 1; dac_bits <= 4; dac_bits++)
                for (int adc_bits = 2; adc_bits <= 9; adc_bits++) {
                    struct point p = awkward(encoding, cell_bits, dac_bits, adc_bits);
                    check(&p, (uint64_t)(1000 * cell_bits + 100 * dac_bits + adc_bits));
                }
}

static void full_range_everywhere(void) {
    for (int encoding = 0; encoding < SLOW_ENCODINGS; encoding++)
        for (int cell_bits = 1; cell_bits <= 4; cell_bits++)
            for (int dac_bits = 1; dac_bits <= 4; dac_bits += dac_bits)
                for (int adc_bits = 2; adc_bits <= 9; adc_bits++) {
                    struct point p = awkward(encoding, cell_bits, dac_bits, adc_bits);
                    p.slow.transfer = SLOW_FULL_RANGE;
                    /* A short block in a larger array: the bound stays that of the nominal rows. */
                    p.slow.nominal_rows = adc_bits % 2 ? 64 : 37;
                    check(&p, (uint64_t)(77 * cell_bits + dac_bits + adc_bits));
                }
}

static void flipped_columns(void) {
    for (int cell_bits = 1; cell_bits <= 4; cell_bits++)
        for (int adc_bits = 2; adc_bits <= 9; adc_bits++)
            for (int transfer = SLOW_CLIP; transfer <= SLOW_FULL_RANGE; transfer++) {
                struct point p = awkward(SLOW_OFFSET, cell_bits, 1, adc_bits);
                p.slow.flip = true;
                p.slow.transfer = (enum slow_transfer)transfer;
                check(&p, (uint64_t)(adc_bits + 10 * cell_bits));
                p.filters = 33; /* whole segments, in which some columns are flipped */
                check(&p, (uint64_t)(adc_bits + 10 * cell_bits));
            }
}

static void sizes(void) {
    static const int rows[] = {1, 2, 3, 4, 63, 64, 65, 128, 200, 512};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int encoding = 0; encoding < SLOW_ENCODINGS; encoding++) {
            struct point p = awkward(encoding, 2, 1, 5);
            p.rows = p.slow.nominal_rows = rows[i];
            p.filters = 33;
            p.sparsity = encoding;
            check(&p, (uint64_t)(i + 1));
        }
}

static void many_positions(void) {
    /* Around the sizes in which positions are driven together; the last ones reach no largest code.
     */
    static const int positions[] = {16, 17, 63, 64, 65, 150};
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        for (int encoding = 0; encoding < SLOW_ENCODINGS; encoding++)
            for (int dac_bits = 1; dac_bits <= 3; dac_bits++) {
                struct point p = awkward(encoding, 2, dac_bits, 5);
                p.positions = positions[i];
                p.rows = p.slow.nominal_rows = 70;
                p.filters = 18;
                p.dusk = true;
                check(&p, (uint64_t)(i + 51));
            }
}

static void other_widths(void) {
    /* 16-bit weights (64-bit sums), short activations, wide digits, 8-bit cells. */
    static const int sets[][4] = {{16, 2, 8, 1}, {12, 3, 5, 2}, {9, 4, 8, 8},
                                  {4, 1, 3, 1},  {2, 1, 8, 1},  {8, 8, 8, 5}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (int encoding = 0; encoding < SLOW_ENCODINGS; encoding++)
            for (int adc_bits = 3; adc_bits <= 13; adc_bits += 5) {
                struct point p = awkward(encoding, sets[i][1], sets[i][3], adc_bits);
                p.slow.weight_bits = sets[i][0];
                p.slow.activation_bits = sets[i][2];
                p.rows = p.slow.nominal_rows = 90;
                check(&p, (uint64_t)(i + 31));
            }
}

static void lossless_is_exact(void) {
    /* Enough bits for the largest sum: nothing is taken away, so not a single column is kept. */
    struct point p = awkward(SLOW_DIFFERENTIAL, 2, 1, 9);
    static struct data d;
    draw(&p, 5, &d);
    struct encoding e = encoding_make(ENCODING_DIFFERENTIAL, 8, 2);
    struct adc_transfer transfer = {.kind = ADC_CLIP, .maximum = 37 * 3};
    struct row_block_spec spec = {.encoding = &e,
                                  .rows = p.rows,
                                  .filters = p.filters,
                                  .weights = &d.weights[0][0],
                                  .stride = MOST_ROWS,
                                  .dac_bits = 1,
                                  .activation_bits = 8,
                                  .transfer = &transfer};
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    for (int level = 0; level <= (int)simd_choose(); level++) {
        struct row_block block;
        spec.level = (enum simd_level)level;
        transfer.maximum = 37 * 3;
        ASSERT_OK(row_block_program(&spec, &arena, &block, &diag), diag);
        CU_ASSERT_EQUAL(block.tiles != NULL, level == SIMD_AMX);
        CU_ASSERT_EQUAL(
            block.tiles != NULL ? block.tiles->n_panels + block.tiles->n_loose : block.n_groups, 0);
        transfer.maximum--; /* one code less: the all-largest filter's full slices can clip */
        ASSERT_OK(row_block_program(&spec, &arena, &block, &diag), diag);
        CU_ASSERT(block.tiles != NULL ? block.tiles->n_panels + block.tiles->n_loose == 1
                                      : block.n_groups > 0);
        CU_ASSERT_EQUAL(block.tiles != NULL ? block.tiles->threshold : block.groups[0].threshold,
                        37);
    }
    arena_free(&arena);
}

static const struct test_case cases[] = {
    {"clip: encodings, cells 1-4, DACs 1-4, ADCs 2-9", clip_everywhere},
    {"full range: the same", full_range_everywhere},
    {"flipped columns", flipped_columns},
    {"rows from 1 to 512", sizes},
    {"positions from 16 to 150", many_positions},
    {"other weight, activation and digit widths", other_widths},
    {"lossless keeps no bit line", lossless_is_exact},
    {NULL, NULL},
};
const struct test_suite suite_row_block = {"row_block", cases};
