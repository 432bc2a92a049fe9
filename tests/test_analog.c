/* Analog row blocks: ideal cells give what integers give, sums are those of double precision, noise
 * has the size that was asked, and nothing depends on instruction set, tile or order. */
#include "crossbar/analog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/random.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/random.h"
#include "tests/support/slow_crossbar.h"
#include "tests/test.h"

enum { ROWS = 53, FILTERS = 21, PER_ARRAY = 5, ARRAYS = 5, POSITIONS = 7, STRIDE = 64 };

struct fixture {
    int16_t weights[FILTERS][STRIDE];
    uint8_t inputs[POSITIONS][STRIDE];
    int row_order[ROWS];
    uint64_t keys[ARRAYS];
    struct encoding encoding;
    struct device device;
    struct analog_converter converters[ARRAYS * 64];
    struct analog_spec spec;
    struct arena arena;
    struct diagnostic diag;
};

/* Random weights and inputs; an ideal device; one clip converter of `bits` bits for all columns. */
static void begin(struct fixture *f, enum encoding_kind kind, int dac_bits, int bits) {
    memset(f, 0, sizeof *f);
    struct test_random random = {(uint64_t)kind * 10 + (uint64_t)dac_bits};
    for (int i = 0; i < FILTERS; i++)
        for (int r = 0; r < ROWS; r++)
            f->weights[i][r] = (int16_t)((int)test_random_below(&random, 255) - 127);
    for (int p = 0; p < POSITIONS; p++)
        for (int r = 0; r < ROWS; r++)
            f->inputs[p][r] = (uint8_t)test_random_below(&random, 256);
    for (int r = 0; r < ROWS; r++)
        f->row_order[r] = (r * 17 + 5) % ROWS;
    for (int a = 0; a < ARRAYS; a++)
        f->keys[a] = RANDOM_KEY(42, (uint64_t)a);
    f->encoding = encoding_make(kind, 8, 2);
    ASSERT_OK(device_load("ideal", &f->device, &f->diag), f->diag);
    for (int i = 0; i < ARRAYS * 64; i++)
        f->converters[i] = (struct analog_converter){.scale = 1};
    f->spec = (struct analog_spec){
        .encoding = &f->encoding,
        .rows = ROWS,
        .filters = FILTERS,
        .filters_per_array = PER_ARRAY,
        .weights = &f->weights[0][0],
        .stride = STRIDE,
        .row_order = f->row_order,
        .dac_bits = dac_bits,
        .activation_bits = 8,
        .device = &f->device,
        .array_keys = f->keys,
        .noise_key = 77,
        .columns_per_adc = 64,
        .converters_per_array = 1,
        .converters = f->converters,
        .codes = {.codes = 1 << bits},
    };
}

static void end(struct fixture *f) {
    device_free(&f->device);
    arena_free(&f->arena);
}

/* Programs and reads all positions, `step` positions at a time. */
static void read_all(struct fixture *f, enum simd_level level, int step,
                     int64_t acc[POSITIONS][FILTERS + 16]) {
    struct analog_block *block;
    f->spec.level = level;
    ASSERT_OK(analog_program(&f->spec, &f->arena, &block, &f->diag), f->diag);
    const struct bitline_kernels *kernels = bitline_kernels(level);
    void *workspace = aligned_alloc(64, analog_workspace(block));
    memset(acc, 0, sizeof(int64_t[POSITIONS][FILTERS + 16]));
    for (int p = 0; p < POSITIONS; p += step) {
        int n = POSITIONS - p < step ? POSITIONS - p : step;
        analog_drive(block, kernels, f->inputs[p], STRIDE, n, workspace);
        analog_accumulate(block, kernels, 1000 + (uint64_t)p, n, acc[p], FILTERS + 16, workspace);
    }
    free(workspace);
}

static void ideal_is_integer(void) {
    for (int kind = 0; kind < 3; kind++)
        for (int dac_bits = 1; dac_bits <= 4; dac_bits++)
            for (int bits = 4; bits <= 16; bits += 6) {
                static struct fixture f;
                begin(&f, (enum encoding_kind)kind, dac_bits, bits);
                struct slow_crossbar slow = {.encoding = (enum slow_encoding)kind,
                                             .weight_bits = 8,
                                             .cell_bits = 2,
                                             .activation_bits = 8,
                                             .dac_bits = dac_bits,
                                             .transfer = SLOW_CLIP,
                                             .adc_bits = bits};
                int64_t acc[POSITIONS][FILTERS + 16];
                for (int level = 0; level <= (int)simd_choose(); level++) {
                    read_all(&f, (enum simd_level)level, 3, acc);
                    int wrong = 0, weights[ROWS], inputs[ROWS];
                    for (int i = 0; i < FILTERS; i++)
                        for (int p = 0; p < POSITIONS; p++) {
                            for (int r = 0; r < ROWS; r++) {
                                weights[r] = f.weights[i][r];
                                inputs[r] = f.inputs[p][r];
                            }
                            wrong += acc[p][i] != slow_array_sum(&slow, ROWS, weights, inputs);
                        }
                    CU_ASSERT_EQUAL(wrong, 0);
                }
                end(&f);
            }
}

/* Level of a cell of filter `filter` in the array's own row and column order. */
static uint8_t level_at(const struct fixture *f, int array, int row, int column) {
    int filter = array * PER_ARRAY + column / f->encoding.columns;
    for (int r = 0; r < ROWS; r++)
        if (f->row_order[r] == row && filter < FILTERS)
            return (uint8_t)encoding_cell(&f->encoding, f->weights[filter][r],
                                          column % f->encoding.columns);
    return 0;
}

/* Sums of the fixture's cells against double precision: each lane's converter looks at its own sum
 * through a window of 2^16 codes around the expected value. The farthest code from its middle; a
 * level is 64 * 255 codes. */
static int farthest_sum(struct fixture *f) {
    int columns = PER_ARRAY * f->encoding.columns, farthest = 0;
    f->spec.columns_per_adc = 1;
    f->spec.converters_per_array = columns;
    for (int column = 0; column < f->encoding.columns; column++) {
        /* One encoding column at a time, so that a filter's result is that column's code. */
        double window = 1.0 / 64 / 255; /* codes per unit of S; digits reach 255 */
        for (int a = 0; a < ARRAYS; a++) {
            static uint8_t levels[ROWS * 64];
            static float cells[ROWS * 64];
            for (int r = 0; r < ROWS; r++)
                for (int c = 0; c < columns; c++)
                    levels[r * columns + c] = level_at(f, a, r, c);
            device_program(&f->device, 2, levels, (size_t)(ROWS * columns), f->keys[a], cells,
                           NULL);
            for (int c = 0; c < columns; c++) {
                double sum = 0;
                for (int r = 0; r < ROWS; r++)
                    sum += (double)cells[f->row_order[r] * columns + c] * f->inputs[0][r];
                struct analog_converter *k = &f->converters[a * columns + c];
                bool looked_at = c % f->encoding.columns == column;
                *k = (struct analog_converter){.scale = looked_at ? (float)(1 / window) : 0,
                                               .offset =
                                                   looked_at ? (float)(32768 - sum / window) : 0};
            }
        }
        int64_t acc[POSITIONS][FILTERS + 16];
        read_all(f, simd_choose(), POSITIONS, acc);
        const struct encoding_column *e = &f->encoding.column[column];
        for (int i = 0; i < FILTERS; i++) {
            int distance = abs((int)(acc[0][i] * e->sign >> e->shift) - 32768);
            farthest = distance > farthest ? distance : farthest;
        }
    }
    return farthest;
}

/* No column of the block holds more than 2^15 levels (at digit 255), so the unit is 2^-16 level:
 * the bound is 53 * 255 * 2^-17 = 0.103 level, 1683 codes. Where roundings cancel they come to
 * sqrt(53 / 12) * 255 * 2^-16 = 0.008 level, 133 codes. Float32 adds 39 codes for the sum and 39
 * for the offset. */
enum { BOUND = 1683, CANCELLED = 133, FLOAT32 = 78 };

/* Cells with errors of their own. */
static void sums_of_conductances(void) {
    static struct fixture f;
    begin(&f, ENCODING_DIFFERENTIAL, 8, 16); /* one cycle: codes are not added up */
    f.device.programming_model = PROGRAMMING_NORMAL;
    f.device.programming_sigma = 0.1;
    f.device.stuck_on = 0.02;
    int farthest = farthest_sum(&f);
    CU_ASSERT(farthest < 3 * CANCELLED + FLOAT32);
    CU_ASSERT(farthest > 0 || simd_choose() == SIMD_PLAIN); /* the window does see something */
    end(&f);
}

/* Cells of level k are k levels + 12060.45 units and all round the same way: nothing cancels, the
 * bound holds. Level k is k + 3 / (ratio - 1) where off cells conduct. */
static void sums_of_equal_cells(void) {
    static struct fixture f;
    begin(&f, ENCODING_DIFFERENTIAL, 8, 16);
    f.device.g_min_siemens = f.device.g_max_siemens / (1 + 3 * 65536 / 12060.45);
    f.device.reference_column = false;
    int farthest = farthest_sum(&f);
    CU_ASSERT(farthest <= BOUND + FLOAT32);
    CU_ASSERT(farthest > 3 * CANCELLED + FLOAT32);
    end(&f);
}

static void levels_agree(void) {
    static struct fixture f;
    begin(&f, ENCODING_OFFSET, 2, 6);
    f.device.programming_model = PROGRAMMING_LOGNORMAL;
    f.device.programming_sigma = 0.2;
    f.device.read_noise = 0.02;
    f.device.read_noise_slope = 0.01;
    f.spec.codes.noise = 0.3F;
    int64_t plain[POSITIONS][FILTERS + 16], other[POSITIONS][FILTERS + 16];
    read_all(&f, SIMD_PLAIN, POSITIONS, plain);
    for (int level = 0; level <= (int)simd_choose(); level++)
        for (int step = 1; step <= POSITIONS; step += 3) {
            read_all(&f, (enum simd_level)level, step, other);
            CU_ASSERT_EQUAL(memcmp(plain, other, sizeof plain), 0);
        }
    end(&f);
}

/* Noise of single columns: the spread of a filter's result over many numbered reads. */
static void noise_has_its_size(void) {
    enum { READS = 4000, LOOKED = 3 };
    static struct fixture f;
    begin(&f, ENCODING_DIFFERENTIAL, 8, 16);
    f.device.read_noise = 0.03; /* of g_max: 0.09 levels a cell */
    f.spec.codes.noise = 5.0F;
    for (int a = 0; a < ARRAYS; a++)
        f.converters[a] = (struct analog_converter){.scale = 1, .offset = 32768.0F};
    f.spec.filters_per_array = PER_ARRAY;
    struct analog_block *block;
    ASSERT_OK(analog_program(&f.spec, &f.arena, &block, &f.diag), f.diag);
    const struct bitline_kernels *kernels = bitline_kernels(simd_choose());
    void *workspace = aligned_alloc(64, analog_workspace(block));
    double mean[LOOKED] = {0}, square[LOOKED] = {0};
    for (int i = 0; i < READS; i++) {
        int64_t acc[FILTERS + 16] = {0};
        analog_drive(block, kernels, f.inputs[0], STRIDE, 1, workspace);
        analog_accumulate(block, kernels, (uint64_t)i, 1, acc, FILTERS + 16, workspace);
        for (int k = 0; k < LOOKED; k++) {
            mean[k] += (double)acc[k] / READS;
            square[k] += (double)(acc[k] * acc[k]) / READS;
        }
    }
    /* A result is the sum over 4 slices of 2^(2s) (plus - minus): 8 columns, each with the cells'
     * variance sum 0.09^2 d^2 and the converter's 25 (and 1/12 for rounding). */
    double digits = 0;
    for (int r = 0; r < ROWS; r++)
        digits += (double)f.inputs[0][r] * f.inputs[0][r];
    double factors = 2 * (1 + 16 + 256 + 4096);
    double expected = factors * (0.09 * 0.09 * digits + 25 + 1.0 / 12);
    for (int k = 0; k < LOOKED; k++) {
        double variance = square[k] - mean[k] * mean[k];
        /* The variance of a variance from n normals is 2/n: 5 sigma are 11 %. */
        CU_ASSERT_DOUBLE_EQUAL(variance / expected, 1.0, 0.112);
    }
    free(workspace);
    end(&f);
}

/* Digits count squared in the variance of a read: two bits, where 3^2 is far from 3. */
static void noise_of_small_digits(void) {
    enum { READS = 4000 };
    static struct fixture f;
    begin(&f, ENCODING_DIFFERENTIAL, 2, 16);
    f.spec.activation_bits = 2; /* one cycle */
    f.device.read_noise = 0.05; /* 0.15 levels a cell */
    double digits = 0;
    for (int r = 0; r < ROWS; r++) {
        f.inputs[0][r] = (uint8_t)(r % 4);
        digits += r % 4 * (r % 4);
    }
    for (int a = 0; a < ARRAYS; a++)
        f.converters[a] = (struct analog_converter){.scale = 16, .offset = 16000};
    struct analog_block *block;
    ASSERT_OK(analog_program(&f.spec, &f.arena, &block, &f.diag), f.diag);
    const struct bitline_kernels *kernels = bitline_kernels(simd_choose());
    void *workspace = aligned_alloc(64, analog_workspace(block));
    double mean = 0, square = 0;
    for (int i = 0; i < READS; i++) {
        int64_t acc[FILTERS + 16] = {0};
        analog_drive(block, kernels, f.inputs[0], STRIDE, 1, workspace);
        analog_accumulate(block, kernels, (uint64_t)i, 1, acc, FILTERS + 16, workspace);
        mean += (double)acc[2] / READS;
        square += (double)(acc[2] * acc[2]) / READS;
    }
    double expected = 2 * (1 + 16 + 256 + 4096) * (256 * 0.15 * 0.15 * digits + 1.0 / 12);
    CU_ASSERT_DOUBLE_EQUAL((square - mean * mean) / expected, 1.0, 0.112);
    free(workspace);
    end(&f);
}

/* The unit column has no converter of its own: it shares the array's last one. */
static void unit_column_shares(void) {
    static struct fixture f;
    begin(&f, ENCODING_OFFSET, 1, 16);
    f.spec.columns_per_adc = 4; /* the array's 20 columns have 5 converters; the last is blind */
    f.spec.converters_per_array = 5;
    for (int i = 0; i < ARRAYS * 5; i++)
        f.converters[i].scale = i % 5 == 4 ? 0 : 1;
    int64_t acc[POSITIONS][FILTERS + 16];
    read_all(&f, simd_choose(), POSITIONS, acc);
    for (int i = 0; i < FILTERS; i++) { /* filter i % 5 of its array has converter i % 5 */
        int64_t expected = 0;
        for (int r = 0; i % PER_ARRAY != 4 && r < ROWS; r++)
            expected += (f.weights[i][r] + 128) * f.inputs[0][r];
        CU_ASSERT_EQUAL(acc[0][i], expected);
    }
    end(&f);
}

/* Sums of the least significant slice of `rows` weights 1, all rows driven: errors in levels, with
 * their mean and mean square over filters. Other columns' converters see nothing. */
static void measure_sums(int rows, double sigma, uint64_t draw, double *mean, double *square) {
    enum { UNIT = 64, MIDDLE = 1 << 15 }; /* codes in a level; the code of an exact sum */
    static struct fixture f;
    int64_t acc[POSITIONS][FILTERS + 16];
    begin(&f, ENCODING_TWOS_COMPLEMENT, 8, 16);
    int columns = f.encoding.columns;
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < FILTERS; i++)
            f.weights[i][r] = 1;
        f.row_order[r] = r;
        f.inputs[0][r] = 1;
    }
    for (int a = 0; a < ARRAYS; a++)
        f.keys[a] = RANDOM_KEY(draw, (uint64_t)a);
    f.spec.rows = rows;
    f.spec.columns_per_adc = 1;
    f.spec.converters_per_array = PER_ARRAY * columns;
    for (int c = 0; c < ARRAYS * PER_ARRAY * columns; c++)
        if (c % columns == columns - 1)
            f.converters[c] = (struct analog_converter){UNIT, (float)(MIDDLE - UNIT * rows), NULL};
        else
            f.converters[c] = (struct analog_converter){0, 0, NULL};
    f.device.g_min_siemens = f.device.g_max_siemens / 2; /* far from zero, where draws are cut */
    f.device.reference_column = true;
    f.device.programming_model = PROGRAMMING_NORMAL;
    f.device.programming_sigma = sigma;
    read_all(&f, simd_choose(), POSITIONS, acc);
    for (int i = 0; i < FILTERS; i++) {
        double error = (double)(acc[0][i] - MIDDLE) / UNIT;
        *mean += error / FILTERS;
        *square += error * error / FILTERS;
    }
    end(&f);
}

/* Errors of n cells of a column add up as those of independent numbers do: sqrt(n) sigma. With
 * g_min half of g_max three levels share half of g_max, so a cell errs by 6 sigma levels. */
static void errors_of_sums_grow_with_theory(void) {
    enum { DRAWS = 60 };
    static const double sigmas[] = {0.005, 0.02, 0.08};
    for (int s = 0; s < 3; s++)
        for (int rows = 13; rows <= ROWS; rows += 40) {
            double mean = 0, square = 0, theory = 6 * sigmas[s] * sqrt(rows);
            for (int draw = 0; draw < DRAWS; draw++)
                measure_sums(rows, sigmas[s], (uint64_t)draw, &mean, &square);
            /* From n = 1260 sums: five standard deviations of a mean are 0.14 of theirs, of a
             * deviation half of it times the square root of 2. */
            CU_ASSERT_DOUBLE_EQUAL(mean / DRAWS / theory, 0, 0.14);
            CU_ASSERT_DOUBLE_EQUAL(sqrt(square / DRAWS) / theory, 1, 0.1);
        }
}

static void uneven_thresholds(void) {
    /* Three thresholds at 10, 20.5 and 200 make codes 0..3 with values -7, 0, 5, 100. */
    static const float thresholds[3] = {10, 20.5F, 200};
    static const int32_t values[4] = {-7, 0, 5, 100};
    static struct fixture f;
    begin(&f, ENCODING_DIFFERENTIAL, 1, 2);
    f.spec.codes.values = values;
    for (int a = 0; a < ARRAYS; a++)
        f.converters[a].thresholds = thresholds;
    int64_t acc[POSITIONS][FILTERS + 16];
    read_all(&f, simd_choose(), 4, acc);
    for (int i = 0; i < FILTERS; i++)
        for (int p = 0; p < POSITIONS; p++) {
            int64_t expected = 0;
            for (int t = 0; t < 8; t++)
                for (int c = 0; c < f.encoding.columns; c++) {
                    double sum = 0;
                    for (int r = 0; r < ROWS; r++)
                        sum += encoding_cell(&f.encoding, f.weights[i][r], c) *
                               (unsigned)(f.inputs[p][r] >> t & 1);
                    int code = 0;
                    for (int k = 0; k < 3; k++)
                        code += (double)thresholds[k] < sum;
                    expected += f.encoding.column[c].sign * values[code] *
                                (1LL << (t + f.encoding.column[c].shift));
                }
            CU_ASSERT_EQUAL(acc[p][i], expected);
        }
    end(&f);
}

/* Every allocation of programming fails once, with `used` pieces of the arena taken before. */
static void fail_each_allocation(const struct analog_spec *spec, int used) {
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct diagnostic diag = {0};
        struct arena arena = ARENA_INIT;
        struct analog_block *block;
        for (int i = 0; i < used; i++)
            CU_ASSERT_PTR_NOT_NULL_FATAL(arena_alloc(&arena, 512, 1));
        malloc_fail_at(n);
        enum status status = analog_program(spec, &arena, &block, &diag);
        failed = malloc_fail_end();
        CU_ASSERT_EQUAL(status, failed ? STATUS_MEMORY : STATUS_OK);
        CU_ASSERT(!failed || strncmp(diag.message, "out of memory for ", 18) == 0);
        arena_free(&arena);
    }
}

/* Unit columns, noise and thresholds, so that all that can be allocated is. The arena asks for
 * memory in large pieces: with other beginnings another of its users meets the end of one. */
static void short_memory(void) {
    static const float thresholds[3] = {10, 20.5F, 200};
    static struct fixture f;
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    begin(&f, ENCODING_OFFSET, 1, 2);
    f.device.read_noise = 0.01;
    for (int a = 0; a < ARRAYS; a++)
        f.converters[a].thresholds = thresholds;
    for (int used = 0; used < 128; used++)
        fail_each_allocation(&f.spec, used);
    end(&f);
}

static const struct test_case cases[] = {
    {"ideal cells give what integers give", ideal_is_integer},
    {"sums of conductances", sums_of_conductances},
    {"sums of equal cells", sums_of_equal_cells},
    {"all instruction sets and tiles agree", levels_agree},
    {"noise has its size", noise_has_its_size},
    {"digits count squared in noise", noise_of_small_digits},
    {"the unit column shares a converter", unit_column_shares},
    {"errors of sums grow with theory", errors_of_sums_grow_with_theory},
    {"uneven thresholds", uneven_thresholds},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_analog = {"analog", cases};
