/* Keys and generators of random streams: published sequences, and what a keyed stream promises. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort_ulong.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/random.h"
#include "tests/test.h"

/* Worked out from the definition in random.h by an independent program. */
static void keys_are_the_documented_ones(void) {
    CU_ASSERT_EQUAL(random_key(0, NULL, 0), 0xE220A8397B1DCDAFU);
    CU_ASSERT_EQUAL(random_key(1, NULL, 0), 0x910A2DEC89025CC1U);
    CU_ASSERT_EQUAL(RANDOM_KEY(1, 0), 0x5E41AB087439611EU);
    CU_ASSERT_EQUAL(RANDOM_KEY(1, 2, 3), 0xD0734750FDE362B3U);
    CU_ASSERT_EQUAL(RANDOM_KEY(1, 3, 2), 0x8F3ED33ABD58DEB9U);
    CU_ASSERT_EQUAL(RANDOM_KEY(UINT64_MAX, UINT64_MAX), 0x6309143E67A47936U);
}

/* 40 trials, 50 layers and 60 arrays with three seeds: no two keys are the same. */
static void keys_do_not_meet(void) {
    enum { TRIALS = 40, LAYERS = 50, ARRAYS = 60, SEEDS = 3, N = TRIALS * LAYERS * ARRAYS * SEEDS };
    unsigned long *keys = malloc(N * sizeof *keys);
    size_t n = 0, same = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(keys);
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (uint64_t trial = 0; trial < TRIALS; trial++)
            for (uint64_t layer = 0; layer < LAYERS; layer++)
                for (uint64_t array = 0; array < ARRAYS; array++)
                    keys[n++] = (unsigned long)RANDOM_KEY(seed, trial, layer, array);
    gsl_sort_ulong(keys, 1, n);
    for (size_t i = 1; i < n; i++)
        same += keys[i] == keys[i - 1];
    CU_ASSERT_EQUAL(same, 0);
    free(keys);
}

/* The authors' sequence from the state 1, 2, 3, 4; the generator shows its upper halves, and 53
 * bits as a real. */
static void the_generator_is_xoshiro(void) {
    static const uint64_t published[] = {
        41943041U,
        58720359U,
        3588806011781223U,
        3591011842654386U,
        9228616714210784205U,
        9973669472204895162U,
        14011001112246962877U,
        12406186145184390807U,
        15849039046786891736U,
        10450023813501588000U,
    };
    enum { N = sizeof published / sizeof *published };
    uint64_t whole[4] = {1, 2, 3, 4}, real[4] = {1, 2, 3, 4};
    for (int i = 0; i < N; i++) {
        CU_ASSERT_EQUAL(random_xoshiro->get(whole), (unsigned long)(published[i] >> 32));
        CU_ASSERT_DOUBLE_EQUAL(random_xoshiro->get_double(real), ldexp((double)published[i], -64),
                               0x1p-53);
    }
    CU_ASSERT_EQUAL(random_xoshiro->max, 0xFFFFFFFFU);
}

/* splitmix64's published numbers from 1234567 are the state. */
static void a_stream_starts_at_its_key(void) {
    struct random_stream stream, again;
    gsl_rng *rng = random_open(&stream, 1234567);
    CU_ASSERT_PTR_EQUAL(rng, &stream.gsl);
    CU_ASSERT_EQUAL(stream.state[0], 6457827717110365317U);
    CU_ASSERT_EQUAL(stream.state[1], 3203168211198807973U);
    CU_ASSERT_EQUAL(stream.state[2], 9817491932198370423U);
    CU_ASSERT_EQUAL(stream.state[3], 4593380528125082431U);
    random_open(&again, 1234567);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(gsl_rng_get(rng), gsl_rng_get(&again.gsl));
    random_open(&again, 1234568);
    CU_ASSERT_NOT_EQUAL(gsl_rng_get(rng), gsl_rng_get(&again.gsl));
}

/* GSL's own life cycle works on the type too, with the seed as the key. */
static void gsl_can_own_one(void) {
    struct random_stream stream;
    gsl_rng *owned = gsl_rng_alloc(random_xoshiro);
    CU_ASSERT_PTR_NOT_NULL_FATAL(owned);
    gsl_rng_set(owned, 77);
    random_open(&stream, 77);
    CU_ASSERT_EQUAL(memcmp(owned->state, stream.state, sizeof stream.state), 0);
    CU_ASSERT_STRING_EQUAL(gsl_rng_name(owned), "xoshiro256++");
    gsl_rng_free(owned);
}

/* Mean and variance of uniforms and of GSL's normals, five standard errors wide. */
static void moments(void) {
    enum { N = 200000 };
    struct random_stream stream;
    gsl_rng *rng = random_open(&stream, RANDOM_KEY(3, 1, 4));
    double uniform = 0, normal = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        uniform += gsl_rng_uniform(rng);
        double z = gsl_ran_gaussian_ziggurat(rng, 1);
        normal += z;
        squares += z * z;
    }
    CU_ASSERT_DOUBLE_EQUAL(uniform / N, 0.5, 5 * sqrt(1.0 / 12 / N));
    CU_ASSERT_DOUBLE_EQUAL(normal / N, 0, 5 * sqrt(1.0 / N));
    CU_ASSERT_DOUBLE_EQUAL(squares / N, 1, 5 * sqrt(2.0 / N));
}

static const struct test_case cases[] = {
    {"keys are the documented ones", keys_are_the_documented_ones},
    {"keys do not meet", keys_do_not_meet},
    {"the generator is xoshiro256++", the_generator_is_xoshiro},
    {"a stream starts at its key", a_stream_starts_at_its_key},
    {"GSL can own one", gsl_can_own_one},
    {"moments", moments},
    {NULL, NULL},
};
const struct test_suite suite_random = {"random", cases};
