/* The calibration of NeuRRAM (configs/papers/neurram.yaml) with every other choice of three points
 * that are held out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/files.h"
#include "sim/repro/repro.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

enum { POINTS = 10, ERRORS = 2 }; /* of throughput and of efficiency */

/* Marks three of the measured points as held out: the last number of each row. */
static void hold_out(char *text, const int held[3]) {
    char *row = strstr(text, "columns: [output_bits");
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    for (int point = 0; point < POINTS; point++) {
        row = strstr(row + 1, "      - [");
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        char *end = strchr(row, ']');
        CU_ASSERT_FATAL(end != NULL && (end[-1] == '0' || end[-1] == '1') && end[-2] == ' ');
        end[-1] = point == held[0] || point == held[1] || point == held[2] ? '1' : '0';
    }
}

/* The errors of the points held out, in percent; false where the others give a
 * negative time or energy. */
static bool errors_of(struct scratch *scratch, const char *text, double errors[ERRORS]) {
    struct paper paper;
    struct repro_result result;
    struct diagnostic diag = {0};
    int n = 0;
    ASSERT_OK(paper_load(scratch_write(scratch, "p.yaml", text, strlen(text)), &paper, &diag),
              diag);
    bool calibrated = repro_evaluate(&paper, NULL, &result, &diag) == STATUS_OK;
    if (!calibrated)
        CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "no such quantity is negative"));
    for (int i = 0; i < result.n_rows; i++)
        if (strcmp(result.rows[i].what, "mean error of the three held out") == 0 && n < ERRORS)
            errors[n++] = result.rows[i].ours;
    CU_ASSERT_EQUAL(n, calibrated ? ERRORS : 0);
    repro_result_free(&result);
    paper_free(&paper);
    return calibrated;
}

/* Expected: the same least squares, solved apart from mho by normal equations. The notes of
 * configs/papers/neurram.yaml quote these. */
static void any_three_points_held_out(void) {
    struct scratch scratch;
    struct arena arena = ARENA_INIT;
    struct diagnostic diag = {0};
    char *text;
    size_t length;
    double mean[ERRORS] = {0}, worst[ERRORS] = {0}, shipped[ERRORS] = {0};
    int choices = 0, calibrated = 0, above = 0; /* 5 % of efficiency */
    scratch_open(&scratch);
    ASSERT_OK(file_read("configs/papers/neurram.yaml", &arena, &text, &length, &diag), diag);
    CU_ASSERT(errors_of(&scratch, text, shipped));
    for (int a = 0; a < POINTS; a++)
        for (int b = a + 1; b < POINTS; b++)
            for (int c = b + 1; c < POINTS; c++, choices++) {
                double errors[ERRORS] = {0};
                hold_out(text, (const int[]){a, b, c});
                calibrated += errors_of(&scratch, text, errors);
                above += errors[1] > 5;
                for (int i = 0; i < ERRORS; i++) {
                    mean[i] += errors[i];
                    worst[i] = fmax(worst[i], errors[i]);
                }
            }
    CU_ASSERT_EQUAL(choices, 120);
    CU_ASSERT_EQUAL_FATAL(calibrated, 119);
    CU_ASSERT_DOUBLE_EQUAL(mean[0] / calibrated, 1.25228, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(mean[1] / calibrated, 3.01401, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(worst[0], 7.03408, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(worst[1], 7.49682, 1e-5);
    CU_ASSERT_EQUAL(above, 17);
    arena_free(&arena);
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"any three points held out", any_three_points_held_out},
    {NULL, NULL},
};
const struct test_suite suite_neurram = {"neurram", cases};
