/* Counter-based normals with vectors of VECTOR_BYTES. Before inclusion: KERNEL names the function;
 * MULTIPLY_EVEN(a, b) is the 64-bit products of the even 32-bit lanes, SQUARE_ROOT(x) of each lane.
 *
 * A block of 64 numbers takes 16 Philox counters (block low, block high, 0..15, 0). Words 0 and 1
 * of the 16 make numbers 0..31, words 2 and 3 numbers 32..63: of each pair of words a radius and an
 * angle, 16 cosines, then 16 sines. Every operation is an exactly rounded one in the same order
 * whatever the vector's width, so the bytes are the same everywhere. */
#ifndef MHO_CROSSBAR_COUNTER_NORMAL_TEMPLATE_H
#define MHO_CROSSBAR_COUNTER_NORMAL_TEMPLATE_H

#include <stdint.h>
#include <string.h>

#include "crossbar/counter_normal_kernels.h"

typedef uint32_t words __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t integers __attribute__((vector_size(VECTOR_BYTES)));
typedef uint64_t wides __attribute__((vector_size(VECTOR_BYTES)));
typedef float reals __attribute__((vector_size(VECTOR_BYTES)));

enum { LANES = VECTOR_BYTES / 4, COUNTERS = COUNTER_NORMAL_BLOCK / 4 };

#define INLINE static inline __attribute__((always_inline))

/* The product of each lane with `factor`, as its upper and lower halves. */
INLINE void multiply(words a, uint32_t factor, words *high, words *low) {
    words factors = (words){0} + factor;
    wides even = (wides)MULTIPLY_EVEN(a, factors);
    wides odd = (wides)MULTIPLY_EVEN((words)((wides)a >> 32), factors);
    *high = (words)(even >> 32 | (odd & 0xFFFFFFFF00000000U));
    *low = (words)((even & 0xFFFFFFFFU) | odd << 32);
}

/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011, section 4.3). */
INLINE void philox(words x[4], uint64_t key) {
    uint32_t key_low = (uint32_t)key, key_high = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        words high0, low0, high2, low2;
        multiply(x[0], 0xD2511F53U, &high0, &low0);
        multiply(x[2], 0xCD9E8D57U, &high2, &low2);
        x[0] = high2 ^ x[1] ^ key_low;
        x[1] = low2;
        x[2] = high0 ^ x[3] ^ key_high;
        x[3] = low0;
        key_low += 0x9E3779B9U;
        key_high += 0xBB67AE85U;
    }
}

/* sqrt(-2 ln u), u = (word / 2 + 1/2) / 2^31 in (0, 1]: u = 2^e (1 + f), 1 + f in
 * sqrt(1/2)..sqrt(2), ln(1 + f) = f - f^2/2 + f^3 P(f); P minimises the largest relative error,
 * 3e-8. */
INLINE reals radius(words word) {
    reals u = (__builtin_convertvector((integers)(word >> 1), reals) + 0.5f) * 0x1p-31f;
    integers exponent = ((integers)u - 0x3F3504F3) >> 23;
    reals f = (reals)((integers)u - (exponent << 23)) - 1.0f;
    reals p = f * 0.08700368f - 0.1426749f;
    p = p * f + 0.1491479f;
    p = p * f - 0.16577585f;
    p = p * f + 0.19963062f;
    p = p * f - 0.25001338f;
    p = p * f + 0.3333391f;
    reals square = f * f;
    reals logarithm = f + (square * f * p - square * 0.5f);
    logarithm = logarithm + __builtin_convertvector(exponent, reals) * 0.69314718f;
    return SQUARE_ROOT(logarithm * -2.0f);
}

/* Cosine and sine of a full turn cut into 2^32: the two upper bits are the quadrant, the other 30
 * an angle of -pi/4..pi/4, for which the polynomials minimise the largest error, 4e-9. */
INLINE void turn(words word, reals *cosine, reals *sine) {
    reals x = __builtin_convertvector((integers)(word << 2), reals) * (1.57079633f * 0x1p-32f);
    reals z = x * x;
    reals s = x + x * z * ((z * -0.00019517298f + 0.008332178f) * z - 0.16666655f);
    reals c = z * z * ((z * 2.443845e-05f - 0.0013887368f) * z + 0.041666646f) + (1.0f - z * 0.5f);
    words swap = (words)((integers)(word << 1) >> 31); /* odd quadrants */
    words bits_c = ((words)c & ~swap) | ((words)s & swap);
    words bits_s = ((words)s & ~swap) | ((words)c & swap);
    words top = word & 0x80000000U;
    *cosine = (reals)(bits_c ^ top ^ (swap & 0x80000000U));
    *sine = (reals)(bits_s ^ top);
}

INLINE void pair(words first, words second, float *out) {
    reals cosine, sine, r = radius(first);
    turn(second, &cosine, &sine);
    cosine = cosine * r;
    sine = sine * r;
    memcpy(out, &cosine, sizeof cosine);
    memcpy(out + COUNTERS, &sine, sizeof sine);
}

void KERNEL(uint64_t key, uint64_t counter, float *out, size_t n) {
    static const uint32_t index[COUNTERS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (size_t done = 0; done < n; done += COUNTER_NORMAL_BLOCK, counter++)
        for (int lane = 0; lane < COUNTERS; lane += LANES) {
            words x[4] = {(words){0} + (uint32_t)counter, (words){0} + (uint32_t)(counter >> 32)};
            memcpy(&x[2], index + lane, sizeof x[2]);
            philox(x, key);
            pair(x[0], x[1], out + done + lane);
            pair(x[2], x[3], out + done + 2 * COUNTERS + lane);
        }
}

#endif
