/* Counter-based normals: Philox against its known answers, the kernels against double arithmetic
 * and each other, and the distribution against theory. Bounds are five standard errors. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "crossbar/counter_normal.h"
#include "tests/test.h"

enum { BLOCK = COUNTER_NORMAL_BLOCK };

/* Philox4x32-10 as the paper defines it, one counter at a time. */
static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t k0 = key[0], k1 = key[1];
    memcpy(out, counter, 4 * sizeof *out);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = 0xD2511F53ULL * out[0], p1 = 0xCD9E8D57ULL * out[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ out[1] ^ k0, (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ out[3] ^ k1, (uint32_t)p0};
        memcpy(out, next, sizeof next);
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
}

/* The vectors that the authors distribute (Random123, kat_vectors). */
static void philox_gives_the_known_answers(void) {
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0}, {0}, {0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}},
        {{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
         {0xFFFFFFFF, 0xFFFFFFFF},
         {0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}},
        {{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344},
         {0xA4093822, 0x299F31D0},
         {0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[4];
        philox(known[i].counter, known[i].key, out);
        CU_ASSERT_EQUAL(memcmp(out, known[i].out, sizeof out), 0);
    }
}

/* Number i of a block by the header's definition, in doubles from the float uniform on. */
static double expected(uint64_t key, uint64_t counter, int i) {
    uint32_t words[4];
    uint32_t at[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)(i % 16), 0};
    uint32_t keys[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    philox(at, keys, words);
    const uint32_t *pair = words + (i / 32) * 2;
    float whole = (float)(pair[0] >> 1);
    double u = (double)(whole + 0.5f) * 0x1p-31;
    /* The quadrant is cut off and put back: its angle runs from -pi/4 on. */
    uint32_t quadrant = pair[1] >> 30;
    double part = (double)(int32_t)(pair[1] << 2) * 0x1p-32;
    double angle = (quadrant + part) * (M_PI / 2);
    return sqrt(-2 * log(u)) * (i / 16 % 2 == 0 ? cos(angle) : sin(angle));
}

static void kernels_follow_the_definition(void) {
    static const uint64_t keys[] = {0, 1, 0xFFFFFFFFFFFFFFFFU, 0x0123456789ABCDEFU};
    static const uint64_t counters[] = {0, 1, 0xFFFFFFFFU, 0x100000000U, 0xFEDCBA9876543210U};
    for (int level = 0; level <= (int)simd_choose(); level++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            for (size_t c = 0; c < sizeof counters / sizeof *counters; c++) {
                float out[BLOCK];
                double worst = 0;
                counter_normals((enum simd_level)level)(keys[k], counters[c], out, BLOCK);
                for (int i = 0; i < BLOCK; i++)
                    worst = fmax(worst, fabs((double)out[i] - expected(keys[k], counters[c], i)));
                CU_ASSERT(worst < 2e-6);
            }
}

/* One call for 11 blocks, and one for each, at an address that no vector is aligned to: the same
 * bytes at every instruction set. */
static void calls_and_levels_agree(void) {
    enum { BLOCKS = 11, N = BLOCKS * BLOCK };
    uint64_t key = 0xDEADBEEF12345678U, counter = 0xFFFFFFFCU; /* the low half runs over */
    float whole[N], parts[N + 1];
    counter_normals(SIMD_PLAIN)(key, counter, whole, N);
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) /* every compiler's bytes, and every release's */
        CU_ASSERT_EQUAL(XXH3_64bits(whole, sizeof whole), 0x6E176A749E3BA541U);
    for (int level = 0; level <= (int)simd_choose(); level++) {
        counter_normal_kernel *kernel = counter_normals((enum simd_level)level);
        for (uint64_t block = 0; block < BLOCKS; block++)
            kernel(key, counter + block, parts + 1 + block * BLOCK, BLOCK);
        CU_ASSERT_EQUAL(memcmp(parts + 1, whole, sizeof whole), 0);
        memset(parts, 0, sizeof parts);
        kernel(key, counter, parts + 1, N);
        CU_ASSERT_EQUAL(memcmp(parts + 1, whole, sizeof whole), 0);
    }
}

/* `n` numbers, to be freed. */
static float *draw(uint64_t key, uint64_t counter, size_t n) {
    float *out = malloc(n * sizeof *out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    counter_normals(simd_choose())(key, counter, out, n);
    return out;
}

static void moments_and_tails(void) {
    enum { N = 1 << 22 };
    static const double beyond[] = {2, 3, 4};
    float *out = draw(42, 0, N);
    double sum[5] = {0}, largest = 0;
    long tails[3] = {0};
    for (int i = 0; i < N; i++) {
        double x = (double)out[i], power = 1;
        for (int p = 1; p <= 4; p++)
            sum[p] += power *= x;
        for (int t = 0; t < 3; t++)
            tails[t] += fabs(x) > beyond[t];
        largest = fmax(largest, fabs(x));
    }
    CU_ASSERT_DOUBLE_EQUAL(sum[1] / N, 0, 5 * sqrt(1.0 / N));
    CU_ASSERT_DOUBLE_EQUAL(sum[2] / N, 1, 5 * sqrt(2.0 / N));
    CU_ASSERT_DOUBLE_EQUAL(sum[3] / N, 0, 5 * sqrt(15.0 / N));
    CU_ASSERT_DOUBLE_EQUAL(sum[4] / N, 3, 5 * sqrt(96.0 / N));
    for (int t = 0; t < 3; t++) {
        double count = 2 * N * gsl_cdf_ugaussian_Q(beyond[t]);
        CU_ASSERT_DOUBLE_EQUAL((double)tails[t], count, 5 * sqrt(count));
    }
    CU_ASSERT(largest > 4.5 && largest < 6.67);
    free(out);
}

/* Kolmogorov-Smirnov: D sqrt(n) is above 2.2 once in 8,000 draws. */
static void the_distribution_is_normal(void) {
    enum { N = 1 << 18 };
    for (uint64_t key = 0; key < 3; key++) {
        float *out = draw(key, 1000, N);
        double largest = 0;
        gsl_sort_float(out, 1, N);
        for (int i = 0; i < N; i++) {
            double p = gsl_cdf_ugaussian_P((double)out[i]);
            largest = fmax(largest, fmax(fabs(p - (double)i / N), fabs(p - (i + 1.0) / N)));
        }
        CU_ASSERT(largest * sqrt(N) < 2.2);
        free(out);
    }
}

/* Correlation of two rows of numbers, and of their squares (which shows shared radii). */
static void check_uncorrelated(const float *a, const float *b, int n) {
    double products = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        double x = (double)a[i], y = (double)b[i];
        products += x * y;
        squares += (x * x - 1) * (y * y - 1);
    }
    CU_ASSERT_DOUBLE_EQUAL(products / n, 0, 5 / sqrt(n));
    CU_ASSERT_DOUBLE_EQUAL(squares / n, 0, 5 * 2 / sqrt(n));
}

/* Neighbours in a block (the sine of a cosine is 16 on), in counters and in keys. */
static void numbers_are_independent(void) {
    enum { N = 1 << 18 };
    static const int lags[] = {1, 2, 7, 8, 16, 31, 32, 48, 64, 128, 640};
    float *out = draw(9, 0, N + 1024);
    for (size_t i = 0; i < sizeof lags / sizeof *lags; i++)
        check_uncorrelated(out, out + lags[i], N);
    for (int bit = 0; bit < 64; bit += 9) {
        float *other_key = draw(9 ^ UINT64_C(1) << bit, 0, N);
        float *other_counter = draw(9, UINT64_C(1) << bit | 1 << 20, N);
        check_uncorrelated(out, other_key, N);
        check_uncorrelated(out, other_counter, N);
        free(other_key);
        free(other_counter);
    }
    free(out);
}

static const struct test_case cases[] = {
    {"Philox gives the known answers", philox_gives_the_known_answers},
    {"kernels follow the definition", kernels_follow_the_definition},
    {"calls and levels agree", calls_and_levels_agree},
    {"moments and tails", moments_and_tails},
    {"the distribution is normal", the_distribution_is_normal},
    {"numbers are independent", numbers_are_independent},
    {NULL, NULL},
};
const struct test_suite suite_counter_normal = {"counter_normal", cases};
