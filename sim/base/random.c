/* Keys of random streams, and the generator behind them. */
#include "sim/base/random.h"

/* The golden ratio times 2^64: splitmix64's increment. */
static const uint64_t increment = 0x9E3779B97F4A7C15U;

/* splitmix64's output function (Steele, Lea, Flood, OOPSLA 2014, with Stafford's variant 13). */
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

uint64_t random_key(uint64_t seed, const uint64_t *parts, size_t n) {
    uint64_t key = mix(seed + increment);
    for (size_t i = 0; i < n; i++)
        key = mix((key ^ parts[i]) + increment);
    return key;
}

static uint64_t rotate_left(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

/* One step of xoshiro256++ (Blackman, Vigna, ACM TOMS 47(4), 2021). */
static uint64_t step(uint64_t s[4]) {
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Consecutive numbers of splitmix64, as the authors advise: never all four zero. */
static void start(uint64_t s[4], uint64_t key) {
    for (int i = 0; i < 4; i++)
        s[i] = mix(key += increment);
}

static void xoshiro_set(void *state, unsigned long seed) {
    start(state, seed);
}

static unsigned long xoshiro_get(void *state) {
    return (unsigned long)(step(state) >> 32);
}

static double xoshiro_get_double(void *state) {
    return (double)(step(state) >> 11) * 0x1p-53;
}

static const gsl_rng_type xoshiro_type = {
    .name = "xoshiro256++",
    .max = 0xFFFFFFFFUL,
    .min = 0,
    .size = sizeof(uint64_t[4]),
    .set = xoshiro_set,
    .get = xoshiro_get,
    .get_double = xoshiro_get_double,
};
const gsl_rng_type *const random_xoshiro = &xoshiro_type;

gsl_rng *random_open(struct random_stream *stream, uint64_t key) {
    start(stream->state, key);
    stream->gsl = (gsl_rng){.type = random_xoshiro, .state = stream->state};
    return &stream->gsl;
}
