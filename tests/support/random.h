/* A small generator for test data (splitmix64: Steele, Lea, Flood, OOPSLA 2014), the same
 * everywhere. */
#ifndef MHO_TESTS_RANDOM_H
#define MHO_TESTS_RANDOM_H

#include <stdint.h>

struct test_random {
    uint64_t state;
};

static inline uint64_t test_random_next(struct test_random *random) {
    uint64_t z = random->state += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

/* Uniform in 0..below-1, up to a bias of below / 2^32. */
static inline uint32_t test_random_below(struct test_random *random, uint32_t below) {
    return (uint32_t)((test_random_next(random) >> 32) * below >> 32);
}

#endif
