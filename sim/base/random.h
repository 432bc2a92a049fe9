/* Random streams: one for every purpose, named by a key, so that no result depends on the order in
 * which streams are used.
 *
 * A key is made of the run's seed and the numbers that name the purpose (trial, layer, array):
 * random_key(seed, parts, n). random_open(&stream, key) gives a GSL generator at the start of that
 * key's stream, without allocation; pass it on to GSL's distributions. The same key gives the same
 * stream on every machine. */
#ifndef MHO_BASE_RANDOM_H
#define MHO_BASE_RANDOM_H

#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

/* A key that stands for (seed, parts[0], ..., parts[n - 1]) in this order: with m(z) the output
 * function of splitmix64 (Steele, Lea, Flood, OOPSLA 2014) and g its increment, h = m(seed + g),
 * then h = m((h ^ part) + g) for each part. */
uint64_t random_key(uint64_t seed, const uint64_t *parts, size_t n);

/* The parts in a row: RANDOM_KEY(seed, trial, layer, array). */
#define RANDOM_KEY(seed, ...)                                                                      \
    random_key((seed), (const uint64_t[]){__VA_ARGS__},                                            \
               sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* A generator in its owner's memory. It points into itself: do not copy it. */
struct random_stream {
    gsl_rng gsl;
    uint64_t state[4];
};

/* Puts the generator at the start of the key's stream and returns it. Nothing to free; never
 * gsl_rng_free it. */
gsl_rng *random_open(struct random_stream *stream, uint64_t key);

/* The generator behind it: xoshiro256++ (Blackman, Vigna, ACM TOMS 2021; period 2^256 - 1), of
 * which GSL sees the upper 32 bits, and 53 bits in gsl_rng_uniform. GSL's own generators take seeds
 * of 32 bits: of 100,000 keyed streams some would be the same. */
extern const gsl_rng_type *const random_xoshiro;

#endif
