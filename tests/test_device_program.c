/* Programmed cells: each effect has the size that was asked. Bounds are five standard errors of
 * what theory says, for fixed keys. */
#include <gsl/gsl_statistics_float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crossbar/device.h"
#include "tests/test.h"

enum { N = 40000 };

/* 20 to 100 uS without any error. */
static struct device plain(void) {
    return (struct device){
        .name = "plain",
        .source = "test",
        .g_max_siemens = 100e-6,
        .g_min_siemens = 20e-6,
        .reference_column = true,
        .drift_t0_s = 2,
        .drift_time_s = 2,
    };
}

struct cells {
    uint8_t level[N];
    float effective[N], read_sigma[N];
};

/* N cells of one level, or of all levels in turn (-1). To be freed. */
static struct cells *program(const struct device *device, int cell_bits, int level, uint64_t key) {
    struct cells *cells = malloc(sizeof *cells);
    CU_ASSERT_PTR_NOT_NULL_FATAL(cells);
    for (int i = 0; i < N; i++)
        cells->level[i] = (uint8_t)(level >= 0 ? level : i % (1 << cell_bits));
    device_program(device, cell_bits, cells->level, N, key, cells->effective, cells->read_sigma);
    return cells;
}

/* Asserts mean and standard deviation of N normal numbers. */
static void check_normal(const float *values, double mean, double sigma) {
    double m = gsl_stats_float_mean(values, 1, N), s = gsl_stats_float_sd(values, 1, N);
    CU_ASSERT_DOUBLE_EQUAL(m, mean, 5 * sigma / sqrt(N));
    CU_ASSERT_DOUBLE_EQUAL(s, sigma, 5 * sigma / sqrt(2.0 * N));
}

static void check_level(const struct device *device, int cell_bits, int level, double mean,
                        double sigma) {
    struct cells *cells = program(device, cell_bits, level, 5);
    check_normal(cells->effective, mean, sigma);
    free(cells);
}

static void check_exact(const struct device *device, int cell_bits) {
    struct cells *cells = program(device, cell_bits, -1, 1);
    int wrong = 0;
    for (int i = 0; i < N; i++)
        wrong += cells->effective[i] != (float)cells->level[i];
    CU_ASSERT_EQUAL(wrong, 0);
    free(cells);
}

static void ideal_cells_are_their_levels(void) {
    static const double off[] = {0, 1e-9, 37e-6 / 3, 99e-6};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        for (int cell_bits = 1; cell_bits <= 8; cell_bits++) {
            struct device device = plain();
            device.g_min_siemens = off[i];
            CU_ASSERT(device_is_ideal(&device));
            check_exact(&device, cell_bits);
        }
}

/* Every model with strength 0, and drift without exponent or time. */
static void zero_strength_is_ideal(void) {
    static const double polynomial[] = {0, 0};
    for (int model = PROGRAMMING_NONE; model <= PROGRAMMING_POLYNOMIAL; model++) {
        struct device device = plain();
        device.programming_model = model;
        device.polynomial = (struct config_reals){polynomial, 2};
        CU_ASSERT(device_is_ideal(&device));
        check_exact(&device, 3);
        device.programming_sigma = model == PROGRAMMING_POLYNOMIAL ? 1 : 0;
        check_exact(&device, 3);
    }
    struct device device = plain();
    device.drift_nu = 0.1;
    CU_ASSERT(device_is_ideal(&device));
    check_exact(&device, 4);
    device.drift_nu = 0;
    device.drift_time_s = 86400;
    CU_ASSERT(device_is_ideal(&device));
    check_exact(&device, 4);
    CU_ASSERT_FALSE(device_has_read_noise(&device));
}

static void each_effect_is_not_ideal(void) {
    struct device each[7];
    for (int i = 0; i < 7; i++)
        each[i] = plain();
    each[0].programming_model = PROGRAMMING_NORMAL;
    each[0].programming_sigma = 1e-6;
    each[1].stuck_on = 1e-6;
    each[2].stuck_off = 1e-6;
    each[3].drift_nu = 0.01;
    each[3].drift_time_s = 3;
    each[4].drift_nu_sigma = 0.01;
    each[4].drift_time_s = 3;
    each[5].read_noise = 1e-6;
    each[6].read_noise_slope = 1e-6;
    for (int i = 0; i < 7; i++) {
        CU_ASSERT_FALSE(device_is_ideal(&each[i]));
        CU_ASSERT_EQUAL(device_has_read_noise(&each[i]), i >= 5);
    }
    struct device device = plain();
    device.reference_column = false;
    CU_ASSERT_FALSE(device_is_ideal(&device));
    device.g_min_siemens = 0;
    CU_ASSERT(device_is_ideal(&device));
}

/* Two-bit cells: a level is (100 - 20) / 3 uS, so 5 % of 100 uS is 0.1875 levels. */
static void normal_error(void) {
    struct device device = plain();
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.05;
    for (int level = 1; level <= 3; level++)
        check_level(&device, 2, level, level, 0.1875);
    device.programming_sigma = 0.02; /* level 0 is ten standard deviations from no conductance */
    check_level(&device, 2, 0, 0, 0.075);
}

/* An off cell that does not conduct: half of the cells stay at 0, the rest is half a normal. */
static void no_conductance_is_negative(void) {
    struct device device = plain();
    device.g_min_siemens = 0;
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.1;
    struct cells *cells = program(&device, 1, 0, 8);
    int zeros = 0, negative = 0;
    for (int i = 0; i < N; i++) {
        zeros += cells->effective[i] == 0;
        negative += cells->effective[i] < 0;
    }
    CU_ASSERT_EQUAL(negative, 0);
    CU_ASSERT_DOUBLE_EQUAL(zeros, N / 2.0, 5 * sqrt(N / 4.0));
    double mean = gsl_stats_float_mean(cells->effective, 1, N);
    CU_ASSERT_DOUBLE_EQUAL(mean, 0.1 / sqrt(2 * M_PI), 5 * 0.1 * sqrt(0.341 / N));
    free(cells);
}

/* Level 1 of 3 has 46.67 uS: 10 % of it is 0.175 levels. */
static void proportional_error(void) {
    struct device device = plain();
    device.programming_model = PROGRAMMING_PROPORTIONAL;
    device.programming_sigma = 0.1;
    check_level(&device, 2, 0, 0, 0.075);
    check_level(&device, 2, 1, 1, 0.175);
    check_level(&device, 2, 3, 3, 0.375);
}

/* ln(g) has the level's conductance in the middle and sigma around it. */
static void lognormal_error(void) {
    struct device device = plain();
    device.programming_model = PROGRAMMING_LOGNORMAL;
    device.programming_sigma = 0.3;
    for (int level = 0; level <= 3; level++) {
        struct cells *cells = program(&device, 2, level, 21);
        for (int i = 0; i < N; i++)
            cells->effective[i] =
                (float)log((double)cells->effective[i] * 80e-6 / 3 + 20e-6) - (float)log(20e-6);
        check_normal(cells->effective, log((20 + level * 80.0 / 3) / 20), 0.3);
        free(cells);
    }
}

/* NeuRRAM after a day (1 to 40 uS), worked out by hand: at 40 uS the coefficients' sum, 2.651 uS;
 * at 14 uS (x = 0.35) 0.701 + 7.7301 - 6.2196925 + 2.019198125 - 0.24697286 = 3.98363276 uS; a
 * level of 2-bit cells is 13 uS. */
static void polynomial_error(void) {
    static const double day[] = {0.701e-6, 22.086e-6, -50.773e-6, 47.095e-6, -16.458e-6};
    struct device device = plain();
    device.g_max_siemens = 40e-6;
    device.g_min_siemens = 1e-6;
    device.programming_model = PROGRAMMING_POLYNOMIAL;
    device.programming_sigma = 1;
    device.polynomial = (struct config_reals){day, 5};
    check_level(&device, 2, 3, 3, 2.651 / 13);
    device.programming_sigma = 0.5; /* 14 uS is seven of these from no conductance */
    check_level(&device, 2, 1, 1, 0.5 * 3.98363276 / 13);
}

/* A fit that is negative somewhere: no error there. */
static void negative_spread_is_none(void) {
    static const double falling[] = {10e-6, -40e-6};
    struct device device = plain();
    device.programming_model = PROGRAMMING_POLYNOMIAL;
    device.programming_sigma = 1;
    device.polynomial = (struct config_reals){falling, 2};
    struct cells *cells = program(&device, 2, 3, 2);
    for (int i = 0; i < N; i++)
        if (cells->effective[i] != 3)
            CU_FAIL("an error where the polynomial is negative");
    free(cells);
}

static void stuck_cells(void) {
    struct device device = plain();
    device.stuck_on = 0.0175;
    device.stuck_off = 0.0904;
    struct cells *cells = program(&device, 3, 4, 11);
    int on = 0, off = 0, kept = 0;
    for (int i = 0; i < N; i++) {
        on += cells->effective[i] == 7;
        off += cells->effective[i] == 0;
        kept += cells->effective[i] == 4;
    }
    CU_ASSERT_EQUAL(on + off + kept, N);
    CU_ASSERT_DOUBLE_EQUAL(on, 0.0175 * N, 5 * sqrt(N * 0.0175 * 0.9825));
    CU_ASSERT_DOUBLE_EQUAL(off, 0.0904 * N, 5 * sqrt(N * 0.0904 * 0.9096));
    free(cells);
    device.stuck_on = 1;
    device.stuck_off = 0;
    cells = program(&device, 3, 0, 11);
    for (int i = 0; i < N; i++)
        CU_ASSERT_EQUAL_FATAL(cells->effective[i], 7);
    free(cells);
}

/* Stuck cells neither miss their conductance nor drift. */
static void stuck_cells_stay(void) {
    struct device device = plain();
    device.stuck_on = 0.5;
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.01;
    device.drift_nu = 0.5;
    device.drift_time_s = 200;
    device.reference_column = false;
    struct cells *cells = program(&device, 2, 1, 4);
    int stuck = 0;
    for (int i = 0; i < N; i++)
        stuck += fabsf(cells->effective[i] - 3.75f) < 1e-6f; /* 100 uS of 80 / 3 */
    CU_ASSERT_DOUBLE_EQUAL(stuck, N / 2.0, 5 * sqrt(N / 4.0));
    free(cells);
}

/* nu = 0.25 from 2 s to 32 s halves every conductance: levels k become k / 2 with a reference
 * column that drifts too, and (k + 0.75) / 2 without, as 20 uS are 0.75 levels. */
static void drift_without_spread(void) {
    struct device device = plain();
    device.drift_nu = 0.25;
    device.drift_time_s = 32;
    struct cells *with = program(&device, 2, -1, 1);
    device.reference_column = false;
    struct cells *without = program(&device, 2, -1, 1);
    for (int i = 0; i < N; i++) {
        double level = with->level[i];
        CU_ASSERT_DOUBLE_EQUAL_FATAL((double)with->effective[i], level / 2, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL_FATAL((double)without->effective[i], (level + 0.75) / 2, 1e-6);
    }
    free(with);
    free(without);
}

/* ln(G / G0) = -nu ln(t / t0), nu normal. */
static void drift_with_spread(void) {
    struct device device = plain();
    device.drift_nu = 0.05;
    device.drift_nu_sigma = 0.02;
    device.drift_time_s = 86400;
    device.reference_column = false;
    struct cells *cells = program(&device, 2, 3, 9);
    for (int i = 0; i < N; i++)
        cells->effective[i] = (float)log((double)cells->effective[i] / 3.75);
    check_normal(cells->effective, -0.05 * log(43200), 0.02 * log(43200));
    free(cells);
}

/* Without a reference column every cell carries g_min: L g_min / (g_max - g_min) = 0.75 levels of
 * 3, and 1 / (ratio - 1) = 1/4 of the largest level. */
static void no_reference_column(void) {
    struct device device = plain();
    device.reference_column = false;
    struct cells *cells = program(&device, 2, -1, 1);
    for (int i = 0; i < N; i++)
        CU_ASSERT_DOUBLE_EQUAL_FATAL((double)cells->effective[i], cells->level[i] + 0.75, 1e-6);
    free(cells);
}

/* sigma = 0.01 * 100 uS + 0.02 g in levels of 80 / 3 uS: 0.0375 + 0.02 (level + 0.75). With errors,
 * g is what the cell has. */
static void read_noise(void) {
    struct device device = plain();
    device.read_noise = 0.01;
    device.read_noise_slope = 0.02;
    struct cells *cells = program(&device, 2, -1, 1);
    for (int i = 0; i < N; i++)
        CU_ASSERT_DOUBLE_EQUAL_FATAL((double)cells->read_sigma[i],
                                     0.0375 + 0.02 * (cells->level[i] + 0.75), 1e-7);
    free(cells);
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.1;
    cells = program(&device, 2, -1, 1);
    for (int i = 0; i < N; i++)
        CU_ASSERT_DOUBLE_EQUAL_FATAL((double)cells->read_sigma[i],
                                     0.0375 + 0.02 * ((double)cells->effective[i] + 0.75), 1e-6);
    float effective[10];
    device_program(&device, 2, cells->level, 10, 1, effective, NULL);
    CU_ASSERT_EQUAL(memcmp(effective, cells->effective, sizeof effective), 0);
    free(cells);
}

/* The same key gives the same cells, also of a shorter array; another key others. */
static void keys_name_the_draws(void) {
    struct device device = plain();
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.1;
    struct cells *first = program(&device, 2, 2, 6), *second = program(&device, 2, 2, 6);
    struct cells *other = program(&device, 2, 2, 7);
    CU_ASSERT_EQUAL(memcmp(first->effective, second->effective, sizeof first->effective), 0);
    device_program(&device, 2, first->level, 37, 6, second->effective, NULL);
    CU_ASSERT_EQUAL(memcmp(first->effective, second->effective, sizeof first->effective), 0);
    double r = gsl_stats_float_correlation(first->effective, 1, other->effective, 1, N);
    CU_ASSERT_DOUBLE_EQUAL(r, 0, 5 / sqrt(N));
    free(first);
    free(second);
    free(other);
}

/* A cell's error is the same whatever its level and its neighbours', and whatever else is wrong:
 * only cells that are stuck change when some are, and their places stay when errors come. */
static void effects_have_their_own_streams(void) {
    struct device device = plain();
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.02;
    struct cells *one = program(&device, 2, 1, 3), *mixed = program(&device, 2, -1, 3);
    device.stuck_on = 0.1;
    struct cells *stuck = program(&device, 2, 1, 3);
    device.programming_model = PROGRAMMING_NONE;
    device.drift_nu_sigma = 0.01;
    device.drift_time_s = 100;
    struct cells *drifted = program(&device, 2, 1, 3);
    int different = 0, moved = 0;
    for (int i = 0; i < N; i++) {
        double error = (double)one->effective[i] - 1;
        CU_ASSERT_DOUBLE_EQUAL_FATAL((double)mixed->effective[i] - mixed->level[i], error, 1e-6);
        different += stuck->effective[i] != 3 && stuck->effective[i] != one->effective[i];
        moved += (stuck->effective[i] == 3) != (drifted->effective[i] == 3);
    }
    CU_ASSERT_EQUAL(different, 0);
    CU_ASSERT_EQUAL(moved, 0);
    free(one);
    free(mixed);
    free(stuck);
    free(drifted);
}

/* Programming errors, drift exponents and the places of stuck cells have nothing to do with each
 * other. */
static void effects_are_independent(void) {
    struct device device = plain();
    device.programming_model = PROGRAMMING_NORMAL;
    device.programming_sigma = 0.02;
    struct cells *error = program(&device, 2, 1, 13);
    device.programming_model = PROGRAMMING_NONE;
    device.stuck_on = 0.5;
    struct cells *stuck = program(&device, 2, 1, 13);
    device.stuck_on = 0;
    device.drift_nu_sigma = 0.01;
    device.drift_time_s = 100;
    struct cells *drift = program(&device, 2, 1, 13);
    const float *rows[] = {error->effective, stuck->effective, drift->effective};
    for (int i = 0; i < 3; i++) {
        double r = gsl_stats_float_correlation(rows[i], 1, rows[(i + 1) % 3], 1, N);
        CU_ASSERT_DOUBLE_EQUAL(r, 0, 5 / sqrt(N));
    }
    free(error);
    free(stuck);
    free(drift);
}

/* The sum over a column of R rows misses by sigma sqrt(R): 100 columns of 400 cells. */
static void sums_miss_as_theory_says(void) {
    enum { ROWS = 400, COLUMNS = N / ROWS };
    struct device device = plain();
    device.programming_model = PROGRAMMING_NORMAL;
    for (int step = 1; step <= 3; step++) {
        device.programming_sigma = 0.02 * step;
        struct cells *cells = program(&device, 2, 3, (uint64_t)step);
        double squares = 0;
        for (int c = 0; c < COLUMNS; c++) {
            double sum = 0;
            for (int r = 0; r < ROWS; r++)
                sum += (double)cells->effective[c * ROWS + r] - 3;
            squares += sum * sum;
        }
        double sigma = 0.075 * step * sqrt(ROWS);
        CU_ASSERT_DOUBLE_EQUAL(squares / COLUMNS / (sigma * sigma), 1, 5 * sqrt(2.0 / COLUMNS));
        free(cells);
    }
}

static const struct test_case cases[] = {
    {"ideal cells are their levels", ideal_cells_are_their_levels},
    {"zero strength is ideal", zero_strength_is_ideal},
    {"each effect is not ideal", each_effect_is_not_ideal},
    {"normal error", normal_error},
    {"no conductance is negative", no_conductance_is_negative},
    {"proportional error", proportional_error},
    {"lognormal error", lognormal_error},
    {"polynomial error", polynomial_error},
    {"negative spread is none", negative_spread_is_none},
    {"stuck cells", stuck_cells},
    {"stuck cells stay", stuck_cells_stay},
    {"drift without spread", drift_without_spread},
    {"drift with spread", drift_with_spread},
    {"no reference column", no_reference_column},
    {"read noise", read_noise},
    {"keys name the draws", keys_name_the_draws},
    {"effects have their own streams", effects_have_their_own_streams},
    {"effects are independent", effects_are_independent},
    {"sums miss as theory says", sums_miss_as_theory_says},
    {NULL, NULL},
};
const struct test_suite suite_device_program = {"device_program", cases};
