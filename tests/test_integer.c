/* Integer products against the definition, at every instruction set. */
#include <stdbool.h>
#include <stdlib.h>

#include "crossbar/integer.h"
#include "tests/support/random.h"
#include "tests/test.h"

static void check(int columns, int depth, int positions, int extreme) {
    struct test_random random = {(uint64_t)(columns * 1000 + depth)};
    int16_t *w = calloc((size_t)columns * (size_t)depth, sizeof *w);
    size_t stride = (size_t)(depth + 3) / 4 * 4 + 8;
    uint8_t *x = calloc((size_t)positions * stride, 1);
    for (int i = 0; i < columns * depth; i++)
        w[i] = (int16_t)(extreme == 1 ? (i / depth % 2 ? 127 : -127)
                                      : (int)test_random_below(&random, 255) - 127);
    for (int i = 0; extreme == 2 && i < columns * depth; i++) {
        bool zero = i / depth / 16 == 2 || i % depth < 8 || (i % depth > 30 && i % depth < 60);
        w[i] = (int16_t)(zero ? 0 : i % 100);
    }
    for (int p = 0; p < positions; p++)
        for (int k = 0; k < depth; k++)
            x[(size_t)p * stride + (size_t)k] =
                (uint8_t)(extreme == 1 ? 255 : test_random_below(&random, 256));
    for (int level = 0; level <= (int)simd_choose(); level++) {
        struct arena arena = ARENA_INIT;
        struct integer_matrix m;
        struct diagnostic diag = {0};
        ASSERT_OK(integer_pack(w, (size_t)depth, columns, depth, (enum simd_level)level, &arena, &m,
                               &diag),
                  diag);
        int32_t *acc = calloc((size_t)positions * (size_t)m.columns, sizeof *acc);
        integer_multiply(&m, x, stride, positions, acc, (size_t)m.columns);
        int wrong = 0;
        for (int p = 0; p < positions; p++)
            for (int c = 0; c < columns; c++) {
                int64_t sum = 0;
                for (int k = 0; k < depth; k++)
                    sum += (int64_t)w[c * depth + k] * x[(size_t)p * stride + (size_t)k];
                wrong += acc[p * m.columns + c] != sum;
            }
        CU_ASSERT_EQUAL(wrong, 0);
        if (extreme == 2) { /* 0-8 and 32-60 are never visited, nor is the third panel */
            CU_ASSERT_EQUAL(m.tiles[0].n_spans, 2);
            CU_ASSERT_EQUAL(m.tiles[0].spans[0].begin, 8);
            CU_ASSERT_EQUAL(m.tiles[0].spans[0].end, 32);
            CU_ASSERT_EQUAL(m.tiles[0].spans[1].begin, 60);
            CU_ASSERT_EQUAL(m.tiles[m.level >= SIMD_AVX512 ? 0 : 2].n_spans,
                            m.level >= SIMD_AVX512 ? 2 : 0);
        }
        free(acc);
        arena_free(&arena);
    }
    free(w);
    free(x);
}

static void sizes(void) {
    static const int columns[] = {1, 10, 16, 17, 64, 80, 130}, depths[] = {1, 3, 9, 37, 64, 144};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (size_t j = 0; j < sizeof depths / sizeof *depths; j++)
            check(columns[i], depths[j], 1 + (int)(i * 5 + j) % 13, 0);
}

/* Positions and depths that fill tiles of 16 positions by 64 inputs, and that do not. */
static void tiles(void) {
    static const int columns[] = {5, 64, 80}, depths[] = {64, 128, 192, 200};
    static const int positions[] = {15, 16, 17, 32, 50, 64};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (size_t j = 0; j < sizeof depths / sizeof *depths; j++)
            for (size_t k = 0; k < sizeof positions / sizeof *positions; k++)
                check(columns[i], depths[j], positions[k], 0);
    check(34, 4608, 33, 1);
}

/* Inputs 64 to 127 of 192 have no weight: at every level they are left out. */
static void empty_depths(void) {
    enum { COLUMNS = 16, DEPTH = 192, POSITIONS = 16 };
    static int16_t w[COLUMNS * DEPTH];
    static uint8_t x[POSITIONS * DEPTH];
    for (int i = 0; i < COLUMNS * DEPTH; i++)
        w[i] = (int16_t)(i % DEPTH / 64 == 1 ? 0 : 1 + i % 7);
    for (int i = 0; i < POSITIONS * DEPTH; i++)
        x[i] = (uint8_t)i;
    for (int level = 0; level <= (int)simd_choose(); level++) {
        struct arena arena = ARENA_INIT;
        struct integer_matrix m;
        struct diagnostic diag = {0};
        int32_t acc[POSITIONS * COLUMNS];
        ASSERT_OK(integer_pack(w, DEPTH, COLUMNS, DEPTH, (enum simd_level)level, &arena, &m, &diag),
                  diag);
        CU_ASSERT_EQUAL(m.tiles[0].n_spans, 2);
        CU_ASSERT_EQUAL(m.tiles[0].spans[0].end, 64);
        CU_ASSERT_EQUAL(m.tiles[0].spans[1].begin, 128);
        integer_multiply(&m, x, DEPTH, POSITIONS, acc, COLUMNS);
        int wrong = 0;
        for (int i = 0; i < POSITIONS * COLUMNS; i++) {
            int32_t sum = 0;
            for (int k = 0; k < DEPTH; k++)
                sum += w[i % COLUMNS * DEPTH + k] * x[i / COLUMNS * DEPTH + k];
            wrong += acc[i] != sum;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        arena_free(&arena);
    }
}

static void pruned(void) {
    check(70, 90, 9, 2); /* whole rows and columns of zeros */
}

static void extremes(void) {
    check(18, 4608, 7, 1); /* 255 * 127 * 4608: the deepest layer of ResNet-18, no saturation */
}

static const struct test_case cases[] = {
    {"awkward sizes", sizes},
    {"whole tiles and parts of them", tiles},
    {"inputs without weights are left out", empty_depths},
    {"zero rows and columns are skipped", pruned},
    {"largest values do not saturate", extremes},
    {NULL, NULL},
};
const struct test_suite suite_integer = {"integer", cases};
